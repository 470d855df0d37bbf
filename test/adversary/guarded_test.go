// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build !isms_unguarded

package adversary

import "testing"

// guarded says that all guards are on.
const guarded = true

func TestAttacksFail(t *testing.T) {
	for _, batches := range byGuard() {
		for _, attacks := range batches {
			for _, o := range carryOut(t, attacks) {
				t.Run(o.name, func(t *testing.T) {
					if learned := o.learned(); learned != "" {
						t.Errorf("the tenant learns: %s", learned)
					}
					for bit, reason := range o.reasons {
						if reason != o.want {
							t.Errorf("the rule answers %s where the bit is %d, want %s:\n%s", reason, bit, o.want, o.views[bit])
						}
					}
				})
			}
		}
	}
	if line := markedLine(strays.String()); line != "" {
		t.Errorf("in the log: %s", line)
	}
	if line := markedLine(metricsText(t)); line != "" {
		t.Errorf("in the metrics: %s", line)
	}
}
