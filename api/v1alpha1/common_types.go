// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"fmt"
	"time"
)

// Date is a day of the real world as an RFC 3339 full-date, for example 2026-11-24.
//
// +kubebuilder:validation:Format=date
// +kubebuilder:validation:MinLength=10
// +kubebuilder:validation:MaxLength=10
type Date string

// Bounds of a Date: a full-date has a year of four digits.
const (
	firstDate = "0000-01-01"
	lastDate  = "9999-12-31"
)

// NewDate returns the day of t in t's location, or the first or the last of all full-dates where t lies outside them. So
// that 9999-12-31, which people write for never, can be counted on from: a year of five digits would be refused in a status,
// and would sort before all others.
func NewDate(t time.Time) Date {
	switch year := t.Year(); {
	case year < 0:
		return firstDate
	case year > 9999:
		return lastDate
	}
	return Date(t.Format(time.DateOnly))
}

// Time returns midnight UTC that begins the day. The error says that the text is not a full-date.
func (d Date) Time() (time.Time, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}, fmt.Errorf("date %q is not a full-date such as 2026-11-24", string(d))
	}
	return t, nil
}

// YesNo is an answer that a document must spell out.
//
// +kubebuilder:validation:Enum="Yes";"No"
type YesNo string

// Answers.
const (
	Yes YesNo = "Yes"
	No  YesNo = "No"
)

// Criticality orders gaps, suppliers and the like.
//
// +kubebuilder:validation:Enum=Critical;High;Medium;Low
type Criticality string

// Criticalities, the highest first.
const (
	CriticalityCritical Criticality = "Critical"
	CriticalityHigh     Criticality = "High"
	CriticalityMedium   Criticality = "Medium"
	CriticalityLow      Criticality = "Low"
)

// Email is an address by which people are compared, without regard to case.
//
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=254
// +kubebuilder:validation:XValidation:rule="self.matches('^[^@ ]+@[^@ ]+$')",message="must be an e-mail address such as r.roe@example.com"
type Email string

// URL is an absolute http or https address. The operator never fetches it.
//
// +kubebuilder:validation:MinLength=8
// +kubebuilder:validation:MaxLength=2048
// +kubebuilder:validation:XValidation:rule="isURL(self) && (self.startsWith('https://') || self.startsWith('http://'))",message="must be an absolute URL that begins with https:// or http://"
type URL string

// Digest is the SHA-256 of a file's bytes.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=71
// +kubebuilder:validation:XValidation:rule="self.matches('^sha256:[0-9a-f]{64}$')",message="must be sha256: followed by 64 lower-case hexadecimal digits"
type Digest string

// ItemName is the key of a list item, by which other fields refer to it.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be lower-case letters, digits and hyphens, and begin and end with a letter or digit"
type ItemName string

// ObjectName is the name of a Kubernetes object.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",message="must be the name of an object: lower-case letters, digits, hyphens and dots, beginning and ending with a letter or digit"
type ObjectName string

// NamespaceName is the name of a namespace.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be the exact name of a namespace, without wildcards"
type NamespaceName string

// ShortText is a title, a name for display or a role.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
type ShortText string

// Text is a statement of a few sentences.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=4096
type Text string

// TypeName is a PascalCase type: one of the catalogue's or the user's own.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9]*$')",message="must be PascalCase, such as FirewallReview"
type TypeName string

// ControlID is the id of a control: of Annex A, such as A.8.22, or one of another source.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$')",message="must be the id of a control, such as A.8.22: letters, digits, dots, hyphens and underscores"
type ControlID string

// ClauseID is a clause of ISO/IEC 27001 from 4 to 10, such as 9.2.2 or 10.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=7
// +kubebuilder:validation:XValidation:rule="self.matches('^([4-9]|10)([.][1-9]){0,2}$')",message="must be a clause of ISO/IEC 27001 from 4 to 10, such as 9.2.2"
type ClauseID string

// DeclaredClause is a clause requirement that no object can show, so that a document or a record serves it by naming it.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=7
// +kubebuilder:validation:XValidation:rule="self in ['4.4','7.4','7.5.3']",message="must be 4.4, 7.4 or 7.5.3: every other clause is computed from the objects that show it"
type DeclaredClause string

// BlankMark begins a blank that somebody still has to fill, such as [FILL: who]. A text with one states nothing yet.
const BlankMark = "[FILL:"

// Version is the version of a document or of the Statement of Applicability.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
type Version string

// Person is someone in a role. People are compared by email or id; a name alone does not show that two are different.
//
// +kubebuilder:validation:XValidation:rule="has(self.name) || has(self.id)",message="give a name, or the id of the person in your directory"
type Person struct {
	// name is the person's or the team's name.
	// +optional
	Name ShortText `json:"name,omitempty"`

	// email is the address by which the person is recognised.
	// +optional
	Email Email `json:"email,omitempty"`

	// id is the person's key in a directory, for records that name nobody.
	// +optional
	ID ShortText `json:"id,omitempty"`
}

// LocalRef names an object in the same namespace.
type LocalRef struct {
	// name of the object, in the same namespace.
	// +required
	Name ObjectName `json:"name,omitempty"`
}

// RecordRef points at a record outside the cluster.
//
// +kubebuilder:validation:XValidation:rule="has(self.url) || has(self.commit)",message="say where the record is: give url or commit"
type RecordRef struct {
	// url of the record.
	// +optional
	URL URL `json:"url,omitempty"`

	// digest of the record's bytes.
	// +optional
	Digest Digest `json:"digest,omitempty"`

	// commit is the Git commit that holds the record.
	// +optional
	// +kubebuilder:validation:MinLength=7
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]+$')",message="must be a Git commit id in lower-case hexadecimal digits"
	Commit string `json:"commit,omitempty"`
}

// Approval records who approved something, and when.
type Approval struct {
	// approvedBy is the person who approved.
	// +required
	ApprovedBy Person `json:"approvedBy,omitzero"`

	// approvedOn is the day of the approval. A future day does not count.
	// +required
	ApprovedOn Date `json:"approvedOn,omitempty"`

	// recordRef points at the record of the approval.
	// +optional
	RecordRef *RecordRef `json:"recordRef,omitempty"`
}

// Period is a span of days, both included.
//
// +kubebuilder:validation:XValidation:rule="self.from <= self.to",fieldPath=".to",message="must not be before from"
type Period struct {
	// from is the first day.
	// +required
	From Date `json:"from,omitempty"`

	// to is the last day.
	// +required
	To Date `json:"to,omitempty"`
}

// Parameter is a named list of values that rules read as params.<name>.
type Parameter struct {
	// name by which a rule reads the values, a CEL identifier.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[_a-zA-Z][_a-zA-Z0-9]*$') && !(self in ['true','false','null','in','as','break','const','continue','else','for','function','if','import','let','loop','package','namespace','return','var','void','while'])",message="must be a CEL identifier, read as params.<name>: letters, digits and underscores, not beginning with a digit, and no reserved word"
	Name string `json:"name,omitempty"`

	// values of the parameter, always a list of strings.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	Values []string `json:"values,omitempty"`
}

// SubjectRef names a subject of a rule: an object, or a namespace, then name is empty.
type SubjectRef struct {
	// namespace of the subject; empty for cluster-scoped objects.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// name of the subject; empty where the subject is the namespace.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}
