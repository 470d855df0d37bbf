// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// handledMinor is an open Minor on A.8.22 with a plan that is complete and on time.
func handledMinor(changes ...func(*isms.Finding)) isms.Finding {
	f := isms.Finding{ObjectMeta: metav1.ObjectMeta{Name: "nc-1", Generation: 1}}
	f.Spec = isms.FindingSpec{
		ScopeRef: isms.LocalRef{Name: "acme"}, Severity: isms.SeverityMinor, Source: isms.FindingFromInternalAudit,
		Requirement: "A.8.22", RaisedOn: "2026-11-01",
	}
	f.Status.Conditions = holding(1, isms.ConditionCorrectiveActionPlanned, isms.ConditionCorrectiveActionOnTime)
	for _, change := range changes {
		change(&f)
	}
	return f
}

func findingSays(conditionType string, status metav1.ConditionStatus) func(*isms.Finding) {
	return func(f *isms.Finding) { conditions.Get(f.Status.Conditions, conditionType).Status = status }
}

// treatmentPlan is a risk whose treatment by A.8.22 is approved, and due at the end of the day.
func treatmentPlan(changes ...func(*isms.RiskTreatment)) isms.Risk {
	return risk("network", func(r *isms.Risk) {
		r.Spec.Treatment.DueDate = "2026-11-21"
		for _, change := range changes {
			change(r.Spec.Treatment)
		}
	})
}

