// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// surveillanceElements are what a surveillance audit must look at and no condition answers (ISO/IEC 17021-1, 9.6.2.2 c, e,
// g and h; 27006-1, 9.6.2). Of it the standards name the subject, not what is enough: how old a record may be is practice.
func (c *cycleAssessment) surveillanceElements() []gate {
	at := c.calendar.certificate()
	holds := at == isms.StageCertified || at == isms.StageSuspended
	late, untold := c.lateComplaints(), c.untoldChanges()
	return []gate{
		element(elementCertificate, want(holds, isms.ReasonMissing, "There is no certificate to survey.")),
		element(elementComplaints, want(late == 0, isms.ReasonOverdue, fmt.Sprintf("Resolve %s.", conditions.Count(late, "overdue complaint")))),
		element(elementChanges, want(untold == 0, isms.ReasonIncomplete,
			fmt.Sprintf("Tell the certification body of %s.", conditions.Count(untold, "change")))),
		element(elementMarks, c.marksReviewed()...),
		element(elementLegal, c.lawEvaluated()...),
		element(elementIncidents, c.incidentsHandled()...),
		element(elementExternal, c.externallyHeard()...),
		element(elementImprovement, c.requirement(requirementImproving)),
	}
}

func (c *cycleAssessment) maintenance() isms.Maintenance {
	if m := c.cycle.Spec.Maintenance; m != nil {
		return *m
	}
	return isms.Maintenance{}
}

// lateComplaints are those that are unresolved after complaintDays (ISO/IEC 17021-1, 9.6.2.2 c; the days are practice).
func (c *cycleAssessment) lateComplaints() int {
	late := 0
	for _, complaint := range c.maintenance().Complaints {
		limit := assess.AddDays(complaint.ReceivedOn, c.calendar.practice.ComplaintDays)
		if !c.clock.Come(complaint.ResolvedOn) && c.clock.Over(limit) {
			late++
		}
	}
	return late
}

// untoldChanges are those of which the certification body has not heard (ISO/IEC 17021-1, 9.6.2.2 g and 8.5.3).
func (c *cycleAssessment) untoldChanges() int {
	untold := 0
	for _, change := range c.maintenance().Changes {
		if c.clock.Come(change.ChangedOn) && !c.clock.Come(change.NotifiedBodyOn) {
			untold++
		}
	}
	return untold
}

// marksReviewed: the use of certificate and marks was reviewed (ISO/IEC 17021-1, 9.6.2.2 h), and, where the scope was
// reduced, R11, since then: whatever refers to the certificate has to be amended (8.3.4).
func (c *cycleAssessment) marksReviewed() []need {
	var reviewed isms.Date
	if m := c.maintenance().UseOfMarks; m != nil {
		reviewed = m.ReviewedOn
	}
	reduced := c.calendar.lastEvent(isms.CertificateScopeReduced)
	return []need{
		want(c.recent(reviewed), isms.ReasonMissing, "Review the use of certificate and marks."),
		want(reviewed == "" || reviewed >= reduced, isms.ReasonIncomplete,
			"Review the use of certificate and marks again: the scope was reduced since."),
	}
}

// lawEvaluated: compliance with the law was evaluated, and the record that is named exists (ISO/IEC 27006-1, 9.6.2).
func (c *cycleAssessment) lawEvaluated() []need {
	law := c.maintenance().LegalCompliance
	if law == nil {
		return []need{want(false, isms.ReasonMissing, "Evaluate legal compliance.")}
	}
	s, name := c.records, string(law.Ref.Name)
	kept := name != "" && (s.exists(&law.Ref) ||
		len(assess.Records(s.in.Attestations, s.scope.Name, s.clock, func(t *isms.Attestation) bool { return t.Name == name })) > 0)
	return []need{
		want(c.recent(law.EvaluatedOn), isms.ReasonMissing, "Evaluate legal compliance."),
		want(kept, isms.ReasonReferenceNotFound, "Name the Document or the Attestation of the evaluation in maintenance.legalCompliance.ref."),
	}
}

// incidentControls are those of Annex A on incidents: preparation, decision, response, learning.
var incidentControls = []isms.ControlID{"A.5.24", "A.5.25", "A.5.26", "A.5.27"}

