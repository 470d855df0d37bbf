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

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/kube"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// AuditCycleReconciler says of each certification cycle what blocks the next audit.
type AuditCycleReconciler struct {
	client.Client
	// Logs reads all evidence logs of a scope, past the cache: only where a sample is drawn of them, and that once.
	Logs   func(context.Context, ledger.Scope) ([]isms.EvidenceLog, error)
	Clock  clock.PassiveClock
	Writer Writer
	Book   *Logbook
}

// +kubebuilder:rbac:groups=isms-operator.io,resources=attestations;auditcycles;controls;documents;findings;ismsscopes;registerentries;risks,verbs=list;watch
// +kubebuilder:rbac:groups=isms-operator.io,resources=evidencelogs,verbs=list
// +kubebuilder:rbac:groups=isms-operator.io,resources=auditcycles/status,verbs=patch

func (r *AuditCycleReconciler) setup(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).Named("auditcycle").
		For(&isms.AuditCycle{}).
		Watches(&isms.AuditCycle{}, soon(r.ofScope(scopeRef)), builder.WithPredicates(specChanged)).
		Watches(&isms.Control{}, soon(r.ofScope(scopeRef)), builder.WithPredicates(standingChanged)).
		Watches(&isms.Document{}, soon(r.ofScope(scopeRef)), builder.WithPredicates(standingChanged)).
		Watches(&isms.Finding{}, soon(r.ofScope(scopeRef)), builder.WithPredicates(standingChanged)).
		Watches(&isms.RegisterEntry{}, soon(r.ofScope(scopeRef)), builder.WithPredicates(standingChanged)).
		Watches(&isms.Risk{}, soon(r.ofScope(scopeRef)), builder.WithPredicates(specChanged)).
		Watches(&isms.Attestation{}, soon(r.ofScope(scopeRef)), builder.WithPredicates(specChanged)).
		Watches(&isms.ISMSScope{}, soon(r.ofScope(func(o client.Object) isms.LocalRef {
			return isms.LocalRef{Name: isms.ObjectName(o.GetName())}
		}))).
		WithOptions(retries()).
		Complete(kube.Contained(r))
	if err != nil {
		return fmt.Errorf("controller for audit cycles: %w", err)
	}
	return nil
}

// ofScope are the cycles of the scope that an object names.
func (r *AuditCycleReconciler) ofScope(ref func(client.Object) isms.LocalRef) mapper {
	return func(ctx context.Context, o client.Object) []ctrl.Request {
		return requestsIn(ctx, r.Client, &isms.AuditCycleList{}, o.GetNamespace(), string(ref(o).Name))
	}
}

// Reconcile assesses one AuditCycle.
func (r *AuditCycleReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var c isms.AuditCycle
	if err := r.Get(ctx, req.NamespacedName, &c); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	in, err := r.gather(ctx, &c)
	if err != nil {
		return ctrl.Result{}, err
	}
	again, err := r.observed(ctx, &in)
	if err != nil {
		return ctrl.Result{}, unlessEnding(err)
	}
	out := readiness.Cycle(in)
	if !again.IsZero() {
		out.RequeueAt = earlier(out.RequeueAt, again)
	}
	next := c.DeepCopy()
	next.Status = out.Status
	return r.Writer.Write(ctx, &c, next, out.Events, in.Now, out.RequeueAt)
}

// observed reads from the evidence log since when the scope is observed, the figures of the cycle's operating period, and
// which records are gone; nothing, where the API server refuses it, or there is no Book. It says when to ask again for
// records that the log does not tell of yet, zero for never.
func (r *AuditCycleReconciler) observed(ctx context.Context, in *readiness.CycleInput) (time.Time, error) {
	if in.Scope == nil || r.Book == nil {
		return time.Time{}, nil
	}
	removed, again, err := r.Book.removed(ctx, in.Scope, in.Now)
	if err == nil {
		in.Removed = removed
		err = r.Book.with(ctx, logScope(in.Scope), func(s *scopeBook) {
			in.ObservedSince = s.book.ObservedSince()
			var alive time.Time
			if beat := in.Scope.Status.HeartbeatTime; beat != nil {
				alive = beat.Add(-r.Book.Log.Limits.Held()) // what came later may not be written yet
			}
			if span := readiness.ObservedPeriod(in.Cycle, in.ObservedSince, in.Now); span.To.After(span.From) {
				figures := s.book.Figures(span, alive)
				in.Operation = &figures
			}
		})
	}
	if ledgerstore.Refused(err) && !ending(err) {
		return again, nil
	}
	return again, err
}

// gather reads everything that the assessment needs.
func (r *AuditCycleReconciler) gather(ctx context.Context, c *isms.AuditCycle) (readiness.CycleInput, error) {
	in := readiness.CycleInput{Cycle: c, Now: r.Clock.Now()}
	var err error
	if in.Scope, err = scopeOf(ctx, r.Client, c.Namespace, c.Spec.ScopeRef); err != nil {
		return in, err
	}
	var controls isms.ControlList
	var documents isms.DocumentList
	var findings isms.FindingList
	var risks isms.RiskList
	var attestations isms.AttestationList
	var entries isms.RegisterEntryList
	var cycles isms.AuditCycleList
	for _, list := range []client.ObjectList{&controls, &risks, &documents, &findings, &attestations, &entries, &cycles} {
		if err := listIn(ctx, r.Client, list, c.Namespace, string(c.Spec.ScopeRef.Name)); err != nil {
			return in, err
		}
	}
	in.Controls, in.Risks, in.Documents = controls.Items, risks.Items, documents.Items
	in.Findings, in.Attestations, in.Entries, in.Others = findings.Items, attestations.Items, entries.Items, cycles.Items
	if !readiness.LogsWanted(c, in.Now) {
		return in, nil
	}
	logs, err := r.Logs(ctx, ledger.Scope{Namespace: c.Namespace, Name: string(c.Spec.ScopeRef.Name)})
	if err != nil {
		return in, fmt.Errorf("evidence logs for a sample: %w", err)
	}
	in.Logs = append([]isms.EvidenceLog{}, logs...) // not nil: read, though there may be none
	return in, nil
}
