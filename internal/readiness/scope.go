// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package readiness decides what the operator says about a scope and a certification cycle: how much of the management
// system is in place, and what blocks the next audit. It is pure. What it does not assess is Unknown, NotYetAssessed.
package readiness

import (
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/operation"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// HeartbeatEvery is the time between two heartbeats of a scope.
const HeartbeatEvery = 5 * time.Minute

// scopeConditions are the domain conditions of an ISMSScope, in the order in which they are written. They are gates of
// its cycles as well.
var scopeConditions = []string{
	isms.ConditionScopeDefined, isms.ConditionBoundaryComplete, isms.ConditionLeadershipEstablished,
	isms.ConditionObjectivesMonitored, isms.ConditionGapsAddressed, isms.ConditionRiskAssessed, isms.ConditionRiskTreated,
	isms.ConditionStatementOfApplicabilityComplete, isms.ConditionStatementOfApplicabilityApproved,
	isms.ConditionDocumentationComplete, isms.ConditionAwarenessMaintained,
}

// ScopeInput is everything that the assessment of one ISMSScope reads. The objects may be those of the whole namespace;
// the ones of other scopes are left out. Of Risks, Findings and Entries the status is read where it is about their
// present generation.
type ScopeInput struct {
	Scope        *isms.ISMSScope
	Controls     []isms.Control
	Risks        []isms.Risk
	Documents    []isms.Document
	Attestations []isms.Attestation
	Entries      []isms.RegisterEntry
	Findings     []isms.Finding
	Cycles       []isms.AuditCycle
	Namespaces   tally.Namespaces
	// Removed are records that the evidence log knows and the cluster has forgotten.
	Removed []operation.Removed
	// Waiting says what the scope waits for, such as a service account that does not exist yet; nil for nothing.
	Waiting *Wait
	// Log is how the evidence log stands; nil where there is none, as in a simulation.
	Log *LogState
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
	s := newScopeAssessment(in)
	s.approval = s.statementApproval()
	w := conditions.NewWriter(in.Scope.Status.Conditions, in.Scope.Generation, in.Now)
	status := isms.ISMSScopeStatus{
		HeartbeatTime:            s.heartbeat(),
		StatementOfApplicability: s.statementStatus(), Namespaces: s.namespaceCounts(),
		Requirements: s.requirements(),
	}
	gaps := s.gaps(status.Requirements)
	if !assess.Suspended(in.Scope) { // of which nothing is known, not that everything is missing
		status.Gaps = countGaps(gaps)
	}
	s.showReady(w)
	for _, t := range scopeConditions {
		w.SetTo(t, s.withRemoved(t, s.judge(t, gaps)))
	}
	s.showLog(w)
	status.Conditions, status.ObservedGeneration = w.List(), w.ObservedGeneration(in.Scope.Status.ObservedGeneration)
	events := assess.Transitions(in.Scope.Status.Conditions, status.Conditions,
		append([]string{isms.ConditionReady, isms.ConditionEvidenceLogIntact, isms.ConditionEvidenceLogSealed}, scopeConditions...)...)
	return ScopeOutcome{Status: status, RequeueAt: s.clock.Next(), Events: events}
}

// scopeAssessment is the state of one run. The objects are those of the scope, by name.
type scopeAssessment struct {
	in       ScopeInput
	scope    *isms.ISMSScope
	controls []*isms.Control
	risks    []*isms.Risk
	entries  []*isms.RegisterEntry
	findings []*isms.Finding
	cycles   []*isms.AuditCycle
	clock    *assess.Clock
	approval approvalState
}

func newScopeAssessment(in ScopeInput) *scopeAssessment {
	name, clock := in.Scope.Name, assess.NewClock(in.Now)
	return &scopeAssessment{
		in: in, scope: in.Scope, clock: clock,
		controls: ofScope(in.Controls, name),
		risks:    ours(in.Risks, name, func(r *isms.Risk) (isms.LocalRef, string) { return r.Spec.ScopeRef, r.Name }),
		entries:  entriesOf(in.Entries, name),
		findings: findingsOf(in.Findings, name, clock),
		cycles:   ours(in.Cycles, name, func(c *isms.AuditCycle) (isms.LocalRef, string) { return c.Spec.ScopeRef, c.Name }),
	}
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

// judge answers one condition.
func (s *scopeAssessment) judge(condition string, gaps []Gap) conditions.Summary {
	if assess.Suspended(s.scope) {
		return unknown(isms.ReasonSuspended, assess.SuspendedMessage)
	}
	switch condition {
	case isms.ConditionScopeDefined:
		return scopeDefined(s.scope)
	case isms.ConditionBoundaryComplete:
		return s.boundaryComplete()
	case isms.ConditionLeadershipEstablished:
		return s.leadershipEstablished()
	case isms.ConditionObjectivesMonitored:
		return join(s.objectivesMeasured(), isms.ReasonObjectivesMonitored)
	case isms.ConditionGapsAddressed:
		return s.gapsAddressed(gaps)
	case isms.ConditionRiskAssessed:
		return s.riskAssessed()
	case isms.ConditionRiskTreated:
		return s.riskTreated()
	case isms.ConditionStatementOfApplicabilityComplete:
		return s.statementComplete()
	case isms.ConditionStatementOfApplicabilityApproved:
		return s.approval.summary
	case isms.ConditionDocumentationComplete:
		return s.documentationComplete()
	case isms.ConditionAwarenessMaintained:
		return join(s.awarenessMaintained(), isms.ReasonAwarenessMaintained)
	}
	return notYetAssessed()
}

// withRemoved closes a condition that rested on records which are gone.
func (s *scopeAssessment) withRemoved(condition string, answer conditions.Summary) conditions.Summary {
	if len(s.in.Removed) == 0 || assess.Suspended(s.scope) {
		return answer
	}
	gone := removals{s.in.Removed, s.scope, s.controls, s.in.Documents, s.in.Attestations, s.clock}
	return gone.closing(condition, answer)
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

// findingsOf are the findings of a scope, each with the severity that it has now.
func findingsOf(findings []isms.Finding, scope string, clock *assess.Clock) []*isms.Finding {
	list := ours(findings, scope, func(f *isms.Finding) (isms.LocalRef, string) { return f.Spec.ScopeRef, f.Name })
	for i, f := range list {
		list[i] = assess.Graded(f, clock)
	}
	return list
}

func entriesOf(entries []isms.RegisterEntry, scope string) []*isms.RegisterEntry {
	return ours(entries, scope, func(e *isms.RegisterEntry) (isms.LocalRef, string) { return e.Spec.ScopeRef, e.Name })
}

func ofScope(controls []isms.Control, scope string) []*isms.Control {
	return ours(controls, scope, func(c *isms.Control) (isms.LocalRef, string) { return c.Spec.ScopeRef, c.Name })
}

// ours are the objects of a list that name a scope, by their own name.
func ours[T any](list []T, scope string, identify func(*T) (isms.LocalRef, string)) []*T {
	var found []*T
	for i := range list {
		if ref, _ := identify(&list[i]); string(ref.Name) == scope {
			found = append(found, &list[i])
		}
	}
	slices.SortFunc(found, func(a, b *T) int {
		_, x := identify(a)
		_, y := identify(b)
		return strings.Compare(x, y)
	})
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
