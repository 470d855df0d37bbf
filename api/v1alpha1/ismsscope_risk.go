// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// RiskMethod is a method of risk assessment.
//
// +kubebuilder:validation:Enum=ISO27005;NIST80030;OCTAVEAllegro;FAIR
type RiskMethod string

// Methods of risk assessment.
const (
	MethodISO27005      RiskMethod = "ISO27005"
	MethodNIST80030     RiskMethod = "NIST80030"
	MethodOCTAVEAllegro RiskMethod = "OCTAVEAllegro"
	MethodFAIR          RiskMethod = "FAIR"
)

// Level is a word of a scale: a likelihood, a consequence or a level of risk.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=32
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9]*$')",message="must be a PascalCase word of the method's scale, such as Medium or AlmostCertain"
type Level string

// Amount is a decimal number as text with an optional suffix, such as "0.5", "20k" or "1M".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=20
// +kubebuilder:validation:XValidation:rule="isQuantity(self) && !self.startsWith('-')",message="must be a number as text that is not negative, such as \"0.5\", \"20k\" or \"1M\""
type Amount string

// Currency is an ISO 4217 code.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=3
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z]{3}$')",message="must be an ISO 4217 code of three capital letters, such as EUR"
type Currency string

// RiskManagement says how risks are assessed and accepted.
//
// +kubebuilder:validation:XValidation:rule="self.method != 'FAIR' || has(self.criteria.acceptance.maxAnnualLoss)",fieldPath=".criteria.acceptance",message="give maxAnnualLoss and currency: FAIR has no levels"
// +kubebuilder:validation:XValidation:rule="self.method == 'FAIR' || has(self.criteria.acceptance.maxLevel)",fieldPath=".criteria.acceptance",message="give maxLevel: only FAIR accepts risks by annual loss"
// +kubebuilder:validation:XValidation:rule="self.method != 'ISO27005' || has(self.matrix) || !has(self.criteria.acceptance.maxLevel) || self.criteria.acceptance.maxLevel in ['VeryLow','Low','Medium','High','VeryHigh']",fieldPath=".criteria.acceptance.maxLevel",message="must be one of VeryLow, Low, Medium, High and VeryHigh with ISO27005, unless there is a matrix"
// +kubebuilder:validation:XValidation:rule="!has(self.matrix) || !has(self.criteria.acceptance.maxLevel) || self.criteria.acceptance.maxLevel in self.matrix.levels",fieldPath=".criteria.acceptance.maxLevel",message="must be one of matrix.levels"
// +kubebuilder:validation:XValidation:rule="!has(self.matrix) || self.method == 'ISO27005'",fieldPath=".matrix",message="remove matrix: only ISO27005 has one of the organization's own"
// +kubebuilder:validation:XValidation:rule="self.method != 'NIST80030' || !has(self.criteria.acceptance.maxLevel) || self.criteria.acceptance.maxLevel in ['VeryLow','Low','Moderate','High','VeryHigh']",fieldPath=".criteria.acceptance.maxLevel",message="must be one of VeryLow, Low, Moderate, High and VeryHigh with NIST80030"
// +kubebuilder:validation:XValidation:rule="self.method != 'OCTAVEAllegro' || !has(self.criteria.acceptance.maxLevel) || self.criteria.acceptance.maxLevel in ['Pool1','Pool2','Pool3','Pool4']",fieldPath=".criteria.acceptance.maxLevel",message="must be one of Pool1, Pool2, Pool3 and Pool4 with OCTAVEAllegro"
// +kubebuilder:validation:XValidation:rule="has(self.impactAreas) == (self.method == 'OCTAVEAllegro')",fieldPath=".impactAreas",message="give the ranked impactAreas with OCTAVEAllegro, and with no other method"
// +kubebuilder:validation:XValidation:rule="!has(self.impactAreas) || self.impactAreas.all(a, a.rank <= size(self.impactAreas) && self.impactAreas.exists_one(b, b.rank == a.rank))",fieldPath=".impactAreas",message="rank the areas from 1 to their number, each rank once"
// +kubebuilder:validation:XValidation:rule="!has(self.scales) || self.method != 'FAIR'",fieldPath=".scales",message="remove scales: FAIR has figures instead of words"
// +kubebuilder:validation:XValidation:rule="self.method != 'ISO27005' || has(self.matrix) || !has(self.scales) || !has(self.scales.likelihood) || self.scales.likelihood.all(v, v.name in ['Unlikely','RatherUnlikely','Likely','VeryLikely','AlmostCertain'])",fieldPath=".scales.likelihood",message="must be of Unlikely, RatherUnlikely, Likely, VeryLikely and AlmostCertain with ISO27005; give a matrix to use words of your own"
// +kubebuilder:validation:XValidation:rule="self.method != 'ISO27005' || has(self.matrix) || !has(self.scales) || !has(self.scales.consequence) || self.scales.consequence.all(v, v.name in ['Minor','Significant','Serious','Critical','Catastrophic'])",fieldPath=".scales.consequence",message="must be of Minor, Significant, Serious, Critical and Catastrophic with ISO27005; give a matrix to use words of your own"
// +kubebuilder:validation:XValidation:rule="!has(self.matrix) || !has(self.scales) || !has(self.scales.likelihood) || self.scales.likelihood.all(v, self.matrix.rows.exists(r, r.likelihood == v.name))",fieldPath=".scales.likelihood",message="must be words of matrix.rows"
// +kubebuilder:validation:XValidation:rule="!has(self.matrix) || !has(self.scales) || !has(self.scales.consequence) || self.scales.consequence.all(v, v.name in self.matrix.consequences)",fieldPath=".scales.consequence",message="must be words of matrix.consequences"
// +kubebuilder:validation:XValidation:rule="self.method != 'NIST80030' || !has(self.scales) || !has(self.scales.likelihood) || self.scales.likelihood.all(v, v.name in ['VeryLow','Low','Moderate','High','VeryHigh'])",fieldPath=".scales.likelihood",message="must be of VeryLow, Low, Moderate, High and VeryHigh with NIST80030"
// +kubebuilder:validation:XValidation:rule="self.method != 'NIST80030' || !has(self.scales) || !has(self.scales.consequence) || self.scales.consequence.all(v, v.name in ['VeryLow','Low','Moderate','High','VeryHigh'])",fieldPath=".scales.consequence",message="must be of VeryLow, Low, Moderate, High and VeryHigh with NIST80030"
// +kubebuilder:validation:XValidation:rule="self.method != 'OCTAVEAllegro' || !has(self.scales) || !has(self.scales.likelihood) || self.scales.likelihood.all(v, v.name in ['Low','Medium','High'])",fieldPath=".scales.likelihood",message="must be of Low, Medium and High with OCTAVEAllegro"
// +kubebuilder:validation:XValidation:rule="self.method != 'OCTAVEAllegro' || !has(self.scales) || !has(self.scales.consequence) || self.scales.consequence.all(v, v.name in ['Low','Medium','High'])",fieldPath=".scales.consequence",message="must be of Low, Medium and High with OCTAVEAllegro"
type RiskManagement struct {
	// method of risk assessment, one for all risks of the scope.
	// +required
	Method RiskMethod `json:"method,omitempty"`

	// criteria for performing assessments and for accepting risks.
	// +required
	Criteria RiskCriteria `json:"criteria,omitzero"`

	// scales defines the words of the method's scales for this organization. Absent, the method's own definitions hold.
	// +optional
	Scales *RiskScales `json:"scales,omitempty"`

	// matrix of ISO27005 in the organization's own words. Absent, the 5x5 example of ISO/IEC 27005:2022, Table A.3, holds.
	// +optional
	Matrix *RiskMatrix `json:"matrix,omitempty"`

	// impactAreas of OCTAVE Allegro, ranked by importance.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	ImpactAreas []ImpactArea `json:"impactAreas,omitempty"`

	// assessmentIntervalDays is the longest time between two assessments of a risk.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1830
	AssessmentIntervalDays int32 `json:"assessmentIntervalDays,omitempty"`
}

