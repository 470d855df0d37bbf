// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// DeclaredClauses are the requirements that no object can show: a Document or an Attestation serves them by naming them.
var DeclaredClauses = []isms.DeclaredClause{"4.4", "7.4", "7.5.3"}

// Requirement describes how one clause requirement is evaluated.
type Requirement struct {
	ID, Title string
	Basis     isms.RequirementBasis
	// Reason is the one of a requirement that is evidenced.
	Reason string
	// SatisfiedBy says in one sentence what satisfies it.
	SatisfiedBy string
}

// Requirements describes the 30 clause requirements, in the order of the standard.
func Requirements() []Requirement {
	list := make([]Requirement, 0, len(checks))
	for _, c := range checks {
		clause, _ := catalogue.ClauseByID(c.id)
		list = append(list, Requirement{c.id, clause.Title, c.basis, c.holds, c.satisfiedBy})
	}
	return list
}

// requirements evaluates all clause requirements. A suspended scope is Unknown in all of them.
func (s *scopeAssessment) requirements() []isms.RequirementStatus {
	list := make([]isms.RequirementStatus, 0, len(checks))
	for _, c := range checks {
		list = append(list, s.requirement(c))
	}
	return list
}

func (s *scopeAssessment) requirement(c check) isms.RequirementStatus {
	answer := unknown(isms.ReasonSuspended, assess.SuspendedMessage)
	if !assess.Suspended(s.scope) {
		answer = join(append(s.conforming(c.id), c.needs(s)...), c.holds)
	}
	return isms.RequirementStatus{
		ID: isms.ClauseID(c.id), Status: requirementState(answer.Status), Basis: c.basis,
		Reason: answer.Reason, Message: answer.Message,
	}
}

func requirementState(status metav1.ConditionStatus) isms.RequirementState {
	switch status {
	case metav1.ConditionTrue:
		return isms.RequirementEvidenced
	case metav1.ConditionFalse:
		return isms.RequirementNotEvidenced
	}
	return isms.RequirementUnknown
}

// conforming asks that no Major or Minor finding on the clause, or on a clause above it, is open.
func (s *scopeAssessment) conforming(id string) []need {
	var open []string
	for _, f := range s.findings {
		if assess.Nonconformity(f) && concerns(string(f.Spec.Requirement), id) && assess.FindingOpen(f, s.clock) {
			open = append(open, f.Name)
		}
	}
	slices.Sort(open)
	return []need{want(len(open) == 0, isms.ReasonOpenNonconformity,
		fmt.Sprintf("Close the findings on the clause: %s.", conditions.Names(open)))}
}

// concerns says whether a finding on a clause is one on another: on itself, on one that holds it, or on an item of it,
// such as 10.2.f of 10.2.
func concerns(found, id string) bool { return covers(found, id) || covers(id, found) }

// covers says whether a clause is another one or holds it as a part: 9 and 9.2 cover 9.2.2.
func covers(clause, part string) bool { return clause == part || strings.HasPrefix(part, clause+".") }

// named serves a clause that no object can show: by a document in force, or by a record of the last year, that names it.
func named(clause isms.DeclaredClause, content string) func(*scopeAssessment) []need {
	return func(s *scopeAssessment) []need {
		recorded, why := s.attested(func(t *isms.Attestation) bool { return slices.Contains(t.Spec.Clauses, clause) })
		if recorded == metav1.ConditionTrue {
			return []need{want(true, "", "")}
		}
		var documents []isms.Document
		for _, d := range s.in.Documents {
			if slices.Contains(d.Spec.Clauses, clause) {
				documents = append(documents, d)
			}
		}
		standing := assess.DocumentStanding(documents, s.scope.Name, anyType, s.clock)
		todo := fmt.Sprintf("Name clause %s in a Document that says %s, approved and in review.", clause, content)
		status, reason := statusOf(standing.Result), standing.Reason
		if status == metav1.ConditionFalse && recorded == metav1.ConditionUnknown {
			status, reason = recorded, why
		}
		return []need{{status, reason, todo}}
	}
}

func anyType(isms.TypeName) bool { return true }

// attested judges the latest record of a sort: whether it passed, as assess.Said has it, and is not older than recordDays.
func (s *scopeAssessment) attested(counts func(*isms.Attestation) bool) (metav1.ConditionStatus, string) {
	records := assess.Records(s.in.Attestations, s.scope.Name, s.clock, counts)
	if len(records) == 0 {
		return metav1.ConditionFalse, isms.ReasonMissing
	}
	last := records[len(records)-1]
	said := assess.Said(last, s.scope, s.in.Findings)
	if said.Status != metav1.ConditionFalse && s.clock.Over(assess.AddDays(assess.SpeaksUntil(last), programmeOf(s.scope).RecordDays)) {
		return metav1.ConditionFalse, isms.ReasonExpired
	}
	return said.Status, said.Reason
}

// document asks for a document of a type that is approved and in review.
func (s *scopeAssessment) document(documentType isms.TypeName) need {
	standing := assess.DocumentStanding(s.in.Documents, s.scope.Name, func(t isms.TypeName) bool { return t == documentType }, s.clock)
	return need{
		statusOf(standing.Result), standing.Reason,
		fmt.Sprintf("Have a Document of type %s approved and in review.", documentType),
	}
}

// condition reads what the operator said of an object, if it said it of the present generation.
func condition(list []metav1.Condition, generation int64, conditionType string) (metav1.ConditionStatus, string) {
	c := conditions.Get(list, conditionType)
	if c == nil || c.ObservedGeneration != generation {
		return metav1.ConditionUnknown, isms.ReasonNotYetAssessed
	}
	return c.Status, cmp.Or(c.Reason, isms.ReasonNotYetAssessed)
}
