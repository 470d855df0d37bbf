// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/apitesting/fuzzer"
	metafuzzer "k8s.io/apimachinery/pkg/apis/meta/fuzzer"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/randfill"
)

// builtin are the kinds with Go types: all that are objects, so also every kind that a rule may be about.
var builtin = func() map[schema.GroupVersionKind]func() runtime.Object {
	out := map[schema.GroupVersionKind]func() runtime.Object{
		{Group: "meta.k8s.io", Version: "v1", Kind: "PartialObjectMetadata"}: func() runtime.Object { return &metav1.PartialObjectMetadata{} },
	}
	for gvk, t := range clientscheme.Scheme.AllKnownTypes() {
		if _, isObject := reflect.New(t).Interface().(metav1.Object); isObject && gvk.Version != runtime.APIVersionInternal {
			out[gvk] = func() runtime.Object { return mustNew(clientscheme.Scheme.New(gvk)) }
		}
	}
	return out
}()

func mustNew(o runtime.Object, err error) runtime.Object {
	if err != nil {
		panic(err)
	}
	return o
}

// builtinKinds are the keys of builtin in a fixed order.
func builtinKinds() []schema.GroupVersionKind {
	var out []schema.GroupVersionKind
	for k := range builtin {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b schema.GroupVersionKind) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// words are the strings of generated objects, so that comparisons are often true.
var words = []string{"", "a", "b", "web", "default", "Ready", "True", "10", "-3", "1h", "2026-11-21T12:00:00Z", "500m", "1Gi", "10.0.0.1", "ALL"}

func word(c randfill.Continue) string { return words[c.Intn(len(words))] }

// filler fills objects at random.
func filler(seed int64) *randfill.Filler {
	codecs := serializer.NewCodecFactory(runtime.NewScheme())
	funcs := fuzzer.MergeFuzzerFuncs(metafuzzer.Funcs, func(serializer.CodecFactory) []any {
		return []any{
			func(s *string, c randfill.Continue) { *s = word(c) },
			func(m *map[string]string, c randfill.Continue) {
				for range c.Intn(3) {
					if *m == nil {
						*m = map[string]string{}
					}
					(*m)[word(c)] = word(c)
				}
			},
			func(e *runtime.RawExtension, c randfill.Continue) { e.Raw = []byte(`{"a":"` + word(c) + `"}`) },
			func(f *metav1.FieldsV1, c randfill.Continue) { f.SetRawString(`{"f:spec":{"f:` + word(c) + `":{}}}`) },
			func(m *metav1.ObjectMeta, c randfill.Continue) {
				c.FillNoCustom(m)
				if m.CreationTimestamp.IsZero() {
					m.CreationTimestamp = metav1.NewTime(noon)
				}
			},
		}
	})
	return fuzzer.FuzzerFor(funcs, rand.NewSource(seed), codecs).NilChance(0.4).NumElements(0, 3).MaxDepth(14)
}

// randomObject is an object of a built-in kind, typed and as the JSON that a server would send.
func randomObject(t testing.TB, gvk schema.GroupVersionKind, seed int64) (runtime.Object, map[string]any) {
	t.Helper()
	obj := builtin[gvk]()
	filler(seed).Fill(obj)
	obj.GetObjectKind().SetGroupVersionKind(gvk)
	return obj, overTheWire(t, obj)
}

func overTheWire(t testing.TB, obj any) map[string]any {
	t.Helper()
	data, err := json.Marshal(obj)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := utiljson.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// randomPath is a path of a Go type in CEL, from the type itself, with elements by index.
func randomPath(r *rand.Rand, path string, typ reflect.Type) string {
	for depth := 0; depth < 7 && r.Intn(6) > 0; depth++ {
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		g := goTypeOf(typ)
		switch {
		case g.form == formStruct:
			names := fieldNames(typ)
			slices.Sort(names)
			if len(names) == 0 {
				return path
			}
			name := names[r.Intn(len(names))]
			typ, _ = fieldType(typ, name)
			path += []string{".", ".?"}[r.Intn(2)] + name
		case g.form == formList:
			typ, path = typ.Elem(), path+[]string{"[0]", "[?0]"}[r.Intn(2)]
		case g.form == formMap:
			typ, path = typ.Elem(), fmt.Sprintf("%s[?%q]", path, words[r.Intn(len(words))])
		default:
			return path
		}
	}
	return path
}

// templates are expressions over one or two paths, P and Q.
var templates = []string{
	`P == "a"`, `P == 1`, `P == true`, `P == {}`, `P == []`, `P == null`, `P == Q`, `P != Q`, `P == ["a"]`, `P == {"a": "a"}`, `P == b"a"`, `P == 1.0`, `P == 1u`,
	`P > "a"`, `P >= 0`, `P < Q`, `P && Q`, `P || Q`, `!P`, `P ? Q : true`, `P + Q == Q`, `P - Q == 1`, `P * 2 == 4`, `P / Q > 0`, `-P == 1`,
	`size(P) > 0`, `P.size() == 1`, `string(P) == "a"`, `int(P) == 10`, `double(P) > 1.0`, `bool(P)`, `bytes(P) == b"a"`, `type(P) == type(Q)`, `type(P) == map`, `type(P) == list`, `dyn(P) == Q`,
	`"a" in P`, `1 in P`, `true in P`, `P in Q`, `P in ["a", "b"]`, `P["a"] == "a"`, `P[0] == "a"`, `P[1.0] == 1`, `P[?"a"].hasValue()`, `P[?0].orValue("") == "a"`,
	`P.exists(x, x == "a")`, `P.all(x, x != "a")`, `P.exists_one(x, x == "a")`, `P.all(k, v, v == k)`, `P.exists(k, v, v == "a")`, `P.map(x, x)[0] == "a"`, `P.filter(x, x != "a").size() == 1`, `P.map(x, x == "a", x) == P`,
	`P.transformList(i, x, x)[0] == "a"`, `P.transformMap(i, x, x) == P`, `P.exists(x, x.name == Q)`, `P.exists(x, x.?name.hasValue())`, `P.exists(x, Q.exists(y, x == y))`, `P.all(x, has(x.a))`, `P.map(x, x.name).exists(n, n == "a")`, `(P + P).exists(x, x == Q)`, `[P, Q].exists(x, x.a == 1)`, `(has(object.spec) ? P : Q).exists(x, x.name == "a")`,
	`P.startsWith("a")`, `P.contains(Q)`, `P.matches("^a")`, `P.lowerAscii() == "ready"`, `P.split(",")[0] == "a"`, `P.join(",") == "a"`, `P.replace("a", "b") == "b"`, `P.substring(1) == ""`, `P.charAt(0) == "a"`, `P.indexOf("a") == 0`, `"%s".format([P]) == "a"`, `"%v".format([P]) == "a"`, `P.trim() == "a"`,
	`timestamp(P) < now`, `now - timestamp(P) > duration("1h")`, `duration(P) > duration("1m")`, `quantity(P).isGreaterThan(quantity("1"))`, `isQuantity(P)`, `isIP(P)`, `ip(P).family() == 4`, `cidr(P).containsIP(Q)`, `isURL(P)`, `url(P).getHost() == "a"`, `semver(P).major() == 1`, `P.find("a") == "a"`, `format.dns1123Label().validate(P).hasValue()`,
	`P.isSorted()`, `P.sum() > 0`, `P.max() == "a"`, `P.indexOf("a") == 0`, `P.sort()[0] == "a"`, `P.distinct().size() == 1`, `P.flatten() == P`, `P.reverse() == Q`, `P.slice(0, 1) == ["a"]`, `P.first().hasValue()`, `sets.contains(P, ["a"])`, `sets.intersects(P, Q)`, `sets.equivalent(P, Q)`, `P.sortBy(x, x.name)[0].name == "a"`, `lists.range(P).size() == 1`,
	`optional.of(P).hasValue()`, `optional.ofNonZeroValue(P).hasValue()`, `optional.ofNonZeroValue(P).orValue("z") == "a"`, `P.orValue("a") == "a"`, `P.hasValue()`, `P.value() == Q`, `P.or(Q).hasValue()`, `P.optMap(x, x == "a").orValue(false)`, `P.optFlatMap(x, x.?name).orValue("") == "a"`, `P.orValue([]).exists(x, x.name == "a")`, `P.orValue({}).all(k, v, v == "a")`, `size(P.orValue([])) == 0`,
	`has(P.name)`, `has(P.a) && P.a == "a"`, `!has(P.name) || P.name != ""`, `P.name in [Q]`, `P.name == Q.name`, `[P].exists(x, x == "a")`, `{"a": P}.a == "a"`, `P.getFullYear() == 2026`, `P.unknown.field == 1`, `P.?unknown.?field.hasValue()`,
}

var placeholder = regexp.MustCompile(`\b[PQ]\b`)

// randomExpression is an expression over paths of a Go type.
func randomExpression(r *rand.Rand, typ reflect.Type) string {
	text := templates[r.Intn(len(templates))]
	p, q := randomPath(r, "object", typ), randomPath(r, "object", typ)
	if r.Intn(3) == 0 {
		p = "(" + p + ".orValue(" + []string{`""`, "0", "[]", "{}", "false"}[r.Intn(5)] + "))"
	}
	return placeholder.ReplaceAllStringFunc(text, func(m string) string { return map[string]string{"P": p, "Q": q}[m] })
}
