// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/operation"
)

// cycleConditions are the gates of an AuditCycle, in the order in which they are written and in which blockers are
// named.
var cycleConditions = []string{
	isms.ConditionScopeDefined, isms.ConditionBoundaryComplete, isms.ConditionLeadershipEstablished,
	isms.ConditionObjectivesMonitored, isms.ConditionGapsAddressed, isms.ConditionRiskAssessed,
	isms.ConditionRiskTreated, isms.ConditionStatementOfApplicabilityComplete,
	isms.ConditionStatementOfApplicabilityApproved, isms.ConditionDocumentationComplete,
	isms.ConditionAwarenessMaintained, isms.ConditionControlsImplemented, isms.ConditionControlsSatisfied,
	isms.ConditionOperatingPeriodMet, isms.ConditionInternalAuditComplete, isms.ConditionManagementReviewComplete,
	isms.ConditionCertificationBodyEngaged, isms.ConditionNoOpenMajorFindings,
	isms.ConditionCorrectiveActionsOnTime,
}

// summaryConditions rest on the gates.
var summaryConditions = []string{
	isms.ConditionStage1Ready, isms.ConditionStage2Ready, isms.ConditionSurveillanceReady,
	isms.ConditionRecertificationReady, isms.ConditionCertificateValid, isms.ConditionDeadlinesMet,
}

// CycleInput is everything that the assessment of one AuditCycle reads. Controls, Risks, Documents, Findings, Entries and Others may
// be those of the whole namespace; the ones of other scopes are left out.
type CycleInput struct {
	Cycle *isms.AuditCycle
	// Scope is the cycle's scope; nil where there is none of that name.
	Scope    *isms.ISMSScope
	Controls []isms.Control
	// Risks hold the treatment plans.
	Risks []isms.Risk
	// Documents hold the audit programme, reports and minutes.
	Documents []isms.Document
	Findings  []isms.Finding
	// Entries hold the incidents, and the competence of auditors.
	Entries []isms.RegisterEntry
	// Attestations hold what samples are drawn from, what is anchored, what supersedes records that are gone, and what shows
	// the competence of auditors, an evaluation of the law, and that incidents are dealt with.
	Attestations []isms.Attestation
	// Logs are all logs of the scope where LogsWanted says so; else nil.
	Logs []isms.EvidenceLog
	// ObservedSince is the time of the first entry of the scope's evidence log; zero where there is none.
	ObservedSince time.Time
	// Operation is what the evidence log shows of ObservedPeriod; nil where that is empty, or was not computed.
	Operation *operation.Figures
	// Removed are records that the evidence log knows and the cluster has forgotten.
	Removed []operation.Removed
	// Others are the other AuditCycles of the scope. The cycle itself may be one of them.
	Others []isms.AuditCycle
	Now    time.Time
}

// CycleOutcome is what the assessment of an AuditCycle says.
type CycleOutcome struct {
	// Status is the new status, complete.
	Status isms.AuditCycleStatus
	// RequeueAt is the earliest moment at which the outcome may change by time alone; zero where it never does.
	RequeueAt time.Time
	Events    []assess.Event
}

type cycleAssessment struct {
	in       CycleInput
	cycle    *isms.AuditCycle
	controls []*isms.Control
	risks    []*isms.Risk
	findings []*isms.Finding
	clock    *assess.Clock
	calendar *calendar
	// records judges audits and reviews as the scope does, by the cycle's clock; nil without a scope.
	records *scopeAssessment
	// zoneUnknown says that the cycle names a time zone that does not exist; its days are counted in UTC then.
	zoneUnknown bool
}

func newCycleAssessment(in CycleInput) *cycleAssessment {
	zone, known := zoneOf(in.Cycle)
	scope := string(in.Cycle.Spec.ScopeRef.Name)
	clock := assess.NewClockIn(in.Now, zone)
	c := &cycleAssessment{
		in: in, cycle: in.Cycle, clock: clock, zoneUnknown: !known, controls: ofScope(in.Controls, scope),
		risks:    ours(in.Risks, scope, func(r *isms.Risk) (isms.LocalRef, string) { return r.Spec.ScopeRef, r.Name }),
		findings: findingsOf(in.Findings, scope, clock),
	}
	c.calendar = newCalendar(in.Cycle, in.Others, c.findings, c.clock)
	if in.Scope != nil {
		c.records = c.ofRecords()
	}
	return c
}

