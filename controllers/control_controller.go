// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"slices"

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
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
)

// ControlReconciler says of each Control whether it is implemented, evidenced and effective.
type ControlReconciler struct {
	client.Client
	Evidence Evidence
	Changes  Changes
	Clock    clock.PassiveClock
	Writer   Writer
	Log      *ledgerstore.Store
	Book     *Logbook
}

// +kubebuilder:rbac:groups=isms-operator.io,resources=evidencelogs,verbs=get;list;create;update;delete
// +kubebuilder:rbac:groups=isms-operator.io,resources=evidencelogs/status,verbs=update
// +kubebuilder:rbac:groups=isms-operator.io,resources=controls,verbs=list;watch
// +kubebuilder:rbac:groups=isms-operator.io,resources=controls/status,verbs=patch
// +kubebuilder:rbac:groups=isms-operator.io,resources=ismsscopes;documents;attestations;findings;risks,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=get
// +kubebuilder:rbac:groups=authorization.k8s.io,resources=subjectaccessreviews,verbs=create
// +kubebuilder:rbac:groups=apiextensions.k8s.io,resources=customresourcedefinitions,verbs=list;watch
// +kubebuilder:rbac:groups=apiregistration.k8s.io,resources=apiservices,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// controlsAtOnce is how many Controls are assessed at the same time. Each waits for the API server to take its log entries
// before its status, and each has a log of its own.
const controlsAtOnce = 4

func (r *ControlReconciler) setup(mgr ctrl.Manager) error {
	options := retries()
	options.MaxConcurrentReconciles = controlsAtOnce
	err := ctrl.NewControllerManagedBy(mgr).Named("control").
		For(&isms.Control{}).
		Watches(&isms.Control{}, handler.EnqueueRequestsFromMapFunc(r.siblings), builder.WithPredicates(specChanged)).
		Watches(&isms.ISMSScope{}, handler.EnqueueRequestsFromMapFunc(r.inScope), builder.WithPredicates(specChanged)).
		Watches(&isms.Document{}, handler.EnqueueRequestsFromMapFunc(r.restingOnDocument), builder.WithPredicates(documentChanged)).
		Watches(&isms.Attestation{}, handler.EnqueueRequestsFromMapFunc(r.restingOnAttestation), builder.WithPredicates(specChanged)).
		Watches(&isms.Finding{}, handler.EnqueueRequestsFromMapFunc(r.found), builder.WithPredicates(specChanged)).
		Watches(&isms.Risk{}, handler.EnqueueRequestsFromMapFunc(r.resting), builder.WithPredicates(standingChanged)).
		WatchesRawSource(controlsChanged(r.Changes)).
		WithOptions(options).
		Complete(kube.Contained(r))
	if err != nil {
		return fmt.Errorf("controller for controls: %w", err)
	}
	return nil
}

