// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// NoticeDays is a number of days before a deadline.
//
// +kubebuilder:validation:Minimum=1
// +kubebuilder:validation:Maximum=365
type NoticeDays int32

// CyclePractice holds the figures of a cycle that no standard prescribes and that certification bodies differ in.
// What a standard prescribes cannot be set.
//
// +kubebuilder:validation:XValidation:rule="!has(self.stage2AfterDays) || self.stage2AfterDays <= 28 * (has(self.stage2WithinMonths) ? self.stage2WithinMonths : 6)",fieldPath=".stage2AfterDays",message="must be before the end of stage2WithinMonths, which is 6 where it is absent: Stage 2 needs a window"
type CyclePractice struct {
	// stage2AfterDays is how many days after the last day of Stage 1 Stage 2 begins at the earliest, so that areas of
	// concern can be resolved. Absent means 14.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=365
	Stage2AfterDays int32 `json:"stage2AfterDays,omitempty"`

	// stage2WithinMonths is how many calendar months after the last day of Stage 1 Stage 2 begins at the latest; later,
	// most certification bodies repeat Stage 1. Absent means 6.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=24
	Stage2WithinMonths int32 `json:"stage2WithinMonths,omitempty"`

	// surveillanceMajorDays is how many days after a surveillance audit a Major that it raised may stay open until the
	// certificate is suspended. Absent means 90.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=180
	SurveillanceMajorDays int32 `json:"surveillanceMajorDays,omitempty"`

	// complaintDays is how many days after its receipt a complaint is resolved at the latest. Absent means 30.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=365
	ComplaintDays int32 `json:"complaintDays,omitempty"`

	// recertificationLeadMonths is how many calendar months before its expiry the certificate's recertification audit
	// ends at the latest, so that findings can be answered and the decision taken in time. Absent means 3.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=12
	RecertificationLeadMonths int32 `json:"recertificationLeadMonths,omitempty"`

	// surveillanceAfterRecertificationMonths is how many calendar months after the decision the first surveillance audit of
	// a cycle with origin Recertification ends at the latest. After an initial certification it is twelve, by the standard.
	// Absent means 12.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=24
	SurveillanceAfterRecertificationMonths int32 `json:"surveillanceAfterRecertificationMonths,omitempty"`

	// maintenanceReviewDays is how long ago the last review of the use of marks, and the last evaluation of legal
	// compliance, may be. Absent means 365.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1096
	MaintenanceReviewDays int32 `json:"maintenanceReviewDays,omitempty"`

	// noticeDays is how many days before a deadline an Event announces it. Absent means 90, 30 and 7.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	NoticeDays []NoticeDays `json:"noticeDays,omitempty"`
}
