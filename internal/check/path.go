// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"slices"
	"strings"
)

// Step is one step of a path: a field or key with a name, or any element of a list or value of a map.
type Step struct {
	Name    string
	Element bool
}

// Path is something that a rule reads of `object`, or of the elements of `objects`.
type Path struct {
	Steps []Step
	// Field is the expression that reads it first (where or expect), Line and Column the place in it, 1-based; 0: unknown.
	Field        string
	Line, Column int
}

// String is the path as an author knows it: spec.containers[].image.
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p.Steps {
		switch {
		case s.Element:
			b.WriteString("[]")
		case i == 0:
			b.WriteString(s.Name)
		case plainName(s.Name):
			b.WriteString("." + s.Name)
		default:
			b.WriteString("[" + s.Name + "]")
		}
	}
	return b.String()
}

func plainName(s string) bool { return !strings.ContainsAny(s, "./-[] ") }

// pathTree is what is read below one place of the object.
type pathTree struct {
	parent  *pathTree
	step    Step
	fields  map[string]*pathTree
	element *pathTree
	// whole: everything below is read. shape: size and keys are read. Neither: presence and type are, and what is below.
	whole, shape bool
	// named: nothing reads it, it is only kept to know the object by its name.
	named bool
	// certain: some expression can only mean this place, not one of several.
	certain      bool
	field        string
	line, column int
}

// child is the place one step below, made if it is not there yet.
func (t *pathTree) child(s Step) (c *pathTree, made bool) {
	if s.Element {
		if t.element == nil {
			t.element, made = &pathTree{parent: t, step: s}, true
		}
		return t.element, made
	}
	if c = t.fields[s.Name]; c != nil {
		return c, false
	}
	if t.fields == nil {
		t.fields = map[string]*pathTree{}
	}
	c = &pathTree{parent: t, step: s}
	t.fields[s.Name] = c
	return c, true
}

// path is the way from the root.
func (t *pathTree) path() Path {
	p := Path{Field: t.field, Line: t.line, Column: t.column}
	for ; t.parent != nil; t = t.parent {
		p.Steps = append(p.Steps, t.step)
	}
	slices.Reverse(p.Steps)
	return p
}

// ends are the places where reading ends, sorted by name: those with nothing read below, or read themselves.
func (t *pathTree) ends() []Path {
	var out []Path
	if t.parent != nil && (t.whole || t.shape || len(t.fields) == 0 && t.element == nil) {
		out = append(out, t.path())
	}
	for _, c := range t.fields {
		out = append(out, c.ends()...)
	}
	if t.element != nil {
		out = append(out, t.element.ends()...)
	}
	slices.SortFunc(out, func(a, b Path) int { return cmp.Compare(a.String(), b.String()) })
	return out
}

// NamespacePaths are the paths of namespaceObject that the rule reads, sorted.
func (p *Program) NamespacePaths() []Path { return slices.Clone(p.namespacePaths) }

// Paths are the paths of the object that the rule reads, longest forms only, sorted. The selector's labels are not among
// them.
func (p *Program) Paths() []Path { return slices.Clone(p.paths) }
