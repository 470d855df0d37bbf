// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// ControlCoverage says which controls an internal audit covers.
//
// +kubebuilder:validation:Enum=All;Listed
type ControlCoverage string

// Coverages.
const (
	CoverageAll    ControlCoverage = "All"
	CoverageListed ControlCoverage = "Listed"
)

// FindingsRecord says how an internal audit's findings are recorded.
//
// +kubebuilder:validation:Enum=Refs;None
type FindingsRecord string

// Records of findings.
const (
	// FindingsRefs: as Finding objects that name the audit.
	FindingsRefs FindingsRecord = "Refs"
	// FindingsNone: the audit had none.
	FindingsNone FindingsRecord = "None"
)

// ReviewInput is an input of a management review (clause 9.3.2).
//
// +kubebuilder:validation:Enum=PreviousActions;ContextChanges;InterestedPartyChanges;Nonconformities;MonitoringResults;AuditResults;ObjectivesFulfilment;InterestedPartyFeedback;RiskStatus;ImprovementOpportunities
type ReviewInput string

// Inputs of a management review.
const (
	InputPreviousActions          ReviewInput = "PreviousActions"
	InputContextChanges           ReviewInput = "ContextChanges"
	InputInterestedPartyChanges   ReviewInput = "InterestedPartyChanges"
	InputNonconformities          ReviewInput = "Nonconformities"
	InputMonitoringResults        ReviewInput = "MonitoringResults"
	InputAuditResults             ReviewInput = "AuditResults"
	InputObjectivesFulfilment     ReviewInput = "ObjectivesFulfilment"
	InputInterestedPartyFeedback  ReviewInput = "InterestedPartyFeedback"
	InputRiskStatus               ReviewInput = "RiskStatus"
	InputImprovementOpportunities ReviewInput = "ImprovementOpportunities"
)

// DecisionKind is a kind of decision of a management review (clause 9.3.3).
//
// +kubebuilder:validation:Enum=Improvement;Change;Resources;Other
type DecisionKind string

// DecisionKindImprovement is a decision to make something better (clause 10.1).
const DecisionKindImprovement DecisionKind = "Improvement"

// AuditType is a type of audit by the certification body.
//
// +kubebuilder:validation:Enum=Stage1;Stage2;Surveillance;Recertification;ScopeExtension;ShortNotice;FollowUp
type AuditType string

// Types of audit.
const (
	AuditStage1          AuditType = "Stage1"
	AuditStage2          AuditType = "Stage2"
	AuditSurveillance    AuditType = "Surveillance"
	AuditRecertification AuditType = "Recertification"
	AuditScopeExtension  AuditType = "ScopeExtension"
	AuditShortNotice     AuditType = "ShortNotice"
	AuditFollowUp        AuditType = "FollowUp"
)

// AuditMode says where an audit takes place.
//
// +kubebuilder:validation:Enum=OnSite;Remote;Hybrid
type AuditMode string

// AuditOutcome is the outcome of an audit by the certification body; which ones are possible depends on the type.
//
// +kubebuilder:validation:Enum=ReadyForStage2;NotReadyForStage2;Recommended;RecommendedAfterCorrection;NotRecommended;Maintained;MaintainedAfterCorrection;SuspensionRecommended;Resolved;NotResolved
type AuditOutcome string

// Outcomes of audits.
const (
	// Stage1: ready, or areas of concern to be addressed first.
	OutcomeReadyForStage2    AuditOutcome = "ReadyForStage2"
	OutcomeNotReadyForStage2 AuditOutcome = "NotReadyForStage2"
	// Stage2, Recertification and ScopeExtension: the auditors' recommendation.
	OutcomeRecommended                AuditOutcome = "Recommended"
	OutcomeRecommendedAfterCorrection AuditOutcome = "RecommendedAfterCorrection"
	OutcomeNotRecommended             AuditOutcome = "NotRecommended"
	// Surveillance and ShortNotice: what becomes of the certificate.
	OutcomeMaintained                AuditOutcome = "Maintained"
	OutcomeMaintainedAfterCorrection AuditOutcome = "MaintainedAfterCorrection"
	OutcomeSuspensionRecommended     AuditOutcome = "SuspensionRecommended"
	// FollowUp: whether the findings are resolved.
	OutcomeResolved    AuditOutcome = "Resolved"
	OutcomeNotResolved AuditOutcome = "NotResolved"
)

