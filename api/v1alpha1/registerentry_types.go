// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Register is a register of the ISMS other than the risk register.
//
// +kubebuilder:validation:Enum=Asset;Supplier;LegalRequirement;Incident;Competence;Change
type Register string

// Registers.
const (
	RegisterAsset            Register = "Asset"
	RegisterSupplier         Register = "Supplier"
	RegisterLegalRequirement Register = "LegalRequirement"
	RegisterIncident         Register = "Incident"
	RegisterCompetence       Register = "Competence"
	RegisterChange           Register = "Change"
)

// ComplianceOutcome is the outcome of an evaluation of compliance.
//
// +kubebuilder:validation:Enum=Compliant;NotCompliant
type ComplianceOutcome string

// Outcomes of an evaluation of compliance.
const (
	Compliant    ComplianceOutcome = "Compliant"
	NotCompliant ComplianceOutcome = "NotCompliant"
)

// AssetKind is a kind of asset (ISO/IEC 27005:2022, A.2.2).
//
// +kubebuilder:validation:Enum=Information;Process;Hardware;Software;Network;Service;People;Site
type AssetKind string

// LegalBasis is where a requirement comes from.
//
// +kubebuilder:validation:Enum=Law;Regulation;Contract;Standard
type LegalBasis string

// RegisterEntrySpec is one entry of a register.
//
// +kubebuilder:validation:XValidation:rule="self.scopeRef == oldSelf.scopeRef",fieldPath=".scopeRef",message="scopeRef is immutable: delete the RegisterEntry and create it for the other scope"
// +kubebuilder:validation:XValidation:rule="self.register == oldSelf.register",fieldPath=".register",message="register is immutable: create another RegisterEntry in the other register"
// +kubebuilder:validation:XValidation:rule="has(self.asset) == (self.register == 'Asset')",fieldPath=".asset",message="give asset in register Asset, and in no other register"
// +kubebuilder:validation:XValidation:rule="has(self.supplier) == (self.register == 'Supplier')",fieldPath=".supplier",message="give supplier in register Supplier, and in no other register"
// +kubebuilder:validation:XValidation:rule="has(self.legalRequirement) == (self.register == 'LegalRequirement')",fieldPath=".legalRequirement",message="give legalRequirement in register LegalRequirement, and in no other register"
// +kubebuilder:validation:XValidation:rule="has(self.incident) == (self.register == 'Incident')",fieldPath=".incident",message="give incident in register Incident, and in no other register"
// +kubebuilder:validation:XValidation:rule="has(self.competence) == (self.register == 'Competence')",fieldPath=".competence",message="give competence in register Competence, and in no other register"
// +kubebuilder:validation:XValidation:rule="has(self.change) == (self.register == 'Change')",fieldPath=".change",message="give change in register Change, and in no other register"
type RegisterEntrySpec struct {
	// scopeRef names the ISMSScope that the entry belongs to. Immutable.
	// +required
	ScopeRef LocalRef `json:"scopeRef,omitzero"`

	// register that the entry belongs to. Immutable.
	// +required
	// +unionDiscriminator
	Register Register `json:"register,omitempty"`

	// title of the entry.
	// +required
	Title ShortText `json:"title,omitempty"`

	// owner answers for the entry.
	// +required
	Owner Person `json:"owner,omitzero"`

	// reviewIntervalDays is the longest time between two reviews. Absent means 365 for assets, suppliers and legal
	// requirements; incidents, competences and changes then need no review.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1830
	ReviewIntervalDays int32 `json:"reviewIntervalDays,omitempty"`

	// reviewedOn is the day of the last review. A future day does not count.
	// +optional
	ReviewedOn Date `json:"reviewedOn,omitempty"`

	// controls that the entry has to do with.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	Controls []ControlID `json:"controls,omitempty"`

	// risks names the Risks that the entry has to do with.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	Risks []ObjectName `json:"risks,omitempty"`

	// asset of register Asset (A.5.9).
	// +optional
	Asset *AssetEntry `json:"asset,omitempty"`

	// supplier of register Supplier (A.5.19 to A.5.22).
	// +optional
	Supplier *SupplierEntry `json:"supplier,omitempty"`

	// legalRequirement of register LegalRequirement (A.5.31).
	// +optional
	LegalRequirement *LegalRequirementEntry `json:"legalRequirement,omitempty"`

	// incident of register Incident (A.5.24 to A.5.27).
	// +optional
	Incident *IncidentEntry `json:"incident,omitempty"`

	// competence of register Competence (clause 7.2).
	// +optional
	Competence *CompetenceEntry `json:"competence,omitempty"`

	// change of register Change (clause 6.3).
	// +optional
	Change *ChangeEntry `json:"change,omitempty"`
}

