// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// finding is a Minor of the internal audit ia-1 of the world's cycle, on a requirement, with a plan that is due in a week.
func (w *world) finding(name, requirement string, raisedOn isms.Date, change ...func(*isms.FindingSpec)) *isms.Finding {
	f := &isms.Finding{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: name},
		Spec: isms.FindingSpec{
			ScopeRef: isms.LocalRef{Name: scopeName}, Severity: isms.SeverityMinor, Source: isms.FindingFromInternalAudit,
			AuditRef: &isms.AuditRef{Cycle: "acme-2026", Audit: "ia-1"}, Requirement: isms.ControlID(requirement), RaisedOn: raisedOn,
			Statement: "Restores were not tested.", ObjectiveEvidence: "The log has no entry.",
			Correction: "Tested.", RootCause: "Nobody owned the job.", SimilarCasesReviewed: "Two more.",
			CorrectiveAction: &isms.CorrectiveAction{Description: "An owner is required.", Owner: roe, DueDate: w.day(7)},
		},
	}
	for _, c := range change {
		c(&f.Spec)
	}
	return f
}

// audited is the world's cycle with an internal audit of a month ago and another one that is planned.
func (w *world) audited() *isms.AuditCycle {
	c := w.cycle()
	c.Spec.InternalAudits = []isms.InternalAudit{
		{
			Name: "ia-1", PlannedOn: w.day(-31), PerformedOn: w.day(-30), Criteria: []isms.ShortText{"ISO27001-2022"},
			Auditors: []isms.Auditor{{Person: smith}}, ControlCoverage: isms.CoverageAll,
		},
		{Name: "ia-2", PlannedOn: w.day(3)},
	}
	return c
}

// resolve is a patch that says that the action is done, and that somebody else found it effective.
func (w *world) resolve() string {
	today := string(w.day(0))
	return `{"spec":{"correctiveAction":{"completedOn":"` + today + `","performedBy":{"name":"R. Roe","email":"r.roe@example.com"}},` +
		`"effectivenessReview":{"reviewedOn":"` + today + `","by":{"name":"A. Smith","email":"a.smith@example.com"},"outcome":"Effective"}}}`
}

// TestFindingFromRaisedToClosed follows a finding and the control that it is about.
func TestFindingFromRaisedToClosed(t *testing.T) {
	w := newLoneWorld(t)
	w.create(somePod(w.namespace("shop"), "web", "yes"))
	control, finding, cycle := w.control("A.8.13", approved()), w.finding("nc-1", "A.8.13", w.day(-30)), w.audited()
	w.create(w.scope(), control, cycle, finding)
	w.want(finding, "Ready True Assessed", "CorrectiveActionPlanned True CorrectiveActionPlanned",
		"CorrectiveActionOnTime True CorrectiveActionOnTime", "AcceptedForDecision Unknown NotRequired", "Closed False Open",
		"SeverityAdequate True SeverityAdequate", "ReferencesResolved True ReferencesResolved")
	w.want(control, "Satisfied False OpenNonconformity", "result Effective")
	w.wantEvent(finding, "Warning Open Closed is False: ")
	if got := finding.Status.DueOn; got != w.day(7) {
		t.Errorf("due on %s", got)
	}

	w.merge(finding, w.resolve())
	w.want(finding, "Closed True Closed", "CorrectiveActionOnTime True CorrectiveActionOnTime")
	w.want(control, "Satisfied True Satisfied")
	w.wantEvent(finding, "Normal Closed Closed is True: ")
	before := w.settle()
	w.stop()
	w.start()
	w.awaitSynced()
	if diff := cmp.Diff(before, w.settle()); diff != "" {
		t.Errorf("a second pass has written (-before +after):\n%s", diff)
	}
}

