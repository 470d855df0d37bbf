// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// step is one step of the way to a certificate and through its cycle.
type step struct {
	name isms.Step
	// gates that are True when the step is done.
	gates []string
	// fact answers a step that has no gate; nil for the others.
	fact func(*cycleAssessment) conditions.Summary
	// due is the day of a step that has no milestone; nil where there is none.
	due func(*cycleAssessment) isms.Date
}

// plan are the steps, in the order of the process.
var plan = []step{
	{isms.StepScope, []string{isms.ConditionScopeDefined, isms.ConditionBoundaryComplete}, nil, nil},
	{isms.StepLeadership, []string{isms.ConditionLeadershipEstablished}, nil, nil},
	{isms.StepGapAnalysis, []string{isms.ConditionGapsAddressed}, nil, nil},
	{isms.StepRiskAssessment, []string{isms.ConditionRiskAssessed}, nil, nil},
	{isms.StepRiskTreatment, []string{isms.ConditionRiskTreated}, nil, nil},
	{
		isms.StepStatementOfApplicability,
		[]string{isms.ConditionStatementOfApplicabilityComplete, isms.ConditionStatementOfApplicabilityApproved},
		nil, nil,
	},
	{isms.StepControlsAndPolicies, []string{isms.ConditionDocumentationComplete, isms.ConditionControlsImplemented}, nil, nil},
	{isms.StepTrainingAndAwareness, []string{isms.ConditionAwarenessMaintained}, nil, nil},
	{
		isms.StepOperation,
		[]string{isms.ConditionObjectivesMonitored, isms.ConditionControlsSatisfied, isms.ConditionOperatingPeriodMet},
		nil, nil,
	},
	{isms.StepInternalAudit, []string{isms.ConditionInternalAuditComplete}, nil, (*cycleAssessment).auditPlanned},
	{isms.StepManagementReview, []string{isms.ConditionManagementReviewComplete}, nil, (*cycleAssessment).reviewPlanned},
	{isms.StepCertificationBody, []string{isms.ConditionCertificationBodyEngaged}, nil, nil},
	{isms.StepStage1, nil, (*cycleAssessment).stage1Passed, planned(isms.AuditStage1)},
	{isms.StepStage2, nil, (*cycleAssessment).stage2Passed, planned(isms.AuditStage2)},
	{
		isms.StepFindings,
		[]string{isms.ConditionNoOpenMajorFindings, isms.ConditionCorrectiveActionsOnTime},
		(*cycleAssessment).anyAudited, nil,
	},
	{isms.StepDecision, nil, (*cycleAssessment).certified, nil},
	{isms.StepSurveillance, nil, (*cycleAssessment).surveyed, (*cycleAssessment).surveillanceDue},
	{isms.StepRecertification, nil, (*cycleAssessment).renewed, (*cycleAssessment).renewalDue},
}

// stepsOf are the steps that a cycle has: Stage 1 and Stage 2 belong to an initial certification (ISO/IEC 17021-1, 9.1.3.2),
// and to another cycle where such an audit is planned.
func (c *cycleAssessment) stepsOf() []step {
	return slices.DeleteFunc(slices.Clone(plan), func(s step) bool {
		auditType := isms.AuditType(s.name)
		if auditType != isms.AuditStage1 && auditType != isms.AuditStage2 {
			return false
		}
		held := slices.ContainsFunc(c.cycle.Spec.Audits, func(a isms.Audit) bool { return a.Type == auditType })
		return c.cycle.Spec.Origin != isms.OriginInitial && !held
	})
}

// steps judges each step from the gates as they are written, the facts and its milestone.
func (c *cycleAssessment) steps(gates []metav1.Condition) []isms.StepStatus {
	steps := c.stepsOf()
	answers := make(map[isms.Step]stepAnswer, len(steps))
	for _, s := range steps {
		answers[s.name] = c.answer(s, gates)
	}
	list := make([]isms.StepStatus, 0, len(steps))
	for _, s := range steps {
		list = append(list, c.stepStatus(s, answers))
	}
	return list
}

// stepAnswer is what is said of a step: whether it is done, and, where it is not, whether something of it is there.
type stepAnswer struct {
	conditions.Summary
	begun bool
}

