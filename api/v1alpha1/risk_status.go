// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RiskStatus is what the operator knows about a risk.
type RiskStatus struct {
	// conditions: Ready, Stalled, Reconciling, Assessed, Treated, ResidualAccepted and ReviewCurrent.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=10
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation that was assessed last.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// inherentLevel is the level of the assessment, a word of the method; absent with FAIR.
	// +optional
	InherentLevel Level `json:"inherentLevel,omitempty"`

	// residualLevel is the level of the residual risk, a word of the method; absent with FAIR.
	// +optional
	ResidualLevel Level `json:"residualLevel,omitempty"`

	// inherentScore is the relative risk score of OCTAVEAllegro.
	// +optional
	// +kubebuilder:validation:Minimum=0
	InherentScore int32 `json:"inherentScore,omitempty"`

	// residualScore is the relative risk score of OCTAVEAllegro with the treatment.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ResidualScore int32 `json:"residualScore,omitempty"`

	// reviewDueOn is the last day by which the risk must be assessed again.
	// +optional
	ReviewDueOn Date `json:"reviewDueOn,omitempty"`

	// missing names the fields that are still to be written.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	Missing []string `json:"missing,omitempty"`

	// annualLoss is the distribution of the loss per year, from the quantitative estimate.
	// +optional
	AnnualLoss *AnnualLoss `json:"annualLoss,omitempty"`

	// residualAnnualLoss is the distribution of the loss per year with the treatment, from residualQuantitative.
	// +optional
	ResidualAnnualLoss *AnnualLoss `json:"residualAnnualLoss,omitempty"`
}

// AnnualLoss is a distribution of the loss per year, in the risk's currency, with three significant digits.
type AnnualLoss struct {
	// mean loss per year: the mean frequency times the mean magnitude.
	// +required
	Mean Amount `json:"mean,omitempty"`

	// p50 is the median.
	// +required
	P50 Amount `json:"p50,omitempty"`

	// p90 is exceeded in one year of ten.
	// +required
	P90 Amount `json:"p90,omitempty"`

	// p99 is exceeded in one year of a hundred.
	// +required
	P99 Amount `json:"p99,omitempty"`

	// lossProbability is the share of years with any loss, from 0 to 1.
	// +optional
	LossProbability Amount `json:"lossProbability,omitempty"`

	// lossExceedance holds points of the loss exceedance curve.
	// +optional
	// +listType=map
	// +listMapKey=returnYears
	// +kubebuilder:validation:MaxItems=10
	LossExceedance []LossExceedance `json:"lossExceedance,omitempty"`

	// inputsDigest identifies what the distribution was computed from: the name of the risk and its estimate.
	// +optional
	InputsDigest Digest `json:"inputsDigest,omitempty"`
}

// LossExceedance is a point of the loss exceedance curve.
type LossExceedance struct {
	// returnYears: the loss is exceeded in one year of so many.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	ReturnYears int32 `json:"returnYears,omitempty"`

	// loss per year.
	// +required
	Loss Amount `json:"loss,omitempty"`
}
