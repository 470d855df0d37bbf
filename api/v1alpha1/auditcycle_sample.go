// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// SampleFrequency is how often the control runs of which a sample is drawn.
//
// +kubebuilder:validation:Enum=Annual;Quarterly;Monthly;Weekly;Daily;ManyPerDay;Automated;AdHoc
type SampleFrequency string

// Frequencies.
const (
	FrequencyAnnual     SampleFrequency = "Annual"
	FrequencyQuarterly  SampleFrequency = "Quarterly"
	FrequencyMonthly    SampleFrequency = "Monthly"
	FrequencyWeekly     SampleFrequency = "Weekly"
	FrequencyDaily      SampleFrequency = "Daily"
	FrequencyManyPerDay SampleFrequency = "ManyPerDay"
	// FrequencyAutomated: the control runs by itself, and its configuration changes under control.
	FrequencyAutomated SampleFrequency = "Automated"
	// FrequencyAdHoc: the control runs when something calls for it.
	FrequencyAdHoc SampleFrequency = "AdHoc"
)

// SampleKind is what a sample is drawn from.
//
// +kubebuilder:validation:Enum=Attestation;LogEntry
type SampleKind string

// Kinds of populations.
const (
	// SampleAttestations: Attestations by the day on which they were performed.
	SampleAttestations SampleKind = "Attestation"
	// SampleLogEntries: entries of EvidenceLogs by the day, in UTC, on which they were observed.
	SampleLogEntries SampleKind = "LogEntry"
)

// SampleState says whether a sample is drawn.
//
// +kubebuilder:validation:Enum=Pending;Drawn
type SampleState string

// States of a sample.
const (
	// SamplePending: the period is not over, or the log was not read yet.
	SamplePending SampleState = "Pending"
	// SampleDrawn: the population is complete, and the sample is drawn of it.
	SampleDrawn SampleState = "Drawn"
)

// SampleRequest asks for a sample of the records of a period (ISO 19011, A.6). It is immutable, so that no seed is tried
// until the draw pleases.
//
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a request for a sample is immutable: add another one"
// +kubebuilder:validation:XValidation:rule="[has(self.frequency), has(self.size), has(self.confidence)].filter(x, x).size() == 1",message="say how large the sample is: give exactly one of frequency, size and confidence"
// +kubebuilder:validation:XValidation:rule="!has(self.frequency) || self.frequency != 'Automated' || self.population.kind == 'LogEntry'",fieldPath=".frequency",message="Automated is for a population of kind LogEntry, of which one is drawn for each configuration: give another frequency"
type SampleRequest struct {
	// name of the sample, unique in the cycle.
	// +required
	Name ItemName `json:"name,omitempty"`

	// population from which is drawn.
	// +required
	Population SamplePopulation `json:"population,omitzero"`

	// period whose records are the population. The sample is drawn when it is over.
	// +required
	Period Period `json:"period,omitzero"`

	// seed of the draw, chosen by whoever asks for the sample, best by the auditor.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[!-~]([ -~]*[!-~])?$')",message="must be printable ASCII without a space at its ends"
	Seed string `json:"seed,omitempty"`

	// frequency with which the control runs, from which the size follows.
	// +optional
	Frequency SampleFrequency `json:"frequency,omitempty"`

	// size of the sample.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	Size int32 `json:"size,omitempty"`

	// confidence that a sample without deviations gives, from which the size follows.
	// +optional
	Confidence *SampleConfidence `json:"confidence,omitempty"`
}

// SamplePopulation says which records a sample is drawn from.
type SamplePopulation struct {
	// kind of the records.
	// +required
	Kind SampleKind `json:"kind,omitempty"`

	// type of the records: of Attestations their type, of log entries theirs. Absent means all.
	// +optional
	Type TypeName `json:"type,omitempty"`

	// controls to which the records belong. Absent means all, and records of no control as well.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	Controls []ControlID `json:"controls,omitempty"`
}

// SampleConfidence is what a sample shows where none of it deviates: with so much confidence, less than so much of the
// population deviates.
type SampleConfidence struct {
	// confidencePercent is the confidence.
	// +required
	// +kubebuilder:validation:Minimum=50
	// +kubebuilder:validation:Maximum=99
	ConfidencePercent int32 `json:"confidencePercent,omitempty"`

	// tolerablePercent is the share of the population that may deviate.
	// +required
	// +kubebuilder:validation:Minimum=5
	// +kubebuilder:validation:Maximum=50
	TolerablePercent int32 `json:"tolerablePercent,omitempty"`
}

// SampleStatus is a sample as it was drawn.
type SampleStatus struct {
	// name of the request.
	// +required
	Name ItemName `json:"name,omitempty"`

	// state of the sample.
	// +required
	State SampleState `json:"state,omitempty"`

	// method of the draw: SHA256Order takes the records whose SHA-256 over seed, line feed and id is the smallest.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Method string `json:"method,omitempty"`

	// seed of the draw.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Seed string `json:"seed,omitempty"`

	// requestDigest is the digest of the request that was drawn for.
	// +optional
	RequestDigest Digest `json:"requestDigest,omitempty"`

	// populationSize is the number of records of the population.
	// +optional
	// +kubebuilder:validation:Minimum=0
	PopulationSize *int32 `json:"populationSize,omitempty"`

	// populationDigest is the digest of the sorted ids of the population, each followed by a line feed.
	// +optional
	PopulationDigest Digest `json:"populationDigest,omitempty"`

	// drawn records by id, in the order of the draw: the name of an Attestation, or the name of an EvidenceLog, a slash and
	// the sequence of an entry.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=273
	Drawn []string `json:"drawn,omitempty"`
}