// incidentsHandled: no incident is overdue by the day that its own entry sets, and something shows of the last recordDays that
// incidents are dealt with: one that was resolved, or, where there was none, a passed record on a control on incidents (ISO/IEC
// 27006-1, 9.6.2). That an open incident needs a day, and how old a record may be, is practice.
func (c *cycleAssessment) incidentsHandled() []need {
	s := c.records
	incidents := s.register(isms.RegisterIncident)
	needs := each(incidents, entryName, handledIncident, func(reason string) string {
		if reason == isms.ReasonIncomplete {
			return "Give the dueDate of the incident"
		}
		return "Resolve the incident"
	})
	resolved := func(e *isms.RegisterEntry) bool {
		status, _ := condition(e.Status.Conditions, e.Generation, isms.ConditionResolved)
		return status == metav1.ConditionTrue && e.Spec.Incident != nil && s.clock.Come(e.Spec.Incident.ResolvedOn) &&
			!s.clock.Over(assess.AddDays(e.Spec.Incident.ResolvedOn, programmeOf(s.scope).RecordDays))
	}
	if slices.ContainsFunc(incidents, resolved) {
		return append(needs, want(true, "", ""))
	}
	status, reason := s.attested(func(t *isms.Attestation) bool {
		return slices.ContainsFunc(t.Spec.Controls, func(id isms.ControlID) bool { return slices.Contains(incidentControls, id) })
	})
	const todo = "Record the incidents as RegisterEntries, or, if there was none, that as an Attestation on one of A.5.24 to A.5.27."
	if reason == isms.ReasonMissing {
		return append(needs, declared(false, todo))
	}
	return append(needs, need{status, reason, todo})
}

// handledIncident judges one incident by what the operator said of its entry: one that is open is handled until its dueDate.
func handledIncident(e *isms.RegisterEntry) (metav1.ConditionStatus, string) {
	status, reason := condition(e.Status.Conditions, e.Generation, isms.ConditionResolved)
	switch {
	case status != metav1.ConditionFalse || reason == isms.ReasonOverdue:
		return status, reason
	case e.Spec.Incident == nil || e.Spec.Incident.DueDate == "":
		return metav1.ConditionUnknown, isms.ReasonIncomplete
	}
	return metav1.ConditionTrue, ""
}

// externallyHeard: it is settled how the organization communicates with others, and its management heard what they say
// (ISO/IEC 27006-1, 9.6.2: communications from external parties; 27001, 7.4 and 9.3.2 e).
func (c *cycleAssessment) externallyHeard() []need {
	const todo = "Consider InterestedPartyFeedback in the management review."
	needs, last := []need{c.requirement(requirementTelling)}, c.records.lastReview()
	if last == nil { // which ManagementReviewComplete asks for
		return append(needs, declared(false, todo))
	}
	return append(needs, want(slices.Contains(last.Inputs, isms.InputInterestedPartyFeedback), isms.ReasonIncomplete, todo))
}

// recent says whether a day has come and is not longer ago than maintenanceReviewDays.
func (c *cycleAssessment) recent(d isms.Date) bool {
	return c.clock.Come(d) && !c.clock.Over(assess.AddDays(d, c.calendar.practice.MaintenanceReviewDays))
}

// recertificationElements are those of surveillance, and that the audits of the whole cycle took place, and their reports
// exist, where they are named (ISO/IEC 17021-1, 9.6.3.1.2); that the certificate has expired since makes up for none. In a
// cycle that renews a certificate of an earlier one the certificate is that one.
func (c *cycleAssessment) recertificationElements() []gate {
	k := c.calendar
	gates := c.surveillanceElements()
	gates[0] = element(elementCertificate, want(k.toRenew() != "", isms.ReasonMissing, "There is no certificate to renew."))
	missed := overdue(k.surveillanceOwed())
	done := append(c.reportsKept(c.cycle.Spec.Audits...), want(!missed, isms.ReasonOverdue, "A surveillance audit of the cycle is overdue."))
	return append(gates, element(elementSurveillance, done...))
}
