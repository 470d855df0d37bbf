// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/kube"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// ISMSScopeReconciler says of each scope how much of the management system is in place.
type ISMSScopeReconciler struct {
	client.Client
	Evidence Evidence
	Changes  Changes
	Clock    clock.PassiveClock
	Writer   Writer
	Log      *ledgerstore.Store
	Book     *Logbook
}

// +kubebuilder:rbac:groups=isms-operator.io,resources=ismsscopes;controls;documents;auditcycles,verbs=list;watch
// +kubebuilder:rbac:groups=isms-operator.io,resources=attestations;findings;registerentries;risks,verbs=list;watch
// +kubebuilder:rbac:groups=isms-operator.io,resources=ismsscopes/status,verbs=patch

// syncLook is how often a scope that has not synced is looked at again, for its heartbeat.
const syncLook = 5 * time.Second

func (r *ISMSScopeReconciler) setup(mgr ctrl.Manager) error {
	b := ctrl.NewControllerManagedBy(mgr).Named("ismsscope").For(&isms.ISMSScope{})
	for _, kind := range []client.Object{&isms.Control{}, &isms.Risk{}, &isms.Document{}, &isms.Finding{}, &isms.RegisterEntry{}} {
		b = b.Watches(kind, soon(scopeRequest(scopeRef)), builder.WithPredicates(standingChanged))
	}
	for _, kind := range []client.Object{&isms.Attestation{}, &isms.AuditCycle{}} { // of these the status is not read
		b = b.Watches(kind, soon(scopeRequest(scopeRef)), builder.WithPredicates(specChanged))
	}
	err := b.WatchesRawSource(scopesChanged(r.Changes)).WatchesRawSource(scopesTold(r.Log.OnTurn)).WatchesRawSource(scopesTold(r.Book.OnGap)).
		WithOptions(retries()).Complete(kube.Contained(r))
	if err != nil {
		return fmt.Errorf("controller for scopes: %w", err)
	}
	return nil
}

// Reconcile assesses one ISMSScope.
func (r *ISMSScopeReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var s isms.ISMSScope
	if err := r.Get(ctx, req.NamespacedName, &s); err != nil {
		if apierrors.IsNotFound(err) {
			// Once more than the feed: a reconcile that was under way may have made the scope known after it.
			r.Evidence.RemoveScope(req.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	in, err := r.gather(ctx, &s)
	if err != nil {
		return ctrl.Result{}, err
	}
	again, err := r.noted(ctx, &in)
	if err != nil {
		return ctrl.Result{}, unlessEnding(err)
	}
	in.Log = logState(r.Log, &s)
	unread := !in.Log.Read && in.Log.Refused == "" // its turn is told
	out := readiness.Scope(in)
	if !again.IsZero() {
		out.RequeueAt = earlier(out.RequeueAt, again)
	}
	if !in.Alive {
		out.RequeueAt = earlier(out.RequeueAt, in.Now.Add(syncLook))
	}
	if (in.Waiting != nil || unread) && stands(&s, in.Now) {
		return at(in.Now, out.RequeueAt), nil
	}
	next := s.DeepCopy()
	next.Status = out.Status
	return r.Writer.Write(ctx, &s, next, out.Events, in.Now, out.RequeueAt)
}

// noted puts what is new of the scope into the evidence log, and takes from it which records are gone. Where the API
// server takes no entries, the heartbeat stands still: it would hide that nobody was watching before it. It says when to do
// so again for what the log holds back, zero for never.
func (r *ISMSScopeReconciler) noted(ctx context.Context, in *readiness.ScopeInput) (again time.Time, err error) {
	seen := scopeSight{scope: in.Scope, alive: in.Alive}
	if in.Namespaces.Reason == "" {
		seen.namespaces = append([]string{}, in.Namespaces.InScope...)
	}
	if in.Alive, err = r.Book.observed(ctx, seen, in.Now); err == nil {
		in.Removed, again, err = r.Book.removed(ctx, in.Scope, in.Now)
	}
	if ledgerstore.Refused(err) && !ending(err) {
		in.Alive = false
		return again, nil
	}
	return again, err
}

// stands says whether the earlier status may stand after a restart, until the namespaces are listed and the log is read: it is of this
// generation, and no older than its heartbeat allows.
func stands(s *isms.ISMSScope, now time.Time) bool {
	beat := s.Status.HeartbeatTime
	return s.Status.ObservedGeneration == s.Generation && beat != nil && now.Before(beat.Add(assess.HoldFor))
}

// gather reads everything that the assessment needs.
func (r *ISMSScopeReconciler) gather(ctx context.Context, s *isms.ISMSScope) (readiness.ScopeInput, error) {
	key := client.ObjectKeyFromObject(s)
	r.Evidence.SetScope(s)
	in := readiness.ScopeInput{
		Scope: s, Namespaces: r.Evidence.Namespaces(key), Now: r.Clock.Now(),
	}
	if in.Namespaces.Reason == isms.ReasonNotSynced {
		in.Waiting = &readiness.Wait{Reason: isms.ReasonNotSynced, Message: "The namespaces of the scope are being listed."}
	}
	var (
		controls     isms.ControlList
		risks        isms.RiskList
		documents    isms.DocumentList
		attestations isms.AttestationList
		entries      isms.RegisterEntryList
		findings     isms.FindingList
		cycles       isms.AuditCycleList
	)
	for _, list := range []client.ObjectList{&controls, &risks, &documents, &attestations, &entries, &findings, &cycles} {
		if err := listIn(ctx, r.Client, list, s.Namespace, s.Name); err != nil {
			return in, err
		}
	}
	in.Controls, in.Risks, in.Documents, in.Attestations = controls.Items, risks.Items, documents.Items, attestations.Items
	in.Entries, in.Findings, in.Cycles = entries.Items, findings.Items, cycles.Items
	in.Alive = r.follows(in.Controls) && r.Evidence.Synced(key, assess.HoldFor)
	return in, nil
}

// follows says whether the engine was told of all Controls. After a start it may know the scope before them, and then
// would count the scope as observed though none of its rules is.
func (r *ISMSScopeReconciler) follows(controls []isms.Control) bool {
	for i := range controls {
		if !r.Evidence.Follows(client.ObjectKeyFromObject(&controls[i])) {
			return false
		}
	}
	return true
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
