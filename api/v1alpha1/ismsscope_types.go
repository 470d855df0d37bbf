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

// IssueOrigin says whether an issue lies outside or inside the organization.
//
// +kubebuilder:validation:Enum=External;Internal
type IssueOrigin string

// Origins of an issue.
const (
	IssueExternal IssueOrigin = "External"
	IssueInternal IssueOrigin = "Internal"
)

// Relevance is a decision on whether something matters to the ISMS.
//
// +kubebuilder:validation:Enum=Relevant;NotRelevant
type Relevance string

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

// OrganizationContext is the context of the organization.
type OrganizationContext struct {
	// issues, external and internal (clause 4.1).
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	Issues []Issue `json:"issues,omitempty"`

	// climateChange records whether climate change is a relevant issue (clause 4.1, Amd 1:2024).
	// +optional
	ClimateChange *ClimateChange `json:"climateChange,omitempty"`

	// interestedParties and their requirements (clause 4.2).
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	InterestedParties []InterestedParty `json:"interestedParties,omitempty"`
}

// Issue is an issue of the organization's context.
type Issue struct {
	// name of the issue.
	// +required
	Name ShortText `json:"name,omitempty"`

	// origin of the issue.
	// +required
	Origin IssueOrigin `json:"origin,omitempty"`
}

// ClimateChange is the decision on climate change, with its rationale.
type ClimateChange struct {
	// relevance of climate change to the ISMS.
	// +required
	Relevance Relevance `json:"relevance,omitempty"`

	// rationale of the decision.
	// +required
	Rationale Text `json:"rationale,omitempty"`
}

// InterestedParty is a party with requirements on information security.
type InterestedParty struct {
	// name of the party.
	// +required
	Name ShortText `json:"name,omitempty"`

	// requirements of the party that the ISMS addresses.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	Requirements []ShortText `json:"requirements,omitempty"`
}

// Leadership is the sponsor, the roles and the resources of the ISMS.
type Leadership struct {
	// sponsor in top management.
	// +optional
	Sponsor *Sponsor `json:"sponsor,omitempty"`

	// roles and who holds them.
	// +optional
	// +listType=map
	// +listMapKey=role
	// +kubebuilder:validation:MaxItems=50
	Roles []RoleAssignment `json:"roles,omitempty"`

	// resources that are provided.
	// +optional
	Resources Text `json:"resources,omitempty"`
}

// Sponsor is a member of top management who answers for the ISMS.
type Sponsor struct {
	Person `json:",inline"`

	// role of the sponsor in the organization.
	// +optional
	Role ShortText `json:"role,omitempty"`
}

// RoleAssignment says who holds a role.
type RoleAssignment struct {
	// role in the ISMS.
	// +required
	Role ShortText `json:"role,omitempty"`

	// holder of the role.
	// +required
	Holder Person `json:"holder,omitzero"`
}

// Objective is an objective of information security and the plan to reach it.
type Objective struct {
	// name of the objective, unique in the scope.
	// +required
	Name ItemName `json:"name,omitempty"`

	// measure says what is measured.
	// +required
	Measure ShortText `json:"measure,omitempty"`

	// target value of the measure.
	// +required
	Target ShortText `json:"target,omitempty"`

	// actions that are planned.
	// +optional
	Actions Text `json:"actions,omitempty"`

	// owner answers for the objective.
	// +required
	Owner Person `json:"owner,omitzero"`

	// dueDate by which the target is to be reached.
	// +required
	DueDate Date `json:"dueDate,omitempty"`

	// measureEveryDays is the longest time between two measurements, which Attestations record. Absent means 365.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1830
	MeasureEveryDays int32 `json:"measureEveryDays,omitempty"`
}

// ClauseRequirement names an owner and a plan for a clause requirement.
type ClauseRequirement struct {
	// id of the clause requirement, one of the 30 that the scope's status lists.
	// +required
	// +kubebuilder:validation:XValidation:rule="self in ['4.1','4.2','4.3','4.4','5.1','5.2','5.3','6.1.1','6.1.2','6.1.3','6.2','6.3','7.1','7.2','7.3','7.4','7.5.1','7.5.2','7.5.3','8.1','8.2','8.3','9.1','9.2.1','9.2.2','9.3.1','9.3.2','9.3.3','10.1','10.2']",message="must be one of the 30 clause requirements in status.requirements, such as 9.2.2; a clause that has parts, such as 9.2, is none"
	ID ClauseID `json:"id,omitempty"`

	// owner answers for the clause.
	// +required
	Owner Person `json:"owner,omitzero"`

	// criticality of the gap while the clause is not evidenced; orders the gap register.
	// +optional
	Criticality Criticality `json:"criticality,omitempty"`

	// effortDays is the work that is left, in person days.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	EffortDays int32 `json:"effortDays,omitempty"`

	// targetDate is the day by which the clause is to be evidenced.
	// +optional
	TargetDate Date `json:"targetDate,omitempty"`
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
