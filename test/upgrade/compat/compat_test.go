// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package compat

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"
)

// present are the CRDs of config/crd.
func present(t *testing.T) []*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob("../../../config/crd/bases/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	var all []*apiextensionsv1.CustomResourceDefinition
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(text, crd); err != nil {
			t.Fatal(err)
		}
		all = append(all, crd)
	}
	return all
}

// mutation changes a schema, and says false where there is nothing to change.
type mutation struct {
	name   string
	change func(p *props) bool
	want   string // in the change; empty: there is none
}

func always(f func(p *props)) func(p *props) bool { return func(p *props) bool { f(p); return true } }

// lower lowers a bound, or sets it where there is none.
func lower(of func(p *props) **int64) func(p *props) bool {
	return always(func(p *props) {
		bound := of(p)
		if *bound == nil {
			*bound = ptr.To[int64](1000)
			return
		}
		*bound = ptr.To(**bound - 1)
	})
}

func raise(of func(p *props) **int64) func(p *props) bool {
	return always(func(p *props) { bound := of(p); *bound = ptr.To(ptr.Deref(*bound, 0) + 1) })
}

func lift(of func(p *props) **int64) func(p *props) bool {
	return func(p *props) bool { bound := of(p); was := *bound; *bound = nil; return was != nil }
}

var (
	maxLength     = func(p *props) **int64 { return &p.MaxLength }
	maxItems      = func(p *props) **int64 { return &p.MaxItems }
	maxProperties = func(p *props) **int64 { return &p.MaxProperties }
	minLength     = func(p *props) **int64 { return &p.MinLength }
	minItems      = func(p *props) **int64 { return &p.MinItems }
	minProperties = func(p *props) **int64 { return &p.MinProperties }
)

