// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"cmp"
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// SamePerson says whether two records certainly name one person: they share an email or an id. Names prove nothing.
func SamePerson(a, b isms.Person) bool { return samePerson(a, b) }

// DifferentPeople says whether two records certainly name two people: they can be compared, and share neither email
// nor id.
func DifferentPeople(a, b isms.Person) bool { return differentPeople(a, b) }

// AddDays moves a date; it is empty for what is not a date.
func AddDays(d isms.Date, days int32) isms.Date { return addDays(d, days) }

// SpeaksUntil is the last day that an attestation speaks for: the end of its period, if that lies before the day on
// which it was performed.
func SpeaksUntil(t *isms.Attestation) isms.Date { return speaksUntil(t) }

// Records returns the attestations of a scope that count, the oldest first: those that are neither corrected by another
// nor suspended nor dated in the future.
func Records(attestations []isms.Attestation, scope string, clock *Clock, counts func(*isms.Attestation) bool) []*isms.Attestation {
	corrected := supersededBy(attestations, scope)
	var list []*isms.Attestation
	for i := range attestations {
		t := &attestations[i]
		ours := string(t.Spec.ScopeRef.Name) == scope && corrected[t.Name] == "" && !Suspended(t)
		if ours && counts(t) && clock.Come(t.Spec.PerformedOn) {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(x, y *isms.Attestation) int {
		return cmp.Or(
			cmp.Compare(speaksUntil(x), speaksUntil(y)),
			cmp.Compare(x.Spec.PerformedOn, y.Spec.PerformedOn),
			x.CreationTimestamp.Compare(y.CreationTimestamp.Time),
			cmp.Compare(x.Name, y.Name))
	})
	return list
}

// Said judges what a record says, whatever its age: its outcome, whether enough people took part, and whether a Finding
// follows up the deviations of its sample. The scope may be nil.
func Said(t *isms.Attestation, scope *isms.ISMSScope, findings []isms.Finding) conditions.Summary {
	return attestedOutcome(t, scope, findings)
}

// DocumentNamed judges the one Document of a scope that has this name, whatever its type. None is Missing, which fails.
func DocumentNamed(documents []isms.Document, scope, name string, clock *Clock) Standing {
	i := slices.IndexFunc(documents, func(d isms.Document) bool {
		return d.Name == name && string(d.Spec.ScopeRef.Name) == scope
	})
	if i < 0 {
		return Standing{Result: isms.EvidenceFail, Reason: isms.ReasonMissing, Message: "There is no such Document."}
	}
	return standing(&documents[i], clock)
}

// Nonconformity says whether a finding is one that must be corrected: Major or Minor.
func Nonconformity(f *isms.Finding) bool { return nonconformity(f) }
