// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// DocumentReconciler says of each Document whether it is approved as it stands, and in review.
type DocumentReconciler struct {
	client.Client
	Clock  clock.PassiveClock
	Writer Writer
}

// +kubebuilder:rbac:groups=isms-operator.io,resources=documents,verbs=get;list;watch
// +kubebuilder:rbac:groups=isms-operator.io,resources=documents/status,verbs=get;patch;update

func (r *DocumentReconciler) setup(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).Named("document").
		For(&isms.Document{}).
		Watches(&isms.ISMSScope{}, handler.EnqueueRequestsFromMapFunc(r.inScope), builder.WithPredicates(cameOrWent)).
		WithOptions(retries()).
		Complete(r)
	if err != nil {
		return fmt.Errorf("controller for documents: %w", err)
	}
	return nil
}

func (r *DocumentReconciler) inScope(ctx context.Context, scope client.Object) []ctrl.Request {
	return requestsIn(ctx, r.Client, &isms.DocumentList{}, scope.GetNamespace(), scope.GetName())
}

// Reconcile assesses one Document.
func (r *DocumentReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var d isms.Document
	if err := r.Get(ctx, req.NamespacedName, &d); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	scope, err := scopeOf(ctx, r.Client, d.Namespace, d.Spec.ScopeRef)
	if err != nil {
		return ctrl.Result{}, err
	}
	now := r.Clock.Now()
	out := assess.Document(assess.DocumentInput{Document: &d, Scope: scope, Now: now})
	next := d.DeepCopy()
	next.Status = out.Status
	return r.Writer.Write(ctx, &d, next, out.Events, now, out.RequeueAt)
}
