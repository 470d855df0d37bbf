// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Framework is a standard against which an ISMS is certified.
//
// +kubebuilder:validation:Enum=ISO27001-2022
type Framework string

// FrameworkISO27001 is ISO/IEC 27001:2022, including Amd 1:2024.
const FrameworkISO27001 Framework = "ISO27001-2022"

// SystemKind is what a system is.
//
// +kubebuilder:validation:Enum=Application;CloudAccount;Cluster;Endpoint;Network;SaaS;Server;Other
type SystemKind string

// InterfaceType is what is on the other side of an interface.
//
// +kubebuilder:validation:Enum=Authority;Customer;Group;Partner;Supplier;Other
type InterfaceType string

// InterfaceSupplier is an interface to somebody who provides something.
const InterfaceSupplier InterfaceType = "Supplier"

// ISMSScopeSpec is the boundary of an ISMS and the frame of its management system (clauses 4.1 to 6.2).
type ISMSScopeSpec struct {
	// organization that runs the ISMS.
	// +required
	Organization ShortText `json:"organization,omitempty"`

	// statement of the scope (clause 4.3), as it is to stand on the certificate.
	// +required
	Statement Text `json:"statement,omitempty"`

	// framework against which the ISMS is to be certified.
	// +required
	Framework Framework `json:"framework,omitempty"`

	// personsUnderControl is the number of people who do work under the organization's control. A hint for audit time.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000000
	PersonsUnderControl int32 `json:"personsUnderControl,omitempty"`

	// sites of the scope. Hints for audit time and site samples.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=100
	Sites []Site `json:"sites,omitempty"`

	// boundaries of the scope and its interfaces (clause 4.3).
	// +optional
	Boundaries *Boundaries `json:"boundaries,omitempty"`

	// context of the organization (clauses 4.1 and 4.2).
	// +optional
	Context *OrganizationContext `json:"context,omitempty"`

	// leadership, roles and resources (clauses 5.1, 5.3 and 7.1).
	// +optional
	Leadership *Leadership `json:"leadership,omitempty"`

	// objectives of information security (clause 6.2).
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	Objectives []Objective `json:"objectives,omitempty"`

	// riskManagement says how risks are assessed and accepted (clause 6.1.2).
	// +optional
	RiskManagement *RiskManagement `json:"riskManagement,omitempty"`

	// requirements names an owner and a plan for gaps against clauses.
	// +optional
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=40
	Requirements []ClauseRequirement `json:"requirements,omitempty"`

	// parameters for the rules of all controls of the scope; a Control may override them.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	Parameters []Parameter `json:"parameters,omitempty"`

	// evidence says from which namespaces evidence is read, and as whom. Absent, no rule on resources is evaluated.
	// +optional
	Evidence *ScopeEvidence `json:"evidence,omitempty"`

	// practice changes figures that no clause prescribes. Absent, each has its default.
	// +optional
	Practice *Practice `json:"practice,omitempty"`

	// removedRecords explains records that were deleted on purpose. Until then they hold the gates closed that rested on
	// them.
	// +optional
	// +listType=map
	// +listMapKey=record
	// +kubebuilder:validation:MaxItems=100
	RemovedRecords []RemovedRecord `json:"removedRecords,omitempty"`
}

// RemovedRecord says why a record was deleted.
type RemovedRecord struct {
	// record by kind and name, as the evidence log has it, such as Attestation/firewall-review-2026-q3.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=317
	// +kubebuilder:validation:XValidation:rule="self.matches('^(Attestation|Document|Finding|Risk)/[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",message="must be a kind and a name, such as Attestation/firewall-review-2026-q3; the kinds are Attestation, Document, Finding and Risk"
	Record string `json:"record,omitempty"`

	// justification of the removal.
	// +required
	Justification Text `json:"justification,omitempty"`

	// approvedBy is the person who approved of it.
	// +required
	ApprovedBy Person `json:"approvedBy,omitzero"`

	// approvedOn is the day of the approval. A future day does not count.
	// +required
	ApprovedOn Date `json:"approvedOn,omitempty"`
}

