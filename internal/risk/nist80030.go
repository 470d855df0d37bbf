// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package risk

import isms "github.com/isms-operator/isms-operator/api/v1alpha1"

// Moderate is the middle word of every scale of NIST SP 800-30.
const Moderate isms.Level = "Moderate"

// nistScale is the scale of likelihoods, impacts and risks: NIST SP 800-30 Rev. 1, tables G-2, G-3, G-4, H-3 and I-3.
var nistScale = Scale{VeryLow, Low, Moderate, High, VeryHigh}

// nistOverall is table G-5 of NIST SP 800-30 Rev. 1: rows are the likelihood that a threat event is initiated or
// occurs, columns the likelihood that it then has an adverse impact. Neither this table nor nistRisk is symmetric or a
// product of numbers, so both are look-ups.
var nistOverall = NewMatrix(nistScale, nistScale,
	Row{VeryHigh, []isms.Level{Low, Moderate, High, VeryHigh, VeryHigh}},
	Row{High, []isms.Level{Low, Moderate, Moderate, High, VeryHigh}},
	Row{Moderate, []isms.Level{Low, Low, Moderate, Moderate, High}},
	Row{Low, []isms.Level{VeryLow, Low, Low, Moderate, Moderate}},
	Row{VeryLow, []isms.Level{VeryLow, VeryLow, Low, Low, Low}},
)

// nistRisk is table I-2 of NIST SP 800-30 Rev. 1: rows are the overall likelihood, columns the impact.
var nistRisk = NewMatrix(nistScale, nistScale,
	Row{VeryHigh, []isms.Level{VeryLow, Low, Moderate, High, VeryHigh}},
	Row{High, []isms.Level{VeryLow, Low, Moderate, High, VeryHigh}},
	Row{Moderate, []isms.Level{VeryLow, Low, Moderate, Moderate, High}},
	Row{Low, []isms.Level{VeryLow, Low, Low, Low, Moderate}},
	Row{VeryLow, []isms.Level{VeryLow, VeryLow, VeryLow, Low, Low}},
)

// NIST80030Scale is the one scale of NIST SP 800-30, for likelihoods, impacts and risks.
func NIST80030Scale() Scale { return nistScale }

// NIST80030 is the level of a risk by NIST SP 800-30 Rev. 1: the overall likelihood by table G-5, the risk by table
// I-2. It is false for a word that is not of the scale.
func NIST80030(occurrence, adverseImpact, impact isms.Level) (isms.Level, bool) {
	overall, ok := nistOverall.Level(occurrence, adverseImpact)
	if !ok {
		return "", false
	}
	return nistRisk.Level(overall, impact)
}

// NIST80030Word is the word for a semi-quantitative value from 0 to 100. The bins 0-4, 5-20, 21-79, 80-95 and 96-100 are
// the same in tables G-2, G-3, G-4, H-3 and I-3 of NIST SP 800-30 Rev. 1.
func NIST80030Word(value int32) isms.Level {
	switch {
	case value < 5:
		return VeryLow
	case value < 21:
		return Low
	case value < 80:
		return Moderate
	case value < 96:
		return High
	}
	return VeryHigh
}
