// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// actionsPlanned is about clause 6.1.1: from issues and interested parties to risks, and from risks to actions.
func (s *scopeAssessment) actionsPlanned() []need {
	context := s.context()
	return append(
		[]need{
			stated(
				field{"context.issues", slices.ContainsFunc(context.Issues, func(i isms.Issue) bool { return i.Name != "" })},
				field{"context.interestedParties", slices.ContainsFunc(context.InterestedParties,
					func(p isms.InterestedParty) bool { return p.Name != "" })},
			),
			s.anyRisk(),
		},
		s.eachRisk(func(r *isms.Risk) (metav1.ConditionStatus, string) {
			if r.Spec.Treatment == nil || r.Spec.Treatment.Option == "" {
				return metav1.ConditionFalse, isms.ReasonMissing
			}
			return metav1.ConditionTrue, ""
		}, "Decide on a treatment of the risk")...,
	)
}

// risksAssessed is about clause 6.1.2: the process with its criteria, and assessments by it.
func (s *scopeAssessment) risksAssessed() []need {
	return append([]need{s.riskManagementStated(), s.document("RiskAssessmentProcess"), s.anyRisk()},
		s.eachRiskIs(isms.ConditionAssessed, "Assess the risk")...)
}

func (s *scopeAssessment) riskManagementStated() need {
	m := isms.RiskManagement{}
	if s.scope.Spec.RiskManagement != nil {
		m = *s.scope.Spec.RiskManagement
	}
	acceptance := m.Criteria.Acceptance
	return stated(
		field{"riskManagement.method", m.Method != ""},
		field{"riskManagement.criteria.performedWhen", m.Criteria.PerformedWhen != ""},
		field{"riskManagement.criteria.acceptance", acceptance.MaxLevel != "" || acceptance.MaxAnnualLoss != ""},
		field{"riskManagement.assessmentIntervalDays", m.AssessmentIntervalDays > 0},
	)
}

// treatmentPlanned is about clause 6.1.3: the process, the Statement of Applicability, the plan with the owners'
// approval, and their acceptance of what remains. Whether the plan is carried out is a matter of 8.3.
func (s *scopeAssessment) treatmentPlanned() []need {
	needs := []need{
		s.document("RiskTreatmentProcess"), s.document("RiskTreatmentPlan"), from(s.statementComplete()), s.anyRisk(),
	}
	needs = append(needs, s.eachRisk(s.planApproved, "Have the owner approve the treatment of the risk")...)
	return append(needs, s.eachRiskIs(isms.ConditionResidualAccepted, "Have the owner accept the residual risk")...)
}

// planApproved says whether a treatment is approved by the owner of the risk (6.1.3 f). A risk that is retained without a
// plan has nothing to approve but what remains, which is accepted.
func (s *scopeAssessment) planApproved(r *isms.Risk) (metav1.ConditionStatus, string) {
	t := r.Spec.Treatment
	switch {
	case t == nil:
		return metav1.ConditionFalse, isms.ReasonMissing
	case t.Option == isms.TreatmentRetain && t.Plan == "" && t.Approval == nil:
		return metav1.ConditionTrue, ""
	case t.Approval == nil || !s.clock.Come(t.Approval.ApprovedOn):
		return metav1.ConditionFalse, isms.ReasonNotApproved
	case assess.SamePerson(t.Approval.ApprovedBy, r.Spec.Owner):
		return metav1.ConditionTrue, ""
	case assess.DifferentPeople(t.Approval.ApprovedBy, r.Spec.Owner):
		return metav1.ConditionFalse, isms.ReasonNotByOwner
	}
	return metav1.ConditionUnknown, isms.ReasonOwnerNotVerifiable
}

// objectivesPlanned is about clause 6.2.
func (s *scopeAssessment) objectivesPlanned() []need {
	idle := slices.ContainsFunc(s.scope.Spec.Objectives, func(o isms.Objective) bool { return o.Actions == "" })
	return append([]need{
		s.document("InformationSecurityObjectives"),
		stated(field{"actions of each objective", !idle}),
	}, s.objectivesMeasured()...)
}

// changesPlanned is about clause 6.3. An ISMS that has not changed yet shows nothing.
func (s *scopeAssessment) changesPlanned() []need {
	changes := s.register(isms.RegisterChange)
	return append(
		[]need{declared(len(changes) > 0, "Record changes of the ISMS as RegisterEntries of register Change.")},
		each(changes, entryName, func(e *isms.RegisterEntry) (metav1.ConditionStatus, string) {
			return condition(e.Status.Conditions, e.Generation, isms.ConditionChangeControlled)
		}, func(string) string { return "Have the change approved and carried out as planned" })...,
	)
}

func (s *scopeAssessment) anyRisk() need {
	return declared(len(s.risks) > 0, "Record the risks of the scope as Risks.")
}

func (s *scopeAssessment) eachRisk(judge func(*isms.Risk) (metav1.ConditionStatus, string), todo string) []need {
	return each(s.risks, func(r *isms.Risk) string { return r.Name }, judge, func(string) string { return todo })
}

func (s *scopeAssessment) eachRiskIs(conditionType, todo string) []need {
	return s.eachRisk(func(r *isms.Risk) (metav1.ConditionStatus, string) {
		return condition(r.Status.Conditions, r.Generation, conditionType)
	}, todo)
}

// register are the entries of one register, by name.
func (s *scopeAssessment) register(register isms.Register) []*isms.RegisterEntry {
	var list []*isms.RegisterEntry
	for _, e := range s.entries {
		if e.Spec.Register == register {
			list = append(list, e)
		}
	}
	return list
}

func entryName(e *isms.RegisterEntry) string { return e.Name }

// riskAssessed is the condition about clauses 6.1.2 and 8.2: the risks are assessed by the stated method, and not too
// long ago. Whether the process is documented is asked by DocumentationComplete.
func (s *scopeAssessment) riskAssessed() conditions.Summary {
	return join(append([]need{s.riskManagementStated()}, s.assessmentsCurrent()...), isms.ReasonRisksAssessed)
}

// riskTreated is the condition about clauses 6.1.3 and 8.3: each risk is treated, and what remains is accepted.
func (s *scopeAssessment) riskTreated() conditions.Summary {
	needs := append(s.treatmentImplemented(), s.eachRiskIs(isms.ConditionResidualAccepted, "Have the owner accept the residual risk")...)
	summary := join(needs, isms.ReasonRisksTreated)
	if names := s.unsupported(); summary.Status == metav1.ConditionTrue && len(names) > 0 {
		summary.Message = "The residual risk rests on controls that are not satisfied at present: " + conditions.Names(names) + "."
	}
	return summary
}
