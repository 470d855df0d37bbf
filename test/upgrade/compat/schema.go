// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package compat

import (
	"maps"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

type props = apiextensionsv1.JSONSchemaProps

// schema compares the schemas of one field, and of what is in it.
func (c *comparison) schema(path string, before, after *props) {
	c.shape(path, before, after)
	c.values(path, before, after)
	c.bounds(path, before, after)
	c.rules(path, before, after)
	c.fields(path, before, after)
	c.members(path, before, after)
}

// shape is what a value is, and how writers share it.
func (c *comparison) shape(path string, before, after *props) {
	c.differs(path, "the type", before.Type, after.Type)
	c.differs(path, "an integer or a string", before.XIntOrString, after.XIntOrString)
	c.differs(path, "an embedded object", before.XEmbeddedResource, after.XEmbeddedResource)
	c.differs(path, "the type of the list", text(before.XListType), text(after.XListType))
	c.differs(path, "the type of the map", text(before.XMapType), text(after.XMapType))
	if !slices.Equal(before.XListMapKeys, after.XListMapKeys) {
		c.add(path, "the keys of the list were %v and are %v", before.XListMapKeys, after.XListMapKeys)
	}
	if before.Nullable && !after.Nullable {
		c.add(path, "null is refused now")
	}
	if truth(before.XPreserveUnknownFields) && !truth(after.XPreserveUnknownFields) {
		c.add(path, "unknown fields are dropped now")
	}
}

// values are those that are allowed one by one, and that which stands for none.
func (c *comparison) values(path string, before, after *props) {
	if after.Format != "" && before.Format != after.Format {
		c.add(path, "the format %s is new", after.Format)
	}
	if after.Pattern != "" && before.Pattern != after.Pattern {
		c.add(path, "the pattern %s is new", after.Pattern)
	}
	switch allowed := enum(after); {
	case len(after.Enum) == 0:
	case len(before.Enum) == 0:
		c.add(path, "only certain values are allowed now")
	default:
		c.lost(path, "the value", enum(before), allowed)
	}
	if after.Default != nil && !equality.Semantic.DeepEqual(before.Default, after.Default) {
		c.add(path, "the default %s is new", after.Default.Raw)
	}
	if !equality.Semantic.DeepEqual(before.MultipleOf, after.MultipleOf) && after.MultipleOf != nil {
		c.add(path, "only multiples of %v are allowed now", *after.MultipleOf)
	}
}

// bound is one on a number of something.
type bound struct {
	of            string
	before, after *int64
}

func (c *comparison) bounds(path string, before, after *props) {
	for _, most := range []bound{
		{"length", before.MaxLength, after.MaxLength},
		{"number of items", before.MaxItems, after.MaxItems},
		{"number of fields", before.MaxProperties, after.MaxProperties},
	} {
		if tighter(most.before, most.after, -1) {
			c.add(path, "the greatest %s is %d now, less than before", most.of, *most.after)
		}
	}
	for _, least := range []bound{
		{"length", before.MinLength, after.MinLength},
		{"number of items", before.MinItems, after.MinItems},
		{"number of fields", before.MinProperties, after.MinProperties},
	} {
		if least.after != nil && *least.after > 0 && tighter(least.before, least.after, 1) {
			c.add(path, "the least %s is %d now, more than before", least.of, *least.after)
		}
	}
	if tighter(before.Maximum, after.Maximum, -1) || after.Maximum != nil && after.ExclusiveMaximum && !before.ExclusiveMaximum {
		c.add(path, "the maximum is %v now, less than before", *after.Maximum)
	}
	if tighter(before.Minimum, after.Minimum, 1) || after.Minimum != nil && after.ExclusiveMinimum && !before.ExclusiveMinimum {
		c.add(path, "the minimum is %v now, more than before", *after.Minimum)
	}
}

// rules are the expressions that hold, and the combinations of schemas, of which none is ever ratcheted.
func (c *comparison) rules(path string, before, after *props) {
	for _, rule := range after.XValidations {
		if !slices.ContainsFunc(before.XValidations, func(r apiextensionsv1.ValidationRule) bool { return r.Rule == rule.Rule }) {
			c.add(path, "the rule is new: %s", rule.Rule)
		}
	}
	if !equality.Semantic.DeepEqual(
		[]any{before.Not, before.AllOf, before.AnyOf, before.OneOf}, []any{after.Not, after.AllOf, after.AnyOf, after.OneOf},
	) {
		c.add(path, "not, allOf, anyOf or oneOf have changed")
	}
}

// fields are those of an object.
func (c *comparison) fields(path string, before, after *props) {
	for _, name := range after.Required {
		if !slices.Contains(before.Required, name) {
			c.add(join(path, name), "the field is required now")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before.Properties)) {
		was, at := before.Properties[name], join(path, name)
		is, ok := after.Properties[name]
		if !ok {
			c.add(at, "the field is gone")
			continue
		}
		c.schema(at, &was, &is)
	}
}

// members are the items of a list and the values of a map.
func (c *comparison) members(path string, before, after *props) {
	if was := before.Items; was != nil && was.Schema != nil {
		if is := after.Items; is == nil || is.Schema == nil {
			c.add(path+"[]", "the items have no schema any more")
		} else {
			c.schema(path+"[]", was.Schema, is.Schema)
		}
	}
	was, is := before.AdditionalProperties, after.AdditionalProperties
	switch {
	case was == nil || !was.Allows && was.Schema == nil:
	case is == nil || !is.Allows && is.Schema == nil:
		c.add(path+"{}", "further fields are dropped now")
	case was.Schema == nil && is.Schema != nil:
		c.add(path+"{}", "further fields have a schema now")
	case was.Schema != nil && is.Schema != nil:
		c.schema(path+"{}", was.Schema, is.Schema)
	}
}

// tighter says whether a bound has come, or has moved in the direction: -1 for down, 1 for up.
func tighter[N int64 | float64](before, after *N, direction N) bool {
	return after != nil && (before == nil || (*after-*before)*direction > 0)
}

func text(s *string) string {
	if s == nil {
		return "none"
	}
	return *s
}

func truth(b *bool) bool { return b != nil && *b }

func enum(p *props) []string {
	var out []string
	for _, value := range p.Enum {
		out = append(out, string(value.Raw))
	}
	return out
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
