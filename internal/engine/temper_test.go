// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/isms-operator/isms-operator/internal/check"
)

// beat changes all pods a number of times, in what the rule of newTempered reads.
func (b *bench) beat(pods, times int, serial *int) {
	for range times {
		*serial++
		for i := range pods {
			b.apply(pod("a", fmt.Sprint("p-", i), func(p *corev1.Pod) { p.Annotations = map[string]string{"beat": fmt.Sprint(*serial)} }))
		}
	}
}

// rest has events of all pods that change nothing the rule reads.
func (b *bench) rest(pods, times int) {
	for n := range times {
		for i := range pods {
			b.apply(pod("a", fmt.Sprint("p-", i), func(p *corev1.Pod) {
				p.Annotations, p.Status.Message = map[string]string{"beat": "none"}, fmt.Sprint(n)
			}))
		}
	}
}

// TestATemperIsLearned: a rule that reads what changes is found out, is on trial when that ends, and for longer each time.
func TestATemperIsLearned(t *testing.T) {
	b := newBench(t, map[string]check.Rule{"rule": {Expect: `object.metadata.?annotations[?'beat'].orValue('') != 'x'`}}, check.Options{})
	temper, serial, trial := b.stream.columns[b.slots["rule"].column].temper, 0, firstTrial
	want := func(c class) {
		t.Helper()
		if got := b.stream.plan.Load().columns[0].class; got != c || temper.now() != c {
			t.Fatalf("class %d, of the plan %d, want %d", temper.now(), got, c)
		}
	}
	b.rest(10, 20)
	want(plain)
	for range 9 {
		b.beat(10, 40, &serial)
		want(restless)
		b.stream.tick()
		b.rest(10, 60)
		b.clock.Step(trial - time.Second)
		b.stream.tick()
		want(restless)
		b.clock.Step(time.Second)
		b.stream.tick()
		want(plain)
		trial = min(2*trial, lastTrial)
	}
}

// TestALivelyRule is remembered by a sum of its own.
func TestALivelyRule(t *testing.T) {
	b := newBench(t, map[string]check.Rule{"rule": {Expect: `object.metadata.?annotations[?'beat'].orValue('') != 'x'`}}, check.Options{})
	temper, serial := b.stream.columns[b.slots["rule"].column].temper, 0
	for range 20 {
		b.beat(10, 1, &serial)
		b.rest(10, 6)
	}
	if temper.now() != lively {
		t.Fatalf("class %d", temper.now())
	}
	before := b.evaluations()
	b.rest(10, 5)
	if n := b.evaluations() - before; n != 0 {
		t.Errorf("%d evaluations of what has not changed", n)
	}
}

// TestASampleStaysSmall whatever the number of objects, and holds none that is gone.
func TestASampleStaysSmall(t *testing.T) {
	b := newBench(t, map[string]check.Rule{"rule": {Expect: `!has(object.spec.hostNetwork)`}}, check.Options{})
	temper := b.stream.columns[b.slots["rule"].column].temper
	for i := range 20 * sampled {
		b.apply(pod("a", fmt.Sprint("p-", i)))
		if len(temper.sums) > sampled {
			t.Fatalf("%d objects", len(temper.sums))
		}
	}
	if len(temper.sums) < sampled/8 {
		t.Errorf("%d objects are few", len(temper.sums))
	}
	for i := range 20 * sampled {
		b.stream.Delete("a", fmt.Sprint("p-", i))
	}
	if len(temper.sums) > 0 {
		t.Errorf("%d objects that are gone", len(temper.sums))
	}
}