// Site is a place of the scope.
type Site struct {
	// name of the site.
	// +required
	Name ShortText `json:"name,omitempty"`

	// persons who work at the site under the organization's control.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000000
	Persons int32 `json:"persons,omitempty"`

	// central says whether the site holds the central function.
	// +optional
	Central YesNo `json:"central,omitempty"`
}

// Boundaries of a scope.
type Boundaries struct {
	// included units, products and assets.
	// +optional
	Included *Inclusion `json:"included,omitempty"`

	// systems of the scope, to which controls apply.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=100
	Systems []System `json:"systems,omitempty"`

	// excluded parts of the organization, each with its justification.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	Excluded []Exclusion `json:"excluded,omitempty"`

	// interfaces to what lies outside; treated as third parties.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	Interfaces []ScopeInterface `json:"interfaces,omitempty"`
}

// Inclusion lists what is inside the boundary.
type Inclusion struct {
	// units of the organization.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	Units []ShortText `json:"units,omitempty"`

	// products and services.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	Products []ShortText `json:"products,omitempty"`

	// assets, at the level of kinds of information.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	Assets []ShortText `json:"assets,omitempty"`
}

// System is a system of the scope.
type System struct {
	// name by which controls refer to the system.
	// +required
	Name ItemName `json:"name,omitempty"`

	// kind of the system.
	// +required
	Kind SystemKind `json:"kind,omitempty"`
}

// Exclusion is a part of the organization outside the boundary.
type Exclusion struct {
	// name of the part.
	// +required
	Name ShortText `json:"name,omitempty"`

	// justification of the exclusion.
	// +required
	Justification Text `json:"justification,omitempty"`
}

// ScopeInterface is an interface to something outside the boundary.
type ScopeInterface struct {
	// name of the interface.
	// +required
	Name ShortText `json:"name,omitempty"`

	// type of what is on the other side.
	// +required
	Type InterfaceType `json:"type,omitempty"`

	// controls that govern the interface.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	Controls []ControlID `json:"controls,omitempty"`
}

// ScopeEvidence says from which namespaces evidence is read, and as whom.
//
// +kubebuilder:validation:XValidation:rule="has(self.namespaceSelector) != has(self.namespaces)",message="give exactly one of namespaceSelector and namespaces"
type ScopeEvidence struct {
	// serviceAccountName is the account in this namespace whose rights bound what rules may count.
	// +required
	ServiceAccountName ObjectName `json:"serviceAccountName,omitempty"`

	// namespaceSelector selects the namespaces in scope; the account needs the right to list namespaces.
	// +optional
	// +kubebuilder:validation:XValidation:rule="(has(self.matchLabels) && size(self.matchLabels) > 0) || (has(self.matchExpressions) && size(self.matchExpressions) > 0)",message="must not be empty: give matchLabels or matchExpressions"
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector,omitempty"`

	// namespaces in scope, by name.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=500
	Namespaces []NamespaceName `json:"namespaces,omitempty"`

	// excludedNamespaces are accounted for, but not in scope.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	ExcludedNamespaces []ExcludedNamespaces `json:"excludedNamespaces,omitempty"`
}

// ExcludedNamespaces is a group of namespaces outside the scope, with the justification.
//
// +kubebuilder:validation:XValidation:rule="has(self.names) != has(self.selector)",message="give exactly one of names and selector"
type ExcludedNamespaces struct {
	// name of the group.
	// +required
	Name ItemName `json:"name,omitempty"`

	// names of the namespaces.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=200
	Names []NamespaceName `json:"names,omitempty"`

	// selector of the namespaces.
	// +optional
	// +kubebuilder:validation:XValidation:rule="(has(self.matchLabels) && size(self.matchLabels) > 0) || (has(self.matchExpressions) && size(self.matchExpressions) > 0)",message="must not be empty, for it would exclude everything: give matchLabels or matchExpressions"
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// justification of the exclusion.
	// +required
	Justification Text `json:"justification,omitempty"`
}
