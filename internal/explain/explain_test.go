// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/test/fixture"
	"github.com/isms-operator/isms-operator/test/golden"
)

func TestParts(t *testing.T) {
	for expression, want := range map[string][]string{
		"a && b\n  && c":                    {"a", "b", "c"},
		"a || b && c":                       {"a || b && c"},
		"(a || b) && c":                     {"(a || b)", "c"},
		"a ? b : c && d":                    {"a ? b : c && d"},
		"x.?y.orValue(z) && d":              {"x.?y.orValue(z)", "d"},
		"x[?'a && b'] && s == 'it\\'s &&'":  {"x[?'a && b']", "s == 'it\\'s &&'"},
		`r'\' && x && "\" && "`:             {`r'\'`, "x", `"\" && "`},
		"'''a ' && b''' && c":               {"'''a ' && b'''", "c"},
		"l.all(x, x.a && x.b) && !(c && d)": {"l.all(x, x.a && x.b)", "!(c && d)"},
		"'open && b":                        {"'open && b"},
		"a // && b\n && c":                  {"a // && b\n && c"},
		"true":                              {"true"},
	} {
		if diff := cmp.Diff(want, parts(expression)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expression, diff)
		}
	}
}

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

func namespaces(t *testing.T, names ...string) World {
	w := World{Namespaces: map[string]*unstructured.Unstructured{}, InScope: names, Now: fixture.Now}
	for _, n := range names {
		w.Namespaces[n] = object(t, fmt.Sprintf("{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {tier: %s}}}", n, n))
	}
	return w
}

func item(quantifier isms.Quantifier, expect string) isms.EvidenceItem {
	return isms.EvidenceItem{Name: "item", Resources: &isms.ResourceRule{APIVersion: "v1", Kind: "Pod", Quantifier: quantifier, Expect: expect}}
}

const pod = "{apiVersion: v1, kind: Pod, metadata: {namespace: %s, name: %s, labels: {app: %s}}, spec: {hostNetwork: %t, containers: [{image: %s}]}}"

func evaluate(t *testing.T, i isms.EvidenceItem, exceptions []isms.Exception, pods ...string) Result {
	t.Helper()
	e := New(i, exceptions, namespaces(t, "bank", "shop"))
	if e.Invalid() != "" {
		t.Fatal(e.Invalid())
	}
	for _, p := range pods {
		e.Add(object(t, p))
	}
	return e.Result()
}

