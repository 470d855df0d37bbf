// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// evidence is one line of the evidence map.
type evidence struct {
	Ctl   []string `json:"ctl"`
	GVK   string   `json:"gvk"`
	Q     string   `json:"q"`
	Where string   `json:"where"`
	Cel   string   `json:"cel"`
}

var (
	fence = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	ns    = regexp.MustCompile(`\bns\.`)
)

// evidenceMap reads the map that lies beside the repository, or skips the test.
func evidenceMap(t testing.TB) []evidence {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "evidence-map.md"))
	if err != nil {
		t.Skip("no evidence map beside the repository")
	}
	var all []evidence
	for _, block := range fence.FindAllSubmatch(data, -1) {
		var list []evidence
		if err := yaml.UnmarshalStrict(block[1], &list); err != nil {
			if err := yaml.Unmarshal(block[1], &list); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, list...)
	}
	return all
}

func (e evidence) kind() schema.GroupVersionKind {
	i := strings.LastIndex(e.GVK, "/")
	gv, _ := schema.ParseGroupVersion(e.GVK[:i])
	return gv.WithKind(e.GVK[i+1:])
}

func (e evidence) rule() Rule {
	return Rule{
		Kind: e.kind(), Set: e.Q == "set", Where: ns.ReplaceAllString(e.Where, "namespaceObject."),
		Expect: ns.ReplaceAllString(e.Cel, "namespaceObject."),
	}
}

// TestEvidenceMap accepts every expression of the map. Those over built-in kinds read only fields that there are, and
// give one verdict about typed objects, their JSON and their projections.
func TestEvidenceMap(t *testing.T) {
	list := evidenceMap(t)
	if len(list) < 90 {
		t.Fatalf("read %d expressions", len(list))
	}
	checked, untracked := 0, 0
	for _, e := range list {
		p, err := Compile(e.rule(), Options{})
		if err != nil {
			t.Errorf("%v %s: %v\n%s\n%s", e.Ctl, e.GVK, err, e.Where, e.Cel)
			continue
		}
		if p.expect.fast != nil {
			untracked++
		}
		known, ok := clientscheme.Scheme.AllKnownTypes()[e.kind()]
		if !ok {
			continue
		}
		checked++
		if missing := p.MissingInGoType(known); len(missing) > 0 {
			t.Errorf("%s: %s: missing %v", e.GVK, e.Cel, missing)
		}
		if _, generated := builtin[e.kind()]; generated && !p.Set() {
			for seed := range int64(20) {
				agree(t, p, e.kind(), seed, e.Cel)
			}
		}
	}
	t.Logf("%d expressions, %d of built-in kinds, %d need no tracking", len(list), checked, untracked)
	if checked < 40 || untracked < 80 {
		t.Errorf("%d of built-in kinds, %d without tracking", checked, untracked)
	}
}

// TestEvidenceMapOnEmptyObjects ends in a verdict or a classified error, whatever is absent.
func TestEvidenceMapOnEmptyObjects(t *testing.T) {
	for _, e := range evidenceMap(t) {
		if e.Q == "set" {
			continue
		}
		p := mustCompile(t, e.rule())
		s := MapSubject(map[string]any{"metadata": map[string]any{"name": "x"}})
		if v, err := p.Eval(context.Background(), s, Env{Now: noon}); err != nil && err.Class == Other {
			t.Errorf("%s: %v, %v", e.Cel, v, err)
		}
	}
}

func TestMissingInGoType(t *testing.T) {
	p := mustCompile(t, Rule{
		Where:  `object.metadata.?lables[?"a"].hasValue()`,
		Expect: `object.spec.containers.all(c, has(c.imagePullPolicies) || c.env.exists(e, e.vaule == "x")) && object.spec.volumes[0].secret.name == "a"`,
	})
	var got []string
	for _, m := range p.MissingInGoType(reflect.TypeOf(pod())) {
		got = append(got, m.Field+" "+m.String())
	}
	want := "where metadata.lables, expect spec.containers[].imagePullPolicies, expect spec.containers[].env[].vaule, expect spec.volumes[].secret.name"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}
