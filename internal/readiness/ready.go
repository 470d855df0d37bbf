// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// gate is one thing that readiness for an audit asks for: a condition of the cycle, or an element that has no condition
// of its own.
type gate struct {
	name   string
	answer conditions.Summary
}

// readinessRule is what readiness for one type of audit asks for.
type readinessRule struct {
	condition string
	// gates are conditions of the cycle.
	gates []string
	// elements are asked for besides.
	elements func(*cycleAssessment) []gate
}

// documented is what a review of the documentation looks at (ISO/IEC 17021-1, 9.3.1.2; 27006-1, 9.3.2.1). Nothing of it
// is about operation.
var documented = []string{
	isms.ConditionScopeDefined, isms.ConditionLeadershipEstablished, isms.ConditionGapsAddressed, isms.ConditionRiskAssessed,
	isms.ConditionStatementOfApplicabilityComplete, isms.ConditionStatementOfApplicabilityApproved,
	isms.ConditionDocumentationComplete, isms.ConditionCertificationBodyEngaged,
}

// maintained is what an audit of a certified system looks at: everything except the period of operation before Stage 2.
var maintained = slices.DeleteFunc(slices.Clone(cycleConditions), func(t string) bool { return t == isms.ConditionOperatingPeriodMet })

// readinesses are the types of audit for which a cycle can be ready.
//   - Stage 1: ISO/IEC 17021-1, 9.3.1.2.
//   - Stage 2: ISO/IEC 17021-1, 9.3.1.3; 27006-1, 9.1.3 and 9.3.2.2.
//   - Surveillance: ISO/IEC 17021-1, 9.6.2.2; 27006-1, 9.6.2.
//   - Recertification: ISO/IEC 17021-1, 9.6.3.1 and 9.6.3.2.
var readinesses = []readinessRule{
	{isms.ConditionStage1Ready, documented, (*cycleAssessment).stage1Elements},
	{isms.ConditionStage2Ready, cycleConditions, (*cycleAssessment).stage2Elements},
	{isms.ConditionSurveillanceReady, maintained, (*cycleAssessment).surveillanceElements},
	{isms.ConditionRecertificationReady, maintained, (*cycleAssessment).recertificationElements},
}

// ready joins what one type of audit asks for. False beats Unknown beats True; an advisory gate does not count.
func (c *cycleAssessment) ready(r readinessRule, answers map[string]conditions.Summary) conditions.Summary {
	gates := r.elements(c)
	for _, name := range r.gates {
		gates = append(gates, gate{name, answers[name]})
	}
	var blockers, unclear, unassessed []string
	for _, g := range gates {
		switch {
		case c.advisory(g.name) || g.answer.Status == metav1.ConditionTrue:
		case g.answer.Status == metav1.ConditionFalse:
			blockers = append(blockers, fmt.Sprintf("%s (%s)", g.name, trimPeriod(g.answer.Message)))
		case g.answer.Reason == isms.ReasonNotYetAssessed:
			unassessed = append(unassessed, g.name)
		default:
			unclear = append(unclear, g.name+" ("+g.answer.Reason+")")
		}
	}
	switch {
	case len(blockers) > 0:
		return no(isms.ReasonBlocked, conditions.Names(blockers)+".")
	case len(unclear)+len(unassessed) > 0:
		return unknown(isms.ReasonNotYetAssessed,
			"No blocker is known, but not everything is assessed: "+conditions.Names(append(unclear, unassessed...))+".")
	}
	return yes(isms.ReasonNoKnownBlockers, "No blocker is known to the operator. "+c.declared())
}

// declared says how much of what is evidenced nobody but its author has seen.
func (c *cycleAssessment) declared() string {
	declarations, evidenced := 0, 0
	for _, r := range c.in.Scope.Status.Requirements {
		if r.Status == isms.RequirementEvidenced {
			evidenced++
			if r.Basis == isms.BasisDeclared {
				declarations++
			}
		}
	}
	return fmt.Sprintf("Of %d clause requirements %d rest on declarations.", evidenced, declarations)
}

// practiceGates are the gates that are practice of certification bodies. Only these can be advisory: what a standard
// requires cannot be relaxed.
var practiceGates = []string{isms.ConditionGapsAddressed, isms.ConditionOperatingPeriodMet}

func (c *cycleAssessment) advisory(name string) bool {
	return slices.Contains(practiceGates, name) && slices.ContainsFunc(c.cycle.Spec.Gates, func(g isms.Gate) bool {
		return string(g.Name) == name && g.Enforcement == isms.EnforcementAdvisory
	})
}

// auditReady is readiness for the next audit. One that follows up, extends or comes at short notice asks of a certified
// system what a surveillance audit asks, and before that what Stage 2 asks.
func (c *cycleAssessment) auditReady(answers map[string]conditions.Summary) conditions.Summary {
	next, _ := c.calendar.nextAudit()
	if next == nil {
		return unknown(isms.ReasonNothingDeclared, "No audit is ahead.")
	}
	return answers[c.readinessFor(next.Type)]
}

// readinessFor is the condition that says whether an audit of a type may come.
func (c *cycleAssessment) readinessFor(auditType isms.AuditType) string {
	switch {
	case auditType == isms.AuditStage1:
		return isms.ConditionStage1Ready
	case auditType == isms.AuditSurveillance:
		return isms.ConditionSurveillanceReady
	case auditType == isms.AuditRecertification:
		return isms.ConditionRecertificationReady
	case auditType == isms.AuditStage2, c.calendar.decided() == "":
		return isms.ConditionStage2Ready
	}
	return isms.ConditionSurveillanceReady
}
