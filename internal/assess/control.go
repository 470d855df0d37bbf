// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// controlConditions are the domain conditions of a Control, in the order in which they are written.
var controlConditions = []string{
	isms.ConditionImplemented, isms.ConditionEvidenceCurrent, isms.ConditionEffective, isms.ConditionSatisfied,
}

// judged joins the judgements on the evidence into conditions and a result.
func (a *assessment) judged(evidence []isms.EvidenceStatus) Outcome {
	w := conditions.NewWriter(a.control.Status.Conditions, a.control.Generation, a.clock.Now())
	showMachinery(w, evidence)
	implemented, current, effective := a.implemented(), a.evidenceCurrent(evidence), a.effective(evidence)
	satisfied := worst(implemented, current, effective, a.conforming())
	if satisfied.Status == metav1.ConditionTrue {
		satisfied = yes(isms.ReasonSatisfied, effective.Message)
	}
	result := resultOf(implemented, effective)
	if a.control.Spec.Applicability.Decision == isms.DecisionExcluded {
		result = isms.ResultExcluded
		excluded := unknown(isms.ReasonExcluded, "The control is excluded with a justification.")
		implemented, current, effective, satisfied = excluded, excluded, excluded, excluded
	}
	for i, j := range []judgement{implemented, current, effective, satisfied} {
		w.SetTo(controlConditions[i], j)
	}
	if j, named := a.exceptedRisks(); named {
		w.SetTo(isms.ConditionReferencesResolved, j)
	}
	return a.outcome(w, result, evidence)
}

// showMachinery says whether all that is declared could be evaluated. What the evidence says is no matter of Ready.
func showMachinery(w *conditions.Writer, evidence []isms.EvidenceStatus) {
	invalid, unsynced := withReason(evidence, isms.ReasonRuleInvalid), withReason(evidence, isms.ReasonNotSynced)
	switch {
	case len(invalid) > 0:
		w.Stalled(isms.ReasonRuleInvalid, causes(invalid))
	case len(unsynced) > 0:
		w.Reconciling(isms.ReasonNotSynced, causes(unsynced))
	default:
		w.Ready(isms.ReasonAssessed, "")
	}
}

func resultOf(implemented, effective judgement) isms.ControlResult {
	switch {
	case implemented.Status != metav1.ConditionTrue:
		return isms.ResultNotImplemented
	case effective.Status == metav1.ConditionTrue:
		return isms.ResultEffective
	case effective.Status == metav1.ConditionFalse:
		return isms.ResultIneffective
	}
	return isms.ResultUnknown
}

// outcome completes the status.
func (a *assessment) outcome(w *conditions.Writer, result isms.ControlResult, evidence []isms.EvidenceStatus) Outcome {
	title, theme := a.title()
	status := isms.ControlStatus{
		Conditions: w.List(), ObservedGeneration: w.ObservedGeneration(a.control.Status.ObservedGeneration),
		Result: result, Title: title, Theme: theme, Operation: a.operation(result),
	}
	if len(evidence) > 0 {
		status.Evidence = evidence
		status.Summary = summary(evidence)
		status.Exceptions = a.exceptions()
	}
	events := append(a.expiries(status.Exceptions), Transitions(a.control.Status.Conditions, status.Conditions,
		isms.ConditionReady, isms.ConditionSatisfied)...)
	return Outcome{Status: status, RequeueAt: a.clock.Next(), Events: events}
}

// operation dates the operation: by the evidence log where that knows, else by the earlier status, else it begins now.
func (a *assessment) operation(result isms.ControlResult) *isms.ControlOperation {
	var logged Logged
	if a.in.Logged != nil {
		logged = *a.in.Logged
	}
	before := isms.ControlOperation{}
	if o := a.control.Status.Operation; o != nil {
		before = *o
	}
	operation := isms.ControlOperation{
		ObservedSince: a.since(logged.ObservedSince, before.ObservedSince), CriteriaChangedOn: before.CriteriaChangedOn,
	}
	if result == isms.ResultEffective {
		operation.EffectiveSince = a.since(logged.EffectiveSince, before.EffectiveSince)
	}
	if a.in.Logged != nil {
		operation.CriteriaChangedOn = ""
		if !logged.CriteriaChanged.IsZero() {
			operation.CriteriaChangedOn = isms.NewDate(logged.CriteriaChanged.UTC())
		}
	}
	return &operation
}

// since is the first time that is known, and now where none is.
func (a *assessment) since(logged time.Time, before *metav1.Time) *metav1.Time {
	now := metav1.NewTime(a.clock.Now().Truncate(time.Second))
	switch {
	case !logged.IsZero():
		return &metav1.Time{Time: logged}
	case before != nil:
		return before
	}
	return &now
}

func summary(evidence []isms.EvidenceStatus) *isms.EvidenceSummary {
	s := &isms.EvidenceSummary{Total: count(len(evidence))}
	for _, e := range evidence {
		switch e.Result {
		case isms.EvidencePass:
			s.Passing++
		case isms.EvidenceFail:
			s.Failing++
		case isms.EvidenceNotApplicable:
			s.NotApplicable++
		default:
			s.Unknown++
		}
	}
	return s
}

func withReason(evidence []isms.EvidenceStatus, reason string) []isms.EvidenceStatus {
	var found []isms.EvidenceStatus
	for _, e := range evidence {
		if e.Reason == reason {
			found = append(found, e)
		}
	}
	return found
}

func withResult(evidence []isms.EvidenceStatus, result isms.EvidenceResult) []isms.EvidenceStatus {
	var found []isms.EvidenceStatus
	for _, e := range evidence {
		if e.Result == result {
			found = append(found, e)
		}
	}
	return found
}

// causes writes at most three items with their messages.
func causes(items []isms.EvidenceStatus) string {
	const shown = 3
	parts := make([]string, 0, shown+1)
	for _, e := range items[:min(len(items), shown)] {
		message := e.Message
		if message == "" {
			message = e.Reason + "."
		}
		parts = append(parts, fmt.Sprintf("%s: %s", e.Name, message))
	}
	if more := len(items) - shown; more > 0 {
		parts = append(parts, "And "+conditions.Count(more, "more item")+".")
	}
	return strings.Join(parts, " ")
}
