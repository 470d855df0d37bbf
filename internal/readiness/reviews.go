// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"fmt"
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// inputs of a management review: clause 9.3.2 a to g, of which d has four.
var inputs = []isms.ReviewInput{
	isms.InputPreviousActions, isms.InputContextChanges, isms.InputInterestedPartyChanges, isms.InputNonconformities,
	isms.InputMonitoringResults, isms.InputAuditResults, isms.InputObjectivesFulfilment, isms.InputInterestedPartyFeedback,
	isms.InputRiskStatus, isms.InputImprovementOpportunities,
}

// reviewPerformed is about clause 9.3.1: reviews by top management at planned intervals.
func (s *scopeAssessment) reviewPerformed() []need {
	performed, overdue := s.reviews()
	needs := []need{want(len(performed) > 0, isms.ReasonMissing, "Record a management review in the AuditCycle, with performedOn.")}
	if last := s.lastReview(); last != nil {
		needs = append(needs,
			want(!s.clock.Over(assess.AddDays(last.PerformedOn, programmeOf(s.scope).ManagementReviewDays)), isms.ReasonExpired,
				"Hold the next management review: the last one is too long ago."),
			want(last.Chair != nil && identified(*last.Chair), isms.ReasonIncomplete,
				fmt.Sprintf("Name the chair of the management review %s.", last.Name)))
	}
	return append(needs, want(len(overdue) == 0, isms.ReasonOverdue,
		fmt.Sprintf("Hold the management review, or plan it anew: %s.", conditions.Names(overdue))))
}

// reviewInputs is about clause 9.3.2.
func (s *scopeAssessment) reviewInputs() []need {
	last := s.lastReview()
	if last == nil {
		return []need{want(false, isms.ReasonMissing, "Record a management review in the AuditCycle, with its inputs.")}
	}
	var missing []string
	for _, i := range inputs {
		if !slices.Contains(last.Inputs, i) {
			missing = append(missing, string(i))
		}
	}
	return []need{want(len(missing) == 0, isms.ReasonIncomplete,
		fmt.Sprintf("Consider in the management review: %s.", conditions.Names(missing)))}
}

// reviewResults is about clause 9.3.3: decisions that are recorded and followed up.
func (s *scopeAssessment) reviewResults() []need {
	last := s.lastReview()
	if last == nil {
		return []need{want(false, isms.ReasonMissing, "Record a management review in the AuditCycle, with its decisions.")}
	}
	performed, _ := s.reviews()
	var overdue []string
	for _, r := range performed {
		late := func(d isms.ReviewDecision) bool {
			return d.DueDate != "" && !s.clock.Come(d.DoneOn) && s.clock.Over(d.DueDate)
		}
		if slices.ContainsFunc(r.Decisions, late) {
			overdue = append(overdue, string(r.Name))
		}
	}
	return []need{
		want(slices.ContainsFunc(last.Decisions, func(d isms.ReviewDecision) bool { return d.Text != "" }), isms.ReasonIncomplete,
			"Record the decisions of the management review."),
		want(last.MinutesRef != nil && s.exists(last.MinutesRef), isms.ReasonMissing,
			"Keep the minutes of the management review as a Document, and name it in minutesRef."),
		want(len(overdue) == 0, isms.ReasonOverdue,
			fmt.Sprintf("Carry out what was decided, and state doneOn: %s.", conditions.Names(overdue))),
	}
}

// reviews are the management reviews of all cycles of the scope that were performed, the oldest first, and the names of
// those whose planned day has passed without.
func (s *scopeAssessment) reviews() (performed []isms.ManagementReview, overdue []string) {
	for _, cycle := range s.cycles {
		for _, r := range cycle.Spec.ManagementReviews {
			switch {
			case s.clock.Come(r.PerformedOn):
				performed = append(performed, r)
			case s.clock.Over(r.PlannedOn):
				overdue = append(overdue, string(r.Name))
			}
		}
	}
	slices.SortStableFunc(performed, func(a, b isms.ManagementReview) int { return cmp.Compare(a.PerformedOn, b.PerformedOn) })
	slices.Sort(overdue)
	return performed, overdue
}

// lastReview is the management review that was performed last; nil where there is none.
func (s *scopeAssessment) lastReview() *isms.ManagementReview {
	performed, _ := s.reviews()
	if len(performed) == 0 {
		return nil
	}
	return &performed[len(performed)-1]
}
