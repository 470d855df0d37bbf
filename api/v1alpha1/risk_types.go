// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RiskApproach says how a risk was identified (ISO/IEC 27005:2022, 7.2.1).
//
// +kubebuilder:validation:Enum=AssetBased;EventBased
type RiskApproach string

// Approaches.
const (
	ApproachAssetBased RiskApproach = "AssetBased"
	ApproachEventBased RiskApproach = "EventBased"
)

// SecurityProperty is a property of information that a risk endangers.
//
// +kubebuilder:validation:Enum=Confidentiality;Integrity;Availability
type SecurityProperty string

// TreatmentOption is a way to treat a risk (ISO/IEC 27005:2022, 8.2).
//
// +kubebuilder:validation:Enum=Modify;Retain;Avoid;Share
type TreatmentOption string

// Options.
const (
	TreatmentModify TreatmentOption = "Modify"
	TreatmentRetain TreatmentOption = "Retain"
	TreatmentAvoid  TreatmentOption = "Avoid"
	TreatmentShare  TreatmentOption = "Share"
)

// ReassessmentCause says why a risk was assessed again (clause 8.2).
//
// +kubebuilder:validation:Enum=Interval;SignificantChange;Incident;Finding
type ReassessmentCause string

// RiskSpec is one entry of the risk register (clauses 6.1.2, 8.2 and 8.3).
//
// +kubebuilder:validation:XValidation:rule="self.scopeRef == oldSelf.scopeRef",fieldPath=".scopeRef",message="scopeRef is immutable: delete the Risk and create it for the other scope"
// +kubebuilder:validation:XValidation:rule="!has(self.asset) || !has(self.assetRef)",fieldPath=".assetRef",message="give asset or assetRef, not both"
// +kubebuilder:validation:XValidation:rule="self.approach != 'AssetBased' || has(self.asset) || has(self.assetRef)",fieldPath=".asset",reason=FieldValueRequired,message="say what is at risk: approach AssetBased needs asset or assetRef"
// +kubebuilder:validation:XValidation:rule="self.approach != 'AssetBased' || has(self.vulnerability)",fieldPath=".vulnerability",reason=FieldValueRequired,message="say what the threat exploits: approach AssetBased needs vulnerability"
// +kubebuilder:validation:XValidation:rule="!has(self.residual) || has(self.treatment)",fieldPath=".treatment",reason=FieldValueRequired,message="say how the risk is treated: residual needs treatment"
// +kubebuilder:validation:XValidation:rule="!has(self.residual) || !has(self.assessment) || self.assessment.assessedOn <= self.residual.assessedOn",fieldPath=".residual.assessedOn",message="must not be before assessment.assessedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.acceptance) || has(self.residual) || (has(self.treatment) && self.treatment.option == 'Retain')",fieldPath=".residual",reason=FieldValueRequired,message="say what is accepted: acceptance needs residual, unless the treatment is Retain"
// +kubebuilder:validation:XValidation:rule="!has(self.acceptance) || !has(self.residual) || self.residual.assessedOn <= self.acceptance.acceptedOn",fieldPath=".acceptance.acceptedOn",message="must not be before residual.assessedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.residualQuantitative) || has(self.quantitative)",fieldPath=".quantitative",reason=FieldValueRequired,message="give the estimate without the treatment as well: residualQuantitative needs quantitative"
// +kubebuilder:validation:XValidation:rule="!has(self.residualQuantitative) || has(self.residual)",fieldPath=".residual",reason=FieldValueRequired,message="say when the residual risk was assessed: residualQuantitative needs residual"
// +kubebuilder:validation:XValidation:rule="!has(self.residualQuantitative) || !has(self.quantitative) || self.residualQuantitative.currency == self.quantitative.currency",fieldPath=".residualQuantitative.currency",message="must be the currency of quantitative"
// +kubebuilder:validation:XValidation:rule="!has(self.acceptance) || !has(self.acceptance.acceptedAnnualLoss) || has(self.quantitative)",fieldPath=".quantitative",reason=FieldValueRequired,message="estimate the loss: acceptedAnnualLoss needs quantitative"
type RiskSpec struct {
	// scopeRef names the ISMSScope that the risk belongs to. Immutable.
	// +required
	ScopeRef LocalRef `json:"scopeRef,omitzero"`

	// approach by which the risk was identified.
	// +required
	Approach RiskApproach `json:"approach,omitempty"`

	// title of the risk.
	// +required
	Title ShortText `json:"title,omitempty"`

	// asset at risk, in words.
	// +optional
	Asset ShortText `json:"asset,omitempty"`

	// assetRef names the RegisterEntry of the asset at risk.
	// +optional
	AssetRef *LocalRef `json:"assetRef,omitempty"`

	// threat or event that may happen.
	// +required
	Threat ShortText `json:"threat,omitempty"`

	// vulnerability that the threat exploits.
	// +optional
	Vulnerability ShortText `json:"vulnerability,omitempty"`

	// properties of information that are endangered.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	Properties []SecurityProperty `json:"properties,omitempty"`

	// owner of the risk, who accepts what remains of it.
	// +required
	Owner Person `json:"owner,omitzero"`

	// assessment of the risk without the treatment.
	// +optional
	Assessment *RiskAssessment `json:"assessment,omitempty"`

	// quantitative estimate of frequency and magnitude of loss without the treatment; with FAIR, or beside any other method.
	// +optional
	Quantitative *QuantitativeRisk `json:"quantitative,omitempty"`

	// residualQuantitative is the estimate with the treatment. Absent, quantitative holds for the residual risk too.
	// +optional
	ResidualQuantitative *QuantitativeRisk `json:"residualQuantitative,omitempty"`

	// treatment of the risk.
	// +optional
	Treatment *RiskTreatment `json:"treatment,omitempty"`

	// residual risk, with the treatment.
	// +optional
	Residual *RiskAssessment `json:"residual,omitempty"`

	// acceptance of the residual risk by its owner.
	// +optional
	Acceptance *RiskAcceptance `json:"acceptance,omitempty"`

	// reviewIntervalDays is the longest time between two assessments, where it is shorter than the scope's
	// assessmentIntervalDays.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1830
	ReviewIntervalDays int32 `json:"reviewIntervalDays,omitempty"`
}

