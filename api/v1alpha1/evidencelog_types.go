// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// LogSeries says whether a log is one of a control or the scope's own.
//
// +kubebuilder:validation:Enum=Control;Scope
type LogSeries string

// Series of logs.
const (
	SeriesControl LogSeries = "Control"
	SeriesScope   LogSeries = "Scope"
)

// LogEntryType says what an entry records.
//
// +kubebuilder:validation:Enum=EvidenceChanged;ResultChanged;CriteriaChanged;NamespaceEntered;NamespaceLeft;RecordSeen;RecordChanged;RecordRemoved;OperatorChanged;ObservationGap;LogPruned;Checkpoint
type LogEntryType string

// Types of entries. EvidenceChanged and ResultChanged are of a control's series, CriteriaChanged and OperatorChanged of
// either, the others of the scope's.
const (
	LogEvidenceChanged LogEntryType = "EvidenceChanged"
	// LogResultChanged: the result of the control as a whole changed, and no entry of an item says so.
	LogResultChanged    LogEntryType = "ResultChanged"
	LogCriteriaChanged  LogEntryType = "CriteriaChanged"
	LogNamespaceEntered LogEntryType = "NamespaceEntered"
	LogNamespaceLeft    LogEntryType = "NamespaceLeft"
	LogRecordSeen       LogEntryType = "RecordSeen"
	LogRecordChanged    LogEntryType = "RecordChanged"
	LogRecordRemoved    LogEntryType = "RecordRemoved"
	LogOperatorChanged  LogEntryType = "OperatorChanged"
	// LogObservationGap: nobody was watching, or not everything was seen, from `from` to the entry's own time.
	LogObservationGap LogEntryType = "ObservationGap"
	// LogPruned: retention lets a log go, the item, and those before it in its series. The text of criteria that is still
	// referred to stands here from now on.
	LogPruned     LogEntryType = "LogPruned"
	LogCheckpoint LogEntryType = "Checkpoint"
)

// EvidenceLogSpec is a part of a hash-chained history. The operator writes it and only appends.
//
// +kubebuilder:validation:XValidation:rule="self.scopeRef == oldSelf.scopeRef",fieldPath=".scopeRef",message="scopeRef is immutable: a log is only appended to"
// +kubebuilder:validation:XValidation:rule="self.series == oldSelf.series",fieldPath=".series",message="series is immutable: a log is only appended to"
// +kubebuilder:validation:XValidation:rule="has(self.controlID) == has(oldSelf.controlID) && (!has(self.controlID) || self.controlID == oldSelf.controlID)",fieldPath=".controlID",message="controlID is immutable: a log is only appended to"
// +kubebuilder:validation:XValidation:rule="self.number == oldSelf.number",fieldPath=".number",message="number is immutable: a log is only appended to"
// +kubebuilder:validation:XValidation:rule="self.firstSequence == oldSelf.firstSequence",fieldPath=".firstSequence",message="firstSequence is immutable: a log is only appended to"
// +kubebuilder:validation:XValidation:rule="has(self.previous) == has(oldSelf.previous) && (!has(self.previous) || self.previous == oldSelf.previous)",fieldPath=".previous",message="previous is immutable: a log is only appended to"
// +kubebuilder:validation:XValidation:rule="has(self.controlID) == (self.series == 'Control')",fieldPath=".controlID",message="give controlID with series Control, and only then"
// +kubebuilder:validation:XValidation:rule="has(self.previous) == (self.number > 1)",fieldPath=".previous",message="give previous from the second log of a series on, and only then"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.entries) || (has(self.entries) && size(self.entries) >= size(oldSelf.entries))",fieldPath=".entries",message="entries are append-only: none may be removed"
// +kubebuilder:validation:XValidation:rule="!has(self.entries) || self.entries.all(e, e.sequence >= self.firstSequence && e.sequence < self.firstSequence + size(self.entries))",fieldPath=".entries",message="sequences must run from firstSequence without a gap"
// +kubebuilder:validation:XValidation:rule="!has(self.entries) || self.entries.map(e, e.sequence).isSorted()",fieldPath=".entries",message="entries must be in the order of their sequences"
// +kubebuilder:validation:XValidation:rule="!has(self.entries) || self.entries.map(e, e.epoch).isSorted()",fieldPath=".entries",message="epochs must not decrease from one entry to the next"
// +kubebuilder:validation:XValidation:rule="!has(self.entries) || self.entries.all(e, e.sequence == self.firstSequence || self.entries.exists(p, p.sequence == e.sequence - 1 && has(e.previousDigest) && p.digest == e.previousDigest))",fieldPath=".entries",message="previousDigest must be the digest of the entry before"
// +kubebuilder:validation:XValidation:rule="!has(self.entries) || !has(self.previous) || self.entries.all(e, e.sequence != self.firstSequence || (has(e.previousDigest) && e.previousDigest == self.previous.digest))",fieldPath=".entries",message="previousDigest of the first entry must be the digest in previous"
// +kubebuilder:validation:XValidation:rule="(self.firstSequence == 1) == (self.number == 1)",fieldPath=".firstSequence",message="the first log of a series begins with sequence 1, and only that one"
// +kubebuilder:validation:XValidation:rule="!has(self.entries) || self.entries.all(e, !(e.type in (self.series == 'Control' ? ['Checkpoint','LogPruned','ObservationGap','NamespaceEntered','NamespaceLeft','RecordSeen','RecordChanged','RecordRemoved'] : ['EvidenceChanged','ResultChanged'])))",fieldPath=".entries",message="EvidenceChanged and ResultChanged are for the log of a control; checkpoints, gaps, namespaces and records are for the scope's, as is pruning"
type EvidenceLogSpec struct {
	// scopeRef names the ISMSScope that the log belongs to. Immutable.
	// +required
	ScopeRef LocalRef `json:"scopeRef,omitzero"`

	// series says whether this is the log of a control or of the scope. Immutable.
	// +required
	Series LogSeries `json:"series,omitempty"`

	// controlID is the control of a log of series Control. Immutable.
	// +optional
	ControlID ControlID `json:"controlID,omitempty"`

	// number of the log in its series, from 1. Immutable.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000000
	Number int64 `json:"number,omitempty"`

	// firstSequence is the sequence of the first entry; sequences run through all logs of a series, from 1. Immutable.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000000000
	FirstSequence int64 `json:"firstSequence,omitempty"`

	// previous names the log before this one and the digest of its last entry. Immutable.
	// +optional
	Previous *PreviousLog `json:"previous,omitempty"`

	// entries of the log. Entries are immutable; new ones are appended.
	// +optional
	// +listType=map
	// +listMapKey=sequence
	// +kubebuilder:validation:MaxItems=100
	Entries []LogEntry `json:"entries,omitempty"`
}

