// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package samples

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
)

// The day of which the samples are meant, a little after the last of their timestamps.
var asOf = time.Date(2026, 11, 21, 0, 5, 0, 0, time.UTC)

// rule is one rule of a sample control.
type rule struct {
	name       string
	quantifier isms.Quantifier
	program    *check.Program
}

// sampleRules compiles the rules of all sample controls with the parameters of the scope and their own.
func sampleRules(t *testing.T, samples []manifest) []rule {
	t.Helper()
	params := map[string][]string{}
	for _, scope := range decode[isms.ISMSScope](t, samples) {
		override(params, scope.Spec.Parameters)
	}
	var rules []rule
	for _, control := range decode[isms.Control](t, samples) {
		own := map[string][]string{}
		for name, values := range params {
			own[name] = values
		}
		override(own, control.Spec.Parameters)
		for _, item := range control.Spec.Evidence {
			if item.Resources != nil {
				rules = append(rules, compile(t, control.Name+"/"+string(item.Name), item.Resources, own))
			}
		}
	}
	return rules
}

func override(params map[string][]string, with []isms.Parameter) {
	for _, parameter := range with {
		params[parameter.Name] = parameter.Values
	}
}

func compile(t *testing.T, name string, resources *isms.ResourceRule, params map[string][]string) rule {
	t.Helper()
	program, err := check.Compile(check.Rule{
		Kind:          schema.FromAPIVersionAndKind(resources.APIVersion, resources.Kind),
		Set:           resources.Quantifier == isms.QuantifierSet,
		Where:         resources.Where,
		Expect:        resources.Expect,
		LabelSelector: resources.LabelSelector,
		Params:        params,
	}, check.Options{})
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return rule{name: name, quantifier: resources.Quantifier, program: program}
}

func decode[T any](t *testing.T, from []manifest) []T {
	t.Helper()
	var decoded []T
	for _, m := range from {
		var value T
		if kindOf(value) != m.object.GetKind() {
			continue
		}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(m.object.Object, &value, true); err != nil {
			t.Errorf("%s: %s: %v", m.source, m.object.GetName(), err)
		}
		decoded = append(decoded, value)
	}
	return decoded
}

func kindOf(value any) string { return reflect.TypeOf(value).Name() }

// Every rule compiles and holds on the demo's cluster, none ends in an error, and the typed objects that built-in kinds
// arrive as give the same verdicts as maps.
func TestRulesHoldOnTheDemoCluster(t *testing.T) {
	world := manifests(t, "hack/demo/cluster")
	used := map[isms.Quantifier]bool{}
	for _, rule := range sampleRules(t, manifests(t, "config/samples")) {
		used[rule.quantifier] = true
		switch {
		case rule.program == nil:
			// Compiling it failed, which is reported.
		case rule.program.Set():
			holdsOverSet(t, rule, world)
		case rule.quantifier == isms.QuantifierAny:
			holdsSomewhere(t, rule, world)
		case rule.quantifier == isms.QuantifierAnyPerNamespace:
			holdsInEachNamespace(t, rule, world)
		default:
			holdsForEach(t, rule, world)
		}
	}
	for _, quantifier := range []isms.Quantifier{
		isms.QuantifierEvery, isms.QuantifierNone, isms.QuantifierAny, isms.QuantifierAnyPerNamespace, isms.QuantifierSet,
	} {
		if !used[quantifier] {
			t.Errorf("no rule of the samples uses %s", quantifier)
		}
	}
}

// The drift of the demo leaves the namespace without a default-deny policy, and the repair brings it back.
func TestDriftBreaksTwoRules(t *testing.T) {
	world := manifests(t, "hack/demo/cluster")
	policies := manifests(t, "hack/demo/drift")
	for _, rule := range sampleRules(t, manifests(t, "config/samples")) {
		if rule.name != "a-8-12/default-deny-egress" && rule.name != "a-8-22/default-deny" {
			continue
		}
		for _, m := range policies {
			want := check.Satisfied
			if strings.HasSuffix(m.source, "allow-all.yaml") {
				want = check.Unsatisfied
			}
			if got := verdictOn(t, rule, m.object, world); got != want {
				t.Errorf("%s: %s is %s, want %s", rule.name, m.source, got, want)
			}
		}
	}
}

