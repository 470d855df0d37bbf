// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// contextStated is about clause 4.1: external and internal issues, and since Amd 1:2024 a decision on climate change,
// whichever it is.
func (s *scopeAssessment) contextStated() []need {
	context := s.context()
	has := func(origin isms.IssueOrigin) bool {
		return slices.ContainsFunc(context.Issues, func(i isms.Issue) bool { return i.Name != "" && i.Origin == origin })
	}
	return []need{stated(
		field{"context.issues (External)", has(isms.IssueExternal)},
		field{"context.issues (Internal)", has(isms.IssueInternal)},
		field{"context.climateChange", context.ClimateChange != nil && context.ClimateChange.Relevance != ""},
	)}
}

// partiesStated is about clause 4.2: who is interested, and which of their requirements the ISMS addresses.
func (s *scopeAssessment) partiesStated() []need {
	parties := s.context().InterestedParties
	mute := func(p isms.InterestedParty) bool { return p.Name == "" || len(p.Requirements) == 0 }
	return []need{stated(
		field{"context.interestedParties", len(parties) > 0},
		field{"requirements of each interested party", !slices.ContainsFunc(parties, mute)},
	)}
}

// scopeDocumented is about clause 4.3: the boundary with its interfaces, as documented information. Where evidence is
// read from a cluster, the boundary has to be true in it.
func (s *scopeAssessment) scopeDocumented() []need {
	boundaries := s.boundaries()
	needs := []need{
		stated(
			field{"statement", s.scope.Spec.Statement != "" && !blank(s.scope.Spec.Statement)},
			field{"boundaries.included", includes(boundaries.Included)},
			field{"boundaries.interfaces", slices.ContainsFunc(boundaries.Interfaces,
				func(i isms.ScopeInterface) bool { return i.Name != "" })},
		),
		s.document("ScopeStatement"),
	}
	if s.scope.Spec.Evidence != nil {
		needs = append(needs, from(s.boundaryComplete()))
	}
	return needs
}

func (s *scopeAssessment) context() isms.OrganizationContext {
	if c := s.scope.Spec.Context; c != nil {
		return *c
	}
	return isms.OrganizationContext{}
}

func (s *scopeAssessment) boundaries() isms.Boundaries {
	if b := s.scope.Spec.Boundaries; b != nil {
		return *b
	}
	return isms.Boundaries{}
}

func (s *scopeAssessment) leadership() isms.Leadership {
	if l := s.scope.Spec.Leadership; l != nil {
		return *l
	}
	return isms.Leadership{}
}
