// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// What is True of the sample ISMS while nothing is broken: all that this version computes.
var (
	scopeConditions = []string{
		isms.ConditionReady, isms.ConditionScopeDefined, isms.ConditionBoundaryComplete, isms.ConditionLeadershipEstablished,
		isms.ConditionObjectivesMonitored, isms.ConditionGapsAddressed, isms.ConditionRiskAssessed, isms.ConditionRiskTreated,
		isms.ConditionStatementOfApplicabilityComplete, isms.ConditionStatementOfApplicabilityApproved,
		isms.ConditionDocumentationComplete, isms.ConditionAwarenessMaintained,
	}
	cycleConditions = append(slices.Clone(scopeConditions), isms.ConditionControlsImplemented, isms.ConditionControlsSatisfied,
		isms.ConditionInternalAuditComplete, isms.ConditionManagementReviewComplete, isms.ConditionCertificationBodyEngaged,
		isms.ConditionNoOpenMajorFindings, isms.ConditionCorrectiveActionsOnTime)
	riskConditions = []string{
		isms.ConditionReady, isms.ConditionAssessed, isms.ConditionTreated, isms.ConditionResidualAccepted,
		isms.ConditionReviewCurrent,
	}
)

// settled expects the state before and after the drift: each applicable control Satisfied, the excluded ones Excluded,
// all conditions that are computed True, and AuditReady Unknown, because the evidence log shows no whole day of the operating period yet.
func settled(cycle, scope string, controls, risks int) expectation {
	return func(o *observer) []string {
		missing := slices.Concat(o.unsatisfied(controls), o.unremarked(), o.untreated(risks))
		missing = append(missing, notTrue("cycle "+cycle, o.cycleConditions(cycle), cycleConditions)...)
		missing = append(missing, notTrue("scope "+scope, o.scopeConditions(scope), scopeConditions)...)
		if ready := meta.FindStatusCondition(o.cycleConditions(cycle), isms.ConditionAuditReady); ready == nil ||
			ready.Status != metav1.ConditionUnknown || ready.Reason != isms.ReasonNotYetAssessed {
			missing = append(missing, fmt.Sprintf("cycle %s: AuditReady Unknown, NotYetAssessed; it is %s", cycle, told(ready)))
		}
		if c := o.cycles[cycle]; c != nil {
			if want := fmt.Sprintf("%d/%d", o.applicable(), o.applicable()); satisfiedShare(c) != want {
				missing = append(missing, fmt.Sprintf("cycle %s: %s satisfied; it says %s", cycle, want, satisfiedShare(c)))
			}
		}
		return missing
	}
}

// untreated names the risks that are not as the baseline has them.
func (o *observer) untreated(risks int) []string {
	var missing []string
	if len(o.risks) != risks {
		missing = append(missing, fmt.Sprintf("%d risks; there are %d", risks, len(o.risks)))
	}
	for _, name := range slices.Sorted(maps.Keys(o.risks)) {
		missing = append(missing, notTrue("risk "+name, o.risks[name].Status.Conditions, riskConditions)...)
	}
	return missing
}

// treatedSays is the Treated condition of a risk, as its column shows it.
func treatedSays(risk *isms.Risk) string {
	if c := meta.FindStatusCondition(risk.Status.Conditions, isms.ConditionTreated); c != nil {
		return "Treated " + string(c.Status)
	}
	return ""
}

// drifted expects the controls to be Ineffective, the risks that rest on them to be no longer treated, and the cycle to
// count the controls out, at once and by name.
func drifted(cycle string, risks []string, controls ...string) expectation {
	return func(o *observer) []string {
		var missing []string
		for _, name := range controls {
			if c := o.controls[name]; c == nil || c.Status.Result != isms.ResultIneffective {
				missing = append(missing, fmt.Sprintf("control %s: Ineffective", name))
			}
		}
		for _, name := range risks {
			if r := o.risks[name]; r == nil || treatedSays(r) != riskTurned {
				missing = append(missing, fmt.Sprintf("risk %s: %s", name, riskTurned))
			}
		}
		c := o.cycles[cycle]
		if c == nil || !meta.IsStatusConditionFalse(c.Status.Conditions, isms.ConditionControlsSatisfied) ||
			satisfiedShare(c) != fmt.Sprintf("%d/%d", o.applicable()-len(controls), o.applicable()) {
			missing = append(missing, fmt.Sprintf("cycle %s: ControlsSatisfied False, %d controls fewer", cycle, len(controls)))
		}
		return missing
	}
}

