// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apimachinery/pkg/runtime"
	"pgregory.net/rapid"
)

const shops = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.a.io}
spec:
  group: a.io
  names: {kind: Shop, plural: shops}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            default: {}
            properties:
              open: {type: boolean, default: true}
              hours: {type: integer, default: 8}
              town: {type: string}
              doors:
                type: array
                items:
                  type: object
                  properties: {lock: {type: string, default: bolt}}
              rooms:
                type: object
                additionalProperties:
                  type: object
                  properties: {light: {type: string, default: "off", nullable: true}}
---
`

// TestDefinedKinds: of a kind that a definition among the files defines, a rule sees what the API server would store.
func TestDefinedKinds(t *testing.T) {
	shop := func(spec string) string {
		return "apiVersion: a.io/v1\nkind: Shop\nmetadata: {name: s, namespace: shop}\n" + spec + "\n"
	}
	for name, tt := range map[string]struct{ spec, holds string }{
		"nothing is said":         {"", "object.spec.open && object.spec.hours == 8"},
		"what is said stays":      {"spec: {open: false, hours: 3}", "!object.spec.open && object.spec.hours == 3"},
		"null is not said":        {"spec: {hours: null, town: null}", "object.spec.hours == 8 && !has(object.spec.town)"},
		"null that may be":        {"spec: {rooms: {a: {light: null}, b: {}}}", "object.spec.rooms.a.light == null && object.spec.rooms.b.light == 'off'"},
		"in lists":                {"spec: {doors: [{}, {lock: chain}]}", "object.spec.doors.map(d, d.lock) == ['bolt', 'chain']"},
		"a field that is none":    {"spec: {opne: false}", "size(object.spec) == 2"},
		"with its name and where": {"", "object.metadata.name == 's' && object.kind == 'Shop' && object.apiVersion == 'a.io/v1'"},
	} {
		t.Run(name, func(t *testing.T) {
			rule := fmt.Sprintf(`{apiVersion: a.io/v1, kind: Shop, quantifier: Every, expect: "%s"}`, tt.holds)
			want := []string{"C.1 Effective True Satisfied", "  rule Pass ObjectsPassed:", "    Shop shop/s Pass b.yaml:1"}
			if d := cmp.Diff(want, said(run(t, Options{}, frame+shops+controlOf("C.1", rule), shop(tt.spec)))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestDefaultsAreTheAPIServers: any value by any schema becomes what the API server makes of it.
func TestDefaultsAreTheAPIServers(t *testing.T) {
	names := rapid.SampledFrom([]string{"a", "b", "c"})
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		leaf := rapid.SampledFrom([]any{nil, "x", int64(1), true})
		if depth == 0 {
			return leaf
		}
		list := rapid.Map(rapid.SliceOfN(value(depth-1), 0, 3), func(l []any) any { return l })
		object := rapid.Map(rapid.MapOfN(names, value(depth-1), 0, 3), func(m map[string]any) any { return m })
		return rapid.OneOf(leaf, list, object)
	}
	var schema func(depth int) *rapid.Generator[*structuralschema.Structural]
	schema = func(depth int) *rapid.Generator[*structuralschema.Structural] {
		return rapid.Custom(func(t *rapid.T) *structuralschema.Structural {
			s := &structuralschema.Structural{}
			s.Nullable = rapid.Bool().Draw(t, "nullable")
			s.Default.Object = value(1).Draw(t, "default")
			if depth == 0 {
				return s
			}
			switch rapid.IntRange(0, 2).Draw(t, "shape") {
			case 0:
				s.Items = schema(depth-1).Draw(t, "items")
			case 1:
				s.AdditionalProperties = &structuralschema.StructuralOrBool{Structural: schema(depth-1).Draw(t, "entries")}
			default:
				s.Properties = map[string]structuralschema.Structural{}
				for name, p := range rapid.MapOfN(names, schema(depth-1), 0, 3).Draw(t, "properties") {
					s.Properties[name] = *p
				}
			}
			return s
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		s, given := schema(3).Draw(t, "schema"), value(3).Draw(t, "value")
		want, got := runtime.DeepCopyJSONValue(given), runtime.DeepCopyJSONValue(given)
		defaulting.PruneNonNullableNullsWithoutDefaults(want, s)
		defaulting.Default(want, s)
		dropNulls(got, s)
		fillDefaults(got, s)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("(-API server +check):\n%s", d)
		}
	})
}
