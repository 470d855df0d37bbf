// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// FindingConditions are the domain conditions of a Finding, in the order in which they are written.
var FindingConditions = []string{
	isms.ConditionCorrectiveActionPlanned, isms.ConditionCorrectiveActionOnTime, isms.ConditionAcceptedForDecision,
	isms.ConditionClosed, isms.ConditionSeverityAdequate, isms.ConditionReferencesResolved,
}

// FindingInput is everything that the assessment of one Finding reads. Others and Controls may be those of the whole
// namespace, and the Finding itself one of the Others.
type FindingInput struct {
	Finding *isms.Finding
	// Scope is the Finding's scope; nil where there is none of that name.
	Scope *isms.ISMSScope
	// Cycle is the one that auditRef names; nil where there is none of that name. One of another scope counts as none.
	Cycle *isms.AuditCycle
	// Others may hold nonconformities on the same requirement.
	Others []isms.Finding
	// Controls may hold the control that is the requirement.
	Controls []isms.Control
	Now      time.Time
}

// FindingOutcome is what the assessment of a Finding says.
type FindingOutcome struct {
	Status isms.FindingStatus
	// RequeueAt is the earliest moment at which the outcome may change by time alone; zero where it never does.
	RequeueAt time.Time
	Events    []Event
}

// findingAssessment is the state of one run.
type findingAssessment struct {
	in    FindingInput
	spec  *isms.FindingSpec
	clock *Clock
	// closed is answered first, because a closed finding waits for nothing.
	closed judgement
	// planDue and evidenceDue are empty where there is no such day.
	planDue, evidenceDue isms.Date
}

// Finding assesses one Finding: what is planned, whether it is on time, what the certification body has accepted,
// whether it is closed, and whether its severity still fits.
func Finding(in FindingInput) FindingOutcome {
	a := &findingAssessment{in: in, spec: &in.Finding.Spec, clock: NewClock(in.Now)}
	if in.Cycle != nil && in.Cycle.Spec.ScopeRef != a.spec.ScopeRef {
		a.in.Cycle = nil // its days are no days of this scope
	}
	before := in.Finding.Status
	w := conditions.NewWriter(before.Conditions, in.Finding.Generation, in.Now)
	var status isms.FindingStatus
	if o := recordObstacle(in.Finding, in.Scope, a.spec.ScopeRef); o != nil {
		o.show(w, o.reason, o.message)
		for _, t := range FindingConditions {
			w.SetTo(t, unknown(o.reason, o.message))
		}
	} else {
		a.in.Finding = Graded(in.Finding, a.clock)
		a.spec = &a.in.Finding.Spec
		a.closed = findingClosed(a.in.Finding, a.clock)
		a.planDue, a.evidenceDue = a.dueDays()
		w.Ready(isms.ReasonAssessed, "")
		for i, j := range []judgement{
			a.planned(), a.onTime(), a.accepted(), a.closed, a.severityAdequate(), a.references().judgement(),
		} {
			w.SetTo(FindingConditions[i], j)
		}
		status.PlanDueOn, status.EvidenceDueOn, status.DueOn = a.planDue, a.evidenceDue, a.nextDue()
	}
	status.Conditions, status.ObservedGeneration = w.List(), w.ObservedGeneration(before.ObservedGeneration)
	return FindingOutcome{
		Status: status, RequeueAt: a.clock.Next(), Events: Transitions(before.Conditions, status.Conditions, FindingConditions...),
	}
}

func (a *findingAssessment) isClosed() bool { return a.closed.Status == metav1.ConditionTrue }

func (a *findingAssessment) major() bool { return a.spec.Severity == isms.SeverityMajor }

// answered says whether there is an answer of any sort to a finding that demands less than a nonconformity.
func (a *findingAssessment) answered() bool {
	return a.spec.Correction != "" || a.spec.CorrectiveAction != nil || a.spec.Decision != nil
}

// demanded says whether an answer is demanded: to a nonconformity and to an area of concern always, to the others where
// whoever raised them named a day (ISO/IEC 17021-1, 9.4.9 and 9.3.1.2.3).
func (a *findingAssessment) demanded() bool {
	return !advisory(a.in.Finding) || a.spec.ResponseDueOn != ""
}

