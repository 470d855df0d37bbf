// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"testing"

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

// TestChecksCompile with the default bounds of cost, without constants, and read only fields that built-in kinds have.
func TestChecksCompile(t *testing.T) {
	builtin := clientscheme.Scheme.AllKnownTypes()
	for _, k := range Checks() {
		p := compile(t, k)
		if known, ok := builtin[k.GroupVersionKind()]; ok {
			if missing := p.MissingInGoType(known); len(missing) > 0 {
				t.Errorf("%s: no such fields: %v", k.Name, missing)
			}
		} else if k.Companion == "" {
			t.Errorf("%s: %s is not a kind of Kubernetes and names no companion", k.Name, k.GroupVersionKind())
		}
	}
}
