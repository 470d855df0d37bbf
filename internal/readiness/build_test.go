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
				Issues:            []isms.Issue{{Name: "Growth", Origin: "External"}},
				ClimateChange:     &isms.ClimateChange{Relevance: "NotRelevant", Rationale: "No exposed site."},
				InterestedParties: []isms.InterestedParty{{Name: "Customers"}},
			},
			Evidence: &isms.ScopeEvidence{},
		},
	}
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
