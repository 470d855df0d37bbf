// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"
)

// Whatever is written reads back as it was, by the library that the API's own tools read YAML with.
func TestManifestReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := map[string]any{"spec": value(3).Draw(t, "value")}
		text, err := manifest(object, "head\nof two lines", comments{"spec.a": "above", "spec.0": "above an item"})
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		got, err := yaml.YAMLToJSONStrict(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(decoded(t, want), decoded(t, got)); diff != "" {
			t.Fatalf("it reads back otherwise (-want +got):\n%s\n%s", diff, text)
		}
	})
}

func decoded(t *rapid.T, text []byte) any {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// value draws what a manifest may hold: maps, lists, texts of many shapes, numbers.
func value(depth int) *rapid.Generator[any] {
	words := rapid.StringOfN(rapid.SampledFrom([]rune("abyn01 .:-#'\"{}[],&*!|>%@`?\\/\nä€ ")), 0, 40, -1)
	prose := rapid.Map(rapid.SliceOfN(rapid.StringMatching(`[a-zA-Z:#'0-9(),]{1,12}`), 1, 60), func(w []string) string { return strings.Join(w, " ") })
	special := rapid.SampledFrom([]string{
		"", "yes", "No", "null", "~", "1e3", "0x1f", "2026-11-24", "12:30", "1.0", ".5", ".inf", "- a", "a: b", "a #b", "[FILL: x]", "=", "<<",
		"\ttab", "end ", " begin", "a\n\nb", "a\nb\n", "\n", "---", "...", "a\u2028b", "\ufeff", "a\u0000b", "a\u0085b",
	})
	scalars := []*rapid.Generator[any]{words.AsAny(), prose.AsAny(), special.AsAny(), rapid.IntRange(-5, 5000).AsAny()}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	deeper := rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) })
	key := rapid.OneOf(rapid.SampledFrom([]string{"a", "name", "y", "null", "matchLabels", "a.b/c-d"}), rapid.StringMatching(`[a-z #:]{1,8}`))
	return rapid.OneOf(append(scalars,
		rapid.MapOfN(key, deeper, 0, 4).AsAny(), rapid.SliceOfN(deeper, 0, 4).AsAny())...)
}

func TestManifestLayout(t *testing.T) {
	type item struct {
		Name string   `json:"name"`
		Tags []string `json:"tags,omitempty"`
		Text string   `json:"text,omitempty"`
	}
	object := struct {
		Kind   string            `json:"kind"`
		API    string            `json:"apiVersion"`
		Meta   map[string]string `json:"metadata"`
		Spec   map[string]any    `json:"spec"`
		Status struct{}          `json:"status"`
	}{
		Kind: "Thing", API: "v1", Meta: map[string]string{"name": "a"},
		Spec: map[string]any{
			"code":  "a &&\nb",
			"items": []item{{Name: "x", Tags: []string{"one", "2"}}, {Name: "y", Text: strings.Repeat("word ", 30) + "end"}},
			"on":    "2026-11-24",
		},
	}
	text, err := manifest(object, "What it is.", comments{"spec.items": "Things.", "spec.items.1": "The second."})
	if err != nil {
		t.Fatal(err)
	}
	want := `# What it is.
apiVersion: v1
kind: Thing
metadata: {name: a}
spec:
  code: |-
    a &&
    b
  # Things.
  items:
  - {name: x, tags: [one, "2"]}
  # The second.
  - name: "y"
    text: >-
      word word word word word word word word word word word word word word word word word word word word word word word
      word word word word word word word end
  "on": "2026-11-24"
`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
}
