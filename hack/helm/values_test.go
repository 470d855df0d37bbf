// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

// schema is what the test reads of a JSON schema.
type schema struct {
	Type                 any
	Enum                 []any
	AdditionalProperties any
	Properties           map[string]*schema
}

// TestEachValueIsDocumentedAndChecked: each value has a comment, of its own or of the one that holds it, and a schema that
// says its type; and the schema knows no value that is not there.
func TestEachValueIsDocumentedAndChecked(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(chart, "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(chart, "values.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var root schema
	if err := json.Unmarshal(raw, &root); err != nil {
		t.Fatal(err)
	}
	delete(root.Properties, "global") // Helm's own, for charts of which this one is a part
	if n := checkValues(t, "", document.Content[0], &root, false); n < 35 {
		t.Errorf("%d values", n)
	}
}

// checkValues looks at the values of a map, and returns how many there are.
func checkValues(t *testing.T, path string, values *yaml.Node, s *schema, documented bool) int {
	t.Helper()
	if s.AdditionalProperties != false {
		t.Errorf("the schema takes any value at %q", path)
	}
	var names []string
	n := 0
	for i := 0; i < len(values.Content); i += 2 {
		key, value := values.Content[i], values.Content[i+1]
		name := path + key.Value
		names = append(names, key.Value)
		of := s.Properties[key.Value]
		if of == nil || of.Type == nil && of.Enum == nil {
			t.Errorf("%s has no schema", name)
			continue
		}
		own := key.HeadComment != "" || value.LineComment != ""
		_, open := of.AdditionalProperties.(map[string]any) // a map of any names is one value
		if value.Kind == yaml.MappingNode && len(value.Content) > 0 && !open {
			n += checkValues(t, name+".", value, of, own || documented)
			continue
		}
		if !own && !documented {
			t.Errorf("%s has no comment", name)
		}
		n++
	}
	for name := range s.Properties {
		if !slices.Contains(names, name) {
			t.Errorf("the schema has %s%s, and values.yaml has not", path, name)
		}
	}
	return n
}
