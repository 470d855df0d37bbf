// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/interpreter"
)

// The fields of a rule, as errors name them.
const (
	fieldWhere    = "where"
	fieldExpect   = "expect"
	fieldSelector = "labelSelector"
)

// Error says why a rule is invalid. It holds text of the rule's author, never of an object.
type Error struct {
	// Field is where, expect or labelSelector.
	Field string
	// Line and Column are 1-based; 0 where there is no position.
	Line, Column int
	// Message is one line.
	Message string
}

// Error is "expect:1:14: message".
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Field + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Field, e.Line, e.Column, e.Message)
}

// Class is the class of an evaluation error: a small closed set, so that it can be shown.
type Class string

// The classes of evaluation errors.
const (
	NoSuchKey       Class = "NoSuchKey"       // a field or key that the object does not have
	NoSuchOverload  Class = "NoSuchOverload"  // a function or operator that does not take values of this type
	IndexOutOfRange Class = "IndexOutOfRange" // an element that the list or string does not have
	BadTimestamp    Class = "BadTimestamp"    // text that is no timestamp
	BadDuration     Class = "BadDuration"     // text that is no duration
	BadConversion   Class = "BadConversion"   // a value that another conversion or parser refuses
	DivisionByZero  Class = "DivisionByZero"  // division or remainder by zero
	Overflow        Class = "Overflow"        // a number, timestamp or duration out of range
	BadRegex        Class = "BadRegex"        // text that is no regular expression
	EmptyOptional   Class = "EmptyOptional"   // value() of an optional that has none
	NotBool         Class = "NotBool"         // the result is neither true nor false
	NoNamespace     Class = "NoNamespace"     // namespaceObject is read and there is none that may be read
	Cost            Class = "Cost"            // the cost limit was exceeded
	Interrupted     Class = "Interrupted"     // the caller's context ended the evaluation; not a verdict
	Other           Class = "Other"           // everything else
)

// EvalError says how an evaluation failed: no text of CEL and no value of the object.
type EvalError struct {
	Class Class
	// Field is where or expect.
	Field string
	// Line and Column are 1-based; 0 where there is no position.
	Line, Column int
}

// Error is "expect:1:14: NoSuchKey".
func (e *EvalError) Error() string {
	if e.Line == 0 {
		return e.Field + ": " + string(e.Class)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Field, e.Line, e.Column, e.Class)
}

// errNoNamespace is what reading an absent namespaceObject yields.
var errNoNamespace = errors.New("namespaceObject is not readable")

// prefixes classify CEL's errors by the fixed text that they begin with. Values of objects come later in that text, if
// at all, so they cannot choose the class. The first match counts.
var prefixes = []struct {
	prefix string
	class  Class
}{
	{errNoNamespace.Error(), NoNamespace},
	{"no such key", NoSuchKey},
	{"no such field", NoSuchKey},
	{"no such attribute", NoSuchKey},
	{"no such overload", NoSuchOverload},
	{"unsupported map key type", NoSuchOverload},
	{"unsupported index type", NoSuchOverload},
	{"unsupported key type", NoSuchOverload},
	{"unsupported comprehension range type", NoSuchOverload},
	{"got '", NoSuchOverload},                                // ... expected iterable type
	{"internal error: interface conversion", NoSuchOverload}, // a library's function on a value of another type
	{"error during formatting", NoSuchOverload},
	{"invalid qualifier type", NoSuchOverload},
	{"index out of", IndexOutOfRange},
	{"index ", IndexOutOfRange},
	{"invalid substring range", IndexOutOfRange},
	{"cannot slice", IndexOutOfRange},
	{"division by zero", DivisionByZero},
	{"modulus by zero", DivisionByZero},
	{"integer overflow", Overflow},
	{"unsigned integer overflow", Overflow},
	{"duration overflow", Overflow},
	{"timestamp overflow", Overflow},
	{"range error", Overflow},
	{"parsing time", BadTimestamp},
	{"time: invalid duration", BadDuration},
	{"time: missing unit", BadDuration},
	{"time: unknown unit", BadDuration},
	{"type conversion error from 'string' to 'google.protobuf.Timestamp'", BadTimestamp},
	{"type conversion error from 'string' to 'google.protobuf.Duration'", BadDuration},
	{"type conversion error", BadConversion},
	{"unsupported conversion", BadConversion},
	{"strconv.", BadConversion},
	{"URL parse error", BadConversion},
	{"network address parse error", BadConversion},
	{"IP Address", BadConversion},
	{"IPv4-mapped", BadConversion},
	{"quantities must match", BadConversion},
	{"No Major.Minor.Patch", BadConversion},
	{"Invalid character(s) found in", BadConversion},
	{"Version string empty", BadConversion},
	{"error parsing regexp", BadRegex},
	{"Illegal regex", BadRegex},
	{"optional.none() dereference", EmptyOptional},
}

// classify turns an error of an evaluation into its class. It discards the text.
func classify(err error) Class {
	var cancelled interpreter.EvalCancelledError
	if errors.As(err, &cancelled) {
		if cancelled.Cause == interpreter.CostLimitExceeded {
			return Cost
		}
		return Interrupted
	}
	if errors.Is(err, interpreter.InterruptError{}) {
		return Interrupted
	}
	text := err.Error()
	for _, p := range prefixes {
		if strings.HasPrefix(text, p.prefix) {
			return p.class
		}
	}
	return Other
}

// evalError places an error of an evaluation of e.
func (e *expression) evalError(err error) *EvalError {
	out := &EvalError{Class: classOf(err), Field: e.field}
	var celErr *types.Err
	if errors.As(err, &celErr) {
		out.Line, out.Column = e.position(celErr.NodeID())
	}
	return out
}

// issuesError turns the first of the compiler's issues into an Error of one line.
func issuesError(field string, issues *cel.Issues) *Error {
	first := issues.Errors()[0]
	for _, e := range issues.Errors()[1:] {
		a, b := e.Location, first.Location
		if a.Line() < b.Line() || a.Line() == b.Line() && a.Column() < b.Column() {
			first = e
		}
	}
	line, column := first.Location.Line(), first.Location.Column()
	if line < 1 || column < 0 {
		line, column = 1, 0
	}
	return &Error{Field: field, Line: line, Column: column + 1, Message: compilerMessage(first.Message)}
}

// compilerMessage shortens a message of the CEL compiler to one plain line.
func compilerMessage(m string) string {
	m = oneLine(m)
	if strings.Contains(m, "max recursion depth exceeded") {
		return fmt.Sprintf("is nested deeper than %d levels", maxDepth)
	}
	m = strings.ReplaceAll(m, " (in container '')", "")
	if i := strings.Index(m, " expecting "); i > 0 {
		m = m[:i]
	}
	return m
}

// maxMessage bounds a message, in runes.
const maxMessage = 240

// oneLine joins the lines of a message and bounds its length.
func oneLine(m string) string {
	m = strings.Join(strings.Fields(m), " ")
	if r := []rune(m); len(r) > maxMessage {
		return string(r[:maxMessage-3]) + "..."
	}
	return m
}