// RiskCriteria are the criteria of clause 6.1.2 a.
type RiskCriteria struct {
	// performedWhen says when assessments are performed.
	// +required
	PerformedWhen Text `json:"performedWhen,omitempty"`

	// acceptance says which risks are accepted.
	// +required
	Acceptance RiskAcceptanceCriteria `json:"acceptance,omitzero"`
}

// RiskAcceptanceCriteria is the highest risk that is accepted, as a level or as a loss per year.
//
// +kubebuilder:validation:XValidation:rule="has(self.maxLevel) != has(self.maxAnnualLoss)",message="give exactly one of maxLevel and maxAnnualLoss"
// +kubebuilder:validation:XValidation:rule="has(self.maxAnnualLoss) == has(self.currency)",fieldPath=".currency",message="give currency together with maxAnnualLoss, and only then"
type RiskAcceptanceCriteria struct {
	// maxLevel is the highest level of risk that is accepted, a word of the method.
	// +optional
	MaxLevel Level `json:"maxLevel,omitempty"`

	// maxAnnualLoss is the highest mean loss per year that is accepted.
	// +optional
	MaxAnnualLoss Amount `json:"maxAnnualLoss,omitempty"`

	// currency of maxAnnualLoss.
	// +optional
	Currency Currency `json:"currency,omitempty"`
}

