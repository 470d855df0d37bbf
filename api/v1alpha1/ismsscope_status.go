// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RequirementState says whether a clause is evidenced.
//
// +kubebuilder:validation:Enum=Evidenced;NotEvidenced;Unknown
type RequirementState string

// States of a requirement.
const (
	RequirementEvidenced    RequirementState = "Evidenced"
	RequirementNotEvidenced RequirementState = "NotEvidenced"
	RequirementUnknown      RequirementState = "Unknown"
)

// RequirementBasis says what the state of a requirement rests on.
//
// +kubebuilder:validation:Enum=Computed;Recorded;Declared
type RequirementBasis string

// Bases of a requirement's state.
const (
	// BasisComputed: the operator computed it from objects.
	BasisComputed RequirementBasis = "Computed"
	// BasisRecorded: a dated record says so.
	BasisRecorded RequirementBasis = "Recorded"
	// BasisDeclared: the scope, or a document that names the clause, says so.
	BasisDeclared RequirementBasis = "Declared"
)

// ISMSScopeStatus is what the operator knows about a scope.
type ISMSScopeStatus struct {
	// conditions: Ready, Stalled, Reconciling, and one for each part of the frame, such as ScopeDefined.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=24
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation that was assessed last.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// heartbeatTime moves every five minutes while the operator works; it is the only field that does so.
	// +optional
	HeartbeatTime *metav1.Time `json:"heartbeatTime,omitempty"`

	// namespaces counts the namespaces that the scope's account sees.
	// +optional
	Namespaces *NamespaceCounts `json:"namespaces,omitempty"`

	// statementOfApplicability counts the controls of the scope.
	// +optional
	StatementOfApplicability *StatementOfApplicabilityStatus `json:"statementOfApplicability,omitempty"`

	// requirements has one entry per clause.
	// +optional
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=40
	Requirements []RequirementStatus `json:"requirements,omitempty"`

	// gaps counts clauses and controls that are not in place, by criticality.
	// +optional
	Gaps *GapCounts `json:"gaps,omitempty"`
}

// NamespaceCounts counts namespaces. Total = InScope + Excluded + Unaccounted.
type NamespaceCounts struct {
	// total number of namespaces that the scope's account sees.
	// +required
	// +kubebuilder:validation:Minimum=0
	Total int32 `json:"total"`

	// inScope is the number of namespaces from which evidence is read.
	// +required
	// +kubebuilder:validation:Minimum=0
	InScope int32 `json:"inScope"`

	// excluded is the number of namespaces that are excluded with a justification.
	// +required
	// +kubebuilder:validation:Minimum=0
	Excluded int32 `json:"excluded"`

	// unaccounted is the number of namespaces that are neither in scope nor excluded.
	// +required
	// +kubebuilder:validation:Minimum=0
	Unaccounted int32 `json:"unaccounted"`
}

// StatementOfApplicabilityStatus counts the controls of a scope. Controls of other sources are not counted in declared.
type StatementOfApplicabilityStatus struct {
	// required is the number of controls in Annex A of the framework.
	// +required
	// +kubebuilder:validation:Minimum=0
	Required int32 `json:"required"`

	// declared is the number of Annex A ids that have a Control.
	// +required
	// +kubebuilder:validation:Minimum=0
	Declared int32 `json:"declared"`

	// applicable is the number of controls that are applicable.
	// +required
	// +kubebuilder:validation:Minimum=0
	Applicable int32 `json:"applicable"`

	// excluded is the number of controls that are excluded.
	// +required
	// +kubebuilder:validation:Minimum=0
	Excluded int32 `json:"excluded"`

	// satisfied is the number of applicable controls that are Satisfied.
	// +required
	// +kubebuilder:validation:Minimum=0
	Satisfied int32 `json:"satisfied"`

	// digest of the Statement of Applicability as it is declared now. A Document with source.computed approves it.
	// +optional
	Digest Digest `json:"digest,omitempty"`

	// approvedVersion is the version that was approved last.
	// +optional
	ApprovedVersion Version `json:"approvedVersion,omitempty"`

	// approvedDigest is the digest that was approved last.
	// +optional
	ApprovedDigest Digest `json:"approvedDigest,omitempty"`

	// changedSinceApproval names controls that changed after the approval, sorted; at most 200.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=200
	ChangedSinceApproval []ControlID `json:"changedSinceApproval,omitempty"`

	// coverageChanged names those of them that were added or removed, or whose applicability was decided anew: the
	// certification body must be told.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=200
	CoverageChanged []ControlID `json:"coverageChanged,omitempty"`

	// approvedControls is what was approved last, in short, so that a change can be named.
	// +optional
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=500
	ApprovedControls []ApprovedControl `json:"approvedControls,omitempty"`
}

// ApprovedControl is one control of an approved Statement of Applicability: the first 16 hexadecimal digits of two
// SHA-256 digests. They tell which control changed; that something changed is told by the digest of the whole.
type ApprovedControl struct {
	// id of the control.
	// +required
	ID ControlID `json:"id,omitempty"`

	// coverage is the digest of id, source and decision.
	// +required
	// +kubebuilder:validation:MinLength=16
	// +kubebuilder:validation:MaxLength=16
	Coverage string `json:"coverage,omitempty"`

	// content is the digest of all declared columns.
	// +required
	// +kubebuilder:validation:MinLength=16
	// +kubebuilder:validation:MaxLength=16
	Content string `json:"content,omitempty"`
}

// RequirementStatus is the state of one clause.
type RequirementStatus struct {
	// id of the clause.
	// +required
	ID ClauseID `json:"id,omitempty"`

	// status of the clause.
	// +required
	Status RequirementState `json:"status,omitempty"`

	// basis of the status.
	// +optional
	Basis RequirementBasis `json:"basis,omitempty"`

	// reason for the status, PascalCase.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Reason string `json:"reason,omitempty"`

	// message says what would evidence the clause; empty while it is evidenced.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
}

// GapCounts counts gaps by criticality. Gaps without a criticality count in total only.
type GapCounts struct {
	// total number of gaps.
	// +required
	// +kubebuilder:validation:Minimum=0
	Total int32 `json:"total"`

	// critical gaps.
	// +required
	// +kubebuilder:validation:Minimum=0
	Critical int32 `json:"critical"`

	// high gaps.
	// +required
	// +kubebuilder:validation:Minimum=0
	High int32 `json:"high"`

	// medium gaps.
	// +required
	// +kubebuilder:validation:Minimum=0
	Medium int32 `json:"medium"`

	// low gaps.
	// +required
	// +kubebuilder:validation:Minimum=0
	Low int32 `json:"low"`
}

// ISMSScope is the boundary of an ISMS and the frame of its management system.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=isms,shortName=scope
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.spec.organization`
// +kubebuilder:printcolumn:name="Applicable",type=integer,JSONPath=`.status.statementOfApplicability.applicable`
// +kubebuilder:printcolumn:name="Satisfied",type=integer,JSONPath=`.status.statementOfApplicability.satisfied`
// +kubebuilder:printcolumn:name="Gaps",type=integer,JSONPath=`.status.gaps.total`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Heartbeat",type=date,JSONPath=`.status.heartbeatTime`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ISMSScope struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the authored intent.
	// +required
	Spec ISMSScopeSpec `json:"spec,omitzero"`

	// status is computed by the operator.
	// +optional
	Status ISMSScopeStatus `json:"status,omitzero"`
}

// ISMSScopeList is a list of ISMSScope objects.
//
// +kubebuilder:object:root=true
type ISMSScopeList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []ISMSScope `json:"items"`
}
