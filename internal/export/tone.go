// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import "strings"

// Tone is what a colour says.
type Tone int

// Tones. What is Plain says nothing.
const (
	Plain Tone = iota
	Good
	Bad
	Open // neither good nor bad yet
	Faint
	Strong
)

var tones = map[Tone][]string{
	Good: {
		"True", "Pass", "Effective", "Evidenced", "Done", "Implemented", "Certified", "Satisfied", "Closed", "Ready", "VeryLow", "Low",
	},
	Bad: {
		"False", "Fail", "Ineffective", "NotEvidenced", "Overdue", "Blocked", "Missing", "NotImplemented", "Critical", "Major",
		"Expired", "Suspended", "Withdrawn", "VeryHigh", "Open",
	},
	Open: {
		"Unknown", "InProgress", "Due", "Planned", "High", "Medium", "Minor", "AreaOfConcern",
	},
	Faint: {"Excluded", "NotApplicable", "NotStarted", "Observation", "OpportunityForImprovement"},
}

// ToneOf is the tone of a word of the API, or of the first word of a cell such as "False, Overdue".
func ToneOf(cell string) Tone {
	word, _, _ := strings.Cut(cell, ",")
	for tone, words := range tones {
		for _, w := range words {
			if w == word {
				return tone
			}
		}
	}
	return Plain
}

// ANSI colours a text for a terminal (ECMA-48, SGR).
func ANSI(tone Tone, text string) string {
	code := map[Tone]string{Good: "32", Bad: "31", Open: "33", Faint: "2", Strong: "1"}[tone]
	if code == "" || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
