// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ControlSource says where a control comes from.
//
// +kubebuilder:validation:Enum=AnnexA;Other
type ControlSource string

// Sources of controls.
const (
	SourceAnnexA ControlSource = "AnnexA"
	SourceOther  ControlSource = "Other"
)

// ApplicabilityDecision is the decision of the Statement of Applicability on one control.
//
// +kubebuilder:validation:Enum=Applicable;Excluded
type ApplicabilityDecision string

// Decisions of the Statement of Applicability.
const (
	DecisionApplicable ApplicabilityDecision = "Applicable"
	DecisionExcluded   ApplicabilityDecision = "Excluded"
)

// InclusionReason says why a control is necessary.
//
// +kubebuilder:validation:Enum=RiskTreatment;LegalRequirement;ContractualObligation;BusinessRequirement;BestPractice
type InclusionReason string

// Reasons for applicability.
const (
	InclusionRiskTreatment         InclusionReason = "RiskTreatment"
	InclusionLegalRequirement      InclusionReason = "LegalRequirement"
	InclusionContractualObligation InclusionReason = "ContractualObligation"
	InclusionBusinessRequirement   InclusionReason = "BusinessRequirement"
	InclusionBestPractice          InclusionReason = "BestPractice"
)

// ImplementationState says how far a control is implemented.
//
// +kubebuilder:validation:Enum=NotStarted;Planned;InProgress;Implemented
type ImplementationState string

// States of implementation.
const (
	StateNotStarted  ImplementationState = "NotStarted"
	StatePlanned     ImplementationState = "Planned"
	StateInProgress  ImplementationState = "InProgress"
	StateImplemented ImplementationState = "Implemented"
)

// ControlResult is the one-word outcome of a control.
//
// +kubebuilder:validation:Enum=Effective;Ineffective;NotImplemented;Excluded;Unknown
type ControlResult string

// Results of a control.
const (
	ResultEffective      ControlResult = "Effective"
	ResultIneffective    ControlResult = "Ineffective"
	ResultNotImplemented ControlResult = "NotImplemented"
	ResultExcluded       ControlResult = "Excluded"
	ResultUnknown        ControlResult = "Unknown"
)

// ControlTheme is the theme of an Annex A control.
//
// +kubebuilder:validation:Enum=Organizational;People;Physical;Technological
type ControlTheme string

// Themes of Annex A.
const (
	ThemeOrganizational ControlTheme = "Organizational"
	ThemePeople         ControlTheme = "People"
	ThemePhysical       ControlTheme = "Physical"
	ThemeTechnological  ControlTheme = "Technological"
)