// RiskAssessment is one assessment in the words of the scope's method.
//
// +kubebuilder:validation:XValidation:rule="has(self.likelihood) == has(self.consequence)",fieldPath=".consequence",message="give likelihood and consequence together"
// +kubebuilder:validation:XValidation:rule="!has(self.impactLikelihood) || has(self.likelihood)",fieldPath=".likelihood",reason=FieldValueRequired,message="give the likelihood that the event occurs: impactLikelihood needs it"
// +kubebuilder:validation:XValidation:rule="!has(self.impacts) || !has(self.consequence)",fieldPath=".impacts",message="give likelihood and consequence, or the impacts of OCTAVEAllegro, not both"
// +kubebuilder:validation:XValidation:rule="!has(self.probability) || has(self.impacts)",fieldPath=".impacts",reason=FieldValueRequired,message="give the impacts: probability belongs to OCTAVEAllegro, which needs them"
// +kubebuilder:validation:XValidation:rule="!has(self.scores) || !has(self.likelihood)",fieldPath=".scores",message="give words or scores, not both"
// +kubebuilder:validation:XValidation:rule="!has(self.scores) || !has(self.impacts)",fieldPath=".scores",message="give the scores of NIST80030 or the impacts of OCTAVEAllegro, not both"
type RiskAssessment struct {
	// assessedOn is the day of the assessment. A future day does not count.
	// +required
	AssessedOn Date `json:"assessedOn,omitempty"`

	// likelihood, a word of the method; for NIST80030 that the event is initiated or occurs.
	// +optional
	Likelihood Level `json:"likelihood,omitempty"`

	// impactLikelihood for NIST80030: that the event, once it occurs, has an adverse impact.
	// +optional
	ImpactLikelihood Level `json:"impactLikelihood,omitempty"`

	// consequence, a word of the method; for NIST80030 the impact.
	// +optional
	Consequence Level `json:"consequence,omitempty"`

	// scores from 0 to 100 for NIST80030, instead of the words.
	// +optional
	Scores *RiskScores `json:"scores,omitempty"`

	// impacts per area, for OCTAVEAllegro.
	// +optional
	// +listType=map
	// +listMapKey=area
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	Impacts []AreaImpact `json:"impacts,omitempty"`

	// probability for OCTAVEAllegro, which may do without.
	// +optional
	Probability ImpactValue `json:"probability,omitempty"`

	// reassessedBecause says why the risk was assessed again.
	// +optional
	ReassessedBecause ReassessmentCause `json:"reassessedBecause,omitempty"`
}

