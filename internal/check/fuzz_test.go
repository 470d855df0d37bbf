// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// hang is far more than any evaluation takes, even of a limit's worth on a busy machine.
const hang = 40 * time.Second

// noHang ends the process, and so shows the input, where a rule takes for ever. The caller stops it.
func noHang(text string) (stop func()) {
	timer := time.AfterFunc(hang, func() { panic("hangs: " + text) })
	return func() { timer.Stop() }
}

// FuzzCompile: no text panics, hangs or compiles to a program that judges a typed object and its JSON differently.
func FuzzCompile(f *testing.F) {
	for _, text := range append(append(templates, boundedRules...), unboundedRules...) {
		f.Add(strings.NewReplacer("P", "object.spec.containers", "Q", "object.metadata.name").Replace(text), int64(1), false)
	}
	f.Add("objects.exists(a, objects.exists(b, a.metadata.name != b.metadata.name))", int64(2), true)
	f.Add("object.a.optMap(x, x).optMap(y, y + y).optFlatMap(z, z)", int64(3), false)
	f.Add("dyn(.object).spec[params.names[0]][?now].x", int64(4), false)
	f.Add("\"\\u00e9\\ud83d\" in object.metadata.labels ? r'\\\\' : b\"\\xff\"", int64(5), false)
	f.Fuzz(func(t *testing.T, text string, seed int64, set bool) {
		defer noHang(text)()
		p, err := Compile(Rule{Kind: podKind, Set: set, Expect: text, Params: map[string][]string{"names": {"a", "b"}}}, Options{AllowConstant: true})
		if err != nil {
			if utf8.ValidString(text) && (strings.Contains(err.Error(), "\n") || len(err.Error()) > 1200) {
				t.Errorf("message: %q", err)
			}
			return
		}
		_ = p.CheckSchema(parseSchema(t, schemas["Policy"]), func(string) *spec.Schema { return nil })
		p.MissingInGoType(reflect.TypeOf(pod()))
		if !set {
			agree(t, p, podKind, seed, text)
			return
		}
		obj, m := randomObject(t, podKind, seed)
		typed, typedErr := p.EvalSet(t.Context(), []Subject{TypedSubject(obj, podKind)}, Env{Now: noon})
		plain, plainErr := p.EvalSet(t.Context(), []Subject{MapSubject(m)}, Env{Now: noon})
		if typed != plain || evalText(typedErr) != evalText(plainErr) {
			t.Errorf("%s: typed %v, %v, map %v, %v", text, typed, typedErr, plain, plainErr)
		}
	})
}

// FuzzEval: over random objects of all generated kinds and random expressions over their fields, the typed object,
// its JSON and its projection are judged alike, tracked or not.
func FuzzEval(f *testing.F) {
	for i := range int64(24) {
		f.Add(uint8(i), i, i)
	}
	kinds := builtinKinds()
	f.Fuzz(func(t *testing.T, kind uint8, textSeed, objectSeed int64) {
		gvk := kinds[int(kind)%len(kinds)]
		text := randomExpression(rand.New(rand.NewSource(textSeed)), reflect.TypeOf(builtin[gvk]()))
		defer noHang(text)()
		p, err := Compile(Rule{Kind: gvk, Expect: text}, Options{})
		if err != nil {
			return
		}
		agree(t, p, gvk, objectSeed, text)
	})
}

// FuzzEncoded: no bytes panic, and what is protobuf of a pod is judged and summed up as the decoded pod is, though only what the
// rules read of it is decoded.
func FuzzEncoded(f *testing.F) {
	var programs []*Program
	for _, text := range append(slices.Clone(tenRules), `object.metadata.annotations['a'] == 'b'`, `has(object.metadata.labels)`,
		`object.spec.volumes.exists(v, has(v.hostPath) && v.hostPath.path == '/')`, `object.spec.nodeSelector == {}`,
		`object.status.conditions.exists(c, c.type == 'Ready' && timestamp(c.lastTransitionTime) < now)`, `object != {}`,
		`object.spec.containers.map(c, c.resources.limits['cpu']).size() > 0`) {
		programs = append(programs, mustCompile(f, Rule{Expect: text}))
	}
	r, footprint, typ := NewReading(programs...), NewFootprint(programs...), reflect.TypeFor[corev1.Pod]()
	for seed := range int64(8) {
		obj, _ := randomObject(f, podKind, seed)
		data, _ := encode(f, podKind, obj)
		f.Add(data)
	}
	data, _ := encode(f, podKind, realisticPod())
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		defer noHang(string(data))()
		encoded := EncodedSubject(data, typ, podKind, r)
		footprint.Sum(encoded)
		whole := &corev1.Pod{}
		if whole.Unmarshal(data) != nil || encoded.unreadable() != nil { // the generated decoder takes some bytes that are no protobuf
			for i, p := range programs {
				if got := outcomeOf(t, p, encoded); encoded.unreadable() != nil && got.verdict != Errored {
					t.Errorf("rule %d: %v of what can't be read", i, got)
				}
			}
			return
		}
		whole.ManagedFields = nil
		for i, p := range programs {
			want := outcomeOf(t, p, TypedSubject(whole, podKind))
			if got := outcomeOf(t, p, encoded); got != want {
				t.Errorf("rule %d: decoded %v, encoded %v", i, want, got)
			}
		}
	})
}
