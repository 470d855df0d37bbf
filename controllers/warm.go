// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

const (
	// warmPatience is how long a rule may be NotSynced before a replica counts as warm without it.
	warmPatience = 30 * time.Second
	// warmWithin is how long after its start a replica that reads the ISMS counts as warm whatever its rules wait for: a
	// kind that cannot be read must not hold a rollout up.
	warmWithin = time.Minute
)

// Judging is what Warmth needs of the engine.
type Judging interface {
	// Follows reports whether the rules of a Control are known.
	Follows(control types.NamespacedName) bool
	// Synced is that of Evidence.
	Synced(scope types.NamespacedName, patience time.Duration) bool
}

// Warmth tells when a replica could lead at once, with or without the lease: it has read the ISMS, and each rule has a
// verdict or a lasting reason for having none. It is for the readiness probe, so that a rollout ends the leader only once
// the next one knows as much. What was warm stays so: readiness is about the start, and what comes later is in the
// scopes' heartbeat.
type Warmth struct {
	reader client.Reader
	rules  Judging
	clock  clock.PassiveClock
	start  time.Time
	warm   atomic.Bool
}

// NewWarmth is of a replica that starts now.
func NewWarmth(reader client.Reader, rules Judging, c clock.PassiveClock) *Warmth {
	return &Warmth{reader: reader, rules: rules, clock: c, start: c.Now()}
}

// Check is a readiness check. Its error says what it waits for.
func (w *Warmth) Check(r *http.Request) error {
	if w.warm.Load() {
		return nil
	}
	if err := w.wait(r.Context()); err != nil {
		return err
	}
	w.warm.Store(true)
	return nil
}

func (w *Warmth) wait(ctx context.Context) error {
	var scopes isms.ISMSScopeList
	if err := w.reader.List(ctx, &scopes); err != nil {
		return fmt.Errorf("read the scopes: %w", err)
	}
	var controls isms.ControlList
	if err := w.reader.List(ctx, &controls); err != nil {
		return fmt.Errorf("read the Controls: %w", err)
	}
	if w.clock.Since(w.start) >= warmWithin {
		return nil
	}
	for i := range controls.Items {
		if key := client.ObjectKeyFromObject(&controls.Items[i]); !w.rules.Follows(key) {
			return fmt.Errorf("the rules of Control %s are not known yet", key)
		}
	}
	for i := range scopes.Items {
		if key := client.ObjectKeyFromObject(&scopes.Items[i]); !w.rules.Synced(key, warmPatience) {
			return fmt.Errorf("scope %s is not synced yet", key)
		}
	}
	return nil
}