// RiskScores are the semi-quantitative values of NIST SP 800-30 (tables G-2 to G-4 and H-3): 0 to 4 is VeryLow, 5 to 20 Low,
// 21 to 79 Moderate, 80 to 95 High, 96 to 100 VeryHigh.
type RiskScores struct {
	// likelihood that the event is initiated or occurs.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Likelihood *int32 `json:"likelihood,omitempty"`

	// impactLikelihood: that the event, once it occurs, has an adverse impact.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	ImpactLikelihood *int32 `json:"impactLikelihood,omitempty"`

	// impact of the event.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Impact *int32 `json:"impact,omitempty"`
}

// ImpactValue is a value of OCTAVE Allegro.
//
// +kubebuilder:validation:Enum=High;Medium;Low
type ImpactValue string

// Impact values.
const (
	ImpactHigh   ImpactValue = "High"
	ImpactMedium ImpactValue = "Medium"
	ImpactLow    ImpactValue = "Low"
)

// AreaImpact is the impact in one area of OCTAVE Allegro.
type AreaImpact struct {
	// area of impact, one of the scope's impactAreas.
	// +required
	Area Level `json:"area,omitempty"`

	// value of the impact.
	// +required
	Value ImpactValue `json:"value,omitempty"`
}

// QuantitativeRisk is an estimate of frequency and magnitude of loss.
type QuantitativeRisk struct {
	// lossEventFrequency in events per year.
	// +required
	LossEventFrequency Estimate `json:"lossEventFrequency,omitzero"`

	// lossMagnitude per event, in currency.
	// +required
	LossMagnitude Estimate `json:"lossMagnitude,omitzero"`

	// currency of the magnitude.
	// +required
	Currency Currency `json:"currency,omitempty"`
}

// Estimate is an estimate with three points.
//
// +kubebuilder:validation:XValidation:rule="!isQuantity(self.min) || !isQuantity(self.mostLikely) || quantity(self.min).compareTo(quantity(self.mostLikely)) <= 0",fieldPath=".mostLikely",message="must not be less than min"
// +kubebuilder:validation:XValidation:rule="!isQuantity(self.mostLikely) || !isQuantity(self.max) || quantity(self.mostLikely).compareTo(quantity(self.max)) <= 0",fieldPath=".max",message="must not be less than mostLikely"
// +kubebuilder:validation:XValidation:rule="!isQuantity(self.max) || quantity(self.max).isGreaterThan(quantity('0'))",fieldPath=".max",message="must be more than 0: what cannot happen or costs nothing is no risk"
type Estimate struct {
	// min is the lowest value that is thought possible.
	// +required
	Min Amount `json:"min,omitempty"`

	// mostLikely value.
	// +required
	MostLikely Amount `json:"mostLikely,omitempty"`

	// max is the highest value that is thought possible.
	// +required
	Max Amount `json:"max,omitempty"`
}

