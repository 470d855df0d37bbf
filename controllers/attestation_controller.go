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

// AttestationReconciler says of each Attestation whether it counts as evidence now.
type AttestationReconciler struct {
	client.Client
	Clock  clock.PassiveClock
	Writer Writer
}

// +kubebuilder:rbac:groups=isms-operator.io,resources=attestations,verbs=get;list;watch
// +kubebuilder:rbac:groups=isms-operator.io,resources=attestations/status,verbs=get;patch;update

func (r *AttestationReconciler) setup(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).Named("attestation").
		For(&isms.Attestation{}).
		Watches(&isms.Attestation{}, handler.EnqueueRequestsFromMapFunc(superseded), builder.WithPredicates(specChanged)).
		Watches(&isms.Control{}, handler.EnqueueRequestsFromMapFunc(r.asked), builder.WithPredicates(specChanged)).
		Watches(&isms.ISMSScope{}, handler.EnqueueRequestsFromMapFunc(r.inScope), builder.WithPredicates(cameOrWent)).
		WithOptions(retries()).
		Complete(r)
	if err != nil {
		return fmt.Errorf("controller for attestations: %w", err)
	}
	return nil
}

// superseded is the attestation that another corrects.
func superseded(_ context.Context, o client.Object) []ctrl.Request {
	a, ok := o.(*isms.Attestation)
	if !ok || a.Spec.Supersedes == nil {
		return nil
	}
	return []ctrl.Request{{NamespacedName: client.ObjectKey{Namespace: a.Namespace, Name: string(a.Spec.Supersedes.Name)}}}
}

// asked are the attestations of the types that a Control asks for: the interval is the Control's to say.
func (r *AttestationReconciler) asked(ctx context.Context, o client.Object) []ctrl.Request {
	c, ok := o.(*isms.Control)
	if !ok {
		return nil
	}
	var list isms.AttestationList
	if err := listIn(ctx, r.Client, &list, c.Namespace, string(c.Spec.ScopeRef.Name)); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "mapping an event")
		return nil
	}
	var out []ctrl.Request
	for i := range list.Items {
		a := &list.Items[i]
		if anyItem(c, func(item *isms.EvidenceItem) bool {
			return item.Attestation != nil && item.Attestation.Type == a.Spec.Type
		}) {
			out = append(out, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(a)})
		}
	}
	return out
}

func (r *AttestationReconciler) inScope(ctx context.Context, scope client.Object) []ctrl.Request {
	return requestsIn(ctx, r.Client, &isms.AttestationList{}, scope.GetNamespace(), scope.GetName())
}

// Reconcile assesses one Attestation.
func (r *AttestationReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var a isms.Attestation
	if err := r.Get(ctx, req.NamespacedName, &a); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	scope, err := scopeOf(ctx, r.Client, a.Namespace, a.Spec.ScopeRef)
	if err != nil {
		return ctrl.Result{}, err
	}
	var others isms.AttestationList
	var controls isms.ControlList
	for _, list := range []client.ObjectList{&others, &controls} {
		if err := listIn(ctx, r.Client, list, a.Namespace, string(a.Spec.ScopeRef.Name)); err != nil {
			return ctrl.Result{}, err
		}
	}
	now := r.Clock.Now()
	out := assess.Attestation(assess.AttestationInput{
		Attestation: &a, Scope: scope, Others: others.Items, Controls: controls.Items, Now: now,
	})
	next := a.DeepCopy()
	next.Status = out.Status
	return r.Writer.Write(ctx, &a, next, out.Events, now, out.RequeueAt)
}
