// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// leadershipShown is about clause 5.1: somebody in top management stands for the ISMS, and has been seen to do so.
func (s *scopeAssessment) leadershipShown() []need {
	sponsor := s.leadership().Sponsor
	if sponsor == nil {
		return []need{stated(field{"leadership.sponsor", false})}
	}
	review := s.lastReview()
	if review == nil {
		return []need{want(false, isms.ReasonMissing, "Hold a management review in which the sponsor takes part.")}
	}
	present := review.Attendees
	if review.Chair != nil {
		present = append(slices.Clone(present), *review.Chair)
	}
	there := slices.ContainsFunc(present, func(p isms.Person) bool { return assess.SamePerson(p, sponsor.Person) })
	return []need{want(there, isms.ReasonIncomplete,
		"Have the sponsor take part in the management review, with the same email or id as in leadership.sponsor.")}
}

// policyApproved is about clause 5.2.
func (s *scopeAssessment) policyApproved() []need {
	return []need{s.document("InformationSecurityPolicy")}
}

// rolesAssigned is about clause 5.3.
func (s *scopeAssessment) rolesAssigned() []need {
	return []need{stated(s.roleFields()...)}
}

func (s *scopeAssessment) roleFields() []field {
	roles := s.leadership().Roles
	vacant := func(r isms.RoleAssignment) bool { return r.Role == "" || !identified(r.Holder) }
	return []field{
		{"leadership.roles", len(roles) > 0},
		{"the holder of each role", !slices.ContainsFunc(roles, vacant)},
	}
}

func identified(p isms.Person) bool { return p.Name != "" || p.ID != "" }

// leadershipEstablished is the condition: what the scope states of clauses 5.1, 5.3 and 7.1, and the policy (5.2).
// That leadership is seen is asked by requirement 5.1.
func (s *scopeAssessment) leadershipEstablished() conditions.Summary {
	fields := append([]field{
		{"leadership.sponsor", s.leadership().Sponsor != nil},
		{"leadership.resources", s.leadership().Resources != ""},
	}, s.roleFields()...)
	return join(append([]need{stated(fields...)}, s.policyApproved()...), isms.ReasonLeadershipEstablished)
}
