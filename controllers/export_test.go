// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"time"

	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/kube"
)

// AddIndexes lets a test read as a reconciler does.
var AddIndexes = addIndexes

// NewWriter lets a test call Reconcile itself.
func NewWriter(c client.Client, r events.EventRecorder) Writer {
	return Writer{status: kube.NewStatusWriter(c, 1000, 1000), events: r}
}

// What Setup is made of, for a test that looks into the logbook of an operator.
var (
	LogbookFor = logbookFor
	SetupWith  = setupWith
)

// Pulse is what an operator does every few seconds that sees all of a scope.
func (l *Logbook) Pulse(ctx context.Context, scope *isms.ISMSScope, now time.Time) error {
	return l.with(ctx, logScope(scope), func(s *scopeBook) { s.watch.pulse("", now) })
}