// TestFindingIsFlagged: what is known about a Minor changes with its siblings and with its cycle, not with itself.
func TestFindingIsFlagged(t *testing.T) {
	w := newWorld(t)
	cycle, finding := w.audited(), w.finding("again", "A.8.13", w.day(-30))
	earlier := w.finding("before", "A.8.13", w.day(-300), func(s *isms.FindingSpec) { s.AuditRef, s.Source = nil, isms.FindingFromOperation })
	w.create(w.scope(), cycle, finding)
	w.want(finding, "SeverityAdequate True SeverityAdequate")

	w.create(earlier)
	w.want(finding, "SeverityAdequate False Repeated")
	w.want(earlier, "SeverityAdequate True SeverityAdequate")
	w.wantEvent(finding, "Warning Repeated SeverityAdequate is False: ")
	w.delete(earlier)
	w.want(finding, "SeverityAdequate True SeverityAdequate")

	w.edit(cycle, func() {
		first, second := cycle.Spec.InternalAudits[0], &cycle.Spec.InternalAudits[1]
		second.PerformedOn, second.Criteria, second.Auditors, second.ControlCoverage = w.day(0), first.Criteria, first.Auditors, first.ControlCoverage
	})
	w.want(finding, "SeverityAdequate False NotClosedByNextAudit")
	w.merge(finding, `{"spec":{"severity":"Major","regrading":[{"from":"Minor","to":"Major","regradedOn":"`+string(w.day(0))+
		`","by":{"name":"A. Smith"},"reason":"Not closed at the next audit."}]}}`)
	w.want(finding, "SeverityAdequate True SeverityAdequate")

	w.delete(cycle)
	w.want(finding, "ReferencesResolved False ReferenceNotFound", "Ready True Assessed", "Closed False Open")
}

// TestFindingOfTheBody: only the certification body closes what it raised, and practice is the scope's to change.
func TestFindingOfTheBody(t *testing.T) {
	w := newWorld(t)
	scope, cycle := w.scope(), w.audited()
	cycle.Spec.Audits = []isms.Audit{{Name: "stage-2", Type: isms.AuditStage2, PlannedOn: w.day(-21), LastDayOn: w.day(-20)}}
	finding := w.finding("nc-1", "AC-1", w.day(-20), func(s *isms.FindingSpec) {
		s.Severity, s.Source, s.AuditRef.Audit = isms.SeverityMajor, isms.FindingFromCertificationBody, "stage-2"
	})
	w.create(scope, cycle, finding)
	w.want(finding, "AcceptedForDecision False NotAccepted", "Closed False Open", "ReferencesResolved False ReferenceNotFound")
	if got := finding.Status.EvidenceDueOn; got != w.day(70) {
		t.Errorf("evidence is due on %s, want %s", got, w.day(70))
	}
	own := w.control("AC-1")
	own.Spec.Source, own.Spec.SourceName, own.Spec.Title = isms.SourceOther, "Own catalogue", "Own control"
	w.create(own)
	w.want(finding, "ReferencesResolved True ReferencesResolved")

	w.merge(scope, `{"spec":{"practice":{"findings":{"majorEvidenceDays":30}}}}`)
	w.eventually(func() string {
		w.refresh(finding)
		return cmp.Diff(w.day(10), finding.Status.EvidenceDueOn)
	})
	w.merge(finding, w.resolve())
	w.want(finding, "Closed False Open", "AcceptedForDecision False NotAccepted")
	w.merge(finding, `{"spec":{"certificationBody":{"planAcceptedOn":"`+string(w.day(-1))+`"}}}`)
	w.want(finding, "AcceptedForDecision False NotVerified", "Closed False Open")
	w.merge(finding, `{"spec":{"certificationBody":{"verifiedOn":"`+string(w.day(0))+`","verifiedBy":{"name":"C. Lead"}}}}`)
	w.want(finding, "AcceptedForDecision True Verified", "Closed True Closed")
}

func TestFindingRunsLateAsTimePasses(t *testing.T) {
	w := newWorld(t)
	finding, late := w.finding("nc-1", "9.2.2", w.day(-30)), w.day(8)
	w.create(w.scope(), w.audited(), finding)
	w.want(finding, "CorrectiveActionOnTime True CorrectiveActionOnTime")
	w.settle()
	w.passTo(late, finding)
	w.want(finding, "CorrectiveActionOnTime False Overdue")
	w.wantEvent(finding, "Warning Overdue CorrectiveActionOnTime is False: ")
}
