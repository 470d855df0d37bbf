// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestValidManifestsAreAccepted(t *testing.T) {
	c := newClient(t)
	for _, kind := range kinds(t) {
		t.Run(kind, func(t *testing.T) {
			if err := c.Create(context.Background(), validObject(t, kind), client.DryRunAll); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestEdgesOfRulesAreAccepted(t *testing.T) {
	c := newClient(t)
	for _, kind := range kinds(t) {
		for _, m := range readManifests(t, "accepted", kind) {
			t.Run(kind+"/"+m.Name, func(t *testing.T) {
				if err := m.apply(t, c, kind); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// TestInvalidManifestsAreRefused applies each invalid manifest, and asks that the field and the message of the case are
// among the errors; then that each validation rule of the CRDs has refused at least one of them.
func TestInvalidManifestsAreRefused(t *testing.T) {
	c := newClient(t)
	refusedBy := map[ruleID]bool{}
	total := 0
	for _, kind := range kinds(t) {
		for _, m := range readManifests(t, "invalid", kind) {
			total++
			t.Run(kind+"/"+m.Name, func(t *testing.T) {
				for _, id := range refusal(t, c, kind, m) {
					refusedBy[id] = true
				}
			})
		}
	}
	if total < 300 {
		t.Errorf("%d invalid manifests, want at least 300", total)
	}
	if t.Failed() {
		return
	}
	for _, rule := range readRules(t) {
		if !refusedBy[rule.id] {
			t.Errorf("no invalid manifest is refused by the rule at %s %s: %s", rule.kind, rule.field, rule.id.message)
		}
	}
}

// refusal applies one invalid manifest and returns the rules that refused it.
func refusal(t *testing.T, c client.Client, kind string, m manifest) []ruleID {
	t.Helper()
	err := m.apply(t, c, kind)
	if err == nil {
		t.Fatal("accepted")
	}
	if m.Field == "" || m.Message == "" {
		t.Fatalf("the case names no field or no message; the API server says: %v", err)
	}
	var ids []ruleID
	found := false
	for _, cause := range causes(err) {
		if cause.Field != m.Field || !strings.Contains(cause.Message, m.Message) {
			continue
		}
		found = true
		ids = append(ids, rulesOf(t, kind, cause.Field, cause.Message)...)
	}
	if !found {
		t.Errorf("want %s: ... %s\ngot %v", m.Field, m.Message, err)
	}
	return ids
}

// rulesOf returns the rules of a kind that give this message for this field.
func rulesOf(t *testing.T, kind, field, message string) []ruleID {
	t.Helper()
	var ids []ruleID
	for _, rule := range readRules(t) {
		if strings.ToLower(rule.kind) == kind && rule.field == listIndex.ReplaceAllString(field, "[]") &&
			strings.HasSuffix(message, rule.id.message) {
			ids = append(ids, rule.id)
		}
	}
	return ids
}

func TestAttestationIsImmutableButItsLabelsAreNot(t *testing.T) {
	c := newClient(t)
	ctx := context.Background()
	obj := validObject(t, "attestation")
	if err := c.Create(ctx, obj); err != nil {
		t.Fatal(err)
	}
	obj.SetLabels(map[string]string{"team": "platform"})
	if err := c.Update(ctx, obj); err != nil {
		t.Error(err)
	}
	if err := c.Delete(ctx, obj); err != nil {
		t.Error(err)
	}
}

func TestStatusIsASubresource(t *testing.T) {
	c := newClient(t)
	ctx := context.Background()
	for _, kind := range kinds(t) {
		t.Run(kind, func(t *testing.T) {
			obj := validObject(t, kind)
			if err := c.Create(ctx, obj); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := c.Delete(ctx, obj); err != nil {
					t.Error(err)
				}
			})
			generation := obj.GetGeneration()
			field, value := "observedGeneration", any(generation)
			if kind == "evidencelog" {
				field, value = "entries", int64(2)
			}
			if err := unstructured.SetNestedField(obj.Object, value, "status", field); err != nil {
				t.Fatal(err)
			}
			if err := c.Status().Update(ctx, obj); err != nil {
				t.Fatal(err)
			}
			got, found, err := unstructured.NestedInt64(obj.Object, "status", field)
			if err != nil || !found || any(got) != value {
				t.Errorf("status.%s = %v, %v, %v", field, got, found, err)
			}
			if obj.GetGeneration() != generation {
				t.Errorf("a status update moved the generation from %d to %d", generation, obj.GetGeneration())
			}
		})
	}
}
