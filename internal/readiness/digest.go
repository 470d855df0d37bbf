// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
)

// The canonical form of a Statement of Applicability holds what people declare, and nothing that is
// computed. Each Control of the scope is one line of UTF-8 with nine columns, separated by tabs and ended by a line
// feed:
//
//	id, source, sourceName, title, decision, reasons, justification, state, description
//
// as they stand in the spec; what is absent is empty, and reasons are sorted and joined by commas. In a column the
// backslash, tab, line feed and carriage return are written \\, \t, \n and \r. The lines are sorted by their bytes.
// docs/registers.md has a recipe with standard tools that gives the same bytes.

var escape = strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n", "\r", "\\r")

// StatementDigest is the SHA-256 of the canonical form of a scope's Statement of Applicability, as sha256: and 64
// hexadecimal digits; empty for a scope without Controls.
func StatementDigest(in ScopeInput) isms.Digest { return newScopeAssessment(in).statementDigest() }

func (s *scopeAssessment) statementDigest() isms.Digest {
	if len(s.controls) == 0 {
		return ""
	}
	return isms.Digest("sha256:" + hash(canonical(s.controls, contentColumns)))
}

// contentColumns are all columns; coverageColumns are those that a certificate rests on: which controls there are, and
// which of them apply.
func contentColumns(c *isms.Control) []string {
	state, description := "", ""
	if i := c.Spec.Implementation; i != nil {
		state, description = string(i.State), string(i.Description)
	}
	reasons := make([]string, 0, len(c.Spec.Applicability.Reasons))
	for _, r := range c.Spec.Applicability.Reasons {
		reasons = append(reasons, string(r))
	}
	slices.Sort(reasons)
	return []string{
		string(c.Spec.ID), string(c.Spec.Source), string(c.Spec.SourceName), string(c.Spec.Title),
		string(c.Spec.Applicability.Decision), strings.Join(reasons, ","), string(c.Spec.Applicability.Justification),
		state, description,
	}
}

func coverageColumns(c *isms.Control) []string {
	return []string{string(c.Spec.ID), string(c.Spec.Source), string(c.Spec.Applicability.Decision)}
}

// canonical writes the lines of some controls.
func canonical(controls []*isms.Control, columns func(*isms.Control) []string) string {
	lines := make([]string, 0, len(controls))
	for _, c := range controls {
		cells := columns(c)
		for i := range cells {
			cells[i] = escape.Replace(cells[i])
		}
		lines = append(lines, strings.Join(cells, "\t"))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// shortDigits is how much of a digest is kept for each approved control. It only has to tell a changed control from an
// unchanged one; that something changed is told by the whole digest.
const shortDigits = 16

// inShort is what is kept of an approved statement, in the order of ids. Controls that share an id are one entry.
func (s *scopeAssessment) inShort() []isms.ApprovedControl {
	byID := map[string][]*isms.Control{}
	var ids []string
	for _, c := range s.controls {
		id := controlID(c)
		if byID[id] == nil {
			ids = append(ids, id)
		}
		byID[id] = append(byID[id], c)
	}
	list := make([]isms.ApprovedControl, 0, len(ids))
	for _, id := range catalogue.SortIDs(ids) {
		list = append(list, isms.ApprovedControl{
			ID:       isms.ControlID(id),
			Coverage: hash(canonical(byID[id], coverageColumns))[:shortDigits],
			Content:  hash(canonical(byID[id], contentColumns))[:shortDigits],
		})
	}
	return list
}

// changes compares two statements in short: the ids of controls that were added, removed or decided anew, and of those
// that read differently otherwise. Both are in the order of ids.
func changes(before, after []isms.ApprovedControl) (coverage, wording []string) {
	old := map[isms.ControlID]isms.ApprovedControl{}
	for _, c := range before {
		old[c.ID] = c
	}
	for _, c := range after {
		was, known := old[c.ID]
		delete(old, c.ID)
		switch {
		case !known || was.Coverage != c.Coverage:
			coverage = append(coverage, string(c.ID))
		case was.Content != c.Content:
			wording = append(wording, string(c.ID))
		}
	}
	for id := range old {
		coverage = append(coverage, string(id))
	}
	return catalogue.SortIDs(coverage), wording
}