// CertificateEventType is something that happens to a certificate.
//
// +kubebuilder:validation:Enum=Granted;Suspended;Restored;ScopeExtended;ScopeReduced;Withdrawn;Transferred
type CertificateEventType string

// Events of a certificate.
const (
	CertificateGranted       CertificateEventType = "Granted"
	CertificateSuspended     CertificateEventType = "Suspended"
	CertificateRestored      CertificateEventType = "Restored"
	CertificateScopeExtended CertificateEventType = "ScopeExtended"
	CertificateScopeReduced  CertificateEventType = "ScopeReduced"
	CertificateWithdrawn     CertificateEventType = "Withdrawn"
	CertificateTransferred   CertificateEventType = "Transferred"
)

// ChangeKind is a kind of change of which the certification body must hear.
//
// +kubebuilder:validation:Enum=Ownership;Organization;Sites;Scope;MajorSystemChange
type ChangeKind string

// InternalAudit is one internal audit (clause 9.2.2).
//
// +kubebuilder:validation:XValidation:rule="!has(self.performedOn) || (has(self.auditors) && size(self.auditors) > 0)",fieldPath=".auditors",reason=FieldValueRequired,message="say who audited: an audit that was performed needs auditors"
// +kubebuilder:validation:XValidation:rule="!has(self.performedOn) || (has(self.criteria) && size(self.criteria) > 0)",fieldPath=".criteria",reason=FieldValueRequired,message="say against what was audited: an audit that was performed needs criteria"
// +kubebuilder:validation:XValidation:rule="!has(self.performedOn) || has(self.controlCoverage)",fieldPath=".controlCoverage",message="say which controls were covered: All, or Listed with controls"
// +kubebuilder:validation:XValidation:rule="(has(self.controlCoverage) && self.controlCoverage == 'Listed') == (has(self.controls) && size(self.controls) > 0)",fieldPath=".controls",message="give controls with controlCoverage Listed, and only then"
// +kubebuilder:validation:XValidation:rule="has(self.reportedOn) == has(self.reportedTo)",fieldPath=".reportedTo",message="give reportedTo and reportedOn together"
// +kubebuilder:validation:XValidation:rule="!has(self.reportedOn) || (has(self.performedOn) && self.performedOn <= self.reportedOn)",fieldPath=".reportedOn",message="must not be before performedOn, which it needs"
// +kubebuilder:validation:XValidation:rule="!has(self.findings) || has(self.performedOn)",fieldPath=".findings",reason=FieldValueForbidden,message="remove findings until performedOn says that the audit took place"
type InternalAudit struct {
	// name of the audit, unique in the cycle.
	// +required
	Name ItemName `json:"name,omitempty"`

	// plannedOn is the day that is planned.
	// +required
	PlannedOn Date `json:"plannedOn,omitempty"`

	// performedOn is the last day of the audit. A future day does not count.
	// +optional
	PerformedOn Date `json:"performedOn,omitempty"`

	// criteria against which is audited.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	Criteria []ShortText `json:"criteria,omitempty"`

	// auditors who audit; none may own what is audited.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Auditors []Auditor `json:"auditors,omitempty"`

	// clauses that are covered; a clause covers those below it.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=40
	Clauses []ClauseID `json:"clauses,omitempty"`

	// controlCoverage says which controls are covered.
	// +optional
	ControlCoverage ControlCoverage `json:"controlCoverage,omitempty"`

	// controls that are covered, with controlCoverage Listed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=200
	Controls []ControlID `json:"controls,omitempty"`

	// findings says how the findings are recorded.
	// +optional
	Findings FindingsRecord `json:"findings,omitempty"`

	// reportedTo is the manager to whom the results were reported.
	// +optional
	ReportedTo *Person `json:"reportedTo,omitempty"`

	// reportedOn is the day of the report.
	// +optional
	ReportedOn Date `json:"reportedOn,omitempty"`

	// reportRef names the Document of the report.
	// +optional
	ReportRef *LocalRef `json:"reportRef,omitempty"`
}

