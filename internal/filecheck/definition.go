// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"encoding/json"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	sigsjson "sigs.k8s.io/json"

	"github.com/isms-operator/isms-operator/internal/manifest"
)

// definition is what a CustomResourceDefinition says of a kind.
type definition struct {
	namespaced bool
	schema     []byte // nil: none
	structural *structuralschema.Structural
}

func (g *gathering) definition(o *manifest.Object) {
	var d apiextensionsv1.CustomResourceDefinition
	if err := sigsjson.UnmarshalCaseSensitivePreserveInts(o.JSON, &d); err != nil {
		g.fail(o.Place, "CustomResourceDefinition %s: %s", o.Name, firstLine(err))
		return
	}
	for _, v := range d.Spec.Versions {
		if !v.Served {
			continue
		}
		kind := definition{namespaced: d.Spec.Scope == apiextensionsv1.NamespaceScoped}
		if v.Schema != nil && v.Schema.OpenAPIV3Schema != nil {
			kind.schema, _ = json.Marshal(v.Schema.OpenAPIV3Schema)
			kind.structural = structuralOf(v.Schema.OpenAPIV3Schema)
		}
		g.kinds[schema.GroupVersionKind{Group: d.Spec.Group, Version: v.Name, Kind: d.Spec.Names.Kind}] = kind
	}
}

// structuralOf is a schema as the API server uses it, or nil for one that it would not take.
func structuralOf(s *apiextensionsv1.JSONSchemaProps) *structuralschema.Structural {
	var internal apiextensions.JSONSchemaProps
	if apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(s, &internal, nil) != nil {
		return nil
	}
	structural, err := structuralschema.NewStructural(&internal)
	if err != nil {
		return nil
	}
	return structural
}

// stored makes an object of a defined kind what the API server would store: fields that its schema does not have are
// gone, and defaults are filled in.
func (d definition) stored(object map[string]any) {
	if d.structural == nil {
		return
	}
	pruning.Prune(object, d.structural, true)
	dropNulls(object, d.structural)
	fillDefaults(object, d.structural)
}

// dropNulls removes what is null and may not be, unless a default takes its place. It and fillDefaults do what the
// package defaulting of the API server does, which a test holds; that package brings half the API server with it.
// Source: Kubernetes, Extend the Kubernetes API with CustomResourceDefinitions, "Defaulting and Nullable".
func dropNulls(value any, s *structuralschema.Structural) {
	switch v := value.(type) {
	case map[string]any:
		for name, said := range v {
			below := fieldOf(s, name)
			if said == nil && below != nil && !below.Nullable && below.Default.Object == nil {
				delete(v, name)
			} else {
				dropNulls(said, below)
			}
		}
	case []any:
		for _, said := range v {
			if s != nil {
				dropNulls(said, s.Items)
			}
		}
	}
}

// fillDefaults fills in what is left out, and what is null and may not be.
func fillDefaults(value any, s *structuralschema.Structural) {
	if s == nil {
		return
	}
	switch v := value.(type) {
	case map[string]any:
		for name := range s.Properties {
			if _, said := v[name]; !said && s.Properties[name].Default.Object != nil {
				v[name] = runtime.DeepCopyJSONValue(s.Properties[name].Default.Object)
			}
		}
		for name, said := range v {
			below := fieldOf(s, name)
			v[name] = orDefault(said, below)
			fillDefaults(v[name], below)
		}
	case []any:
		for i, said := range v {
			v[i] = orDefault(said, s.Items)
			fillDefaults(v[i], s.Items)
		}
	}
}

func orDefault(value any, s *structuralschema.Structural) any {
	if value != nil || s == nil || s.Nullable {
		return value
	}
	return runtime.DeepCopyJSONValue(s.Default.Object)
}

// fieldOf is what a schema says of a field: as a property, or as an entry of a map.
func fieldOf(s *structuralschema.Structural, name string) *structuralschema.Structural {
	if s == nil {
		return nil
	}
	if property, ok := s.Properties[name]; ok {
		return &property
	}
	if s.AdditionalProperties != nil {
		return s.AdditionalProperties.Structural
	}
	return nil
}
