// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
)

// expression is one compiled expression of a rule.
type expression struct {
	field string
	ast   *ast.AST
	limit uint64
	// fast is nil where no static bound holds; then every evaluation is tracked.
	fast, tracked cel.Program
	bound         bound
	reads         reads
	// readsSubject says that it reads the object, the objects or the namespace.
	readsSubject bool
}

// compileExpression compiles one expression and walks its paths into w.
func compileExpression(field, text string, set bool, o Options, w *walk) (*expression, error) {
	if strings.TrimSpace(text) == "" {
		return nil, &Error{Field: field, Message: "must not be empty"}
	}
	if n := utf8.RuneCountInString(text); n > MaxExpressionLength {
		return nil, &Error{Field: field, Message: fmt.Sprintf("has %d characters, at most %d are allowed", n, MaxExpressionLength)}
	}
	if n := strings.Count(text, "optMap") + strings.Count(text, "optFlatMap"); n > maxOptMaps {
		return nil, &Error{Field: field, Message: fmt.Sprintf("has %d uses of optMap and optFlatMap, at most %d are allowed", n, maxOptMaps)}
	}
	e := &expression{field: field, limit: o.CostLimit}
	celEnv := env().object
	if set {
		celEnv, e.limit = env().set, o.SetCostLimit
	}
	checked, err := e.check(celEnv, text, set)
	if err != nil {
		return nil, err
	}
	if err := w.expression(e); err != nil {
		return nil, err
	}
	e.bound = staticBound(e.ast, w.known)
	if err := e.estimate(celEnv, checked); err != nil {
		return nil, err
	}
	return e, e.plan(celEnv, checked, set, o.AlwaysTrack)
}

// check parses and type checks the text, and bounds its size before anything walks it.
func (e *expression) check(celEnv *cel.Env, text string, set bool) (*cel.Ast, error) {
	parsed, issues := celEnv.Parse(text)
	if issues.Err() != nil {
		return nil, issuesError(e.field, issues)
	}
	if err := checkSize(e.field, parsed.NativeRep().Expr()); err != nil {
		return nil, err
	}
	checked, issues := celEnv.Check(parsed)
	if issues.Err() != nil {
		return nil, withHint(issuesError(e.field, issues), set)
	}
	if t := checked.OutputType(); !t.IsExactType(cel.BoolType) && !t.IsExactType(cel.DynType) {
		return nil, &Error{Field: e.field, Line: 1, Column: 1, Message: "must be true or false, but is " + t.String()}
	}
	e.ast = checked.NativeRep()
	return checked, nil
}

// withHint adds what an author who took the wrong variable needs.
func withHint(err *Error, set bool) *Error {
	switch {
	case set && strings.Contains(err.Message, "undeclared reference to 'object'"):
		err.Message += ": a Set rule expects something of objects, the list"
	case set && strings.Contains(err.Message, "undeclared reference to 'namespaceObject'"):
		err.Message += ": objects of a Set rule have no common namespace"
	case !set && strings.Contains(err.Message, "undeclared reference to 'objects'"):
		err.Message += ": only the expect of a Set rule has it; use object"
	}
	return err
}

func (e *expression) plan(celEnv *cel.Env, checked *cel.Ast, set, alwaysTrack bool) error {
	var err error
	if e.tracked, err = celEnv.Program(checked, tracked(set, e.limit)...); err != nil {
		return &Error{Field: e.field, Message: oneLine(err.Error())}
	}
	if set || alwaysTrack || !e.bound.ok {
		return nil
	}
	if e.fast, err = celEnv.Program(checked, untracked(set, e.limit)...); err != nil {
		return &Error{Field: e.field, Message: oneLine(err.Error())}
	}
	return nil
}

// position is the 1-based line and column of a node, or 0, 0.
func (e *expression) position(id int64) (line, column int) {
	if _, ok := e.ast.SourceInfo().GetOffsetRange(id); !ok {
		return 0, 0
	}
	l := e.ast.SourceInfo().GetStartLocation(id)
	if l.Line() < 1 {
		return 0, 0
	}
	return l.Line(), l.Column() + 1
}

// at makes an Error at a node.
func (e *expression) at(id int64, format string, args ...any) *Error {
	line, column := e.position(id)
	return &Error{Field: e.field, Line: line, Column: column, Message: oneLine(fmt.Sprintf(format, args...))}
}

// checkSize bounds the tree as the parser made it, macros expanded, so that no later walk is long.
func checkSize(field string, root ast.Expr) error {
	nodes, deepest := 0, 0
	var visit func(x ast.Expr, depth int)
	visit = func(x ast.Expr, depth int) {
		nodes++
		deepest = max(deepest, depth)
		if nodes > maxNodes || depth > maxDepth {
			return
		}
		for _, c := range children(x) {
			visit(c, depth+1)
		}
	}
	visit(root, 1)
	switch {
	case deepest > maxDepth:
		return &Error{Field: field, Message: fmt.Sprintf("is nested deeper than %d levels", maxDepth)}
	case nodes > maxNodes:
		return &Error{Field: field, Message: fmt.Sprintf("has more than %d operations, macros expanded", maxNodes)}
	}
	return nil
}

// children are the direct sub-expressions of a node.
func children(x ast.Expr) []ast.Expr {
	switch x.Kind() {
	case ast.SelectKind:
		return []ast.Expr{x.AsSelect().Operand()}
	case ast.CallKind:
		c := x.AsCall()
		if c.IsMemberFunction() {
			return append([]ast.Expr{c.Target()}, c.Args()...)
		}
		return c.Args()
	case ast.ListKind:
		return x.AsList().Elements()
	case ast.MapKind:
		var out []ast.Expr
		for _, e := range x.AsMap().Entries() {
			out = append(out, e.AsMapEntry().Key(), e.AsMapEntry().Value())
		}
		return out
	case ast.StructKind:
		var out []ast.Expr
		for _, f := range x.AsStruct().Fields() {
			out = append(out, f.AsStructField().Value())
		}
		return out
	case ast.ComprehensionKind:
		c := x.AsComprehension()
		return []ast.Expr{c.IterRange(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()}
	}
	return nil
}