// Auditor is an internal auditor.
type Auditor struct {
	// person who audits.
	// +required
	Person Person `json:"person,omitzero"`

	// organization of the auditor.
	// +optional
	Organization ShortText `json:"organization,omitempty"`

	// competenceRef names the Attestation, or the RegisterEntry of register Competence, that shows the auditor's competence on
	// the day of the audit (clause 7.2).
	// +optional
	CompetenceRef *LocalRef `json:"competenceRef,omitempty"`
}

// ManagementReview is one management review (clause 9.3).
//
// +kubebuilder:validation:XValidation:rule="!has(self.performedOn) || has(self.chair)",fieldPath=".chair",reason=FieldValueRequired,message="say who chaired the review: a review that was performed needs chair"
// +kubebuilder:validation:XValidation:rule="!has(self.performedOn) || (has(self.inputs) && size(self.inputs) > 0)",fieldPath=".inputs",reason=FieldValueRequired,message="say what was considered: a review that was performed needs inputs"
type ManagementReview struct {
	// name of the review, unique in the cycle.
	// +required
	Name ItemName `json:"name,omitempty"`

	// plannedOn is the day that is planned.
	// +required
	PlannedOn Date `json:"plannedOn,omitempty"`

	// performedOn is the day of the review. A future day does not count.
	// +optional
	PerformedOn Date `json:"performedOn,omitempty"`

	// chair of the review, in top management.
	// +optional
	Chair *Person `json:"chair,omitempty"`

	// attendees of the review.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Attendees []Person `json:"attendees,omitempty"`

	// inputs that were considered (clause 9.3.2).
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=10
	Inputs []ReviewInput `json:"inputs,omitempty"`

	// decisions that were taken (clause 9.3.3).
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Decisions []ReviewDecision `json:"decisions,omitempty"`

	// minutesRef names the Document of the minutes.
	// +optional
	MinutesRef *LocalRef `json:"minutesRef,omitempty"`
}

// ReviewDecision is a decision of a management review.
//
// +kubebuilder:validation:XValidation:rule="has(self.owner) == has(self.dueDate)",fieldPath=".dueDate",message="give owner and dueDate together"
type ReviewDecision struct {
	// kind of the decision.
	// +required
	Kind DecisionKind `json:"kind,omitempty"`

	// text of the decision.
	// +required
	Text Text `json:"text,omitempty"`

	// owner of the action that follows.
	// +optional
	Owner *Person `json:"owner,omitempty"`

	// dueDate of the action that follows.
	// +optional
	DueDate Date `json:"dueDate,omitempty"`

	// doneOn is the day on which the action was done.
	// +optional
	DoneOn Date `json:"doneOn,omitempty"`
}

