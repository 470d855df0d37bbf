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

	// evidenceLogDays is how long the evidence log is kept. Absent means 1461: a certification cycle and a year.
	// +optional
	// +kubebuilder:validation:Minimum=365
	// +kubebuilder:validation:Maximum=7305
	EvidenceLogDays int32 `json:"evidenceLogDays,omitempty"`

	// findings holds the time limits of findings.
	// +optional
	Findings *FindingPractice `json:"findings,omitempty"`

	// programme holds the intervals of audits, reviews, trainings and records.
	// +optional
	Programme *ProgrammePractice `json:"programme,omitempty"`
}

// ProgrammePractice holds intervals for which the standard says "planned" (27001, 9.2 and 9.3).
type ProgrammePractice struct {
	// internalAuditDays is the longest time between two internal audits. Absent means 365.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1096
	InternalAuditDays int32 `json:"internalAuditDays,omitempty"`

	// auditCoverageMonths is the time within which the internal audits together cover every clause and every applicable
	// control, in calendar months. Absent means 36, a certification cycle.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=36
	AuditCoverageMonths int32 `json:"auditCoverageMonths,omitempty"`

	// managementReviewDays is the longest time between two management reviews. Absent means 365.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1096
	ManagementReviewDays int32 `json:"managementReviewDays,omitempty"`

	// awarenessDays is the longest time between two trainings in awareness. Absent means 365.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1096
	AwarenessDays int32 `json:"awarenessDays,omitempty"`

	// recordDays is how long a passed Attestation speaks for a clause, or for the operation of controls. Absent means 365.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1096
	RecordDays int32 `json:"recordDays,omitempty"`
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
