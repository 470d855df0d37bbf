// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// TestMatched: the digest is of the subjects that a rule has selected in the namespaces of the scope, pass or fail; for
// AnyPerNamespace these are the namespaces.
func TestMatched(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	ns := w.namespace("a")
	w.create(pod(ns, "app", labelled("tier", "app")))
	w.create(pod(ns, "bad", labelled("tier", "app"), privileged))
	w.create(pod(ns, "job", labelled("tier", "job")))
	r := podRule(isms.QuantifierNone, isPrivileged)
	r.Where = `object.metadata.labels['tier'] == 'app'`
	none := w.set("none", r)
	w.want(none, tally.Counts{Subjects: 2, Passing: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "bad"}}})
	wantMatched := func(key types.NamespacedName, names ...tally.Name) {
		t.Helper()
		if got := w.engine.Matched(key, "rule"); got != tally.DigestOf(names) {
			t.Errorf("matched of %s is %s", key.Name, got)
		}
	}
	wantMatched(none, tally.Name{Namespace: ns, Name: "app"}, tally.Name{Namespace: ns, Name: "bad"})
	anyOf := podRule(isms.QuantifierAnyPerNamespace, "true")
	perNamespace := w.set("per-namespace", anyOf)
	w.want(perNamespace, tally.Counts{Subjects: 1, Passing: 1})
	wantMatched(perNamespace, tally.Name{Namespace: ns})
	if got := w.engine.Matched(none, "another"); got != "" {
		t.Errorf("of a rule that is not there %s is matched", got)
	}
	if got := w.engine.Matched(types.NamespacedName{Name: "nobody"}, "rule"); got != "" {
		t.Errorf("of a Control that is not there %s is matched", got)
	}
}
