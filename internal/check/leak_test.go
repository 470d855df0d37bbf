// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const marker = "m4rk3r"

// marked is a pod that holds the marker wherever text may stand.
func marked() *corev1.Pod {
	p := pod()
	p.Name, p.Namespace, p.GenerateName, p.UID = marker, marker, marker, marker
	p.Labels = map[string]string{marker: marker, "a": marker}
	p.Annotations = map[string]string{marker: marker, "a": marker}
	p.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: marker, FieldsV1: metav1.NewFieldsV1(`{"` + marker + `":{}}`)}}
	p.Spec.NodeName = marker
	p.Spec.Containers = []corev1.Container{{Name: marker, Image: marker, Args: []string{marker, marker}}}
	return p
}

// TestErrorsShowNoValue makes every class of error and every library that parses text meet the marker, in each way that
// CEL might quote it, and looks for it in everything that comes back.
func TestErrorsShowNoValue(t *testing.T) {
	classes := map[Class]bool{}
	var all []string
	for _, template := range append(templates, `P[Q] == 1`, `P.a[Q] == 1`, `{"x": 1}[P] == 1`, `{P: 1}[Q + "x"] == 1`, `[1][P] == 1`, `[1][int(P)] == 1`,
		`1 / (size(P) - size(P)) == 1`, `1 % (size(P) - size(P)) == 1`, `9223372036854775807 + size(P) > 0`, `"a".matches(P + "(")`, `"a".find("(" + P) == ""`,
		`P.substring(99) == ""`, `P.charAt(99) == ""`, `uint(P) == 1u`, `now + duration(P) > now`, `timestamp(P + "Z") > now`, `now.getHours(P) == 1`, `P.toString() == "a"`,
		`optional.none().value() == P`, `(P + "%d").format([P]) == ""`, `"%d".format([P]) == ""`, `"%q".format([P]) == ""`, `lists.range(size(P) * 100000000).size() > 0`,
		`quantity(P).add(1) == P`, `[P, 1].sort()[0] == P`, `[P, 1].sum() == P`, `{"a": 1, P: 2, P: 3}.a == 1`) {
		for _, p := range []string{"object.metadata.name", "object.metadata.labels", "object.metadata.labels.a", "object.spec.containers", "object.spec.containers[0].args", "object"} {
			all = append(all, placeholder.ReplaceAllStringFunc(template, func(m string) string {
				return map[string]string{"P": p, "Q": "object.metadata.name"}[m]
			}))
		}
	}
	for _, expect := range all {
		program, err := Compile(Rule{Expect: expect}, Options{})
		if err != nil {
			continue
		}
		for _, s := range []Subject{TypedSubject(marked(), podKind), MapSubject(overTheWire(t, marked()))} {
			for _, e := range []Env{{Now: noon}, {Now: noon, Namespace: namespace(t)}} {
				verdict, err := program.Eval(t.Context(), s, e)
				if err != nil {
					classes[err.Class] = true
				}
				if said := fmt.Sprintf("%v %v %+v %#v", verdict, evalText(err), err, err); strings.Contains(said, marker) {
					t.Errorf("%s: %s", expect, said)
				}
			}
		}
	}
	for _, c := range []Class{NoSuchKey, NoSuchOverload, IndexOutOfRange, BadTimestamp, BadDuration, BadConversion, DivisionByZero, Overflow, EmptyOptional} {
		if !classes[c] {
			t.Errorf("no expression ended in %s", c)
		}
	}
}
