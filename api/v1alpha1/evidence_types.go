// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// EvidencePolicy combines the evidence items of a control.
//
// +kubebuilder:validation:Enum=All;Any
type EvidencePolicy string

// Policies. An absent policy is EvidencePolicyAll.
const (
	EvidencePolicyAll EvidencePolicy = "All"
	EvidencePolicyAny EvidencePolicy = "Any"
)

// EvidenceStrength says how far an item alone supports that its control is effective.
//
// +kubebuilder:validation:Enum=Substantial;Partial
type EvidenceStrength string

// Strengths. An absent strength is StrengthPartial.
const (
	StrengthSubstantial EvidenceStrength = "Substantial"
	StrengthPartial     EvidenceStrength = "Partial"
)

// Quantifier says how the verdicts on single objects make up the verdict of a rule.
//
// +kubebuilder:validation:Enum=Every;None;Any;AnyPerNamespace;Set
type Quantifier string

// Quantifiers.
const (
	QuantifierEvery           Quantifier = "Every"
	QuantifierNone            Quantifier = "None"
	QuantifierAny             Quantifier = "Any"
	QuantifierAnyPerNamespace Quantifier = "AnyPerNamespace"
	QuantifierSet             Quantifier = "Set"
)

// NoMatchPolicy is the result of a rule that has no subjects.
//
// +kubebuilder:validation:Enum=Unknown;Pass;Fail;NotApplicable
type NoMatchPolicy string

// Policies for no subjects. An absent policy is NoMatchPass for QuantifierNone, else NoMatchUnknown.
const (
	NoMatchUnknown       NoMatchPolicy = "Unknown"
	NoMatchPass          NoMatchPolicy = "Pass"
	NoMatchFail          NoMatchPolicy = "Fail"
	NoMatchNotApplicable NoMatchPolicy = "NotApplicable"
)

// KindNotServedPolicy is the result of a rule whose kind the API server does not serve.
//
// +kubebuilder:validation:Enum=Unknown;NotApplicable;Fail
type KindNotServedPolicy string

// Policies for kinds that are not served. An absent policy is KindNotServedUnknown.
const (
	KindNotServedUnknown       KindNotServedPolicy = "Unknown"
	KindNotServedNotApplicable KindNotServedPolicy = "NotApplicable"
	KindNotServedFail          KindNotServedPolicy = "Fail"
)

// EvidenceResult is the verdict on one evidence item.
//
// +kubebuilder:validation:Enum=Pass;Fail;Unknown;NotApplicable
type EvidenceResult string

// Verdicts on evidence.
const (
	EvidencePass          EvidenceResult = "Pass"
	EvidenceFail          EvidenceResult = "Fail"
	EvidenceUnknown       EvidenceResult = "Unknown"
	EvidenceNotApplicable EvidenceResult = "NotApplicable"
)

// EvidenceItem is one thing that must hold for a control: a rule on live objects, a document, or attestations.
//
// +kubebuilder:validation:XValidation:rule="[has(self.resources), has(self.document), has(self.attestation)].exists_one(x, x)",message="give exactly one of resources, document and attestation"
type EvidenceItem struct {
	// name of the item, unique in the control.
	// +required
	Name ItemName `json:"name,omitempty"`

	// description of what the item shows.
	// +optional
	Description Text `json:"description,omitempty"`

	// limitation is what the item does not show.
	// +optional
	Limitation Text `json:"limitation,omitempty"`

	// strength says whether the item can show on its own that the control is effective. Absent means Partial.
	// +optional
	Strength EvidenceStrength `json:"strength,omitempty"`

	// covers names systems of the scope that the item speaks for.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	Covers []ItemName `json:"covers,omitempty"`

	// resources is a rule on live objects of one kind.
	// +optional
	Resources *ResourceRule `json:"resources,omitempty"`

	// document asks for an approved document in review.
	// +optional
	Document *DocumentEvidence `json:"document,omitempty"`

	// attestation asks for attestations at an interval.
	// +optional
	Attestation *AttestationEvidence `json:"attestation,omitempty"`
}