// PreviousLog is the log before, at its end.
type PreviousLog struct {
	// name of the EvidenceLog.
	// +required
	Name ObjectName `json:"name,omitempty"`

	// digest of its last entry.
	// +required
	Digest Digest `json:"digest,omitempty"`
}

// LogEntry is one transition. It holds no name of a person and no value of an object.
//
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="an entry is immutable: append another one"
// +kubebuilder:validation:XValidation:rule="self.type != 'EvidenceChanged' || (has(self.item) && has(self.result))",fieldPath=".result",reason=FieldValueRequired,message="give item and result: an EvidenceChanged entry needs them"
// +kubebuilder:validation:XValidation:rule="has(self.checkpoint) == (self.type == 'Checkpoint')",fieldPath=".checkpoint",message="give checkpoint in a Checkpoint entry, and only there"
// +kubebuilder:validation:XValidation:rule="!has(self.flaps) || self.type in ['EvidenceChanged','ResultChanged']",fieldPath=".flaps",message="give flaps in an EvidenceChanged or a ResultChanged entry only"
// +kubebuilder:validation:XValidation:rule="has(self.previousDigest) == (self.sequence > 1)",fieldPath=".previousDigest",message="give previousDigest in every entry but the first of a series"
// +kubebuilder:validation:XValidation:rule="!has(self.criteria) || has(self.criteriaDigest)",fieldPath=".criteriaDigest",message="give criteriaDigest with criteria"
// +kubebuilder:validation:XValidation:rule="self.type != 'ResultChanged' || has(self.controlResult)",fieldPath=".controlResult",reason=FieldValueRequired,message="give controlResult: a ResultChanged entry needs it"
// +kubebuilder:validation:XValidation:rule="!has(self.controlResult) || self.type in ['EvidenceChanged','ResultChanged']",fieldPath=".controlResult",message="give controlResult in an EvidenceChanged or a ResultChanged entry only"
// +kubebuilder:validation:XValidation:rule="has(self.record) == (self.type in ['RecordSeen','RecordChanged','RecordRemoved'])",fieldPath=".record",message="give record in RecordSeen, RecordChanged and RecordRemoved entries, and only there"
// +kubebuilder:validation:XValidation:rule="!has(self.record) || (has(self.item) && self.item.matches('^(Attestation|Document|Finding|Risk)/.'))",fieldPath=".item",message="name the record by its kind and name, such as Finding/nc-01"
// +kubebuilder:validation:XValidation:rule="has(self.from) == (self.type == 'ObservationGap')",fieldPath=".from",message="give from in an ObservationGap entry, and only there"
// +kubebuilder:validation:XValidation:rule="!has(self.from) || self.from <= self.observedTime",fieldPath=".from",message="must not be after observedTime, which is the end of the gap"
// +kubebuilder:validation:XValidation:rule="!has(self.image) || self.type == 'OperatorChanged'",fieldPath=".image",message="give image in an OperatorChanged entry only"
type LogEntry struct {
	// sequence of the entry in its series.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000001000
	Sequence int64 `json:"sequence,omitempty"`

	// type says what the entry records.
	// +required
	Type LogEntryType `json:"type,omitempty"`

	// epoch is the stretch between two checkpoints in which the entry was written, from 1. The checkpoint of an epoch seals
	// all entries of it and of those before; entries that are written after it belong to the next.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000000
	Epoch int64 `json:"epoch,omitempty"`

	// observedTime is when the operator observed it.
	// +required
	ObservedTime metav1.Time `json:"observedTime,omitzero"`

	// item is what the entry speaks of: an evidence item or a namespace by its name; in a CriteriaChanged entry an evidence
	// item, or what is asked besides, such as exception/legacy; a record by kind and name, such as Finding/nc-01.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=317
	Item string `json:"item,omitempty"`

	// result of the evidence item.
	// +optional
	Result EvidenceResult `json:"result,omitempty"`

	// reason, PascalCase.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Reason string `json:"reason,omitempty"`

	// controlResult is the result of the control as a whole since this entry. Absent, the one of the entry before stands.
	// +optional
	ControlResult ControlResult `json:"controlResult,omitempty"`

	// counts of a resource rule.
	// +optional
	Counts *LogCounts `json:"counts,omitempty"`

	// criteriaDigest is the digest of what is asked: in an EvidenceChanged entry of the item's rule, in a CriteriaChanged
	// entry of criteria; absent there when what was asked is asked no more.
	// +optional
	CriteriaDigest Digest `json:"criteriaDigest,omitempty"`

	// criteria is the text behind criteriaDigest: canonical JSON, once per digest and series, and only where it fits.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=12288
	Criteria string `json:"criteria,omitempty"`

	// matchedDigest is the digest of the set of subjects that a resource rule has matched, when the entry was written: SHA-256
	// of a line for each, namespace/name, or the one of them that it has, sorted by bytes.
	// +optional
	MatchedDigest Digest `json:"matchedDigest,omitempty"`

	// failures names failing subjects, sorted, at most ten.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	Failures []SubjectRef `json:"failures,omitempty"`

	// flaps sums up what the result did since the entry before of the same item, where it changed too fast for entries.
	// +optional
	Flaps *LogFlaps `json:"flaps,omitempty"`

	// record is what a RecordSeen, RecordChanged or RecordRemoved entry speaks of.
	// +optional
	Record *LogRecord `json:"record,omitempty"`

	// from is the beginning of an ObservationGap, whose end is observedTime.
	// +optional
	From *metav1.Time `json:"from,omitempty"`

	// checkpoint of the scope's log.
	// +optional
	Checkpoint *Checkpoint `json:"checkpoint,omitempty"`

	// image that the operator runs from, as it was told.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Image string `json:"image,omitempty"`

	// operatorVersion that wrote the entry.
	// +required
	OperatorVersion Version `json:"operatorVersion,omitempty"`

	// previousDigest is the digest of the entry before; absent in the first entry of a series.
	// +optional
	PreviousDigest Digest `json:"previousDigest,omitempty"`

	// digest of this entry.
	// +required
	Digest Digest `json:"digest,omitempty"`
}

