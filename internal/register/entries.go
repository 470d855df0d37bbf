// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package register

import (
	"cmp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// Entries are those of the other registers: assets, suppliers, legal requirements, incidents, competences and changes.
// Details is what the register records of its entries, Holds what it asks of them.
func Entries(in readiness.ScopeInput) Table {
	t := Table{Name: "registers", Columns: []Column{
		{"Register", Text},
		{"Entry", Text},
		{"Title", Text},
		{"Owner", Text},
		{"Details", Prose},
		{"Controls", List},
		{"Risks", List},
		{"Holds", State},
		{"Reviewed on", Date},
		{"Review", State},
		{"Review due", Date},
	}}
	for _, e := range of(in, in.Entries, func(e *isms.RegisterEntry) isms.LocalRef { return e.Spec.ScopeRef }) {
		t.add(string(e.Spec.Register), e.Name, string(e.Spec.Title), person(e.Spec.Owner), details(&e.Spec), list(e.Spec.Controls),
			list(e.Spec.Risks), holds(e), string(e.Spec.ReviewedOn),
			said(e.Status.Conditions, e.Generation, isms.ConditionReviewCurrent), string(e.Status.ReviewDueOn))
	}
	t.sort()
	return t
}

// fact is a name and what there is to say; nothing is said where that is empty.
type fact struct{ name, value string }

// facts are those that say something, as one cell.
func facts(separator string, list ...fact) string {
	var parts []string
	for _, f := range list {
		if f.value != "" {
			parts = append(parts, f.name+" "+f.value)
		}
	}
	return strings.Join(parts, separator)
}

// details are what an entry records in the member of its register.
func details(s *isms.RegisterEntrySpec) string {
	var list []fact
	switch {
	case s.Asset != nil:
		list = []fact{
			{"kind", string(s.Asset.Kind)}, {"classification", string(s.Asset.Classification)}, {"location", string(s.Asset.Location)},
		}
	case s.Supplier != nil:
		list = []fact{
			{"criticality", string(s.Supplier.Criticality)},
			{"agreement", record(s.Supplier.AgreementRef)},
			{"assurance until", string(s.Supplier.AssuranceExpiresOn)},
		}
	case s.LegalRequirement != nil:
		list = legal(s.LegalRequirement)
	case s.Incident != nil:
		list = []fact{
			{"severity", string(s.Incident.Severity)},
			{"detected", string(s.Incident.DetectedOn)},
			{"due", string(s.Incident.DueDate)},
			{"resolved", string(s.Incident.ResolvedOn)},
			{"lessons learned:", string(s.Incident.LessonsLearned)},
			{"finding", name(s.Incident.FindingRef)},
		}
	case s.Competence != nil:
		list = []fact{
			{"person", person(s.Competence.Person)},
			{"role", string(s.Competence.Role)},
			{"basis:", string(s.Competence.Basis)},
			{"from", string(s.Competence.AcquiredOn)},
			{"until", string(s.Competence.ExpiresOn)},
			{"record", record(s.Competence.RecordRef)},
			{"attestation", name(s.Competence.AttestationRef)},
		}
	case s.Change != nil:
		list = change(s.Change)
	}
	return facts("; ", list...)
}

func legal(l *isms.LegalRequirementEntry) []fact {
	list := []fact{{"basis", string(l.Basis)}, {"jurisdiction", string(l.Jurisdiction)}, {"approach:", string(l.Approach)}}
	if e := l.Evaluation; e != nil {
		list = append(list, fact{"evaluated", string(e.EvaluatedOn) + " by " + person(e.By)}, fact{"outcome", string(e.Outcome)},
			fact{"finding", name(e.FindingRef)}, fact{"record", record(e.RecordRef)})
	}
	return list
}

func change(c *isms.ChangeEntry) []fact {
	list := []fact{{"purpose:", string(c.Purpose)}, {"planned", string(c.PlannedOn)}}
	if a := c.Approval; a != nil {
		list = append(list, fact{"approved", string(a.ApprovedOn) + " by " + person(a.ApprovedBy)})
	}
	list = append(list, fact{"done", string(c.CompletedOn)})
	if r := c.EffectReview; r != nil {
		list = append(list, fact{"effect", string(r.Outcome) + ", reviewed " + string(r.ReviewedOn) + " by " + person(r.By)})
	}
	return list
}

// record is where a record is: its URL, or else its commit.
func record(r *isms.RecordRef) string {
	if r == nil {
		return ""
	}
	return cmp.Or(string(r.URL), r.Commit)
}

func name(r *isms.LocalRef) string {
	if r == nil {
		return ""
	}
	return string(r.Name)
}

// holds is what the conditions of its register say of an entry, the worst of them: False before Unknown before True. What is
// not required is not asked.
func holds(e *isms.RegisterEntry) string {
	var asked []string
	for _, c := range assess.EntryConditions(e.Spec.Register) {
		known := conditions.Get(e.Status.Conditions, c)
		optional := known != nil && known.ObservedGeneration == e.Generation && known.Reason == isms.ReasonNotRequired
		if c != isms.ConditionReviewCurrent && c != isms.ConditionReferencesResolved && !optional {
			asked = append(asked, said(e.Status.Conditions, e.Generation, c))
		}
	}
	for _, status := range []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown, metav1.ConditionTrue} {
		for _, cell := range asked {
			if strings.HasPrefix(cell, string(status)) {
				return cell
			}
		}
	}
	return ""
}
