// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// costly is a rule that three nested loops make as expensive as an object has containers.
const costly = `object.spec.containers.all(a, object.spec.containers.all(b, object.spec.containers.all(c, a.name != 'x' || b.name != 'y' || c.name != 'z')))`

// bench is a stream of pods without an API server: events are applied by hand.
type bench struct {
	*testing.T
	stream *stream
	clock  *testclock.FakeClock
	slots  map[string]*slot
}

func newBench(t *testing.T, rules map[string]check.Rule, o check.Options) *bench {
	t.Helper()
	b := &bench{T: t, clock: testclock.NewFakeClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)), slots: map[string]*slot{}}
	b.stream = newPodStream(b.clock)
	b.setRules(rules, o)
	b.stream.Replace(nil)
	b.stream.source.Touch()
	return b
}

func newPodStream(c clock.WithTicker) *stream {
	e := &Engine{
		opts: Options{Clock: c}.withDefaults(), namespaces: newNamespaces(func() {}), clients: &watch.Clients{},
		judge: newSignal(), deferred: newSignal(),
	}
	return e.newStream(streamKey{kind: corev1.SchemeGroupVersion.WithKind("Pod")}, &wish{kind: watch.Kind{Namespaced: true}})
}

// setRules has each rule look at the namespaces a and b.
func (b *bench) setRules(rules map[string]check.Rule, o check.Options) {
	b.Helper()
	w := &wish{columns: map[columnKey]*planColumn{}}
	for name, r := range rules {
		r.Kind = b.stream.key.kind
		p, err := check.Compile(r, o)
		if err != nil {
			b.Fatal(err)
		}
		key := columnKey{Key: rule.Key{Digest: p.Digest()}}
		w.columns[key] = &planColumn{key: key, program: p, keeps: p.Set() || p.ReadsNow(), namespaces: map[string]uint64{"a": 0, "b": 0}}
		b.slots[name] = &slot{Rule: rule.Rule{Name: name, Program: p}, column: key, stream: b.stream, namespaces: []string{"a", "b"}}
	}
	b.stream.replan(w)
}

func (b *bench) apply(pods ...*corev1.Pod) {
	for _, p := range pods {
		b.stream.Apply(b.stream.Reevaluate(p))
	}
}

// list does what is asked of a listing, with these pods being all there are.
func (b *bench) list(pods ...*corev1.Pod) {
	if j, ok := b.stream.begin(); ok {
		for _, n := range j.namespaces {
			for _, p := range pods {
				if n == "" || p.Namespace == n {
					b.stream.fill(j, b.stream.Evaluate(p))
				}
			}
		}
		b.stream.finish(j, true)
	}
}

// work runs the worker for heavy rules until nothing waits.
func (b *bench) work() {
	for b.stream.evaluateDeferred(context.Background()) {
	}
}

func (b *bench) snapshot(rule string) tally.Snapshot {
	b.stream.mu.Lock()
	defer b.stream.mu.Unlock()
	b.stream.source.Touch()
	return b.stream.snapshot(b.slots[rule], b.clock.Now(), true)
}

func (b *bench) wantReason(rule, reason string) {
	b.Helper()
	if got := b.snapshot(rule); got.Unavailable != reason {
		b.Errorf("%s: %q (%s), want %q; counts %+v", rule, got.Unavailable, got.Message, reason, got.Counts)
	}
}

func (b *bench) wantCounts(rule string, want tally.Counts) {
	b.Helper()
	got := b.snapshot(rule)
	if d := cmp.Diff(tally.Snapshot{Counts: want}, got); d != "" {
		b.Errorf("%s (-want +got):\n%s", rule, d)
	}
}

// containers are n of names that no other pod has: a rule that reads them has no twin to go by.
func containers(n int) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Spec.Containers = nil
		for i := range n {
			p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: fmt.Sprint(p.Name, "-", i)})
		}
	}
}

var costlyRules = map[string]check.Rule{"costly": {Expect: costly}, "plain": {Expect: "object.spec.hostNetwork || true"}}

