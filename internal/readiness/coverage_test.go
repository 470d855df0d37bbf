// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// covering is a performed audit of readyInput that covers clauses and, where controls are named, those alone.
func covering(name isms.ItemName, on isms.Date, clauses []isms.ClauseID, controls ...isms.ControlID) isms.InternalAudit {
	a := readyCycle().Spec.InternalAudits[0]
	a.Name, a.PlannedOn, a.PerformedOn, a.ReportedOn, a.Clauses = name, on, on, on, clauses
	a.ControlCoverage, a.Controls = isms.CoverageListed, controls
	return a
}

// certifiedFor is readyInput, certified on 2026-02-10, with two audits that share the system out: one of an earlier cycle,
// one of this.
func certifiedFor() CycleInput {
	in := readyInput()
	in.Cycle.Spec.InternalAudits = []isms.InternalAudit{covering("ia-2", "2026-09-03", []isms.ClauseID{"4", "5", "6", "9"}, "A.5.1")}
	before := cycle(func(c *isms.AuditCycle) {
		c.Name, c.Spec.Certificate = "acme-2023", granted("2023-02-10", "2026-02-09")
		c.Spec.InternalAudits = []isms.InternalAudit{covering("ia-1", "2024-02-29", []isms.ClauseID{"7", "8", "10"}, "A.8.22")}
	})
	in.Cycle.Spec.PreviousCycleRef = &isms.LocalRef{Name: "acme-2023"}
	in.Others = []isms.AuditCycle{*before}
	return in
}

// TestAuditsOfAllCyclesCoverTogether: what an audit of the previous cycle covered counts for three years, to the day, and the
// status says what lapses next.
func TestAuditsOfAllCyclesCoverTogether(t *testing.T) {
	in := certifiedFor()
	out := assessCycle(t, in)
	if got := state(out.Status.Conditions, isms.ConditionInternalAuditComplete); got != "True InternalAuditComplete" {
		t.Errorf("%s: %s", got, message(out.Status.Conditions, isms.ConditionInternalAuditComplete))
	}
	lapsing := []isms.ControlID{"7.1", "7.2", "7.3", "7.4", "7.5.1", "7.5.2", "7.5.3", "8.1", "8.2", "8.3", "10.1", "10.2", "A.8.22"}
	want := &isms.AuditCoverage{
		Audits: 2, Clauses: 30, ClausesCovered: 30, Controls: 2, ControlsCovered: 2, LapsesOn: "2027-02-28", Lapsing: lapsing,
	}
	if diff := cmp.Diff(want, out.Status.AuditCoverage); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d := deadline(out.Status, deadlineAuditCoverage); d == nil || d.DueOn != "2027-02-28" || d.State != isms.DeadlineDue || d.Basis != isms.BasisPractice {
		t.Errorf("deadline %+v", d)
	}

	in.Now = time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	out = assessCycle(t, in)
	if got := state(out.Status.Conditions, isms.ConditionInternalAuditComplete); got != "False Incomplete" {
		t.Errorf("after the last day: %s", got)
	}
	want = &isms.AuditCoverage{
		Audits: 1, Clauses: 30, ClausesCovered: 18, Controls: 2, ControlsCovered: 1, Uncovered: lapsing, LapsesOn: "2029-09-03",
	}
	if out.Status.AuditCoverage.Lapsing = nil; cmp.Diff(want, out.Status.AuditCoverage) != "" {
		t.Errorf("(-want +got):\n%s", cmp.Diff(want, out.Status.AuditCoverage))
	}
	if d := deadline(out.Status, deadlineAuditCoverage); d == nil || d.State != isms.DeadlineOverdue {
		t.Errorf("deadline %+v", d)
	}
}

func deadline(status isms.AuditCycleStatus, name string) *isms.Deadline {
	i := slices.IndexFunc(status.Deadlines, func(d isms.Deadline) bool { return d.Name == name })
	if i < 0 {
		return nil
	}
	return &status.Deadlines[i]
}

// TestEachPartOfTheLedgerIsNeeded: without one clause or one control nothing is complete.
func TestEachPartOfTheLedgerIsNeeded(t *testing.T) {
	for name, change := range map[string]func(*isms.InternalAudit){
		"a clause": func(a *isms.InternalAudit) {
			a.Clauses = []isms.ClauseID{"4", "5", "6", "9.1", "9.2", "9.3.1", "9.3.3"}
		},
		"a control":          func(a *isms.InternalAudit) { a.Controls = []isms.ControlID{"A.8.22"} },
		"an audit to come":   func(a *isms.InternalAudit) { a.PerformedOn, a.PlannedOn = "2026-12-01", "2026-12-01" },
		"an audit long past": func(a *isms.InternalAudit) { a.PerformedOn = "2023-11-20" },
	} {
		in := certifiedFor()
		change(&in.Cycle.Spec.InternalAudits[0])
		if got := state(assessCycle(t, in).Status.Conditions, isms.ConditionInternalAuditComplete); got == "True InternalAuditComplete" {
			t.Errorf("complete without %s", name)
		}
	}
}

// TestIntervalsArePractice: the scope's own intervals move the days by which audits and reviews are due.
func TestIntervalsArePractice(t *testing.T) {
	in := readyInput()
	in.Scope.Spec.Practice = &isms.Practice{Programme: &isms.ProgrammePractice{
		InternalAuditDays: 700, AuditCoverageMonths: 24, ManagementReviewDays: 50,
	}}
	out := assessCycle(t, in)
	for name, want := range map[string]isms.Date{
		deadlineInternalAudit: "2028-08-03", deadlineAuditCoverage: "2028-09-03", deadlineManagementReview: "2026-11-10",
	} {
		if d := deadline(out.Status, name); d == nil || d.DueOn != want {
			t.Errorf("%s: %+v, want %s", name, d, want)
		}
	}
	if got := state(out.Status.Conditions, isms.ConditionManagementReviewComplete); got != "False Expired" {
		t.Errorf("a review of 61 days ago: %s", got)
	}
	in.Cycle.Spec.Certificate = nil
	if d := deadline(assessCycle(t, in).Status, deadlineInternalAudit); d != nil {
		t.Errorf("before the first certification: %+v", d)
	}
}

// TestFirstSurveillanceAfterRecertification is practice, after an initial certification it is the standard's (R3).
func TestFirstSurveillanceAfterRecertification(t *testing.T) {
	for origin, want := range map[isms.CycleOrigin]isms.Deadline{
		isms.OriginInitial:         {DueOn: "2027-02-10", Rule: "R3", Basis: isms.BasisAccreditation},
		isms.OriginRecertification: {DueOn: "2027-08-10", Rule: "", Basis: isms.BasisPractice},
	} {
		in := readyInput()
		in.Cycle.Spec.Origin = origin
		in.Cycle.Spec.Practice = &isms.CyclePractice{SurveillanceAfterRecertificationMonths: 18}
		d := deadline(assessCycle(t, in).Status, deadlineFirstSurveillance)
		if d == nil || d.DueOn != want.DueOn || d.Rule != want.Rule || d.Basis != want.Basis {
			t.Errorf("%s: %+v", origin, d)
		}
	}
}
