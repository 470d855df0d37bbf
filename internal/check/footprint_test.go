// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"maps"
	"math/rand"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// changeOnce changes one value somewhere in decoded JSON: takes it away, or puts another of its type.
func changeOnce(r *rand.Rand, v any) any {
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		if len(keys) == 0 {
			return v
		}
		k := keys[r.Intn(len(keys))]
		if r.Intn(12) == 0 {
			delete(v, k)
		} else {
			v[k] = changeOnce(r, v[k])
		}
		return v
	case []any:
		switch {
		case len(v) == 0:
			return v
		case r.Intn(4) == 0:
			return v[:len(v)-1]
		}
		i := r.Intn(len(v))
		v[i] = changeOnce(r, v[i])
		return v
	case string:
		return v + "x"
	case bool:
		return !v
	case int64:
		return v + 1
	case float64:
		return v + 1
	}
	return v
}

// read is what a footprint covers, taken from the projection, which is held against verdicts elsewhere.
func read(t *testing.T, p *Program, m map[string]any) map[string]any {
	t.Helper()
	out, err := p.Project(MapSubject(m))
	if err != nil {
		t.Fatal(err)
	}
	metadata, _ := m["metadata"].(map[string]any)
	if kept, ok := out["metadata"].(map[string]any); ok {
		dropNames(p, kept)
	}
	return map[string]any{"object": out, "labels": metadata["labels"]}
}

// dropNames takes the names away that a projection keeps though the rule does not read them.
func dropNames(p *Program, kept map[string]any) {
	metadata := joined(p.tree.fields["metadata"], p.tree.element)
	for _, name := range []string{"name", "namespace"} {
		_, present := kept[name]
		switch {
		case p.tree.whole || metadata.whole || metadata.element != nil || !metadata.fields[name].named || !present:
		case metadata.shape:
			kept[name] = "present"
		default:
			delete(kept, name)
		}
	}
}

// TestEqualFootprintsReadEqual: where sums are equal, what a rule reads is equal, for JSON and for Go types; and nearly
// always the other way round.
func TestEqualFootprintsReadEqual(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	kinds := builtinKinds()
	equal, different, careful := 0, 0, 0
	for range 4000 {
		gvk := kinds[r.Intn(len(kinds))]
		text := randomExpression(r, reflect.TypeOf(builtin[gvk]()))
		p, err := Compile(Rule{Kind: gvk, Expect: text}, Options{})
		if err != nil {
			continue
		}
		_, before := randomObject(t, gvk, r.Int63())
		after, _ := changeOnce(r, runtime.DeepCopyJSON(before)).(map[string]any)
		f := NewFootprint(p)
		same := cmp.Equal(read(t, p, before), read(t, p, after))
		if same {
			equal++
		} else {
			different++
		}
		if got := f.Sum(MapSubject(before)) == f.Sum(MapSubject(after)); got != same {
			t.Errorf("%s: %s: read the same: %v, equal sums: %v\n%s", gvk.Kind, text, same, got, cmp.Diff(before, after))
		}
		x, y := builtin[gvk](), builtin[gvk]()
		if runtime.DefaultUnstructuredConverter.FromUnstructured(before, x) != nil ||
			runtime.DefaultUnstructuredConverter.FromUnstructured(after, y) != nil {
			continue // the change is no object of the type any more
		}
		got := f.Sum(TypedSubject(x, gvk)) == f.Sum(TypedSubject(y, gvk))
		same = cmp.Equal(read(t, p, overTheWire(t, x)), read(t, p, overTheWire(t, y)))
		switch {
		case got && !same:
			t.Errorf("typed %s: %s: read differently, equal sums\n%s", gvk.Kind, text, cmp.Diff(before, after))
		case same && !got:
			careful++ // a rule that goes through a struct reads all of it
		}
		encodedEqual(t, f, p, gvk, x, y)
	}
	t.Log(equal, "equal", different, "different,", careful, "careful")
	if equal < 300 || different < 300 || careful > equal/10 {
		t.Errorf("the generator has become poor: %d equal and %d different", equal, different)
	}
}