// TestSuspension: a rule that exceeds the limit is not evaluated until its back-off has ended, which doubles; other
// rules, and other namespaces, go on.
func TestSuspension(t *testing.T) {
	b := newBench(t, costlyRules, check.Options{CostLimit: 50_000})
	small, huge := pod("a", "small"), pod("a", "huge", containers(30))
	b.apply(small)
	b.wantCounts("costly", tally.Counts{Subjects: 1, Passing: 1})
	b.apply(huge)
	wait := firstBackOff
	for range 9 {
		b.wantReason("costly", isms.ReasonCostExceeded)
		if msg := b.snapshot("costly").Message; msg != "an evaluation exceeds the cost limit: expect: Cost" {
			t.Errorf("message %q", msg)
		}
		b.wantCounts("plain", tally.Counts{Subjects: 2, Passing: 2})
		b.clock.Step(wait - time.Second)
		b.stream.tick()
		if b.stream.columns[b.slots["costly"].column].pending != 0 {
			t.Fatalf("listed again before the back-off of %v has ended", wait)
		}
		b.clock.Step(time.Second)
		b.stream.tick()
		b.wantReason("costly", isms.ReasonCostExceeded) // until it has been evaluated anew
		b.list(small, huge)
		b.work()
		wait = min(2*wait, lastBackOff)
	}
	b.stream.Delete("a", "huge")
	b.apply(pod("a", "late")) // while it is suspended
	b.wantReason("costly", isms.ReasonCostExceeded)
	b.clock.Step(lastBackOff)
	b.stream.tick()
	b.list(small, pod("a", "late"))
	b.work()
	b.wantCounts("costly", tally.Counts{Subjects: 2, Passing: 2})
}

// TestSuspensionStaysInItsNamespace: a scope does not learn from another's objects.
func TestSuspensionStaysInItsNamespace(t *testing.T) {
	b := newBench(t, costlyRules, check.Options{CostLimit: 50_000})
	b.slots["other"] = &slot{Rule: b.slots["costly"].Rule, column: b.slots["costly"].column, stream: b.stream, namespaces: []string{"b"}}
	b.apply(pod("a", "huge", containers(30)), pod("b", "small"))
	b.wantReason("costly", isms.ReasonCostExceeded)
	b.wantCounts("other", tally.Counts{Subjects: 1, Passing: 1})
}

// TestAnObjectEvaluatedWhileSuspended and applied when the back-off has ended is listed again, even if a listing has
// passed it already.
func TestAnObjectEvaluatedWhileSuspended(t *testing.T) {
	b := newBench(t, costlyRules, check.Options{CostLimit: 50_000})
	small, huge := pod("a", "small"), pod("a", "huge", containers(30))
	b.apply(small, huge)
	b.stream.Delete("a", "huge")
	late := pod("a", "late")
	inFlight := b.stream.Reevaluate(late)
	b.clock.Step(firstBackOff)
	b.stream.tick()
	j, ok := b.stream.begin()
	if !ok {
		t.Fatal("nothing to list")
	}
	b.stream.Apply(inFlight)
	b.stream.fill(j, b.stream.Evaluate(small))
	b.stream.fill(j, b.stream.Evaluate(late))
	b.stream.finish(j, true)
	b.list(small, late)
	b.wantCounts("costly", tally.Counts{Subjects: 2, Passing: 2})
}

// TestHeavyRulesWait: a rule that costs much in sum no longer holds the stream up. Its verdicts are the same, later;
// beyond the limit of its lag they are unknown.
func TestHeavyRulesWait(t *testing.T) {
	b := newBench(t, costlyRules, check.Options{})
	column := b.stream.columns[b.slots["costly"].column]
	n := 0
	for ; !column.budget.isHeavy(); n++ {
		b.apply(pod("a", fmt.Sprint("p-", n), containers(15)))
	}
	all := tally.Counts{Subjects: n, Passing: n}
	b.wantCounts("costly", all)
	b.apply(pod("a", "more", containers(15)), pod("a", "x", func(p *corev1.Pod) { p.Spec.Containers = []corev1.Container{{Name: "x"}} }))
	b.wantCounts("costly", all) // the new ones wait
	b.wantCounts("plain", tally.Counts{Subjects: n + 2, Passing: n + 2})
	b.clock.Step(b.stream.lagLimit + time.Second)
	b.wantReason("costly", isms.ReasonNotSynced)
	b.work()
	b.wantCounts("costly", tally.Counts{Subjects: n + 2, Passing: n + 2})
	b.apply(pod("a", "x", containers(16)), pod("a", "gone", containers(15)))
	b.stream.Delete("a", "gone")
	b.work()
	b.wantCounts("costly", tally.Counts{Subjects: n + 2, Passing: n + 2})
	if len(column.deferral.byID) != 0 || column.deferral.next() != nil {
		t.Error("something waits still")
	}
}