// AssetEntry is an asset.
type AssetEntry struct {
	// kind of the asset.
	// +required
	Kind AssetKind `json:"kind,omitempty"`

	// classification of the asset in the organization's own scheme (A.5.12).
	// +optional
	Classification ShortText `json:"classification,omitempty"`

	// location of the asset.
	// +optional
	Location ShortText `json:"location,omitempty"`
}

// SupplierEntry is a supplier.
type SupplierEntry struct {
	// criticality of the supplier.
	// +required
	Criticality Criticality `json:"criticality,omitempty"`

	// agreementRef points at the agreement with its security requirements (A.5.20).
	// +optional
	AgreementRef *RecordRef `json:"agreementRef,omitempty"`

	// assuranceExpiresOn is the last day on which the supplier's certificate or report counts (A.5.22). A supplier of High
	// or Critical criticality needs one.
	// +optional
	AssuranceExpiresOn Date `json:"assuranceExpiresOn,omitempty"`
}

// LegalRequirementEntry is a legal, regulatory or contractual requirement.
//
// +kubebuilder:validation:XValidation:rule="!has(self.evaluation) || self.evaluation.outcome != 'NotCompliant' || has(self.evaluation.findingRef)",fieldPath=".evaluation.findingRef",reason=FieldValueRequired,message="name the Finding that follows it up: outcome NotCompliant needs findingRef"
type LegalRequirementEntry struct {
	// basis of the requirement.
	// +required
	Basis LegalBasis `json:"basis,omitempty"`

	// jurisdiction in which it holds.
	// +optional
	Jurisdiction ShortText `json:"jurisdiction,omitempty"`

	// approach to meet the requirement.
	// +required
	Approach Text `json:"approach,omitempty"`

	// evaluation of compliance, the last one.
	// +optional
	Evaluation *ComplianceEvaluation `json:"evaluation,omitempty"`
}

// ComplianceEvaluation says whether a requirement is met.
type ComplianceEvaluation struct {
	// evaluatedOn is the day of the evaluation. A future day does not count.
	// +required
	EvaluatedOn Date `json:"evaluatedOn,omitempty"`

	// by is the person who evaluated.
	// +required
	By Person `json:"by,omitzero"`

	// outcome of the evaluation.
	// +required
	Outcome ComplianceOutcome `json:"outcome,omitempty"`

	// findingRef names the Finding that follows up what was found.
	// +optional
	FindingRef *LocalRef `json:"findingRef,omitempty"`

	// recordRef points at the record.
	// +optional
	RecordRef *RecordRef `json:"recordRef,omitempty"`
}

// IncidentEntry is an information security incident.
//
// +kubebuilder:validation:XValidation:rule="!has(self.resolvedOn) || self.detectedOn <= self.resolvedOn",fieldPath=".resolvedOn",message="must not be before detectedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.dueDate) || self.detectedOn <= self.dueDate",fieldPath=".dueDate",message="must not be before detectedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.resolvedOn) || has(self.lessonsLearned)",fieldPath=".lessonsLearned",reason=FieldValueRequired,message="say what was learned: a resolved incident needs lessonsLearned"
type IncidentEntry struct {
	// severity of the incident.
	// +required
	Severity Criticality `json:"severity,omitempty"`

	// detectedOn is the day on which the incident was detected.
	// +required
	DetectedOn Date `json:"detectedOn,omitempty"`

	// dueDate is the day by which the incident must be resolved, where there is one.
	// +optional
	DueDate Date `json:"dueDate,omitempty"`

	// resolvedOn is the day on which it was resolved. A future day does not count.
	// +optional
	ResolvedOn Date `json:"resolvedOn,omitempty"`

	// lessonsLearned from the incident (A.5.27).
	// +optional
	LessonsLearned Text `json:"lessonsLearned,omitempty"`

	// findingRef names the Finding that follows it up.
	// +optional
	FindingRef *LocalRef `json:"findingRef,omitempty"`
}