var mutations = []mutation{
	{"another type", always(func(p *props) { p.Type += "x" }), "the type was"},
	{"a bound on the length", lower(maxLength), "the greatest length is"},
	{"a bound on the items", lower(maxItems), "the greatest number of items is"},
	{"a bound on the fields", lower(maxProperties), "the greatest number of fields is"},
	{"a least length", raise(minLength), "the least length is"},
	{"least items", raise(minItems), "the least number of items is"},
	{"least fields", raise(minProperties), "the least number of fields is"},
	{"a lower maximum", always(func(p *props) { p.Maximum = ptr.To(ptr.Deref(p.Maximum, 10) - 1) }), "the maximum is"},
	{"a higher minimum", always(func(p *props) { p.Minimum = ptr.To(ptr.Deref(p.Minimum, -1) + 1) }), "the minimum is"},
	{"a maximum that is excluded", func(p *props) bool { p.ExclusiveMaximum = true; return p.Maximum != nil }, "the maximum is"},
	{"a minimum that is excluded", func(p *props) bool { p.ExclusiveMinimum = true; return p.Minimum != nil }, "the minimum is"},
	{"multiples", always(func(p *props) { p.MultipleOf = ptr.To(3.0) }), "only multiples of 3"},
	{"a pattern", always(func(p *props) { p.Pattern += "x" }), "the pattern"},
	{"a format", always(func(p *props) { p.Format += "x" }), "the format"},
	{"a default", always(func(p *props) { p.Default = &apiextensionsv1.JSON{Raw: []byte(`"x"`)} }), `the default "x"`},
	{"an enum", func(p *props) bool {
		none := len(p.Enum) == 0
		p.Enum = append(p.Enum, apiextensionsv1.JSON{Raw: []byte(`"x"`)})
		return none
	}, "only certain values"},
	{"an enum with a value less", func(p *props) bool {
		if len(p.Enum) > 0 {
			p.Enum = slices.Clone(p.Enum[1:])
		}
		return len(p.Enum) > 0
	}, "the value"},
	{"a rule", always(func(p *props) {
		p.XValidations = append(slices.Clone(p.XValidations), apiextensionsv1.ValidationRule{Rule: "self != self"})
	}), "the rule is new: self != self"},
	{"another rule", func(p *props) bool {
		if p.XValidations = slices.Clone(p.XValidations); len(p.XValidations) > 0 {
			p.XValidations[0].Rule += " && true"
		}
		return len(p.XValidations) > 0
	}, "the rule is new"},
	{"a schema that must not match", always(func(p *props) { p.Not = &props{Pattern: "x"} }), "not, allOf"},
	{"a schema that must match", always(func(p *props) { p.AllOf = append(slices.Clone(p.AllOf), props{MinLength: ptr.To[int64](1)}) }), "not, allOf"},
	{"a list of another type", func(p *props) bool { p.XListType = ptr.To("x"); return p.Type == "array" }, "the type of the list"},
	{"a list with other keys", func(p *props) bool {
		p.XListMapKeys = append(slices.Clone(p.XListMapKeys), "x")
		return p.Type == "array"
	}, "the keys of the list"},
	{"a map of another type", func(p *props) bool { p.XMapType = ptr.To("x"); return p.Type == "object" }, "the type of the map"},
	{"no items", func(p *props) bool { was := p.Items; p.Items = nil; return was != nil }, "the items have no schema"},
	{"no further fields", func(p *props) bool { was := p.AdditionalProperties; p.AdditionalProperties = nil; return was != nil }, "further fields are dropped"},
	{"a field that is gone", func(p *props) bool {
		name, ok := first(p)
		p.Properties = maps.Clone(p.Properties)
		delete(p.Properties, name)
		return ok
	}, "the field is gone"},
	{"a field that is required", func(p *props) bool {
		for name := range p.Properties {
			if !slices.Contains(p.Required, name) {
				p.Required = append(slices.Clone(p.Required), name)
				return true
			}
		}
		return false
	}, "the field is required now"},
	{"an embedded object", always(func(p *props) { p.XEmbeddedResource = !p.XEmbeddedResource }), "an embedded object"},
	{"an integer or a string", always(func(p *props) { p.XIntOrString = !p.XIntOrString }), "an integer or a string"},

	{"nothing", always(func(*props) {}), ""},
	{"no bound on the length", lift(maxLength), ""},
	{"more items", func(p *props) bool {
		p.MaxItems = ptr.To(ptr.Deref(p.MaxItems, 0) + 1)
		return *p.MaxItems > 1
	}, ""},
	{"no least length", lift(minLength), ""},
	{"no pattern", always(func(p *props) { p.Pattern = "" }), ""},
	{"no enum", always(func(p *props) { p.Enum = nil }), ""},
	{"a further value", func(p *props) bool {
		p.Enum = append(slices.Clone(p.Enum), apiextensionsv1.JSON{Raw: []byte(`"x"`)})
		return len(p.Enum) > 1
	}, ""},
	{"no rules", always(func(p *props) { p.XValidations = nil }), ""},
	{"another message", func(p *props) bool {
		p.XValidations = slices.Clone(p.XValidations)
		for i := range p.XValidations {
			p.XValidations[i].Message = "another"
		}
		return true
	}, ""},
	{"another description", always(func(p *props) { p.Description = "another" }), ""},
	{"a further field", func(p *props) bool {
		p.Properties = maps.Clone(p.Properties)
		if p.Properties != nil {
			p.Properties["further"] = props{Type: "string"}
		}
		return p.Properties != nil
	}, ""},
	{"nothing required", always(func(p *props) { p.Required = nil }), ""},
	{"null", always(func(p *props) { p.Nullable = true }), ""},
	{"unknown fields are kept", always(func(p *props) { p.XPreserveUnknownFields = ptr.To(true) }), ""},
}

func first(p *props) (string, bool) {
	names := slices.Sorted(maps.Keys(p.Properties))
	if len(names) == 0 {
		return "", false
	}
	return names[0], true
}

// visit calls f with each schema in one, and its path.
func visit(path string, p *props, f func(path string, p *props)) {
	f(path, p)
	for _, name := range slices.Sorted(maps.Keys(p.Properties)) {
		field := p.Properties[name]
		visit(join(path, name), &field, f)
	}
	if p.Items != nil && p.Items.Schema != nil {
		visit(path+"[]", p.Items.Schema, f)
	}
	if p.AdditionalProperties != nil && p.AdditionalProperties.Schema != nil {
		visit(path+"{}", p.AdditionalProperties.Schema, f)
	}
}

