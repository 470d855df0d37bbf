// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// TestBoundsOfText refuses texts that would take long to compile, before they do.
func TestBoundsOfText(t *testing.T) {
	long := "object.a == \"" + strings.Repeat("x", MaxExpressionLength) + "\""
	tests := map[string]string{
		long: "expect: has 8206 characters, at most 8192 are allowed",
		"object.a" + strings.Repeat(".optMap(a, a)", 200) + ".hasValue()":                                                                 "expect: has 200 uses of optMap and optFlatMap, at most 8 are allowed",
		strings.Repeat("!", 2000) + "object.a":                                                                                            "",
		strings.Repeat("(", 300) + "object.a" + strings.Repeat(")", 300):                                                                  "",
		"object.a" + strings.Repeat(".a", 200):                                                                                            "expect:1:1: is nested deeper than 128 levels",
		"object.a == 1" + strings.Repeat(" + 1", 600):                                                                                     "expect:1:1: is nested deeper than 128 levels",
		"object.a in [" + strings.TrimSuffix(strings.Repeat("object.b,", 850), ",") + "]":                                                 "",
		strings.Repeat("[", 200) + "object.a" + strings.Repeat("]", 200) + " == object.b":                                                 "",
		strings.Repeat("object.a.exists(x, ", 40) + "x == 1" + strings.Repeat(")", 40):                                                    "",
		"[1,2,3,4,5,6,7,8,9,10].all(a, " + strings.Repeat("[1,2,3,4,5,6,7,8,9,10].all(b, ", 6) + "object.x == a" + strings.Repeat(")", 7): "",
	}
	for text, want := range tests {
		_, err := Compile(Rule{Expect: text}, Options{})
		name := text[:20] + fmt.Sprintf("...(%d)", len(text))
		if err != nil && (len(err.Error()) > 400 || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: long message %q", name, err)
		}
		if want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

// largePod has many containers with many variables each.
func largePod(containers, variables int) *corev1.Pod {
	p := pod()
	p.Spec.Containers = nil
	for i := range containers {
		c := corev1.Container{Name: fmt.Sprintf("c%d", i), Image: "registry.example.com/a/b/c:1.0"}
		for j := range variables {
			c.Env = append(c.Env, corev1.EnvVar{Name: fmt.Sprintf("NAME_%d", j), Value: strings.Repeat("v", 40)})
		}
		p.Spec.Containers = append(p.Spec.Containers, c)
	}
	return p
}

// boundedRules are within a linear bound; unboundedRules are tracked always.
var (
	boundedRules = []string{
		`object.spec.containers.all(c, c.env.all(e, e.name != "" && !e.value.contains("secret") && e.name.matches("^[A-Z_0-9]+$")))`,
		`object.spec.containers.exists(c, c.image.startsWith("x") || c.env.exists(e, e.value == "y" || e.name in ["a", "b", "c"]))`,
		`object.spec.containers.all(c, params.registries.exists(r, c.image.startsWith(r)))`,
		`!object.metadata.labels.exists(k, v, k == v) && size(object.spec.containers) > 0`,
		`object.spec.containers.exists_one(c, c.name == "c0" && c.?resources.?limits[?"cpu"].hasValue()) || object.metadata.name.lowerAscii() == "web"`,
		`(object.spec.containers + object.spec.?initContainers.orValue([])).all(c, c.image.matches("@sha256:[0-9a-f]{64}$") || c.env.all(e, e.name != ""))`,
		`object.metadata.?annotations.orValue({}) == {} || timestamp(object.metadata.annotations["a"] + "T00:00:00Z") < now - duration(string(24 * 3) + "h")`,
		`(object.spec.containers + object.spec.containers + object.spec.containers).all(c, c.image.contains("x") || c.env.all(e, e.value != "x"))`,
		`object.spec.containers.all(c, c.env.all(e, (e.value + e.name + "/").contains("v")))`,
		`object.spec.containers.all(c, c.env.all(e, e.value.split(",").all(x, x.size() > 3)))`,
	}
	unboundedRules = []string{
		`object.spec.containers.all(a, object.spec.containers.all(b, a.name != "x" || b.name != "y"))`,
		`object.spec.containers.all(a, object.spec.containers.all(b, a.env.all(e, e.name != "x")))`,
		`object.spec.containers.all(c, c.env.all(e, c.image.contains("x") || e.name != "a"))`,
		`object.spec.containers.map(c, object.spec.containers).all(l, l.all(c, c.name != ""))`,
		`object.spec.containers.all(c, c in object.spec.containers)`,
		`object.spec.containers.all(c, (c.image + object.metadata.name).contains("x"))`,
		`optional.of(object.spec.containers).optMap(a, a + a).optMap(a, a + a).optMap(a, a + a).optMap(a, a + a).optMap(a, a + a).optMap(a, a + a).value().size() > 1`,
		`[object.spec.containers, object.spec.containers].all(l, l.all(c, c.name != ""))`,
		`object.spec.containers.all(c, c.env.map(e, e.name).join(",").size() > 0)`,
		`namespaceObject.metadata.annotations.exists(k, v, v.contains("x")) || object.kind == "Pod"`,
	}
)

func TestStaticBound(t *testing.T) {
	params := map[string][]string{"registries": {"a.example", "registry.example.com", "b.example"}}
	sizes := []*corev1.Pod{pod(), largePod(3, 5), largePod(50, 50), largePod(1, 2000), largePod(3000, 1)}
	for _, text := range boundedRules {
		p := mustCompile(t, Rule{Expect: text, Params: params})
		if p.expect.fast == nil {
			t.Errorf("%s: no bound", text)
			continue
		}
		for _, q := range sizes {
			bounded(t, p, TypedSubject(q, podKind), text)
			bounded(t, p, MapSubject(overTheWire(t, q)), text)
		}
		if !p.expect.bound.within(DefaultCostLimit, TypedSubject(sizes[1], podKind)) {
			t.Errorf("%s: tracked on an ordinary pod", text)
		}
		if p.expect.bound.within(DefaultCostLimit, TypedSubject(largePod(3000, 10), podKind)) {
			t.Errorf("%s: not tracked on a pod of megabytes", text)
		}
	}
	for _, text := range unboundedRules {
		if p := mustCompile(t, Rule{Expect: text, Params: params}); p.expect.fast != nil {
			t.Errorf("%s: has a bound", text)
		}
	}
}

func TestExpensive(t *testing.T) {
	p := mustCompile(t, Rule{Expect: `object.spec.containers.all(a, object.spec.containers.all(b, object.spec.containers.all(c, a.name != "x" || b.name != "y")))`})
	for _, s := range []Subject{TypedSubject(largePod(300, 1), podKind), MapSubject(overTheWire(t, largePod(300, 1)))} {
		v, err := p.Eval(context.Background(), s, Env{})
		if v != Expensive || err == nil || err.Class != Cost {
			t.Errorf("got %v, %v", v, err)
		}
	}
	if v, err := p.Eval(context.Background(), TypedSubject(largePod(3, 1), podKind), Env{}); v != Satisfied {
		t.Errorf("small: %v, %v", v, err)
	}
}

// TestDeepComparisonsCount: comparing whole objects in a loop is not free.
func TestDeepComparisonsCount(t *testing.T) {
	for _, text := range []string{
		`object.spec.containers.all(a, object.spec.containers.all(b, object == object))`,
		`object.spec.containers.all(a, object.spec.containers.all(b, object in [object, object]))`,
		`object.spec.containers.all(a, sets.equivalent(object.spec.containers, object.spec.containers))`,
		`object.spec.containers.all(a, object.spec.containers.all(b, int(object.metadata.annotations.long) == 1 || true))`,
	} {
		q := largePod(40, 30)
		q.Annotations = map[string]string{"long": strings.Repeat("1", 100_000)}
		p := mustCompile(t, Rule{Expect: text})
		if v, err := p.Eval(context.Background(), TypedSubject(q, podKind), Env{}); v != Expensive {
			t.Errorf("%s: got %v, %v", text, v, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := mustCompile(t, Rule{Expect: `object.kind == "Pod"`})
	if v, err := p.Eval(ctx, TypedSubject(pod(), podKind), Env{}); v != Cancelled || err.Class != Interrupted {
		t.Errorf("got %v, %v", v, err)
	}
	// In the middle of an evaluation the loop notices.
	slow, err := Compile(Rule{Expect: `object.spec.containers.all(a, object.spec.containers.all(b, object.spec.containers.all(c, a.name != "x" || b.name != "y")))`},
		Options{CostLimit: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	a := activate(slow, Env{})
	a.object = TypedSubject(largePod(200, 1), podKind).value
	if _, err := slow.expect.run(ctx, a); err == nil || slow.expect.evalError(err).Class != Interrupted {
		t.Errorf("got %v", err)
	}
}
