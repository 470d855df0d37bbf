// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/cel-go/cel"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
)

// signatures are all functions of an environment with their overloads, and its macros.
func signatures(e *cel.Env) (functions map[string][]string, macros []string) {
	functions = map[string][]string{}
	for name, f := range e.Functions() {
		for _, o := range f.OverloadDecls() {
			functions[name] = append(functions[name], o.ID())
		}
		slices.Sort(functions[name])
	}
	seen := map[string]bool{}
	for _, m := range e.Macros() {
		seen[m.MacroKey()] = true
	}
	return functions, slices.Sorted(maps.Keys(seen))
}

func TestDialectIsThatOfAdmissionPolicies(t *testing.T) {
	apiserver := environment.MustBaseEnvSet(version.MajorMinor(1, 36)).NewExpressionsEnv()
	wantFunctions, wantMacros := signatures(apiserver)
	for name, e := range map[string]*cel.Env{"object": env().object, "set": env().set} {
		functions, macros := signatures(e)
		if diff := cmp.Diff(wantFunctions, functions); diff != "" {
			t.Errorf("%s: functions (-apiserver +ours):\n%s", name, diff)
		}
		if diff := cmp.Diff(wantMacros, macros); diff != "" {
			t.Errorf("%s: macros (-apiserver +ours):\n%s", name, diff)
		}
		want, got := apiserver.Libraries(), e.Libraries()
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: libraries (-apiserver +ours):\n%s", name, diff)
		}
	}
}
