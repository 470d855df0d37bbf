// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/openapi"
	"k8s.io/kube-openapi/pkg/spec3"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// ErrNoSchema means that the API server publishes no schema for a kind.
var ErrNoSchema = errors.New("no schema published")

// Schemas are the OpenAPI schemas of one group version. They are large: read them, ask, and let them go.
type Schemas struct {
	byName map[string]*spec.Schema
	byKind map[schema.GroupVersionKind]*spec.Schema
}

// FetchSchemas reads the schemas of a group version, or ErrNoSchema where the API server publishes none.
func FetchSchemas(client openapi.Client, gv schema.GroupVersion) (*Schemas, error) {
	paths, err := client.Paths()
	if err != nil {
		return nil, fmt.Errorf("openapi index: %w", err)
	}
	path := "apis/" + gv.String()
	if gv.Group == "" {
		path = "api/" + gv.Version
	}
	doc, ok := paths[path]
	if !ok {
		return nil, fmt.Errorf("%s: %w", gv, ErrNoSchema)
	}
	raw, err := doc.Schema(runtime.ContentTypeJSON)
	if err != nil {
		return nil, fmt.Errorf("openapi of %s: %w", gv, err)
	}
	var parsed spec3.OpenAPI
	if err := json.Unmarshal(raw, &parsed); err != nil {
		return nil, fmt.Errorf("openapi of %s: %w", gv, err)
	}
	out := &Schemas{byKind: map[schema.GroupVersionKind]*spec.Schema{}}
	if parsed.Components != nil {
		out.byName = parsed.Components.Schemas
	}
	for _, s := range out.byName {
		for _, gvk := range kindsOf(s) {
			out.byKind[gvk] = s
		}
	}
	return out, nil
}

func kindsOf(s *spec.Schema) []schema.GroupVersionKind {
	list, _ := s.Extensions["x-kubernetes-group-version-kind"].([]any)
	var out []schema.GroupVersionKind
	for _, e := range list {
		m, _ := e.(map[string]any)
		g, _ := m["group"].(string)
		v, _ := m["version"].(string)
		k, _ := m["kind"].(string)
		out = append(out, schema.GroupVersionKind{Group: g, Version: v, Kind: k})
	}
	return out
}

// Kind returns the schema of a kind, or nil.
func (s *Schemas) Kind(gvk schema.GroupVersionKind) *spec.Schema { return s.byKind[gvk] }

// Resolve returns the schema that a reference names, or nil.
func (s *Schemas) Resolve(ref string) *spec.Schema {
	return s.byName[strings.TrimPrefix(ref, "#/components/schemas/")]
}
