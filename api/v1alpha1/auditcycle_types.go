// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// CycleOrigin says how a certification cycle begins.
//
// +kubebuilder:validation:Enum=Initial;Recertification;Transfer
type CycleOrigin string

// Origins of a cycle.
const (
	OriginInitial         CycleOrigin = "Initial"
	OriginRecertification CycleOrigin = "Recertification"
	OriginTransfer        CycleOrigin = "Transfer"
)

// GateName is a gate that is practice of certification bodies, not a requirement of the standard.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self in ['GapsAddressed','OperatingPeriodMet']",message="must be GapsAddressed or OperatingPeriodMet, the gates that are practice: what the standard requires cannot be relaxed"
type GateName string

// Enforcement says whether a gate blocks.
//
// +kubebuilder:validation:Enum=Advisory;Required
type Enforcement string

// Enforcements. An absent gate is EnforcementRequired.
const (
	EnforcementAdvisory Enforcement = "Advisory"
	EnforcementRequired Enforcement = "Required"
)

// Step is a step of the way to the certificate.
//
// +kubebuilder:validation:Enum=Scope;Leadership;GapAnalysis;RiskAssessment;RiskTreatment;StatementOfApplicability;ControlsAndPolicies;TrainingAndAwareness;Operation;InternalAudit;ManagementReview;CertificationBody;Stage1;Stage2;Findings;Decision;Surveillance;Recertification
type Step string

// Steps, in the order of the process. They overlap: which depends on which the milestones say.
const (
	StepScope                    Step = "Scope"
	StepLeadership               Step = "Leadership"
	StepGapAnalysis              Step = "GapAnalysis"
	StepRiskAssessment           Step = "RiskAssessment"
	StepRiskTreatment            Step = "RiskTreatment"
	StepStatementOfApplicability Step = "StatementOfApplicability"
	StepControlsAndPolicies      Step = "ControlsAndPolicies"
	StepTrainingAndAwareness     Step = "TrainingAndAwareness"
	StepOperation                Step = "Operation"
	StepInternalAudit            Step = "InternalAudit"
	StepManagementReview         Step = "ManagementReview"
	StepCertificationBody        Step = "CertificationBody"
	StepStage1                   Step = "Stage1"
	StepStage2                   Step = "Stage2"
	StepFindings                 Step = "Findings"
	StepDecision                 Step = "Decision"
	StepSurveillance             Step = "Surveillance"
	StepRecertification          Step = "Recertification"
)