// TestMutations makes each change to each field of the CRDs that it can be made to.
func TestMutations(t *testing.T) {
	made := map[string]int{}
	for _, crd := range present(t) {
		visit("", crd.Spec.Versions[0].Schema.OpenAPIV3Schema, func(path string, p *props) {
			for _, m := range mutations {
				changed := *p
				if !m.change(&changed) {
					continue
				}
				made[m.name]++
				c := &comparison{crd: crd.Name, version: "v1alpha1"}
				c.schema(path, p, &changed)
				switch {
				case m.want == "" && len(c.changes) > 0:
					t.Errorf("%s, %q: %s: %v", crd.Name, path, m.name, c.changes)
				case m.want != "" && (len(c.changes) != 1 || !strings.Contains(c.changes[0].String(), m.want)):
					t.Errorf("%s, %q: %s: %v", crd.Name, path, m.name, c.changes)
				case m.want != "" && !strings.HasPrefix(c.changes[0].Path, path):
					t.Errorf("%s, %q: the change is at %q", crd.Name, path, c.changes[0].Path)
				}
			}
		})
	}
	for _, m := range mutations {
		if made[m.name] == 0 {
			t.Errorf("%s: no field could be changed so", m.name)
		}
	}
}

// TestEveryFieldIsCompared: a change of any field is found from the top of its CRD.
func TestEveryFieldIsCompared(t *testing.T) {
	fields := 0
	for _, crd := range present(t) {
		earlier := crd.DeepCopy()
		visit("", earlier.Spec.Versions[0].Schema.OpenAPIV3Schema, func(string, *props) { fields++ })
		everyField(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, "", func(path string) {
			changes := Compare(earlier, crd)
			if len(changes) != 1 || changes[0].Path != path {
				t.Errorf("%s, %q: %v", crd.Name, path, changes)
			}
			fields--
		})
		if changes := Compare(earlier, crd); len(changes) > 0 {
			t.Errorf("%s with itself: %v", crd.Name, changes)
		}
	}
	if fields != 0 {
		t.Errorf("%d fields were not changed", fields)
	}
}

// everyField changes the type of each schema in place, one at a time, and calls f meanwhile.
func everyField(p *props, path string, f func(path string)) {
	p.Type += "x"
	f(path)
	p.Type = strings.TrimSuffix(p.Type, "x")
	for _, name := range slices.Sorted(maps.Keys(p.Properties)) {
		field := p.Properties[name]
		everyField(&field, join(path, name), func(path string) {
			p.Properties[name] = field
			f(path)
		})
		p.Properties[name] = field
	}
	if p.Items != nil && p.Items.Schema != nil {
		everyField(p.Items.Schema, path+"[]", f)
	}
	if p.AdditionalProperties != nil && p.AdditionalProperties.Schema != nil {
		everyField(p.AdditionalProperties.Schema, path+"{}", f)
	}
}

// TestKinds makes the changes that concern a kind as a whole.
func TestKinds(t *testing.T) {
	type crd = apiextensionsv1.CustomResourceDefinition
	for want, change := range map[string]func(c *crd){
		"the group was":                   func(c *crd) { c.Spec.Group = "example.com" },
		"the scope was":                   func(c *crd) { c.Spec.Scope = apiextensionsv1.ClusterScoped },
		"the kind was":                    func(c *crd) { c.Spec.Names.Kind = "Other" },
		"the plural was":                  func(c *crd) { c.Spec.Names.Plural = "others" },
		"the category isms is gone":       func(c *crd) { c.Spec.Names.Categories = nil },
		"v1alpha1: the version is gone":   func(c *crd) { c.Spec.Versions[0].Name = "v1beta1" },
		"the version is no longer served": func(c *crd) { c.Spec.Versions[0].Served = false },
		"the subresource status is gone":  func(c *crd) { c.Spec.Versions[0].Subresources.Status = nil },
		"the schema is gone":              func(c *crd) { c.Spec.Versions[0].Schema = nil },
		"spec.scopeRef: the field is gone": func(c *crd) {
			delete(c.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].Properties, "scopeRef")
		},
		"": func(c *crd) {
			c.Spec.Versions = append(c.Spec.Versions, apiextensionsv1.CustomResourceDefinitionVersion{Name: "v1beta1"})
		},
	} {
		earlier := present(t)[2]
		changed := earlier.DeepCopy()
		change(changed)
		got := Compare(earlier, changed)
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || !strings.Contains(got[0].String(), want)) {
			t.Errorf("want %q, got %v", want, got)
		}
	}
	all := present(t)
	if got := CompareAll(all, all[1:]); len(got) != 1 || got[0].String() != all[0].Name+": the kind is gone" {
		t.Errorf("a kind less: %v", got)
	}
	if got := CompareAll(all[1:], all); len(got) != 0 {
		t.Errorf("a kind more: %v", got)
	}
}
