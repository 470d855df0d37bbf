// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build isms_unguarded

package adversary

import (
	"testing"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/guard"
)

// guarded says that all guards are on.
const guarded = false

// TestAttacksSucceedWithoutTheirGuard: each attack is one, and its guard is what it fails at.
func TestAttacksSucceedWithoutTheirGuard(t *testing.T) {
	for g, batches := range byGuard() {
		if g == 0 {
			continue
		}
		for _, attacks := range batches {
			for _, o := range without(t, g, attacks) {
				t.Run(o.name, func(t *testing.T) {
					if o.learned() == "" {
						t.Errorf("without its guard the attack shows no more than with it:\n%s", o.views[0])
					}
				})
			}
		}
	}
}

func without(t *testing.T, g guard.Guard, attacks []attack) (out []outcome) {
	t.Run("", func(t *testing.T) { // its operators end with it
		guard.Off(g)
		check.Quote.Store(g == guard.Text)
		out = carryOut(t, attacks)
	})
	return out
}
