// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"testing"

	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// TestEachRequirementMayHaveAPlan: the API takes the id of each clause requirement.
func TestEachRequirementMayHaveAPlan(t *testing.T) {
	c := newClient(t)
	for _, clause := range catalogue.Clauses() {
		m := manifest{Name: "plan", change: change{Set: map[string]any{"spec.requirements[0].id": clause.ID}}}
		if err := m.apply(t, c, "ismsscope"); err != nil {
			t.Errorf("%s: %v", clause.ID, err)
		}
	}
}

// TestOnlyDeclaredClausesMayBeNamed: of all clause requirements a document or a record may name those that no object can
// show, as the operator has them, and no other.
func TestOnlyDeclaredClausesMayBeNamed(t *testing.T) {
	c := newClient(t)
	named := map[string]bool{}
	for _, clause := range readiness.DeclaredClauses {
		named[string(clause)] = true
	}
	for _, kind := range []string{"document", "attestation"} {
		for _, clause := range catalogue.Clauses() {
			m := manifest{Name: "clause", change: change{Set: map[string]any{"spec.clauses": []any{clause.ID}}}}
			if err := m.apply(t, c, kind); (err == nil) != named[clause.ID] {
				t.Errorf("%s names %s: %v", kind, clause.ID, err)
			}
		}
	}
}
