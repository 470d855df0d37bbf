// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// auditProgrammeType is the type of the document of the internal audit programme (clause 9.2.2).
const auditProgrammeType isms.TypeName = "InternalAuditProgramme"

// auditProgramme asks for a programme that is approved and in review (27001, 9.2.2): the Document that a cycle names in
// auditProgrammeRef, or any of the type where none does. A cycle that another one follows has had its programme.
func (s *scopeAssessment) auditProgramme() []need {
	var names []isms.ObjectName
	for _, c := range s.cycles {
		if ref := c.Spec.AuditProgrammeRef; ref != nil && !s.followed(c) && !slices.Contains(names, ref.Name) {
			names = append(names, ref.Name)
		}
	}
	if len(names) == 0 {
		return []need{s.document(auditProgrammeType)}
	}
	slices.Sort(names)
	return each(names, func(n isms.ObjectName) string { return string(n) }, s.programmeNamed, func(reason string) string {
		if reason == isms.ReasonReferenceNotFound {
			return "Name in auditProgrammeRef a Document of type InternalAuditProgramme, which is not"
		}
		return "Have the InternalAuditProgramme approved and in review"
	})
}

// programmeNamed judges the Document of a name.
func (s *scopeAssessment) programmeNamed(name isms.ObjectName) (metav1.ConditionStatus, string) {
	i := slices.IndexFunc(s.in.Documents, func(d isms.Document) bool {
		return d.Name == string(name) && string(d.Spec.ScopeRef.Name) == s.scope.Name && d.Spec.Type == auditProgrammeType
	})
	if i < 0 {
		return metav1.ConditionFalse, isms.ReasonReferenceNotFound
	}
	standing := assess.DocumentNamed(s.in.Documents, s.scope.Name, string(name), s.clock)
	return statusOf(standing.Result), standing.Reason
}

// followed says whether another cycle of the scope names this one as its previous one.
func (s *scopeAssessment) followed(cycle *isms.AuditCycle) bool {
	return slices.ContainsFunc(s.cycles, func(o *isms.AuditCycle) bool {
		p := o.Spec.PreviousCycleRef
		return p != nil && string(p.Name) == cycle.Name && o.Name != cycle.Name
	})
}

// auditorsCompetent asks of each auditor with a competenceRef that what it names shows the competence on the day of the
// audit (27001, 7.2 and 9.2.2). Nothing obliges anybody to name it here.
func (s *scopeAssessment) auditorsCompetent(audits []namedAudit) []need {
	return each(audits, func(a namedAudit) string { return string(a.Name) }, s.competentFor, func(reason string) string {
		if reason == isms.ReasonReferenceNotFound {
			return "Name in competenceRef an Attestation, or the auditor's entry in the register of competences, for the audit"
		}
		return "Have competenceRef show that the auditor was competent on the day of the audit"
	})
}

// competentFor judges the competences that an audit names: False, then Unknown, comes first.
func (s *scopeAssessment) competentFor(a namedAudit) (metav1.ConditionStatus, string) {
	status, reason := metav1.ConditionTrue, ""
	for _, by := range a.Auditors {
		if by.CompetenceRef == nil {
			continue
		}
		got, why := s.competentOn(by, a.PerformedOn)
		if got == metav1.ConditionFalse {
			return got, why
		}
		if got != metav1.ConditionTrue {
			status, reason = got, why
		}
	}
	return status, reason
}

// competentOn judges the better of what an auditor's competenceRef can name: an entry of the register of competences for this
// person, or a record that something was passed.
func (s *scopeAssessment) competentOn(by isms.Auditor, on isms.Date) (metav1.ConditionStatus, string) {
	status, reason := metav1.ConditionFalse, isms.ReasonReferenceNotFound
	for _, e := range s.register(isms.RegisterCompetence) {
		if e.Name == string(by.CompetenceRef.Name) && e.Spec.Competence != nil && assess.SamePerson(e.Spec.Competence.Person, by.Person) {
			status, reason = heldOn(e, on)
		}
	}
	if status == metav1.ConditionTrue {
		return status, reason
	}
	records := assess.Records(s.in.Attestations, s.scope.Name, s.clock, func(t *isms.Attestation) bool {
		return t.Name == string(by.CompetenceRef.Name)
	})
	if len(records) == 0 {
		return status, reason
	}
	if records[0].Spec.PerformedOn > on {
		return metav1.ConditionFalse, isms.ReasonDateInFuture
	}
	said := assess.Said(records[0], s.scope, s.in.Findings)
	return said.Status, said.Reason
}

// heldOn judges a competence on a day: one that has expired since held until then.
func heldOn(e *isms.RegisterEntry, on isms.Date) (metav1.ConditionStatus, string) {
	c := e.Spec.Competence
	status, reason := condition(e.Status.Conditions, e.Generation, isms.ConditionCompetenceCurrent)
	switch {
	case c.AcquiredOn > on:
		return metav1.ConditionFalse, isms.ReasonDateInFuture
	case c.ExpiresOn != "" && c.ExpiresOn < on:
		return metav1.ConditionFalse, isms.ReasonExpired
	case status == metav1.ConditionFalse && reason == isms.ReasonExpired:
		return metav1.ConditionTrue, ""
	}
	return status, reason
}
