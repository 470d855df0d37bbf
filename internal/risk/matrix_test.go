// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"strings"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// The tables as they are published, the rows from the top: each cell is compared.
const (
	tableA3 = `
              Minor    Significant Serious Critical Catastrophic
AlmostCertain Medium   High        High    VeryHigh VeryHigh
VeryLikely    Low      Medium      High    High     VeryHigh
Likely        Low      Low         Medium  High     High
RatherUnlikely VeryLow Low         Low     Medium   Medium
Unlikely      VeryLow  VeryLow     Low     Low      Low`

	tableG5 = `
   VL L  M  H  VH
VH L  M  H  VH VH
H  L  M  M  H  VH
M  L  L  M  M  H
L  VL L  L  M  M
VL VL VL L  L  L`

	tableI2 = `
   VL L  M  H  VH
VH VL L  M  H  VH
H  VL L  M  H  VH
M  VL L  M  M  H
L  VL L  L  L  M
VL VL VL VL L  L`
)

type cell struct{ row, column, level isms.Level }

var short = map[string]isms.Level{"VL": VeryLow, "L": Low, "M": Moderate, "H": High, "VH": VeryHigh}

func word(text string) isms.Level {
	if long, ok := short[text]; ok {
		return long
	}
	return isms.Level(text)
}

func cells(t *testing.T, table string) []cell {
	t.Helper()
	lines := strings.Split(strings.TrimPrefix(table, "\n"), "\n")
	columns := strings.Fields(lines[0])
	var all []cell
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		for i, column := range columns {
			all = append(all, cell{word(fields[0]), word(column), word(fields[i+1])})
		}
	}
	if len(all) != 25 {
		t.Fatalf("%d cells, want 25", len(all))
	}
	return all
}

func checkMatrix(t *testing.T, m Matrix, table string) {
	t.Helper()
	for _, c := range cells(t, table) {
		if got, ok := m.Level(c.row, c.column); !ok || got != c.level {
			t.Errorf("(%s, %s) = %s, want %s", c.row, c.column, got, c.level)
		}
	}
}

func TestISO27005IsTableA3(t *testing.T) { checkMatrix(t, ISO27005(), tableA3) }

func TestNISTTables(t *testing.T) {
	checkMatrix(t, nistOverall, tableG5)
	checkMatrix(t, nistRisk, tableI2)
}

// TestNIST80030 goes through both tables: every one of the 125 triples.
func TestNIST80030(t *testing.T) {
	for _, likelihood := range cells(t, tableG5) {
		for _, risk := range cells(t, tableI2) {
			if risk.row != likelihood.level {
				continue
			}
			got, ok := NIST80030(likelihood.row, likelihood.column, risk.column)
			if !ok || got != risk.level {
				t.Errorf("(%s, %s, %s) = %s, want %s", likelihood.row, likelihood.column, risk.column, got, risk.level)
			}
		}
	}
	for _, words := range [][3]isms.Level{{"Likely", Low, Low}, {Low, Medium, Low}, {Low, Low, "Severe"}, {Low, "", Low}} {
		if got, ok := NIST80030(words[0], words[1], words[2]); ok {
			t.Errorf("%v = %s, want nothing", words, got)
		}
	}
}

func TestNIST80030Word(t *testing.T) {
	for _, bin := range []struct {
		from, to int32
		word     isms.Level
	}{{0, 4, VeryLow}, {5, 20, Low}, {21, 79, Moderate}, {80, 95, High}, {96, 100, VeryHigh}} {
		for value := bin.from; value <= bin.to; value++ {
			if got := NIST80030Word(value); got != bin.word {
				t.Errorf("%d is %s, want %s", value, got, bin.word)
			}
		}
	}
}

func TestMatrixOfOnesOwn(t *testing.T) {
	m := NewMatrix(Scale{"Green", "Red"}, Scale{"Small", "Large"},
		Row{"Rare", []isms.Level{"Green", "Green"}}, Row{"Often", []isms.Level{"Green", "Red"}}, Row{"Short", []isms.Level{"Green"}})
	for _, tc := range []struct {
		likelihood, consequence, want isms.Level
		ok                            bool
	}{
		{"Rare", "Large", "Green", true},
		{"Often", "Large", "Red", true},
		{"Often", "Small", "Green", true},
		{"Never", "Small", "", false},
		{"Often", "Huge", "", false},
		{"Short", "Large", "", false},
	} {
		if got, ok := m.Level(tc.likelihood, tc.consequence); got != tc.want || ok != tc.ok {
			t.Errorf("(%s, %s) = %s, %t", tc.likelihood, tc.consequence, got, ok)
		}
	}
}

func TestScaleAbove(t *testing.T) {
	for _, tc := range []struct {
		word, limit isms.Level
		want        bool
	}{
		{High, Medium, true},
		{Medium, Medium, false},
		{Low, Medium, false},
		{Low, "Moderate", true},
		{"Moderate", VeryLow, false},
	} {
		if got := ISO27005().Levels.Above(tc.word, tc.limit); got != tc.want {
			t.Errorf("%s above %s: %t", tc.word, tc.limit, got)
		}
	}
	if !OCTAVEScale().Above(Pool2, Pool3) {
		t.Error("pool 2 holds higher risks than pool 3")
	}
}
