// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/operation"
)

// operatedInput is readyInput whose operating period is required, and met as the log shows it: 90 days that end on 2026-11-20.
func operatedInput() CycleInput {
	in := readyInput()
	in.Cycle.Spec.Gates = nil
	in.ObservedSince = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	in.Operation = &operation.Figures{CoveragePercent: 90, Controls: []operation.ControlFigures{
		{ID: "A.5.1", EffectivePercent: 100}, {ID: "A.7.1", EffectivePercent: 0}, {ID: "A.8.22", EffectivePercent: 95},
	}}
	return in
}

func prior(from, to isms.Date) isms.PriorRecord {
	return isms.PriorRecord{Period: isms.Period{From: from, To: to}, AttestedBy: doe}
}

func period(change func(*isms.OperatingPeriod)) func(*CycleInput) {
	return func(in *CycleInput) {
		p := isms.OperatingPeriod{}
		change(&p)
		in.Cycle.Spec.OperatingPeriod = &p
	}
}

// TestOperatingPeriodMet: length, coverage and effective share, each by the log; what came before it by prior records. A.7.1 is
// not applicable any more, so nobody asks for its operation.
func TestOperatingPeriodMet(t *testing.T) {
	began := func(month time.Month, day int) func(*CycleInput) {
		return func(in *CycleInput) { in.ObservedSince = time.Date(2026, month, day, 12, 0, 0, 0, time.UTC) }
	}
	both := func(changes ...func(*CycleInput)) func(*CycleInput) {
		return func(in *CycleInput) {
			for _, change := range changes {
				change(in)
			}
		}
	}
	const short = "Operate for 90 days: the evidence log begins later, and no prior record asserts the rest."
	const asserted = "Part of the period is asserted by prior records, and not observed."
	for name, tc := range map[string]struct {
		change     func(*CycleInput)
		want, says string
	}{
		"met":                  {func(*CycleInput) {}, "True OperatingPeriodMet", ""},
		"met to the day":       {began(8, 23), "True OperatingPeriodMet", ""},
		"a day too short":      {began(8, 24), "False OperatingPeriodTooShort", short},
		"the cycle's own days": {both(began(11, 20), period(func(p *isms.OperatingPeriod) { p.Days = 1 })), "True OperatingPeriodMet", ""},
		"asserted": {both(began(10, 1), period(func(p *isms.OperatingPeriod) {
			p.PriorRecords = []isms.PriorRecord{prior("2026-08-23", "2026-09-10"), prior("2026-09-11", "2026-09-30")}
		})), "True OperatingPeriodMet", asserted},
		"asserted with a gap of a day": {both(began(10, 1), period(func(p *isms.OperatingPeriod) {
			p.PriorRecords = []isms.PriorRecord{prior("2026-08-23", "2026-09-10"), prior("2026-09-12", "2026-09-30")}
		})), "False OperatingPeriodTooShort", short},
		"asserted into the future": {both(began(10, 1), period(func(p *isms.OperatingPeriod) {
			p.PriorRecords = []isms.PriorRecord{prior("2026-08-01", "2026-12-31")}
		})), "False OperatingPeriodTooShort", short},
		"a log that is older than the period needs no records": {period(func(p *isms.OperatingPeriod) {
			p.PriorRecords = []isms.PriorRecord{prior("2026-01-01", "2026-09-30")}
		}), "True OperatingPeriodMet", ""},
		"not observed": {func(in *CycleInput) { in.Operation.CoveragePercent = 89 }, "False BelowThreshold", "Less than 90 % of the period was observed."},
		"observed less, as agreed": {both(func(in *CycleInput) { in.Operation.CoveragePercent = 50 },
			period(func(p *isms.OperatingPeriod) { p.MinCoveragePercent = 50 })), "True OperatingPeriodMet", ""},
		"not effective": {
			func(in *CycleInput) { in.Operation.Controls[2].EffectivePercent = 94 }, "False BelowThreshold",
			"Not seen to be effective for 95 % of the period: A.8.22.",
		},
		"not known to the log": {
			func(in *CycleInput) { in.Operation.Controls = in.Operation.Controls[:2] }, "False BelowThreshold",
			"Not seen to be effective for 95 % of the period: A.8.22.",
		},
		"effective less, as agreed": {both(func(in *CycleInput) { in.Operation.Controls[2].EffectivePercent = 80 },
			period(func(p *isms.OperatingPeriod) { p.MinEffectivePercent = 80 })), "True OperatingPeriodMet", ""},
		"no control": {func(in *CycleInput) { in.Controls = nil }, "Unknown NothingDeclared", "The scope has no applicable control."},
		"no log": {
			func(in *CycleInput) { in.ObservedSince, in.Operation = time.Time{}, nil }, "Unknown NotYetAssessed",
			"There is no evidence log of the scope.",
		},
		"a log of today": {both(began(11, 21), func(in *CycleInput) { in.Operation = nil }), "False OperatingPeriodTooShort", short +
			" The evidence log shows no whole day of operation yet."},
		"all asserted, and a log of today": {both(began(11, 21), func(in *CycleInput) { in.Operation = nil }, period(func(p *isms.OperatingPeriod) {
			p.PriorRecords = []isms.PriorRecord{prior("2026-08-01", "2026-11-20")}
		})), "Unknown NotYetAssessed", "The evidence log shows no whole day of operation yet."},
	} {
		in := operatedInput()
		tc.change(&in)
		list := assessCycle(t, in).Status.Conditions
		if got := state(list, isms.ConditionOperatingPeriodMet); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
		if got := message(list, isms.ConditionOperatingPeriodMet); got != tc.says {
			t.Errorf("%s: says %q, want %q", name, got, tc.says)
		}
		if ready := conditions.IsTrue(list, stage2); ready != (tc.want == "True OperatingPeriodMet") && name != "no control" {
			t.Errorf("%s: Stage2Ready is %t", name, ready)
		}
	}
}

