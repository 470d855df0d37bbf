// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filereport

import (
	"fmt"
	"io"
	"strconv"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/filecheck"
	"github.com/isms-operator/isms-operator/internal/register"
)

// shownSubjects is how many subjects of an item the narrow table names.
const shownSubjects = 10

// Table writes a report for people: the items with their verdicts, the subjects that fail, what can't be read, and a sum.
// A wide one has more columns, and all subjects.
func Table(w io.Writer, r *filecheck.Report, x export.Text, wide bool) error {
	if len(r.Controls) > 0 {
		if err := x.Table(w, items(r, wide)); err != nil {
			return err
		}
	}
	if t := subjects(r, wide); len(t.Rows) > 0 {
		fmt.Fprintln(w)
		if err := x.Table(w, t); err != nil {
			return err
		}
	}
	for i, err := range r.Errors {
		if i == 0 {
			fmt.Fprintln(w, "\nNot read:")
		}
		if err := x.Fact(w, 2, 0, "", err.Error(), export.Bad); err != nil {
			return err
		}
	}
	for i, note := range r.Notes {
		if i == 0 {
			fmt.Fprintln(w)
		}
		if err := x.Fact(w, 0, 0, "", note, export.Plain); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", Sum(r))
	return err
}

// Sum is a report in one line.
func Sum(r *filecheck.Report) string {
	byResult := map[isms.ControlResult]int{}
	for i := range r.Controls {
		byResult[r.Controls[i].Status.Result]++
	}
	text := fmt.Sprintf("%s, %s", conditions.Count(r.Files, "file"), conditions.Count(r.Objects, "object"))
	if r.PodTemplates > 0 {
		text += fmt.Sprintf(", %s", conditions.Count(r.PodTemplates, "pod template"))
	}
	if r.Others > 0 {
		text += fmt.Sprintf(" and %s without apiVersion and kind", conditions.Count(r.Others, "document"))
	}
	if len(r.Errors) > 0 {
		text += fmt.Sprintf(", %d not read", len(r.Errors))
	}
	text += "; " + conditions.Count(len(r.Controls), "Control")
	separator := ": "
	for _, result := range []isms.ControlResult{
		isms.ResultEffective, isms.ResultIneffective, isms.ResultUnknown, isms.ResultNotImplemented, isms.ResultExcluded,
	} {
		if n := byResult[result]; n > 0 {
			text += fmt.Sprintf("%s%d %s", separator, n, result)
			separator = ", "
		}
	}
	return text + "."
}

func items(r *filecheck.Report, wide bool) register.Table {
	t := register.Table{Name: "items", Columns: []register.Column{
		{Name: "Control"},
		{Name: "Evidence"},
		{Name: "Result", Kind: register.State},
		{Name: "Reason"},
		{Name: "Subjects", Kind: register.Number},
		{Name: "Failing", Kind: register.Number},
		{Name: "Message", Kind: register.Prose},
	}}
	if wide {
		t.Columns = append(t.Columns, register.Column{Name: "Errors", Kind: register.Number},
			register.Column{Name: "Waived", Kind: register.Number}, register.Column{Name: "Owner"}, register.Column{Name: "File"})
	}
	for i := range r.Controls {
		c := &r.Controls[i]
		if len(c.Evidence) == 0 {
			satisfied := c.Satisfied()
			t.Rows = append(t.Rows, row(c, wide, []string{
				string(c.Spec.ID), "", string(c.Status.Result), satisfied.Reason, "", "", satisfied.Message,
			}, "", ""))
		}
		for _, e := range c.Evidence {
			cells := []string{string(c.Spec.ID), e.Name, string(e.Result), e.Reason, "", "", e.Message}
			errs, waived := "", ""
			if e.Item.Resources != nil {
				cells[4], cells[5] = number(e.EvidenceStatus.Subjects), number(e.Failing)
				errs, waived = number(e.Errors), number(e.Waived)
			}
			t.Rows = append(t.Rows, row(c, wide, cells, errs, waived))
		}
	}
	return t
}

func number(n int32) string { return strconv.Itoa(int(n)) }

func row(c *filecheck.Control, wide bool, cells []string, errs, waived string) []string {
	if wide {
		cells = append(cells, errs, waived, string(c.Spec.Owner.Name), c.Place.String())
	}
	return cells
}

func subjects(r *filecheck.Report, wide bool) register.Table {
	t := register.Table{Name: "subjects", Columns: []register.Column{
		{Name: "Verdict", Kind: register.State}, {Name: "Control"}, {Name: "Evidence"}, {Name: "Object"}, {Name: "File"},
	}}
	verdicts := troubled
	if wide {
		verdicts = nil
	}
	for i := range r.Controls {
		c := &r.Controls[i]
		for j := range c.Evidence {
			e, n := &c.Evidence[j], 0
			for s := range e.Subjects(verdicts...) {
				if n++; n > shownSubjects && !wide {
					continue
				}
				t.Rows = append(t.Rows, []string{string(s.Verdict), string(c.Spec.ID), e.Name, s.String(), where(s)})
			}
			if n > shownSubjects && !wide {
				t.Rows = append(t.Rows, []string{"", string(c.Spec.ID), e.Name, fmt.Sprintf("and %d more", n-shownSubjects), ""})
			}
		}
	}
	return t
}

func where(s filecheck.Subject) string {
	if s.Place.File == "" {
		return ""
	}
	return s.Place.String()
}
