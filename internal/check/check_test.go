// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	podKind = schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	noon    = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

// mustCompile compiles a rule of pods.
func mustCompile(t testing.TB, r Rule) *Program {
	t.Helper()
	if r.Kind.Empty() {
		r.Kind = podKind
	}
	p, err := Compile(r, Options{})
	if err != nil {
		t.Fatalf("%s: %v", r.Expect, err)
	}
	return p
}

// plain is an object as decoded JSON.
func plain(t testing.TB, obj runtime.Object) map[string]any {
	t.Helper()
	m, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func pod() *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "web", Namespace: "shop", Labels: map[string]string{"app": "web"},
			CreationTimestamp: metav1.NewTime(noon.Add(-time.Hour)),
		},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "registry.example.com/web:1.2"}}},
	}
}

func namespace(t testing.TB) *Subject {
	s := MapSubject(plain(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", Labels: map[string]string{"env": "prod"}}}))
	return &s
}

func TestEval(t *testing.T) {
	tests := map[string]struct {
		rule Rule
		want Verdict
		err  string
	}{
		"true":               {rule: Rule{Expect: `object.metadata.name == "web"`}, want: Satisfied},
		"false":              {rule: Rule{Expect: `object.metadata.name == "db"`}, want: Unsatisfied},
		"not selected":       {rule: Rule{Where: `object.metadata.namespace == "bank"`, Expect: `object.kind == "x"`}, want: NotSelected},
		"kind is set":        {rule: Rule{Expect: `object.kind == "Pod" && object.apiVersion == "v1"`}, want: Satisfied},
		"missing":            {rule: Rule{Expect: `object.spec.replicas > 1`}, want: Errored, err: "expect:1:12: NoSuchKey"},
		"missing in where":   {rule: Rule{Where: `object.status.x`, Expect: `object.kind == "Pod"`}, want: Errored, err: "where:1:14: NoSuchKey"},
		"not bool":           {rule: Rule{Expect: `object.metadata.name`}, want: Errored, err: "expect: NotBool"},
		"index":              {rule: Rule{Expect: `object.spec.containers[3].name == "a"`}, want: Errored, err: "expect:1:26: IndexOutOfRange"},
		"overload":           {rule: Rule{Expect: `object.metadata.name > 1`}, want: Errored, err: "expect:1:22: NoSuchOverload"},
		"second line":        {rule: Rule{Expect: "has(object.spec) &&\n  object.a.b"}, want: Errored, err: "expect:2:11: NoSuchKey"},
		"timestamp":          {rule: Rule{Expect: `timestamp(object.metadata.name) < now`}, want: Errored, err: "expect:1:10: BadTimestamp"},
		"now":                {rule: Rule{Expect: `now - timestamp(object.metadata.creationTimestamp) == duration("1h")`}, want: Satisfied},
		"namespace":          {rule: Rule{Expect: `namespaceObject.metadata.labels.env == "prod"`}, want: Satisfied},
		"params":             {rule: Rule{Expect: `params.names.exists(n, n == object.metadata.name)`}, want: Satisfied},
		"pattern parameter":  {rule: Rule{Expect: `params.names.exists(n, object.metadata.name.matches("^" + n + "$"))`}, want: Satisfied},
		"params by index":    {rule: Rule{Expect: `object.metadata.name in params["names"]`}, want: Satisfied},
		"optional":           {rule: Rule{Expect: `object.metadata.?labels[?"app"].orValue("") == "web"`}, want: Satisfied},
		"optional absent":    {rule: Rule{Expect: `object.spec.?hostNetwork.hasValue()`}, want: Unsatisfied},
		"two variables":      {rule: Rule{Expect: `object.metadata.labels.all(k, v, v == "web")`}, want: Satisfied},
		"division":           {rule: Rule{Expect: `1 / size(object.metadata.?annotations.orValue({})) == 1`}, want: Errored, err: "expect:1:3: DivisionByZero"},
		"selector":           {rule: Rule{Expect: `has(object.spec)`, LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}}, want: Satisfied},
		"selector otherwise": {rule: Rule{Expect: `has(object.spec)`, LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "db"}}}, want: NotSelected},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.rule.Params = map[string][]string{"names": {"web", "api"}}
			p := mustCompile(t, tc.rule)
			for _, s := range []Subject{TypedSubject(pod(), podKind), MapSubject(withKind(plain(t, pod()), podKind))} {
				got, err := p.Eval(context.Background(), s, Env{Namespace: namespace(t), Now: noon})
				if got != tc.want || evalText(err) != tc.err {
					t.Errorf("got %v, %q, want %v, %q", got, evalText(err), tc.want, tc.err)
				}
			}
		})
	}
}

