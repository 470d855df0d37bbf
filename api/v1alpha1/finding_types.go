// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Severity grades a finding.
//
// +kubebuilder:validation:Enum=Major;Minor;Observation;OpportunityForImprovement;AreaOfConcern
type Severity string

// Severities.
const (
	SeverityMajor                     Severity = "Major"
	SeverityMinor                     Severity = "Minor"
	SeverityObservation               Severity = "Observation"
	SeverityOpportunityForImprovement Severity = "OpportunityForImprovement"
	// SeverityAreaOfConcern is raised by the certification body in Stage 1.
	SeverityAreaOfConcern Severity = "AreaOfConcern"
)

// FindingSource says who or what raised a finding.
//
// +kubebuilder:validation:Enum=InternalAudit;CertificationBody;Operation;Incident;Complaint
type FindingSource string

// Sources of findings.
const (
	FindingFromInternalAudit     FindingSource = "InternalAudit"
	FindingFromCertificationBody FindingSource = "CertificationBody"
	FindingFromOperation         FindingSource = "Operation"
	FindingFromIncident          FindingSource = "Incident"
	FindingFromComplaint         FindingSource = "Complaint"
)

// EffectivenessOutcome says whether a corrective action had its effect.
//
// +kubebuilder:validation:Enum=Effective;NotEffective
type EffectivenessOutcome string

// Outcomes of an effectiveness review.
const (
	ActionEffective    EffectivenessOutcome = "Effective"
	ActionNotEffective EffectivenessOutcome = "NotEffective"
)

// FindingDecisionOutcome says what becomes of an observation or an opportunity for improvement.
//
// +kubebuilder:validation:Enum=Adopted;Declined
type FindingDecisionOutcome string

// Outcomes of a decision about an observation or an opportunity for improvement.
const (
	// FindingAdopted: correctiveAction says what is done; when it is done, the finding is closed.
	FindingAdopted FindingDecisionOutcome = "Adopted"
	// FindingDeclined: nothing is done, for the reason that is given.
	FindingDeclined FindingDecisionOutcome = "Declined"
)