// AuditCycleSpec is one certification cycle (clauses 9.2 and 9.3, ISO/IEC 17021-1 9.1.3).
//
// +kubebuilder:validation:XValidation:rule="self.scopeRef == oldSelf.scopeRef",fieldPath=".scopeRef",message="scopeRef is immutable: create another AuditCycle for the other scope"
// +kubebuilder:validation:XValidation:rule="self.origin == oldSelf.origin",fieldPath=".origin",message="origin is immutable: create another AuditCycle that names this one in previousCycleRef"
// +kubebuilder:validation:XValidation:rule="has(self.transfer) == (self.origin == 'Transfer')",fieldPath=".transfer",message="give transfer with origin Transfer, and with no other origin"
// +kubebuilder:validation:XValidation:rule="self.origin == 'Initial' || has(self.previousCycleRef) || has(self.previousCertificate)",fieldPath=".previousCertificate",message="name the certificate that this cycle carries on: give previousCycleRef or previousCertificate"
// +kubebuilder:validation:XValidation:rule="self.origin != 'Initial' || !has(self.previousCertificate)",fieldPath=".previousCertificate",reason=FieldValueForbidden,message="remove previousCertificate: an Initial cycle carries on no certificate"
// +kubebuilder:validation:XValidation:rule="!has(self.preparationPartners) || !has(self.certificationBody) || self.preparationPartners.all(p, p.name.trim().lowerAscii() != self.certificationBody.name.trim().lowerAscii() || (has(p.endedOn) && has(self.certificationBody.engagedOn) && (p.endedOn.getFullYear() + 2) * 10000 + p.endedOn.getMonth() * 100 + p.endedOn.getDayOfMonth() <= self.certificationBody.engagedOn.getFullYear() * 10000 + self.certificationBody.engagedOn.getMonth() * 100 + self.certificationBody.engagedOn.getDayOfMonth()))",fieldPath=".preparationPartners",message="the certification body must not have helped to prepare: name another certification body, or give endedOn if that help ended two years before engagedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.certificate) || self.certificate.expiresOn.getFullYear() * 10000 + self.certificate.expiresOn.getMonth() * 100 + self.certificate.expiresOn.getDayOfMonth() <= (self.certificate.effectiveOn.getFullYear() + 3) * 10000 + self.certificate.effectiveOn.getMonth() * 100 + self.certificate.effectiveOn.getDayOfMonth() || (has(self.previousCertificate) && self.previousCertificate.expiresOn >= self.certificate.effectiveOn && self.certificate.expiresOn.getFullYear() * 10000 + self.certificate.expiresOn.getMonth() * 100 + self.certificate.expiresOn.getDayOfMonth() <= (self.previousCertificate.expiresOn.getFullYear() + 3) * 10000 + self.previousCertificate.expiresOn.getMonth() * 100 + self.previousCertificate.expiresOn.getDayOfMonth())",fieldPath=".certificate.expiresOn",message="must be at most three years after effectiveOn, or, where the certificate was renewed in time, after previousCertificate.expiresOn"
type AuditCycleSpec struct {
	// scopeRef names the ISMSScope that is certified. Immutable.
	// +required
	ScopeRef LocalRef `json:"scopeRef,omitzero"`

	// origin says how the cycle begins. Immutable.
	// +required
	Origin CycleOrigin `json:"origin,omitempty"`

	// previousCycleRef names the last AuditCycle of the scope.
	// +optional
	PreviousCycleRef *LocalRef `json:"previousCycleRef,omitempty"`

	// previousCertificate is the certificate that a recertification or a transfer carries on.
	// +optional
	PreviousCertificate *PreviousCertificate `json:"previousCertificate,omitempty"`

	// transfer from another certification body (IAF MD 2).
	// +optional
	Transfer *Transfer `json:"transfer,omitempty"`

	// timeZone of the certification body, in which its days and months are counted. Absent means UTC.
	// +optional
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^(UTC|[A-Z][A-Za-z_]*(/[A-Za-z0-9][-+A-Za-z0-9_]*){1,2})$')",message="must be UTC or a name of the IANA time zone database, such as Europe/Berlin"
	TimeZone string `json:"timeZone,omitempty"`

	// certificationBody that audits and certifies.
	// +optional
	CertificationBody *CertificationBody `json:"certificationBody,omitempty"`

	// preparationPartners who helped to prepare; none may be the certification body.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	PreparationPartners []PreparationPartner `json:"preparationPartners,omitempty"`

	// operatingPeriod is the record of operation that is wanted before Stage 2. Practice, not a requirement.
	// +optional
	OperatingPeriod *OperatingPeriod `json:"operatingPeriod,omitempty"`

	// deviationGraceDays after which an unhandled failure of a control blocks; 0 at once. Absent means 7.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=90
	DeviationGraceDays *int32 `json:"deviationGraceDays,omitempty"`

	// practice holds the figures of the calendar that are practice of the certification body.
	// +optional
	Practice *CyclePractice `json:"practice,omitempty"`

	// gates whose enforcement differs; only those that are practice.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	Gates []Gate `json:"gates,omitempty"`

	// milestones of the project plan.
	// +optional
	// +listType=map
	// +listMapKey=step
	// +kubebuilder:validation:MaxItems=20
	Milestones []Milestone `json:"milestones,omitempty"`

	// auditProgrammeRef names the Document of the internal audit programme (clause 9.2.2), of type InternalAuditProgramme. Absent
	// means any Document of this type.
	// +optional
	AuditProgrammeRef *LocalRef `json:"auditProgrammeRef,omitempty"`

	// internalAudits of the cycle (clause 9.2).
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	InternalAudits []InternalAudit `json:"internalAudits,omitempty"`

	// managementReviews of the cycle (clause 9.3).
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	ManagementReviews []ManagementReview `json:"managementReviews,omitempty"`

	// audits by the certification body.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	Audits []Audit `json:"audits,omitempty"`

	// samples that are asked for, for Stage 2 or an internal audit.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	Samples []SampleRequest `json:"samples,omitempty"`

	// certificate that was issued.
	// +optional
	Certificate *Certificate `json:"certificate,omitempty"`

	// maintenance records what surveillance and recertification look at.
	// +optional
	Maintenance *Maintenance `json:"maintenance,omitempty"`
}

// PreviousCertificate is the certificate that a cycle carries on.
type PreviousCertificate struct {
	// number of the certificate.
	// +required
	Number ShortText `json:"number,omitempty"`

	// expiresOn is the last day on which it is valid.
	// +required
	ExpiresOn Date `json:"expiresOn,omitempty"`
}

