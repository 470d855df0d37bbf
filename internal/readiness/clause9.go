// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// performanceEvaluated is about clause 9.1: objectives are measured, and controls are monitored.
func (s *scopeAssessment) performanceEvaluated() []need {
	controls := s.applicable()
	needs := append(s.objectivesMeasured(), declared(len(controls) > 0, "Record the controls of the scope as Controls."))
	return append(needs, each(controls, controlID, func(c *isms.Control) (metav1.ConditionStatus, string) {
		// Also what was said of an earlier generation: while objects are listed anew a Control holds its status, so that an
		// edit does not flap.
		known := conditions.Get(c.Status.Conditions, isms.ConditionEvidenceCurrent)
		if known == nil {
			return metav1.ConditionUnknown, isms.ReasonNotYetAssessed
		}
		return known.Status, cmp.Or(known.Reason, isms.ReasonNotYetAssessed)
	}, func(string) string { return "Renew the evidence of the control" })...)
}

// auditPerformed is about clause 9.2.1: internal audits at planned intervals.
func (s *scopeAssessment) auditPerformed() []need {
	performed, overdue := s.internalAudits()
	needs := []need{want(len(performed) > 0, isms.ReasonMissing, "Record an internal audit in the AuditCycle, with performedOn.")}
	if len(performed) > 0 {
		last := performed[len(performed)-1]
		needs = append(needs, want(!s.clock.Over(assess.AddDays(last.PerformedOn, programmeOf(s.scope).InternalAuditDays)), isms.ReasonExpired,
			"Perform the next internal audit: the last one is too long ago."))
	}
	return append(needs, want(len(overdue) == 0, isms.ReasonOverdue,
		fmt.Sprintf("Perform the internal audit, or plan it anew: %s.", conditions.Names(overdue))))
}

// auditComplete is about clause 9.2.2: programme, coverage, objectivity, and results that somebody was told of.
func (s *scopeAssessment) auditComplete() []need {
	needs := s.auditProgramme()
	performed, _ := s.internalAudits()
	recent := slices.DeleteFunc(performed, func(a namedAudit) bool { return s.clock.Over(s.coversUntil(a)) })
	needs = append(needs, want(len(recent) > 0, isms.ReasonMissing, "Record an internal audit in the AuditCycle, with performedOn."))
	if len(recent) == 0 {
		return needs
	}
	needs = append(needs, s.ledger(recent).needs()...)
	needs = append(needs, s.independence(recent)...)
	needs = append(needs, s.auditorsCompetent(recent)...)
	for _, part := range []struct {
		missing func(namedAudit) bool
		todo    string
	}{
		{func(a namedAudit) bool { return len(a.Criteria) == 0 }, "State the criteria of the audit"},
		{func(a namedAudit) bool { return len(a.Auditors) == 0 || slices.ContainsFunc(a.Auditors, nameless) }, "Name the auditors of the audit"},
		{s.findingsUnrecorded, "Record the findings of the audit, or that there were None"},
		{s.reportMissing, "Give the report of the audit, a Document, to the management concerned"},
	} {
		needs = append(needs, each(recent, func(a namedAudit) string { return string(a.Name) },
			func(a namedAudit) (metav1.ConditionStatus, string) {
				if part.missing(a) {
					return metav1.ConditionFalse, isms.ReasonIncomplete
				}
				return metav1.ConditionTrue, ""
			}, func(string) string { return part.todo })...)
	}
	return needs
}

func nameless(a isms.Auditor) bool { return !identified(a.Person) }

// owned is a control or a clause that somebody answers for.
type owned struct {
	id     string
	owner  isms.Person
	covers func(namedAudit) bool
}

// owned are the applicable controls and the clause requirements of which the scope names the owner.
func (s *scopeAssessment) owned() (controls, clauses []owned) {
	for _, c := range s.applicable() {
		controls = append(controls, owned{controlID(c), c.Spec.Owner, func(a namedAudit) bool { return a.covers(c) }})
	}
	for _, r := range s.scope.Spec.Requirements {
		clauses = append(clauses, owned{string(r.ID), r.Owner, func(a namedAudit) bool { return a.coversClause(string(r.ID)) }})
	}
	return controls, clauses
}

