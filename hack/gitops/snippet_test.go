// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestShippedFiles: what users apply is made of the scripts that the other tests run.
func TestShippedFiles(t *testing.T) {
	files, err := render(shipped)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got := read(t, shipped+name); got != string(want) {
			t.Errorf("config/argocd/%s is not what the scripts make: run make argocd", name)
		}
	}
}

// TestEveryKindIsJudged: a kind with conditions that is missing in argocd-cm would be Healthy at once.
func TestEveryKindIsJudged(t *testing.T) {
	want := slices.Sorted(maps.Keys(kinds))
	if got := slices.Sorted(slices.Values(judged)); !slices.Equal(got, want) {
		t.Fatalf("judged are %v, kinds with conditions are %v", got, want)
	}
	var cm struct{ Data map[string]string }
	if err := yaml.Unmarshal([]byte(read(t, shipped+shippedFile)), &cm); err != nil {
		t.Fatal(err)
	}
	health := read(t, shipped+script)
	for _, kind := range want {
		if cm.Data["resource.customizations.health.isms-operator.io_"+kind] != health {
			t.Errorf("%s: the script in argocd-cm is another", kind)
		}
	}
}

// TestAction runs the action as Argo CD does: the object comes back with a time, and nothing else changes.
func TestAction(t *testing.T) {
	o := stateNamed(t, "met").object(t, "Control")
	l := machine(t)
	l.SetGlobal("obj", toLua(l, o.Object))
	table := result(t, l, read(t, shipped+action))
	metadata := l.GetField(table, "metadata")
	if at := l.GetField(l.GetField(metadata, "annotations"), "isms-operator.io/reconcile-requested-at").String(); !strings.HasSuffix(at, "Z") {
		t.Fatalf("the annotation is %q", at)
	}
}
