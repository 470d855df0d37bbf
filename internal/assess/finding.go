// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// conforming judges whether a Major or Minor finding on the control is open. A finding counts from the moment it is
// recorded, also if its date is wrong.
func (a *assessment) conforming() judgement {
	var open []string
	for i := range a.in.Findings {
		f := &a.in.Findings[i]
		onControl := string(f.Spec.ScopeRef.Name) == a.scopeName() && f.Spec.Requirement == a.control.Spec.ID
		if onControl && nonconformity(f) && FindingOpen(f, a.clock) {
			open = append(open, f.Name)
		}
	}
	if len(open) == 0 {
		return yes(isms.ReasonSatisfied, "")
	}
	slices.Sort(open)
	return no(isms.ReasonOpenNonconformity, "Open nonconformities: "+conditions.Names(open)+".")
}

func nonconformity(f *isms.Finding) bool {
	return f.Spec.Severity == isms.SeverityMajor || f.Spec.Severity == isms.SeverityMinor
}

// FindingOpen says whether a finding still waits for whoever must verify that it is resolved: the certification body
// for what it raised (ISO/IEC 17021-1, 9.4.10), otherwise somebody other than the performer of the action (10.2 d).
func FindingOpen(f *isms.Finding, clock *Clock) bool {
	if f.Spec.Source == isms.FindingFromCertificationBody {
		c := f.Spec.CertificationBody
		return c == nil || !clock.Come(c.VerifiedOn)
	}
	r, action := f.Spec.EffectivenessReview, f.Spec.CorrectiveAction
	if r == nil || action == nil || r.Outcome != isms.ActionEffective || !clock.Come(r.ReviewedOn) {
		return true
	}
	performer := action.Owner
	if action.PerformedBy != nil {
		performer = *action.PerformedBy
	}
	return !differentPeople(performer, r.By)
}
