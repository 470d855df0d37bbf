// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// TestFluxKustomization evaluates the expressions of the sample by Flux's own evaluator. An object without a status is
// an error to it, which Flux shows and waits on.
func TestFluxKustomization(t *testing.T) {
	var sample struct {
		Spec struct {
			HealthCheckExprs []kustomize.CustomHealthCheck `json:"healthCheckExprs"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../config/flux/kustomization.yaml")), &sample); err != nil {
		t.Fatal(err)
	}
	evaluators := map[string]*cel.StatusEvaluator{}
	for _, check := range sample.Spec.HealthCheckExprs {
		e, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
		if err != nil {
			t.Fatal(err)
		}
		evaluators[check.Kind] = e
	}
	each(t, func(t *testing.T, s state, o *unstructured.Unstructured) {
		e := evaluators[o.GetKind()]
		if e == nil {
			t.Fatal("the sample has no expressions for this kind")
		}
		result, err := e.Evaluate(t.Context(), o)
		switch {
		case s.write == nil && err == nil:
			t.Fatalf("%s without a status", result.Status)
		case s.write == nil:
		case err != nil:
			t.Fatal(err)
		case string(result.Status) != s.flux:
			t.Fatalf("%s, want %s", result.Status, s.flux)
		}
	})
}
