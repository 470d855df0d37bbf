// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// evaluations are those of all rules so far.
func (b *bench) evaluations() uint64 {
	var k KindStats
	b.stream.addTo(&k, b.clock.Now())
	return k.Evaluations
}

// marksOf evaluates a pod as a list would, and says whether a twin's verdicts were taken.
func (b *bench) marksOf(p *corev1.Pod) (marks []tally.Mark, spared bool) {
	b.Helper()
	before := b.evaluations()
	r, ok := b.stream.Evaluate(p).(*record)
	if !ok {
		b.Fatal("no record")
	}
	return r.marks, b.evaluations() == before
}

func TestTwins(t *testing.T) {
	rules := map[string]check.Rule{"network": {Expect: "!has(object.spec.hostNetwork)"}, "label": {Expect: "object.metadata.labels['a'] == 'x'"}}
	onHost := func(p *corev1.Pod) { p.Spec.HostNetwork = true }
	labelled := func(p *corev1.Pod) { p.Labels = map[string]string{"a": "x"} }
	for _, c := range []struct {
		name        string
		first, then *corev1.Pod
		spared      bool
	}{
		{"replicas", pod("a", "p-1", labelled), pod("a", "p-2", labelled), true},
		{"what no rule reads", pod("a", "p-1", labelled), pod("a", "p-2", labelled, func(p *corev1.Pod) { p.Spec.NodeName = "n" }), true},
		{"another namespace", pod("a", "p-1", labelled), pod("b", "p-2", labelled), false},
		{"what a rule reads", pod("a", "p-1", labelled), pod("a", "p-2", labelled, onHost), false},
		{"a label", pod("a", "p-1", labelled), pod("a", "p-2", labelled, func(p *corev1.Pod) { p.Labels["b"] = "y" }), false},
		{"an error, which is noted of each", pod("a", "p-1"), pod("a", "p-2"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, rules, check.Options{})
			b.marksOf(c.first)
			got, spared := b.marksOf(c.then)
			fresh := newBench(t, rules, check.Options{})
			want, _ := fresh.marksOf(c.then)
			if d := cmp.Diff(want, got); d != "" || spared != c.spared {
				t.Errorf("spared: %v, want %v; marks (-evaluated +got):\n%s", spared, c.spared, d)
			}
		})
	}
}

// TestTwinsShareNoWaiver: an exception by name is that object's alone.
func TestTwinsShareNoWaiver(t *testing.T) {
	b := newBench(t, map[string]check.Rule{"rule": {Expect: "has(object.spec.hostNetwork)"}}, check.Options{})
	p := b.stream.plan.Load()
	p.columns[0].exceptions = []rule.Exception{{Name: "x", Objects: []rule.Match{{Namespace: "a", Name: "waived"}}}}
	p.columns[0].key.Exceptions = "x"
	for i, name := range []string{"first", "waived", "last"} {
		marks, spared := b.marksOf(pod("a", name))
		want := tally.Mark{Code: tally.Failing}
		if name == "waived" {
			want.Waives = 1
		}
		if d := cmp.Diff([]tally.Mark{want}, marks); d != "" || spared != (i > 0) {
			t.Errorf("%s: spared %v\n%s", name, spared, d)
		}
	}
}

func TestFewTwinsAreKept(t *testing.T) {
	b := newBench(t, map[string]check.Rule{"rule": {Expect: "!has(object.spec.nodeName)"}}, check.Options{})
	for i := range 3 * maxTwins {
		b.marksOf(pod("a", "p", func(p *corev1.Pod) { p.Spec.NodeName = fmt.Sprint(i) }))
		if n := len(b.stream.plan.Load().twins.known); n > maxTwins {
			t.Fatalf("%d are kept", n)
		}
	}
}
