// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

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