// planned judges whether the answer is stated: for a nonconformity correction, cause, similar cases and action.
func (a *findingAssessment) planned() judgement {
	missing := planMissing(a.in.Finding)
	if !nonconformity(a.in.Finding) {
		missing = nil
		switch {
		case !a.demanded() && !a.answered():
			return unknown(isms.ReasonNotRequired, "An "+a.severityInWords()+" demands no answer.")
		case !a.answered():
			missing = []string{"an answer: correction or correctiveAction"}
		}
	}
	late := a.planDue != "" && a.clock.Over(a.planDue) && !a.isClosed()
	lacking := conditions.Names(missing)
	switch {
	case len(missing) > 0 && late:
		return no(isms.ReasonOverdue, "The plan is overdue. It lacks "+lacking+".")
	case len(missing) > 0 && !a.answered():
		return no(isms.ReasonMissing, "No plan is stated. It lacks "+lacking+".")
	case len(missing) > 0:
		return no(isms.ReasonIncomplete, "The plan lacks "+lacking+".")
	case a.dueTooLate():
		return no(isms.ReasonDueTooLate, "The corrective action is due after the last day for the evidence of a Major.")
	}
	return yes(isms.ReasonCorrectiveActionPlanned, "")
}

// dueTooLate says whether a plan cannot be in time as it stands.
func (a *findingAssessment) dueTooLate() bool {
	action := a.spec.CorrectiveAction
	open := action != nil && a.evidenceDue != "" && !a.isClosed() && !actionDone(a.in.Finding, a.clock)
	return open && action.DueDate > a.evidenceDue // full-dates sort as text
}

// onTime judges whether no day has passed by which something was due. What is done late is done.
func (a *findingAssessment) onTime() judgement {
	action := a.spec.CorrectiveAction
	review := a.spec.EffectivenessReview
	switch {
	case !a.demanded() && action == nil:
		return unknown(isms.ReasonNotRequired, "No corrective action is demanded, and none is planned.")
	case a.isClosed():
		return yes(isms.ReasonCorrectiveActionOnTime, "")
	case review != nil && review.Outcome == isms.ActionNotEffective && a.clock.Come(review.ReviewedOn):
		return no(isms.ReasonNotEffective, "The corrective action had no effect: plan another one.")
	case actionDone(a.in.Finding, a.clock):
		return yes(isms.ReasonCorrectiveActionOnTime, "")
	case action != nil && a.clock.Over(action.DueDate):
		return no(isms.ReasonOverdue, "The corrective action is overdue.")
	case a.evidenceDue != "" && a.clock.Over(a.evidenceDue):
		return no(isms.ReasonOverdue, "The last day for the evidence of a Major has passed.")
	case action != nil, !nonconformity(a.in.Finding) && a.answered():
		return yes(isms.ReasonCorrectiveActionOnTime, "")
	case a.planDue != "" && a.clock.Over(a.planDue):
		return no(isms.ReasonOverdue, "The plan is overdue.")
	}
	return unknown(isms.ReasonMissing, "No corrective action is planned yet, and the plan is not due.")
}

// accepted judges whether the certification body has what it needs before it decides (ISO/IEC 17021-1, 9.5.2): corrections
// and corrective actions for a Major reviewed, accepted and verified, the plan for a Minor reviewed and accepted.
func (a *findingAssessment) accepted() judgement {
	if !byBody(a.in.Finding) || !nonconformity(a.in.Finding) {
		return unknown(isms.ReasonNotRequired, "The certification body's decision does not wait for it.")
	}
	c := a.spec.CertificationBody
	if c == nil {
		c = &isms.BodyVerification{}
	}
	verified, plan := a.clock.Come(c.VerifiedOn), a.clock.Come(c.PlanAcceptedOn)
	switch {
	case verified:
		return yes(isms.ReasonVerified, "")
	case plan && !a.major():
		return yes(isms.ReasonPlanAccepted, "")
	case plan:
		return no(isms.ReasonNotVerified, "The plan is accepted; of a Major the corrective action must be verified as well.")
	case c.PlanAcceptedOn != "" || c.VerifiedOn != "":
		return no(isms.ReasonDateInFuture, "What the certification body accepted is dated in the future.")
	}
	return no(isms.ReasonNotAccepted, "The certification body has not accepted the plan.")
}

// severityInWords is how a message names what is less than a nonconformity.
func (a *findingAssessment) severityInWords() string {
	if a.spec.Severity == isms.SeverityOpportunityForImprovement {
		return "opportunity for improvement"
	}
	return "observation"
}
