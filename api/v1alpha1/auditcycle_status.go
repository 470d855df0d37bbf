// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CycleStage is where a certification cycle stands.
//
// +kubebuilder:validation:Enum=Preparation;Stage1;Stage2;Decision;Certified;Recertification;Suspended;Expired;Withdrawn
type CycleStage string

// Stages of a cycle.
const (
	StagePreparation     CycleStage = "Preparation"
	StageStage1          CycleStage = "Stage1"
	StageStage2          CycleStage = "Stage2"
	StageDecision        CycleStage = "Decision"
	StageCertified       CycleStage = "Certified"
	StageRecertification CycleStage = "Recertification"
	StageSuspended       CycleStage = "Suspended"
	StageExpired         CycleStage = "Expired"
	StageWithdrawn       CycleStage = "Withdrawn"
)

// RuleBasis says where a rule of the calendar comes from.
//
// +kubebuilder:validation:Enum=Standard;Accreditation;Practice
type RuleBasis string

// Bases of a rule.
const (
	BasisStandard      RuleBasis = "Standard"
	BasisAccreditation RuleBasis = "Accreditation"
	BasisPractice      RuleBasis = "Practice"
)

// DeadlineState says whether a deadline has passed. What is met is no deadline any more.
//
// +kubebuilder:validation:Enum=Due;Overdue
type DeadlineState string

// States of a deadline.
const (
	// DeadlineDue: what is due is not done, and its day is not over.
	DeadlineDue DeadlineState = "Due"
	// DeadlineOverdue: what is due is not done, and its day is over.
	DeadlineOverdue DeadlineState = "Overdue"
)

// StepState is the state of a step of the plan.
//
// +kubebuilder:validation:Enum=NotStarted;InProgress;Done;Blocked;Overdue
type StepState string

// States of a step.
const (
	// StepNotStarted: nothing of it is there.
	StepNotStarted StepState = "NotStarted"
	// StepInProgress: something of it is there, and its day is not over.
	StepInProgress StepState = "InProgress"
	// StepDone: what it asks for is there.
	StepDone StepState = "Done"
	// StepBlocked: it is not done, and neither is a step on which it depends.
	StepBlocked StepState = "Blocked"
	// StepOverdue: it is not done, and its day is over.
	StepOverdue StepState = "Overdue"
)

// AuditCycleStatus is what the operator knows about a cycle.
type AuditCycleStatus struct {
	// conditions: Ready, Stalled, Reconciling, one per gate, and AuditReady.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=40
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation that was assessed last.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// stage is where the cycle stands.
	// +optional
	Stage CycleStage `json:"stage,omitempty"`

	// heartbeatTime is the heartbeat of the scope, as the cycle last saw it.
	// +optional
	HeartbeatTime *metav1.Time `json:"heartbeatTime,omitempty"`

	// nextAudit is the next audit by the certification body, with the window in which it must take place.
	// +optional
	NextAudit *NextAudit `json:"nextAudit,omitempty"`

	// daysUntilNextAudit is negative when the audit is overdue.
	// +optional
	// +kubebuilder:validation:Minimum=-10000
	// +kubebuilder:validation:Maximum=10000
	DaysUntilNextAudit *int32 `json:"daysUntilNextAudit,omitempty"`

	// steps of the plan, in the order of the process.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	Steps []StepStatus `json:"steps,omitempty"`

	// auditCoverage is the ledger of what the internal audits of all cycles of the scope have covered.
	// +optional
	AuditCoverage *AuditCoverage `json:"auditCoverage,omitempty"`

	// controls counts the controls of the scope as the cycle judges them.
	// +optional
	Controls *CycleControls `json:"controls,omitempty"`

	// findings counts open findings.
	// +optional
	Findings *CycleFindings `json:"findings,omitempty"`

	// operation is the record of the operating period; computed once a day.
	// +optional
	Operation *CycleOperation `json:"operation,omitempty"`

	// samples that were asked for, as they were drawn.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	Samples []SampleStatus `json:"samples,omitempty"`

	// deadlines whose clock is running and that are not met, the earliest first.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	Deadlines []Deadline `json:"deadlines,omitempty"`
}

