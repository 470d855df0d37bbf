// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// hostilePod is what a tenant could write: long lists and long texts.
func hostilePod() *corev1.Pod {
	q := largePod(1, 10_000)
	q.Annotations = map[string]string{
		"long": strings.Repeat("a", 400_000), "longer": strings.Repeat("a", 200_000) + "b", "format": "%.999999999f",
		"small": "1e-2147483647", "large": "1e+999999999",
	}
	return q
}

// TestNoCallHoldsAProcessor: each of these is one call that would take minutes, or all memory. Without the guard the
// test does not end.
func TestNoCallHoldsAProcessor(t *testing.T) {
	double := "[object.spec.containers]" + strings.Repeat(".map(x, x + x)", 40)
	nested := "[object.spec]" + strings.Repeat(".map(x, [x, x, x, x])", 30)
	env := "object.spec.containers[0].env"
	annotations := "object.metadata.annotations"
	for _, text := range []string{
		"sets.contains(" + env + ", " + env + ")",
		"sets.equivalent(" + env + ", " + env + ")",
		"sets.intersects(" + env + ", " + env + ".map(e, e.name))",
		env + ".distinct().size() > 1",
		env + ".map(e, e.value).distinct().size() > 1",
		double + ".all(x, x.size() < 0)",
		double + ".all(x, x.exists(c, c.name == 'none'))",
		double + ".all(x, {} in x)",
		nested + " == " + nested,
		nested + " != [" + nested + "]",
		nested + " in [" + nested + "]",
		nested + ".indexOf(" + nested + ") > 0",
		"'%s'.format([" + nested + "]) == 'x'",
		annotations + ".format.format([1.0]) == 'x'",
		"'%.999999999e'.format([1.0]) == object.kind",
		annotations + ".long.replace('a', " + annotations + ".long) == 'x'",
		annotations + ".long.replace('', " + annotations + ".long) == 'x'",
		annotations + ".long.indexOf(" + annotations + ".longer) > 0",
		annotations + ".long.lastIndexOf(" + annotations + ".longer) > 0",
		annotations + ".long.split('').join(" + annotations + ".long) == 'x'",
		annotations + ".long.matches('(a{1000}|a{998}b|a{999}c)$')",
		annotations + ".long.find('(a{990}|a{991}b|a{992}c)$') == 'x'",
		annotations + ".long.findAll('(a{990}|a{991}b|a{992}c)$').size() == 1",
		annotations + ".long.matches(" + strings.Repeat("params.p[0] + ", 20) + "params.p[0])",
	} {
		name := text[:min(len(text), 40)]
		p, err := Compile(Rule{Kind: podKind, Expect: text, Params: map[string][]string{"p": {"a{1000}"}}}, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		q := hostilePod()
		for _, s := range []Subject{TypedSubject(q, podKind), MapSubject(overTheWire(t, q))} {
			if v, err := p.Eval(context.Background(), s, Env{Now: noon}); v != Expensive {
				t.Errorf("%s...: %v, %v, want Expensive", name, v, err)
			}
		}
	}
}

// TestSetCallsAreGuardedToo, at the higher limit of Set rules.
func TestSetCallsAreGuardedToo(t *testing.T) {
	for _, text := range []string{
		"objects[0].spec.containers[0].env.distinct().size() > 1",
		"sets.equivalent(objects[0].spec.containers[0].env, objects[1].spec.containers[0].env)",
		"[objects]" + strings.Repeat(".map(x, [x, x, x, x])", 30) + " == [objects]" + strings.Repeat(".map(x, [x, x, x, x])", 30),
	} {
		p := mustCompile(t, Rule{Kind: podKind, Set: true, Expect: text})
		objects := []Subject{TypedSubject(hostilePod(), podKind), TypedSubject(hostilePod(), podKind)}
		if v, err := p.EvalSet(context.Background(), objects, Env{Now: noon}); v != Expensive {
			t.Errorf("%s: %v, %v", text[:20], v, err)
		}
	}
}

// TestEndlessQuantities: such an exponent would be written out digit by digit.
func TestEndlessQuantities(t *testing.T) {
	q := hostilePod()
	for text, want := range map[string]Verdict{
		"quantity(object.metadata.annotations.small).isGreaterThan(quantity('1'))":                                Errored,
		"quantity(object.metadata.annotations.large).isGreaterThan(quantity('1'))":                                Errored,
		"isQuantity(object.metadata.annotations.large)":                                                           Unsatisfied,
		"object.spec.containers.all(c, quantity(object.metadata.annotations.small).isLessThan(quantity(c.name)))": Errored,
		"quantity('1e3').isGreaterThan(quantity('1')) && isQuantity('1.5Gi') && object.kind == 'Pod'":             Satisfied,
	} {
		p := mustCompile(t, Rule{Kind: podKind, Expect: text})
		if v, err := p.Eval(context.Background(), TypedSubject(q, podKind), Env{}); v != want || want == Errored && err.Class != BadConversion {
			t.Errorf("%s: %v, %v, want %v", text, v, err, want)
		}
	}
}

// TestGuardedCallsStillWork: on ordinary values the guard changes nothing.
func TestGuardedCallsStillWork(t *testing.T) {
	for _, text := range []string{
		"sets.contains([1, 2], [1]) && sets.equivalent([1, 2], [2, 1]) && !sets.intersects([1], [2])",
		"[1, 1, 2].distinct() == [1, 2] && [2, 1].sort() == [1, 2] && [{'a': 2}, {'a': 1}].sortBy(x, x.a)[0].a == 1",
		"[1, 2].isSorted() && [1, 2].sum() == 3 && [1, 2].max() == 2 && [1, 2].min() == 1 && [1, 2].indexOf(2) == 1 && [1, 1].lastIndexOf(1) == 1",
		"[[1], [2]].flatten() == [1, 2] && [1, 2].reverse() == [2, 1] && [1, 2, 3].slice(0, 2) == [1, 2] && lists.range(2) == [0, 1]",
		"['a', 'b'].join(',') == 'a,b' && 'a-b'.replace('-', '+') == 'a+b' && 'a-b-c'.replace('-', '', 1) == 'ab-c' && '%s %.2f'.format(['a', 1.0]) == 'a 1.00'",
		"'abc'.matches('^a.c$') && !'abc'.matches('^b') && 'abc'.find('b') == 'b' && 'abab'.findAll('b') == ['b', 'b'] && 'abc'.matches('a' + 'b')",
		"1 in [1, 2] && [1] in [[1]] && 'a' in {'a': 1} && [1] + [2] == [1, 2] && 'a' + 'b' == 'ab' && 1 + 1 == 2 && {} != {'a': 1} && 1 != 2",
		"'abc'.indexOf('c') == 2 && 'abc'.indexOf('c', 1) == 2 && 'aba'.lastIndexOf('a') == 2 && !format.dns1123Label().validate('a').hasValue()",
		"dyn(object.?kind).matches('^P') && dyn(type(object.kind)).matches('^str')",
	} {
		for _, always := range []bool{false, true} {
			p, err := Compile(Rule{Kind: podKind, Expect: text + " && object.kind == 'Pod'"}, Options{AlwaysTrack: always})
			if err != nil {
				t.Fatal(err)
			}
			if v, err := p.Eval(context.Background(), TypedSubject(pod(), podKind), Env{}); v != Satisfied {
				t.Errorf("%s: %v, %v", text, v, err)
			}
		}
	}
}
