// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// awarenessTraining is the type of attestation that shows awareness (clause 7.3).
const awarenessTraining isms.TypeName = "AwarenessTraining"

// resourcesStated is about clause 7.1.
func (s *scopeAssessment) resourcesStated() []need {
	return []need{stated(field{"leadership.resources", s.leadership().Resources != ""})}
}

// competenceShown is about clause 7.2: for each role, evidence that its holder is competent for it.
func (s *scopeAssessment) competenceShown() []need {
	roles := s.leadership().Roles
	return append(
		[]need{declared(len(roles) > 0, "State leadership.roles in the ISMSScope.")},
		each(roles, func(r isms.RoleAssignment) string { return string(r.Role) }, s.competent,
			func(string) string {
				return "Record the competence for the role as a RegisterEntry, with the email or id of its holder"
			})...,
	)
}

// competent judges the best entry for a role and its holder.
func (s *scopeAssessment) competent(r isms.RoleAssignment) (metav1.ConditionStatus, string) {
	status, reason := metav1.ConditionFalse, isms.ReasonMissing
	for _, e := range s.register(isms.RegisterCompetence) {
		c := e.Spec.Competence
		if c == nil || c.Role != r.Role || !assess.SamePerson(c.Person, r.Holder) {
			continue
		}
		got, why := condition(e.Status.Conditions, e.Generation, isms.ConditionCompetenceCurrent)
		switch {
		case got == metav1.ConditionTrue:
			return got, why
		case reason == isms.ReasonMissing || got == metav1.ConditionUnknown && status == metav1.ConditionFalse:
			status, reason = got, why
		}
	}
	return status, reason
}

// awarenessMaintained is about clause 7.3: the last training is not too long ago, and enough people took part.
func (s *scopeAssessment) awarenessMaintained() []need {
	records := assess.Records(s.in.Attestations, s.scope.Name, s.clock,
		func(t *isms.Attestation) bool { return t.Spec.Type == awarenessTraining })
	if len(records) == 0 {
		return []need{want(false, isms.ReasonMissing, "Record an AwarenessTraining as an Attestation, with participants.")}
	}
	last := records[len(records)-1]
	percent := assess.MinParticipation(s.scope)
	p := isms.Participants{}
	if last.Spec.Participants != nil {
		p = *last.Spec.Participants
	}
	completed := int32(0)
	if p.Completed != nil {
		completed = *p.Completed
	}
	return []need{
		want(last.Spec.Outcome == isms.OutcomePass, isms.ReasonOutcomeFailed,
			fmt.Sprintf("Repeat the training of Attestation %s, which did not pass.", last.Name)),
		want(!s.clock.Over(assess.AddDays(assess.SpeaksUntil(last), programmeOf(s.scope).AwarenessDays)), isms.ReasonExpired,
			"Hold the next AwarenessTraining: the last one is too long ago."),
		want(p.Expected > 0, isms.ReasonIncomplete, fmt.Sprintf("Record the participants of Attestation %s.", last.Name)),
		want(int64(completed)*100 >= int64(percent)*int64(p.Expected), isms.ReasonBelowThreshold,
			fmt.Sprintf("Have at least %d %% of the expected people complete the training.", percent)),
	}
}

// documentsReviewed is about clause 7.5.2: of each type one document is approved and in review, whatever older versions
// and drafts there are.
func (s *scopeAssessment) documentsReviewed() []need {
	types := map[isms.TypeName]bool{}
	var list []isms.TypeName
	for _, d := range s.in.Documents {
		if string(d.Spec.ScopeRef.Name) == s.scope.Name && d.Spec.Type != "" && !types[d.Spec.Type] {
			types[d.Spec.Type] = true
			list = append(list, d.Spec.Type)
		}
	}
	slices.SortFunc(list, cmp.Compare[isms.TypeName])
	return append(
		[]need{declared(len(list) > 0, "Record the documents of the ISMS as Documents.")},
		each(list, func(t isms.TypeName) string { return string(t) }, func(t isms.TypeName) (metav1.ConditionStatus, string) {
			n := s.document(t)
			return n.status, n.reason
		}, func(string) string { return "Have approved and in review" })...,
	)
}