// Reconcile assesses one Control.
func (r *ControlReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var c isms.Control
	if err := r.Get(ctx, req.NamespacedName, &c); err != nil {
		if apierrors.IsNotFound(err) {
			// Once more than the feed: a reconcile that was under way may have made the Control known after it.
			r.Evidence.RemoveControl(req.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	in, err := r.gather(ctx, &c)
	if err != nil {
		return ctrl.Result{}, err
	}
	asked, err := r.asked(ctx, &in)
	if err != nil {
		return ctrl.Result{}, unlessEnding(err)
	}
	out := assess.Control(in)
	if out.Hold {
		again, err := r.held(ctx, in, asked)
		if !again.IsZero() {
			out.RequeueAt = earlier(out.RequeueAt, again)
		}
		return at(in.Now, out.RequeueAt), err
	}
	if out, err = r.recorded(ctx, in, out, asked); err != nil {
		return ctrl.Result{}, unlessEnding(err)
	}
	next := c.DeepCopy()
	next.Status = out.Status
	return r.Writer.Write(ctx, &c, next, out.Events, in.Now, out.RequeueAt)
}

// gather reads everything that the assessment needs.
func (r *ControlReconciler) gather(ctx context.Context, c *isms.Control) (assess.Input, error) {
	in := assess.Input{Control: c, Now: r.Clock.Now()}
	key, name := client.ObjectKeyFromObject(c), string(c.Spec.ScopeRef.Name)
	var err error
	if in.Scope, err = scopeOf(ctx, r.Client, c.Namespace, c.Spec.ScopeRef); err != nil {
		return in, err
	}
	// The engine may not know this generation yet: a verdict must be about the rules as they are now.
	r.Evidence.SetControl(c, in.Scope)
	in.Evidence, in.UnsyncedSince = r.Evidence.Take(key), r.Evidence.UnsyncedSince(key)

	var (
		controls     isms.ControlList
		documents    isms.DocumentList
		attestations isms.AttestationList
		findings     isms.FindingList
	)
	for _, list := range []client.ObjectList{&controls, &documents, &attestations, &findings} {
		if err := listIn(ctx, r.Client, list, c.Namespace, name); err != nil {
			return in, err
		}
	}
	in.Documents, in.Attestations, in.Findings = documents.Items, attestations.Items, findings.Items
	if in.Risks, err = r.excepted(ctx, c); err != nil {
		return in, err
	}
	for _, o := range controls.Items {
		if o.Spec.ID == c.Spec.ID && o.Name != c.Name {
			in.Duplicates = append(in.Duplicates, o.Name)
		}
	}
	return in, nil
}

func (r *ControlReconciler) inScope(ctx context.Context, scope client.Object) []ctrl.Request {
	return requestsIn(ctx, r.Client, &isms.ControlList{}, scope.GetNamespace(), scope.GetName())
}

// excepted are the Risks that exceptions of a Control name.
func (r *ControlReconciler) excepted(ctx context.Context, c *isms.Control) ([]isms.Risk, error) {
	var risks []isms.Risk
	for i := range c.Spec.Exceptions {
		ref := c.Spec.Exceptions[i].RiskRef
		if ref == nil {
			continue
		}
		var risk isms.Risk
		switch err := r.Get(ctx, client.ObjectKey{Namespace: c.Namespace, Name: string(ref.Name)}, &risk); {
		case err == nil:
			risks = append(risks, risk)
		case !apierrors.IsNotFound(err):
			return nil, fmt.Errorf("get risk: %w", err)
		}
	}
	return risks, nil
}

// resting are the Controls of which an exception names a Risk.
func (r *ControlReconciler) resting(ctx context.Context, o client.Object) []ctrl.Request {
	risk, ok := o.(*isms.Risk)
	if !ok {
		return nil
	}
	return r.controls(ctx, risk.Namespace, risk.Spec.ScopeRef, func(c *isms.Control) bool {
		return slices.ContainsFunc(c.Spec.Exceptions, func(e isms.Exception) bool {
			return e.RiskRef != nil && string(e.RiskRef.Name) == risk.Name
		})
	})
}

// siblings are the other Controls with the same id, which one Control more or less makes duplicates or not.
func (r *ControlReconciler) siblings(ctx context.Context, o client.Object) []ctrl.Request {
	c, ok := o.(*isms.Control)
	if !ok {
		return nil
	}
	return r.controls(ctx, c.Namespace, c.Spec.ScopeRef, func(x *isms.Control) bool {
		return x.Spec.ID == c.Spec.ID && x.Name != c.Name
	})
}

func (r *ControlReconciler) restingOnDocument(ctx context.Context, o client.Object) []ctrl.Request {
	d, ok := o.(*isms.Document)
	if !ok {
		return nil
	}
	return r.controls(ctx, d.Namespace, d.Spec.ScopeRef, func(c *isms.Control) bool {
		return anyItem(c, func(i *isms.EvidenceItem) bool { return i.Document != nil && i.Document.Type == d.Spec.Type })
	})
}

// restingOnAttestation are the Controls that ask for the type, and, for a review of controls, all that it lists: the
// owner's review can make partial evidence enough.
func (r *ControlReconciler) restingOnAttestation(ctx context.Context, o client.Object) []ctrl.Request {
	a, ok := o.(*isms.Attestation)
	if !ok {
		return nil
	}
	return r.controls(ctx, a.Namespace, a.Spec.ScopeRef, func(c *isms.Control) bool {
		return a.Spec.Type == assess.ControlReview ||
			anyItem(c, func(i *isms.EvidenceItem) bool { return i.Attestation != nil && i.Attestation.Type == a.Spec.Type })
	})
}

// found are the Controls that a Finding is about, and those that rest on a record whose deviations it follows up.
func (r *ControlReconciler) found(ctx context.Context, o client.Object) []ctrl.Request {
	f, ok := o.(*isms.Finding)
	if !ok {
		return nil
	}
	out := r.controls(ctx, f.Namespace, f.Spec.ScopeRef, func(c *isms.Control) bool { return c.Spec.ID == f.Spec.Requirement })
	var attestations isms.AttestationList
	if err := listIn(ctx, r.Client, &attestations, f.Namespace, string(f.Spec.ScopeRef.Name)); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "mapping an event")
		return out
	}
	for i := range attestations.Items {
		if ref := attestations.Items[i].Spec.FindingRef; ref != nil && string(ref.Name) == f.Name {
			out = append(out, r.restingOnAttestation(ctx, &attestations.Items[i])...)
		}
	}
	return out
}

// documentChanged passes what changes a Document, the digest that the operator has computed of its content, and what it
// says of a register kept elsewhere: whether that is attested to be complete is told from its status.
var documentChanged = predicate.Or(specChanged, predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*isms.Document)
	after, okToo := e.ObjectNew.(*isms.Document)
	if !ok || !okToo {
		return false
	}
	return before.Status.Digest != after.Status.Digest || after.Spec.Class == isms.ClassRegister && standingChanged.Update(e)
}})

func anyItem(c *isms.Control, is func(*isms.EvidenceItem) bool) bool {
	for i := range c.Spec.Evidence {
		if is(&c.Spec.Evidence[i]) {
			return true
		}
	}
	return false
}

func (r *ControlReconciler) controls(
	ctx context.Context, namespace string, scope isms.LocalRef, is func(*isms.Control) bool,
) []ctrl.Request {
	return requestsWhere(ctx, r.Client, &isms.ControlList{}, namespace, string(scope.Name), is)
}
