// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// milestone is a step of a plan that ends in Stage 2: who owns it, and how many days before.
type milestone struct {
	step       isms.Step
	role       string
	daysBefore int
	dependsOn  []isms.Step
}

// A plan of about nine months. The figures are practice: the operating period of 90 days, four to six weeks between the
// stages, and internal audit and management review early enough to act on what they find.
var plan = []milestone{
	{isms.StepScope, roleManager, 270, nil},
	{isms.StepLeadership, roleSponsor, 270, nil},
	{isms.StepGapAnalysis, roleManager, 250, []isms.Step{isms.StepScope}},
	{isms.StepRiskAssessment, roleManager, 220, []isms.Step{isms.StepScope}},
	{isms.StepRiskTreatment, roleManager, 190, []isms.Step{isms.StepRiskAssessment}},
	{isms.StepStatementOfApplicability, roleManager, 180, []isms.Step{isms.StepRiskTreatment}},
	{isms.StepCertificationBody, roleManager, 180, nil},
	{isms.StepControlsAndPolicies, roleManager, 110, []isms.Step{isms.StepStatementOfApplicability}},
	{isms.StepTrainingAndAwareness, "PeopleTeam", 100, nil},
	{isms.StepInternalAudit, roleManager, 70, []isms.Step{isms.StepControlsAndPolicies}},
	{isms.StepManagementReview, roleSponsor, 50, []isms.Step{isms.StepInternalAudit}},
	{isms.StepStage1, roleManager, 35, []isms.Step{isms.StepManagementReview, isms.StepCertificationBody}},
	{isms.StepOperation, roleManager, 1, []isms.Step{isms.StepControlsAndPolicies}},
	{isms.StepStage2, roleManager, 0, []isms.Step{isms.StepStage1}},
}

const cycleHead = `The certification cycle: docs/auditcycle.md of isms-operator. What has happened is entered here when it has:
audits, reviews, the certification body, its audits and the certificate.`

const noPlan = `A plan: run kubectl isms init with --stage2-on YYYY-MM-DD, or write milestones and audits yourself.`

const withPlan = `A proposal, counted back from the day that was wished for Stage 2: change it as you agree on it.`

func (r *rendering) cycle() error {
	a := r.in.Answers
	cycle := &isms.AuditCycle{
		TypeMeta:   metav1.TypeMeta{APIVersion: isms.GroupVersion.String(), Kind: "AuditCycle"},
		ObjectMeta: metav1.ObjectMeta{Name: string(a.Scope), Namespace: string(a.Namespace)},
		Spec: isms.AuditCycleSpec{
			ScopeRef: isms.LocalRef{Name: a.Scope}, Origin: isms.OriginInitial,
			AuditProgrammeRef: &isms.LocalRef{Name: "internal-audit-programme"},
		},
	}
	if a.Stage2On == "" {
		return r.manifest("cycle.yaml", cycle, cycleHead+"\n"+noPlan, nil)
	}
	end, err := a.Stage2On.Time()
	if err != nil {
		return err
	}
	r.schedule(&cycle.Spec, end)
	return r.manifest("cycle.yaml", cycle, cycleHead, comments{"spec.milestones": withPlan})
}

func (r *rendering) schedule(spec *isms.AuditCycleSpec, end time.Time) {
	on := map[isms.Step]isms.Date{}
	for _, m := range plan {
		on[m.step] = isms.NewDate(end.AddDate(0, 0, -m.daysBefore))
		spec.Milestones = append(spec.Milestones, isms.Milestone{
			Step: m.step, Owner: r.in.person(m.role), DueDate: on[m.step], DependsOn: m.dependsOn,
		})
	}
	spec.InternalAudits = []isms.InternalAudit{{Name: "internal-audit-1", PlannedOn: on[isms.StepInternalAudit]}}
	spec.ManagementReviews = []isms.ManagementReview{{Name: "management-review-1", PlannedOn: on[isms.StepManagementReview]}}
	spec.Audits = []isms.Audit{
		{Name: "stage-1", Type: isms.AuditStage1, PlannedOn: on[isms.StepStage1]},
		{Name: "stage-2", Type: isms.AuditStage2, PlannedOn: on[isms.StepStage2]},
	}
}
