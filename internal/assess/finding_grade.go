// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// gravity orders severities, from the least grave.
var gravity = []isms.Severity{
	isms.SeverityObservation, isms.SeverityOpportunityForImprovement, isms.SeverityAreaOfConcern, isms.SeverityMinor, isms.SeverityMajor,
}

// DowngradeUnconfirmed says whether a finding of the certification body counts less than the body graded it, and nothing that
// the body did since confirms that: it has neither accepted the plan nor verified the action on the day of the regrading or
// later. The grade is the body's (ISO/IEC 17021-1, 9.4.5), and anybody who may write the Finding can regrade it.
func DowngradeUnconfirmed(f *isms.Finding, clock *Clock) bool {
	if !byBody(f) {
		return false
	}
	var confirmed isms.Date
	if c := f.Spec.CertificationBody; c != nil {
		for _, on := range []isms.Date{c.PlanAcceptedOn, c.VerifiedOn} {
			if on > confirmed && clock.Come(on) {
				confirmed = on
			}
		}
	}
	return slices.ContainsFunc(f.Spec.Regrading, func(r isms.Regrading) bool {
		lowered := slices.Index(gravity, r.To) < slices.Index(gravity, r.From)
		return lowered && clock.Come(r.RegradedOn) && confirmed < r.RegradedOn // full-dates sort as text
	})
}

// DownFromMajor says whether a finding was a Major once and is not any more.
func DownFromMajor(f *isms.Finding) bool {
	return f.Spec.Severity != isms.SeverityMajor &&
		slices.ContainsFunc(f.Spec.Regrading, func(r isms.Regrading) bool { return r.From == isms.SeverityMajor })
}

// Graded returns a finding with the severity that counts now: until the day of a regrading has come, the severity before
// it counts, where that is the graver one. So nobody rids a control of a nonconformity by a day in the future. It is the
// finding itself where nothing differs.
func Graded(f *isms.Finding, clock *Clock) *isms.Finding {
	counts := f.Spec.Severity
	for _, r := range f.Spec.Regrading {
		if !clock.Come(r.RegradedOn) && slices.Index(gravity, r.From) > slices.Index(gravity, counts) {
			counts = r.From
		}
	}
	if counts == f.Spec.Severity {
		return f
	}
	now := *f
	now.Spec.Severity = counts
	return &now
}
