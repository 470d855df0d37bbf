// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// row is the line of docs/requirements.md for a requirement.
func (r Requirement) row() string {
	return "| " + strings.Join([]string{r.ID, r.Title, string(r.Basis), "`" + r.Reason + "`", r.SatisfiedBy}, " | ") + " |"
}

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRequirementsAreDocumented: the page has one row for each requirement, as the code has it, and no other.
func TestRequirementsAreDocumented(t *testing.T) {
	var want []string
	for _, r := range Requirements() {
		want = append(want, r.row())
	}
	got := regexp.MustCompile(`(?m)^\| [0-9].*$`).FindAllString(page(t, "requirements.md"), -1)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/requirements.md (-want +got):\n%s", diff)
	}
}

// TestDeclaredClausesAreThoseOfTheTable: the clauses that a document may name are those that rest on one alone, and the
// page lists them.
func TestDeclaredClausesAreThoseOfTheTable(t *testing.T) {
	var served []isms.DeclaredClause
	for _, r := range Requirements() {
		if r.Reason == isms.ReasonClauseDocumented {
			served = append(served, isms.DeclaredClause(r.ID))
		}
	}
	if !slices.Equal(served, DeclaredClauses) {
		t.Errorf("the table has %v, DeclaredClauses %v", served, DeclaredClauses)
	}
	for _, c := range DeclaredClauses {
		if !strings.Contains(page(t, "requirements.md"), "- **"+string(c)+"**") {
			t.Errorf("docs/requirements.md does not list %s", c)
		}
	}
}

// TestRecipeIsDocumented: what the test of the recipe runs is what the page says.
func TestRecipeIsDocumented(t *testing.T) {
	flat := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	want := flat(strings.ReplaceAll(recipe, `"$1"`, "acme-platform"))
	if !strings.Contains(flat(page(t, "registers.md")), want) {
		t.Errorf("docs/registers.md does not have the recipe %s", want)
	}
}
