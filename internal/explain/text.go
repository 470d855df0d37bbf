// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/export"
)

// labelled is the width of the labels.
const labelled = 14

// writer lays an explanation out, and keeps the first error.
type writer struct {
	out io.Writer
	x   export.Text
	err error
}

func (w *writer) fact(indent int, label, text string, tone export.Tone) {
	if w.err == nil && text != "" {
		w.err = w.x.Fact(w.out, indent, labelled, label, text, tone)
	}
}

func (w *writer) line(text string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.out, text+"\n")
	}
}

// Text writes the explanation for people.
func (x Explanation) Text(out io.Writer, layout export.Text) error {
	w := &writer{out: out, x: layout}
	w.line(layout.Tint(export.Strong, x.ID+" "+x.Title))
	w.fact(0, "Control", x.Namespace+"/"+x.Name+", owner "+x.Owner, export.Plain)
	w.fact(0, "Decision", strings.Trim(string(x.Decision)+": "+x.Justification, ": "), export.Plain)
	w.fact(0, "Result", string(x.Result), export.ToneOf(string(x.Result)))
	satisfied := x.Conditions[len(x.Conditions)-1]
	w.fact(0, "Satisfied", said(string(satisfied.Status), satisfied.Reason, satisfied.Message), export.ToneOf(string(satisfied.Status)))
	w.fact(0, "Fix", x.Fix, export.Plain)
	w.fact(0, "Findings", conditions.Names(x.Findings), export.Plain)
	w.fact(0, "Risks", strings.Join(x.Risks, ", "), export.Plain)
	for _, e := range x.Exceptions {
		state := cmp.Or(string(e.State), "not known")
		w.fact(0, "Exception", fmt.Sprintf("%s until %s, %s: %s", e.Name, e.ExpiresOn, state, e.Reason), export.Plain)
	}
	for _, item := range x.Evidence {
		w.line("")
		w.item(item)
	}
	return w.err
}

func said(status, reason, message string) string {
	text := status + ", " + reason
	if message != "" {
		text += ": " + message
	}
	return text
}

func (w *writer) item(item Item) {
	w.line(w.x.Tint(export.Strong, item.Name) + " (" + string(item.Strength) + ")")
	w.fact(2, "Status", said(string(item.Result), item.Reason, item.Message), export.ToneOf(string(item.Result)))
	w.fact(2, "Shows", item.Description, export.Plain)
	w.fact(2, "Limit", item.Limitation, export.Plain)
	w.fact(2, "Asks", item.Asks, export.Plain)
	w.fact(2, "Where", item.Where, export.Plain)
	w.expression(item.Expect)
	for i, p := range item.Parameters {
		label := ""
		if i == 0 {
			label = "Params"
		}
		w.fact(2, label, p.Name+": "+strings.Join(p.Values, ", "), export.Plain)
	}
	for i, r := range item.Records {
		label := ""
		if i == 0 {
			label = "Records"
		}
		w.fact(2, label, r.Name+": "+r.What, export.Plain)
	}
	w.fact(2, "Next due", string(item.DueOn), export.Plain)
	w.fact(2, "Now", now(item), tone(item))
	if item.Now != nil {
		for _, s := range item.Now.Failures {
			w.subject(s, labelled)
		}
	}
	w.fact(2, "Fix", item.Fix, export.Plain)
}

// expression writes one part of it a line.
func (w *writer) expression(text string) {
	if text == "" {
		return
	}
	all := parts(text)
	for i, part := range all {
		label := ""
		if i == 0 {
			label = "Expect"
		}
		if i < len(all)-1 {
			part += " &&"
		}
		w.fact(2, label, part, export.Plain)
	}
}

func tone(item Item) export.Tone {
	if item.Now == nil {
		return export.Plain
	}
	return export.ToneOf(string(item.Now.Result))
}

// now says what the rule says of the objects as the caller sees them.
func now(item Item) string {
	if item.Now == nil {
		return item.NotNow
	}
	n := item.Now
	if n.Subjects == 0 {
		return string(n.Result) + ", " + n.Reason
	}
	text := fmt.Sprintf("%s, %s: with your rights %d of %s pass", n.Result, n.Reason, n.Passing, conditions.Count(n.Subjects, "subject"))
	for _, p := range []struct {
		n         int
		one, many string
	}{{n.Failing, "fails", "fail"}, {n.Waived, "is waived", "are waived"}, {n.Errors, "can't be evaluated", "can't be evaluated"}} {
		switch {
		case p.n == 1:
			text += ", 1 " + p.one
		case p.n > 1:
			text += fmt.Sprintf(", %d %s", p.n, p.many)
		}
	}
	if n.Result != item.Result {
		text += "; the status says " + string(item.Result)
	}
	return text
}

// subject writes one that fails, the parts that do not hold below it.
func (w *writer) subject(s Subject, indent int) {
	name := strings.Trim(s.Namespace+"/"+s.Name, "/")
	var what string
	switch {
	case s.WaivedBy != "":
		what = "waived by the exception " + s.WaivedBy
	case s.Error != "":
		what = "can't be evaluated: " + s.Error
	case s.Name == "" && len(s.Objects) == 0:
		what = "has no object that is selected"
	case s.Name == "":
		what = "has no object that satisfies the expression:"
	case len(s.Unmet) > 0:
		what = "does not hold: " + strings.Join(s.Unmet, " && ")
	default:
		what = "fails"
	}
	if w.err == nil {
		w.err = w.x.Fact(w.out, indent, indent+2, "-", strings.TrimSpace(name+" "+what), export.Plain)
	}
	for _, o := range s.Objects {
		w.subject(o, indent+2)
	}
}
