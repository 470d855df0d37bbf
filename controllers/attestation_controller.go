// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"slices"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
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

// AttestationReconciler says of each Attestation whether it counts as evidence now.
type AttestationReconciler struct {
	client.Client
	Clock  clock.PassiveClock
	Writer Writer
}

// +kubebuilder:rbac:groups=isms-operator.io,resources=attestations;controls;documents;findings;ismsscopes,verbs=list;watch
// +kubebuilder:rbac:groups=isms-operator.io,resources=attestations/status,verbs=patch

func (r *AttestationReconciler) setup(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).Named("attestation").
		For(&isms.Attestation{}).
		Watches(&isms.Attestation{}, handler.EnqueueRequestsFromMapFunc(superseded), builder.WithPredicates(specChanged)).
		Watches(&isms.Attestation{}, handler.EnqueueRequestsFromMapFunc(r.naming), builder.WithPredicates(cameOrWent)).
		Watches(&isms.Control{}, handler.EnqueueRequestsFromMapFunc(r.asked), builder.WithPredicates(specChanged)).
		Watches(&isms.Control{}, handler.EnqueueRequestsFromMapFunc(r.naming), builder.WithPredicates(cameOrWent)).
		Watches(&isms.Finding{}, handler.EnqueueRequestsFromMapFunc(r.naming), builder.WithPredicates(cameOrWent)).
		Watches(&isms.Document{}, handler.EnqueueRequestsFromMapFunc(r.naming), builder.WithPredicates(cameOrWent)).
		Watches(&isms.ISMSScope{}, handler.EnqueueRequestsFromMapFunc(r.inScope), builder.WithPredicates(practiceOrObjectivesChanged)).
		WithOptions(retries()).
		Complete(kube.Contained(r))
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
	return requestsWhere(ctx, r.Client, &isms.AttestationList{}, c.Namespace, string(c.Spec.ScopeRef.Name), func(a *isms.Attestation) bool {
		return anyItem(c, func(i *isms.EvidenceItem) bool { return i.Attestation != nil && i.Attestation.Type == a.Spec.Type })
	})
}

// naming are the attestations that name what comes or goes.
func (r *AttestationReconciler) naming(ctx context.Context, o client.Object) []ctrl.Request {
	scope, names := namesAttested(o)
	return requestsWhere(ctx, r.Client, &isms.AttestationList{}, o.GetNamespace(), string(scope.Name), func(a *isms.Attestation) bool {
		return names(&a.Spec)
	})
}

// namesAttested is the scope of an object, and how an attestation would name it.
func namesAttested(o client.Object) (isms.LocalRef, func(*isms.AttestationSpec) bool) {
	named := func(ref *isms.LocalRef) bool { return ref != nil && string(ref.Name) == o.GetName() }
	switch x := o.(type) {
	case *isms.Control:
		return x.Spec.ScopeRef, func(s *isms.AttestationSpec) bool { return slices.Contains(s.Controls, x.Spec.ID) }
	case *isms.Finding:
		return x.Spec.ScopeRef, func(s *isms.AttestationSpec) bool { return named(s.FindingRef) }
	case *isms.Document:
		return x.Spec.ScopeRef, func(s *isms.AttestationSpec) bool { return named(s.DocumentRef) }
	case *isms.Attestation:
		return x.Spec.ScopeRef, func(s *isms.AttestationSpec) bool { return named(s.Supersedes) }
	}
	return isms.LocalRef{}, func(*isms.AttestationSpec) bool { return false }
}

// practiceOrObjectivesChanged passes scopes that come or go, or change what attestations are measured by.
var practiceOrObjectivesChanged = predicate.Or(practiceChanged, predicate.Funcs{
	UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*isms.ISMSScope)
		after, okToo := e.ObjectNew.(*isms.ISMSScope)
		return ok && okToo && !apiequality.Semantic.DeepEqual(before.Spec.Objectives, after.Spec.Objectives)
	},
})

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
	var (
		others    isms.AttestationList
		controls  isms.ControlList
		findings  isms.FindingList
		documents isms.DocumentList
	)
	for _, list := range []client.ObjectList{&others, &controls, &findings, &documents} {
		if err := listIn(ctx, r.Client, list, a.Namespace, string(a.Spec.ScopeRef.Name)); err != nil {
			return ctrl.Result{}, err
		}
	}
	now := r.Clock.Now()
	out := assess.Attestation(assess.AttestationInput{
		Attestation: &a, Scope: scope, Others: others.Items, Controls: controls.Items,
		Findings: findings.Items, Documents: documents.Items, Now: now,
	})
	next := a.DeepCopy()
	next.Status = out.Status
	return r.Writer.Write(ctx, &a, next, out.Events, now, out.RequeueAt)
}