// independence asks that nobody audits what they own (27001, 9.2.2 e): each control, and each clause that has an owner, which
// an audit covers has an auditor other than its owner. It is Unknown where that cannot be told.
func (s *scopeAssessment) independence(audits []namedAudit) []need {
	judge := func(x owned) (metav1.ConditionStatus, string) { return independent(x, audits) }
	name := func(x owned) string { return x.id }
	todo := func(what string) func(string) string {
		return func(reason string) string {
			if reason == isms.ReasonNotIndependent {
				return "Have somebody audit who does not own the " + what
			}
			return "Give the emails or ids of the auditors and of the owner of the " + what
		}
	}
	controls, clauses := s.owned()
	return append(each(controls, name, judge, todo("control")), each(clauses, name, judge, todo("clause"))...)
}

// independent says whether an audit that covers something had an auditor who does not own it.
func independent(x owned, audits []namedAudit) (metav1.ConditionStatus, string) {
	status, reason := metav1.ConditionTrue, ""
	for _, a := range audits {
		if len(a.Auditors) == 0 || !x.covers(a) {
			continue
		}
		other := func(by isms.Auditor) bool { return assess.DifferentPeople(by.Person, x.owner) }
		same := func(by isms.Auditor) bool { return assess.SamePerson(by.Person, x.owner) }
		switch {
		case slices.ContainsFunc(a.Auditors, other):
			return metav1.ConditionTrue, ""
		case !slices.ContainsFunc(a.Auditors, func(by isms.Auditor) bool { return !same(by) }):
			if status == metav1.ConditionTrue {
				status, reason = metav1.ConditionFalse, isms.ReasonNotIndependent
			}
		default:
			status, reason = metav1.ConditionUnknown, isms.ReasonIndependenceNotVerifiable
		}
	}
	return status, reason
}

// findingsUnrecorded says whether nothing tells what an audit found.
func (s *scopeAssessment) findingsUnrecorded(a namedAudit) bool {
	if a.Findings != isms.FindingsRefs {
		return a.Findings != isms.FindingsNone
	}
	return !slices.ContainsFunc(s.findings, func(f *isms.Finding) bool {
		r := f.Spec.AuditRef
		return r != nil && string(r.Cycle) == a.cycle && r.Audit == a.Name
	})
}

// reportMissing says whether an audit has no report, or nobody was told of it.
func (s *scopeAssessment) reportMissing(a namedAudit) bool {
	return !s.clock.Come(a.ReportedOn) || a.ReportRef == nil || !s.exists(a.ReportRef)
}

// exists says whether the scope has a Document of this name. A record is not asked for approval.
func (s *scopeAssessment) exists(ref *isms.LocalRef) bool {
	return assess.DocumentNamed(s.in.Documents, s.scope.Name, string(ref.Name), s.clock).Reason != isms.ReasonMissing
}

// namedAudit is an internal audit with the name of its cycle.
type namedAudit struct {
	isms.InternalAudit
	cycle string
}

func (a namedAudit) covers(c *isms.Control) bool {
	return a.ControlCoverage == isms.CoverageAll || slices.Contains(a.Controls, c.Spec.ID)
}

func (a namedAudit) coversClause(id string) bool {
	return slices.ContainsFunc(a.Clauses, func(c isms.ClauseID) bool { return covers(string(c), id) })
}

// internalAudits are those of all cycles of the scope that were performed, the oldest first, and the names of those
// whose planned day has passed without.
func (s *scopeAssessment) internalAudits() (performed []namedAudit, overdue []string) {
	for _, cycle := range s.cycles {
		for _, a := range cycle.Spec.InternalAudits {
			switch {
			case s.clock.Come(a.PerformedOn):
				performed = append(performed, namedAudit{a, cycle.Name})
			case s.clock.Over(a.PlannedOn):
				overdue = append(overdue, string(a.Name))
			}
		}
	}
	slices.SortStableFunc(performed, func(a, b namedAudit) int { return cmp.Compare(a.PerformedOn, b.PerformedOn) })
	slices.Sort(overdue)
	return performed, overdue
}
