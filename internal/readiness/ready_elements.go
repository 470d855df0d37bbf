// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// Names of the elements that have no condition of their own, as messages show them.
const (
	elementTreatmentPlan = "TreatmentPlan"
	elementAuditDated    = "InternalAuditDated"
	elementReviewDated   = "ManagementReviewDated"
	elementStage1Outcome = "Stage1Outcome"
	elementConcerns      = "AreasOfConcern"
	elementCertificate   = "Certificate"
	elementComplaints    = "Complaints"
	elementChanges       = "Changes"
	elementMarks         = "UseOfMarks"
	elementLegal         = "LegalCompliance"
	elementIncidents     = "Incidents"
	elementExternal      = "ExternalCommunications"
	elementImprovement   = "Improvement"
	elementSurveillance  = "SurveillanceDone"
	requirementTreatment = "6.1.3"
	requirementImproving = "10.1"
	requirementTelling   = "7.4"
)

func element(name string, needs ...need) gate { return gate{name, join(needs, "")} }

// stage1Elements: the plan of treatment is approved (27001, 6.1.3), and internal audit and management review are
// performed, or dated before Stage 2 (ISO/IEC 17021-1, 9.3.1.2.2 g).
func (c *cycleAssessment) stage1Elements() []gate {
	before := c.stage2Begins()
	dated := func(performed, planned isms.Date) bool {
		return c.clock.Come(performed) || !c.clock.Over(planned) && (before == "" || planned < before)
	}
	audit := slices.ContainsFunc(c.cycle.Spec.InternalAudits, func(a isms.InternalAudit) bool { return dated(a.PerformedOn, a.PlannedOn) })
	review := slices.ContainsFunc(c.cycle.Spec.ManagementReviews, func(r isms.ManagementReview) bool {
		return dated(r.PerformedOn, r.PlannedOn)
	})
	return []gate{
		element(elementTreatmentPlan, c.requirement(requirementTreatment)),
		element(elementAuditDated, want(audit, isms.ReasonMissing, "Date an internal audit before Stage 2.")),
		element(elementReviewDated, want(review, isms.ReasonMissing, "Date a management review before Stage 2.")),
	}
}

// stage2Begins is the first day of the next Stage 2; empty where none is planned.
func (c *cycleAssessment) stage2Begins() isms.Date {
	for _, a := range c.calendar.open() {
		if a.Type == isms.AuditStage2 {
			return firstDay(a)
		}
	}
	return ""
}

// requirement takes a clause requirement over from the scope, if the scope was assessed as it stands.
func (c *cycleAssessment) requirement(id isms.ClauseID) need {
	scope := c.in.Scope
	for _, r := range scope.Status.Requirements {
		if r.ID == id && scope.Status.ObservedGeneration == scope.Generation {
			switch r.Status {
			case isms.RequirementEvidenced:
				return want(true, "", "")
			case isms.RequirementNotEvidenced:
				return want(false, r.Reason, r.Message)
			}
			return from(unknown(r.Reason, r.Message))
		}
	}
	return from(notYetAssessed())
}

// stage2Elements: Stage 1 took place, the certification body goes on, and what it was concerned about is resolved
// (ISO/IEC 17021-1, 9.3.1.2.3 and 9.3.1.2.4); the report of Stage 1 exists, where one is named (27006-1, 9.3.2.1).
func (c *cycleAssessment) stage2Elements() []gate {
	stage1 := c.calendar.last(isms.AuditStage1)
	outcome := want(stage1 != nil, isms.ReasonMissing, "Stage 1 has not taken place.")
	if stage1 != nil {
		outcome = want(stage1.Outcome == isms.OutcomeReadyForStage2, isms.ReasonIncomplete, "Stage 1 did not end with ReadyForStage2.")
	}
	outcomes := []need{outcome}
	if stage1 != nil {
		outcomes = append(outcomes, c.reportsKept(*stage1)...)
	}
	concerns := c.open(func(f *isms.Finding) bool { return f.Spec.Severity == isms.SeverityAreaOfConcern })
	return []gate{
		element(elementStage1Outcome, outcomes...),
		element(elementConcerns, want(len(concerns) == 0, isms.ReasonOpen, "Resolve "+conditions.Names(concerns)+".")),
	}
}

// reportsKept asks that what audits of the certification body name as their report exists. Nothing obliges anybody to name it.
func (c *cycleAssessment) reportsKept(audits ...isms.Audit) []need {
	return each(audits, func(a isms.Audit) string { return string(a.Name) }, func(a isms.Audit) (metav1.ConditionStatus, string) {
		if a.ReportRef != nil && completed(a, c.clock) && !c.records.exists(a.ReportRef) {
			return metav1.ConditionFalse, isms.ReasonReferenceNotFound
		}
		return metav1.ConditionTrue, ""
	}, func(string) string { return "Name in reportRef the Document of the report of the audit" })
}