// RiskTreatment is the treatment of a risk (clause 6.1.3).
//
// +kubebuilder:validation:XValidation:rule="self.option != 'Modify' || (has(self.controls) && size(self.controls) > 0)",fieldPath=".controls",reason=FieldValueRequired,message="name the controls that modify the risk: option Modify needs controls"
// +kubebuilder:validation:XValidation:rule="self.option == 'Retain' || has(self.plan)",fieldPath=".plan",reason=FieldValueRequired,message="say what is done: options other than Retain need a plan"
// +kubebuilder:validation:XValidation:rule="self.option == 'Retain' || has(self.dueDate)",fieldPath=".dueDate",reason=FieldValueRequired,message="say by when: options other than Retain need a dueDate"
type RiskTreatment struct {
	// option that was chosen.
	// +required
	Option TreatmentOption `json:"option,omitempty"`

	// controls that treat the risk.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	Controls []ControlID `json:"controls,omitempty"`

	// plan of the treatment.
	// +optional
	Plan Text `json:"plan,omitempty"`

	// dueDate of the treatment.
	// +optional
	DueDate Date `json:"dueDate,omitempty"`

	// completedOn is the day on which the treatment was done. A future day does not count.
	// +optional
	CompletedOn Date `json:"completedOn,omitempty"`

	// approval of the plan by the risk's owner (clause 6.1.3 f).
	// +optional
	Approval *Approval `json:"approval,omitempty"`
}

// RiskAcceptance is the acceptance of the residual risk (clause 6.1.3 f). It is stale when the residual risk changes.
//
// +kubebuilder:validation:XValidation:rule="has(self.acceptedLevel) != has(self.acceptedAnnualLoss)",message="say what is accepted: give exactly one of acceptedLevel and acceptedAnnualLoss"
type RiskAcceptance struct {
	// acceptedBy is the risk's owner.
	// +required
	AcceptedBy Person `json:"acceptedBy,omitzero"`

	// acceptedOn is the day of the acceptance. A future day does not count.
	// +required
	AcceptedOn Date `json:"acceptedOn,omitempty"`

	// acceptedLevel is the residual level that is accepted.
	// +optional
	AcceptedLevel Level `json:"acceptedLevel,omitempty"`

	// acceptedAnnualLoss is the highest mean loss per year that is accepted, in the risk's currency, for FAIR.
	// +optional
	AcceptedAnnualLoss Amount `json:"acceptedAnnualLoss,omitempty"`

	// exceedsCriteria justifies the acceptance of a risk above the scope's criteria.
	// +optional
	ExceedsCriteria *ExceedsCriteria `json:"exceedsCriteria,omitempty"`

	// recordRef points at the record of the acceptance.
	// +optional
	RecordRef *RecordRef `json:"recordRef,omitempty"`
}

// ExceedsCriteria justifies the acceptance of a risk above the criteria.
type ExceedsCriteria struct {
	// justification of the acceptance.
	// +required
	Justification Text `json:"justification,omitempty"`

	// approvedBy is the person who approved it.
	// +required
	ApprovedBy Person `json:"approvedBy,omitzero"`
}

// Risk is one entry of the risk register.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=isms
// +kubebuilder:printcolumn:name="Inherent",type=string,JSONPath=`.status.inherentLevel`
// +kubebuilder:printcolumn:name="Treatment",type=string,JSONPath=`.spec.treatment.option`
// +kubebuilder:printcolumn:name="Residual",type=string,JSONPath=`.status.residualLevel`
// +kubebuilder:printcolumn:name="Treated",type=string,JSONPath=`.status.conditions[?(@.type=="Treated")].status`
// +kubebuilder:printcolumn:name="Accepted",type=string,JSONPath=`.status.conditions[?(@.type=="ResidualAccepted")].status`
// +kubebuilder:printcolumn:name="Review due",type=string,JSONPath=`.status.reviewDueOn`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Annual loss",type=string,priority=1,JSONPath=`.status.annualLoss.mean`
// +kubebuilder:printcolumn:name="Title",type=string,priority=1,JSONPath=`.spec.title`
// +kubebuilder:printcolumn:name="Owner",type=string,priority=1,JSONPath=`.spec.owner.name`
type Risk struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the authored intent.
	// +required
	Spec RiskSpec `json:"spec,omitzero"`

	// status is computed by the operator.
	// +optional
	Status RiskStatus `json:"status,omitzero"`
}

// RiskList is a list of Risk objects.
//
// +kubebuilder:object:root=true
type RiskList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []Risk `json:"items"`
}
