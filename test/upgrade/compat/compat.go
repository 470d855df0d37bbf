// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package compat compares a CRD with that of an earlier release: what would keep objects that are stored, or manifests
// that are in Git, from being read or written as before.
//
// Where the API server ratchets (Kubernetes 1.33 on by default), a stored value that no longer validates may stay as long as
// nobody changes it. That is no way out here: not every tightening is ratcheted, older servers ratchet none, and a manifest
// that is applied to an empty cluster finds nothing to compare with. So each tightening counts.
package compat

import (
	"fmt"
	"slices"
	"sort"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// Change is one that is not compatible.
type Change struct {
	// CRD is its name, Version that of the API; empty where the whole kind is concerned.
	CRD, Version string
	// Path leads to the field, with [] for the items of a list and {} for the values of a map; empty for the object itself.
	Path string
	// What has changed, in words.
	What string
}

// String is one line, by which a change is also named where it is accepted.
func (c Change) String() string {
	text := c.CRD
	for _, part := range []string{c.Version, c.Path} {
		if part != "" {
			text += " " + part
		}
	}
	return text + ": " + c.What
}

// Compare returns the changes between two releases of a CRD that are not compatible, in the order of their fields.
func Compare(earlier, present *apiextensionsv1.CustomResourceDefinition) []Change {
	c := &comparison{crd: earlier.Name}
	c.names(earlier.Spec, present.Spec)
	for _, before := range earlier.Spec.Versions {
		c.version = before.Name
		at := slices.IndexFunc(present.Spec.Versions, func(v version) bool { return v.Name == before.Name })
		if at < 0 {
			c.add("", "the version is gone")
			continue
		}
		c.compareVersion(before, present.Spec.Versions[at])
	}
	return c.changes
}

// CompareAll compares the CRDs of two releases, each by its name.
func CompareAll(earlier, present []*apiextensionsv1.CustomResourceDefinition) []Change {
	var all []Change
	for _, before := range earlier {
		at := slices.IndexFunc(present, func(c *apiextensionsv1.CustomResourceDefinition) bool { return c.Name == before.Name })
		if at < 0 {
			all = append(all, Change{CRD: before.Name, What: "the kind is gone"})
			continue
		}
		all = append(all, Compare(before, present[at])...)
	}
	return all
}

// version is one of a CRD.
type version = apiextensionsv1.CustomResourceDefinitionVersion

type comparison struct {
	crd, version string
	changes      []Change
}

func (c *comparison) add(path, form string, args ...any) {
	c.changes = append(c.changes, Change{CRD: c.crd, Version: c.version, Path: path, What: fmt.Sprintf(form, args...)})
}

// differs adds a change where two values are not the same.
func (c *comparison) differs(path, what string, before, after any) {
	if before != after {
		c.add(path, "%s was %v and is %v", what, before, after)
	}
}

// lost adds a change for each name that is gone.
func (c *comparison) lost(path, what string, before, after []string) {
	for _, name := range before {
		if !slices.Contains(after, name) {
			c.add(path, "%s %s is gone", what, name)
		}
	}
}

func (c *comparison) names(before, after apiextensionsv1.CustomResourceDefinitionSpec) {
	c.differs("", "the group", before.Group, after.Group)
	c.differs("", "the scope", before.Scope, after.Scope)
	c.differs("", "the kind", before.Names.Kind, after.Names.Kind)
	c.differs("", "the plural", before.Names.Plural, after.Names.Plural)
	c.lost("", "the short name", before.Names.ShortNames, after.Names.ShortNames)
	c.lost("", "the category", before.Names.Categories, after.Names.Categories)
}

func (c *comparison) compareVersion(before, after version) {
	if before.Served && !after.Served {
		c.add("", "the version is no longer served")
	}
	if has := before.Subresources; has != nil {
		if has.Status != nil && (after.Subresources == nil || after.Subresources.Status == nil) {
			c.add("", "the subresource status is gone")
		}
		if has.Scale != nil && (after.Subresources == nil || after.Subresources.Scale == nil) {
			c.add("", "the subresource scale is gone")
		}
	}
	c.lost("", "the selectable field", selectable(before), selectable(after))
	if before.Schema == nil || before.Schema.OpenAPIV3Schema == nil {
		return // Such a version took nothing but metadata.
	}
	if after.Schema == nil || after.Schema.OpenAPIV3Schema == nil {
		c.add("", "the schema is gone")
		return
	}
	c.schema("", before.Schema.OpenAPIV3Schema, after.Schema.OpenAPIV3Schema)
}

func selectable(v version) []string {
	var out []string
	for _, f := range v.SelectableFields {
		out = append(out, f.JSONPath)
	}
	sort.Strings(out)
	return out
}