// TestTheFirstEvaluationOfAHeavyRule: until a heavy rule has been evaluated on every object it has no verdict.
func TestTheFirstEvaluationOfAHeavyRule(t *testing.T) {
	b := newBench(t, costlyRules, check.Options{})
	var pods []*corev1.Pod
	var records []watch.Record
	for i := range 80 {
		pods = append(pods, pod("a", fmt.Sprint("p-", i), containers(25)))
	}
	b.stream.synced = false
	for _, p := range pods {
		records = append(records, b.stream.Evaluate(p))
	}
	b.stream.Replace(records)
	if !b.stream.columns[b.slots["costly"].column].budget.isHeavy() {
		t.Fatal("not heavy")
	}
	b.wantReason("costly", isms.ReasonNotSynced)
	b.wantCounts("plain", tally.Counts{Subjects: 80, Passing: 80})
	b.work()
	b.wantCounts("costly", tally.Counts{Subjects: 80, Passing: 80})
}

// TestSetRulesAreSuspendedToo: a Set rule that exceeds its limit rests, whatever changes.
func TestSetRulesAreSuspendedToo(t *testing.T) {
	expect := `objects.all(a, objects.all(b, objects.all(c, a.metadata.name != '' || b == c)))`
	b := newBench(t, map[string]check.Rule{"set": {Set: true, Expect: expect}}, check.Options{SetCostLimit: 200_000})
	for i := range 40 {
		b.apply(pod("a", fmt.Sprint("p-", i)))
	}
	b.wantReason("set", isms.ReasonCostExceeded)
	first := b.slots["set"].set.at
	for i := range 40 {
		b.stream.Delete("a", fmt.Sprint("p-", i))
	}
	b.apply(pod("a", "one"))
	b.wantReason("set", isms.ReasonCostExceeded)
	if !b.slots["set"].set.at.Equal(first) {
		t.Error("evaluated during its back-off")
	}
	b.clock.Step(firstBackOff)
	b.wantCounts("set", tally.Counts{Subjects: 1, Passing: 1})
}

// TestAnUnchangedObjectIsListedAllTheSame: that a watch brings nothing new must not keep a listing from evaluating an
// object whose verdict is missing, as after a suspension.
func TestAnUnchangedObjectIsListedAllTheSame(t *testing.T) {
	b := newBench(t, map[string]check.Rule{"rule": {Expect: "object.spec.hostNetwork"}}, check.Options{})
	p := pod("a", "p")
	b.stream.Replace([]watch.Record{b.stream.Evaluate(p)})
	column := b.slots["rule"].column
	id, _ := b.stream.table.ID(tally.Key{Namespace: "a", Name: "p"})
	had := b.stream.table.Get(column, id)
	b.stream.table.Set(column, id, tally.Mark{})

	b.stream.wantAgain(b.stream.columns[column], "a")
	j, ok := b.stream.begin()
	event, spared := b.stream.Reevaluate(p).(*record)
	if !ok || !spared || event.marks != nil {
		t.Fatal("nothing is listed, or the object is evaluated again")
	}
	b.stream.Apply(event)
	b.stream.fill(j, b.stream.Evaluate(p))
	b.stream.finish(j, true)
	if got := b.stream.table.Get(column, id); got != had {
		t.Errorf("the verdict is %v after the listing, want %v", got, had)
	}
}
