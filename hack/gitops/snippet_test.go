// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
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
		t.Fatalf("judged are %v, tested are %v", got, want)
	}
	if got := withConditions(t); !slices.Equal(got, want) {
		t.Fatalf("the API has conditions in %v, tested are %v", got, want)
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

// withConditions are the kinds of the shipped CRDs whose status has conditions, sorted.
func withConditions(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../config/crd/bases/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v: no CRDs", err)
	}
	var found []string
	for _, file := range files {
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal([]byte(read(t, file)), &crd); err != nil {
			t.Fatal(err)
		}
		for _, v := range crd.Spec.Versions {
			if _, ok := v.Schema.OpenAPIV3Schema.Properties["status"].Properties["conditions"]; ok && v.Storage {
				found = append(found, crd.Spec.Names.Kind)
			}
		}
	}
	slices.Sort(found)
	return found
}
