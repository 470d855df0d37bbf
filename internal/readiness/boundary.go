// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// scopeDefined judges whether the scope states what clauses 4.1 to 4.3 ask for: the boundary with its interfaces, the
// issues with the decision on climate change (Amd 1:2024), and the interested parties. Whether it is written in an
// approved document is asked by DocumentationComplete.
func scopeDefined(scope *isms.ISMSScope) conditions.Summary {
	boundaries, context := isms.Boundaries{}, isms.OrganizationContext{}
	if b := scope.Spec.Boundaries; b != nil {
		boundaries = *b
	}
	if c := scope.Spec.Context; c != nil {
		context = *c
	}
	var open []string
	for _, part := range []struct {
		field  string
		stated bool
	}{
		{"statement", scope.Spec.Statement != "" && !blank(scope.Spec.Statement)},
		{"boundaries.included", includes(boundaries.Included)},
		{"boundaries.interfaces", len(boundaries.Interfaces) > 0},
		{"context.issues", len(context.Issues) > 0},
		{"context.climateChange", context.ClimateChange != nil},
		{"context.interestedParties", len(context.InterestedParties) > 0},
	} {
		if !part.stated {
			open = append(open, part.field)
		}
	}
	if len(open) > 0 {
		return no(isms.ReasonIncomplete, "Not stated: "+conditions.Names(open)+".")
	}
	return yes(isms.ReasonScopeDefined, "")
}

// blank says that a text has a blank which nobody has filled: it was proposed, and not decided.
func blank(text isms.Text) bool { return strings.Contains(string(text), isms.BlankMark) }

func includes(i *isms.Inclusion) bool {
	return i != nil && len(i.Units)+len(i.Products)+len(i.Assets) > 0
}

// boundaryComplete judges whether every namespace is in scope or excluded with a justification.
func (s *scopeAssessment) boundaryComplete() conditions.Summary {
	n := s.in.Namespaces
	switch {
	case s.scope.Spec.Evidence == nil:
		return unknown(isms.ReasonNothingDeclared, "spec.evidence names no namespaces.")
	case s.boundaryStands():
		before := conditions.Get(s.scope.Status.Conditions, isms.ConditionBoundaryComplete)
		return conditions.Summary{Status: before.Status, Reason: before.Reason, Message: before.Message}
	case n.Reason != "":
		return unknown(n.Reason, orElse(n.Message, "The namespaces of the scope are not known."))
	case len(n.Unaccounted) > 0:
		return no(isms.ReasonNamespacesUnaccounted, "Neither in scope nor excluded: "+conditions.Names(n.Unaccounted)+".")
	case len(n.InScope) == 0:
		return unknown(isms.ReasonNoMatch, "No namespace is in scope.")
	case !n.Complete:
		return unknown(isms.ReasonAccessDenied,
			orElse(n.Message, "The scope's service account may not list namespaces, so others may exist that are not accounted for."))
	}
	return yes(isms.ReasonAllNamespacesAccounted, "")
}

// boundaryStands says whether the earlier answer, about the same generation, stands while the namespaces are being
// listed, as for Controls.
func (s *scopeAssessment) boundaryStands() bool {
	before := s.scope.Status
	if s.in.Namespaces.Reason != isms.ReasonNotSynced || before.ObservedGeneration != s.scope.Generation {
		return false
	}
	if before.HeartbeatTime == nil || conditions.Get(before.Conditions, isms.ConditionBoundaryComplete) == nil {
		return false
	}
	return !s.clock.Reached(before.HeartbeatTime.Add(assess.HoldFor))
}

func (s *scopeAssessment) namespaceCounts() *isms.NamespaceCounts {
	n := s.in.Namespaces
	if s.scope.Spec.Evidence != nil && s.boundaryStands() {
		return s.scope.Status.Namespaces
	}
	if s.scope.Spec.Evidence == nil || n.Reason != "" {
		return nil
	}
	return &isms.NamespaceCounts{
		Total:   count(len(n.InScope) + len(n.Excluded) + len(n.Unaccounted)),
		InScope: count(len(n.InScope)), Excluded: count(len(n.Excluded)), Unaccounted: count(len(n.Unaccounted)),
	}
}

func orElse(message, otherwise string) string {
	if message != "" {
		return message
	}
	return otherwise
}

// count bounds a number to the range of the API.
func count(n int) int32 { return int32(min(max(n, 0), 1<<31-1)) } //nolint:gosec // bounded in the expression
