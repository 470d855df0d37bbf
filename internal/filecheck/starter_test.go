// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/starter"
)

// TestStarterChecks runs the examples of the starter's checks through files: what is in order passes, what is not fails,
// and what is none of a check's business, or nothing at all, never passes. The starter's own tests have the engine say the
// same of the same objects.
func TestStarterChecks(t *testing.T) {
	for _, k := range starter.Checks() {
		t.Run(string(k.Name), func(t *testing.T) {
			e := readExample(t, k.Name)
			e.want(t, k, "pass", e.Pass, isms.EvidencePass)
			e.want(t, k, "fail", e.Fail, isms.EvidenceFail)
			e.want(t, k, "foreign", e.Foreign, isms.EvidenceFail, isms.EvidenceUnknown)
			e.want(t, k, "nothing", nil, isms.EvidenceFail, isms.EvidenceUnknown)
			if k.Resources.Quantifier != isms.QuantifierSet {
				for i, object := range e.Fail {
					e.want(t, k, fmt.Sprintf("fail %d", i+1), []map[string]any{object}, isms.EvidenceFail)
				}
			}
		})
	}
}

// example is the file of one check.
type example struct {
	Namespaces, Pass, Fail, Foreign []map[string]any
}

func readExample(t *testing.T, name isms.ItemName) example {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "starter", "testdata", "checks", string(name)+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var e example
	if err := yaml.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	if len(e.Pass) == 0 || len(e.Fail) == 0 || len(e.Foreign) == 0 {
		t.Fatalf("%s lacks objects", name)
	}
	return e
}

// want checks a file with a Control, its scope and objects, that are all there is.
func (e example) want(t *testing.T, k starter.Check, what string, objects []map[string]any, want ...isms.EvidenceResult) {
	t.Helper()
	text := e.scope(t) + documents(t, objects)
	if k.Resources.Kind != "Namespace" {
		text += e.around(t)
	}
	r := run(t, Options{Complete: true, ObjectsOnly: true}, controlOf("C.1", flow(t, k.Resources)), text)
	if len(r.Errors) > 0 || len(r.Controls) != 1 || len(r.Controls[0].Evidence) != 1 {
		t.Fatalf("%s: %s", what, strings.Join(said(r), "\n"))
	}
	got := r.Controls[0].Evidence[0].Result
	for _, w := range want {
		if got == w {
			return
		}
	}
	t.Errorf("%s: %s, want %s\n%s", what, got, want, strings.Join(said(r), "\n"))
}

// scope is one of shop and the example's namespaces, with the parameters that the starter proposes.
func (e example) scope(t *testing.T) string {
	t.Helper()
	parameters := []map[string]any{}
	for _, p := range starter.Parameters() {
		parameters = append(parameters, map[string]any{"name": p.Name, "values": p.Values})
	}
	names := []any{"shop"}
	for _, n := range e.Namespaces {
		if name := nameOf(n); name != "shop" {
			names = append(names, name)
		}
	}
	return documents(t, []map[string]any{{
		"apiVersion": isms.GroupVersion.String(), "kind": "ISMSScope", "metadata": map[string]any{"name": "scope", "namespace": "isms"},
		"spec": map[string]any{
			"organization": "Example", "statement": "All of it.", "framework": "ISO27001-2022", "parameters": parameters,
			"evidence": map[string]any{"serviceAccountName": "reader", "namespaces": names},
		},
	}})
}

// around are the namespaces that the objects stand in.
func (e example) around(t *testing.T) string {
	t.Helper()
	list := slices.Clone(e.Namespaces)
	if !slices.ContainsFunc(list, func(n map[string]any) bool { return nameOf(n) == "shop" }) {
		list = append(list, map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "shop"}})
	}
	return documents(t, list)
}

func nameOf(object map[string]any) string {
	return (&unstructured.Unstructured{Object: object}).GetName()
}

// TestKindsOfTheStarter: of a kind that files do not define, it is known whether its objects have a namespace.
func TestKindsOfTheStarter(t *testing.T) {
	g := newGathering(Options{})
	for _, k := range starter.Kinds() {
		kind := schema.FromAPIVersionAndKind(k.APIVersion, k.Kind)
		if got := g.namespaced(kind); got != (k.Namespaced == isms.Yes) {
			t.Errorf("%s: namespaced %t, and the starter says %s", kind, got, k.Namespaced)
		}
	}
}

func documents(t *testing.T, objects []map[string]any) string {
	t.Helper()
	var out strings.Builder
	for _, o := range objects {
		text, err := yaml.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n" + string(text))
	}
	return out.String()
}

// flow is a value on one line.
func flow(t *testing.T, value any) string {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	line, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(line)
}