// answer joins what a step asks for. An advisory gate does not count beside others. The reason of a step that is done is that of its
// fact, or of its first gate. A step with a fact has begun when the fact says so: its gates may be True before.
func (c *cycleAssessment) answer(s step, gates []metav1.Condition) stepAnswer {
	var needs []need
	holds, begun := "", false
	if s.fact != nil {
		fact := s.fact(c)
		needs, holds, begun = append(needs, from(fact)), fact.Reason, there(fact.Reason)
	}
	for _, name := range s.gates {
		g := conditions.Get(gates, name)
		if g == nil || len(s.gates) > 1 && c.advisory(name) {
			continue
		}
		needs, holds = append(needs, need{g.Status, g.Reason, g.Message}), cmp.Or(holds, g.Reason)
		begun = begun || s.fact == nil && there(g.Reason)
	}
	return stepAnswer{join(needs, holds), begun}
}

// there says whether a reason tells that something is there, and known of.
func there(reason string) bool {
	return !slices.Contains([]string{isms.ReasonMissing, isms.ReasonNothingDeclared, isms.ReasonNotYetAssessed}, reason)
}

// stepStatus is the state of a step: Done, else Overdue, else Blocked, else by whether something of it is there.
func (c *cycleAssessment) stepStatus(s step, answers map[isms.Step]stepAnswer) isms.StepStatus {
	answer := answers[s.name]
	status := isms.StepStatus{Name: s.name, Reason: answer.Reason, Message: answer.Message}
	var waits []string
	if m := c.milestone(s.name); m != nil {
		status.Owner, status.DueDate = string(cmp.Or(m.Owner.Name, isms.ShortText(m.Owner.Email), m.Owner.ID)), m.DueDate
		for _, other := range m.DependsOn {
			if a, has := answers[other]; has && a.Status != metav1.ConditionTrue {
				waits = append(waits, string(other))
			}
		}
	} else if s.due != nil {
		status.DueDate = s.due(c)
	}
	slices.Sort(waits)
	switch {
	case answer.Status == metav1.ConditionTrue:
		status.State = isms.StepDone
	case status.DueDate != "" && c.clock.Over(status.DueDate):
		status.State = isms.StepOverdue
	case len(waits) > 0:
		status.State, status.Reason = isms.StepBlocked, isms.ReasonBlocked
		status.Message = conditions.Truncate("Waits for " + conditions.Names(waits) + ". " + answer.Message)
	case answer.begun:
		status.State = isms.StepInProgress
	default:
		status.State = isms.StepNotStarted
	}
	return status
}

func (c *cycleAssessment) milestone(name isms.Step) *isms.Milestone {
	for i := range c.cycle.Spec.Milestones {
		if c.cycle.Spec.Milestones[i].Step == name {
			return &c.cycle.Spec.Milestones[i]
		}
	}
	return nil
}

// stage1Passed: the certification body goes on to Stage 2 (ISO/IEC 17021-1, 9.3.1.2).
func (c *cycleAssessment) stage1Passed() conditions.Summary {
	return c.passed(isms.AuditStage1, isms.OutcomeReadyForStage2)
}

// stage2Passed: the audit team recommends certification (ISO/IEC 17021-1, 9.3.1.3).
func (c *cycleAssessment) stage2Passed() conditions.Summary {
	return c.passed(isms.AuditStage2, isms.OutcomeRecommended, isms.OutcomeRecommendedAfterCorrection)
}

// passed says whether the latest audit of a type had one of the outcomes.
func (c *cycleAssessment) passed(auditType isms.AuditType, outcomes ...isms.AuditOutcome) conditions.Summary {
	last := c.calendar.last(auditType)
	switch {
	case last != nil && slices.Contains(outcomes, last.Outcome):
		return yes(string(last.Outcome), "")
	case last != nil && last.Outcome != "":
		return no(string(last.Outcome), "The audit did not end as hoped for.")
	case last != nil:
		return no(isms.ReasonIncomplete, "The outcome of the audit is not recorded.")
	case c.calendar.begunSince(auditType, ""):
		return no(isms.ReasonInProgress, "The audit has begun.")
	}
	return no(isms.ReasonMissing, "The audit has not taken place.")
}

