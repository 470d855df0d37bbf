// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/yaml"
)

// schemas are a closed kind as an API server publishes it, with references.
var schemas = map[string]string{
	"Policy": `
type: object
properties:
  apiVersion: {type: string}
  kind: {type: string}
  metadata: {allOf: [{$ref: "#/components/schemas/ObjectMeta"}], default: {}}
  spec: {$ref: "#/components/schemas/Spec"}
  status:
    type: object
    properties:
      notAfter: {type: string, format: date-time}
      notBefore: {type: string, format: date-time}
      count: {type: integer}
`,
	"ObjectMeta": `
type: object
properties:
  name: {type: string}
  labels: {type: object, additionalProperties: {type: string}}
`,
	"Spec": `
type: object
anyOf: [{required: [podSelector]}, {required: [peers]}]
properties:
  podSelector: {type: object, properties: {matchLabels: {type: object, additionalProperties: {type: string}}}}
  limits: {type: object, additionalProperties: {x-kubernetes-int-or-string: true}}
  byName: {type: object, additionalProperties: {type: object, properties: {size: {type: integer}}}}
  peers: {type: array, items: {type: object, properties: {port: {x-kubernetes-int-or-string: true}, to: {type: array, items: {$ref: "#/components/schemas/Spec"}}}}}
  free: {type: object}
  open: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: object, properties: {b: {type: string}}}}}
  any: {}
  template: {type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: object, properties: {a: {type: string}}}}}
  union: {oneOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}]}
`,
}

func parseSchema(t testing.TB, text string) *spec.Schema {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := &spec.Schema{}
	if err := s.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return s
}

func resolver(t testing.TB) func(string) *spec.Schema {
	return func(ref string) *spec.Schema {
		if text, ok := schemas[strings.TrimPrefix(ref, "#/components/schemas/")]; ok {
			return parseSchema(t, text)
		}
		return nil
	}
}