// Audit is one audit by the certification body.
//
// +kubebuilder:validation:XValidation:rule="!has(self.outcome) || self.type != 'Stage1' || self.outcome in ['ReadyForStage2','NotReadyForStage2']",fieldPath=".outcome",message="must be ReadyForStage2 or NotReadyForStage2 for a Stage1 audit"
// +kubebuilder:validation:XValidation:rule="!has(self.outcome) || !(self.type in ['Stage2','Recertification','ScopeExtension']) || self.outcome in ['Recommended','RecommendedAfterCorrection','NotRecommended']",fieldPath=".outcome",message="must be Recommended, RecommendedAfterCorrection or NotRecommended for a Stage2, Recertification or ScopeExtension audit"
// +kubebuilder:validation:XValidation:rule="!has(self.outcome) || !(self.type in ['Surveillance','ShortNotice']) || self.outcome in ['Maintained','MaintainedAfterCorrection','SuspensionRecommended']",fieldPath=".outcome",message="must be Maintained, MaintainedAfterCorrection or SuspensionRecommended for a Surveillance or ShortNotice audit"
// +kubebuilder:validation:XValidation:rule="!has(self.outcome) || self.type != 'FollowUp' || self.outcome in ['Resolved','NotResolved']",fieldPath=".outcome",message="must be Resolved or NotResolved for a FollowUp audit"
// +kubebuilder:validation:XValidation:rule="!has(self.outcome) || has(self.lastDayOn)",fieldPath=".lastDayOn",reason=FieldValueRequired,message="say when the audit ended: an outcome needs lastDayOn"
// +kubebuilder:validation:XValidation:rule="!has(self.firstDayOn) || !has(self.lastDayOn) || self.firstDayOn <= self.lastDayOn",fieldPath=".lastDayOn",message="must not be before firstDayOn"
type Audit struct {
	// name of the audit, unique in the cycle.
	// +required
	Name ItemName `json:"name,omitempty"`

	// type of the audit.
	// +required
	Type AuditType `json:"type,omitempty"`

	// plannedOn is the first day that is planned.
	// +required
	PlannedOn Date `json:"plannedOn,omitempty"`

	// firstDayOn is the first day of the audit.
	// +optional
	FirstDayOn Date `json:"firstDayOn,omitempty"`

	// lastDayOn is the last day of the audit. A future day does not count.
	// +optional
	LastDayOn Date `json:"lastDayOn,omitempty"`

	// leadAuditor of the certification body.
	// +optional
	LeadAuditor *Person `json:"leadAuditor,omitempty"`

	// mode of the audit.
	// +optional
	Mode AuditMode `json:"mode,omitempty"`

	// soaVersion is the version of the Statement of Applicability that was audited.
	// +optional
	SoAVersion Version `json:"soaVersion,omitempty"`

	// outcome of the audit; which ones are possible depends on the type.
	// +optional
	Outcome AuditOutcome `json:"outcome,omitempty"`

	// reportRef names the Document of the report.
	// +optional
	ReportRef *LocalRef `json:"reportRef,omitempty"`

	// requests of the auditors for records.
	// +optional
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=100
	Requests []AuditRequest `json:"requests,omitempty"`
}

// AuditRequest is a request of the auditors for a record.
type AuditRequest struct {
	// id of the request.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	ID string `json:"id,omitempty"`

	// text of the request.
	// +required
	Text Text `json:"text,omitempty"`

	// owner of the answer.
	// +required
	Owner Person `json:"owner,omitzero"`

	// dueDate of the answer.
	// +required
	DueDate Date `json:"dueDate,omitempty"`

	// answeredOn is the day of the answer.
	// +optional
	AnsweredOn Date `json:"answeredOn,omitempty"`
}

