// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// reads says what a rule reads besides paths.
type reads struct{ now, namespace, whole bool }

// walk follows, through both expressions of a rule, which places of the object each sub-expression may stand for, loop
// variables and constructed lists included, and notes which of them are read.
type walk struct {
	object, namespace *pathTree
	known             map[string][]string // the parameters there are
	params            map[string]bool     // those that are read
	reads             reads
	arithmetic        []arithmetic
	nodes             int
	patternAt         *Error // what is wrong if a parameter is too large a regular expression

	e   *expression // the one being walked
	err error
}

// maxPaths bounds the places that one rule may read.
const maxPaths = 1024

func newWalk(params map[string][]string) *walk {
	return &walk{object: &pathTree{}, namespace: &pathTree{}, known: params, params: map[string]bool{}}
}

// value is what is known of a sub-expression's value: the places of the object it may be, and the elements it may have
// if it is a list that the expression constructs.
type value struct {
	places   []*pathTree
	elements *value
	other    bool // it may also be something that is not of the object
	derived  bool // it may be computed from something of the object
}

var opaque = value{other: true}

// result is what a function makes of values.
func result(args ...value) value {
	out := opaque
	for _, a := range args {
		out.derived = out.derived || a.ofObject()
	}
	return out
}

// ofObject says that a value may be of the object, or of its Namespace, or be computed from them.
func (v value) ofObject() bool {
	return v.derived || len(v.places) > 0 || v.elements != nil && v.elements.ofObject()
}

func union(a, b value) value {
	out := value{other: a.other || b.other, derived: a.derived || b.derived, elements: a.elements}
	out.places = append(slices.Clip(a.places), b.places...)
	if len(a.places) > 0 && len(b.places) > 0 {
		out.places = unique(out.places)
	}
	switch {
	case out.elements == nil:
		out.elements = b.elements
	case b.elements != nil && b.elements != out.elements:
		both := union(*out.elements, *b.elements)
		out.elements = &both
	}
	return out
}

func unique(places []*pathTree) []*pathTree {
	seen := make(map[*pathTree]bool, len(places))
	return slices.DeleteFunc(places, func(t *pathTree) bool {
		had := seen[t]
		seen[t] = true
		return had
	})
}

// scope holds the variables that macros bind.
type scope struct {
	parent *scope
	name   string
	value  value
}

func (s *scope) with(name string, v value) *scope { return &scope{parent: s, name: name, value: v} }

func (s *scope) lookup(name string) (value, bool) {
	for ; s != nil; s = s.parent {
		if s.name == name {
			return s.value, true
		}
	}
	return value{}, false
}

// expression walks one checked expression.
func (w *walk) expression(e *expression) error {
	w.e = e
	before := w.reads
	w.reads = reads{}
	w.use(w.eval(e.ast.Expr(), nil))
	e.reads = w.reads
	w.reads = reads{now: before.now || e.reads.now, namespace: before.namespace || e.reads.namespace}
	return w.err
}

func (w *walk) fail(err *Error) value {
	if w.err == nil {
		w.err = err
	}
	return opaque
}

// use notes that the whole of a value is read.
func (w *walk) use(v value) {
	for _, t := range v.places {
		t.whole = true
	}
	if v.elements != nil {
		w.use(*v.elements)
	}
}

// shape notes that the size or the keys of a value are read.
func (w *walk) shape(v value) {
	for _, t := range v.places {
		t.shape = true
	}
}

// step goes one step down from every place of v.
func (w *walk) step(v value, s Step, id int64) value {
	out := value{other: len(v.places) == 0, derived: v.derived}
	for _, t := range v.places {
		c, made := t.child(s)
		if made {
			c.field = w.e.field
			c.line, c.column = w.e.position(id)
			if w.nodes++; w.nodes > maxPaths {
				return w.fail(w.e.at(id, "reads more than %d different fields", maxPaths))
			}
		}
		c.certain = c.certain || len(v.places) == 1
		out.places = append(out.places, c)
	}
	if s.Element && v.elements != nil {
		out = union(out, *v.elements)
		out.other = v.elements.other
	}
	return out
}

// eval follows one sub-expression.
func (w *walk) eval(x ast.Expr, s *scope) value {
	if w.err != nil {
		return opaque
	}
	switch x.Kind() {
	case ast.IdentKind:
		return w.ident(x, s)
	case ast.SelectKind:
		return w.selection(x, s)
	case ast.CallKind:
		return w.call(x, s)
	case ast.ListKind:
		return w.list(x, s)
	case ast.ComprehensionKind:
		return w.comprehension(x.AsComprehension(), s)
	case ast.MapKind, ast.StructKind:
		var parts []value
		for _, c := range children(x) {
			parts = append(parts, w.eval(c, s))
			w.use(parts[len(parts)-1])
		}
		return result(parts...)
	}
	return opaque
}

func (w *walk) ident(x ast.Expr, s *scope) value {
	name, global := strings.CutPrefix(x.AsIdent(), ".")
	if !global {
		if v, ok := s.lookup(name); ok {
			return v
		}
	}
	switch name {
	case varObject:
		w.e.readsSubject = true
		return value{places: []*pathTree{w.object}}
	case varObjects:
		w.e.readsSubject = true
		return value{elements: &value{places: []*pathTree{w.object}}}
	case varNamespace:
		w.e.readsSubject, w.reads.namespace = true, true
		return value{places: []*pathTree{w.namespace}}
	case varNow:
		w.reads.now = true
	case varParams:
		w.fail(w.e.at(x.ID(), "parameters are read by name, as params.<name>"))
	}
	return opaque
}

