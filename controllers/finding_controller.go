// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"

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

// FindingReconciler says of each Finding what is planned, overdue and closed.
type FindingReconciler struct {
	client.Client
	Clock  clock.PassiveClock
	Writer Writer
}

// +kubebuilder:rbac:groups=isms-operator.io,resources=findings;auditcycles;controls;ismsscopes,verbs=list;watch
// +kubebuilder:rbac:groups=isms-operator.io,resources=findings/status,verbs=patch

func (r *FindingReconciler) setup(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).Named("finding").
		For(&isms.Finding{}).
		Watches(&isms.Finding{}, handler.EnqueueRequestsFromMapFunc(r.siblings), builder.WithPredicates(severityChanged)).
		Watches(&isms.AuditCycle{}, handler.EnqueueRequestsFromMapFunc(r.raisedIn), builder.WithPredicates(specChanged)).
		Watches(&isms.Control{}, handler.EnqueueRequestsFromMapFunc(r.against), builder.WithPredicates(cameOrWent)).
		Watches(&isms.ISMSScope{}, handler.EnqueueRequestsFromMapFunc(r.inScope), builder.WithPredicates(practiceChanged)).
		WithOptions(retries()).
		Complete(kube.Contained(r))
	if err != nil {
		return fmt.Errorf("controller for findings: %w", err)
	}
	return nil
}

// severityChanged passes findings that come or go, or are graded anew. What else says whether one repeats another never
// changes.
var severityChanged = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*isms.Finding)
	after, okToo := e.ObjectNew.(*isms.Finding)
	return ok && okToo && before.Spec.Severity != after.Spec.Severity
}}

// siblings are the other findings on the requirement: one nonconformity more or less makes a minor a repeated one.
func (r *FindingReconciler) siblings(ctx context.Context, o client.Object) []ctrl.Request {
	f, ok := o.(*isms.Finding)
	if !ok {
		return nil
	}
	return r.findings(ctx, f.Namespace, f.Spec.ScopeRef, func(x *isms.Finding) bool {
		return x.Spec.Requirement == f.Spec.Requirement && x.Name != f.Name
	})
}

// raisedIn are the findings of a cycle's audits, whose days decide what is due and what is carried over.
func (r *FindingReconciler) raisedIn(ctx context.Context, o client.Object) []ctrl.Request {
	c, ok := o.(*isms.AuditCycle)
	if !ok {
		return nil
	}
	return r.findings(ctx, c.Namespace, c.Spec.ScopeRef, func(f *isms.Finding) bool {
		return f.Spec.AuditRef != nil && string(f.Spec.AuditRef.Cycle) == c.Name
	})
}

// against are the findings whose requirement is a Control that comes or goes.
func (r *FindingReconciler) against(ctx context.Context, o client.Object) []ctrl.Request {
	c, ok := o.(*isms.Control)
	if !ok {
		return nil
	}
	return r.findings(ctx, c.Namespace, c.Spec.ScopeRef, func(f *isms.Finding) bool { return f.Spec.Requirement == c.Spec.ID })
}

func (r *FindingReconciler) inScope(ctx context.Context, scope client.Object) []ctrl.Request {
	return requestsIn(ctx, r.Client, &isms.FindingList{}, scope.GetNamespace(), scope.GetName())
}

func (r *FindingReconciler) findings(
	ctx context.Context, namespace string, scope isms.LocalRef, is func(*isms.Finding) bool,
) []ctrl.Request {
	return requestsWhere(ctx, r.Client, &isms.FindingList{}, namespace, string(scope.Name), is)
}

// Reconcile assesses one Finding.
func (r *FindingReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var f isms.Finding
	if err := r.Get(ctx, req.NamespacedName, &f); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	in, err := r.gather(ctx, &f)
	if err != nil {
		return ctrl.Result{}, err
	}
	out := assess.Finding(in)
	next := f.DeepCopy()
	next.Status = out.Status
	return r.Writer.Write(ctx, &f, next, out.Events, in.Now, out.RequeueAt)
}

// gather reads everything that the assessment needs.
func (r *FindingReconciler) gather(ctx context.Context, f *isms.Finding) (assess.FindingInput, error) {
	in := assess.FindingInput{Finding: f, Now: r.Clock.Now()}
	var err error
	if in.Scope, err = scopeOf(ctx, r.Client, f.Namespace, f.Spec.ScopeRef); err != nil {
		return in, err
	}
	if ref := f.Spec.AuditRef; ref != nil {
		var cycle isms.AuditCycle
		err := r.Get(ctx, client.ObjectKey{Namespace: f.Namespace, Name: string(ref.Cycle)}, &cycle)
		switch {
		case err == nil:
			in.Cycle = &cycle
		case !apierrors.IsNotFound(err):
			return in, fmt.Errorf("get cycle: %w", err)
		}
	}
	var others isms.FindingList
	var controls isms.ControlList
	for _, list := range []client.ObjectList{&others, &controls} {
		if err := listIn(ctx, r.Client, list, f.Namespace, string(f.Spec.ScopeRef.Name)); err != nil {
			return in, err
		}
	}
	in.Others, in.Controls = others.Items, controls.Items
	return in, nil
}