func withKind(m map[string]any, gvk schema.GroupVersionKind) map[string]any {
	m["apiVersion"], m["kind"] = gvk.GroupVersion().String(), gvk.Kind
	return m
}

func evalText(err *EvalError) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestSharedErrorsHaveNoPosition: some errors are one value for the whole process, which remembers the first place.
func TestSharedErrorsHaveNoPosition(t *testing.T) {
	for _, expect := range []string{`timestamp(object.metadata.generation) > now`, `has(object.a) || has(object.b) || timestamp(object.metadata.generation + 1) > now`} {
		p := mustCompile(t, Rule{Expect: expect})
		s := MapSubject(map[string]any{"kind": "x", "metadata": map[string]any{"generation": int64(1) << 62}})
		if v, err := p.Eval(context.Background(), s, Env{Now: noon}); v != Errored || err.Class != Overflow || err.Line != 0 {
			t.Errorf("%s: got %v, %v", expect, v, err)
		}
	}
}

func TestNoNamespaceIsNeverAbsentLabels(t *testing.T) {
	for _, expect := range []string{
		`namespaceObject.metadata.labels.env == "prod"`,
		`!has(namespaceObject.metadata.labels)`,
		`namespaceObject.?metadata.?labels[?"env"].orValue("x") == "x"`,
		`!namespaceObject.?metadata.hasValue()`,
	} {
		p := mustCompile(t, Rule{Expect: expect})
		got, err := p.Eval(context.Background(), TypedSubject(pod(), podKind), Env{Now: noon})
		if got != Errored || err.Class != NoNamespace {
			t.Errorf("%s: got %v, %v", expect, got, err)
		}
		if !p.ReadsNamespace() || p.ReadsNow() {
			t.Errorf("%s: ReadsNamespace %v, ReadsNow %v", expect, p.ReadsNamespace(), p.ReadsNow())
		}
	}
}

