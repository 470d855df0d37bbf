// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
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
	elementImprovement   = "Improvement"
	elementSurveillance  = "SurveillanceDone"
	requirementTreatment = "6.1.3"
	requirementImproving = "10.1"
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
// (ISO/IEC 17021-1, 9.3.1.2.3 and 9.3.1.2.4).
func (c *cycleAssessment) stage2Elements() []gate {
	stage1 := c.calendar.last(isms.AuditStage1)
	outcome := want(stage1 != nil, isms.ReasonMissing, "Stage 1 has not taken place.")
	if stage1 != nil {
		outcome = want(stage1.Outcome == isms.OutcomeReadyForStage2, isms.ReasonIncomplete, "Stage 1 did not end with ReadyForStage2.")
	}
	concerns := c.open(func(f *isms.Finding) bool { return f.Spec.Severity == isms.SeverityAreaOfConcern })
	return []gate{
		element(elementStage1Outcome, outcome),
		element(elementConcerns, want(len(concerns) == 0, isms.ReasonOpen, "Resolve "+conditions.Names(concerns)+".")),
	}
}

// surveillanceElements are what a surveillance audit must look at and no condition answers (ISO/IEC 17021-1, 9.6.2.2 c, e,
// g and h; 27006-1, 9.6.2). How old records of marks and legal compliance may be is practice.
func (c *cycleAssessment) surveillanceElements() []gate {
	at := c.calendar.certificate()
	holds := at == isms.StageCertified || at == isms.StageSuspended
	var m isms.Maintenance
	if c.cycle.Spec.Maintenance != nil {
		m = *c.cycle.Spec.Maintenance
	}
	late, untold := 0, 0
	for _, complaint := range m.Complaints {
		limit := assess.AddDays(complaint.ReceivedOn, c.calendar.practice.ComplaintDays)
		if !c.clock.Come(complaint.ResolvedOn) && c.clock.Over(limit) {
			late++
		}
	}
	for _, change := range m.Changes {
		if c.clock.Come(change.ChangedOn) && !c.clock.Come(change.NotifiedBodyOn) {
			untold++
		}
	}
	marks := m.UseOfMarks != nil && c.recent(m.UseOfMarks.ReviewedOn)
	legal := m.LegalCompliance != nil && c.recent(m.LegalCompliance.EvaluatedOn)
	return []gate{
		element(elementCertificate, want(holds, isms.ReasonMissing, "There is no certificate to survey.")),
		element(elementComplaints, want(late == 0, isms.ReasonOverdue, fmt.Sprintf("Resolve %s.", conditions.Count(late, "overdue complaint")))),
		element(elementChanges, want(untold == 0, isms.ReasonIncomplete,
			fmt.Sprintf("Tell the certification body of %s.", conditions.Count(untold, "change")))),
		element(elementMarks, want(marks, isms.ReasonMissing, "Review the use of certificate and marks.")),
		element(elementLegal, want(legal, isms.ReasonMissing, "Evaluate legal compliance.")),
		element(elementImprovement, c.requirement(requirementImproving)),
	}
}

// recent says whether a day has come and is not longer ago than maintenanceReviewDays.
func (c *cycleAssessment) recent(d isms.Date) bool {
	return c.clock.Come(d) && !c.clock.Over(assess.AddDays(d, c.calendar.practice.MaintenanceReviewDays))
}

// recertificationElements are those of surveillance, and that the audits of the whole cycle took place (ISO/IEC 17021-1,
// 9.6.3.1.2); that the certificate has expired since makes up for none. In a cycle that renews a certificate of an earlier one
// the certificate is that one.
func (c *cycleAssessment) recertificationElements() []gate {
	k := c.calendar
	gates := c.surveillanceElements()
	gates[0] = element(elementCertificate, want(k.toRenew() != "", isms.ReasonMissing, "There is no certificate to renew."))
	missed := overdue(append(k.firstOwed(), k.yearlyOwed()...))
	return append(gates, element(elementSurveillance, want(!missed, isms.ReasonOverdue, "A surveillance audit of the cycle is overdue.")))
}
