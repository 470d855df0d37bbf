// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"cmp"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Figures of practice, for a scope that states none. No clause prescribes them; certification bodies differ.
const (
	defaultParticipation  = 95   // percent of the expected people
	defaultPlanDays       = 30   // certification bodies ask for 10 to 60
	defaultEvidenceDays   = 90   // certification bodies ask for 30 to 90
	defaultClosureDays    = 365  // a minor is verified at the next audit, which is at most a year away
	defaultRepeatedWithin = 1095 // a certification cycle
)

// practice returns the figures of a scope, each with its default.
func practice(scope *isms.ISMSScope) isms.FindingPractice {
	var given isms.FindingPractice
	if p := scope.Spec.Practice; p != nil && p.Findings != nil {
		given = *p.Findings
	}
	return isms.FindingPractice{
		PlanDays:           cmp.Or(given.PlanDays, defaultPlanDays),
		MajorEvidenceDays:  cmp.Or(given.MajorEvidenceDays, defaultEvidenceDays),
		MinorClosureDays:   cmp.Or(given.MinorClosureDays, defaultClosureDays),
		RepeatedWithinDays: cmp.Or(given.RepeatedWithinDays, defaultRepeatedWithin),
	}
}

// MinParticipation is the share, in percent, of the expected people who must have completed a training or an awareness
// measure in a scope. The scope may be nil.
func MinParticipation(scope *isms.ISMSScope) int32 {
	if scope == nil || scope.Spec.Practice == nil {
		return defaultParticipation
	}
	return cmp.Or(scope.Spec.Practice.MinParticipationPercent, defaultParticipation)
}
