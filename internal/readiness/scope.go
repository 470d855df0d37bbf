// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package readiness decides what the operator says about a scope and a certification cycle: how much of the management
// system is in place, and what blocks the next audit. It is pure. What it does not assess is Unknown, NotYetAssessed.
package readiness

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// HeartbeatEvery is the time between two heartbeats of a scope.
const HeartbeatEvery = 5 * time.Minute

// scopeConditions are the domain conditions of an ISMSScope, in the order in which they are written. They are gates of
// its cycles as well.
var scopeConditions = []string{
	isms.ConditionScopeDefined, isms.ConditionBoundaryComplete, isms.ConditionLeadershipEstablished,
	isms.ConditionObjectivesMonitored, isms.ConditionRiskAssessed, isms.ConditionRiskTreated,
	isms.ConditionStatementOfApplicabilityComplete, isms.ConditionStatementOfApplicabilityApproved,
	isms.ConditionDocumentationComplete, isms.ConditionAwarenessMaintained,
}

// ScopeInput is everything that the assessment of one ISMSScope reads. Controls and Documents may be those of the
// whole namespace; the ones of other scopes are left out.
type ScopeInput struct {
	Scope      *isms.ISMSScope
	Controls   []isms.Control
	Documents  []isms.Document
	Namespaces tally.Namespaces
	// Waiting says what the scope waits for, such as a service account that does not exist yet; nil for nothing.
	Waiting *Wait
	// Alive says that the engine has synced what it watches for the scope. Only then does the heartbeat move.
	Alive bool
	Now   time.Time
}

// Wait is something that is expected to come by itself.
type Wait struct{ Reason, Message string }

// ScopeOutcome is what the assessment of an ISMSScope says.
type ScopeOutcome struct {
	// Status is the new status, complete.
	Status isms.ISMSScopeStatus
	// RequeueAt is the earliest moment at which the outcome may change by time alone, the heartbeat included.
	RequeueAt time.Time
	Events    []assess.Event
}

// Scope assesses one ISMSScope.
func Scope(in ScopeInput) ScopeOutcome {
	s := &scopeAssessment{in: in, scope: in.Scope, clock: assess.NewClock(in.Now)}
	s.controls = ofScope(in.Controls, in.Scope.Name)
	w := conditions.NewWriter(in.Scope.Status.Conditions, in.Scope.Generation, in.Now)
	status := isms.ISMSScopeStatus{
		HeartbeatTime:            s.heartbeat(),
		StatementOfApplicability: s.statementCounts(), Namespaces: s.namespaceCounts(),
		Requirements: in.Scope.Status.Requirements, Gaps: in.Scope.Status.Gaps,
	}
	s.showReady(w)
	for _, t := range scopeConditions {
		w.SetTo(t, s.judge(t))
	}
	status.Conditions, status.ObservedGeneration = w.List(), w.ObservedGeneration(in.Scope.Status.ObservedGeneration)
	events := assess.Transitions(in.Scope.Status.Conditions, status.Conditions,
		append([]string{isms.ConditionReady}, scopeConditions...)...)
	return ScopeOutcome{Status: status, RequeueAt: s.clock.Next(), Events: events}
}

type scopeAssessment struct {
	in       ScopeInput
	scope    *isms.ISMSScope
	controls []*isms.Control
	clock    *assess.Clock
}

func (s *scopeAssessment) showReady(w *conditions.Writer) {
	switch {
	case assess.Suspended(s.scope):
		w.Ready(isms.ReasonSuspended, assess.SuspendedMessage)
	case s.in.Namespaces.Reason == isms.ReasonScopeNotResolved:
		w.Stalled(isms.ReasonScopeNotResolved, s.in.Namespaces.Message)
	case s.in.Waiting != nil:
		w.Reconciling(s.in.Waiting.Reason, s.in.Waiting.Message)
	default:
		w.Ready(isms.ReasonAssessed, "")
	}
}

// judge answers one condition. What a later version computes is not claimed here.
func (s *scopeAssessment) judge(condition string) conditions.Summary {
	if assess.Suspended(s.scope) {
		return unknown(isms.ReasonSuspended, assess.SuspendedMessage)
	}
	switch condition {
	case isms.ConditionScopeDefined:
		return scopeDefined(s.scope)
	case isms.ConditionBoundaryComplete:
		return s.boundaryComplete()
	case isms.ConditionStatementOfApplicabilityComplete:
		return s.statementComplete()
	case isms.ConditionDocumentationComplete:
		return s.documentationComplete()
	}
	return notYetAssessed()
}

// heartbeat moves every HeartbeatEvery while the engine is synced, and only then: its age shows a dead operator.
func (s *scopeAssessment) heartbeat() *metav1.Time {
	before := s.scope.Status.HeartbeatTime
	if !s.in.Alive || before != nil && !s.clock.Reached(before.Add(HeartbeatEvery)) {
		return before
	}
	now := metav1.NewTime(s.clock.Now().Truncate(time.Second))
	s.clock.Reached(now.Add(HeartbeatEvery))
	return &now
}

func ofScope(controls []isms.Control, scope string) []*isms.Control {
	var found []*isms.Control
	for i := range controls {
		if string(controls[i].Spec.ScopeRef.Name) == scope {
			found = append(found, &controls[i])
		}
	}
	return found
}

func yes(reason, message string) conditions.Summary {
	return conditions.Summary{Status: metav1.ConditionTrue, Reason: reason, Message: message}
}

func no(reason, message string) conditions.Summary {
	return conditions.Summary{Status: metav1.ConditionFalse, Reason: reason, Message: message}
}

func unknown(reason, message string) conditions.Summary {
	return conditions.Summary{Status: metav1.ConditionUnknown, Reason: reason, Message: message}
}

func notYetAssessed() conditions.Summary {
	return unknown(isms.ReasonNotYetAssessed, "This version of the operator does not assess it.")
}
