// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/kube"
)

// RiskReconciler says of each Risk how high it is, and whether it is treated, accepted and reviewed.
type RiskReconciler struct {
	client.Client
	Clock  clock.PassiveClock
	Writer Writer
}

// +kubebuilder:rbac:groups=isms-operator.io,resources=risks;registerentries;controls;ismsscopes,verbs=list;watch
// +kubebuilder:rbac:groups=isms-operator.io,resources=risks/status,verbs=patch

func (r *RiskReconciler) setup(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).Named("risk").
		For(&isms.Risk{}).
		Watches(&isms.ISMSScope{}, handler.EnqueueRequestsFromMapFunc(r.inScope), builder.WithPredicates(methodChanged)).
		Watches(&isms.Control{}, handler.EnqueueRequestsFromMapFunc(r.restingOn), builder.WithPredicates(supportChanged)).
		Watches(&isms.RegisterEntry{}, handler.EnqueueRequestsFromMapFunc(r.endangering), builder.WithPredicates(cameOrWent)).
		WithOptions(retries()).
		Complete(kube.Contained(r))
	if err != nil {
		return fmt.Errorf("controller for risks: %w", err)
	}
	return nil
}

// methodChanged passes what changes how risks are assessed: a scope that comes or goes, or says so otherwise.
var methodChanged = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*isms.ISMSScope)
	after, okay := e.ObjectNew.(*isms.ISMSScope)
	return !ok || !okay || !equality.Semantic.DeepEqual(before.Spec.RiskManagement, after.Spec.RiskManagement)
}}

// supportChanged passes what a treatment sees of a Control: that it is there, applicable and satisfied.
var supportChanged = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*isms.Control)
	after, okay := e.ObjectNew.(*isms.Control)
	return !ok || !okay || before.Spec.Applicability.Decision != after.Spec.Applicability.Decision ||
		assess.Satisfaction(before) != assess.Satisfaction(after)
}}

func (r *RiskReconciler) inScope(ctx context.Context, scope client.Object) []ctrl.Request {
	return requestsIn(ctx, r.Client, &isms.RiskList{}, scope.GetNamespace(), scope.GetName())
}

// restingOn are the risks whose treatment names a Control.
func (r *RiskReconciler) restingOn(ctx context.Context, o client.Object) []ctrl.Request {
	c, ok := o.(*isms.Control)
	if !ok {
		return nil
	}
	return r.risks(ctx, c.Namespace, c.Spec.ScopeRef, func(x *isms.Risk) bool {
		return x.Spec.Treatment != nil && slices.Contains(x.Spec.Treatment.Controls, c.Spec.ID)
	})
}

// endangering are the risks whose asset is a RegisterEntry.
func (r *RiskReconciler) endangering(ctx context.Context, o client.Object) []ctrl.Request {
	e, ok := o.(*isms.RegisterEntry)
	if !ok {
		return nil
	}
	return r.risks(ctx, e.Namespace, e.Spec.ScopeRef, func(x *isms.Risk) bool {
		return x.Spec.AssetRef != nil && string(x.Spec.AssetRef.Name) == e.Name
	})
}

func (r *RiskReconciler) risks(
	ctx context.Context, namespace string, scope isms.LocalRef, is func(*isms.Risk) bool,
) []ctrl.Request {
	return requestsWhere(ctx, r.Client, &isms.RiskList{}, namespace, string(scope.Name), is)
}

// Reconcile assesses one Risk.
func (r *RiskReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var x isms.Risk
	if err := r.Get(ctx, req.NamespacedName, &x); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	in, err := r.gather(ctx, &x)
	if err != nil {
		return ctrl.Result{}, err
	}
	out := assess.Risk(in)
	next := x.DeepCopy()
	next.Status = out.Status
	return r.Writer.Write(ctx, &x, next, out.Events, in.Now, out.RequeueAt)
}

// gather reads everything that the assessment needs.
func (r *RiskReconciler) gather(ctx context.Context, x *isms.Risk) (assess.RiskInput, error) {
	in := assess.RiskInput{Risk: x, Now: r.Clock.Now()}
	var err error
	if in.Scope, err = scopeOf(ctx, r.Client, x.Namespace, x.Spec.ScopeRef); err != nil {
		return in, err
	}
	if ref := x.Spec.AssetRef; ref != nil {
		var asset isms.RegisterEntry
		err := r.Get(ctx, client.ObjectKey{Namespace: x.Namespace, Name: string(ref.Name)}, &asset)
		switch {
		case err == nil:
			in.Asset = &asset
		case !apierrors.IsNotFound(err):
			return in, fmt.Errorf("get asset: %w", err)
		}
	}
	if t := x.Spec.Treatment; t != nil && len(t.Controls) > 0 {
		var controls isms.ControlList
		if err := listIn(ctx, r.Client, &controls, x.Namespace, string(x.Spec.ScopeRef.Name)); err != nil {
			return in, err
		}
		in.Controls = controls.Items
	}
	return in, nil
}