// anyAudited: findings can be handled once somebody has audited.
func (c *cycleAssessment) anyAudited() conditions.Summary {
	performed, _ := c.records.internalAudits()
	external := slices.ContainsFunc(c.cycle.Spec.Audits, func(a isms.Audit) bool { return completed(a, c.clock) })
	if len(performed) == 0 && !external {
		return unknown(isms.ReasonNothingDeclared, "No audit has taken place.")
	}
	return yes(isms.ReasonNonconformitiesHandled, "")
}

// certified: the certification body has decided (ISO/IEC 17021-1, 9.5).
func (c *cycleAssessment) certified() conditions.Summary {
	if c.calendar.decided() == "" {
		return no(isms.ReasonMissing, "The certification body has not decided.")
	}
	return yes(isms.ReasonDecided, "")
}

// surveyed: no surveillance of the cycle is outstanding (ISO/IEC 17021-1, 9.1.3.3), nor was one when the certificate ended. That
// it has ended stands for no audit.
func (c *cycleAssessment) surveyed() conditions.Summary {
	k := c.calendar
	held := k.decided() != "" && k.surveyedFrom(k.decided())
	switch duty := c.surveillanceMissing(); {
	case k.decided() == "":
		return unknown(isms.ReasonNothingDeclared, "There is no certificate yet.")
	case duty != nil && !held:
		return no(isms.ReasonMissing, "No surveillance audit has taken place.")
	case duty != nil && k.watched():
		return no(isms.ReasonInProgress, "Further surveillance is outstanding.")
	case duty != nil:
		return no(isms.ReasonOverdue, "Not every surveillance of the certificate took place before it ended.")
	case !held && !k.watched():
		return unknown(isms.ReasonNothingDeclared, "The certificate ended before a surveillance was due.")
	}
	return yes(isms.ReasonNothingOutstanding, "")
}

// surveillanceMissing is the first surveillance that is not done, or was not when the certificate ended; nil where there is none.
func (c *cycleAssessment) surveillanceMissing() *isms.Deadline {
	k := c.calendar
	if k.watched() {
		duty, _ := k.surveillanceDuty()
		return duty
	}
	for _, duty := range inOrder(k.surveillanceOwed()) {
		if duty.DueOn <= k.endedOn() {
			return &duty
		}
	}
	return nil
}

func (c *cycleAssessment) surveillanceDue() isms.Date {
	if duty := c.surveillanceMissing(); duty != nil {
		return duty.DueOn
	}
	return ""
}

// renewed: the certificate is renewed, by the next cycle, or in a cycle that renews by its own decision (ISO/IEC 17021-1,
// 9.6.3).
func (c *cycleAssessment) renewed() conditions.Summary {
	k := c.calendar
	switch {
	case k.renewed():
		return yes(isms.ReasonDecided, "")
	case k.toRenew() == "" && k.next == nil:
		return unknown(isms.ReasonNothingDeclared, "There is no certificate to renew.")
	case k.recertificationDone() != nil:
		return no(isms.ReasonInProgress, "The certification body has not decided on the recertification.")
	}
	return no(isms.ReasonMissing, "The recertification audit has not taken place.")
}

// renewalDue is the day of the recertification audit, and, once it is over, that of the decision.
func (c *cycleAssessment) renewalDue() isms.Date {
	duties := append(c.calendar.recertificationAudit(), c.calendar.recertificationDecision()...)
	if len(duties) == 0 {
		return ""
	}
	return duties[0].DueOn
}

// planned is the day on which the next audit of a type is planned.
func planned(auditType isms.AuditType) func(*cycleAssessment) isms.Date {
	return func(c *cycleAssessment) isms.Date {
		for _, a := range c.calendar.open() {
			if a.Type == auditType {
				return firstDay(a)
			}
		}
		return ""
	}
}

// auditPlanned and reviewPlanned are the first planned days of this cycle without a performance.
func (c *cycleAssessment) auditPlanned() isms.Date {
	var first isms.Date
	for _, a := range c.cycle.Spec.InternalAudits {
		if !c.clock.Come(a.PerformedOn) && (first == "" || a.PlannedOn < first) {
			first = a.PlannedOn
		}
	}
	return first
}

func (c *cycleAssessment) reviewPlanned() isms.Date {
	var first isms.Date
	for _, r := range c.cycle.Spec.ManagementReviews {
		if !c.clock.Come(r.PerformedOn) && (first == "" || r.PlannedOn < first) {
			first = r.PlannedOn
		}
	}
	return first
}