var policyKind = schema.GroupVersionKind{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy"}

func TestCheckSchema(t *testing.T) {
	tests := map[string]string{
		`object.spec.podSelector == {}`:                                                           "",
		`object.spec.limits["memory"] == "1Gi"`:                                                   "",
		`object.spec.limits.anything.deeper == 1`:                                                 "",
		`object.metadata.labels["a"] == "b" && object.metadata.name == object.kind`:               "",
		`object.metadata.annotations["a"] == "b"`:                                                 "",
		`object.spec.free.a.b == object.spec.any.c.d`:                                             "",
		`object.spec.open.c.d == 1`:                                                               "",
		`object.spec.open.a.b == "x" && object.spec.peers[0].port.x == 1`:                         "",
		`object.spec.peers.all(p, p.to.exists(q, has(q.podSelector)))`:                            "",
		`object.spec.template.metadata.labels.a == object.spec.template.spec.a`:                   "",
		`object.spec.union.a == object.spec.union.b`:                                              "",
		`object.status.count - object.status.count == 0`:                                          "",
		`timestamp(object.status.notAfter) - timestamp(object.status.notBefore) > duration("1h")`: "",
		`object.spec.byName.all(k, v, v.size > 1) && object.spec.byName.x.size == 1`:              "",

		`object.spec.podSelektor == {}`:            "expect:1:12: spec.podSelektor: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean podSelector?",
		`has(object.spec.podselector)`:             "expect:1:4: spec.podselector: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean podSelector?",
		`object.?spec.?zzz.hasValue()`:             "expect:1:13: spec.zzz: no such field in networking.k8s.io/v1 NetworkPolicy",
		`object["spec"][?"peerz"].hasValue()`:      "expect:1:15: spec.peerz: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean peers?",
		`object.metadata.lables.a == "b"`:          "expect:1:16: metadata.lables: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean labels?",
		`object.spec.peers.exists(p, p.prot == 1)`: "expect:1:30: spec.peers[].prot: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean port?",
		`object.spec.peers.filter(p, has(p.port)).map(p, p.to).exists(l, l.exists(q, q.pers == 1))`: "expect:1:78: spec.peers[].to[].pers: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean peers?",
		`object.spec.?peers.orValue([])[0].prot == 1`:                                               "expect:1:34: spec.peers[].prot: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean port?",
		`object.spec.?podSelector.optMap(s, s.matchLables == {}).orValue(false)`:                    "expect:1:37: spec.podSelector.matchLables: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean matchLabels?",
		`object.spec.byName.all(k, v, v.sizes > 1)`:                                                 "expect:1:31: spec.byName[].sizes: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean size?",
		`object.spec.peers.transformList(i, p, p.prt).all(x, x == 1)`:                               "expect:1:40: spec.peers[].prt: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean port?",
		`(has(object.spec.any) ? object.spec : object.status).peer == []`:                           "",
		`object.spec.template.metadata.lable == "a"`:                                                "expect:1:30: spec.template.metadata.lable: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean labels?",
		`object.spec.template.spec.b == "a"`:                                                        "expect:1:26: spec.template.spec.b: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean a?",
		`object.spec.open.a.c == "x"`:                                                               "expect:1:19: spec.open.a.c: no such field in networking.k8s.io/v1 NetworkPolicy; did you mean b?",
		`object.status.notAfter - object.status.notBefore > duration("1h")`:                         "expect:1:14: in an object times are strings: write timestamp(object.status.notAfter)",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			p := mustCompile(t, Rule{Kind: policyKind, Expect: text})
			got := ""
			if err := p.CheckSchema(parseSchema(t, schemas["Policy"]), resolver(t)); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckSchemaOfSet(t *testing.T) {
	p := mustCompile(t, Rule{
		Kind: policyKind, Set: true, Where: `has(object.spec.peers)`,
		Expect: `objects.exists(a, objects.exists(b, a.metadata.name != b.spec.nmae))`,
	})
	err := p.CheckSchema(parseSchema(t, schemas["Policy"]), resolver(t))
	if err == nil || !strings.HasPrefix(err.Error(), "expect:1:62: spec.nmae: no such field") {
		t.Error(err)
	}
}

func TestCheckSchemaOfOpenKind(t *testing.T) {
	p := mustCompile(t, Rule{Kind: policyKind, Expect: `object.anything.goes == 1`})
	for _, text := range []string{"type: object", "{type: object, x-kubernetes-preserve-unknown-fields: true}", "{}"} {
		if err := p.CheckSchema(parseSchema(t, text), resolver(t)); err != nil {
			t.Error(err)
		}
	}
}

func TestNamespaceObjectIsChecked(t *testing.T) {
	_, err := Compile(Rule{Expect: `namespaceObject.metadata.lables.a == object.kind`}, Options{})
	if err == nil || err.Error() != "expect:1:25: namespaceObject.metadata.lables: no such field in v1 Namespace" {
		t.Error(err)
	}
}

// crdSchemas are the schemas of the CRDs that lie beside the repository, or the test is skipped.
func crdSchemas(t testing.TB) map[schema.GroupVersionKind]*spec.Schema {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "corpora", "kube-prometheus", "setup", "*.yaml"))
	out := map[schema.GroupVersionKind]*spec.Schema{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var crd struct {
			Kind string
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct {
					Name   string
					Schema struct{ OpenAPIV3Schema *spec.Schema }
				}
			}
		}
		if err := yaml.Unmarshal(data, &crd); err != nil {
			t.Fatal(f, err)
		}
		for _, v := range crd.Spec.Versions {
			out[schema.GroupVersionKind{Group: crd.Spec.Group, Version: v.Name, Kind: crd.Spec.Names.Kind}] = v.Schema.OpenAPIV3Schema
		}
	}
	if len(out) == 0 {
		t.Skip("no CRDs beside the repository")
	}
	return out
}

func TestEvidenceMapAgainstCRDs(t *testing.T) {
	all, checked := crdSchemas(t), 0
	none := func(string) *spec.Schema { return nil }
	for _, e := range evidenceMap(t) {
		s, ok := all[e.kind()]
		if !ok {
			continue
		}
		checked++
		if err := mustCompile(t, e.rule()).CheckSchema(s, none); err != nil {
			t.Errorf("%s: %s: %v", e.GVK, e.Cel, err)
		}
		wrong := e.rule()
		wrong.Expect += " && object.spec.noSuchField == 1"
		if err := mustCompile(t, wrong).CheckSchema(s, none); err == nil {
			t.Errorf("%s: a field that is not there is accepted", e.GVK)
		}
	}
	if checked < 5 {
		t.Errorf("checked %d", checked)
	}
}

// TestGoTypesHaveWhatTheirRulesRead reads every field of every built-in kind, and finds none missing.
func TestGoTypesHaveWhatTheirRulesRead(t *testing.T) {
	for gvk, make := range builtin {
		typ := reflect.TypeOf(make()).Elem()
		for _, name := range fieldNames(typ) {
			p := mustCompile(t, Rule{Kind: gvk, Expect: "has(object." + name + ") && has(object." + name + "X)"})
			if missing := p.MissingInGoType(typ); len(missing) != 1 || missing[0].String() != name+"X" {
				t.Errorf("%s: %v", gvk.Kind, missing)
			}
		}
	}
}