// Cycle assesses one AuditCycle.
func Cycle(in CycleInput) CycleOutcome {
	c := newCycleAssessment(in)
	w := conditions.NewWriter(in.Cycle.Status.Conditions, in.Cycle.Generation, in.Now)
	before := in.Cycle.Status
	status := isms.AuditCycleStatus{
		Stage: stage(in.Cycle, c.clock), HeartbeatTime: before.HeartbeatTime,
		Samples: before.Samples, Deadlines: c.deadlines(),
	}
	status.NextAudit, status.DaysUntilNextAudit = c.calendar.nextAudit()
	if blocked := c.obstructed(w); blocked != nil {
		for _, t := range append(append([]string{}, cycleConditions...), summaryConditions...) {
			w.SetTo(t, *blocked)
		}
		w.SetTo(isms.ConditionAuditReady, *blocked)
	} else {
		status.HeartbeatTime = in.Scope.Status.HeartbeatTime
		status.Controls = c.gates(w)
		status.AuditCoverage = c.auditCoverage()
		status.Samples, status.Operation = c.samples(), c.operation()
		w.SetTo(isms.ConditionDeadlinesMet, deadlinesMet(status.Deadlines))
		status.Findings = c.countFindings()
		status.Steps = c.steps(w.List())
	}
	status.Conditions, status.ObservedGeneration = w.List(), w.ObservedGeneration(before.ObservedGeneration)
	events := assess.Transitions(before.Conditions, status.Conditions, append([]string{
		isms.ConditionReady,
		isms.ConditionAuditReady, isms.ConditionCertificateValid,
	}, cycleConditions...)...)
	events = append(events, passed(before.Deadlines, status.Deadlines)...)
	events = append(events, announced(before.Deadlines, status.Deadlines)...)
	events = append(events, drawn(before.Samples, status.Samples)...)
	return CycleOutcome{Status: status, RequeueAt: c.clock.Next(), Events: events}
}

// obstructed writes Ready. Where something keeps the cycle from being assessed, that is what every gate says.
func (c *cycleAssessment) obstructed(w *conditions.Writer) *conditions.Summary {
	var found conditions.Summary
	switch overlap := c.overlap(); {
	case assess.Suspended(c.cycle):
		found = unknown(isms.ReasonSuspended, assess.SuspendedMessage)
		w.Ready(found.Reason, found.Message)
	case c.zoneUnknown:
		found = unknown(isms.ReasonUnknownTimeZone, "The time zone database does not have the cycle's timeZone: correct its name.")
		w.Stalled(found.Reason, found.Message)
	case len(overlap) > 0:
		found = unknown(isms.ReasonCycleOverlap, "The scope has other live cycles, which previousCycleRef does not join to this one: "+
			conditions.Names(overlap)+".")
		w.Stalled(found.Reason, found.Message)
	case c.in.Scope == nil:
		found = unknown(isms.ReasonScopeNotFound,
			fmt.Sprintf("There is no ISMSScope %s in this namespace.", c.cycle.Spec.ScopeRef.Name))
		w.Reconciling(found.Reason, found.Message)
	default:
		w.Ready(isms.ReasonAssessed, "")
		return nil
	}
	return &found
}

// gates writes every gate and their summaries, and returns how the controls were counted for it.
func (c *cycleAssessment) gates(w *conditions.Writer) *isms.CycleControls {
	controls := c.judgeControls()
	own := map[string]conditions.Summary{
		isms.ConditionControlsImplemented:      controls.implemented(),
		isms.ConditionControlsSatisfied:        controls.satisfied(),
		isms.ConditionOperatingPeriodMet:       c.operatingPeriodMet(),
		isms.ConditionInternalAuditComplete:    c.internalAuditComplete(),
		isms.ConditionManagementReviewComplete: c.managementReviewComplete(),
		isms.ConditionCertificationBodyEngaged: c.certificationBodyEngaged(),
		isms.ConditionNoOpenMajorFindings:      c.noOpenMajorFindings(),
		isms.ConditionCorrectiveActionsOnTime:  c.correctiveActionsOnTime(),
	}
	gone := removals{c.in.Removed, c.in.Scope, c.controls, c.in.Documents, c.in.Attestations, c.clock}
	gates := make(map[string]conditions.Summary, len(cycleConditions))
	for _, t := range cycleConditions {
		answer, computed := own[t]
		if computed {
			answer = gone.closing(t, answer)
		} else {
			answer = c.ofScope(t)
		}
		w.SetTo(t, answer)
		gates[t] = answer
	}
	w.SetTo(isms.ConditionCertificateValid, c.certificateValid())
	for _, r := range readinesses {
		gates[r.condition] = c.ready(r, gates)
		w.SetTo(r.condition, gates[r.condition])
	}
	w.SetTo(isms.ConditionAuditReady, c.auditReady(gates))
	return controls.counts()
}

// ofScope takes a gate over from the scope, where the scope has it.
func (c *cycleAssessment) ofScope(t string) conditions.Summary {
	known := conditions.Get(c.in.Scope.Status.Conditions, t)
	if known == nil {
		return notYetAssessed()
	}
	return conditions.Summary{Status: known.Status, Reason: known.Reason, Message: known.Message}
}

func trimPeriod(message string) string {
	if n := len(message); n > 0 && message[n-1] == '.' {
		return message[:n-1]
	}
	return message
}
