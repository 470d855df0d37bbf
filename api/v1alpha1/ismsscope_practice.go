// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Practice holds figures that no clause prescribes and that certification bodies and advisers differ in. Each has a
// default of common practice.
type Practice struct {
	// minParticipationPercent is the share of the expected people who must have completed a training or an awareness
	// measure. Absent means 95.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MinParticipationPercent int32 `json:"minParticipationPercent,omitempty"`

	// findings holds the time limits of findings.
	// +optional
	Findings *FindingPractice `json:"findings,omitempty"`
}

// FindingPractice holds the time limits of findings, in days after raisedOn.
//
// +kubebuilder:validation:XValidation:rule="!has(self.planDays) || !has(self.majorEvidenceDays) || self.planDays <= self.majorEvidenceDays",fieldPath=".planDays",message="must not be more than majorEvidenceDays: a plan comes before its evidence"
type FindingPractice struct {
	// planDays is the time for the plan of a nonconformity that names no responseDueOn. Absent means 30.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=180
	PlanDays int32 `json:"planDays,omitempty"`

	// majorEvidenceDays is the time until the corrective action for a Major is done. Absent means 90.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=365
	MajorEvidenceDays int32 `json:"majorEvidenceDays,omitempty"`

	// minorClosureDays is the longest time for which a Minor may stay open without being flagged. Absent means 365.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1830
	MinorClosureDays int32 `json:"minorClosureDays,omitempty"`

	// repeatedWithinDays is how far back an earlier nonconformity on the same requirement makes a Minor a repeated one.
	// Absent means 1095, three years.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3660
	RepeatedWithinDays int32 `json:"repeatedWithinDays,omitempty"`
}