// FindingSpec is a finding and what is done about it (clause 10.2).
//
// +kubebuilder:validation:XValidation:rule="self.scopeRef == oldSelf.scopeRef",fieldPath=".scopeRef",message="scopeRef is immutable: raise another Finding in the other scope"
// +kubebuilder:validation:XValidation:rule="self.source == oldSelf.source",fieldPath=".source",message="source is immutable: a finding stays as it was raised"
// +kubebuilder:validation:XValidation:rule="self.requirement == oldSelf.requirement",fieldPath=".requirement",message="requirement is immutable: a finding stays as it was raised"
// +kubebuilder:validation:XValidation:rule="self.raisedOn == oldSelf.raisedOn",fieldPath=".raisedOn",message="raisedOn is immutable: a finding stays as it was raised"
// +kubebuilder:validation:XValidation:rule="self.statement == oldSelf.statement",fieldPath=".statement",message="statement is immutable: a finding stays as it was raised"
// +kubebuilder:validation:XValidation:rule="self.objectiveEvidence == oldSelf.objectiveEvidence",fieldPath=".objectiveEvidence",message="objectiveEvidence is immutable: a finding stays as it was raised"
// +kubebuilder:validation:XValidation:rule="has(oldSelf.regrading) ? has(self.regrading) && size(self.regrading) >= size(oldSelf.regrading) && oldSelf.regrading.all(r, self.regrading.indexOf(r) == oldSelf.regrading.indexOf(r)) : true",fieldPath=".regrading",message="entries of regrading are immutable: only append"
// +kubebuilder:validation:XValidation:rule="self.severity == oldSelf.severity || (has(self.regrading) && size(self.regrading) > (has(oldSelf.regrading) ? size(oldSelf.regrading) : 0) && self.regrading[size(self.regrading) - 1].to == self.severity && self.regrading[size(self.regrading) - 1].from == oldSelf.severity)",fieldPath=".severity",message="severity changes only with a new entry at the end of regrading that says from, to, when, by whom and why"
// +kubebuilder:validation:XValidation:rule="!has(self.regrading) || size(self.regrading) == 0 || self.regrading[size(self.regrading) - 1].to == self.severity",fieldPath=".severity",message="must be the severity to which the last entry of regrading leads"
// +kubebuilder:validation:XValidation:rule="!has(self.regrading) || self.regrading.all(r, self.regrading.indexOf(r) == 0 || self.regrading[self.regrading.indexOf(r) - 1].to == r.from)",fieldPath=".regrading",message="from must be the severity to which the entry before leads"
// +kubebuilder:validation:XValidation:rule="self.severity != 'AreaOfConcern' || self.source == 'CertificationBody'",fieldPath=".severity",message="AreaOfConcern is raised by the certification body in Stage 1: use another severity, or source CertificationBody"
// +kubebuilder:validation:XValidation:rule="!(self.source in ['InternalAudit','CertificationBody']) || has(self.auditRef)",fieldPath=".auditRef",reason=FieldValueRequired,message="name the cycle and the audit: sources InternalAudit and CertificationBody need auditRef"
// +kubebuilder:validation:XValidation:rule="!has(self.certificationBody) || self.source == 'CertificationBody'",fieldPath=".certificationBody",reason=FieldValueForbidden,message="remove certificationBody: it is for findings that the certification body raised"
// +kubebuilder:validation:XValidation:rule="!has(self.responseDueOn) || self.raisedOn <= self.responseDueOn",fieldPath=".responseDueOn",message="must not be before raisedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.correctiveAction) || self.raisedOn <= self.correctiveAction.dueDate",fieldPath=".correctiveAction.dueDate",message="must not be before raisedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.correctiveAction) || !has(self.correctiveAction.completedOn) || self.raisedOn <= self.correctiveAction.completedOn",fieldPath=".correctiveAction.completedOn",message="must not be before raisedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.correctiveAction) || has(self.rootCause)",fieldPath=".rootCause",reason=FieldValueRequired,message="say why it happened: correctiveAction needs rootCause"
// +kubebuilder:validation:XValidation:rule="!has(self.effectivenessReview) || (has(self.correctiveAction) && has(self.correctiveAction.completedOn))",fieldPath=".effectivenessReview",reason=FieldValueForbidden,message="remove effectivenessReview until correctiveAction.completedOn says that the action is done"
// +kubebuilder:validation:XValidation:rule="!has(self.effectivenessReview) || !has(self.correctiveAction) || !has(self.correctiveAction.completedOn) || self.correctiveAction.completedOn <= self.effectivenessReview.reviewedOn",fieldPath=".effectivenessReview.reviewedOn",message="must not be before correctiveAction.completedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.effectivenessReview) || !has(self.correctiveAction) || !has(self.correctiveAction.performedBy) || ((!has(self.effectivenessReview.by.email) || !has(self.correctiveAction.performedBy.email) || self.effectivenessReview.by.email.lowerAscii() != self.correctiveAction.performedBy.email.lowerAscii()) && (!has(self.effectivenessReview.by.id) || !has(self.correctiveAction.performedBy.id) || self.effectivenessReview.by.id != self.correctiveAction.performedBy.id))",fieldPath=".effectivenessReview.by",message="must be another person than correctiveAction.performedBy"
// +kubebuilder:validation:XValidation:rule="!has(self.certificationBody) || !has(self.certificationBody.verifiedOn) || self.raisedOn <= self.certificationBody.verifiedOn",fieldPath=".certificationBody.verifiedOn",message="must not be before raisedOn"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.auditRef) || (has(self.auditRef) && self.auditRef == oldSelf.auditRef)",fieldPath=".auditRef",message="auditRef is immutable once it is given: a finding stays as it was raised"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.externalReference) || (has(self.externalReference) && self.externalReference == oldSelf.externalReference)",fieldPath=".externalReference",message="externalReference is immutable once it is given: it is the auditor's number"
// +kubebuilder:validation:XValidation:rule="!has(self.regrading) || self.regrading.map(r, r.regradedOn).isSorted()",fieldPath=".regrading",message="must be in the order of regradedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.regrading) || self.regrading.all(r, self.raisedOn <= r.regradedOn)",fieldPath=".regrading",message="regradedOn must not be before raisedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.certificationBody) || !has(self.certificationBody.planAcceptedOn) || self.raisedOn <= self.certificationBody.planAcceptedOn",fieldPath=".certificationBody.planAcceptedOn",message="must not be before raisedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.certificationBody) || !has(self.certificationBody.planAcceptedOn) || !(self.severity in ['Major','Minor']) || has(self.correctiveAction)",fieldPath=".correctiveAction",reason=FieldValueRequired,message="say which plan was accepted: planAcceptedOn needs correctiveAction"
// +kubebuilder:validation:XValidation:rule="!has(self.certificationBody) || !has(self.certificationBody.verifiedBy) || !has(self.correctiveAction) || !has(self.correctiveAction.performedBy) || ((!has(self.certificationBody.verifiedBy.email) || !has(self.correctiveAction.performedBy.email) || self.certificationBody.verifiedBy.email.lowerAscii() != self.correctiveAction.performedBy.email.lowerAscii()) && (!has(self.certificationBody.verifiedBy.id) || !has(self.correctiveAction.performedBy.id) || self.certificationBody.verifiedBy.id != self.correctiveAction.performedBy.id))",fieldPath=".certificationBody.verifiedBy",message="must be an auditor of the certification body, another person than correctiveAction.performedBy"
// +kubebuilder:validation:XValidation:rule="!has(self.decision) || self.severity in ['Observation','OpportunityForImprovement']",fieldPath=".decision",reason=FieldValueForbidden,message="remove decision: only an Observation or an OpportunityForImprovement can be adopted or declined"
// +kubebuilder:validation:XValidation:rule="!has(self.decision) || self.decision.outcome != 'Adopted' || has(self.correctiveAction)",fieldPath=".correctiveAction",reason=FieldValueRequired,message="say what is done, by whom and by when: an adopted finding needs correctiveAction"
// +kubebuilder:validation:XValidation:rule="!has(self.decision) || self.raisedOn <= self.decision.decidedOn",fieldPath=".decision.decidedOn",message="must not be before raisedOn"
type FindingSpec struct {
	// scopeRef names the ISMSScope that the finding belongs to. Immutable.
	// +required
	ScopeRef LocalRef `json:"scopeRef,omitzero"`

	// severity of the finding. It changes only with an entry of regrading.
	// +required
	Severity Severity `json:"severity,omitempty"`

	// source of the finding. Immutable.
	// +required
	Source FindingSource `json:"source,omitempty"`

	// auditRef names the audit that raised the finding. Immutable once it is given.
	// +optional
	AuditRef *AuditRef `json:"auditRef,omitempty"`

	// externalReference is the number that the auditor gave. Immutable once it is given.
	// +optional
	ExternalReference ShortText `json:"externalReference,omitempty"`

	// requirement that is not fulfilled: a clause or a control. Immutable.
	// +required
	Requirement ControlID `json:"requirement,omitempty"`

	// raisedOn is the day on which the finding was raised. Immutable.
	// +required
	RaisedOn Date `json:"raisedOn,omitempty"`

	// statement of the finding. Immutable.
	// +required
	Statement Text `json:"statement,omitempty"`

	// objectiveEvidence on which the finding rests. Immutable.
	// +required
	ObjectiveEvidence Text `json:"objectiveEvidence,omitempty"`

	// regrading records changes of the severity; entries are only appended.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	Regrading []Regrading `json:"regrading,omitempty"`

	// responseDueOn is the day by which whoever raised the finding wants the plan. Absent, the scope's practice says it
	// for a Major and a Minor; the others have no such day.
	// +optional
	ResponseDueOn Date `json:"responseDueOn,omitempty"`

	// correction of what was found.
	// +optional
	Correction Text `json:"correction,omitempty"`

	// rootCause of the nonconformity.
	// +optional
	RootCause Text `json:"rootCause,omitempty"`

	// similarCasesReviewed says what else was looked at.
	// +optional
	SimilarCasesReviewed Text `json:"similarCasesReviewed,omitempty"`

	// correctiveAction that removes the cause, or what is done about an observation or an opportunity for improvement.
	// +optional
	CorrectiveAction *CorrectiveAction `json:"correctiveAction,omitempty"`

	// effectivenessReview is the organization's own review of the action (clause 10.2).
	// +optional
	EffectivenessReview *EffectivenessReview `json:"effectivenessReview,omitempty"`

	// certificationBody records what the certification body accepted and verified.
	// +optional
	CertificationBody *BodyVerification `json:"certificationBody,omitempty"`

	// decision about an observation or an opportunity for improvement, which demand no corrective action.
	// +optional
	Decision *FindingDecision `json:"decision,omitempty"`
}

