// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/readiness"
	"github.com/isms-operator/isms-operator/test/fixture"
	"github.com/isms-operator/isms-operator/test/golden"
)

func markdown(t *testing.T, in readiness.ScopeInput, occasion string) string {
	t.Helper()
	var out bytes.Buffer
	if err := export.Markdown(&out, Prepare(in, &in.Cycles[0], Occasion(occasion))); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var separator = regexp.MustCompile(`(^|[^\\])\|`)

// TestPrepare: each paper is well formed, says something in each of its sections, and reads back as JSON.
func TestPrepare(t *testing.T) {
	in := fixture.Sample(t, fixture.Drift)
	in.Controls[3].Spec.Owner.Name = "A | B <b>*C*</b>"
	for _, occasion := range Occasions() {
		text := markdown(t, in, occasion)
		columns := 0
		for line := range strings.Lines(text) {
			n := len(separator.FindAllString(line, -1))
			switch {
			case !strings.HasPrefix(line, "|"):
				columns = 0
			case columns == 0:
				columns = n
			case n != columns:
				t.Errorf("%s: a row of %d columns in a table of %d: %s", occasion, n-1, columns-1, line)
			}
		}
		if strings.Contains(text, "<b>") {
			t.Errorf("%s has markup from an object", occasion)
		}
		paper := Prepare(in, &in.Cycles[0], Occasion(occasion))
		for _, s := range paper.Sections {
			if len(s.Rows.Rows) == 0 && len(s.Text) == 0 {
				t.Errorf("%s: the section %s says nothing", occasion, s.Title)
			}
			for _, row := range s.Rows.Rows {
				if len(row) != len(s.Rows.Columns) {
					t.Errorf("%s: %s: %d cells in %d columns: %v", occasion, s.Title, len(row), len(s.Rows.Columns), row)
				}
			}
		}
		var asJSON bytes.Buffer
		var back struct{ Sections []struct{ Title string } }
		if err := export.JSON(&asJSON, paper); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(asJSON.Bytes(), &back); err != nil || len(back.Sections) != len(paper.Sections) {
			t.Errorf("%s as JSON: %d sections, %v", occasion, len(back.Sections), err)
		}
	}
}

// TestChecklistsAreWhole: no clause, no applicable control and no document that the standard names is left out.
func TestChecklistsAreWhole(t *testing.T) {
	in := fixture.Sample(t, nil)
	audit, stage1 := markdown(t, in, "internal-audit"), markdown(t, in, "stage1")
	for _, c := range catalogue.Clauses() {
		if !strings.Contains(audit, "\n| "+c.ID+" | "+c.Title+" | ") || !strings.Contains(stage1, "\n| "+c.ID+" | ") {
			t.Errorf("clause %s is left out", c.ID)
		}
	}
	excluded := 0
	for _, c := range in.Controls {
		applicable := c.Spec.Applicability.Decision == isms.DecisionApplicable
		if !applicable {
			excluded++
		}
		if listed := strings.Contains(audit, "\n| "+string(c.Spec.ID)+" | "); listed != applicable {
			t.Errorf("%s is %s, and listed: %t", c.Spec.ID, c.Spec.Applicability.Decision, listed)
		}
	}
	if excluded == 0 {
		t.Error("no control is excluded")
	}
	in.Documents = nil
	stage1 = markdown(t, in, "stage1")
	for _, d := range catalogue.Documents() {
		if missing := strings.Contains(stage1, "missing: "+d.Type+" "); missing != (d.Stage == catalogue.Stage1) {
			t.Errorf("of no documents, %s of %s is missing: %t", d.Type, d.Stage, missing)
		}
	}
}

// TestReview: the agenda has the ten inputs of clause 9.3.2, each once, and the record that it ends with names them all.
func TestReview(t *testing.T) {
	golden.Equal(t, filepath.Join("testdata", "management-review.md"), markdown(t, fixture.Sample(t, fixture.Drift), "management-review"))
	if len(agenda) != 10 {
		t.Errorf("the agenda has %d inputs", len(agenda))
	}
}

// TestOwnersMustNotAudit: whoever owns a control or a clause is named with it, once.
func TestOwnersMustNotAudit(t *testing.T) {
	in := fixture.Sample(t, nil)
	owner := in.Controls[0].Spec.Owner
	in.Scope.Spec.Requirements = []isms.ClauseRequirement{
		{ID: "7.2", Owner: isms.Person{Name: "X. Ample"}}, {ID: "8.1", Owner: owner}, {ID: "9.1", Owner: isms.Person{Name: "X. Ample"}},
	}
	found := map[string][]string{}
	for _, s := range Prepare(in, &in.Cycles[0], Occasion("internal-audit")).Sections {
		if s.Title == "Who must not audit what" {
			for _, row := range s.Rows.Rows {
				if found[row[0]] != nil {
					t.Errorf("%s has two rows", row[0])
				}
				found[row[0]] = row[1:]
			}
		}
	}
	if ample := found["X. Ample"]; len(ample) != 2 || ample[0] != "" || ample[1] != "7.2, 9.1" {
		t.Errorf("X. Ample must not audit %q", ample)
	}
	id := string(in.Controls[0].Spec.ID)
	if own := found[person(owner)]; len(own) != 2 || !strings.Contains(own[0], id) || own[1] != "8.1" {
		t.Errorf("%s must not audit %q, want %s and 8.1", person(owner), own, id)
	}
}
