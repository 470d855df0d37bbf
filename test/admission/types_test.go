// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestGoTypesLoseNothing reads each manifest into its Go type and writes it again: a zero that is a real choice, such as
// no deviations in a sample, must still be there.
func TestGoTypesLoseNothing(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := isms.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds(t) {
		for _, m := range append(readManifests(t, "accepted", kind), manifest{Name: "valid"}) {
			t.Run(kind+"/"+m.Name, func(t *testing.T) {
				want := validObject(t, kind)
				m.change.to(t, want)
				typed, err := scheme.New(want.GroupVersionKind())
				if err != nil {
					t.Fatal(err)
				}
				if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(want.Object, typed, true); err != nil {
					t.Fatal(err)
				}
				got, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want.Object["spec"], got["spec"], emptyListsAreAbsent, numbersAreEqual); diff != "" {
					t.Errorf("(-manifest +type)\n%s", diff)
				}
			})
		}
	}
}

var emptyListsAreAbsent = cmp.FilterValues(func(a, b map[string]any) bool { return hasEmptyList(a) || hasEmptyList(b) },
	cmp.Transformer("withoutEmptyLists", func(in map[string]any) map[string]any {
		out := make(map[string]any, len(in))
		for key, value := range in {
			if list, ok := value.([]any); !ok || len(list) > 0 {
				out[key] = value
			}
		}
		return out
	}))

func hasEmptyList(in map[string]any) bool {
	for _, value := range in {
		if list, ok := value.([]any); ok && len(list) == 0 {
			return true
		}
	}
	return false
}

// A manifest's numbers come as float64 from YAML, a type's as int64.
var numbersAreEqual = cmp.FilterValues(func(a, b any) bool { return isNumber(a) && isNumber(b) },
	cmp.Comparer(func(a, b any) bool { return number(a) == number(b) }))

func isNumber(in any) bool {
	switch in.(type) {
	case int64, float64:
		return true
	}
	return false
}

func number(in any) float64 {
	if n, ok := in.(int64); ok {
		return float64(n)
	}
	return in.(float64)
}
