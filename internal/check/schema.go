// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// CheckSchema holds the paths that the rule reads against the OpenAPI schema of the kind, as the server publishes it.
// Only these are errors: a field that an object does not have which is closed, that is, lists its properties and allows
// no others; and arithmetic on times that are not converted. Maps, free-form objects, preserved unknown fields,
// integers or strings, and parts that have no schema stay open. resolve finds the schema that a $ref names, or nil.
// The error is an *Error, of the first such place in the text.
func (p *Program) CheckSchema(root *spec.Schema, resolve func(ref string) *spec.Schema) error {
	c := &schemaCheck{program: p, resolve: resolve, times: map[*pathTree]bool{}}
	c.resource(p.tree, c.flatten(root))
	if len(c.errors) > 0 {
		return first(c.errors)
	}
	for _, a := range p.arithmetic {
		if slices.ContainsFunc(a.places, func(t *pathTree) bool { return c.times[t] }) {
			return a.e.notConverted(a.id, a.operand, "timestamp")
		}
	}
	return nil
}

func first(errors []*Error) *Error {
	return slices.MinFunc(errors, func(a, b *Error) int {
		return cmp.Or(textOrder(Path{Field: a.Field, Line: a.Line, Column: a.Column},
			Path{Field: b.Field, Line: b.Line, Column: b.Column}), cmp.Compare(a.Message, b.Message))
	})
}

type schemaCheck struct {
	program *Program
	resolve func(string) *spec.Schema
	times   map[*pathTree]bool // the places that hold times
	errors  []*Error
}

// The extensions of Kubernetes that open a schema.
const (
	preserveUnknown  = "x-kubernetes-preserve-unknown-fields"
	intOrString      = "x-kubernetes-int-or-string"
	embeddedResource = "x-kubernetes-embedded-resource"
)

// node is what a schema says of one place, all its alternatives together.
type node struct {
	properties map[string][]*spec.Schema
	values     []*spec.Schema // of a map
	items      []*spec.Schema // of a list
	open       bool
	embedded   bool
	time       bool
}

// maxSchemaDepth bounds how deep references and alternatives are followed; deeper is open.
const maxSchemaDepth = 16

func (c *schemaCheck) flatten(schemas ...*spec.Schema) *node {
	n := &node{properties: map[string][]*spec.Schema{}}
	for _, s := range schemas {
		c.add(n, s, maxSchemaDepth)
	}
	return n
}

func (c *schemaCheck) add(n *node, s *spec.Schema, depth int) {
	if s == nil || depth == 0 {
		n.open = true
		return
	}
	if ref := s.Ref.String(); ref != "" {
		c.add(n, c.resolve(ref), depth-1)
	}
	for _, alternatives := range [][]spec.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for i := range alternatives {
			c.add(n, &alternatives[i], depth-1)
		}
	}
	n.open = n.open || extension(s, preserveUnknown) || extension(s, intOrString)
	n.embedded = n.embedded || extension(s, embeddedResource)
	n.time = n.time || s.Format == "date-time"
	for name := range s.Properties {
		property := s.Properties[name]
		n.properties[name] = append(n.properties[name], &property)
	}
	n.addContainer(s)
}

// addContainer adds what a schema says of a map's values and a list's elements.
func (n *node) addContainer(s *spec.Schema) {
	if a := s.AdditionalProperties; a != nil {
		n.open = n.open || a.Allows && a.Schema == nil
		if a.Schema != nil {
			n.values = append(n.values, a.Schema)
		}
	}
	if s.Items != nil && s.Items.Schema != nil {
		n.items = append(n.items, s.Items.Schema)
	}
}

func extension(s *spec.Schema, name string) bool {
	v, _ := s.Extensions[name].(bool)
	return v
}

// resource checks a whole resource: its kind and metadata are known whatever its schema says.
func (c *schemaCheck) resource(t *pathTree, n *node) {
	n.open = n.open || len(n.properties) == 0
	for _, name := range []string{"apiVersion", "kind"} {
		if _, ok := n.properties[name]; !ok {
			n.properties[name] = []*spec.Schema{{}}
		}
	}
	c.fields(t, n, t.fields["metadata"])
	c.metadata(t.fields["metadata"])
}

// metadata checks the metadata of a resource; schemas of custom resources leave it out.
func (c *schemaCheck) metadata(t *pathTree) {
	objectMeta := reflect.TypeFor[metav1.ObjectMeta]()
	for _, p := range missingInGoType(t, objectMeta) {
		c.unknown(p, fieldNames(objectMeta))
	}
}

// place checks one place of the object.
func (c *schemaCheck) place(t *pathTree, schemas []*spec.Schema) {
	n := c.flatten(schemas...)
	c.times[t] = n.time
	if n.embedded {
		c.resource(t, n)
		return
	}
	c.fields(t, n, nil)
}

// fields checks what is read below a place, but for one child that is checked otherwise.
func (c *schemaCheck) fields(t *pathTree, n *node, except *pathTree) {
	for name, child := range t.fields {
		property, known := n.properties[name]
		switch {
		case child == except:
		case known:
			c.place(child, property)
		case len(n.values) > 0:
			c.place(child, n.values)
		case child.certain && !n.open && len(n.properties) > 0:
			c.unknown(child.path(), slices.Collect(maps.Keys(n.properties)))
		}
	}
	if t.element == nil {
		return
	}
	if elements := append(slices.Clip(n.items), n.values...); len(elements) > 0 {
		c.place(t.element, elements)
	}
}

func (c *schemaCheck) unknown(p Path, candidates []string) {
	kind := c.program.kind
	message := p.String() + ": no such field in " + kind.GroupVersion().String() + " " + kind.Kind
	if near := nearest(p.Steps[len(p.Steps)-1].Name, candidates); near != "" {
		message += "; did you mean " + near + "?"
	}
	c.errors = append(c.errors, &Error{Field: p.Field, Line: p.Line, Column: p.Column, Message: message})
}
