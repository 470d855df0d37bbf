// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/kube"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// Evidence is what controllers need of the engine that evaluates resource rules.
type Evidence interface {
	// SetScope and SetControl make rules known; nothing happens where they are known as they are.
	SetScope(scope *isms.ISMSScope)
	SetControl(control *isms.Control, scope *isms.ISMSScope)
	RemoveScope(key types.NamespacedName)
	RemoveControl(key types.NamespacedName)
	// Take returns what is known about each resource rule of a Control, by evidence name. What it returned is no change
	// any more.
	Take(control types.NamespacedName) map[string]tally.Snapshot
	// Matched is the digest of the set of subjects of a resource rule, by evidence name; empty where it is not known.
	Matched(control types.NamespacedName, item string) isms.Digest
	// UnsyncedSince is the moment since which a rule of the Control is NotSynced, zero where none is.
	UnsyncedSince(control types.NamespacedName) time.Time
	// Namespaces returns what is known about the namespaces of a scope.
	Namespaces(scope types.NamespacedName) tally.Namespaces
	// Synced reports whether every rule of a scope has a verdict or a lasting reason for having none. What has been
	// NotSynced for longer than patience is lasting.
	Synced(scope types.NamespacedName, patience time.Duration) bool
	// Answers asks the API server for an access review, and reports whether it answers.
	Answers(ctx context.Context) bool
	// Follows reports whether the rules of a Control are known: those of one that is not can't hold Synced up.
	Follows(control types.NamespacedName) bool
}

// ruleFeed makes the rules of Controls known to the engine on every replica, so that a follower that becomes leader
// has its verdicts at hand. It writes nothing.
type ruleFeed struct {
	client.Client
	Evidence Evidence
}

func (r *ruleFeed) setup(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).Named("rules").
		For(&isms.Control{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&isms.ISMSScope{}, handler.EnqueueRequestsFromMapFunc(r.controlsOf),
			builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WithOptions(controller.Options{NeedLeaderElection: ptr.To(false)}).
		Complete(kube.Contained(r))
	if err != nil {
		return fmt.Errorf("controller for rules: %w", err)
	}
	return nil
}

func (r *ruleFeed) controlsOf(ctx context.Context, scope client.Object) []ctrl.Request {
	return requestsIn(ctx, r.Client, &isms.ControlList{}, scope.GetNamespace(), scope.GetName())
}

// Reconcile follows one Control.
func (r *ruleFeed) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var c isms.Control
	if err := r.Get(ctx, req.NamespacedName, &c); err != nil {
		if apierrors.IsNotFound(err) {
			r.Evidence.RemoveControl(req.NamespacedName)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("get control: %w", err)
	}
	scope, err := scopeOf(ctx, r.Client, c.Namespace, c.Spec.ScopeRef)
	if err != nil {
		return ctrl.Result{}, err
	}
	r.Evidence.SetControl(&c, scope)
	return ctrl.Result{}, nil
}

// scopeFeed makes scopes known to the engine on every replica. It writes nothing.
type scopeFeed struct {
	client.Client
	Evidence Evidence
}

func (r *scopeFeed) setup(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).Named("scopes").
		For(&isms.ISMSScope{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WithOptions(controller.Options{NeedLeaderElection: ptr.To(false)}).
		Complete(kube.Contained(r))
	if err != nil {
		return fmt.Errorf("controller for scopes: %w", err)
	}
	return nil
}

// Reconcile follows one ISMSScope.
func (r *scopeFeed) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var s isms.ISMSScope
	if err := r.Get(ctx, req.NamespacedName, &s); err != nil {
		if apierrors.IsNotFound(err) {
			r.Evidence.RemoveScope(req.NamespacedName)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("get scope: %w", err)
	}
	r.Evidence.SetScope(&s)
	return ctrl.Result{}, nil
}