// NextAudit is the next audit by the certification body.
type NextAudit struct {
	// name of the audit in the spec; empty for one that is due but not planned.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// type of the audit.
	// +required
	Type AuditType `json:"type,omitempty"`

	// plannedOn is the day that is planned.
	// +optional
	PlannedOn Date `json:"plannedOn,omitempty"`

	// earliest day by the rules.
	// +optional
	Earliest Date `json:"earliest,omitempty"`

	// latest day by the rules.
	// +optional
	Latest Date `json:"latest,omitempty"`

	// basis of the window.
	// +optional
	Basis RuleBasis `json:"basis,omitempty"`
}

// StepStatus is the state of one step of the plan.
type StepStatus struct {
	// name of the step.
	// +required
	Name Step `json:"name,omitempty"`

	// state of the step.
	// +required
	State StepState `json:"state,omitempty"`

	// owner of the step, for display.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Owner string `json:"owner,omitempty"`

	// dueDate of the step: that of its milestone, else the day on which its audit is planned or due.
	// +optional
	DueDate Date `json:"dueDate,omitempty"`

	// reason for the state, PascalCase.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Reason string `json:"reason,omitempty"`

	// message for people.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
}

// CycleControls counts controls as the cycle judges them.
type CycleControls struct {
	// applicable controls.
	// +required
	// +kubebuilder:validation:Minimum=0
	Applicable int32 `json:"applicable"`

	// satisfied controls.
	// +required
	// +kubebuilder:validation:Minimum=0
	Satisfied int32 `json:"satisfied"`

	// deviationsHandled is the number of controls that are not satisfied, and whose deviation is handled: by an open Minor
	// with its plan on time, or by planned work in an approved treatment plan that is on time.
	// +required
	// +kubebuilder:validation:Minimum=0
	DeviationsHandled int32 `json:"deviationsHandled"`

	// withinGrace is the number of failures that nobody handles, and that do not block yet.
	// +required
	// +kubebuilder:validation:Minimum=0
	WithinGrace int32 `json:"withinGrace"`

	// blocking controls.
	// +required
	// +kubebuilder:validation:Minimum=0
	Blocking int32 `json:"blocking"`

	// unknown controls.
	// +required
	// +kubebuilder:validation:Minimum=0
	Unknown int32 `json:"unknown"`

	// satisfiedOfApplicable is "satisfied/applicable", for the column.
	// +optional
	// +kubebuilder:validation:MaxLength=23
	SatisfiedOfApplicable string `json:"satisfiedOfApplicable,omitempty"`
}

// AuditCoverage is what internal audits have covered within the time that practice gives them.
type AuditCoverage struct {
	// audits that were performed within that time.
	// +required
	// +kubebuilder:validation:Minimum=0
	Audits int32 `json:"audits"`

	// clauses is the number of clause requirements.
	// +required
	// +kubebuilder:validation:Minimum=0
	Clauses int32 `json:"clauses"`

	// clausesCovered is how many of them were covered.
	// +required
	// +kubebuilder:validation:Minimum=0
	ClausesCovered int32 `json:"clausesCovered"`

	// controls is the number of applicable controls.
	// +required
	// +kubebuilder:validation:Minimum=0
	Controls int32 `json:"controls"`

	// controlsCovered is how many of them were covered.
	// +required
	// +kubebuilder:validation:Minimum=0
	ControlsCovered int32 `json:"controlsCovered"`

	// uncovered names the first of what was not covered: clauses, then controls, in the order of the standard.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=150
	Uncovered []ControlID `json:"uncovered,omitempty"`

	// lapsesOn is the last day on which what is covered now is so without another audit.
	// +optional
	LapsesOn Date `json:"lapsesOn,omitempty"`

	// lapsing names the first of what has to be audited again by then.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=150
	Lapsing []ControlID `json:"lapsing,omitempty"`
}

// CycleFindings counts open findings.
type CycleFindings struct {
	// openMajor nonconformities.
	// +required
	// +kubebuilder:validation:Minimum=0
	OpenMajor int32 `json:"openMajor"`

	// openMinor nonconformities.
	// +required
	// +kubebuilder:validation:Minimum=0
	OpenMinor int32 `json:"openMinor"`

	// openOther findings.
	// +required
	// +kubebuilder:validation:Minimum=0
	OpenOther int32 `json:"openOther"`

	// overdue corrective actions and responses.
	// +required
	// +kubebuilder:validation:Minimum=0
	Overdue int32 `json:"overdue"`
}

