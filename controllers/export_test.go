// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/isms-operator/isms-operator/internal/kube"
)

// AddIndexes lets a test read as a reconciler does.
var AddIndexes = addIndexes

// NewWriter lets a test call Reconcile itself.
func NewWriter(c client.Client, r events.EventRecorder) Writer {
	return Writer{status: kube.NewStatusWriter(c, 1000, 1000), events: r}
}