func TestEvalSet(t *testing.T) {
	p := mustCompile(t, Rule{
		Set: true, Where: `object.metadata.name != "b"`,
		Expect: `objects.exists(a, objects.exists(b, a.spec.nodeName != b.spec.nodeName))`,
	})
	set := func(nodes ...string) []Subject {
		var out []Subject
		for _, n := range nodes {
			q := pod()
			q.Spec.NodeName = n
			out = append(out, TypedSubject(q, podKind))
		}
		return out
	}
	for want, objects := range map[Verdict][]Subject{Satisfied: set("a", "b"), Unsatisfied: set("a", "a"), Errored: set("")} {
		if got, err := p.EvalSet(context.Background(), objects, Env{}); got != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	if ok, err := p.Selects(context.Background(), set("a")[0], Env{}); !ok || err != nil {
		t.Errorf("Selects: %v, %v", ok, err)
	}
}

func TestCompileRefuses(t *testing.T) {
	tests := map[string]struct {
		rule Rule
		want string
	}{
		"syntax":              {Rule{Expect: "object.spec.replicas >"}, "expect:1:23: Syntax error: mismatched input '<EOF>'"},
		"second line":         {Rule{Expect: "object.a == 1 &&\n  nothing"}, "expect:2:3: undeclared reference to 'nothing'"},
		"objects without Set": {Rule{Expect: "size(objects) > 1"}, "expect:1:6: undeclared reference to 'objects': only the expect of a Set rule has it; use object"},
		"object in Set":       {Rule{Set: true, Expect: "object.a"}, "expect:1:1: undeclared reference to 'object': a Set rule expects something of objects, the list"},
		"not bool":            {Rule{Expect: "size(object.spec)"}, "expect:1:1: must be true or false, but is int"},
		"no expect":           {Rule{Where: "object.a"}, "expect: must not be empty"},
		"vacuous":             {Rule{Expect: "true"}, "expect:1:1: reads nothing of the object, so it cannot be evidence"},
		"vacuous set":         {Rule{Set: true, Expect: "now > now"}, "expect:1:1: reads nothing of objects, so it cannot be evidence"},
		"unknown parameter":   {Rule{Expect: "object.a in params.registrys"}, "expect:1:19: params.registrys: neither the control nor its scope has a parameter of this name; did you mean params.registries?"},
		"parameters as one":   {Rule{Expect: "object.a in params"}, "expect:1:13: parameters are read by name, as params.<name>"},
		"bare time":           {Rule{Expect: "now - object.metadata.creationTimestamp < duration('1h')"}, "expect:1:22: in an object times are strings: write timestamp(object.metadata.creationTimestamp)"},
		"bare duration":       {Rule{Expect: "object.spec.ttl < duration('1h')"}, "expect:1:12: in an object times are strings: write duration(object.spec.ttl)"},
		"bare times":          {Rule{Expect: "object.metadata.deletionTimestamp - object.metadata.creationTimestamp == object.a"}, "expect:1:16: in an object times are strings: write timestamp(object.metadata.deletionTimestamp)"},
		"time method":         {Rule{Expect: "object.status.startTime.getFullYear() == 2026"}, "expect:1:14: in an object times are strings: write timestamp(object.status.startTime)"},
		"bad regex":           {Rule{Expect: "object.a.matches('(')"}, "expect:1:18: invalid matches argument"},
		"selector":            {Rule{Expect: "object.a", LabelSelector: &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Has"}}}}, `labelSelector: "Has" is not a valid label selector operator`},
		"too many loops":      {Rule{Expect: "object.a.all(a, object.b.all(b, object.c.all(c, object.d.all(d, object.e.all(e, object.f.all(f, a != b && c != d && e != f))))))"}, "expect: costs more than the limit of 1000000 units even if no list has more than 10 elements: nest fewer loops"},
	}
	const fromObject = "a regular expression can't come from an object: write it here or as a parameter"
	for expect, want := range map[string]string{
		`object.a.matches(object.b)`:                                                   "expect:1:24: " + fromObject,
		`"x".matches("^" + object.b.lowerAscii())`:                                     "expect:1:17: " + fromObject,
		`object.a.exists(k, "x".find(k) != "")`:                                        "expect:1:29: " + fromObject,
		`object.a.map(k, k.trim()).exists(k, "x".matches(k))`:                          "expect:1:49: " + fromObject,
		`"x".matches(object.?a.orValue("b"))`:                                          "expect:1:30: " + fromObject,
		`"x".matches(namespaceObject.metadata.name)`:                                   "expect:1:37: " + fromObject,
		`params.registries.exists(r, object.a.matches("^" + object.b + r))`:            "expect:1:61: " + fromObject,
		`object.a.matches("a{1000}b{1000}c{1000}d{1000}e{1000}f{1000}")`:               "expect:1:18: the regular expression repeats too much: it takes more than 5000 instructions",
		`params.large.exists(r, object.a.matches(r))`:                                  "expect:1:41: a parameter holds a regular expression that takes more than 5000 instructions",
		`params.registries.exists(r, object.a.matches("^" + r)) && params.large == []`: "expect:1:50: a parameter holds a regular expression that takes more than 5000 instructions",
	} {
		tests[expect] = struct {
			rule Rule
			want string
		}{Rule{Expect: expect}, want}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.rule.Params = map[string][]string{"registries": {"a"}, "large": {"a{1000}b{1000}c{1000}d{1000}e{1000}f{1000}"}}
			_, err := Compile(tc.rule, Options{})
			if err == nil {
				t.Fatal("compiled")
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
