// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// GapKind says what a gap is about.
type GapKind string

// Kinds of gaps.
const (
	GapRequirement GapKind = "Requirement"
	GapControl     GapKind = "Control"
)

// Gap is one line of the gap register: a clause requirement or a control that does not hold.
type Gap struct {
	Kind      GapKind
	ID, Title string
	// Reason is why it does not hold, a word of the API.
	Reason string
	// Missing says what is missing; Action says what to do about it.
	Missing, Action string
	// Owner is the zero Person, Criticality and DueDate are empty and EffortDays is zero where nobody has stated them.
	Owner       isms.Person
	Criticality isms.Criticality
	EffortDays  int32
	DueDate     isms.Date
	// Unknown says that it is not known whether it holds.
	Unknown bool
	// Deviation says that an implemented control fails or is not known: an event of operation, not work that is planned.
	Deviation bool
}

// Gaps returns the gap register of a scope, the most urgent first: by criticality, where one that nobody has stated
// comes last; then by effort, the least first, since it closes a gap soonest, and one that is not stated last; then by
// due date, the earliest first and none last; then requirements before controls, in the order of the standard.
func Gaps(in ScopeInput) []Gap {
	s := newScopeAssessment(in)
	return s.gaps(s.requirements())
}

// StandingGaps are Gaps for somebody who knows less than the operator, such as the namespaces that the scope's account
// sees: the clause requirements are those that the operator wrote into the status, while that is about the present scope.
func StandingGaps(in ScopeInput) []Gap {
	status := in.Scope.Status
	if len(status.Requirements) == 0 || status.ObservedGeneration != in.Scope.Generation {
		return Gaps(in)
	}
	return newScopeAssessment(in).gaps(status.Requirements)
}

func (s *scopeAssessment) gaps(requirements []isms.RequirementStatus) []Gap {
	gaps := append(s.requirementGaps(requirements), s.controlGaps()...)
	slices.SortStableFunc(gaps, func(a, b Gap) int {
		return cmp.Or(
			cmp.Compare(criticalityRank(a.Criticality), criticalityRank(b.Criticality)),
			statedFirst(a.EffortDays, b.EffortDays),
			statedFirst(a.DueDate, b.DueDate),
			-cmp.Compare(a.Kind, b.Kind),
			catalogue.CompareIDs(a.ID, b.ID))
	})
	return gaps
}

// criticalityRank is 0 for the highest criticality.
func criticalityRank(c isms.Criticality) int {
	order := []isms.Criticality{isms.CriticalityCritical, isms.CriticalityHigh, isms.CriticalityMedium, isms.CriticalityLow}
	if i := slices.Index(order, c); i >= 0 {
		return i
	}
	return len(order)
}

// statedFirst compares two values of which the zero one means that nothing is stated.
func statedFirst[T cmp.Ordered](a, b T) int {
	var zero T
	if (a == zero) != (b == zero) {
		return -cmp.Compare(a, b)
	}
	return cmp.Compare(a, b)
}

// requirementGaps are the clause requirements that are not evidenced, with the plan of the scope's spec.
func (s *scopeAssessment) requirementGaps(requirements []isms.RequirementStatus) []Gap {
	var gaps []Gap
	for _, r := range requirements {
		if r.Status == isms.RequirementEvidenced {
			continue
		}
		clause, _ := catalogue.ClauseByID(string(r.ID))
		gap := Gap{
			Kind: GapRequirement, ID: string(r.ID), Title: clause.Title, Reason: r.Reason,
			Missing: string(r.Status) + ", " + r.Reason, Action: r.Message, Unknown: r.Status == isms.RequirementUnknown,
		}
		for _, plan := range s.scope.Spec.Requirements {
			if plan.ID == r.ID {
				gap.Owner, gap.Criticality, gap.EffortDays, gap.DueDate = plan.Owner, plan.Criticality, plan.EffortDays, plan.TargetDate
			}
		}
		gaps = append(gaps, gap)
	}
	return gaps
}

// controlGaps are the controls of Annex A without a Control, those that share an id, the exclusions that something
// contradicts, and the applicable controls that are not Satisfied.
func (s *scopeAssessment) controlGaps() []Gap {
	declared, twice := s.annexA()
	var gaps []Gap
	for _, c := range catalogue.Controls() {
		if _, ok := declared[c.ID]; !ok {
			gaps = append(gaps, Gap{
				Kind: GapControl, ID: c.ID, Title: c.Title, Reason: isms.ReasonControlsMissing, Missing: "There is no Control.",
				Action: "Decide whether the control is applicable, and record the decision as a Control.",
			})
		}
	}
	for i, c := range s.controls {
		same := func(o *isms.Control) bool { return o.Spec.ID == c.Spec.ID }
		if slices.ContainsFunc(s.controls[:i], same) {
			continue // one gap for all that share an id
		}
		if gap, open := s.controlGap(c, slices.Contains(twice, controlID(c))); open {
			gaps = append(gaps, gap)
		}
	}
	return gaps
}

