// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// DocumentClass says whether a Document is a document or stands for a register kept elsewhere.
//
// +kubebuilder:validation:Enum=Document;Register
type DocumentClass string

// Classes of documents.
const (
	// ClassDocument is a document that is approved and reviewed.
	ClassDocument DocumentClass = "Document"
	// ClassRegister is a register kept elsewhere. In place of a review, an Attestation whose documentRef names it says,
	// within reviewIntervalDays, that it is complete.
	ClassRegister DocumentClass = "Register"
)

// ReviewOutcome is the outcome of a document's review.
//
// +kubebuilder:validation:Enum=NoChange;Revised;RevisionNeeded
type ReviewOutcome string

// Outcomes of a review.
const (
	ReviewNoChange       ReviewOutcome = "NoChange"
	ReviewRevised        ReviewOutcome = "Revised"
	ReviewRevisionNeeded ReviewOutcome = "RevisionNeeded"
)

// ComputedDocument is a document that the operator computes from the objects of the scope.
//
// +kubebuilder:validation:Enum=StatementOfApplicability
type ComputedDocument string

// ComputedStatementOfApplicability is the Statement of Applicability, from the Controls of the scope.
const ComputedStatementOfApplicability ComputedDocument = "StatementOfApplicability"

// DocumentSpec is a piece of documented information (clause 7.5).
//
// +kubebuilder:validation:XValidation:rule="!has(self.source.computed) || !has(self.class) || self.class == 'Document'",fieldPath=".class",message="must be Document, or absent: what source.computed names is no register kept elsewhere"
// +kubebuilder:validation:XValidation:rule="self.scopeRef == oldSelf.scopeRef",fieldPath=".scopeRef",message="scopeRef is immutable: delete the Document and create it for the other scope"
// +kubebuilder:validation:XValidation:rule="!has(self.source.computed) || self.type == self.source.computed",fieldPath=".type",message="must be StatementOfApplicability, the document that source.computed names"
type DocumentSpec struct {
	// scopeRef names the ISMSScope that the document belongs to. Immutable.
	// +required
	ScopeRef LocalRef `json:"scopeRef,omitzero"`

	// type of the document: one of the catalogue's mandatory types, or any PascalCase type of your own.
	// +required
	Type TypeName `json:"type,omitempty"`

	// class says whether this is a document or an external register. Absent means Document.
	// +optional
	Class DocumentClass `json:"class,omitempty"`

	// clauses that the document shows; only those that no object can show.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=3
	Clauses []DeclaredClause `json:"clauses,omitempty"`

	// title of the document.
	// +required
	Title ShortText `json:"title,omitempty"`

	// version of the document that is in force.
	// +required
	Version Version `json:"version,omitempty"`

	// owner answers for the document.
	// +required
	Owner Person `json:"owner,omitzero"`

	// classification of the document in the organization's own scheme.
	// +optional
	Classification ShortText `json:"classification,omitempty"`

	// approval counts only for the version, and the digest where there is one, that it names.
	// +optional
	Approval *DocumentApproval `json:"approval,omitempty"`

	// reviews of the document, in the order in which they took place.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:XValidation:rule="self.map(r, r.reviewedOn).isSorted()",message="must be in the order of reviewedOn"
	Reviews []DocumentReview `json:"reviews,omitempty"`

	// reviewIntervalDays is the longest time between two reviews. Absent means 365.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1830
	ReviewIntervalDays int32 `json:"reviewIntervalDays,omitempty"`

	// source says where the document is.
	// +required
	Source DocumentSource `json:"source,omitzero"`
}

// DocumentApproval is the approval of one version of a document.
type DocumentApproval struct {
	// version that was approved.
	// +required
	Version Version `json:"version,omitempty"`

	// digest of the bytes that were approved.
	// +optional
	Digest Digest `json:"digest,omitempty"`

	Approval `json:",inline"`
}

// DocumentReview is one review of a document.
type DocumentReview struct {
	// reviewedOn is the day of the review. A future day does not count.
	// +required
	ReviewedOn Date `json:"reviewedOn,omitempty"`

	// by is the person who reviewed.
	// +required
	By Person `json:"by,omitzero"`

	// outcome of the review.
	// +required
	Outcome ReviewOutcome `json:"outcome,omitempty"`
}

// DocumentSource says where a document is: at a URL, in a ConfigMap, or computed by the operator.
//
// +kubebuilder:validation:XValidation:rule="[has(self.url), has(self.configMapKeyRef), has(self.computed)].exists_one(x, x)",message="give exactly one of url, configMapKeyRef and computed"
// +kubebuilder:validation:XValidation:rule="!has(self.digest) || has(self.url)",fieldPath=".digest",reason=FieldValueForbidden,message="remove digest: it goes with url only; the operator computes the others"
type DocumentSource struct {
	// url of the document. It is never fetched.
	// +optional
	URL URL `json:"url,omitempty"`

	// digest of the document at url, as declared.
	// +optional
	Digest Digest `json:"digest,omitempty"`

	// configMapKeyRef names a key of a ConfigMap in the same namespace that holds the document.
	// +optional
	ConfigMapKeyRef *ConfigMapKeyRef `json:"configMapKeyRef,omitempty"`

	// computed names a document that the operator computes.
	// +optional
	Computed ComputedDocument `json:"computed,omitempty"`
}

// ConfigMapKeyRef names a key of a ConfigMap in the same namespace.
type ConfigMapKeyRef struct {
	// name of the ConfigMap.
	// +required
	Name ObjectName `json:"name,omitempty"`

	// key in data or binaryData. The digest is that of the value's bytes.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$')",message="must be a key of a ConfigMap: letters, digits, hyphens, underscores and dots"
	Key string `json:"key,omitempty"`
}

// DocumentStatus is what the operator knows about a document.
type DocumentStatus struct {
	// conditions: Ready, Stalled, Reconciling, Approved and ReviewCurrent.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation that was assessed last.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// reviewDueOn is the last day by which the next review must have taken place.
	// +optional
	ReviewDueOn Date `json:"reviewDueOn,omitempty"`

	// digest of the document: computed, or as declared for a URL.
	// +optional
	Digest Digest `json:"digest,omitempty"`
}

// Document is documented information: a policy, a procedure, a record or a register kept elsewhere.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=isms
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.spec.version`
// +kubebuilder:printcolumn:name="Approved",type=string,JSONPath=`.status.conditions[?(@.type=="Approved")].status`
// +kubebuilder:printcolumn:name="Current",type=string,JSONPath=`.status.conditions[?(@.type=="ReviewCurrent")].status`
// +kubebuilder:printcolumn:name="Review due",type=string,JSONPath=`.status.reviewDueOn`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Title",type=string,priority=1,JSONPath=`.spec.title`
// +kubebuilder:printcolumn:name="Owner",type=string,priority=1,JSONPath=`.spec.owner.name`
type Document struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the authored intent.
	// +required
	Spec DocumentSpec `json:"spec,omitzero"`

	// status is computed by the operator.
	// +optional
	Status DocumentStatus `json:"status,omitzero"`
}

// DocumentList is a list of Document objects.
//
// +kubebuilder:object:root=true
type DocumentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []Document `json:"items"`
}