// TestHandledDeviations: an open Minor with its plan on time, or planned work in an approved treatment plan on time, keeps a
// control from blocking, with no grace; the slightest lack of it does not.
func TestHandledDeviations(t *testing.T) {
	fails := control("A.8.22", satisfied(metav1.ConditionFalse, isms.ReasonObjectsFailed, 30*24*time.Hour))
	planned := func(changes ...func(*isms.Implementation)) isms.Control {
		c := control("A.8.22", satisfied(metav1.ConditionFalse, isms.ReasonPlanned, 30*24*time.Hour))
		c.Spec.Implementation = &isms.Implementation{State: isms.StatePlanned, TargetDate: "2026-11-21"}
		for _, change := range changes {
			change(c.Spec.Implementation)
		}
		return c
	}
	minor := func(changes ...func(*isms.Finding)) []isms.Finding { return []isms.Finding{handledMinor(changes...)} }
	for name, tc := range map[string]struct {
		control  isms.Control
		findings []isms.Finding
		risks    []isms.Risk
		// by is what handles it; empty where it blocks.
		by string
	}{
		"nothing":           {control: fails},
		"a Minor":           {control: fails, findings: minor(), by: "nc-1"},
		"no plan":           {control: fails, findings: minor(findingSays(isms.ConditionCorrectiveActionPlanned, metav1.ConditionFalse))},
		"late":              {control: fails, findings: minor(findingSays(isms.ConditionCorrectiveActionOnTime, metav1.ConditionFalse))},
		"not known":         {control: fails, findings: minor(findingSays(isms.ConditionCorrectiveActionOnTime, metav1.ConditionUnknown))},
		"of an earlier day": {control: fails, findings: minor(func(f *isms.Finding) { f.Generation = 2 })},
		"of tomorrow":       {control: fails, findings: minor(func(f *isms.Finding) { f.Spec.RaisedOn = "2026-11-22" })},
		"of another scope":  {control: fails, findings: minor(func(f *isms.Finding) { f.Spec.ScopeRef.Name = "other" })},
		"of another one":    {control: fails, findings: minor(func(f *isms.Finding) { f.Spec.Requirement = "A.8.2" })},
		"closed": {control: fails, findings: minor(func(f *isms.Finding) {
			f.Spec.Source, f.Spec.CertificationBody = isms.FindingFromCertificationBody, &isms.BodyVerification{VerifiedOn: "2026-11-20"}
		})},
		"an observation": {control: fails, findings: minor(func(f *isms.Finding) { f.Spec.Severity = isms.SeverityObservation })},
		"a Major":        {control: fails, findings: minor(func(f *isms.Finding) { f.Spec.Severity = isms.SeverityMajor })},
		"a Major, graded down tomorrow": {control: fails, findings: minor(func(f *isms.Finding) {
			f.Spec.Regrading = []isms.Regrading{{From: isms.SeverityMajor, To: isms.SeverityMinor, RegradedOn: "2026-11-22"}}
		})},
		"a Minor and a Major": {control: fails, findings: []isms.Finding{handledMinor(), handledMinor(func(f *isms.Finding) {
			f.Name, f.Spec.Severity = "nc-2", isms.SeverityMajor
		})}},
		"two Minors, one late": {control: fails, findings: []isms.Finding{handledMinor(), handledMinor(func(f *isms.Finding) {
			f.Name = "nc-2"
			findingSays(isms.ConditionCorrectiveActionOnTime, metav1.ConditionFalse)(f)
		})}},
		"planned, without a plan":           {control: planned()},
		"planned work":                      {control: planned(), risks: []isms.Risk{treatmentPlan()}, by: "network"},
		"work in progress":                  {control: planned(func(i *isms.Implementation) { i.State = isms.StateInProgress }), risks: []isms.Risk{treatmentPlan()}, by: "network"},
		"not started":                       {control: planned(func(i *isms.Implementation) { i.State = isms.StateNotStarted }), risks: []isms.Risk{treatmentPlan()}},
		"after its own date":                {control: planned(func(i *isms.Implementation) { i.TargetDate = "2026-11-20" }), risks: []isms.Risk{treatmentPlan()}},
		"said to be implemented":            {control: fails, risks: []isms.Risk{treatmentPlan()}},
		"a plan of another control":         {control: planned(), risks: []isms.Risk{treatmentPlan(func(t *isms.RiskTreatment) { t.Controls = []isms.ControlID{"A.8.2"} })}},
		"a plan without a day":              {control: planned(), risks: []isms.Risk{treatmentPlan(func(t *isms.RiskTreatment) { t.DueDate = "" })}},
		"a plan that is overdue":            {control: planned(), risks: []isms.Risk{treatmentPlan(func(t *isms.RiskTreatment) { t.DueDate = "2026-11-20" })}},
		"a plan that is done":               {control: planned(), risks: []isms.Risk{treatmentPlan(func(t *isms.RiskTreatment) { t.CompletedOn = "2026-11-20" })}},
		"a plan that nobody approved":       {control: planned(), risks: []isms.Risk{treatmentPlan(func(t *isms.RiskTreatment) { t.Approval = nil })}},
		"a plan to be approved":             {control: planned(), risks: []isms.Risk{treatmentPlan(func(t *isms.RiskTreatment) { t.Approval.ApprovedOn = "2026-11-22" })}},
		"a plan approved by somebody else":  {control: planned(), risks: []isms.Risk{treatmentPlan(func(t *isms.RiskTreatment) { t.Approval.ApprovedBy = doe })}},
		"a risk that is retained":           {control: planned(), risks: []isms.Risk{treatmentPlan(func(t *isms.RiskTreatment) { t.Option = isms.TreatmentRetain })}},
		"planned work, and a Major besides": {control: planned(), risks: []isms.Risk{treatmentPlan()}, findings: minor(func(f *isms.Finding) { f.Spec.Severity = isms.SeverityMajor })},
		"planned, and a Minor":              {control: planned(), findings: minor(), by: "nc-1"},
	} {
		t.Run(name, func(t *testing.T) {
			in := cycleInput(cycle(), tc.control, control("A.5.1"))
			in.Findings, in.Risks = tc.findings, tc.risks
			out := assessCycle(t, in)
			want, says := "False ControlsNotSatisfied", "Not satisfied: A.8.22 (ObjectsFailed)."
			counts := isms.CycleControls{Applicable: 2, Satisfied: 1, Blocking: 1, SatisfiedOfApplicable: "1/2"}
			if tc.control.Spec.Implementation.State != isms.StateImplemented {
				says = "Not satisfied: A.8.22 (NotImplemented)."
			}
			if tc.by != "" {
				want, says = "True DeviationsHandled", "Handled: A.8.22 ("+tc.by+")."
				counts.Blocking, counts.DeviationsHandled = 0, 1
			}
			list := out.Status.Conditions
			if got := state(list, isms.ConditionControlsSatisfied); got != want || message(list, isms.ConditionControlsSatisfied) != says {
				t.Errorf("got %s, %q; want %s, %q", got, message(list, isms.ConditionControlsSatisfied), want, says)
			}
			if diff := cmp.Diff(&counts, out.Status.Controls); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHandlingEndsWithItsDay: the plan is looked at again when the last day of what handles a deviation is over. And what is
// Unknown nobody handles.
func TestHandlingEndsWithItsDay(t *testing.T) {
	midnight := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	c := control("A.8.22", satisfied(metav1.ConditionFalse, isms.ReasonPlanned, 0))
	c.Spec.Implementation.State = isms.StatePlanned
	in := cycleInput(cycle(), c)
	in.Risks = []isms.Risk{treatmentPlan()}
	if out := Cycle(in); !out.RequeueAt.Equal(midnight) {
		t.Errorf("looks again at %s, want %s", out.RequeueAt, midnight)
	}
	in.Now = midnight
	if got := state(Cycle(in).Status.Conditions, isms.ConditionControlsSatisfied); got != "False ControlsNotSatisfied" {
		t.Errorf("after the last day: %s", got)
	}
	in = cycleInput(cycle(), control("A.8.22", satisfied(metav1.ConditionUnknown, isms.ReasonNotSynced, 0)))
	in.Findings = []isms.Finding{handledMinor()}
	if got := state(Cycle(in).Status.Conditions, isms.ConditionControlsSatisfied); got != "Unknown ControlsUnknown" {
		t.Errorf("an unknown control with a Minor: %s", got)
	}
}
