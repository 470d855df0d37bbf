// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Matrix gives a level of risk to each pair of a likelihood and a consequence.
type Matrix struct {
	// Likelihoods in the order of the rows.
	Likelihoods Scale
	// Consequences are the columns, from the lowest.
	Consequences Scale
	// Levels from the lowest.
	Levels Scale
	rows   [][]isms.Level
}

// Row is one row of a matrix: the levels for one likelihood, in the order of the consequences.
type Row struct {
	Likelihood isms.Level
	Levels     []isms.Level
}

// NewMatrix makes a matrix of rows. A row that lacks a column has no level there.
func NewMatrix(levels, consequences Scale, rows ...Row) Matrix {
	m := Matrix{Levels: levels, Consequences: consequences}
	for _, r := range rows {
		m.Likelihoods = append(m.Likelihoods, r.Likelihood)
		m.rows = append(m.rows, r.Levels)
	}
	return m
}

// Level looks a level up; it is false for words that the matrix does not have.
func (m Matrix) Level(likelihood, consequence isms.Level) (isms.Level, bool) {
	row, column := slices.Index(m.Likelihoods, likelihood), slices.Index(m.Consequences, consequence)
	if row < 0 || column < 0 || column >= len(m.rows[row]) {
		return "", false
	}
	return m.rows[row][column], true
}

// Levels of ISO/IEC 27005.
const (
	VeryLow  isms.Level = "VeryLow"
	Low      isms.Level = "Low"
	Medium   isms.Level = "Medium"
	High     isms.Level = "High"
	VeryHigh isms.Level = "VeryHigh"
)

// ISO27005 is the example of a qualitative matrix of ISO/IEC 27005:2022, Table A.3, which holds where a scope has none
// of its own. The standard prescribes no scale (clause 6.4.3 leaves it to the organization).
func ISO27005() Matrix {
	return NewMatrix(
		Scale{VeryLow, Low, Medium, High, VeryHigh},
		Scale{"Minor", "Significant", "Serious", "Critical", "Catastrophic"},
		Row{"Unlikely", []isms.Level{VeryLow, VeryLow, Low, Low, Low}},
		Row{"RatherUnlikely", []isms.Level{VeryLow, Low, Low, Medium, Medium}},
		Row{"Likely", []isms.Level{Low, Low, Medium, High, High}},
		Row{"VeryLikely", []isms.Level{Low, Medium, High, High, VeryHigh}},
		Row{"AlmostCertain", []isms.Level{Medium, High, High, VeryHigh, VeryHigh}},
	)
}