// Transfer of a certificate from another certification body.
type Transfer struct {
	// fromBody is the certification body that issued the certificate.
	// +required
	FromBody ShortText `json:"fromBody,omitempty"`

	// accreditationEndedOn is the day on which the issuing body lost its accreditation or ceased to certify, if it did.
	// +optional
	AccreditationEndedOn Date `json:"accreditationEndedOn,omitempty"`

	// preTransferReviewOn is the day of the accepting body's review, which comes before its decision. A future day does not
	// count.
	// +optional
	PreTransferReviewOn Date `json:"preTransferReviewOn,omitempty"`
}

// CertificationBody is the body that audits and certifies.
type CertificationBody struct {
	// name of the certification body.
	// +required
	Name ShortText `json:"name,omitempty"`

	// engagedOn is the day of the contract.
	// +optional
	EngagedOn Date `json:"engagedOn,omitempty"`

	// accreditation of the body for ISO/IEC 27001.
	// +optional
	Accreditation *Accreditation `json:"accreditation,omitempty"`
}

// Accreditation of a certification body.
type Accreditation struct {
	// body that accredits, such as DAkkS or UKAS.
	// +required
	Body ShortText `json:"body,omitempty"`

	// number of the accreditation.
	// +required
	Number ShortText `json:"number,omitempty"`

	// checkedOn is the day on which the register was looked up.
	// +required
	CheckedOn Date `json:"checkedOn,omitempty"`

	// registerUrl is the entry in the register.
	// +optional
	RegisterURL URL `json:"registerUrl,omitempty"`
}

// PreparationPartner helped to prepare for the certification.
type PreparationPartner struct {
	// name of the partner.
	// +required
	Name ShortText `json:"name,omitempty"`

	// role of the partner.
	// +required
	Role ShortText `json:"role,omitempty"`

	// endedOn is the day on which the help ended.
	// +optional
	EndedOn Date `json:"endedOn,omitempty"`
}

// OperatingPeriod is the record of operation that is wanted before Stage 2.
type OperatingPeriod struct {
	// days of operation before Stage 2. Absent means 90.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=365
	Days int32 `json:"days,omitempty"`

	// priorRecords show operation before the operator began to observe.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	PriorRecords []PriorRecord `json:"priorRecords,omitempty"`

	// minCoveragePercent is the share of the period that must have been observed. Absent means 90.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MinCoveragePercent int32 `json:"minCoveragePercent,omitempty"`

	// minEffectivePercent is the share of the period in which a control must have been seen to be effective; time that was not
	// observed counts against it. Absent means 95.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MinEffectivePercent int32 `json:"minEffectivePercent,omitempty"`
}

// PriorRecord attests operation in a period before the operator observed it.
type PriorRecord struct {
	Period `json:",inline"`

	// attestedBy is the person who answers for the record.
	// +required
	AttestedBy Person `json:"attestedBy,omitzero"`

	// recordRef points at the record.
	// +required
	RecordRef RecordRef `json:"recordRef,omitzero"`
}

// Gate changes the enforcement of a gate that is practice.
//
// +kubebuilder:validation:XValidation:rule="self.enforcement != 'Advisory' || has(self.rationale)",fieldPath=".rationale",reason=FieldValueRequired,message="say why the gate does not block: enforcement Advisory needs a rationale"
type Gate struct {
	// name of the gate, a condition of the AuditCycle.
	// +required
	Name GateName `json:"name,omitempty"`

	// enforcement of the gate.
	// +required
	Enforcement Enforcement `json:"enforcement,omitempty"`

	// rationale of the enforcement.
	// +optional
	Rationale Text `json:"rationale,omitempty"`
}

// Milestone is a step of the plan with owner and date.
//
// +kubebuilder:validation:XValidation:rule="!has(self.dependsOn) || !(self.step in self.dependsOn)",fieldPath=".dependsOn",message="a step cannot depend on itself: remove it from dependsOn"
type Milestone struct {
	// step of the plan.
	// +required
	Step Step `json:"step,omitempty"`

	// owner of the step.
	// +required
	Owner Person `json:"owner,omitzero"`

	// dueDate of the step.
	// +required
	DueDate Date `json:"dueDate,omitempty"`

	// dependsOn names steps that must be done first.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	DependsOn []Step `json:"dependsOn,omitempty"`
}
