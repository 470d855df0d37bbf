// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/kube"
)

// RegisterEntryReconciler says of each RegisterEntry whether it is kept current, and whether it holds what its register
// demands.
type RegisterEntryReconciler struct {
	client.Client
	Clock  clock.PassiveClock
	Writer Writer
}

// +kubebuilder:rbac:groups=isms-operator.io,resources=registerentries;attestations;controls;findings;ismsscopes;risks,verbs=list;watch
// +kubebuilder:rbac:groups=isms-operator.io,resources=registerentries/status,verbs=patch

func (r *RegisterEntryReconciler) setup(mgr ctrl.Manager) error {
	naming := handler.EnqueueRequestsFromMapFunc(r.naming)
	err := ctrl.NewControllerManagedBy(mgr).Named("registerentry").
		For(&isms.RegisterEntry{}).
		Watches(&isms.Control{}, naming, builder.WithPredicates(cameOrWent)).
		Watches(&isms.Risk{}, naming, builder.WithPredicates(cameOrWent)).
		Watches(&isms.Finding{}, naming, builder.WithPredicates(cameOrWent)).
		Watches(&isms.Attestation{}, naming, builder.WithPredicates(specChanged)).
		Watches(&isms.ISMSScope{}, handler.EnqueueRequestsFromMapFunc(r.inScope), builder.WithPredicates(practiceChanged)).
		WithOptions(retries()).
		Complete(kube.Contained(r))
	if err != nil {
		return fmt.Errorf("controller for register entries: %w", err)
	}
	return nil
}

func (r *RegisterEntryReconciler) inScope(ctx context.Context, scope client.Object) []ctrl.Request {
	return requestsIn(ctx, r.Client, &isms.RegisterEntryList{}, scope.GetNamespace(), scope.GetName())
}

// naming are the entries that name what comes or goes.
func (r *RegisterEntryReconciler) naming(ctx context.Context, o client.Object) []ctrl.Request {
	scope, names := namesEntered(o)
	return requestsWhere(ctx, r.Client, &isms.RegisterEntryList{}, o.GetNamespace(), string(scope.Name), func(e *isms.RegisterEntry) bool {
		return names(&e.Spec)
	})
}

// namesEntered is the scope of an object, and how an entry would name it. An entry also rests on whatever corrects its
// attestation, and on the finding that follows that one up.
func namesEntered(o client.Object) (isms.LocalRef, func(*isms.RegisterEntrySpec) bool) {
	attested := func(s *isms.RegisterEntrySpec) bool { return s.Competence != nil && s.Competence.AttestationRef != nil }
	switch x := o.(type) {
	case *isms.Control:
		return x.Spec.ScopeRef, func(s *isms.RegisterEntrySpec) bool { return slices.Contains(s.Controls, x.Spec.ID) }
	case *isms.Risk:
		return x.Spec.ScopeRef, func(s *isms.RegisterEntrySpec) bool { return slices.Contains(s.Risks, isms.ObjectName(x.Name)) }
	case *isms.Finding:
		return x.Spec.ScopeRef, func(s *isms.RegisterEntrySpec) bool {
			return s.Incident != nil || s.LegalRequirement != nil || attested(s)
		}
	case *isms.Attestation:
		return x.Spec.ScopeRef, func(s *isms.RegisterEntrySpec) bool {
			if !attested(s) {
				return false
			}
			corrects := x.Spec.Supersedes != nil && x.Spec.Supersedes.Name == s.Competence.AttestationRef.Name
			return corrects || string(s.Competence.AttestationRef.Name) == x.Name
		}
	}
	return isms.LocalRef{}, func(*isms.RegisterEntrySpec) bool { return false }
}

// Reconcile assesses one RegisterEntry.
func (r *RegisterEntryReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var e isms.RegisterEntry
	if err := r.Get(ctx, req.NamespacedName, &e); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	in, err := r.gather(ctx, &e)
	if err != nil {
		return ctrl.Result{}, err
	}
	out := assess.RegisterEntry(in)
	next := e.DeepCopy()
	next.Status = out.Status
	return r.Writer.Write(ctx, &e, next, out.Events, in.Now, out.RequeueAt)
}

// gather reads everything that the assessment needs.
func (r *RegisterEntryReconciler) gather(ctx context.Context, e *isms.RegisterEntry) (assess.RegisterEntryInput, error) {
	in := assess.RegisterEntryInput{Entry: e, Now: r.Clock.Now()}
	var err error
	if in.Scope, err = scopeOf(ctx, r.Client, e.Namespace, e.Spec.ScopeRef); err != nil {
		return in, err
	}
	var (
		controls     isms.ControlList
		risks        isms.RiskList
		findings     isms.FindingList
		attestations isms.AttestationList
	)
	for _, list := range []client.ObjectList{&controls, &risks, &findings, &attestations} {
		if err := listIn(ctx, r.Client, list, e.Namespace, string(e.Spec.ScopeRef.Name)); err != nil {
			return in, err
		}
	}
	in.Controls, in.Risks, in.Findings, in.Attestations = controls.Items, risks.Items, findings.Items, attestations.Items
	return in, nil
}
