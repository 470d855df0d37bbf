// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

var metaStart = metav1.NewTime(start)

var (
	pass = Observation{Result: isms.EvidencePass, Reason: "ObjectsPassed"}
	fail = Observation{Result: isms.EvidenceFail, Reason: "ObjectsFailed", Failures: []isms.SubjectRef{{Namespace: "shop"}}}
)

func TestDamping(t *testing.T) {
	l := DefaultLimits()
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	type step struct {
		at   int
		o    Observation
		want Decision
	}
	for name, steps := range map[string][]step{
		"a quiet item is written at once": {
			{0, pass, Decision{Write: true}},
			{100, fail, Decision{Write: true}},
			{100, fail, Decision{}},
			{200, pass, Decision{Write: true}},
		},
		"what follows within the dwell time is summed up": {
			{0, pass, Decision{Write: true}},
			{100, fail, Decision{Write: true}},
			{110, pass, Decision{WakeAt: at(160)}},
			{120, fail, Decision{WakeAt: at(160)}},
			{125, pass, Decision{WakeAt: at(160)}},
			{160, pass, Decision{Write: true, Flaps: &isms.LogFlaps{
				Count: 3, FailSeconds: 15, PassSeconds: 45,
				FirstFailure: &isms.LogFailure{ObservedTime: metav1.NewTime(at(120)), Reason: "ObjectsFailed", Failures: fail.Failures},
			}}},
			{300, fail, Decision{Write: true}},
		},
		"a change that came too soon and lasts is written when the dwell time is over": {
			{0, pass, Decision{Write: true}},
			{10, fail, Decision{WakeAt: at(60)}},
			{70, fail, Decision{Write: true, Flaps: &isms.LogFlaps{
				Count: 1, PassSeconds: 10, FailSeconds: 60,
				FirstFailure: &isms.LogFailure{ObservedTime: metav1.NewTime(at(10)), Reason: "ObjectsFailed", Failures: fail.Failures},
			}}},
		},
		"there and back again is written too": {
			{0, pass, Decision{Write: true}},
			{10, fail, Decision{WakeAt: at(60)}},
			{11, pass, Decision{WakeAt: at(60)}},
			{60, pass, Decision{Write: true, Flaps: &isms.LogFlaps{
				Count: 2, PassSeconds: 59, FailSeconds: 1,
				FirstFailure: &isms.LogFailure{ObservedTime: metav1.NewTime(at(10)), Reason: "ObjectsFailed", Failures: fail.Failures},
			}}},
		},
		"a clock that is set back loses nothing": {
			{0, pass, Decision{Write: true}},
			{10, fail, Decision{WakeAt: at(60)}},
			{5, pass, Decision{WakeAt: at(60)}},
			{60, pass, Decision{Write: true, Flaps: &isms.LogFlaps{
				Count: 2, PassSeconds: 60,
				FirstFailure: &isms.LogFailure{ObservedTime: metav1.NewTime(at(10)), Reason: "ObjectsFailed", Failures: fail.Failures},
			}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var d Damper
			for _, s := range steps {
				var got Decision
				d, got = d.Observe(l, at(s.at), s.o)
				if diff := cmp.Diff(s.want, got); diff != "" {
					t.Errorf("at %d s, %s (-want +got):\n%s", s.at, s.o.Result, diff)
				}
			}
		})
	}
}

func TestResumedDamperDwellsOn(t *testing.T) {
	d := Resume(DefaultLimits(), fail, []time.Time{start})
	if _, got := d.Observe(DefaultLimits(), start.Add(time.Second), pass); got.Write || !got.WakeAt.Equal(start.Add(time.Minute)) {
		t.Errorf("a second after the last entry: %+v", got)
	}
	if _, got := Resume(DefaultLimits(), Observation{}, nil).Observe(DefaultLimits(), start, pass); !got.Write {
		t.Errorf("an item without entries is not written: %+v", got)
	}
}

// written is an entry and when it was written.
type written struct {
	at     time.Time
	result isms.EvidenceResult
	flaps  *isms.LogFlaps
}

// TestDampedHistory lets an item do as it likes, and holds the entries against what it did: bounded in each hour, all
// seconds and changes accounted for, no change that lasted left out, the last state written.
func TestDampedHistory(t *testing.T) {
	results := []isms.EvidenceResult{isms.EvidencePass, isms.EvidenceFail, isms.EvidenceUnknown, isms.EvidenceNotApplicable}
	rapid.Check(t, func(t *rapid.T) {
		l := Limits{Dwell: time.Duration(rapid.IntRange(1, 90).Draw(t, "dwell")) * time.Second, PerHour: rapid.IntRange(1, 20).Draw(t, "per hour")}
		var d Damper
		var entries []written
		var wake time.Time
		changes := 0
		observe := func(now time.Time, o Observation) {
			var decision Decision
			d, decision = d.Observe(l, now, o)
			if decision.Write {
				entries = append(entries, written{now, o.Result, decision.Flaps})
			}
			wake = decision.WakeAt
		}
		now, current := start, pass
		observe(now, current)
		for _, wait := range rapid.SliceOfN(rapid.IntRange(1, 200), 1, 200).Draw(t, "waits") {
			now = now.Add(time.Duration(wait) * time.Second)
			for !wake.IsZero() && wake.Before(now) {
				observe(wake, current)
			}
			next := Observation{Result: rapid.SampledFrom(results).Draw(t, "result"), Reason: "R"}
			if !current.same(next) {
				changes++
			}
			current = next
			observe(now, current)
		}
		for !wake.IsZero() {
			observe(wake, current)
		}
		checkHistory(t, l, entries, changes, current)
	})
}

func checkHistory(t *rapid.T, l Limits, entries []written, changes int, current Observation) {
	told := 0
	for i, e := range entries {
		if i == 0 {
			continue
		}
		since := e.at.Sub(entries[i-1].at)
		if since < l.Dwell {
			t.Errorf("entry %d comes %s after the one before", i, since)
		}
		if i >= l.PerHour && e.at.Sub(entries[i-l.PerHour].at) < time.Hour {
			t.Errorf("more than %d entries within an hour before %s", l.PerHour, e.at)
		}
		if e.flaps == nil {
			told++
			continue
		}
		if since > l.Held() {
			t.Errorf("entry %d sums up %s, and nothing is to be held back for longer than %s", i, since, l.Held())
		}
		told += int(e.flaps.Count)
		sum := e.flaps.PassSeconds + e.flaps.FailSeconds + e.flaps.UnknownSeconds + e.flaps.NotApplicableSeconds
		if sum != int64(since/time.Second) {
			t.Errorf("the seconds of entry %d add up to %d in %s", i, sum, since)
		}
		if (e.flaps.FailSeconds > 0 && entries[i-1].result != isms.EvidenceFail || e.result == isms.EvidenceFail && entries[i-1].result != isms.EvidenceFail) &&
			e.flaps.FirstFailure == nil {
			t.Errorf("entry %d has failed for %d seconds and does not say when first", i, e.flaps.FailSeconds)
		}
	}
	if told != changes {
		t.Errorf("the entries tell of %d changes, there were %d", told, changes)
	}
	if last := entries[len(entries)-1]; last.result != current.Result {
		t.Errorf("the last entry says %s, the item is %s", last.result, current.Result)
	}
}

// TestFlappingIsBounded: a control that changes every second for a day.
func TestFlappingIsBounded(t *testing.T) {
	var d Damper
	entries := 0
	random := rand.New(rand.NewPCG(1, 2))
	for second := range 24 * 3600 {
		o := pass
		if random.IntN(2) == 0 {
			o = fail
		}
		var decision Decision
		if d, decision = d.Observe(DefaultLimits(), start.Add(time.Duration(second)*time.Second), o); decision.Write {
			entries++
		}
	}
	if entries < 24*6 || entries > 24*12 {
		t.Errorf("%d entries in a day, want one each ten minutes at least, and twelve an hour at most", entries)
	}
}
