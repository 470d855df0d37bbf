// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"time"

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

// DocumentReconciler says of each Document whether it is approved as it stands, and in review.
type DocumentReconciler struct {
	client.Client
	// Source reads what stands in ConfigMaps.
	Source *SourceReader
	Clock  clock.PassiveClock
	Writer Writer
}

// +kubebuilder:rbac:groups=isms-operator.io,resources=documents;attestations;findings;ismsscopes,verbs=list;watch
// +kubebuilder:rbac:groups=isms-operator.io,resources=documents/status,verbs=patch

// The operator has no right on ConfigMaps: whoever wants a document in one to be compared grants it for that one object.

func (r *DocumentReconciler) setup(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).Named("document").
		For(&isms.Document{}).
		Watches(&isms.Attestation{}, handler.EnqueueRequestsFromMapFunc(r.registers), builder.WithPredicates(specChanged)).
		Watches(&isms.Finding{}, handler.EnqueueRequestsFromMapFunc(r.registers), builder.WithPredicates(cameOrWent)).
		Watches(&isms.ISMSScope{}, handler.EnqueueRequestsFromMapFunc(r.inScope), builder.WithPredicates(practiceChanged)).
		Watches(&isms.ISMSScope{}, handler.EnqueueRequestsFromMapFunc(r.computedOf), builder.WithPredicates(statementChanged)).
		WithOptions(retries()).
		Complete(kube.Contained(r))
	if err != nil {
		return fmt.Errorf("controller for documents: %w", err)
	}
	return nil
}

func (r *DocumentReconciler) inScope(ctx context.Context, scope client.Object) []ctrl.Request {
	return requestsIn(ctx, r.Client, &isms.DocumentList{}, scope.GetNamespace(), scope.GetName())
}

// computedOf are the documents that approve what a scope computes.
func (r *DocumentReconciler) computedOf(ctx context.Context, scope client.Object) []ctrl.Request {
	return requestsWhere(ctx, r.Client, &isms.DocumentList{}, scope.GetNamespace(), scope.GetName(), func(d *isms.Document) bool {
		return d.Spec.Source.Computed != ""
	})
}

// registers are the registers kept elsewhere, which an attestation says to be complete. There are few, and seldom one more
// attestation, so all of the scope are looked at.
func (r *DocumentReconciler) registers(ctx context.Context, o client.Object) []ctrl.Request {
	return requestsWhere(ctx, r.Client, &isms.DocumentList{}, o.GetNamespace(), string(scopeRef(o).Name), func(d *isms.Document) bool {
		return d.Spec.Class == isms.ClassRegister
	})
}

// statementChanged passes scopes whose Statement of Applicability is another one.
var statementChanged = predicate.Funcs{
	CreateFunc:  func(event.CreateEvent) bool { return false },
	DeleteFunc:  func(event.DeleteEvent) bool { return false },
	GenericFunc: func(event.GenericEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool {
		return statementDigest(e.ObjectOld) != statementDigest(e.ObjectNew)
	},
}

func statementDigest(o client.Object) isms.Digest {
	if s, ok := o.(*isms.ISMSScope); ok && s.Status.StatementOfApplicability != nil {
		return s.Status.StatementOfApplicability.Digest
	}
	return ""
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
	in := assess.DocumentInput{Document: &d, Scope: scope, Now: r.Clock.Now()}
	if d.Spec.Class == isms.ClassRegister {
		if err := r.attested(ctx, &in); err != nil {
			return ctrl.Result{}, err
		}
	}
	var look time.Time
	if ref := d.Spec.Source.ConfigMapKeyRef; ref != nil && scope != nil && !assess.Suspended(&d) {
		if in.Digest, in.Unreadable, err = r.Source.digest(ctx, d.Namespace, *ref); err != nil {
			return ctrl.Result{}, err
		}
		look = nextLook(in.Now, req.NamespacedName)
	}
	out := assess.Document(in)
	if !look.IsZero() {
		out.RequeueAt = earlier(out.RequeueAt, look)
	}
	next := d.DeepCopy()
	next.Status = out.Status
	return r.Writer.Write(ctx, &d, next, out.Events, in.Now, out.RequeueAt)
}

// attested reads what says that a register is complete.
func (r *DocumentReconciler) attested(ctx context.Context, in *assess.DocumentInput) error {
	var attestations isms.AttestationList
	var findings isms.FindingList
	for _, list := range []client.ObjectList{&attestations, &findings} {
		if err := listIn(ctx, r.Client, list, in.Document.Namespace, string(in.Document.Spec.ScopeRef.Name)); err != nil {
			return err
		}
	}
	in.Attestations, in.Findings = attestations.Items, findings.Items
	return nil
}