// TestOperatingPeriodCanBeAdvisory: then Stage 2 does not wait for it, and it is shown all the same.
func TestOperatingPeriodCanBeAdvisory(t *testing.T) {
	in := operatedInput()
	in.Operation.CoveragePercent, in.Cycle.Spec.Gates = 0, readyCycle().Spec.Gates
	list := assessCycle(t, in).Status.Conditions
	if state(list, isms.ConditionOperatingPeriodMet) != "False BelowThreshold" || !conditions.IsTrue(list, stage2) {
		t.Errorf("%s, Stage2Ready %s", state(list, isms.ConditionOperatingPeriodMet), state(list, stage2))
	}
}

// TestObservedPeriod is in whole days of the cycle's time zone, also across a change of daylight saving, and ends yesterday.
func TestObservedPeriod(t *testing.T) {
	for name, tc := range map[string]struct {
		zone       string
		days       int32
		since, now string
		from, to   string
	}{
		"UTC":                 {zone: "", days: 90, since: "2026-01-01T00:00:00Z", now: "2026-11-21T10:00:00Z", from: "2026-08-23T00:00:00Z", to: "2026-11-21T00:00:00Z"},
		"Berlin, over autumn": {zone: "Europe/Berlin", days: 90, since: "2026-01-01T00:00:00Z", now: "2026-11-21T00:05:00Z", from: "2026-08-22T22:00:00Z", to: "2026-11-20T23:00:00Z"},
		"not settled yet":     {zone: "Europe/Berlin", days: 90, since: "2026-01-01T00:00:00Z", now: "2026-11-21T00:04:59Z", from: "2026-08-21T22:00:00Z", to: "2026-11-19T23:00:00Z"},
		"a young log":         {zone: "Europe/Berlin", days: 90, since: "2026-11-18T23:30:00Z", now: "2026-11-21T10:00:00Z", from: "2026-11-18T23:00:00Z", to: "2026-11-20T23:00:00Z"},
		"a log of today":      {zone: "", days: 90, since: "2026-11-21T09:00:00Z", now: "2026-11-21T10:00:00Z", from: "2026-11-21T00:00:00Z", to: "2026-11-21T00:00:00Z"},
	} {
		c := cycle(func(c *isms.AuditCycle) {
			c.Spec.TimeZone, c.Spec.OperatingPeriod = tc.zone, &isms.OperatingPeriod{Days: tc.days}
		})
		span := ObservedPeriod(c, instant(t, tc.since), instant(t, tc.now))
		if !span.From.Equal(instant(t, tc.from)) || !span.To.Equal(instant(t, tc.to)) {
			t.Errorf("%s: from %s to %s, want %s to %s", name, span.From, span.To, tc.from, tc.to)
		}
	}
	if got := ObservedPeriod(cycle(), time.Time{}, now); !got.From.Equal(got.To) {
		t.Errorf("without a log: %v", got)
	}
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestOperationIsShown with what is asserted beside what is observed.
func TestOperationIsShown(t *testing.T) {
	in := operatedInput()
	in.ObservedSince = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	in.Operation.Controls[0].EffectivePercent = 80
	in.Cycle.Spec.OperatingPeriod = &isms.OperatingPeriod{PriorRecords: []isms.PriorRecord{prior("2026-09-21", "2026-09-30")}}
	want := &isms.CycleOperation{
		From: "2026-08-23", To: "2026-11-20", ObservedFrom: "2026-10-01", AssertedDays: 10, CoveragePercent: 90, EffectivePercent: 80,
		BelowThreshold: []isms.ControlID{"A.5.1"}, Signed: isms.No, Anchored: isms.No,
	}
	if diff := cmp.Diff(want, assessCycle(t, in).Status.Operation); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAnchored: somebody attests that a checkpoint over all of the period is kept outside.
func TestAnchored(t *testing.T) {
	in := operatedInput()
	in.Operation.Seals, in.Operation.Signed = []isms.Digest{"sha256:b", "sha256:c"}, true
	for name, tc := range map[string]struct {
		change func(*isms.Attestation)
		want   isms.YesNo
	}{
		"kept outside":            {func(*isms.Attestation) {}, isms.Yes},
		"of an earlier one":       {func(a *isms.Attestation) { a.Spec.Artifacts[0].Digest = "sha256:a" }, isms.No},
		"tomorrow":                {func(a *isms.Attestation) { a.Spec.PerformedOn = "2026-11-22" }, isms.No},
		"which did not succeed":   {func(a *isms.Attestation) { a.Spec.Outcome = isms.OutcomeFail }, isms.No},
		"of another type":         {func(a *isms.Attestation) { a.Spec.Type = "Anchor" }, isms.No},
		"of another scope":        {func(a *isms.Attestation) { a.Spec.ScopeRef.Name = "other" }, isms.No},
		"without any checkpoints": {func(a *isms.Attestation) { a.Spec.Artifacts = nil }, isms.No},
	} {
		in.Attestations = []isms.Attestation{attestation("anchor", "CheckpointAnchor", "2026-11-21", func(a *isms.Attestation) {
			a.Spec.Artifacts = []isms.Artifact{{Digest: "sha256:c"}}
			tc.change(a)
		})}
		o := assessCycle(t, in).Status.Operation
		if o.Anchored != tc.want || o.Signed != isms.Yes {
			t.Errorf("%s: anchored %s, signed %s", name, o.Anchored, o.Signed)
		}
	}
}

// TestTimeAloneOpensOnlyTheOperatingPeriod: with the log of each day, day after day, until it is met.
func TestTimeAloneOpensOnlyTheOperatingPeriod(t *testing.T) {
	in := operatedInput()
	in.ObservedSince = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for day := range 120 {
		in.Now = now.AddDate(0, 0, day)
		list := assessCycle(t, in).Status.Conditions
		want := "False OperatingPeriodTooShort"
		if !in.Now.Before(time.Date(2027, 1, 30, 0, 0, 0, 0, time.UTC)) { // November 1 is the first of 90 days
			want = "True OperatingPeriodMet"
		}
		if got := state(list, isms.ConditionOperatingPeriodMet); got != want || conditions.IsTrue(list, stage2) != (want[0] == 'T') {
			t.Fatalf("%s: %s, Stage2Ready %s", in.Now.Format(time.DateOnly), got, state(list, stage2))
		}
	}
}