// unsatisfied names the controls that are not as the baseline has them.
func (o *observer) unsatisfied(controls int) []string {
	var missing []string
	if len(o.controls) != controls {
		missing = append(missing, fmt.Sprintf("%d controls; there are %d", controls, len(o.controls)))
	}
	for _, name := range slices.Sorted(maps.Keys(o.controls)) {
		c := o.controls[name]
		satisfied := meta.FindStatusCondition(c.Status.Conditions, isms.ConditionSatisfied)
		switch {
		case c.Spec.Applicability.Decision == isms.DecisionExcluded:
			if c.Status.Result != isms.ResultExcluded {
				missing = append(missing, fmt.Sprintf("control %s: Excluded; it is %q", name, c.Status.Result))
			}
		case c.Status.Result != isms.ResultEffective || satisfied == nil || satisfied.Status != metav1.ConditionTrue:
			missing = append(missing, fmt.Sprintf("control %s: Effective and Satisfied; it is %q, Satisfied %s",
				name, c.Status.Result, told(satisfied)))
		}
	}
	return missing
}

// unremarked says what is hidden behind a satisfied control though it must be told: a failure that an exception waives, a
// kind that the cluster does not serve, a rule that matches nothing.
func (o *observer) unremarked() []string {
	var missing []string
	if c := o.controls["a-8-14"]; c == nil || !slices.ContainsFunc(c.Status.Exceptions, func(e isms.ExceptionStatus) bool {
		return e.Name == "legacy-invoicing" && e.State == isms.ExceptionWaiving && e.Objects == 1
	}) {
		missing = append(missing, "control a-8-14: the exception legacy-invoicing waives one object")
	}
	for _, want := range []struct{ control, item, reason string }{
		{"a-8-13", "velero-schedules", isms.ReasonKindNotServed},
		{"a-8-21", "load-balancer-sources", isms.ReasonNoMatch},
	} {
		if c := o.controls[want.control]; c == nil || !slices.ContainsFunc(c.Status.Evidence, func(e isms.EvidenceStatus) bool {
			return e.Name == want.item && e.Result == isms.EvidenceNotApplicable && e.Reason == want.reason
		}) {
			missing = append(missing, fmt.Sprintf("control %s: %s NotApplicable, %s", want.control, want.item, want.reason))
		}
	}
	return missing
}

// reasons are the lines in which the controls, the risks and the cycle say what is wrong.
func (o *observer) reasons(cycle string, risks []string, controls ...string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var lines []string
	for _, name := range controls {
		if c := o.controls[name]; c != nil {
			effective := meta.FindStatusCondition(c.Status.Conditions, isms.ConditionEffective)
			lines = append(lines, fmt.Sprintf("control %s: %s %s", name, isms.ConditionEffective, told(effective)))
		}
	}
	for _, name := range risks {
		if r := o.risks[name]; r != nil {
			treated := meta.FindStatusCondition(r.Status.Conditions, isms.ConditionTreated)
			lines = append(lines, fmt.Sprintf("risk %s: %s %s", name, isms.ConditionTreated, told(treated)))
		}
	}
	satisfied := meta.FindStatusCondition(o.cycleConditions(cycle), isms.ConditionControlsSatisfied)
	return append(lines, fmt.Sprintf("cycle %s: %s %s", cycle, isms.ConditionControlsSatisfied, told(satisfied)))
}

// plan are the steps of a cycle, a line each.
func (o *observer) plan(cycle string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var lines []string
	if c := o.cycles[cycle]; c != nil {
		for _, s := range c.Status.Steps {
			lines = append(lines, strings.TrimRight(fmt.Sprintf("%-11s %-25s %-10s %s", s.State, s.Name, s.DueDate, s.Owner), " "))
		}
	}
	return lines
}

func (o *observer) applicable() int {
	count := 0
	for _, c := range o.controls {
		if c.Spec.Applicability.Decision == isms.DecisionApplicable {
			count++
		}
	}
	return count
}

func (o *observer) cycleConditions(name string) []metav1.Condition {
	if c := o.cycles[name]; c != nil {
		return c.Status.Conditions
	}
	return nil
}

func (o *observer) scopeConditions(name string) []metav1.Condition {
	if s := o.scopes[name]; s != nil {
		return s.Status.Conditions
	}
	return nil
}

func notTrue(what string, conditions []metav1.Condition, types []string) []string {
	var missing []string
	for _, kind := range types {
		if c := meta.FindStatusCondition(conditions, kind); c == nil || c.Status != metav1.ConditionTrue {
			missing = append(missing, fmt.Sprintf("%s: %s True; it is %s", what, kind, told(c)))
		}
	}
	return missing
}

func told(condition *metav1.Condition) string {
	if condition == nil {
		return "absent"
	}
	return fmt.Sprintf("%s, %s: %s", condition.Status, condition.Reason, condition.Message)
}