// Certificate is the certificate that was issued. Its state is computed from the events.
//
// +kubebuilder:validation:XValidation:rule="self.effectiveOn < self.expiresOn",fieldPath=".expiresOn",message="must be after effectiveOn"
type Certificate struct {
	// number of the certificate.
	// +required
	Number ShortText `json:"number,omitempty"`

	// edition of the standard that the certificate names.
	// +required
	Edition ShortText `json:"edition,omitempty"`

	// soaVersion is the version of the Statement of Applicability that the certificate names.
	// +required
	SoAVersion Version `json:"soaVersion,omitempty"`

	// scopeStatement as it stands on the certificate.
	// +required
	ScopeStatement Text `json:"scopeStatement,omitempty"`

	// sites that the certificate names.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	Sites []ShortText `json:"sites,omitempty"`

	// effectiveOn is the first day on which the certificate is valid.
	// +required
	EffectiveOn Date `json:"effectiveOn,omitempty"`

	// expiresOn is the last day on which the certificate is valid.
	// +required
	ExpiresOn Date `json:"expiresOn,omitempty"`

	// events of the certificate, in the order in which they took place; the first is Granted or Transferred.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:XValidation:rule="self[0].type in ['Granted','Transferred']",message="must begin with Granted or Transferred"
	// +kubebuilder:validation:XValidation:rule="self.map(e, e.decidedOn).isSorted()",message="must be in the order of decidedOn"
	Events []CertificateEvent `json:"events,omitempty"`
}

// CertificateEvent is something that happened to a certificate.
//
// +kubebuilder:validation:XValidation:rule="!(self.type in ['Suspended','ScopeReduced','Withdrawn']) || has(self.reason)",fieldPath=".reason",reason=FieldValueRequired,message="say why: Suspended, ScopeReduced and Withdrawn need a reason"
type CertificateEvent struct {
	// type of the event.
	// +required
	Type CertificateEventType `json:"type,omitempty"`

	// decidedOn is the day of the decision.
	// +required
	DecidedOn Date `json:"decidedOn,omitempty"`

	// reason of the decision.
	// +optional
	Reason Text `json:"reason,omitempty"`
}

// Maintenance records what surveillance and recertification look at.
type Maintenance struct {
	// complaints that were received.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Complaints []Complaint `json:"complaints,omitempty"`

	// changes of which the certification body must hear.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Changes []NotifiedChange `json:"changes,omitempty"`

	// useOfMarks is the last review of how the certificate and the marks are used.
	// +optional
	UseOfMarks *UseOfMarks `json:"useOfMarks,omitempty"`

	// legalCompliance is the last evaluation of compliance with legal and contractual requirements.
	// +optional
	LegalCompliance *LegalCompliance `json:"legalCompliance,omitempty"`
}

// Complaint is a complaint that the organization received.
//
// +kubebuilder:validation:XValidation:rule="!has(self.resolvedOn) || self.receivedOn <= self.resolvedOn",fieldPath=".resolvedOn",message="must not be before receivedOn"
type Complaint struct {
	// receivedOn is the day on which the complaint came in.
	// +required
	ReceivedOn Date `json:"receivedOn,omitempty"`

	// summary of the complaint.
	// +required
	Summary Text `json:"summary,omitempty"`

	// resolvedOn is the day on which it was resolved.
	// +optional
	ResolvedOn Date `json:"resolvedOn,omitempty"`
}

// NotifiedChange is a change of which the certification body must hear.
type NotifiedChange struct {
	// kind of the change.
	// +required
	Kind ChangeKind `json:"kind,omitempty"`

	// changedOn is the day of the change.
	// +required
	ChangedOn Date `json:"changedOn,omitempty"`

	// notifiedBodyOn is the day on which the certification body was told.
	// +optional
	NotifiedBodyOn Date `json:"notifiedBodyOn,omitempty"`
}

// UseOfMarks is a review of how the certificate and the marks are used.
type UseOfMarks struct {
	// reviewedOn is the day of the review.
	// +required
	ReviewedOn Date `json:"reviewedOn,omitempty"`

	// outcome of the review.
	// +required
	Outcome ShortText `json:"outcome,omitempty"`
}

// LegalCompliance is an evaluation of compliance with legal and contractual requirements.
type LegalCompliance struct {
	// evaluatedOn is the day of the evaluation.
	// +required
	EvaluatedOn Date `json:"evaluatedOn,omitempty"`

	// ref names the Document or the Attestation of the evaluation.
	// +required
	Ref LocalRef `json:"ref,omitzero"`
}
