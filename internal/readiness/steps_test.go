// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// stepsSay are steps, one a line.
func stepsSay(list []isms.StepStatus) []string {
	var out []string
	for _, s := range list {
		out = append(out, strings.TrimSpace(strings.Join([]string{string(s.Name), string(s.State), s.Reason, string(s.DueDate)}, " ")))
	}
	return out
}

// TestStepsOfACertifiedCycle: what is done says by which gate or fact, what is ahead when it is due.
func TestStepsOfACertifiedCycle(t *testing.T) {
	in := readyInput()
	in.Cycle.Spec.Audits = append(in.Cycle.Spec.Audits, isms.Audit{
		Name: "stage-2", Type: isms.AuditStage2, PlannedOn: "2025-12-01", LastDayOn: "2025-12-02", Outcome: isms.OutcomeRecommended,
	})
	want := []string{
		"Scope Done Fine", "Leadership Done Fine", "GapAnalysis Done Fine", "RiskAssessment Done Fine", "RiskTreatment Done Fine",
		"StatementOfApplicability Done Fine", "ControlsAndPolicies Done Fine", "TrainingAndAwareness Done Fine", "Operation Done Fine",
		"InternalAudit Done InternalAuditComplete", "ManagementReview Done ManagementReviewComplete",
		"CertificationBody Done CertificationBodyEngaged", "Stage1 Done ReadyForStage2", "Stage2 Done Recommended",
		"Findings Done NonconformitiesHandled", "Decision Done Decided", "Surveillance NotStarted Missing 2027-02-10",
		"Recertification NotStarted Missing 2028-11-09",
	}
	if diff := cmp.Diff(want, stepsSay(Cycle(in).Status.Steps)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNothingIsDoneOfNothing: a cycle without facts has begun no step.
func TestNothingIsDoneOfNothing(t *testing.T) {
	for origin, want := range map[isms.CycleOrigin]int{isms.OriginInitial: 18, isms.OriginRecertification: 16} {
		in := CycleInput{Cycle: cycle(func(c *isms.AuditCycle) { c.Spec.Origin = origin }), Scope: acme(), Now: now}
		steps := Cycle(in).Status.Steps
		if len(steps) != want {
			t.Errorf("%s has %d steps, want %d", origin, len(steps), want)
		}
		for _, s := range steps {
			if s.State != isms.StepNotStarted || s.Message == "" {
				t.Errorf("%s: %s is %s, %q", origin, s.Name, s.State, s.Message)
			}
		}
	}
}

// TestMilestones: owner and day come from the milestone; what is done is done, else late is Overdue, else a step waits for
// those on which it depends.
func TestMilestones(t *testing.T) {
	nobody := func(s *isms.AuditCycleSpec) { s.CertificationBody = nil }
	for name, tc := range map[string]struct {
		change func(*isms.AuditCycleSpec)
		due    isms.Date
		on     []isms.Step
		want   string
		says   string
	}{
		"done, late":      {func(*isms.AuditCycleSpec) {}, "2026-11-20", []isms.Step{isms.StepStage2}, "Done CertificationBodyEngaged 2026-11-20", ""},
		"not started":     {nobody, "2026-11-21", nil, "NotStarted Missing 2026-11-21", "State the certification body."},
		"late":            {nobody, "2026-11-20", []isms.Step{isms.StepStage2}, "Overdue Missing 2026-11-20", "State the certification body."},
		"waits":           {nobody, "2026-11-21", []isms.Step{isms.StepStage2, isms.StepScope}, "Blocked Blocked 2026-11-21", "Waits for Stage2. State the certification body."},
		"waits no longer": {nobody, "2026-11-21", []isms.Step{isms.StepScope}, "NotStarted Missing 2026-11-21", "State the certification body."},
		"something is there": {
			func(s *isms.AuditCycleSpec) { s.CertificationBody.EngagedOn = "" }, "2026-11-21", nil,
			"InProgress Incomplete 2026-11-21", "Engage the certification body, and state engagedOn.",
		},
	} {
		in := readyInput()
		tc.change(&in.Cycle.Spec)
		in.Cycle.Spec.Milestones = []isms.Milestone{{Step: isms.StepCertificationBody, Owner: roe, DueDate: tc.due, DependsOn: tc.on}}
		for _, s := range Cycle(in).Status.Steps {
			if s.Name != isms.StepCertificationBody {
				continue
			}
			if got := stepsSay([]isms.StepStatus{s})[0]; got != "CertificationBody "+tc.want || s.Message != tc.says || s.Owner != "R. Roe" {
				t.Errorf("%s: got %s, %q, of %s; want %s, %q", name, got, s.Message, s.Owner, tc.want, tc.says)
			}
		}
	}
}

// TestOneGateOfTwoIsProgress, and what is asked for besides does not make it NotStarted.
func TestOneGateOfTwoIsProgress(t *testing.T) {
	in := readyInput()
	in.Cycle.Spec.Gates = nil
	for _, s := range Cycle(in).Status.Steps {
		if got := stepsSay([]isms.StepStatus{s})[0]; s.Name == isms.StepOperation && got != "Operation InProgress NotYetAssessed" {
			t.Errorf("got %s", got)
		}
	}
}

// TestStepsOfAudits follow what is recorded of them, and their plan.
func TestStepsOfAudits(t *testing.T) {
	for name, tc := range map[string]struct {
		audit isms.Audit
		want  string
	}{
		"planned":  {isms.Audit{PlannedOn: "2026-11-21"}, "NotStarted Missing 2026-11-21"},
		"overdue":  {isms.Audit{PlannedOn: "2026-11-20"}, "Overdue Missing 2026-11-20"},
		"begun":    {isms.Audit{PlannedOn: "2026-11-21", FirstDayOn: "2026-11-21"}, "InProgress InProgress 2026-11-21"},
		"over":     {isms.Audit{PlannedOn: "2026-11-01", LastDayOn: "2026-11-02"}, "InProgress Incomplete"},
		"failed":   {isms.Audit{PlannedOn: "2026-11-01", LastDayOn: "2026-11-02", Outcome: isms.OutcomeNotReadyForStage2}, "InProgress NotReadyForStage2"},
		"passed":   {isms.Audit{PlannedOn: "2026-11-01", LastDayOn: "2026-11-02", Outcome: isms.OutcomeReadyForStage2}, "Done ReadyForStage2"},
		"tomorrow": {isms.Audit{PlannedOn: "2026-11-22", LastDayOn: "2026-11-22", Outcome: isms.OutcomeReadyForStage2}, "NotStarted Missing 2026-11-22"},
	} {
		tc.audit.Name, tc.audit.Type = "stage-1", isms.AuditStage1
		in := CycleInput{Cycle: cycle(func(c *isms.AuditCycle) { c.Spec.Audits = []isms.Audit{tc.audit} }), Scope: acme(), Now: now}
		for _, s := range Cycle(in).Status.Steps {
			if got := stepsSay([]isms.StepStatus{s})[0]; s.Name == isms.StepStage1 && got != "Stage1 "+tc.want {
				t.Errorf("%s: got %s, want %s", name, got, tc.want)
			}
		}
	}
}

// TestStepsAreDueOnTheFirstPlannedDay of an audit or a review that has not taken place.
func TestStepsAreDueOnTheFirstPlannedDay(t *testing.T) {
	for _, days := range [][]isms.Date{{"2026-12-01", "2027-02-01", "2026-11-01"}, {"2027-02-01", "2026-12-01", "2026-11-01"}} {
		c := cycle()
		for i, day := range days {
			name, performed := isms.ItemName(string(rune('a'+i))), isms.Date("")
			if day < "2026-11-21" {
				performed = day
			}
			c.Spec.InternalAudits = append(c.Spec.InternalAudits, isms.InternalAudit{Name: name, PlannedOn: day, PerformedOn: performed})
			c.Spec.ManagementReviews = append(c.Spec.ManagementReviews, isms.ManagementReview{Name: name, PlannedOn: day, PerformedOn: performed})
		}
		for _, s := range Cycle(CycleInput{Cycle: c, Scope: acme(), Now: now}).Status.Steps {
			if (s.Name == isms.StepInternalAudit || s.Name == isms.StepManagementReview) && s.DueDate != "2026-12-01" {
				t.Errorf("%v: %s is due on %s", days, s.Name, s.DueDate)
			}
		}
	}
}

// TestRecertificationOfTheNextCycle is missing, not unheard of, while the next cycle has no certificate.
func TestRecertificationOfTheNextCycle(t *testing.T) {
	next := cycle(func(c *isms.AuditCycle) { c.Name = "acme-2027" })
	next.Spec.Origin, next.Spec.PreviousCycleRef = isms.OriginRecertification, &isms.LocalRef{Name: "acme-2026"}
	c := cycle(func(c *isms.AuditCycle) { c.Spec.Certificate = granted("2024-01-10", "2027-01-09") })
	steps := stepsSay(Cycle(CycleInput{Cycle: c, Scope: acme(), Others: []isms.AuditCycle{*next}, Now: now}).Status.Steps)
	if got := steps[len(steps)-1]; got != "Recertification NotStarted Missing" {
		t.Errorf("got %s", got)
	}
}

// TestSurveillanceAndRecertificationSteps over the years of a certificate.
func TestSurveillanceAndRecertificationSteps(t *testing.T) {
	surveyed := func(days ...isms.Date) []isms.Audit {
		var list []isms.Audit
		for _, d := range days {
			list = append(list, isms.Audit{Name: isms.ItemName("s-" + d), Type: isms.AuditSurveillance, PlannedOn: d, LastDayOn: d})
		}
		return list
	}
	recertifying := isms.Audit{Name: "r", Type: isms.AuditRecertification, PlannedOn: "2026-09-01", LastDayOn: "2026-09-01"}
	next := cycle(func(c *isms.AuditCycle) { c.Name = "acme-2027" })
	next.Spec.Origin, next.Spec.PreviousCycleRef = isms.OriginRecertification, &isms.LocalRef{Name: "acme-2026"}
	next.Spec.Certificate = granted("2026-11-10", "2029-12-31")
	ended := func(expires isms.Date, events ...isms.CertificateEvent) func(*isms.Certificate) {
		return func(c *isms.Certificate) { c.ExpiresOn, c.Events = expires, append(c.Events, events...) }
	}
	withdrawn := func(on isms.Date) isms.CertificateEvent {
		return isms.CertificateEvent{Type: isms.CertificateWithdrawn, DecidedOn: on}
	}
	for name, tc := range map[string]struct {
		audits []isms.Audit
		others []isms.AuditCycle
		change func(*isms.Certificate)
		want   []string
	}{
		"expired, none": {nil, nil, ended("2026-11-20"), []string{"Surveillance Overdue Missing 2024-11-30", "Recertification Overdue Missing 2026-08-20"}},
		"expired, one": {
			surveyed("2024-11-01"), nil, ended("2026-11-20"),
			[]string{"Surveillance Overdue Overdue 2025-12-31", "Recertification Overdue Missing 2026-08-20"},
		},
		"expired, all": {
			surveyed("2024-11-01", "2025-11-01"), nil, ended("2026-11-20"),
			[]string{"Surveillance Done NothingOutstanding", "Recertification Overdue Missing 2026-08-20"},
		},
		"withdrawn, none": {
			nil, nil, ended("2026-11-30", withdrawn("2024-12-01")),
			[]string{"Surveillance Overdue Missing 2024-11-30", "Recertification NotStarted NothingDeclared"},
		},
		"withdrawn before it was due": {
			nil, nil, ended("2026-11-30", withdrawn("2024-11-29")),
			[]string{"Surveillance NotStarted NothingDeclared", "Recertification NotStarted NothingDeclared"},
		},
		"withdrawn on the last day": {
			nil, nil, ended("2026-11-30", withdrawn("2024-11-30")),
			[]string{"Surveillance Overdue Missing 2024-11-30", "Recertification NotStarted NothingDeclared"},
		},
		"renewed, one": {
			surveyed("2024-11-01"),
			[]isms.AuditCycle{*next},
			nil,
			[]string{"Surveillance Overdue Overdue 2025-12-31", "Recertification Done Decided"},
		},
		"none": {nil, nil, nil, []string{"Surveillance Overdue Missing 2024-11-30", "Recertification Overdue Missing 2026-08-30"}},
		"one":  {surveyed("2024-11-01"), nil, nil, []string{"Surveillance Overdue InProgress 2025-12-31", "Recertification Overdue Missing 2026-08-30"}},
		"all, and the recertification audit": {
			append(surveyed("2024-11-01", "2025-11-01"), recertifying), nil, nil,
			[]string{"Surveillance Done NothingOutstanding", "Recertification InProgress InProgress 2026-11-30"},
		},
		"renewed": {
			append(surveyed("2024-11-01", "2025-11-01"), recertifying),
			[]isms.AuditCycle{*next},
			nil,
			[]string{"Surveillance Done NothingOutstanding", "Recertification Done Decided"},
		},
	} {
		c := cycle(func(c *isms.AuditCycle) {
			c.Spec.Certificate, c.Spec.Audits = granted("2023-11-30", "2026-11-30"), tc.audits
			if tc.change != nil {
				tc.change(c.Spec.Certificate)
			}
		})
		steps := Cycle(CycleInput{Cycle: c, Scope: acme(), Others: tc.others, Now: now}).Status.Steps
		if diff := cmp.Diff(tc.want, stepsSay(steps[len(steps)-2:])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