// ControlSpec is one line of the Statement of Applicability (clause 6.1.3 d) with the evidence that it holds.
//
// +kubebuilder:validation:XValidation:rule="self.scopeRef == oldSelf.scopeRef",fieldPath=".scopeRef",message="scopeRef is immutable: delete the Control and create it for the other scope"
// +kubebuilder:validation:XValidation:rule="self.id == oldSelf.id",fieldPath=".id",message="id is immutable: create another Control for the other id"
// +kubebuilder:validation:XValidation:rule="self.source == oldSelf.source",fieldPath=".source",message="source is immutable: create another Control for the other source"
// +kubebuilder:validation:XValidation:rule="self.source != 'AnnexA' || self.id.matches('^A[.][5-8][.][1-9][0-9]?$')",fieldPath=".id",message="an AnnexA id must be A. with the theme and the number, such as A.8.22; controls of other origin have source Other"
// +kubebuilder:validation:XValidation:rule="self.source != 'Other' || !self.id.matches('^A[.][0-9]')",fieldPath=".id",message="the id of an Other control must not look like Annex A: use another prefix, or source AnnexA"
// +kubebuilder:validation:XValidation:rule="self.source != 'Other' || has(self.sourceName)",fieldPath=".sourceName",reason=FieldValueRequired,message="name the catalogue or standard that the control comes from: source Other needs sourceName"
// +kubebuilder:validation:XValidation:rule="self.source != 'Other' || has(self.title)",fieldPath=".title",reason=FieldValueRequired,message="give the control's title: source Other needs it"
// +kubebuilder:validation:XValidation:rule="self.source != 'AnnexA' || !has(self.sourceName)",fieldPath=".sourceName",reason=FieldValueForbidden,message="remove sourceName: it belongs to source Other"
// +kubebuilder:validation:XValidation:rule="self.source != 'AnnexA' || !has(self.title)",fieldPath=".title",reason=FieldValueForbidden,message="remove title: the title of an AnnexA control comes from the catalogue"
// +kubebuilder:validation:XValidation:rule="self.applicability.decision != 'Excluded' || !has(self.implementation)",fieldPath=".implementation",reason=FieldValueForbidden,message="remove implementation: an excluded control has none"
// +kubebuilder:validation:XValidation:rule="self.applicability.decision != 'Excluded' || !has(self.evidence) || size(self.evidence) == 0",fieldPath=".evidence",reason=FieldValueForbidden,message="remove evidence: an excluded control is not assessed"
// +kubebuilder:validation:XValidation:rule="self.applicability.decision != 'Excluded' || !has(self.exceptions) || size(self.exceptions) == 0",fieldPath=".exceptions",reason=FieldValueForbidden,message="remove exceptions: an excluded control is not assessed"
// +kubebuilder:validation:XValidation:rule="self.applicability.decision == 'Excluded' || !has(self.exceptions) || self.exceptions.all(x, x.evidence.all(n, has(self.evidence) && self.evidence.exists(e, e.name == n)))",fieldPath=".exceptions",message="each name in an exception's evidence must be the name of an evidence item of this Control"
// +kubebuilder:validation:XValidation:rule="!has(self.exceptions) || !has(self.evidence) || self.evidence.all(e, has(e.resources) || !self.exceptions.exists(x, e.name in x.evidence))",fieldPath=".exceptions",message="an exception can waive only items with resources: remove the names of document and attestation items from its evidence"
// +kubebuilder:validation:XValidation:rule="!has(self.exceptions) || !has(self.evidence) || self.evidence.all(e, !has(e.resources) || !(e.resources.quantifier in ['Any','Set']) || !self.exceptions.exists(x, e.name in x.evidence))",fieldPath=".exceptions",message="an exception cannot waive an item with quantifier Any or Set, which has no single failing object: narrow the item with where instead"
// +kubebuilder:validation:XValidation:rule="!has(self.exceptions) || !has(self.evidence) || self.evidence.all(e, !has(e.resources) || e.resources.quantifier != 'AnyPerNamespace' || !self.exceptions.exists(x, e.name in x.evidence && x.objects.exists(o, has(o.name) || has(o.labelSelector))))",fieldPath=".exceptions",message="an exception to an AnyPerNamespace item waives namespaces: give only namespace in its objects"
type ControlSpec struct {
	// scopeRef names the ISMSScope that the control belongs to. Immutable.
	// +required
	ScopeRef LocalRef `json:"scopeRef,omitzero"`

	// source says whether the control is one of Annex A or of another origin. Immutable.
	// +required
	Source ControlSource `json:"source,omitempty"`

	// id of the control, such as A.8.22; one Control per id and scope. Immutable.
	// +required
	ID ControlID `json:"id,omitempty"`

	// sourceName is the catalogue or standard of a control with source Other.
	// +optional
	SourceName ShortText `json:"sourceName,omitempty"`

	// title of a control with source Other.
	// +optional
	Title ShortText `json:"title,omitempty"`

	// owner answers for the control.
	// +required
	Owner Person `json:"owner,omitzero"`

	// applicability is the decision of the Statement of Applicability, with its justification.
	// +required
	Applicability Applicability `json:"applicability,omitzero"`

	// implementation says how far, how and where the control is implemented. Absent means NotStarted.
	// +optional
	Implementation *Implementation `json:"implementation,omitempty"`

	// evidence is what must hold.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	Evidence []EvidenceItem `json:"evidence,omitempty"`

	// evidencePolicy says whether all items must hold, or any. Absent means All.
	// +optional
	EvidencePolicy EvidencePolicy `json:"evidencePolicy,omitempty"`

	// parameters override those of the scope, by name.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	Parameters []Parameter `json:"parameters,omitempty"`

	// exceptions waive named subjects until a date.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	Exceptions []Exception `json:"exceptions,omitempty"`
}

// Applicability is the decision on one control. Either way it is justified.
//
// +kubebuilder:validation:XValidation:rule="self.decision != 'Applicable' || (has(self.reasons) && size(self.reasons) > 0)",fieldPath=".reasons",reason=FieldValueRequired,message="say why the control is necessary: an Applicable control needs at least one reason"
// +kubebuilder:validation:XValidation:rule="self.decision != 'Excluded' || !has(self.reasons) || size(self.reasons) == 0",fieldPath=".reasons",reason=FieldValueForbidden,message="remove reasons: they say why a control is applicable; justification says why it is excluded"
type Applicability struct {
	// decision of the Statement of Applicability.
	// +required
	Decision ApplicabilityDecision `json:"decision,omitempty"`

	// reasons why the control is applicable.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=5
	Reasons []InclusionReason `json:"reasons,omitempty"`

	// justification of the inclusion or the exclusion.
	// +required
	Justification Text `json:"justification,omitempty"`
}

