// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AttestationOutcome is the outcome of what is attested.
//
// +kubebuilder:validation:Enum=Pass;Fail
type AttestationOutcome string

// Outcomes of an attestation.
const (
	OutcomePass AttestationOutcome = "Pass"
	OutcomeFail AttestationOutcome = "Fail"
)

// AttestationSpec records that something was done on a day, by someone (clauses 7.2, 8.1, 9.1). It is immutable.
//
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="an Attestation is immutable: create a new one, with supersedes naming this one"
// +kubebuilder:validation:XValidation:rule="!has(self.period) || self.period.from <= self.performedOn",fieldPath=".performedOn",message="must not be before the first day of the period"
// +kubebuilder:validation:XValidation:rule="!has(self.sample) || self.sample.deviations == 0 || self.outcome != 'Pass' || has(self.findingRef)",fieldPath=".findingRef",reason=FieldValueRequired,message="name the Finding that follows up the deviations: outcome Pass with deviations needs findingRef"
// +kubebuilder:validation:XValidation:rule="self.type != 'ControlReview' || (has(self.controls) && size(self.controls) > 0)",fieldPath=".controls",reason=FieldValueRequired,message="list the controls that were reviewed: type ControlReview needs controls"
// +kubebuilder:validation:XValidation:rule="!has(self.reviewedBy) || ((!has(self.reviewedBy.email) || !has(self.performedBy.email) || self.reviewedBy.email.lowerAscii() != self.performedBy.email.lowerAscii()) && (!has(self.reviewedBy.id) || !has(self.performedBy.id) || self.reviewedBy.id != self.performedBy.id))",fieldPath=".reviewedBy",message="must be another person than performedBy"
type AttestationSpec struct {
	// scopeRef names the ISMSScope that the record belongs to.
	// +required
	ScopeRef LocalRef `json:"scopeRef,omitzero"`

	// type of what was done, such as ControlReview, AwarenessTraining or a PascalCase type of your own.
	// +required
	Type TypeName `json:"type,omitempty"`

	// controls that the record speaks for.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	Controls []ControlID `json:"controls,omitempty"`

	// clauses that the record speaks for; only those that no object can show.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=3
	Clauses []DeclaredClause `json:"clauses,omitempty"`

	// documentRef names the Document that the record speaks for, such as a register that is attested to be complete.
	// +optional
	DocumentRef *LocalRef `json:"documentRef,omitempty"`

	// outcome of what was done.
	// +required
	Outcome AttestationOutcome `json:"outcome,omitempty"`

	// performedOn is the day on which it was done. A future day does not count.
	// +required
	PerformedOn Date `json:"performedOn,omitempty"`

	// performedBy is the person who did it.
	// +required
	PerformedBy Person `json:"performedBy,omitzero"`

	// reviewedBy is the person who checked the record.
	// +optional
	ReviewedBy *Person `json:"reviewedBy,omitempty"`

	// period that the record speaks for. Absent, the record counts for the period in which it was performed.
	// +optional
	Period *Period `json:"period,omitempty"`

	// summary of what was done and found.
	// +required
	Summary Text `json:"summary,omitempty"`

	// participants of a training or an awareness measure.
	// +optional
	Participants *Participants `json:"participants,omitempty"`

	// sample that was drawn and tested.
	// +optional
	Sample *Sample `json:"sample,omitempty"`

	// findingRef names the Finding that follows up what was found.
	// +optional
	FindingRef *LocalRef `json:"findingRef,omitempty"`

	// objective is a measurement of an objective of the scope.
	// +optional
	Objective *ObjectiveMeasurement `json:"objective,omitempty"`

	// artifacts are the records on which the attestation rests.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Artifacts []Artifact `json:"artifacts,omitempty"`

	// supersedes names the Attestation that this one corrects.
	// +optional
	Supersedes *LocalRef `json:"supersedes,omitempty"`
}

// Participants counts people in a training or an awareness measure.
//
// +kubebuilder:validation:XValidation:rule="self.completed <= self.expected",fieldPath=".completed",message="must not be more than expected"
type Participants struct {
	// expected number of people.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000000
	Expected int32 `json:"expected,omitempty"`

	// completed is the number of people who completed it.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000000
	Completed *int32 `json:"completed,omitempty"`

	// listRef points at the list of participants.
	// +optional
	ListRef *RecordRef `json:"listRef,omitempty"`
}

// Sample is a sample that was drawn from a population and tested.
//
// +kubebuilder:validation:XValidation:rule="self.size <= self.population",fieldPath=".size",message="must not be more than population"
// +kubebuilder:validation:XValidation:rule="self.deviations <= self.size",fieldPath=".deviations",message="must not be more than size"
type Sample struct {
	// population is the number of items from which the sample was drawn.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000000
	Population int32 `json:"population,omitempty"`

	// size of the sample.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000000
	Size int32 `json:"size,omitempty"`

	// deviations found in the sample.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000000
	Deviations *int32 `json:"deviations,omitempty"`
}

// ObjectiveMeasurement is the measured value of an objective.
type ObjectiveMeasurement struct {
	// name of the objective in the scope.
	// +required
	Name ItemName `json:"name,omitempty"`

	// value that was measured.
	// +required
	Value ShortText `json:"value,omitempty"`

	// met says whether the target is met.
	// +required
	Met YesNo `json:"met,omitempty"`
}

// Artifact is a record kept elsewhere.
type Artifact struct {
	// url of the record. It is never fetched.
	// +required
	URL URL `json:"url,omitempty"`

	// digest of the record's bytes.
	// +optional
	Digest Digest `json:"digest,omitempty"`
}

// AttestationStatus is what the operator knows about an attestation.
type AttestationStatus struct {
	// conditions: Ready, Stalled, Reconciling, Current and ReferencesResolved.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation that was assessed last.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// firstSeenTime is when the operator first saw the record; one first seen long after performedOn is RecordedLate.
	// +optional
	FirstSeenTime *metav1.Time `json:"firstSeenTime,omitempty"`
}

// Attestation is an immutable record that something was done on a day, by someone.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=isms
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Outcome",type=string,JSONPath=`.spec.outcome`
// +kubebuilder:printcolumn:name="Performed",type=string,JSONPath=`.spec.performedOn`
// +kubebuilder:printcolumn:name="Current",type=string,JSONPath=`.status.conditions[?(@.type=="Current")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Current")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="By",type=string,priority=1,JSONPath=`.spec.performedBy.name`
// +kubebuilder:validation:XValidation:rule="!has(self.spec.supersedes) || self.spec.supersedes.name != self.metadata.name",fieldPath=".spec.supersedes",message="must name another Attestation: one cannot supersede itself"
type Attestation struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the authored intent.
	// +required
	Spec AttestationSpec `json:"spec,omitzero"`

	// status is computed by the operator.
	// +optional
	Status AttestationStatus `json:"status,omitzero"`
}

// AttestationList is a list of Attestation objects.
//
// +kubebuilder:object:root=true
type AttestationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []Attestation `json:"items"`
}