// encodedEqual holds the sums of two objects as protobuf against what the rule reads of them.
func encodedEqual(t *testing.T, f *Footprint, p *Program, gvk schema.GroupVersionKind, x, y runtime.Object) {
	t.Helper()
	typ, r := reflect.TypeOf(x).Elem(), NewReading(p)
	if !HasProtobuf(typ) {
		return
	}
	before, wholeX := encode(t, gvk, x)
	after, wholeY := encode(t, gvk, y)
	if f.Sum(EncodedSubject(before, typ, gvk, r)) != f.Sum(EncodedSubject(after, typ, gvk, r)) {
		return
	}
	if d := cmp.Diff(read(t, p, overTheWire(t, wholeX)), read(t, p, overTheWire(t, wholeY))); d != "" {
		t.Errorf("encoded %s: %v: read differently, equal sums\n%s", gvk.Kind, p.Paths(), d)
	}
}

// TestFootprintOfPods: what churns in a pod changes no sum, what a rule or a selector reads does.
func TestFootprintOfPods(t *testing.T) {
	var programs []*Program
	for _, text := range tenRules {
		programs = append(programs, mustCompile(t, Rule{Expect: text}))
	}
	f := NewFootprint(programs...)
	base := f.Sum(TypedSubject(realisticPod(), podKind))
	pod := realisticPod()
	pod.ResourceVersion, pod.Annotations["last-seen"], pod.Status.PodIP = "2", "now", "10.0.0.9"
	if f.Sum(TypedSubject(pod, podKind)) != base {
		t.Error("what no rule reads changes the sum")
	}
	if NewFootprint(programs...).Sum(TypedSubject(pod, podKind)) == base {
		t.Error("two footprints share their key")
	}
	pod.Labels["tier"] = "frontend"
	if f.Sum(TypedSubject(pod, podKind)) == base {
		t.Error("a label does not change the sum")
	}
}

// TestFootprintOfEncodedPods is the same for pods as the API server sends them.
func TestFootprintOfEncodedPods(t *testing.T) {
	var programs []*Program
	for _, text := range tenRules {
		programs = append(programs, mustCompile(t, Rule{Expect: text}))
	}
	f, r := NewFootprint(programs...), NewReading(programs...)
	sum := func(change func(*corev1.Pod)) uint64 {
		pod := realisticPod()
		change(pod)
		data, _ := encode(t, podKind, pod)
		return f.Sum(EncodedSubject(data, reflect.TypeFor[corev1.Pod](), podKind, r))
	}
	base := sum(func(*corev1.Pod) {})
	for what, change := range map[string]func(*corev1.Pod){
		"a status":        func(p *corev1.Pod) { p.Status.PodIP = "10.0.0.9" },
		"an annotation":   func(p *corev1.Pod) { p.Annotations["last-seen"] = "now" },
		"a name":          func(p *corev1.Pod) { p.Name, p.UID, p.ResourceVersion = "other", "u", "9" },
		"a field manager": func(p *corev1.Pod) { p.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl"}} },
	} {
		if sum(change) != base {
			t.Errorf("%s changes the sum, and no rule reads it", what)
		}
	}
	for what, change := range map[string]func(*corev1.Pod){
		"a label":     func(p *corev1.Pod) { p.Labels["tier"] = "frontend" },
		"an image":    func(p *corev1.Pod) { p.Spec.Containers[0].Image = "elsewhere/app:1" },
		"a container": func(p *corev1.Pod) { p.Spec.Containers = p.Spec.Containers[1:] },
	} {
		if sum(change) == base {
			t.Errorf("%s does not change the sum", what)
		}
	}
}

// BenchmarkFootprint is what it costs to see that nothing changed, against evaluating ten rules.
func BenchmarkFootprint(b *testing.B) {
	var programs []*Program
	for _, text := range tenRules {
		p, err := Compile(Rule{Kind: podKind, Expect: text}, Options{})
		if err != nil {
			b.Fatal(err)
		}
		programs = append(programs, p)
	}
	f, pod := NewFootprint(programs...), realisticPod()
	b.Run("sum", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			f.Sum(TypedSubject(pod, podKind))
		}
	})
	data, err := pod.Marshal()
	if err != nil {
		b.Fatal(err)
	}
	r, typ := NewReading(programs...), reflect.TypeFor[corev1.Pod]()
	b.Run("encoded sum", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			f.Sum(EncodedSubject(data, typ, podKind, r))
		}
	})
	b.Run("decoding what is read", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			EncodedSubject(data, typ, podKind, r).size()
		}
	})
	b.Run("decoding all", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			if err := new(corev1.Pod).Unmarshal(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("rules", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			s := TypedSubject(pod, podKind)
			for _, p := range programs {
				_, _ = p.Eval(b.Context(), s, Env{Now: noon})
			}
		}
	})
}
