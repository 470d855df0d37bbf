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
