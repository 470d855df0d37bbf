// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kube is how controllers write: one status patch at the end of a reconcile, skipped when nothing changed,
// and events after it. It is also what they need of their clients: logs that tell nothing, and refusals that can be believed.
package kube

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/time/rate"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// FieldOwner is the name under which the operator writes.
const FieldOwner = "isms-operator"

// StatusWriter patches statuses through one token bucket for all kinds, so that no storm in the cluster becomes a storm
// of writes.
type StatusWriter struct {
	client  client.Client
	limiter *rate.Limiter
}

// NewStatusWriter allows perSecond writes in the long run and a burst of them for a start.
func NewStatusWriter(c client.Client, perSecond float64, burst int) *StatusWriter {
	return &StatusWriter{client: c, limiter: rate.NewLimiter(rate.Limit(perSecond), burst)}
}

// Patch writes the status of next where it differs from that of old, and reports whether it wrote. Both are the same
// object; old is as it was read. An object that is gone needs no status. A conflict is an error to try again
// on: the object has changed in between.
func (w *StatusWriter) Patch(ctx context.Context, old, next client.Object) (bool, error) {
	diff, err := client.MergeFrom(old).Data(next)
	if err != nil {
		return false, fmt.Errorf("status of %s: %w", client.ObjectKeyFromObject(next), err)
	}
	if bytes.Equal(diff, []byte("{}")) {
		return false, nil
	}
	if err := w.limiter.Wait(ctx); err != nil {
		return false, fmt.Errorf("waiting to write a status: %w", err)
	}
	patch := client.MergeFromWithOptions(old, client.MergeFromWithOptimisticLock{})
	if err := w.client.Status().Patch(ctx, next, patch, client.FieldOwner(FieldOwner)); err != nil {
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		return false, fmt.Errorf("patch status: %w", err)
	}
	return true, nil
}
