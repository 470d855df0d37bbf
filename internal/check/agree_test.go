// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"math/rand"
	"reflect"
	"testing"

	"github.com/google/cel-go/common/types"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// outcome is everything that an evaluation says.
type outcome struct {
	verdict Verdict
	err     EvalError
}

func outcomeOf(t testing.TB, p *Program, s Subject) outcome {
	v, err := p.Eval(context.Background(), s, Env{Namespace: namespace(t), Now: noon})
	if err == nil {
		return outcome{verdict: v}
	}
	return outcome{v, *err}
}

// agree holds the typed object, its JSON and its projection against each other.
func agree(t testing.TB, p *Program, gvk schema.GroupVersionKind, seed int64, text string) outcome {
	t.Helper()
	obj, m := randomObject(t, gvk, seed)
	typed := TypedSubject(obj, gvk)
	want := outcomeOf(t, p, typed)
	if got := outcomeOf(t, p, MapSubject(m)); got != want {
		t.Errorf("%s %d: %s: typed %v, map %v", gvk.Kind, seed, text, want, got)
	}
	for name, s := range map[string]Subject{"typed": typed, "map": MapSubject(m)} {
		projection, err := p.Project(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := outcomeOf(t, p, MapSubject(projection)); got != want {
			t.Errorf("%s %d: %s: %v, projection of the %s object %v", gvk.Kind, seed, text, want, name, got)
		}
	}
	bounded(t, p, typed, text)
	agreeEncoded(t, p, gvk, obj, text)
	return want
}

// encode is an object as protobuf, and the Go type as it is decoded from all of that, without managedFields.
func encode(t testing.TB, gvk schema.GroupVersionKind, obj runtime.Object) (data []byte, decoded runtime.Object) {
	t.Helper()
	data, err := obj.(interface{ Marshal() ([]byte, error) }).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	decoded = builtin[gvk]()
	if err := decoded.(protobuf).Unmarshal(data); err != nil {
		t.Fatal(err)
	}
	decoded.(metav1.Object).SetManagedFields(nil)
	return data, decoded
}

// agreeEncoded holds an object of which only what the rule reads is decoded against the whole of it, and against what is
// decoded for this and other rules.
func agreeEncoded(t testing.TB, p *Program, gvk schema.GroupVersionKind, obj runtime.Object, text string) {
	t.Helper()
	typ := reflect.TypeOf(obj).Elem()
	if !HasProtobuf(typ) {
		return
	}
	data, decoded := encode(t, gvk, obj)
	whole := TypedSubject(decoded, gvk)
	want := outcomeOf(t, p, whole)
	projection, err := p.Project(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*Reading{NewReading(p), NewReading(p, mustCompile(t, Rule{Expect: "object.metadata.annotations['a'] == 'b'"}))} {
		s := EncodedSubject(data, typ, gvk, r)
		if got := outcomeOf(t, p, s); got != want {
			t.Errorf("%s: %s: decoded %v, encoded %v", gvk.Kind, text, want, got)
		}
		got, err := p.Project(s)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(projection, got); d != "" {
			t.Errorf("%s: %s: projections (-decoded +encoded):\n%s", gvk.Kind, text, d)
		}
	}
}

// bounded holds the untracked program against the tracked one: the same result, at a cost that the bound covers.
func bounded(t testing.TB, p *Program, s Subject, text string) {
	t.Helper()
	e := p.expect
	if e.fast == nil {
		return
	}
	a := activate(p, Env{Namespace: namespace(t), Now: noon})
	defer a.release()
	a.object, a.size = s.native(), s
	fast, _, fastErr := e.fast.Eval(a)
	tracked, details, trackedErr := e.tracked.ContextEval(context.Background(), a)
	switch {
	case (fastErr == nil) != (trackedErr == nil):
		t.Errorf("%s: untracked %v, tracked %v", text, fastErr, trackedErr)
	case fastErr != nil && *e.evalError(fastErr) != *e.evalError(trackedErr):
		t.Errorf("%s: untracked %v, tracked %v", text, fastErr, trackedErr)
	case fastErr == nil && fast.Equal(tracked) != types.True:
		t.Errorf("%s: untracked %v, tracked %v", text, fast, tracked)
	}
	if cost, most := float64(*details.ActualCost()), e.bound.constant+e.bound.perSize*float64(s.size()); cost > most {
		t.Errorf("%s: costs %v, the bound for size %d is %v", text, cost, s.size(), most)
	}
}

func TestTypedMapAndProjectionAgree(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	kinds := builtinKinds()
	seen, compiled := map[outcome]int{}, 0
	for range 1000 {
		gvk := kinds[r.Intn(len(kinds))]
		text := randomExpression(r, reflect.TypeOf(builtin[gvk]()))
		p, err := Compile(Rule{Kind: gvk, Expect: text}, Options{})
		if err != nil {
			continue
		}
		compiled++
		for range 3 {
			o := agree(t, p, gvk, r.Int63(), text)
			o.err.Line, o.err.Column = 0, 0
			seen[o]++
		}
	}
	t.Log(compiled, seen)
	if compiled < 500 || seen[outcome{verdict: Satisfied}] < 80 || seen[outcome{verdict: Unsatisfied}] < 80 {
		t.Errorf("the generator has become poor: %d compiled, %v", compiled, seen)
	}
}