// AuditRef names an audit in an AuditCycle.
type AuditRef struct {
	// cycle is the name of the AuditCycle.
	// +required
	Cycle ObjectName `json:"cycle,omitempty"`

	// audit is the name of the audit or the internal audit in it.
	// +required
	Audit ItemName `json:"audit,omitempty"`
}

// Regrading is a change of the severity.
//
// +kubebuilder:validation:XValidation:rule="self.from != self.to",fieldPath=".to",message="must differ from from"
type Regrading struct {
	// from is the severity before.
	// +required
	From Severity `json:"from,omitempty"`

	// to is the severity after.
	// +required
	To Severity `json:"to,omitempty"`

	// regradedOn is the day of the change.
	// +required
	RegradedOn Date `json:"regradedOn,omitempty"`

	// by is the person who decided it.
	// +required
	By Person `json:"by,omitzero"`

	// reason for the change.
	// +required
	Reason Text `json:"reason,omitempty"`
}

// CorrectiveAction removes the cause of a nonconformity.
//
// +kubebuilder:validation:XValidation:rule="has(self.completedOn) == has(self.performedBy)",fieldPath=".performedBy",message="give completedOn and performedBy together"
type CorrectiveAction struct {
	// description of the action.
	// +required
	Description Text `json:"description,omitempty"`

	// owner of the action.
	// +required
	Owner Person `json:"owner,omitzero"`

	// dueDate of the action.
	// +required
	DueDate Date `json:"dueDate,omitempty"`

	// completedOn is the day on which the action was done. A future day does not count.
	// +optional
	CompletedOn Date `json:"completedOn,omitempty"`

	// performedBy is the person who did it.
	// +optional
	PerformedBy *Person `json:"performedBy,omitempty"`
}

