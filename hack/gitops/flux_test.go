// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	"github.com/isms-operator/isms-operator/internal/scaffold"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// TestFluxKustomization evaluates the expressions of the samples, the repository's and that of init, by Flux's own
// evaluator. An object without a status is an error to it, which Flux shows and waits on.
func TestFluxKustomization(t *testing.T) {
	files, err := scaffold.Render(scaffold.Input{
		Answers: scaffold.Answers{Organization: "Acme GmbH", Scope: "acme", Namespace: "isms"}, Cluster: scaffold.Assume(nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, ofInit, _ := strings.Cut(string(files["gitops/flux.yaml"]), "\n---\n")
	for name, text := range map[string]string{"sample": read(t, "../../config/flux/kustomization.yaml"), "init": ofInit} {
		t.Run(name, func(t *testing.T) { kustomization(t, text) })
	}
}

func kustomization(t *testing.T, text string) {
	var sample struct {
		Spec struct {
			HealthCheckExprs []kustomize.CustomHealthCheck `json:"healthCheckExprs"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal([]byte(text), &sample); err != nil {
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