// CycleOperation is the record of the operating period.
type CycleOperation struct {
	// from is the first day of the period.
	// +required
	From Date `json:"from,omitempty"`

	// to is the last day of the period.
	// +required
	To Date `json:"to,omitempty"`

	// observedFrom is the first day since which there is an evidence log; the shares are those of the days from then on.
	// +optional
	ObservedFrom Date `json:"observedFrom,omitempty"`

	// assertedDays is the number of earlier days of the period that nobody observed, and prior records assert.
	// +optional
	// +kubebuilder:validation:Minimum=0
	AssertedDays int32 `json:"assertedDays,omitempty"`

	// coveragePercent is the share of the period that was observed, rounded down.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	CoveragePercent int32 `json:"coveragePercent"`

	// effectivePercent is the lowest share of the period in which a control was seen to be effective, rounded down. Time that
	// was not observed counts against it.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	EffectivePercent int32 `json:"effectivePercent"`

	// belowThreshold names controls that were seen to be effective for too small a share, sorted.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=200
	BelowThreshold []ControlID `json:"belowThreshold,omitempty"`

	// signed says whether a signed checkpoint is over all of the period.
	// +optional
	Signed YesNo `json:"signed,omitempty"`

	// anchored says whether an Attestation of type CheckpointAnchor says that a checkpoint over all of the period is kept
	// outside of the cluster.
	// +optional
	Anchored YesNo `json:"anchored,omitempty"`
}

// Deadline is a day by which something must be done.
type Deadline struct {
	// name of the deadline, PascalCase.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// dueOn is the last day.
	// +required
	DueOn Date `json:"dueOn,omitempty"`

	// state says whether the day has passed.
	// +required
	State DeadlineState `json:"state,omitempty"`

	// noticeDays is the last notice that was given: 30 where the deadline is at most so many days ahead. Absent before the
	// first notice, and once the day has passed.
	// +optional
	NoticeDays NoticeDays `json:"noticeDays,omitempty"`

	// rule that sets the deadline, R1 to R14 of the documentation; empty for practice.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Rule string `json:"rule,omitempty"`

	// source of the rule: standard and clause, or what is practice.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Source string `json:"source,omitempty"`

	// basis of the rule.
	// +required
	Basis RuleBasis `json:"basis,omitempty"`
}

// AuditCycle is one certification cycle.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=isms
// +kubebuilder:printcolumn:name="Stage",type=string,JSONPath=`.status.stage`
// +kubebuilder:printcolumn:name="Next audit",type=string,JSONPath=`.status.nextAudit.name`
// +kubebuilder:printcolumn:name="Date",type=string,JSONPath=`.status.nextAudit.plannedOn`
// +kubebuilder:printcolumn:name="Days",type=integer,JSONPath=`.status.daysUntilNextAudit`
// +kubebuilder:printcolumn:name="Satisfied",type=string,JSONPath=`.status.controls.satisfiedOfApplicable`
// +kubebuilder:printcolumn:name="Majors",type=integer,JSONPath=`.status.findings.openMajor`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="AuditReady")].status`
// +kubebuilder:printcolumn:name="Heartbeat",type=date,JSONPath=`.status.heartbeatTime`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="AuditReady")].reason`
// +kubebuilder:validation:XValidation:rule="!has(self.spec.previousCycleRef) || self.spec.previousCycleRef.name != self.metadata.name",fieldPath=".spec.previousCycleRef",message="must name another AuditCycle: a cycle cannot follow itself"
type AuditCycle struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the authored intent.
	// +required
	Spec AuditCycleSpec `json:"spec,omitzero"`

	// status is computed by the operator.
	// +optional
	Status AuditCycleStatus `json:"status,omitzero"`
}

// AuditCycleList is a list of AuditCycle objects.
//
// +kubebuilder:object:root=true
type AuditCycleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []AuditCycle `json:"items"`
}