// LogRecord is a record as it was when the entry was written. It names no person.
type LogRecord struct {
	// type of an Attestation or a Document, severity of a Finding, treatment option of a Risk.
	// +optional
	Type TypeName `json:"type,omitempty"`

	// requirement that a Finding is about.
	// +optional
	Requirement ControlID `json:"requirement,omitempty"`

	// objective that an Attestation measures.
	// +optional
	Objective ItemName `json:"objective,omitempty"`

	// state that the operator saw it in: the reason of Current of an Attestation, Approved of a Document, Closed of a
	// Finding, ResidualAccepted of a Risk.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	State string `json:"state,omitempty"`

	// digest of the whole spec: SHA-256 of its canonical JSON.
	// +required
	Digest Digest `json:"digest,omitempty"`
}

// LogCounts are the counts of a resource rule.
type LogCounts struct {
	// subjects of the rule.
	// +required
	// +kubebuilder:validation:Minimum=0
	Subjects int32 `json:"subjects"`

	// failing subjects.
	// +required
	// +kubebuilder:validation:Minimum=0
	Failing int32 `json:"failing"`

	// errors in evaluation.
	// +required
	// +kubebuilder:validation:Minimum=0
	Errors int32 `json:"errors"`

	// waived failures.
	// +required
	// +kubebuilder:validation:Minimum=0
	Waived int32 `json:"waived"`
}

