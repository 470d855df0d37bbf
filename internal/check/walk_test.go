// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPaths(t *testing.T) {
	tests := map[string]string{
		`object.spec.replicas > 1`:                                                                   "spec.replicas",
		`has(object.spec.tls) && object.metadata.labels["a.b/c"] == "x"`:                             "metadata.labels[a.b/c] spec.tls",
		`object.spec.?a[?"k"].?b.orValue(1) == 1`:                                                    "spec.a.k.b",
		`object.spec.containers.exists(c, c.env.all(e, e.name != c.name))`:                           "spec.containers spec.containers[].env spec.containers[].env[].name spec.containers[].name",
		`object.spec.containers.filter(c, c.a == 1).map(c, c.b).exists(b, b.d == 1)`:                 "spec.containers spec.containers[].a spec.containers[].b.d",
		`[object.a, object.b].exists(x, x.c == 1)`:                                                   "a.c b.c",
		`(object.a + object.b).all(x, x.c == 1)`:                                                     "a a[].c b b[].c",
		`(has(object.a) ? object.a : object.b).c == 1`:                                               "a.c b.c",
		`object.a.optMap(x, x.b).orValue(object.c).d == 1`:                                           "a.b.d c.d",
		`object.a.transformMap(k, v, v.b).exists(k, v, v == 1)`:                                      "a a[].b",
		`object.a.all(i, v, v.b == object.c[i])`:                                                     "a a[].b c c[]",
		`object.a[0].b == object.c[object.d].e`:                                                      "a a[].b c c[].e d",
		`[{"nothing": 1}].all(object, object.nothing == 1) || object.a == 1`:                         "a",
		`object.a.all(object, object.b == 1)`:                                                        "a a[].b",
		`size(object.a) > 0 && object.b.size() > 0`:                                                  "a b",
		`object.a.sort()[0] == "x" && dyn(object.b).c == 1 && optional.of(object.d).hasValue()`:      "a b.c d",
		`object.items.sortBy(i, i.rank)[0].name == "x"`:                                              "items items[].rank",
		`{"k": object.a}.k.b == 1`:                                                                   "a",
		`object.a.exists(x, x in params.names) && namespaceObject.metadata.name == "b" && now > now`: "a a[]",
		`object.a.map(x, [x.b, x.c]).all(p, p[0].d == p[1].e)`:                                       "a a[].b.d a[].b.e a[].c.d a[].c.e",
		`object.a.exists_one(x, x.b == 1)`:                                                           "a a[].b",
	}
	for text, want := range tests {
		p := mustCompile(t, Rule{Expect: text, Params: map[string][]string{"names": nil}})
		var got []string
		for _, path := range p.Paths() {
			got = append(got, path.String())
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		if p.ReadsObjectWhole() {
			t.Errorf("%s: reads the whole object", text)
		}
	}
}

func TestReadsObjectWhole(t *testing.T) {
	for _, text := range []string{`object == {}`, `size(object) > 1`, `object.exists(k, k == "spec")`, `object[object.kind] == 1`, `[object] == []`, `string(object) == ""`} {
		if !mustCompile(t, Rule{Expect: text}).ReadsObjectWhole() {
			t.Errorf("%s: does not read the whole object", text)
		}
	}
}

func TestProjectionIsSmall(t *testing.T) {
	p := mustCompile(t, Rule{Expect: `object.spec.containers.exists(c, has(c.securityContext) && c.name == "cart") && now > timestamp(object.metadata.creationTimestamp)`})
	got, err := p.Project(TypedSubject(realisticPod(), podKind))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"metadata": map[string]any{"name": "cart-5d9c7b8f6-abcde", "namespace": "shop", "creationTimestamp": "2026-11-21T12:00:00Z"},
		"spec": map[string]any{"containers": []any{
			map[string]any{"name": "cart", "securityContext": map[string]any{}}, map[string]any{"name": "proxy", "securityContext": map[string]any{}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDigest(t *testing.T) {
	base := Rule{Kind: podKind, Expect: `object.a in params.x`, Params: map[string][]string{"x": {"1"}, "y": {"2"}}}
	same, other := base, base
	same.Params = map[string][]string{"x": {"1"}, "y": {"3"}}
	same.Expect = " " + base.Expect + "\n"
	other.Params = map[string][]string{"x": {"1", "2"}}
	digest := mustCompile(t, base).Digest()
	if mustCompile(t, same).Digest() != digest {
		t.Error("a parameter that is not read changes the digest")
	}
	set := Rule{Kind: podKind, Set: true, Where: `object.a in params.x`, Expect: `size(objects) > 0`, Params: base.Params}
	for name, r := range map[string]Rule{"parameter": other, "kind": {Kind: policyKind, Expect: base.Expect, Params: base.Params}, "set": set} {
		if mustCompile(t, r).Digest() == digest {
			t.Errorf("%s: the same digest", name)
		}
	}
}