// RiskScales defines the words of the scales.
type RiskScales struct {
	// likelihood scale.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	Likelihood []ScaleValue `json:"likelihood,omitempty"`

	// consequence scale.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	Consequence []ScaleValue `json:"consequence,omitempty"`
}

// ScaleValue is one word of a scale and what it means here.
type ScaleValue struct {
	// name of the value, a word of the method or of the matrix.
	// +required
	Name Level `json:"name,omitempty"`

	// definition of the value in the organization.
	// +required
	Definition Text `json:"definition,omitempty"`
}

// RiskMatrix gives a level of risk to each pair of a likelihood and a consequence.
//
// +kubebuilder:validation:XValidation:rule="self.levels.all(a, self.levels.exists_one(b, b == a))",fieldPath=".levels",message="name each level once"
// +kubebuilder:validation:XValidation:rule="self.consequences.all(a, self.consequences.exists_one(b, b == a))",fieldPath=".consequences",message="name each consequence once"
// +kubebuilder:validation:XValidation:rule="self.rows.all(r, size(r.levels) == size(self.consequences))",fieldPath=".rows",message="give each row as many levels as there are consequences"
// +kubebuilder:validation:XValidation:rule="self.rows.all(r, r.levels.all(l, l in self.levels))",fieldPath=".rows",message="use only words of levels in the rows"
// +kubebuilder:validation:XValidation:rule="self.rows.all(r, r.levels.map(l, self.levels.indexOf(l)).isSorted())",fieldPath=".rows",message="let no row fall: a higher consequence must not have a lower level"
type RiskMatrix struct {
	// levels of risk, from the lowest to the highest.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=10
	Levels []Level `json:"levels,omitempty"`

	// consequences, from the lowest to the highest: the columns.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=10
	Consequences []Level `json:"consequences,omitempty"`

	// rows of the matrix, one per likelihood.
	// +required
	// +listType=map
	// +listMapKey=likelihood
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=10
	Rows []RiskMatrixRow `json:"rows,omitempty"`
}

// RiskMatrixRow holds the levels for one likelihood.
type RiskMatrixRow struct {
	// likelihood of the row.
	// +required
	Likelihood Level `json:"likelihood,omitempty"`

	// levels for each of the consequences, in their order.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=10
	Levels []Level `json:"levels,omitempty"`
}

// ImpactArea is an area of impact and its rank.
type ImpactArea struct {
	// name of the area, such as Reputation.
	// +required
	Name Level `json:"name,omitempty"`

	// rank by importance; the most important has the highest.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	Rank int32 `json:"rank,omitempty"`
}
