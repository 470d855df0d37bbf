// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// arithmetic is a subtraction of two values of the object. Only a schema can tell whether they are times.
type arithmetic struct {
	places  []*pathTree
	e       *expression
	operand string
	id      int64
}

// timeOperators are the operators that take times or durations.
var timeOperators = []string{
	operators.Add, operators.Subtract, operators.Less, operators.LessEquals, operators.Greater,
	operators.GreaterEquals, operators.Equals, operators.NotEquals,
}

// timeMethods are the methods of a time.
var timeMethods = []string{
	"getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear",
	"getHours", "getMinutes", "getSeconds", "getMilliseconds",
}

// checkTimes refuses arithmetic on times of the object that are not converted. In an object they are strings, so it
// could only end in an error, or in a comparison that is never true.
func (w *walk) checkTimes(x ast.Expr, args []value) {
	call := x.AsCall()
	switch {
	case call.IsMemberFunction() && slices.Contains(timeMethods, call.FunctionName()):
		if args[0].raw() {
			w.notConverted(call.Target(), "timestamp")
		}
	case len(args) == 2 && slices.Contains(timeOperators, call.FunctionName()):
		w.checkOperands(x, args[0], args[1])
	}
}

func (w *walk) checkOperands(x ast.Expr, a, b value) {
	left, right := x.AsCall().Args()[0], x.AsCall().Args()[1]
	switch {
	case b.raw() && w.isTime(left):
		w.notConverted(right, w.conversion(x, left))
	case a.raw() && w.isTime(right):
		w.notConverted(left, w.conversion(x, right))
	case x.AsCall().FunctionName() == operators.Subtract:
		w.subtraction(left, a)
		w.subtraction(right, b)
	}
}

// raw says that a value is one of the object's, as it stands there.
func (v value) raw() bool { return len(v.places) > 0 && v.elements == nil && !v.other }

func (w *walk) isTime(x ast.Expr) bool {
	k := w.e.ast.GetType(x.ID()).Kind()
	return k == types.TimestampKind || k == types.DurationKind
}

// conversion names the function that the operand beside a time needs: one compares like with like, but adds and
// subtracts a duration.
func (w *walk) conversion(x, beside ast.Expr) string {
	f := x.AsCall().FunctionName()
	if w.e.ast.GetType(beside.ID()).Kind() == types.DurationKind && f != operators.Add && f != operators.Subtract {
		return "duration"
	}
	return "timestamp"
}

func (w *walk) notConverted(x ast.Expr, function string) {
	w.fail(w.e.notConverted(x.ID(), w.e.text(x), function))
}

func (e *expression) notConverted(id int64, operand, function string) *Error {
	return e.at(id, "in an object times are strings: write %s(%s)", function, operand)
}

// subtraction refuses the metadata's own times at once and leaves the rest to the schema.
func (w *walk) subtraction(x ast.Expr, v value) {
	if !v.raw() {
		return
	}
	for _, t := range v.places {
		if name := t.path().String(); name == "metadata.creationTimestamp" || name == "metadata.deletionTimestamp" {
			w.notConverted(x, "timestamp")
			return
		}
	}
	w.arithmetic = append(w.arithmetic, arithmetic{places: v.places, e: w.e, operand: w.e.text(x), id: x.ID()})
}

// text is an operand as its author wrote it, more or less.
func (e *expression) text(x ast.Expr) string {
	s, err := cel.ExprToString(x, e.ast.SourceInfo())
	if err != nil || len(s) > 80 {
		return "..."
	}
	return oneLine(s)
}
