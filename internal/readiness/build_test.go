// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// now is the moment at which most tests assess.
var now = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

var (
	doe = isms.Person{Name: "J. Doe", Email: "j.doe@example.com"}
	roe = isms.Person{Name: "R. Roe", Email: "r.roe@example.com"}
)

func acme() *isms.ISMSScope {
	return &isms.ISMSScope{
		ObjectMeta: metav1.ObjectMeta{Name: "acme", Generation: 2},
		Spec: isms.ISMSScopeSpec{
			Organization: "Acme", Statement: "Operation of the platform.", Framework: isms.FrameworkISO27001,
			Boundaries: &isms.Boundaries{
				Included:   &isms.Inclusion{Units: []isms.ShortText{"Engineering"}},
				Interfaces: []isms.ScopeInterface{{Name: "Cloud provider", Type: "Supplier"}},
			},
			Context: &isms.OrganizationContext{
				Issues:            []isms.Issue{{Name: "Growth", Origin: "External"}, {Name: "Turnover", Origin: "Internal"}},
				ClimateChange:     &isms.ClimateChange{Relevance: "NotRelevant", Rationale: "No exposed site."},
				InterestedParties: []isms.InterestedParty{{Name: "Customers", Requirements: []isms.ShortText{"Security annex"}}},
			},
			Leadership: &isms.Leadership{
				Sponsor: &isms.Sponsor{Person: doe, Role: "CEO"}, Resources: "Two posts.",
				Roles: []isms.RoleAssignment{{Role: "CISO", Holder: roe}},
			},
			Objectives: []isms.Objective{{Name: "mfa", Measure: "Share", Target: "100 %", Actions: "Keys.", Owner: roe, DueDate: "2027-03-31"}},
			RiskManagement: &isms.RiskManagement{
				Method: isms.MethodISO27005, AssessmentIntervalDays: 365,
				Criteria: isms.RiskCriteria{PerformedWhen: "Yearly.", Acceptance: isms.RiskAcceptanceCriteria{MaxLevel: "Medium"}},
			},
			Evidence: &isms.ScopeEvidence{}, Requirements: plans(),
		},
	}
}

// plans give each clause requirement an owner and a date.
func plans() []isms.ClauseRequirement {
	var list []isms.ClauseRequirement
	for _, c := range catalogue.Clauses() {
		list = append(list, isms.ClauseRequirement{ID: isms.ClauseID(c.ID), Owner: roe, TargetDate: "2027-12-31"})
	}
	return list
}

// control is an applicable, implemented control that is Satisfied since yesterday.
func control(id string, changes ...func(*isms.Control)) isms.Control {
	c := isms.Control{
		ObjectMeta: metav1.ObjectMeta{Name: "c-" + id, Generation: 1},
		Spec: isms.ControlSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Source: isms.SourceAnnexA, ID: isms.ControlID(id),
			Applicability:  isms.Applicability{Decision: isms.DecisionApplicable},
			Implementation: &isms.Implementation{State: isms.StateImplemented},
		},
	}
	satisfied(metav1.ConditionTrue, isms.ReasonSatisfied, 24*time.Hour)(&c)
	for _, change := range changes {
		change(&c)
	}
	return c
}

func satisfied(status metav1.ConditionStatus, reason string, since time.Duration) func(*isms.Control) {
	return func(c *isms.Control) {
		c.Status.Conditions = []metav1.Condition{{
			Type: isms.ConditionSatisfied, Status: status, Reason: reason, LastTransitionTime: metav1.NewTime(now.Add(-since)),
		}}
	}
}

func excluded(c *isms.Control) { c.Spec.Applicability.Decision = isms.DecisionExcluded }

func notImplemented(c *isms.Control) { c.Spec.Implementation = nil }

func elsewhere(c *isms.Control) { c.Spec.ScopeRef.Name = "other" }

// annexA is one control for each id of Annex A, except the ones that are left out.
func annexA(without ...string) []isms.Control {
	var list []isms.Control
	for _, c := range catalogue.Controls() {
		omitted := false
		for _, id := range without {
			omitted = omitted || id == c.ID
		}
		if !omitted {
			list = append(list, control(c.ID))
		}
	}
	return list
}