// CompetenceEntry shows that someone is competent for a role.
//
// +kubebuilder:validation:XValidation:rule="!has(self.expiresOn) || self.acquiredOn <= self.expiresOn",fieldPath=".expiresOn",message="must not be before acquiredOn"
type CompetenceEntry struct {
	// person who is competent.
	// +required
	Person Person `json:"person,omitzero"`

	// role for which competence is needed.
	// +required
	Role ShortText `json:"role,omitempty"`

	// basis of the competence: education, training or experience.
	// +required
	Basis Text `json:"basis,omitempty"`

	// acquiredOn is the day from which it holds.
	// +required
	AcquiredOn Date `json:"acquiredOn,omitempty"`

	// expiresOn is the last day on which it holds.
	// +optional
	ExpiresOn Date `json:"expiresOn,omitempty"`

	// recordRef points at the record.
	// +optional
	RecordRef *RecordRef `json:"recordRef,omitempty"`

	// attestationRef names the Attestation that shows the competence, in place of a record elsewhere or beside it.
	// +optional
	AttestationRef *LocalRef `json:"attestationRef,omitempty"`
}

// ChangeEntry is a planned change of the ISMS.
//
// +kubebuilder:validation:XValidation:rule="!has(self.completedOn) || !has(self.approval) || self.approval.approvedOn <= self.completedOn",fieldPath=".completedOn",message="must not be before approval.approvedOn: a planned change is approved before it is done"
// +kubebuilder:validation:XValidation:rule="!has(self.effectReview) || has(self.completedOn)",fieldPath=".effectReview",reason=FieldValueForbidden,message="remove effectReview until completedOn says that the change is done"
// +kubebuilder:validation:XValidation:rule="!has(self.effectReview) || !has(self.completedOn) || self.completedOn <= self.effectReview.reviewedOn",fieldPath=".effectReview.reviewedOn",message="must not be before completedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.completedOn) || has(self.approval)",fieldPath=".approval",reason=FieldValueRequired,message="say who approved the change: completedOn needs approval"
type ChangeEntry struct {
	// purpose of the change and its consequences.
	// +required
	Purpose Text `json:"purpose,omitempty"`

	// plannedOn is the day that is planned.
	// +required
	PlannedOn Date `json:"plannedOn,omitempty"`

	// completedOn is the day on which the change was done. A future day does not count.
	// +optional
	CompletedOn Date `json:"completedOn,omitempty"`

	// approval of the change.
	// +optional
	Approval *Approval `json:"approval,omitempty"`

	// effectReview is the review of what the change brought about, unintended consequences included (clause 8.1).
	// +optional
	EffectReview *EffectivenessReview `json:"effectReview,omitempty"`
}

// RegisterEntryStatus is what the operator knows about an entry.
type RegisterEntryStatus struct {
	// conditions: Ready, Stalled, Reconciling, ReviewCurrent, ReferencesResolved, and by register: Classified;
	// AgreementInPlace and AssuranceCurrent; ComplianceEvaluated; Resolved; CompetenceCurrent; ChangeControlled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=10
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation that was assessed last.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// reviewDueOn is the last day by which the next review must have taken place.
	// +optional
	ReviewDueOn Date `json:"reviewDueOn,omitempty"`
}

// RegisterEntry is one entry of a register: asset, supplier, legal requirement, incident, competence or change.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=isms,path=registerentries
// +kubebuilder:printcolumn:name="Register",type=string,JSONPath=`.spec.register`
// +kubebuilder:printcolumn:name="Title",type=string,JSONPath=`.spec.title`
// +kubebuilder:printcolumn:name="Current",type=string,JSONPath=`.status.conditions[?(@.type=="ReviewCurrent")].status`
// +kubebuilder:printcolumn:name="Review due",type=string,JSONPath=`.status.reviewDueOn`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Owner",type=string,priority=1,JSONPath=`.spec.owner.name`
type RegisterEntry struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the authored intent.
	// +required
	Spec RegisterEntrySpec `json:"spec,omitzero"`

	// status is computed by the operator.
	// +optional
	Status RegisterEntryStatus `json:"status,omitzero"`
}

// RegisterEntryList is a list of RegisterEntry objects.
//
// +kubebuilder:object:root=true
type RegisterEntryList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []RegisterEntry `json:"items"`
}
