// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayPanic are the files that may, each with the reason why no object of a cluster has a say in it: the text of a panic that
// ends the process goes to its log, past everything that keeps values out of that.
var mayPanic = map[string]string{
	"internal/catalogue/catalogue.go": "the catalogue is built in",
	"internal/check/env.go":           "the CEL environment is made at the start",
	"internal/check/guard.go":         "CEL's way to end an evaluation, with a text of ours",
	"internal/check/rule.go":          "text, bools and lists of them are always JSON",
	"internal/metrics/engine.go":      "labels are kinds and reasons",
	"internal/metrics/isms.go":        "labels are names of ISMS objects, and values of our own",
	"main.go":                         "the scheme is made at the start",
}

// TestWhatMayPanic looks through the packages of the operator's program for calls of panic, and of functions that panic
// where they can't do what they must. Patterns that are compiled at the start may.
func TestWhatMayPanic(t *testing.T) {
	found := map[string]bool{}
	for _, dir := range ofTheProgram(t) {
		files, err := filepath.Glob(filepath.Join(root(t), dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			name := filepath.ToSlash(filepath.Join(dir, filepath.Base(path)))
			for _, call := range panicking(t, path) {
				found[name] = true
				if mayPanic[name] == "" {
					t.Errorf("%s calls %s: return an error, or write down in mayPanic why it tells nothing of an object", name, call)
				}
			}
		}
	}
	for name := range mayPanic {
		if !found[name] {
			t.Errorf("%s does not panic: take it out of mayPanic", name)
		}
	}
}

// TestReconcilersAreContained: a panic of a reconcile is told without its text.
func TestReconcilersAreContained(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root(t), "controllers", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	controllers := 0
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all, kept := strings.Count(string(text), "Complete("), strings.Count(string(text), "Complete(kube.Contained(")
		if controllers += all; all != kept {
			t.Errorf("%s has %d controllers, of which %d are contained: Complete(kube.Contained(r))", filepath.Base(path), all, kept)
		}
	}
	if controllers < 9 {
		t.Errorf("there are %d controllers", controllers)
	}
}

// ofTheProgram are the directories of the packages that the operator is built of.
func ofTheProgram(t *testing.T) []string {
	t.Helper()
	var dirs []string
	for _, p := range list(t, ".") {
		for _, path := range append(p.Deps, p.ImportPath) {
			if ours(path) {
				dirs = append(dirs, short(path))
			}
		}
	}
	if len(dirs) < 10 {
		t.Fatalf("the program is built of %d packages", len(dirs))
	}
	return dirs
}

// panicking are the calls in a file of panic and of functions that are named Must, but for patterns of package variables.
func panicking(t *testing.T, path string) []string {
	t.Helper()
	if strings.HasSuffix(path, "_test.go") {
		return nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var calls []string
	for _, declaration := range file.Decls {
		_, isFunction := declaration.(*ast.FuncDecl)
		ast.Inspect(declaration, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := called(call)
			if name == "panic" || strings.HasPrefix(name, "Must") && (isFunction || name != "MustCompile") {
				calls = append(calls, name)
			}
			return true
		})
	}
	slices.Sort(calls)
	return slices.Compact(calls)
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