// TestEvaluation: each failing object is named, with the parts that do not hold for it; what is outside the scope is not.
func TestEvaluation(t *testing.T) {
	good := fmt.Sprintf(pod, "shop", "good", "web", false, "ours/web")
	bad := fmt.Sprintf(pod, "shop", "bad", "web", true, "theirs/web")
	half := fmt.Sprintf(pod, "bank", "half", "web", true, "ours/web")
	outside := fmt.Sprintf(pod, "elsewhere", "outside", "web", true, "theirs/web")
	broken := "{apiVersion: v1, kind: Pod, metadata: {namespace: shop, name: broken}, spec: {hostNetwork: false}}"
	own := strings.Replace(fmt.Sprintf(pod, "bank", "own", "web", false, "ours/web"), "app: web", "app.kubernetes.io/part-of: isms-operator", 1)
	const network, image = "!object.spec.hostNetwork", "object.spec.containers.all(c, c.image.startsWith('ours/'))"
	both := network + " && " + image
	exceptions := []isms.Exception{
		{Name: "old", Evidence: []isms.ItemName{"item"}, Objects: []isms.ExceptionObject{{Namespace: "bank"}}, ExpiresOn: "2026-11-20"},
		{Name: "web", Evidence: []isms.ItemName{"item"}, Objects: []isms.ExceptionObject{{Namespace: "bank"}}, ExpiresOn: "2026-11-21"},
	}
	for name, tc := range map[string]struct {
		item       isms.EvidenceItem
		exceptions []isms.Exception
		pods       []string
		want       Result
	}{
		"every": {item(isms.QuantifierEvery, both), nil, []string{good, bad, half, outside}, Result{
			Result: isms.EvidenceFail, Reason: isms.ReasonObjectsFailed, Subjects: 3, Passing: 1, Failing: 2, Failures: []Subject{
				{Namespace: "bank", Name: "half", Unmet: []string{network}}, {Namespace: "shop", Name: "bad", Unmet: []string{network, image}},
			},
		}},
		"waived": {item(isms.QuantifierEvery, both), exceptions, []string{good, half}, Result{
			Result: isms.EvidencePass, Reason: isms.ReasonObjectsPassed, Subjects: 2, Passing: 1, Waived: 1,
			Failures: []Subject{{Namespace: "bank", Name: "half", Unmet: []string{network}, WaivedBy: "web"}},
		}},
		"error": {item(isms.QuantifierEvery, image), nil, []string{good, broken}, Result{
			Result: isms.EvidenceUnknown, Reason: isms.ReasonExpressionError, Subjects: 2, Passing: 1, Errors: 1,
			Failures: []Subject{{Namespace: "shop", Name: "broken", Error: "expect:1:12: NoSuchKey"}},
		}},
		"a part that rests on another": {
			item(isms.QuantifierEvery, "has(object.spec.tier) && object.spec.tier == 'web' && "+image), nil,
			[]string{good},
			Result{
				Result: isms.EvidenceFail, Reason: isms.ReasonObjectsFailed, Subjects: 1, Failing: 1,
				Failures: []Subject{{Namespace: "shop", Name: "good", Unmet: []string{"has(object.spec.tier)"}}},
			},
		},
		"none": {item(isms.QuantifierNone, "object.spec.hostNetwork && true"), nil, []string{good, half}, Result{
			Result: isms.EvidenceFail, Reason: isms.ReasonObjectsFailed, Subjects: 2, Passing: 1, Failing: 1,
			Failures: []Subject{{Namespace: "bank", Name: "half"}},
		}},
		"any, one is enough": {item(isms.QuantifierAny, both), nil, []string{good, bad}, Result{
			Result: isms.EvidencePass, Reason: isms.ReasonObjectsPassed, Subjects: 2, Passing: 1,
		}},
		"any, the operator's own is not": {item(isms.QuantifierAny, both), nil, []string{own, half}, Result{
			Result: isms.EvidenceFail, Reason: isms.ReasonObjectsFailed, Subjects: 1, Failing: 1,
			Failures: []Subject{{Namespace: "bank", Name: "half", Unmet: []string{network}}},
		}},
		"per namespace": {item(isms.QuantifierAnyPerNamespace, both), nil, []string{good, half}, Result{
			Result: isms.EvidenceFail, Reason: isms.ReasonObjectsFailed, Subjects: 2, Passing: 1, Failing: 1, Failures: []Subject{
				{Namespace: "bank", Objects: []Subject{{Namespace: "bank", Name: "half", Unmet: []string{network}}}},
			},
		}},
		"a namespace, waived": {item(isms.QuantifierAnyPerNamespace, both), exceptions, []string{good}, Result{
			Result: isms.EvidencePass, Reason: isms.ReasonObjectsPassed, Subjects: 2, Passing: 1, Waived: 1,
			Failures: []Subject{{Namespace: "bank", WaivedBy: "web"}},
		}},
		"set": {item(isms.QuantifierSet, "size(objects) > 2"), nil, []string{good, half, outside}, Result{
			Result: isms.EvidenceFail, Reason: isms.ReasonObjectsFailed, Subjects: 1, Failing: 1,
		}},
		"namespaceObject": {item(isms.QuantifierEvery, "namespaceObject.metadata.labels.tier == 'shop'"), nil, []string{good}, Result{
			Result: isms.EvidencePass, Reason: isms.ReasonObjectsPassed, Subjects: 1, Passing: 1,
		}},
		"nothing": {item(isms.QuantifierEvery, both), nil, nil, Result{Result: isms.EvidenceUnknown, Reason: isms.ReasonNoMatch}},
	} {
		if diff := cmp.Diff(tc.want, evaluate(t, tc.item, tc.exceptions, tc.pods...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := New(item(isms.QuantifierEvery, "object."), nil, World{}).Invalid(); !strings.HasPrefix(got, "expect:1:") {
		t.Errorf("an expression that does not parse: %q", got)
	}
}

// TestNotServed: what it means that a kind is not served is for the item to say.
func TestNotServed(t *testing.T) {
	i := item(isms.QuantifierEvery, "true")
	if got := NotServed(i); got.Result != isms.EvidenceUnknown || got.Reason != isms.ReasonKindNotServed {
		t.Errorf("%+v", got)
	}
	i.Resources.OnKindNotServed = isms.KindNotServedNotApplicable
	if got := NotServed(i); got.Result != isms.EvidenceNotApplicable {
		t.Errorf("%+v", got)
	}
}

// TestMetadata: of what is never read whole, neither data nor annotations are left.
func TestMetadata(t *testing.T) {
	secret := object(t, "{apiVersion: v1, kind: Secret, metadata: {name: s, labels: {a: b}, annotations: {last: c2VjcmV0}, managedFields: [{manager: m}]}, data: {p: c2VjcmV0}}")
	want := object(t, "{apiVersion: v1, kind: Secret, metadata: {name: s, labels: {a: b}}}")
	if diff := cmp.Diff(want, Metadata(secret)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestText: a control that a drift has turned, as people see it.
func TestText(t *testing.T) {
	in := fixture.Sample(t, fixture.Drift)
	control, found := Find(in, "a.8.22")
	if !found {
		t.Fatal("no control A.8.22")
	}
	x := Of(in, control)
	e := New(rule.Items(control)[0], nil, namespaces(t, "billing", "payments", "shop"))
	const policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {namespace: %s, name: %s}, spec: {podSelector: {}, policyTypes: [Ingress]%s}}"
	e.Add(object(t, fmt.Sprintf(policy, "billing", "default-deny", "")))
	e.Add(object(t, fmt.Sprintf(policy, "payments", "default-deny", ", ingress: [{}]")))
	result := e.Result()
	x.Evaluated("default-deny", &result, "")
	if x.Satisfied() {
		t.Error("the control is satisfied")
	}
	var out bytes.Buffer
	if err := x.Text(&out, export.Text{Width: 100}); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, filepath.Join("testdata", "drift.txt"), out.String())
	if good, _ := Find(fixture.Sample(t, nil), "a-8-22"); good == nil {
		t.Error("it is not found by its name")
	} else if x := Of(fixture.Sample(t, nil), good); !x.Satisfied() {
		t.Error("the control is not satisfied without a drift")
	}
}

// TestNotImplemented: one is told how a control is declared as implemented, and of a document what it lacks.
func TestNotImplemented(t *testing.T) {
	in := fixture.Sample(t, nil)
	c, _ := Find(in, "A.5.1")
	c.Spec.Implementation = &isms.Implementation{State: isms.StatePlanned}
	for i := range in.Documents {
		for j := range in.Documents[i].Status.Conditions {
			d := &in.Documents[i].Status.Conditions[j]
			d.Status, d.Reason, d.Message = metav1.ConditionFalse, isms.ReasonNotApproved, "No approval is recorded."
		}
	}
	var out bytes.Buffer
	if err := Of(in, c).Text(&out, export.Text{Width: 100}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nFix           When it is in place,", "No approval is recorded; ReviewCurrent"} {
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
	c.Spec.Implementation.State = isms.StateImplemented
	if x := Of(in, c); x.Fix != "" {
		t.Errorf("implemented, and yet to fix: %s", x.Fix)
	}
}

func TestParameters(t *testing.T) {
	all := []isms.Parameter{{Name: "days", Values: []string{"7"}}, {Name: "day", Values: []string{"1"}}, {Name: "tiers", Values: []string{"a", "b"}}}
	got := parameters(all, "object.tier in params.?tiers.orValue([]) && int(params.days[0]) > 0 && params.absent[0] == ''")
	if diff := cmp.Diff([]Parameter{{"days", []string{"7"}}, {"tiers", []string{"a", "b"}}}, got); diff != "" {
		t.Error(diff)
	}
}