// param handles params.<name> and params["name"]; ok is false for everything else.
func (w *walk) param(operand ast.Expr, name string, id int64, s *scope) (ok bool) {
	if operand.Kind() != ast.IdentKind || operand.AsIdent() != varParams {
		return false
	}
	if _, shadowed := s.lookup(varParams); shadowed {
		return false
	}
	w.params[name] = true
	if _, known := w.known[name]; !known {
		hint := ""
		if near := nearest(name, slices.Collect(maps.Keys(w.known))); near != "" {
			hint = "; did you mean params." + near + "?"
		}
		w.fail(w.e.at(id, "params.%s: neither the control nor its scope has a parameter of this name%s", name, hint))
	}
	return true
}

func (w *walk) selection(x ast.Expr, s *scope) value {
	sel := x.AsSelect()
	if w.param(sel.Operand(), sel.FieldName(), x.ID(), s) {
		return opaque
	}
	out := w.step(w.eval(sel.Operand(), s), Step{Name: sel.FieldName()}, x.ID())
	if sel.IsTestOnly() {
		return opaque // that the place is in the tree keeps its presence
	}
	return out
}

// index handles a[k], a[?k] and a.?k.
func (w *walk) index(x ast.Expr, s *scope) value {
	operand, key := x.AsCall().Args()[0], x.AsCall().Args()[1]
	if key.Kind() == ast.LiteralKind {
		if name, ok := key.AsLiteral().(types.String); ok {
			if w.param(operand, string(name), x.ID(), s) {
				return opaque
			}
			return w.step(w.eval(operand, s), Step{Name: string(name)}, x.ID())
		}
	}
	v := w.eval(operand, s)
	w.use(w.eval(key, s))
	w.shape(v) // an index counts from the first element: all must stay
	return w.step(v, Step{Element: true}, x.ID())
}

func (w *walk) list(x ast.Expr, s *scope) value {
	var elements value
	for _, c := range x.AsList().Elements() {
		elements = union(elements, w.eval(c, s))
	}
	return value{elements: &elements, other: true}
}

// call follows the functions that hand their argument through; every other one reads its arguments whole.
func (w *walk) call(x ast.Expr, s *scope) value {
	call := x.AsCall()
	switch call.FunctionName() {
	case operators.Index, operators.OptIndex, operators.OptSelect:
		return w.index(x, s)
	case operators.Conditional:
		w.use(w.eval(call.Args()[0], s))
		return union(w.eval(call.Args()[1], s), w.eval(call.Args()[2], s))
	case operators.Add:
		return w.add(x, s)
	}
	args := make([]value, 0, 3)
	for _, c := range children(x) {
		args = append(args, w.eval(c, s))
	}
	w.checkTimes(x, args)
	w.checkPattern(x, args)
	switch call.FunctionName() {
	case "dyn", "value", "optional.of":
		return args[0]
	case "orValue", "or":
		return union(args[0], args[1])
	case "optional.ofNonZeroValue":
		w.use(args[0])
		return args[0]
	case "size":
		w.shape(args[0])
		return opaque
	case "type", "hasValue":
		return opaque
	}
	for _, a := range args {
		w.use(a)
	}
	return result(args...)
}

// add follows the elements of concatenated lists; numbers and strings are read.
func (w *walk) add(x ast.Expr, s *scope) value {
	args := x.AsCall().Args()
	a, b := w.eval(args[0], s), w.eval(args[1], s)
	w.checkTimes(x, []value{a, b})
	elements := union(w.elementsOf(a, x.ID()), w.elementsOf(b, x.ID()))
	return value{elements: &elements, other: true, derived: a.ofObject() || b.ofObject()}
}

// elementsOf are the elements of a list or the values of a map. All of them are counted, so the shape is read.
func (w *walk) elementsOf(v value, id int64) value {
	w.shape(v)
	if len(v.places) == 0 && v.elements == nil {
		return result(v)
	}
	return w.step(v, Step{Element: true}, id)
}

// comprehension follows what the macros expand to: loops (exists, all, map, filter, transformList, ...) and bindings.
func (w *walk) comprehension(c ast.ComprehensionExpr, s *scope) value {
	elements := w.elementsOf(w.eval(c.IterRange(), s), c.IterRange().ID())
	inner := s
	if c.HasIterVar2() {
		inner = inner.with(c.IterVar(), result(elements)).with(c.IterVar2(), elements)
	} else {
		elements.other, elements.derived = true, elements.ofObject() // over a map the variable is a key
		inner = inner.with(c.IterVar(), elements)
	}
	init := w.eval(c.AccuInit(), s)
	inner = inner.with(c.AccuVar(), init)
	w.use(w.eval(c.LoopCondition(), inner))
	accumulated := union(init, w.eval(c.LoopStep(), inner))
	return w.eval(c.Result(), s.with(c.AccuVar(), accumulated))
}