func holdsForEach(t *testing.T, rule rule, world []manifest) {
	t.Helper()
	bad := check.Unsatisfied
	if rule.quantifier == isms.QuantifierNone {
		bad = check.Satisfied
	}
	for _, m := range inScope(world, rule.program.Kind()) {
		verdict := verdictOn(t, rule, m.object, world)
		waived := m.object.GetName() == "legacy-invoicing" && rule.name == "a-8-14/replicas"
		if (verdict == bad) != waived {
			t.Errorf("%s: %s %s is %s", rule.name, m.object.GetKind(), m.object.GetName(), verdict)
		}
	}
}

func holdsSomewhere(t *testing.T, rule rule, world []manifest) {
	t.Helper()
	for _, m := range inScope(world, rule.program.Kind()) {
		if verdictOn(t, rule, m.object, world) == check.Satisfied {
			return
		}
	}
	if rule.name != "a-8-07/runtime-sensor" { // Which the cluster lacks: the control rests on another item.
		t.Errorf("%s: nothing satisfies it", rule.name)
	}
}

func holdsInEachNamespace(t *testing.T, rule rule, world []manifest) {
	t.Helper()
	satisfied := map[string]bool{}
	for _, m := range inScope(world, rule.program.Kind()) {
		if verdictOn(t, rule, m.object, world) == check.Satisfied {
			satisfied[m.object.GetNamespace()] = true
		}
	}
	for _, m := range inScope(world, schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}) {
		if !satisfied[m.object.GetName()] {
			t.Errorf("%s: nothing satisfies it in %s", rule.name, m.object.GetName())
		}
	}
}

func holdsOverSet(t *testing.T, rule rule, world []manifest) {
	t.Helper()
	var subjects []check.Subject
	for _, m := range inScope(world, rule.program.Kind()) {
		subjects = append(subjects, typed(t, m.object))
	}
	if verdict, err := rule.program.EvalSet(t.Context(), subjects, check.Env{Now: asOf}); verdict != check.Satisfied {
		t.Errorf("%s: %s, %v", rule.name, verdict, err)
	}
}

func verdictOn(t *testing.T, rule rule, object *unstructured.Unstructured, world []manifest) check.Verdict {
	t.Helper()
	env := check.Env{Now: asOf}
	if i := namespaceOf(object, world); i >= 0 {
		namespace := typed(t, world[i].object)
		env.Namespace = &namespace
	}
	verdict, err := rule.program.Eval(t.Context(), typed(t, object), env)
	if err != nil {
		t.Errorf("%s: %s %s: %v", rule.name, object.GetKind(), object.GetName(), err)
	}
	if other, _ := rule.program.Eval(t.Context(), check.MapSubject(object.Object), env); other != verdict {
		t.Errorf("%s: %s %s: %s as a typed object, %s as a map", rule.name, object.GetKind(), object.GetName(), verdict, other)
	}
	return verdict
}

func namespaceOf(object *unstructured.Unstructured, world []manifest) int {
	for i, m := range world {
		if m.object.GetKind() == "Namespace" && m.object.GetName() == object.GetNamespace() {
			return i
		}
	}
	return -1
}

// inScope are the objects of the kind, without those of the namespace that the scope excludes.
func inScope(world []manifest, kind schema.GroupVersionKind) []manifest {
	var found []manifest
	for _, m := range world {
		excluded := m.object.GetNamespace() == "sandbox" || m.object.GetName() == "sandbox"
		if m.object.GroupVersionKind() == kind && !excluded {
			found = append(found, m)
		}
	}
	return found
}

func typed(t *testing.T, object *unstructured.Unstructured) check.Subject {
	t.Helper()
	kind := object.GroupVersionKind()
	value, err := clientgoscheme.Scheme.New(kind)
	if err != nil {
		return check.MapSubject(object.Object) // A custom resource, which arrives as JSON.
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, value); err != nil {
		t.Fatalf("%s %s: %v", object.GetKind(), object.GetName(), err)
	}
	return check.TypedSubject(value, kind)
}
