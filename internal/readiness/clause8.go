// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
)

// processesOperated is about clause 8.1: what clause 6 decided is carried out, records show that it is, and what
// suppliers provide is controlled.
func (s *scopeAssessment) processesOperated() []need {
	controls := s.applicable()
	needs := []need{declared(len(controls) > 0, "Record the controls of the scope as Controls.")}
	needs = append(needs, each(controls, controlID, func(c *isms.Control) (metav1.ConditionStatus, string) {
		if i := c.Spec.Implementation; i == nil || i.State != isms.StateImplemented {
			return metav1.ConditionFalse, isms.ReasonControlsNotImplemented
		}
		return metav1.ConditionTrue, ""
	}, func(string) string { return "Implement the control" })...)
	recorded, why := s.attested(func(t *isms.Attestation) bool { return len(t.Spec.Controls) > 0 })
	needs = append(needs, need{
		recorded, why,
		"Record the operation of controls: the last Attestation that lists controls must have passed, and be younger than a year.",
	})
	return append(needs, s.suppliersControlled()...)
}

// suppliersControlled asks for a register of suppliers in review, where something is provided from outside.
func (s *scopeAssessment) suppliersControlled() []need {
	supplied := func(i isms.ScopeInterface) bool { return i.Type == isms.InterfaceSupplier }
	if !slices.ContainsFunc(s.boundaries().Interfaces, supplied) {
		return nil
	}
	suppliers := s.register(isms.RegisterSupplier)
	return append(
		[]need{want(len(suppliers) > 0, isms.ReasonMissing, "Record the suppliers as RegisterEntries of register Supplier.")},
		each(suppliers, entryName, func(e *isms.RegisterEntry) (metav1.ConditionStatus, string) {
			return condition(e.Status.Conditions, e.Generation, isms.ConditionReviewCurrent)
		}, func(string) string { return "Review the supplier" })...,
	)
}

// assessmentsCurrent is about clause 8.2: assessments at planned intervals.
func (s *scopeAssessment) assessmentsCurrent() []need {
	needs := append([]need{s.anyRisk()}, s.eachRiskIs(isms.ConditionAssessed, "Assess the risk")...)
	return append(needs, s.eachRiskIs(isms.ConditionReviewCurrent, "Assess the risk again")...)
}

// treatmentImplemented is about clause 8.3.
func (s *scopeAssessment) treatmentImplemented() []need {
	return append([]need{s.anyRisk()}, s.eachRisk(treated, "Carry out the treatment of the risk")...)
}

// treated says whether the treatment of a risk is decided, approved and carried out. That one of its controls is not
// satisfied at present is no lack of treatment: it is a deviation, which ControlsSatisfied judges, with its grace days.
func treated(r *isms.Risk) (metav1.ConditionStatus, string) {
	status, reason := condition(r.Status.Conditions, r.Generation, isms.ConditionTreated)
	if reason != isms.ReasonControlsNotSatisfied && reason != isms.ReasonControlsUnknown {
		return status, reason
	}
	// Behind the failing control the Risk may hide that its approval is not known to be the owner's.
	if t := r.Spec.Treatment; t == nil || t.Approval != nil && !assess.SamePerson(t.Approval.ApprovedBy, r.Spec.Owner) {
		return metav1.ConditionUnknown, isms.ReasonOwnerNotVerifiable
	}
	return metav1.ConditionTrue, ""
}

// unsupported names the risks whose residual level rests on controls that are not satisfied at present.
func (s *scopeAssessment) unsupported() []string {
	var names []string
	for _, r := range s.risks {
		status, _ := condition(r.Status.Conditions, r.Generation, isms.ConditionTreated)
		if now, _ := treated(r); now == metav1.ConditionTrue && status != metav1.ConditionTrue {
			names = append(names, r.Name)
		}
	}
	return names
}

// applicable are the controls that are not excluded, in the order of the standard.
func (s *scopeAssessment) applicable() []*isms.Control {
	var list []*isms.Control
	for _, c := range s.controls {
		if c.Spec.Applicability.Decision != isms.DecisionExcluded {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *isms.Control) int {
		return cmp.Or(catalogue.CompareIDs(controlID(a), controlID(b)), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func controlID(c *isms.Control) string { return string(c.Spec.ID) }
