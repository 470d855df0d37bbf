// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// improvementDecided is about clause 10.1: somebody has decided to make something better.
func (s *scopeAssessment) improvementDecided() []need {
	performed, _ := s.reviews()
	decided := slices.ContainsFunc(performed, func(r isms.ManagementReview) bool {
		return !s.clock.Over(assess.AddDays(r.PerformedOn, programmeOf(s.scope).ManagementReviewDays)) &&
			slices.ContainsFunc(r.Decisions, func(d isms.ReviewDecision) bool { return d.Kind == isms.DecisionKindImprovement })
	})
	taken := slices.ContainsFunc(s.findings, func(f *isms.Finding) bool {
		declined := f.Spec.Decision != nil && f.Spec.Decision.Outcome == isms.FindingDeclined
		return f.Spec.Severity == isms.SeverityOpportunityForImprovement && f.Spec.CorrectiveAction != nil && !declined &&
			s.clock.Come(f.Spec.RaisedOn)
	})
	return []need{want(decided || taken, isms.ReasonMissing,
		"Decide on an improvement in the management review, or on an action for an OpportunityForImprovement.")}
}

// nonconformitiesHandled is about clause 10.2. Where none was ever recorded, nothing shows that the process works.
func (s *scopeAssessment) nonconformitiesHandled() []need {
	var all, open []*isms.Finding
	for _, f := range s.findings {
		if assess.Nonconformity(f) {
			all = append(all, f)
			if assess.FindingOpen(f, s.clock) {
				open = append(open, f)
			}
		}
	}
	needs := []need{declared(len(all) > 0, "Record nonconformities and their correction as Findings.")}
	name := func(f *isms.Finding) string { return f.Name }
	for _, c := range []struct{ conditionType, todo string }{
		{isms.ConditionCorrectiveActionPlanned, "Plan the corrective action for the finding"},
		{isms.ConditionCorrectiveActionOnTime, "Carry out the corrective action for the finding"},
	} {
		needs = append(needs, each(open, name, func(f *isms.Finding) (metav1.ConditionStatus, string) {
			return condition(f.Status.Conditions, f.Generation, c.conditionType)
		}, func(string) string { return c.todo })...)
	}
	return needs
}
