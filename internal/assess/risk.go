// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"strings"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// RiskInput is everything that the assessment of one Risk reads. Controls may be those of the whole namespace.
type RiskInput struct {
	Risk *isms.Risk
	// Scope is the Risk's scope; nil where there is none of that name.
	Scope *isms.ISMSScope
	// Asset is the RegisterEntry that assetRef names; nil where there is none of that name.
	Asset *isms.RegisterEntry
	// Controls may be named by the treatment; what counts of them is the Satisfied condition.
	Controls []isms.Control
	Now      time.Time
}

// RiskOutcome is what the assessment of a Risk says.
type RiskOutcome struct {
	Status isms.RiskStatus
	// RequeueAt is the earliest moment at which the outcome may change by time alone; zero where it never does.
	RequeueAt time.Time
	Events    []Event
}

// RiskConditions are the domain conditions of a Risk, in the order in which they are written.
var RiskConditions = []string{
	isms.ConditionAssessed, isms.ConditionTreated, isms.ConditionResidualAccepted, isms.ConditionReviewCurrent,
}

// riskAssessment is the state of one run.
type riskAssessment struct {
	in    RiskInput
	spec  *isms.RiskSpec
	frame *isms.RiskManagement
	clock *Clock
	// inherent and residual are what the method makes of the two assessments whose day has come.
	inherent, residual rating
	status             isms.RiskStatus
}

// Risk assesses one entry of the risk register: either something keeps it from being assessed at all, or its levels and
// losses are computed by the scope's method, and what is recorded of it is judged.
func Risk(in RiskInput) RiskOutcome {
	a := &riskAssessment{in: in, spec: &in.Risk.Spec, clock: NewClock(in.Now)}
	w := conditions.NewWriter(in.Risk.Status.Conditions, in.Risk.Generation, in.Now)
	if o := a.obstacle(); o != nil {
		o.show(w, o.reason, o.message)
		for _, t := range RiskConditions {
			w.SetTo(t, unknown(o.reason, o.message))
		}
	} else {
		a.compute()
		w.Ready(isms.ReasonAssessed, "")
		for i, j := range []judgement{a.assessed(), a.treated(), a.accepted(), a.reviewed()} {
			w.SetTo(RiskConditions[i], j)
		}
		a.status.Missing = a.missing()
	}
	a.status.Conditions = w.List()
	a.status.ObservedGeneration = w.ObservedGeneration(in.Risk.Status.ObservedGeneration)
	events := Transitions(in.Risk.Status.Conditions, a.status.Conditions, append([]string{isms.ConditionReady}, RiskConditions...)...)
	return RiskOutcome{Status: a.status, RequeueAt: a.clock.Next(), Events: events}
}

// obstacle keeps a Risk from being assessed. Words that the method does not have can only be changed by a person, as
// the method or the Risk must be edited, so they stall it.
func (a *riskAssessment) obstacle() *obstacle {
	if o := recordObstacle(a.in.Risk, a.in.Scope, a.spec.ScopeRef); o != nil {
		return o
	}
	a.frame = a.in.Scope.Spec.RiskManagement
	if a.frame == nil {
		return &obstacle{
			isms.ReasonMethodNotDefined, "The scope says nothing on how risks are assessed: give its riskManagement.",
			func(w *conditions.Writer, _, _ string) { w.Ready(isms.ReasonAssessed, "") },
		}
	}
	if problems := mismatches(a.spec, a.frame); len(problems) > 0 {
		return &obstacle{isms.ReasonMethodMismatch, listed(problems), stalled}
	}
	return nil
}

// listed joins at most three sentences.
func listed(sentences []string) string {
	const shown = 3
	text := strings.Join(sentences[:min(len(sentences), shown)], " ")
	if more := len(sentences) - shown; more > 0 {
		text += " And " + conditions.Count(more, "more problem") + "."
	}
	return text
}

// compute fills what the status says in words and figures. An assessment that is dated in the future says nothing yet.
func (a *riskAssessment) compute() {
	a.status.AnnualLoss, a.status.ResidualAnnualLoss = a.losses()
	if s := a.spec.Assessment; s != nil && a.clock.Come(s.AssessedOn) {
		a.inherent = rate(s, "spec.assessment", a.frame)
		a.inherent.estimate(a.frame, "spec.quantitative", a.status.AnnualLoss)
	}
	switch s := a.spec.Residual; {
	case s != nil && a.clock.Come(s.AssessedOn):
		a.residual = rate(s, "spec.residual", a.frame)
		loss := a.status.ResidualAnnualLoss
		if loss == nil {
			loss = a.status.AnnualLoss
		}
		a.residual.estimate(a.frame, "spec.quantitative", loss)
	case s == nil && a.retained():
		a.residual = a.inherent
	}
	a.status.InherentLevel, a.status.InherentScore = a.inherent.level, a.inherent.score
	a.status.ResidualLevel, a.status.ResidualScore = a.residual.level, a.residual.score
}

func (a *riskAssessment) retained() bool {
	return a.spec.Treatment != nil && a.spec.Treatment.Option == isms.TreatmentRetain
}

// remaining is the assessment of what remains of the risk: the residual one, or, of a risk that is retained as it is,
// the only one.
func (a *riskAssessment) remaining() (remaining *isms.RiskAssessment, field string) {
	if a.spec.Residual == nil && a.retained() {
		return a.spec.Assessment, "spec.assessment"
	}
	return a.spec.Residual, "spec.residual"
}