// EffectivenessReview says whether a corrective action had its effect.
type EffectivenessReview struct {
	// reviewedOn is the day of the review. A future day does not count.
	// +required
	ReviewedOn Date `json:"reviewedOn,omitempty"`

	// by is the person who reviewed, another one than the performer of the action.
	// +required
	By Person `json:"by,omitzero"`

	// outcome of the review.
	// +required
	Outcome EffectivenessOutcome `json:"outcome,omitempty"`
}

// BodyVerification is what the certification body accepted and verified.
//
// +kubebuilder:validation:XValidation:rule="has(self.verifiedOn) == has(self.verifiedBy)",fieldPath=".verifiedBy",message="give verifiedOn and verifiedBy together"
// +kubebuilder:validation:XValidation:rule="!has(self.planAcceptedOn) || !has(self.verifiedOn) || self.planAcceptedOn <= self.verifiedOn",fieldPath=".verifiedOn",message="must not be before planAcceptedOn"
type BodyVerification struct {
	// planAcceptedOn is the day on which the plan was accepted.
	// +optional
	PlanAcceptedOn Date `json:"planAcceptedOn,omitempty"`

	// verifiedOn is the day on which the action was verified. A future day does not count.
	// +optional
	VerifiedOn Date `json:"verifiedOn,omitempty"`

	// verifiedBy is the auditor who verified.
	// +optional
	VerifiedBy *Person `json:"verifiedBy,omitempty"`
}

// FindingDecision is what the organization decided about a finding that demands no corrective action.
type FindingDecision struct {
	// outcome of the decision.
	// +required
	Outcome FindingDecisionOutcome `json:"outcome,omitempty"`

	// reason for the decision.
	// +required
	Reason Text `json:"reason,omitempty"`

	// decidedOn is the day of the decision. A future day does not count.
	// +required
	DecidedOn Date `json:"decidedOn,omitempty"`

	// by is the person who decided.
	// +required
	By Person `json:"by,omitzero"`
}

// FindingStatus is what the operator knows about a finding.
type FindingStatus struct {
	// conditions: Ready, Stalled, Reconciling, CorrectiveActionPlanned, CorrectiveActionOnTime, AcceptedForDecision,
	// Closed, SeverityAdequate and ReferencesResolved.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=10
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation that was assessed last.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// dueOn is the first of the days by which something is due that is not done yet.
	// +optional
	DueOn Date `json:"dueOn,omitempty"`

	// planDueOn is the day by which the plan is due: responseDueOn, or by the scope's practice.
	// +optional
	PlanDueOn Date `json:"planDueOn,omitempty"`

	// evidenceDueOn is the day by which the corrective action for a Major must be done.
	// +optional
	EvidenceDueOn Date `json:"evidenceDueOn,omitempty"`
}

// Finding is a nonconformity, an observation, an area of concern or an opportunity for improvement.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=isms
// +kubebuilder:printcolumn:name="Severity",type=string,JSONPath=`.spec.severity`
// +kubebuilder:printcolumn:name="Source",type=string,JSONPath=`.spec.source`
// +kubebuilder:printcolumn:name="Requirement",type=string,JSONPath=`.spec.requirement`
// +kubebuilder:printcolumn:name="Due",type=string,JSONPath=`.status.dueOn`
// +kubebuilder:printcolumn:name="Closed",type=string,JSONPath=`.status.conditions[?(@.type=="Closed")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Raised",type=string,priority=1,JSONPath=`.spec.raisedOn`
// +kubebuilder:printcolumn:name="Reference",type=string,priority=1,JSONPath=`.spec.externalReference`
type Finding struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the authored intent.
	// +required
	Spec FindingSpec `json:"spec,omitzero"`

	// status is computed by the operator.
	// +optional
	Status FindingStatus `json:"status,omitzero"`
}

// FindingList is a list of Finding objects.
//
// +kubebuilder:object:root=true
type FindingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []Finding `json:"items"`
}