// ResourceRule is a rule on live objects of one kind.
//
// +kubebuilder:validation:XValidation:rule="!has(self.secretType) || (self.apiVersion == 'v1' && self.kind == 'Secret')",fieldPath=".secretType",reason=FieldValueForbidden,message="remove secretType: it selects only objects of apiVersion v1 and kind Secret"
// +kubebuilder:validation:XValidation:rule="!self.apiVersion.startsWith('isms-operator.io/')",fieldPath=".apiVersion",message="kinds of isms-operator.io are not evidence by resources: use a document or an attestation item"
// +kubebuilder:validation:XValidation:rule="self.quantifier != 'AnyPerNamespace' || !((self.apiVersion == 'v1' && self.kind in ['Namespace','Node','PersistentVolume']) || self.apiVersion.startsWith('admissionregistration.k8s.io/') || self.apiVersion.startsWith('apiextensions.k8s.io/') || self.apiVersion.startsWith('apiregistration.k8s.io/') || self.apiVersion.startsWith('certificates.k8s.io/') || (self.apiVersion.startsWith('rbac.authorization.k8s.io/') && self.kind.startsWith('Cluster')) || (self.apiVersion.startsWith('storage.k8s.io/') && self.kind != 'CSIStorageCapacity'))",fieldPath=".quantifier",message="AnyPerNamespace needs a namespaced kind, and this kind is cluster-scoped: use Every, None, Any or Set"
type ResourceRule struct {
	// apiVersion of the objects, such as apps/v1.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?v[0-9]+((alpha|beta)[0-9]+)?$')",message="must be a version such as v1, or a group and a version such as apps/v1"
	APIVersion string `json:"apiVersion,omitempty"`

	// kind of the objects, such as Deployment.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9]*$')",message="must be a kind such as NetworkPolicy, not a resource name such as networkpolicies"
	Kind string `json:"kind,omitempty"`

	// quantifier says how the verdicts on single objects make up the verdict of the rule.
	// +required
	Quantifier Quantifier `json:"quantifier,omitempty"`

	// where is a CEL expression that says which objects count.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	Where string `json:"where,omitempty"`

	// expect is a CEL expression that says what must hold (for None: what must not).
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Expect string `json:"expect,omitempty"`

	// labelSelector selects objects; it is matched in the operator, so that rules share one stream.
	// +optional
	// +kubebuilder:validation:XValidation:rule="(!has(self.matchLabels) || size(self.matchLabels) <= 32) && (!has(self.matchExpressions) || size(self.matchExpressions) <= 32)",message="must have at most 32 matchLabels and at most 32 matchExpressions"
	LabelSelector *metav1.LabelSelector `json:"labelSelector,omitempty"`

	// secretType selects Secrets by type; the API server evaluates it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	SecretType string `json:"secretType,omitempty"`

	// onNoMatch is the result when there are no subjects. Absent means Pass for None, else Unknown.
	// +optional
	OnNoMatch NoMatchPolicy `json:"onNoMatch,omitempty"`

	// onKindNotServed is the result when the API server does not serve the kind. Absent means Unknown.
	// +optional
	OnKindNotServed KindNotServedPolicy `json:"onKindNotServed,omitempty"`
}

// DocumentEvidence asks for a Document of a type that is approved and in review.
type DocumentEvidence struct {
	// type of the Document.
	// +required
	Type TypeName `json:"type,omitempty"`
}

// AttestationEvidence asks for an Attestation of a type in each period.
//
// +kubebuilder:validation:XValidation:rule="!has(self.graceDays) || self.graceDays < self.everyDays",fieldPath=".graceDays",message="must be less than everyDays, else a period could never be missed"
type AttestationEvidence struct {
	// type of the Attestation.
	// +required
	Type TypeName `json:"type,omitempty"`

	// everyDays is the length of a period in days.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1100
	EveryDays int32 `json:"everyDays,omitempty"`

	// graceDays after the end of a period in which an attestation is late, not missed. Absent means 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=365
	GraceDays int32 `json:"graceDays,omitempty"`
}

// Exception waives failing subjects until a date. It never hides them: they are counted as waived.
//
// +kubebuilder:validation:XValidation:rule="!has(self.requestedBy.email) || !has(self.approvedBy.email) || self.requestedBy.email.lowerAscii() != self.approvedBy.email.lowerAscii()",fieldPath=".approvedBy",message="must be another person than requestedBy: both have the same email"
// +kubebuilder:validation:XValidation:rule="!has(self.requestedBy.id) || !has(self.approvedBy.id) || self.requestedBy.id != self.approvedBy.id",fieldPath=".approvedBy",message="must be another person than requestedBy: both have the same id"
type Exception struct {
	// name of the exception, unique in the control.
	// +required
	Name ItemName `json:"name,omitempty"`

	// evidence names the items that the exception applies to.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	Evidence []ItemName `json:"evidence,omitempty"`

	// objects are the subjects that are waived.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	Objects []ExceptionObject `json:"objects,omitempty"`

	// reason for the exception.
	// +required
	Reason Text `json:"reason,omitempty"`

	// riskRef names the Risk that the exception raises or leaves.
	// +optional
	RiskRef *LocalRef `json:"riskRef,omitempty"`

	// requestedBy is the person who asked for the exception.
	// +required
	RequestedBy Person `json:"requestedBy,omitzero"`

	// approvedBy is the person who approved it, another one than requestedBy.
	// +required
	ApprovedBy Person `json:"approvedBy,omitzero"`

	// expiresOn is the last day on which the exception waives; it ends with that day in UTC.
	// +required
	ExpiresOn Date `json:"expiresOn,omitempty"`
}