// Implementation says how far, how and where a control is implemented.
//
// +kubebuilder:validation:XValidation:rule="self.state != 'Implemented' || has(self.description)",fieldPath=".description",reason=FieldValueRequired,message="say how the control is implemented: state Implemented needs a description"
type Implementation struct {
	// state of the implementation.
	// +required
	State ImplementationState `json:"state,omitempty"`

	// description of how the control is implemented.
	// +optional
	Description Text `json:"description,omitempty"`

	// references to where it is implemented.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	References []URL `json:"references,omitempty"`

	// appliesTo names systems of the scope; each must be covered by a passing evidence item.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	AppliesTo []ItemName `json:"appliesTo,omitempty"`

	// criticality of the gap while the control is not in place; orders the gap register.
	// +optional
	Criticality Criticality `json:"criticality,omitempty"`

	// effortDays is the work that is left, in person days.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	EffortDays int32 `json:"effortDays,omitempty"`

	// targetDate is the day by which the control is to be implemented.
	// +optional
	TargetDate Date `json:"targetDate,omitempty"`
}

// ControlStatus is what the operator knows about a control.
type ControlStatus struct {
	// conditions: Ready, Stalled, Reconciling, Implemented, EvidenceCurrent, Effective and Satisfied; ReferencesResolved while an exception
	// in force names a Risk.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation that was assessed last.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// result of the control in one word.
	// +optional
	Result ControlResult `json:"result,omitempty"`

	// title of the control, from the catalogue or the spec.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Title string `json:"title,omitempty"`

	// theme of an Annex A control.
	// +optional
	Theme ControlTheme `json:"theme,omitempty"`

	// summary counts the evidence items by result.
	// +optional
	Summary *EvidenceSummary `json:"summary,omitempty"`

	// evidence has one entry per evidence item.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	Evidence []EvidenceStatus `json:"evidence,omitempty"`

	// exceptions has one entry per exception, but for those of rules whose objects cannot be known at present.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	Exceptions []ExceptionStatus `json:"exceptions,omitempty"`

	// operation says since when the control has been observed and effective.
	// +optional
	Operation *ControlOperation `json:"operation,omitempty"`
}

// EvidenceSummary counts evidence items by result.
type EvidenceSummary struct {
	// total number of evidence items.
	// +required
	// +kubebuilder:validation:Minimum=0
	Total int32 `json:"total"`

	// passing items.
	// +required
	// +kubebuilder:validation:Minimum=0
	Passing int32 `json:"passing"`

	// failing items.
	// +required
	// +kubebuilder:validation:Minimum=0
	Failing int32 `json:"failing"`

	// unknown items.
	// +required
	// +kubebuilder:validation:Minimum=0
	Unknown int32 `json:"unknown"`

	// notApplicable items, which are left out of the judgement.
	// +required
	// +kubebuilder:validation:Minimum=0
	NotApplicable int32 `json:"notApplicable"`
}

// ControlOperation dates the operation of a control.
type ControlOperation struct {
	// observedSince is when the operator began to observe the control.
	// +optional
	ObservedSince *metav1.Time `json:"observedSince,omitempty"`

	// effectiveSince is when the control became effective; absent while it is not.
	// +optional
	EffectiveSince *metav1.Time `json:"effectiveSince,omitempty"`

	// criteriaChangedOn is the day of the last edit to rules, parameters, exceptions or applicability.
	// +optional
	CriteriaChangedOn Date `json:"criteriaChangedOn,omitempty"`
}

// Control is one control of the Statement of Applicability with its evidence.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=isms,shortName=ctl
// +kubebuilder:printcolumn:name="ID",type=string,JSONPath=`.spec.id`
// +kubebuilder:printcolumn:name="Result",type=string,JSONPath=`.status.result`
// +kubebuilder:printcolumn:name="Passing",type=integer,JSONPath=`.status.summary.passing`
// +kubebuilder:printcolumn:name="Failing",type=integer,JSONPath=`.status.summary.failing`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Satisfied")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Title",type=string,priority=1,JSONPath=`.status.title`
// +kubebuilder:printcolumn:name="Owner",type=string,priority=1,JSONPath=`.spec.owner.name`
// +kubebuilder:printcolumn:name="Theme",type=string,priority=1,JSONPath=`.status.theme`
type Control struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the authored intent.
	// +required
	Spec ControlSpec `json:"spec,omitzero"`

	// status is computed by the operator.
	// +optional
	Status ControlStatus `json:"status,omitzero"`
}

// ControlList is a list of Controls.
//
// +kubebuilder:object:root=true
type ControlList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []Control `json:"items"`
}
