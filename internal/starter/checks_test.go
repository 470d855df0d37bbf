// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"maps"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	clientscheme "k8s.io/client-go/kubernetes/scheme"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
)

// defaults are the parameters of the starter scope.
func defaults() map[string][]string {
	out := map[string][]string{}
	for _, p := range Parameters() {
		out[p.Name] = p.Values
	}
	return out
}

// compile compiles a check as the engine does.
func compile(t *testing.T, k Check) *check.Program {
	t.Helper()
	r := k.Resources
	p, err := check.Compile(check.Rule{
		Kind: k.GroupVersionKind(), Set: r.Quantifier == isms.QuantifierSet, Where: r.Where, Expect: r.Expect, LabelSelector: r.LabelSelector,
		Params: defaults(),
	}, check.Options{})
	if err != nil {
		t.Fatalf("%s: %v", k.Name, err)
	}
	return p
}

// TestChecksCompile: the checks compile with the default bounds of cost and without constants, read only fields that built-in
// kinds have, and none needs an object whole to be evaluated again later.
func TestChecksCompile(t *testing.T) {
	builtin := clientscheme.Scheme.AllKnownTypes()
	for _, k := range Checks() {
		p := compile(t, k)
		if p.ReadsObjectWhole() {
			t.Errorf("%s reads the whole object", k.Name)
		}
		if known, ok := builtin[k.GroupVersionKind()]; ok {
			if missing := p.MissingInGoType(known); len(missing) > 0 {
				t.Errorf("%s: no such fields: %v", k.Name, missing)
			}
		} else if k.Companion == "" {
			t.Errorf("%s: %s is not a kind of Kubernetes and names no companion", k.Name, k.GroupVersionKind())
		}
	}
}

// TestPresenceSelectors: what is to be asked of the API server can be parsed by it, and leaves out the operator's own objects.
func TestPresenceSelectors(t *testing.T) {
	for _, k := range Checks() {
		selector, err := labels.Parse(k.PresenceSelector())
		if err != nil {
			t.Errorf("%s: %v", k.Name, err)
			continue
		}
		own := labels.Set{isms.LabelPartOf: isms.PartOf}
		if k.Resources.LabelSelector != nil {
			maps.Copy(own, k.Resources.LabelSelector.MatchLabels)
		}
		if selector.Matches(own) {
			t.Errorf("%s: %s selects the operator's own objects", k.Name, selector)
		}
		delete(own, isms.LabelPartOf)
		if k.Resources.LabelSelector == nil || len(k.Resources.LabelSelector.MatchExpressions) == 0 {
			if !selector.Matches(own) {
				t.Errorf("%s: %s does not select %v", k.Name, selector, own)
			}
		}
	}
}
