// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// rollUp is how long a scope and a cycle wait for more, once something that they are computed from has changed: a
// drift often turns several Controls at once.
const rollUp = 200 * time.Millisecond

// mapper names what an event is about.
type mapper func(context.Context, client.Object) []ctrl.Request

// soon asks for what an event is about after a moment, once for all events in between.
func soon(m mapper) handler.EventHandler {
	add := func(ctx context.Context, o client.Object, q workqueue.TypedRateLimitingInterface[ctrl.Request]) {
		for _, r := range m(ctx, o) {
			q.AddAfter(r, rollUp)
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, q workqueue.TypedRateLimitingInterface[ctrl.Request]) {
			add(ctx, e.Object, q)
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[ctrl.Request]) {
			add(ctx, e.ObjectNew, q)
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q workqueue.TypedRateLimitingInterface[ctrl.Request]) {
			add(ctx, e.Object, q)
		},
	}
}

// scopeRequest asks for the scope that an object names.
func scopeRequest(ref func(client.Object) isms.LocalRef) mapper {
	return func(_ context.Context, o client.Object) []ctrl.Request {
		return []ctrl.Request{{NamespacedName: types.NamespacedName{Namespace: o.GetNamespace(), Name: string(ref(o).Name)}}}
	}
}
