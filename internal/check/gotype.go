// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// MissingInGoType gives the paths that the rule reads and the Go type has no field for, in the order of the text. An object of
// that type would seem not to have them, whatever the server sent.
func (p *Program) MissingInGoType(t reflect.Type) []Path {
	return inOrder(missingInGoType(p.tree, t))
}

func inOrder(paths []Path) []Path {
	slices.SortFunc(paths, textOrder)
	return paths
}

// textOrder compares the places in the rule where paths are read: where comes before expect.
func textOrder(a, b Path) int {
	return cmp.Or(-cmp.Compare(a.Field, b.Field), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.String(), b.String()))
}

func missingInGoType(t *pathTree, typ reflect.Type) []Path {
	switch {
	case t == nil || goTypeOf(typ).form == formMarshaler || typ.Kind() == reflect.Interface:
		return nil
	case typ.Kind() == reflect.Pointer:
		return missingInGoType(t, typ.Elem())
	case typ.Kind() == reflect.Struct:
		return missingInStruct(t, typ)
	case typ.Kind() == reflect.Slice:
		return missingInGoType(t.element, typ.Elem())
	case typ.Kind() == reflect.Map:
		out := missingInGoType(t.element, typ.Elem())
		for _, c := range t.fields {
			out = append(out, missingInGoType(c, typ.Elem())...)
		}
		return out
	}
	return nil
}

func missingInStruct(t *pathTree, typ reflect.Type) []Path {
	var out []Path
	for name, c := range t.fields {
		field, ok := fieldType(typ, name)
		if !ok {
			out = append(out, c.path())
			continue
		}
		out = append(out, missingInGoType(c, field)...)
	}
	return out
}

// fieldType is the type of the field with a JSON name.
func fieldType(typ reflect.Type, name string) (reflect.Type, bool) {
	entry, ok := goTypeOf(typ).fields[name]
	if !ok {
		return nil, false
	}
	return entry.GetFrom(reflect.Zero(typ)).Type(), true
}

// fieldNames are the JSON names of a struct's fields.
func fieldNames(typ reflect.Type) []string { return slices.Collect(maps.Keys(goTypeOf(typ).fields)) }

// checkNamespace refuses an unknown field of namespaceObject: a Namespace is of one kind everywhere.
func (w *walk) checkNamespace() error {
	missing := inOrder(missingInGoType(w.namespace, reflect.TypeFor[corev1.Namespace]()))
	if len(missing) == 0 {
		return nil
	}
	p := missing[0]
	return &Error{Field: p.Field, Line: p.Line, Column: p.Column, Message: varNamespace + "." + p.String() + ": no such field in v1 Namespace"}
}