// documents are one approved Document for each mandatory type of Stage 1, except the ones that are left out.
func documents(without ...string) []isms.Document {
	var list []isms.Document
	for _, d := range catalogue.Documents() {
		omitted := d.Stage != catalogue.Stage1
		for _, t := range without {
			omitted = omitted || t == d.Type
		}
		if !omitted {
			list = append(list, document(d.Type, "2026-06-01"))
		}
	}
	return list
}

func document(documentType string, approvedOn isms.Date) isms.Document {
	return isms.Document{
		ObjectMeta: metav1.ObjectMeta{Name: "d-" + documentType},
		Spec: isms.DocumentSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Type: isms.TypeName(documentType), Version: "1.0",
			Approval: &isms.DocumentApproval{Version: "1.0", Approval: isms.Approval{ApprovedOn: approvedOn}},
			Source:   isms.DocumentSource{URL: "https://git.example.com/d.md"},
		},
	}
}

func scopeInput() ScopeInput {
	return ScopeInput{
		Scope: acme(), Controls: annexA(), Documents: documents(), Alive: true, Now: now,
		Risks: []isms.Risk{risk("network")},
		Attestations: []isms.Attestation{
			attestation("mfa-q3", "Measurement", "2026-10-01", func(t *isms.Attestation) {
				t.Spec.Objective = &isms.ObjectiveMeasurement{Name: "mfa", Value: "97 %", Met: isms.No}
			}),
			attestation("training", "AwarenessTraining", "2026-06-16", took(85, 84)),
		},
		Namespaces: tally.Namespaces{InScope: []string{"shop"}, Excluded: []string{"kube-system"}, Complete: true},
	}
}

// state is what of a condition the tables compare.
func state(list []metav1.Condition, conditionType string) string {
	c := conditions.Get(list, conditionType)
	if c == nil {
		return "absent"
	}
	return string(c.Status) + " " + c.Reason
}

func message(list []metav1.Condition, conditionType string) string {
	if c := conditions.Get(list, conditionType); c != nil {
		return c.Message
	}
	return ""
}

// risk is one of which the operator has said that all holds.
func risk(name string, changes ...func(*isms.Risk)) isms.Risk {
	r := isms.Risk{
		ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 3},
		Spec: isms.RiskSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Title: "Access through the network", Owner: roe,
			Treatment: &isms.RiskTreatment{
				Option: isms.TreatmentModify, Controls: []isms.ControlID{"A.8.22"}, Approval: &isms.Approval{ApprovedBy: roe, ApprovedOn: "2026-05-10"},
			},
		},
	}
	r.Status.Conditions = holding(3, isms.ConditionAssessed, isms.ConditionTreated, isms.ConditionResidualAccepted, isms.ConditionReviewCurrent)
	for _, change := range changes {
		change(&r)
	}
	return r
}

// holding are conditions that are True of a generation.
func holding(generation int64, types ...string) []metav1.Condition {
	var list []metav1.Condition
	for _, t := range types {
		list = append(list, metav1.Condition{Type: t, Status: metav1.ConditionTrue, Reason: "Fine", ObservedGeneration: generation})
	}
	return list
}

// riskIs sets one condition of a risk.
func riskIs(conditionType string, status metav1.ConditionStatus, reason string) func(*isms.Risk) {
	return func(r *isms.Risk) {
		c := conditions.Get(r.Status.Conditions, conditionType)
		c.Status, c.Reason = status, reason
	}
}

func attestation(name string, attestationType isms.TypeName, performedOn isms.Date, changes ...func(*isms.Attestation)) isms.Attestation {
	t := isms.Attestation{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: isms.AttestationSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Type: attestationType, Outcome: isms.OutcomePass, PerformedOn: performedOn,
		},
	}
	for _, change := range changes {
		change(&t)
	}
	return t
}

func took(expected, completed int32) func(*isms.Attestation) {
	return func(t *isms.Attestation) {
		t.Spec.Participants = &isms.Participants{Expected: expected, Completed: &completed}
	}
}
