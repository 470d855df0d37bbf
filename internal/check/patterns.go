// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
)

// maxPattern bounds a regular expression, in instructions: a short text such as (a{1000}){1000} takes megabytes.
const maxPattern = 5000

// patternFunctions take a regular expression as their last argument but for a number.
var patternFunctions = []string{"matches", "find", "findAll"}

// checkPattern bounds regular expressions. What an object brings could be any, so it can't be one: the CEL cost of compiling it is
// far below what it takes.
func (w *walk) checkPattern(x ast.Expr, args []value) {
	if !slices.Contains(patternFunctions, x.AsCall().FunctionName()) || len(args) < 2 {
		return
	}
	pattern := children(x)[1]
	switch {
	case args[1].ofObject():
		w.fail(w.e.at(pattern.ID(), "a regular expression can't come from an object: write it here or as a parameter"))
	case pattern.Kind() == ast.LiteralKind:
		if text, ok := pattern.AsLiteral().(types.String); ok && tooLarge(string(text)) {
			w.fail(w.e.at(pattern.ID(), "the regular expression repeats too much: it takes more than %d instructions", maxPattern))
		}
	default:
		w.patternAt = w.e.at(pattern.ID(), "a parameter holds a regular expression that takes more than %d instructions", maxPattern)
	}
}

// checkParameterPatterns bounds the parameters that a rule reads, where it computes a regular expression.
func (w *walk) checkParameterPatterns() error {
	if w.patternAt == nil {
		return nil
	}
	for name := range w.params {
		if slices.ContainsFunc(w.known[name], tooLarge) {
			return w.patternAt
		}
	}
	return nil
}

// tooLarge says that a text is a regular expression that takes too many instructions.
func tooLarge(text string) bool { return instructions(text) > maxPattern }
