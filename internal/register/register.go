// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package register joins the objects of a scope into the registers that people and auditors read: flat rows of text in
// an order that depends on nothing but their content. It is pure, and decides nothing: what a row says stands in an
// object, or was computed by readiness.
package register

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// Table is one register. Each row has as many cells as there are columns.
type Table struct {
	// Name in kebab case, such as risk-register.
	Name    string
	Columns []Column
	Rows    [][]string
}

// Column says what the cells of a column hold.
type Column struct {
	// Name for people, such as "Review due"; unique in its table.
	Name string
	Kind Kind
}

// Kind is a kind of cells. It decides how a cell is laid out and written, never what it says.
type Kind int

// Kinds of cells. Each may be empty.
const (
	// Text is a name, an id or a title.
	Text Kind = iota
	// Prose is one sentence or several.
	Prose
	// List is a list, joined by comma and space; no element holds both.
	List
	// Number is an integer in decimal digits.
	Number
	// Date is a full-date, such as 2026-11-24.
	Date
	// State is a word of the API, or a condition's status with its reason, such as "False, Overdue".
	State
)

// All returns the registers of a scope, in the order in which an auditor asks for them.
func All(in readiness.ScopeInput) []Table {
	return []Table{
		Statement(in), Requirements(in), Gaps(in), Risks(in), Documents(in), Entries(in), Attestations(in), Findings(in),
	}
}

// Statement is the Statement of Applicability (clause 6.1.3 d): the 93 controls of Annex A in the order of the standard,
// then controls of other sources. The version is the one that was approved last, where what is declared is what was
// approved; else it is empty.
func Statement(in readiness.ScopeInput) Table {
	t := Table{Name: "statement-of-applicability", Columns: []Column{
		{"Control", Text},
		{"Title", Text},
		{"Theme", Text},
		{"Source", Text},
		{"Decision", State},
		{"Reasons", List},
		{"Justification", Prose},
		{"State", State},
		{"Implementation", Prose},
		{"References", List},
		{"Owner", Text},
		{"Risks", List},
		{"Result", State},
		{"Reason", Text},
		{"Version", Text},
	}}
	version := ""
	if s := in.Scope.Status.StatementOfApplicability; s != nil && s.ApprovedDigest == readiness.StatementDigest(in) {
		version = string(s.ApprovedVersion)
	}
	for _, r := range readiness.Statement(in) {
		source := string(r.Source)
		if r.SourceName != "" {
			source = r.SourceName
		}
		decision := string(r.Decision)
		if r.Missing() {
			decision = "Missing"
		}
		t.add(r.ID, r.Title, string(r.Theme), source, decision, list(r.Reasons), r.Justification, string(r.State), r.Description,
			list(r.References), person(r.Owner), list(r.Risks), string(r.Result), r.Reason, version)
	}
	return t
}

// Requirements are the 30 clause requirements as the scope's status has them, in the order of the standard.
func Requirements(in readiness.ScopeInput) Table {
	t := Table{Name: "requirements", Columns: []Column{
		{"Clause", Text},
		{"Title", Text},
		{"Status", State},
		{"Basis", Text},
		{"Reason", Text},
		{"Satisfied by", Prose},
		{"To do", Prose},
	}}
	said := map[string]isms.RequirementStatus{}
	for _, r := range in.Scope.Status.Requirements {
		said[string(r.ID)] = r
	}
	for _, r := range readiness.Requirements() {
		s := said[r.ID]
		t.add(r.ID, r.Title, cmp.Or(string(s.Status), string(isms.RequirementUnknown)), string(r.Basis),
			cmp.Or(s.Reason, isms.ReasonNotYetAssessed), r.SatisfiedBy, s.Message)
	}
	return t
}

// Gaps is the gap register, the most urgent first. The order is that of readiness.Gaps; the
// clauses are those of the scope's status where it has them.
func Gaps(in readiness.ScopeInput) Table {
	t := Table{Name: "gap-register", Columns: []Column{
		{"Kind", Text},
		{"ID", Text},
		{"Title", Text},
		{"Criticality", State},
		{"Effort (days)", Number},
		{"Due", Date},
		{"Owner", Text},
		{"Reason", Text},
		{"Missing", Prose},
		{"Action", Prose},
	}}
	for _, g := range readiness.StandingGaps(in) {
		effort := ""
		if g.EffortDays > 0 {
			effort = strconv.Itoa(int(g.EffortDays))
		}
		t.add(string(g.Kind), g.ID, g.Title, string(g.Criticality), effort, string(g.DueDate), person(g.Owner), g.Reason, g.Missing, g.Action)
	}
	return t
}

// Pick returns the table with these columns alone, in this order. A name that the table does not have is an error of the
// program.
func (t Table) Pick(names ...string) Table {
	picked := Table{Name: t.Name, Rows: make([][]string, len(t.Rows))}
	for _, name := range names {
		i := t.column(name)
		picked.Columns = append(picked.Columns, t.Columns[i])
		for r, row := range t.Rows {
			picked.Rows[r] = append(picked.Rows[r], row[i])
		}
	}
	return picked
}

// Where returns the table with the rows alone whose cell in the column is accepted.
func (t Table) Where(name string, accepts func(cell string) bool) Table {
	i := t.column(name)
	t.Rows = slices.DeleteFunc(slices.Clone(t.Rows), func(row []string) bool { return !accepts(row[i]) })
	return t
}

// Short returns the table with the first word alone of each cell that is a State: a condition without its reason.
func (t Table) Short() Table {
	rows := make([][]string, len(t.Rows))
	for r, row := range t.Rows {
		rows[r] = slices.Clone(row)
		for i, c := range t.Columns {
			if c.Kind == State {
				rows[r][i], _, _ = strings.Cut(row[i], ",")
			}
		}
	}
	t.Rows = rows
	return t
}

func (t Table) column(name string) int {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		panic(fmt.Sprintf("register: %s has no column %q", t.Name, name))
	}
	return i
}

// add appends one row.
func (t *Table) add(cells ...string) { t.Rows = append(t.Rows, cells) }

// sort orders the rows by their cells, from the first to the last.
func (t *Table) sort() { slices.SortFunc(t.Rows, slices.Compare[[]string]) }

// list joins a list as one cell.
func list[T ~string](items []T) string {
	text := make([]string, len(items))
	for i, item := range items {
		text[i] = string(item)
	}
	return strings.Join(text, ", ")
}

// person is how a register names somebody: by name, or else by id.
func person(p isms.Person) string { return cmp.Or(string(p.Name), string(p.ID)) }

// said is what a condition says, as one cell: its status and reason, such as "False, Overdue"; Unknown where the object
// has changed since.
func said(list []metav1.Condition, generation int64, conditionType string) string {
	c := conditions.Get(list, conditionType)
	if c == nil || c.ObservedGeneration != generation {
		return string(metav1.ConditionUnknown) + ", " + isms.ReasonNotYetAssessed
	}
	return string(c.Status) + ", " + c.Reason
}

// of are the objects of a list that name the scope.
func of[T any](in readiness.ScopeInput, objects []T, ref func(*T) isms.LocalRef) []*T {
	var found []*T
	for i := range objects {
		if string(ref(&objects[i]).Name) == in.Scope.Name {
			found = append(found, &objects[i])
		}
	}
	return found
}