// LogFlaps sums up changes of a result that have no entries of their own. The seconds add up to the time since the entry
// before of the same item, in whole seconds.
type LogFlaps struct {
	// count of the changes of result or reason, the last one included.
	// +required
	// +kubebuilder:validation:Minimum=1
	Count int32 `json:"count,omitempty"`

	// passSeconds is how long the result was Pass.
	// +required
	// +kubebuilder:validation:Minimum=0
	PassSeconds int64 `json:"passSeconds"`

	// failSeconds is how long the result was Fail.
	// +required
	// +kubebuilder:validation:Minimum=0
	FailSeconds int64 `json:"failSeconds"`

	// unknownSeconds is how long the result was Unknown.
	// +required
	// +kubebuilder:validation:Minimum=0
	UnknownSeconds int64 `json:"unknownSeconds"`

	// notApplicableSeconds is how long the result was NotApplicable.
	// +required
	// +kubebuilder:validation:Minimum=0
	NotApplicableSeconds int64 `json:"notApplicableSeconds"`

	// firstFailure is the first change to Fail among them.
	// +optional
	FirstFailure *LogFailure `json:"firstFailure,omitempty"`
}

// LogFailure is a change to Fail.
type LogFailure struct {
	// observedTime is when the operator observed it.
	// +required
	ObservedTime metav1.Time `json:"observedTime,omitzero"`

	// reason, PascalCase.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Reason string `json:"reason,omitempty"`

	// failures names failing subjects, sorted, at most ten.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	Failures []SubjectRef `json:"failures,omitempty"`
}

// Checkpoint ties the heads of all series of a scope together, once a day.
type Checkpoint struct {
	// root of the Merkle tree over the heads.
	// +required
	Root Digest `json:"root,omitempty"`

	// heads is the number of heads.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000
	Heads int32 `json:"heads"`

	// entries is the number of entries that the heads close, all series together.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000000000000
	Entries int64 `json:"entries"`

	// observedSeconds of the day.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=90000
	ObservedSeconds int32 `json:"observedSeconds"`

	// signatures of the checkpoint, one per key; more than one while keys are rotated.
	// +optional
	// +listType=map
	// +listMapKey=keyID
	// +kubebuilder:validation:MaxItems=4
	Signatures []CheckpointSignature `json:"signatures,omitempty"`
}

// CheckpointSignature is a signature of a DSSE envelope whose payload is the checkpoint's canonical form.
type CheckpointSignature struct {
	// keyID is the digest of the public key in DER (SubjectPublicKeyInfo, RFC 5280).
	// +required
	KeyID Digest `json:"keyID,omitempty"`

	// signature is the Ed25519 signature, in standard base64.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=88
	Signature string `json:"signature,omitempty"`
}

// EvidenceLogStatus sums a log up for display.
type EvidenceLogStatus struct {
	// entries is the number of entries.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Entries int32 `json:"entries,omitempty"`

	// lastObservedTime is the time of the last entry.
	// +optional
	LastObservedTime *metav1.Time `json:"lastObservedTime,omitempty"`

	// headDigest is the digest of the last entry.
	// +optional
	HeadDigest Digest `json:"headDigest,omitempty"`
}

// EvidenceLog is a part of the hash-chained history that the operator writes.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=isms
// +kubebuilder:printcolumn:name="Scope",type=string,JSONPath=`.spec.scopeRef.name`
// +kubebuilder:printcolumn:name="Control",type=string,JSONPath=`.spec.controlID`
// +kubebuilder:printcolumn:name="Number",type=integer,JSONPath=`.spec.number`
// +kubebuilder:printcolumn:name="Entries",type=integer,JSONPath=`.status.entries`
// +kubebuilder:printcolumn:name="Last",type=date,JSONPath=`.status.lastObservedTime`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type EvidenceLog struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the authored intent.
	// +required
	Spec EvidenceLogSpec `json:"spec,omitzero"`

	// status is computed by the operator.
	// +optional
	Status EvidenceLogStatus `json:"status,omitzero"`
}

// EvidenceLogList is a list of EvidenceLog objects.
//
// +kubebuilder:object:root=true
type EvidenceLogList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []EvidenceLog `json:"items"`
}
