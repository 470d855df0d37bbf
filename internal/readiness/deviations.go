// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// handledBy names the Finding or the Risk by which the deviation of a control is handled: an open Minor with its plan on
// time (27001, 10.2), or planned work in an approved treatment plan that is on time (27001, 6.1.3 d and e, which let a
// necessary control be not implemented yet). It is empty where nothing does, or where a Major on the control is open.
func (c *cycleAssessment) handledBy(control *isms.Control) string {
	var minors []*isms.Finding
	for _, f := range c.findings {
		if f.Spec.Requirement != control.Spec.ID || !assess.Nonconformity(f) || !assess.FindingOpen(f, c.clock) {
			continue
		}
		if f.Spec.Severity == isms.SeverityMajor || !c.planOnTime(f) {
			return ""
		}
		minors = append(minors, f)
	}
	if len(minors) > 0 {
		return minors[0].Name
	}
	return c.plannedWork(control)
}

// planOnTime says whether a nonconformity was raised, and has a plan that is complete and on time, as the operator says
// of it as it stands.
func (c *cycleAssessment) planOnTime(f *isms.Finding) bool {
	holds := func(conditionType string) bool {
		status, _ := condition(f.Status.Conditions, f.Generation, conditionType)
		return status == metav1.ConditionTrue
	}
	return c.clock.Come(f.Spec.RaisedOn) && holds(isms.ConditionCorrectiveActionPlanned) && holds(isms.ConditionCorrectiveActionOnTime)
}

// plannedWork names the first Risk whose treatment plan carries the implementation of a control that says to be planned
// or in progress, not after its own target date.
func (c *cycleAssessment) plannedWork(control *isms.Control) string {
	i := control.Spec.Implementation
	if i == nil || i.State != isms.StatePlanned && i.State != isms.StateInProgress || i.TargetDate != "" && c.clock.Over(i.TargetDate) {
		return ""
	}
	for _, r := range c.risks {
		if t := r.Spec.Treatment; t != nil && slices.Contains(t.Controls, control.Spec.ID) && c.treatmentOnTime(r) {
			return r.Name
		}
	}
	return ""
}

// treatmentOnTime says whether the treatment of a risk is work that its owner has approved, that is not done, and whose
// day is not over. What is retained is no work.
func (c *cycleAssessment) treatmentOnTime(r *isms.Risk) bool {
	t := r.Spec.Treatment
	approved := t.Approval != nil && c.clock.Come(t.Approval.ApprovedOn) && assess.SamePerson(t.Approval.ApprovedBy, r.Spec.Owner)
	open := t.DueDate != "" && !c.clock.Over(t.DueDate) && !c.clock.Come(t.CompletedOn)
	return approved && open && t.Option != isms.TreatmentRetain && !assess.Suspended(r)
}