func (s *scopeAssessment) controlGap(c *isms.Control, duplicate bool) (Gap, bool) {
	row := rowOf(c, nil)
	gap := Gap{Kind: GapControl, ID: row.ID, Title: row.Title, Owner: row.Owner}
	if i := c.Spec.Implementation; i != nil {
		gap.Criticality, gap.EffortDays, gap.DueDate = i.Criticality, i.EffortDays, i.TargetDate
	}
	known := conditions.Get(c.Status.Conditions, isms.ConditionSatisfied)
	switch {
	case duplicate:
		gap.Reason, gap.Missing = isms.ReasonDuplicateID, "More than one Control has this id."
		gap.Action = "Delete all Controls of this id but one."
	case row.Decision == isms.DecisionExcluded:
		by := s.contradictedBy(row.ID)
		gap.Reason, gap.Missing = isms.ReasonExclusionContradicted, "The control is excluded, but something needs it: "+by+"."
		gap.Action = "Make the control applicable, or change what needs it."
		return gap, by != ""
	case row.State != isms.StateImplemented:
		gap.Reason, gap.Missing = string(row.State), "The control is not implemented: "+string(row.State)+"."
		gap.Action = "Implement the control."
	case known == nil:
		gap.Reason, gap.Missing = isms.ReasonNotYetAssessed, "The control is not assessed yet."
		gap.Action = "See that the operator runs."
		gap.Deviation = true
	default:
		gap.Reason, gap.Missing, gap.Deviation = known.Reason, orElse(known.Message, known.Reason), true
		gap.Action = remedy(known)
		return gap, known.Status != metav1.ConditionTrue
	}
	return gap, true
}

// contradictedBy names what contradicts an exclusion; empty where nothing does.
func (s *scopeAssessment) contradictedBy(id string) string {
	names := slices.Clone(s.risksByControl()[id])
	if by := s.failing(isms.ControlID(id)); by != "" {
		names = append(names, by)
	}
	return conditions.Names(names)
}

// remedy says what to do about an implemented control that is not satisfied, by the reason.
func remedy(satisfied *metav1.Condition) string {
	switch satisfied.Reason {
	case isms.ReasonOpenNonconformity:
		return "Close the findings on the control."
	case isms.ReasonObjectsFailed:
		return "Correct the objects that fail, or record an exception with its expiry."
	case isms.ReasonMissing, isms.ReasonExpired, isms.ReasonMissed, isms.ReasonDateInFuture, isms.ReasonOutcomeFailed:
		return "Do again what the record asks for, and record it."
	case isms.ReasonNotApproved, isms.ReasonChangedSinceApproval:
		return "Have the document approved as it stands."
	case isms.ReasonNothingDeclared, isms.ReasonPartialEvidence, isms.ReasonCoverageIncomplete:
		return "Declare evidence that shows that the control works."
	}
	if satisfied.Status == metav1.ConditionFalse {
		return "Correct what the evidence shows."
	}
	return "Remove what keeps the evidence from being known."
}

func countGaps(gaps []Gap) *isms.GapCounts {
	counts := isms.GapCounts{Total: count(len(gaps))}
	for _, g := range gaps {
		switch g.Criticality {
		case isms.CriticalityCritical:
			counts.Critical++
		case isms.CriticalityHigh:
			counts.High++
		case isms.CriticalityMedium:
			counts.Medium++
		case isms.CriticalityLow:
			counts.Low++
		}
	}
	return &counts
}

// gapsAddressed asks that each gap has an owner and a date that has not passed. Practice: no clause asks for a gap
// register. Where it is not known whether there is a gap, a missing plan makes the answer Unknown, not False. A deviation
// of an implemented control is no planned work: ControlsSatisfied judges it, with its grace days.
func (s *scopeAssessment) gapsAddressed(gaps []Gap) conditions.Summary {
	var planned []Gap
	for _, g := range gaps {
		if !g.Deviation {
			planned = append(planned, g)
		}
	}
	needs := each(planned, func(g Gap) string { return g.ID }, func(g Gap) (metav1.ConditionStatus, string) {
		switch {
		case g.DueDate != "" && s.clock.Over(g.DueDate):
			return metav1.ConditionFalse, isms.ReasonOverdue
		case identified(g.Owner) && g.DueDate != "":
			return metav1.ConditionTrue, ""
		case g.Unknown:
			return metav1.ConditionUnknown, isms.ReasonNothingDeclared
		}
		return metav1.ConditionFalse, isms.ReasonIncomplete
	}, func(reason string) string {
		switch reason {
		case isms.ReasonOverdue:
			return "Close the gap, or decide on another date"
		case isms.ReasonNothingDeclared:
			return "Not known, and without owner and date"
		}
		return "State owner and date for the gap"
	})
	return join(append([]need{want(true, "", "")}, needs...), isms.ReasonGapsAddressed)
}
