// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func TestAttestationEvidence(t *testing.T) {
	review := func(name string, on isms.Date, changes ...func(*isms.Attestation)) isms.Attestation {
		return attested(name, "Review", on, changes...)
	}
	period := func(from, to isms.Date) func(*isms.Attestation) {
		return func(a *isms.Attestation) { a.Spec.Period = &isms.Period{From: from, To: to} }
	}
	created := func(when time.Time) func(*isms.Attestation) {
		return func(a *isms.Attestation) { a.CreationTimestamp = metav1.NewTime(when) }
	}
	counts := func(due, done, late, missed int32) *isms.PeriodCounts {
		return &isms.PeriodCounts{Due: due, Done: done, Late: late, Missed: missed}
	}
	// The item asks for one every 30 days with 5 days of grace; today is 2026-11-21.
	for name, tc := range map[string]struct {
		attestations []isms.Attestation
		want         isms.EvidenceStatus
	}{
		"none":            {nil, isms.EvidenceStatus{Result: "Fail", Reason: "Missing"}},
		"today":           {[]isms.Attestation{review("a", "2026-11-21")}, isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-21", Periods: counts(0, 0, 0, 0)}},
		"tomorrow":        {[]isms.Attestation{review("a", "2026-11-22")}, isms.EvidenceStatus{Result: "Fail", Reason: "DateInFuture"}},
		"its last day":    {[]isms.Attestation{review("a", "2026-10-22")}, isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-11-21", Periods: counts(0, 0, 0, 0)}},
		"first grace day": {[]isms.Attestation{review("a", "2026-10-21")}, isms.EvidenceStatus{Result: "Pass", Reason: "Due", DueOn: "2026-11-20", Periods: counts(1, 0, 0, 0)}},
		"last grace day":  {[]isms.Attestation{review("a", "2026-10-17")}, isms.EvidenceStatus{Result: "Pass", Reason: "Due", DueOn: "2026-11-16", Periods: counts(1, 0, 0, 0)}},
		"expired":         {[]isms.Attestation{review("a", "2026-10-16")}, isms.EvidenceStatus{Result: "Fail", Reason: "Expired", DueOn: "2026-11-15", Periods: counts(1, 0, 0, 1)}},
		"missed":          {[]isms.Attestation{review("a", "2026-09-16")}, isms.EvidenceStatus{Result: "Fail", Reason: "Missed", DueOn: "2026-10-16", Periods: counts(2, 0, 0, 2)}},
		"done in time":    {[]isms.Attestation{review("a", "2026-10-10"), review("b", "2026-11-09")}, isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-09", Periods: counts(1, 1, 0, 0)}},
		"done late":       {[]isms.Attestation{review("a", "2026-10-10"), review("b", "2026-11-14")}, isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-14", Periods: counts(1, 0, 1, 0)}},
		"on the last day of the period after that": {
			[]isms.Attestation{review("a", "2026-09-17")},
			isms.EvidenceStatus{Result: "Fail", Reason: "Expired", DueOn: "2026-10-17", Periods: counts(2, 0, 0, 1)},
		},
		"on one day the later record counts": {
			[]isms.Attestation{review("b", "2026-11-20", failed), review("a", "2026-11-20", created(now))},
			isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-20", Periods: counts(0, 0, 0, 0)},
		},
		"one period was missed": {
			[]isms.Attestation{review("a", "2026-10-10"), review("b", "2026-11-15")},
			isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-15", Periods: counts(2, 1, 0, 1)},
		},
		"three periods were missed": {
			[]isms.Attestation{review("a", "2026-07-10"), review("b", "2026-11-10")},
			isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-10", Periods: counts(4, 0, 1, 3)},
		},
		"twice on one day":          {[]isms.Attestation{review("a", "2026-11-20"), review("b", "2026-11-20")}, isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-20", Periods: counts(0, 0, 0, 0)}},
		"the latest failed":         {[]isms.Attestation{review("a", "2026-11-01"), review("b", "2026-11-20", failed)}, isms.EvidenceStatus{Result: "Fail", Reason: "OutcomeFailed", DueOn: "2026-12-20", Periods: counts(1, 1, 0, 0)}},
		"an earlier one failed":     {[]isms.Attestation{review("b", "2026-11-20"), review("a", "2026-11-01", failed)}, isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-20", Periods: counts(1, 1, 0, 0)}},
		"superseded":                {[]isms.Attestation{review("a", "2026-11-20"), review("b", "2026-11-20", failed, superseding("a"))}, isms.EvidenceStatus{Result: "Fail", Reason: "OutcomeFailed", DueOn: "2026-12-20", Periods: counts(0, 0, 0, 0)}},
		"the correction counts":     {[]isms.Attestation{review("b", "2026-11-20", failed), review("a", "2026-11-19", superseding("b"))}, isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-19", Periods: counts(0, 0, 0, 0)}},
		"corrected by a future one": {[]isms.Attestation{review("a", "2026-11-20"), review("b", "2026-11-22", superseding("a"))}, isms.EvidenceStatus{Result: "Fail", Reason: "DateInFuture"}},
		"superseded from another scope": {
			[]isms.Attestation{review("a", "2026-11-20"), review("b", "2026-11-20", superseding("a"), func(a *isms.Attestation) { a.Spec.ScopeRef.Name = "other" })},
			isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-20", Periods: counts(0, 0, 0, 0)},
		},
		"of another control": {[]isms.Attestation{review("a", "2026-11-20", func(a *isms.Attestation) { a.Spec.Controls = []isms.ControlID{"A.8.21"} })}, isms.EvidenceStatus{Result: "Fail", Reason: "Missing"}},
		"of no control":      {[]isms.Attestation{review("a", "2026-11-20", func(a *isms.Attestation) { a.Spec.Controls = nil })}, isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-20", Periods: counts(0, 0, 0, 0)}},
		"of another type":    {[]isms.Attestation{attested("a", "Other", "2026-11-20")}, isms.EvidenceStatus{Result: "Fail", Reason: "Missing"}},
		"for a period long past": {
			[]isms.Attestation{review("a", "2026-11-20", period("2026-01-01", "2026-03-31"))},
			isms.EvidenceStatus{Result: "Fail", Reason: "Missed", DueOn: "2026-04-30", Periods: counts(7, 0, 0, 7)},
		},
		"for the last period, and one older made later": {
			[]isms.Attestation{review("a", "2026-11-02", period("2026-10-01", "2026-10-31")), review("b", "2026-11-20", period("2026-01-01", "2026-03-31"))},
			isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-11-30", Periods: counts(0, 0, 0, 0)},
		},
		"twice for one period, the second a week later": {
			[]isms.Attestation{review("a", "2026-10-02", period("2026-09-01", "2026-09-30")), review("b", "2026-10-30", period("2026-10-01", "2026-10-30")), review("c", "2026-11-06", period("2026-10-01", "2026-10-30"))},
			isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-11-29", Periods: counts(1, 1, 0, 0)},
		},
		"two teams on two days of each period": {
			[]isms.Attestation{review("a", "2026-09-20"), review("b", "2026-09-21"), review("c", "2026-10-20"), review("d", "2026-10-21"), review("e", "2026-11-19"), review("f", "2026-11-20")},
			isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-20", Periods: counts(3, 3, 0, 0)},
		},
		"twice within the grace days": {
			[]isms.Attestation{review("a", "2026-10-10"), review("b", "2026-11-11"), review("c", "2026-11-13")},
			isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-13", Periods: counts(1, 0, 1, 0)},
		},
		"missed, then attested for the period that was missed": {
			[]isms.Attestation{review("a", "2026-09-01"), review("b", "2026-11-19", period("2026-09-02", "2026-10-01")), review("c", "2026-11-20")},
			isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-20", Periods: counts(3, 1, 0, 2)},
		},
		"missed, and attested only for the period that was missed": {
			[]isms.Attestation{review("a", "2026-09-01"), review("b", "2026-11-19", period("2026-09-02", "2026-10-01"))},
			isms.EvidenceStatus{Result: "Fail", Reason: "Expired", DueOn: "2026-10-31", Periods: counts(2, 0, 0, 2)},
		},
		"after the end of its period, in the grace days": {
			[]isms.Attestation{review("a", "2026-10-02", period("2026-09-01", "2026-09-30")), review("b", "2026-11-02", period("2026-10-01", "2026-10-31"))},
			isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-11-30", Periods: counts(1, 0, 1, 0)},
		},
		"in the middle of its period": {
			[]isms.Attestation{review("a", "2026-11-20", period("2026-11-01", "2026-12-31"))},
			isms.EvidenceStatus{Result: "Pass", Reason: "Current", DueOn: "2026-12-20", Periods: counts(0, 0, 0, 0)},
		},
		"recorded late": {
			[]isms.Attestation{review("a", "2026-10-18", created(now))},
			isms.EvidenceStatus{Result: "Pass", Reason: "Due", DueOn: "2026-11-17", Periods: counts(1, 0, 0, 0)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := control(wantsAttestation("r", "Review", 30, 5)).attestations(tc.attestations...).assess(t)
			tc.want.Name = "r"
			if diff := cmp.Diff(tc.want, out.Status.Evidence[0], withoutTimeAndMessage); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if out.Status.Evidence[0].Message == "" {
				t.Error("no message")
			}
		})
	}
}

// TestPeriodsAreCountedOnce draws series of attestations at random: no more periods are done or late than can have begun, a
// second record for what is attested already counts nothing, and what was missed on a day is missed on each later one.
func TestPeriodsAreCountedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begin := isms.Date("2024-01-01")
		want := &isms.AttestationEvidence{
			EveryDays: rapid.Int32Range(1, 100).Draw(t, "every"), GraceDays: rapid.Int32Range(0, 40).Draw(t, "grace"),
		}
		days := slices.Sorted(slices.Values(rapid.SliceOfN(rapid.Int32Range(0, 600), 1, 20).Draw(t, "days")))
		var series []*isms.Attestation
		for i, performed := range days {
			a := attested(fmt.Sprint(i), "Review", addDays(begin, performed))
			if back := rapid.Int32Range(0, 150).Draw(t, "back"); back > 50 {
				a.Spec.Period = &isms.Period{From: "2023-01-01", To: addDays(begin, performed-back+50)}
			}
			series = append(series, &a)
		}
		on := func(series []*isms.Attestation, day int32) isms.PeriodCounts {
			moment, err := addDays(begin, day).Time()
			if err != nil {
				t.Fatal(err)
			}
			return countPeriods(series, want, NewClock(moment))
		}
		var missed int32
		opened := speaksUntil(series[0]) // of those of the first day the one that speaks of the earliest
		for i, performed := range days {
			if performed == days[0] {
				opened = min(opened, speaksUntil(series[i]))
			}
			before, then := on(series[:max(i, 1)], performed), on(series[:i+1], performed)
			if before.Missed < missed || then.Missed < before.Missed {
				t.Fatalf("on day %d missed are %d with its record, %d without it, and before there were %d", performed, then.Missed, before.Missed, missed)
			}
			missed = then.Missed
			elapsed := daysBetween(opened, series[i].Spec.PerformedOn)
			// After a period that was missed the next one begins anew, sooner than where the one before it would have ended.
			if most := 1 + elapsed/int(want.EveryDays) + int(missed); int(then.Done+then.Late) > most {
				t.Fatalf("on day %d the counts are %+v, and at most %d periods can have begun", performed, then, most)
			}
		}
		again := *series[rapid.IntRange(0, len(series)-1).Draw(t, "again")]
		again.Spec.Period = &isms.Period{From: "2023-01-01", To: speaksUntil(&again)}
		again.Spec.PerformedOn = addDays(begin, 650)
		if got, want := on(append(slices.Clone(series), &again), 650), on(series, 650); got != want {
			t.Errorf("with a second record for the same they are %+v, before %+v", got, want)
		}
	})
}

func TestRecordedLate(t *testing.T) {
	for seen, want := range map[time.Time]bool{
		time.Date(2026, 11, 20, 23, 59, 59, 0, time.UTC): false,
		time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC):    true,
	} {
		a := attested("a", "Review", "2026-10-21", func(a *isms.Attestation) { a.CreationTimestamp = metav1.NewTime(seen) })
		if got := recordedLate(&a); got != want {
			t.Errorf("first seen at %s: got %v, want %v", seen, got, want)
		}
	}
}
