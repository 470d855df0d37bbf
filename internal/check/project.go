// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"errors"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// errNotAnObject is never seen with subjects made by this package.
var errNotAnObject = errors.New("check: the subject is not an object")

// Project gives those parts of the object that the rule reads, as decoded JSON: enough for an equal verdict later. It
// shares nothing that may be changed. Of what is only asked for its presence the contents are left out. Beside what
// the rule reads it holds metadata.name, metadata.namespace and, where the rule has a selector, metadata.labels.
// With ReadsObjectWhole it may be the whole object.
func (p *Program) Project(s Subject) (map[string]any, error) {
	out, ok := projected(p.tree, s.decoded().value).(map[string]any)
	if !ok {
		return nil, errNotAnObject
	}
	return out, nil
}

// kept is the tree of what a projection keeps: what is read, and the names by which the object is known.
func kept(object *pathTree, labels bool) *pathTree {
	metadata, _ := object.child(Step{Name: "metadata"})
	for _, name := range []string{"name", "namespace"} {
		if c, made := metadata.child(Step{Name: name}); made {
			c.named = true
		}
	}
	if labels {
		l, _ := metadata.child(Step{Name: "labels"})
		l.whole = true
	}
	return object
}

// projected keeps of v what t reads; a nil t reads nothing.
func projected(t *pathTree, v ref.Val) any {
	if t == nil {
		return nil
	}
	if t.whole {
		return plainOf(v)
	}
	switch v := v.(type) {
	case *mapping:
		return projectedMap(t, v)
	case traits.Lister:
		return projectedList(t, v)
	}
	return plainOf(v)
}

func projectedMap(t *pathTree, m *mapping) map[string]any {
	out := map[string]any{}
	for name, c := range t.fields {
		if v := m.find(name); v != nil {
			out[name] = projected(joined(c, t.element), v)
		}
	}
	if !t.shape && t.element == nil {
		return out
	}
	for _, k := range m.keys() {
		if _, done := out[k]; !done {
			out[k] = projected(t.element, m.find(k))
		}
	}
	return out
}

func projectedList(t *pathTree, l traits.Lister) []any {
	out := []any{}
	if !t.shape && t.element == nil {
		return out
	}
	for it := l.Iterator(); it.HasNext() == types.True; {
		out = append(out, projected(t.element, it.Next()))
	}
	return out
}

// joined reads what either reads.
func joined(a, b *pathTree) *pathTree {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	out := &pathTree{
		whole: a.whole || b.whole, shape: a.shape || b.shape, element: joined(a.element, b.element), named: a.named && b.named,
		fields: map[string]*pathTree{},
	}
	for name, c := range a.fields {
		out.fields[name] = joined(c, b.fields[name])
	}
	for name, c := range b.fields {
		if out.fields[name] == nil {
			out.fields[name] = c
		}
	}
	return out
}

// plainOf is a value as decoded JSON.
func plainOf(v ref.Val) any {
	switch v := v.(type) {
	case types.Null:
		return nil
	case *mapping:
		out := make(map[string]any, v.size())
		for _, k := range v.keys() {
			out[k] = plainOf(v.find(k))
		}
		return out
	case traits.Lister:
		out := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			out = append(out, plainOf(it.Next()))
		}
		return out
	}
	return v.Value()
}
