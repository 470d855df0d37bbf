// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package starter holds the ISMS that a new user begins with: for each control of Annex A a template with its purpose,
// guidance and evidence, the checks on live objects that the templates share, the records that people make, and the
// parameters in which organizations differ.
//
// The texts are our own; of the standard there is nothing but the identifiers. Everything is data, embedded into the
// program, and rendering is a pure function of it.
package starter

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// When says in which clusters a check belongs into a Control.
type When string

// When a check belongs into a Control.
const (
	// WhenAlways is for what every cluster is expected to have, such as Pods, or a quota in each namespace.
	WhenAlways When = "Always"
	// WhenServed is for kinds that the cluster may not serve: a companion's.
	WhenServed When = "Served"
	// WhenPresent is for kinds that are served but of which a cluster may well have no object that the check selects,
	// such as Ingresses where everything comes in by a Gateway. Without one the check would be Unknown for ever. What to
	// ask the API server for, in the namespaces in scope, is Check.PresenceSelector.
	WhenPresent When = "Present"
)

// Role is who typically owns a control.
type Role struct {
	// Name is a PascalCase key, such as Platform.
	Name string `json:"name"`
	// Title is how people call it.
	Title isms.ShortText `json:"title"`
	// Description says what the role answers for.
	Description isms.Text `json:"description"`
}

// Kind is a kind that checks read, as the API server serves it.
type Kind struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Resource is the plural name by which rights are granted.
	Resource   string     `json:"resource"`
	Namespaced isms.YesNo `json:"namespaced"`
	// Companion is the project that serves the kind; empty: Kubernetes itself.
	Companion string `json:"companion,omitempty"`
}

// Parameter is a scope parameter that checks read, with its default.
type Parameter struct {
	isms.Parameter `json:",inline"`
	// Description says what the values mean.
	Description isms.Text `json:"description"`
	// Local says that the default is only a placeholder: each organization has values of its own.
	Local isms.YesNo `json:"local,omitempty"`
}

// Check is a rule on live objects that one Control or several rest on.
type Check struct {
	// Name is unique among the checks, and the name of the evidence item in each Control.
	Name isms.ItemName `json:"name"`
	// Description says what it shows, Limitation what it does not.
	Description isms.Text `json:"description"`
	Limitation  isms.Text `json:"limitation"`
	// Strength is what it is worth for a control, unless that says otherwise. Absent means Partial.
	Strength isms.EvidenceStrength `json:"strength,omitempty"`
	// Companion is the project that serves the kind, or whose workload the check looks for; empty: Kubernetes itself.
	Companion string `json:"companion,omitempty"`
	// When says in which clusters it belongs. In the data it is absent where the kind decides: WhenServed for that of a
	// companion, else WhenAlways.
	When When `json:"when,omitempty"`
	// Resources is the rule.
	Resources isms.ResourceRule `json:"resources"`
}

// GroupVersionKind is the kind of the objects.
func (c Check) GroupVersionKind() schema.GroupVersionKind {
	return schema.FromAPIVersionAndKind(c.Resources.APIVersion, c.Resources.Kind)
}

// PresenceSelector selects, in the API server's syntax, the objects of which there must be one for a check that is
// WhenPresent: those of its labelSelector, without the operator's own, which satisfy no check.
func (c Check) PresenceSelector() string {
	others := isms.LabelPartOf + "!=" + isms.PartOf
	if c.Resources.LabelSelector == nil {
		return others
	}
	return metav1.FormatLabelSelector(c.Resources.LabelSelector) + "," + others
}

// Attestation is a type of record that people make, with the period that is usual for it: practice, not a rule of the
// standard, which asks for "planned intervals".
type Attestation struct {
	Type isms.TypeName `json:"type"`
	// Title is what is done.
	Title isms.ShortText `json:"title"`
	// Record says what the record has to hold so that an auditor can sample from it.
	Record isms.Text `json:"record"`
	// EveryDays and GraceDays are the period and how late a record may be.
	EveryDays int32 `json:"everyDays"`
	GraceDays int32 `json:"graceDays"`
}

// Evidence is one evidence item of a template.
type Evidence struct {
	// Item is the item as a Control has it.
	Item isms.EvidenceItem
	// Check is the check that the item comes from; nil for documents and attestations.
	Check *Check
}

// Template is what the starter proposes for one control of Annex A.
type Template struct {
	// ID is the control's, such as A.8.22.
	ID isms.ControlID
	// Owner is the name of the Role that typically owns it.
	Owner string
	// Objective says what the control is for.
	Objective isms.Text
	// Guidance says how a team that runs a platform puts it into place.
	Guidance isms.Text
	// Reasons and Justification are the proposal for the Statement of Applicability.
	Reasons       []isms.InclusionReason
	Justification isms.Text
	// Criticality and EffortDays describe the gap until it is implemented.
	Criticality isms.Criticality
	EffortDays  int32
	// Evidence is what must hold, all of it.
	Evidence []Evidence
}

// Controls returns a template for each of the 93 controls, in the order of the standard. The caller must not change what
// they point to.
func Controls() []Template { return load().templates }

// Checks returns all checks by name. The caller must not change what they point to.
func Checks() []Check { return load().checks }

// Kinds returns the kinds that the checks read, those of Kubernetes itself first.
func Kinds() []Kind { return load().kinds }

// Attestations returns all types of records that the templates ask for, by type.
func Attestations() []Attestation { return load().attestations }

// Parameters returns the scope parameters that the checks read, by name.
func Parameters() []Parameter { return load().parameters }

// Roles returns the roles that own controls.
func Roles() []Role { return load().roles }