// ExceptionObject selects subjects. Fields that are given must all match.
//
// +kubebuilder:validation:XValidation:rule="has(self.namespace) || has(self.name) || has(self.labelSelector)",message="say what is waived: give namespace, name or labelSelector"
// +kubebuilder:validation:XValidation:rule="!has(self.name) || !has(self.labelSelector)",fieldPath=".labelSelector",message="give name or labelSelector, not both"
type ExceptionObject struct {
	// namespace of the subjects, exact.
	// +optional
	Namespace NamespaceName `json:"namespace,omitempty"`

	// name of the subject, or a prefix that ends with one asterisk.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^*/ ]+[*]?$')",message="must be an exact name, or a prefix that ends with one asterisk, such as legacy-*"
	Name string `json:"name,omitempty"`

	// labelSelector selects subjects by their labels.
	// +optional
	// +kubebuilder:validation:XValidation:rule="(has(self.matchLabels) && size(self.matchLabels) > 0) || (has(self.matchExpressions) && size(self.matchExpressions) > 0)",message="must not be empty, for it would waive everything: give matchLabels or matchExpressions"
	LabelSelector *metav1.LabelSelector `json:"labelSelector,omitempty"`
}

// EvidenceStatus is the verdict on one evidence item.
type EvidenceStatus struct {
	// name of the evidence item.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// result is the verdict.
	// +required
	Result EvidenceResult `json:"result,omitempty"`

	// reason for the verdict, PascalCase.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Reason string `json:"reason,omitempty"`

	// message for people. It holds names and error classes, never a value of an object.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`

	// subjects is the number of subjects of a resource rule.
	// +required
	// +kubebuilder:validation:Minimum=0
	Subjects int32 `json:"subjects"`

	// failing is the number of failing subjects that no exception waives.
	// +required
	// +kubebuilder:validation:Minimum=0
	Failing int32 `json:"failing"`

	// errors is the number of subjects on which the rule could not be evaluated.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Errors int32 `json:"errors,omitempty"`

	// waived is the number of failing subjects that an exception waives.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Waived int32 `json:"waived,omitempty"`

	// failures names failing subjects, sorted; at most ten per control.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	Failures []SubjectRef `json:"failures,omitempty"`

	// dueOn is the day by which the next attestation, approval or review is due.
	// +optional
	DueOn Date `json:"dueOn,omitempty"`

	// periods counts the periods of an attestation item.
	// +optional
	Periods *PeriodCounts `json:"periods,omitempty"`

	// lastTransitionTime is when the result last changed.
	// +required
	LastTransitionTime metav1.Time `json:"lastTransitionTime,omitzero"`
}

// PeriodCounts counts the periods of an attestation item that have ended.
type PeriodCounts struct {
	// due is the number of periods in which an attestation was due.
	// +required
	// +kubebuilder:validation:Minimum=0
	Due int32 `json:"due"`

	// done in time.
	// +required
	// +kubebuilder:validation:Minimum=0
	Done int32 `json:"done"`

	// late, within the grace days.
	// +required
	// +kubebuilder:validation:Minimum=0
	Late int32 `json:"late"`

	// missed altogether.
	// +required
	// +kubebuilder:validation:Minimum=0
	Missed int32 `json:"missed"`
}

// ExceptionState says what an exception does at present.
//
// +kubebuilder:validation:Enum=Waiving;Idle;NoMatch;Expired
type ExceptionState string

// States of an exception.
const (
	// ExceptionWaiving: it waives at least one failure.
	ExceptionWaiving ExceptionState = "Waiving"
	// ExceptionIdle: it matches subjects, none of which fails.
	ExceptionIdle ExceptionState = "Idle"
	// ExceptionNoMatch: it matches no subject.
	ExceptionNoMatch ExceptionState = "NoMatch"
	// ExceptionExpired: its last day has passed.
	ExceptionExpired ExceptionState = "Expired"
)

// ExceptionStatus says what one exception does.
type ExceptionStatus struct {
	// name of the exception.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// state of the exception.
	// +required
	State ExceptionState `json:"state,omitempty"`

	// objects is the number of subjects that the exception matches.
	// +required
	// +kubebuilder:validation:Minimum=0
	Objects int32 `json:"objects"`
}
