// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/source"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/kube"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// EvidenceLogReconciler looks after the evidence log of each scope: it verifies the log, closes the items of Controls that
// are gone, seals each day, and prunes what is past retention.
type EvidenceLogReconciler struct {
	client.Client
	Clock clock.PassiveClock
	Log   *ledgerstore.Store
	Book  *Logbook
	// audited is when the log of a scope was read last. One reconcile runs at a time.
	audited map[types.NamespacedName]audit
}

// audit is when a log was read, and for which object: of a scope that was made again nothing is taken for known.
type audit struct {
	scope types.UID
	time  time.Time
}

// +kubebuilder:rbac:groups="",resources=configmaps,resourceNames=isms-operator-signing-keys,verbs=get;create;patch

// logLook is how often the keys are looked at, with the heartbeat of the scope.
const logLook = readiness.HeartbeatEvery

func (r *EvidenceLogReconciler) setup(mgr ctrl.Manager) error {
	r.audited = map[types.NamespacedName]audit{}
	err := ctrl.NewControllerManagedBy(mgr).Named("evidencelog").
		For(&isms.ISMSScope{}, builder.WithPredicates(specChanged)).
		Watches(&isms.Control{}, handler.EnqueueRequestsFromMapFunc(handler.MapFunc(scopeRequest(scopeRef))), builder.WithPredicates(cameOrWent)).
		WithOptions(retries()).
		Complete(kube.Contained(r))
	if err != nil {
		return fmt.Errorf("controller for evidence logs: %w", err)
	}
	return nil
}

// Reconcile looks after the log of one ISMSScope.
func (r *EvidenceLogReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var s isms.ISMSScope
	if err := r.Get(ctx, req.NamespacedName, &s); err != nil {
		if apierrors.IsNotFound(err) {
			delete(r.audited, req.NamespacedName)
			r.Book.forget(ledger.Scope{Namespace: req.Namespace, Name: req.Name})
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	now, scope := r.Clock.Now(), logScope(&s)
	next, err := r.keep(ctx, &s, scope, now)
	switch {
	case ending(err):
		return ctrl.Result{}, nil
	case ledgerstore.Refused(err): // the scope's status says so
		return ctrl.Result{RequeueAfter: refusedRetry}, nil
	case err != nil:
		return ctrl.Result{}, err
	}
	return at(now, next), nil
}

func (r *EvidenceLogReconciler) keep(ctx context.Context, s *isms.ISMSScope, scope ledger.Scope, now time.Time) (time.Time, error) {
	name := client.ObjectKeyFromObject(s)
	if last := r.audited[name]; last.scope != s.UID || !now.Before(ledger.SealAt(last.time)) {
		if err := r.Log.Audit(ctx, scope); err != nil {
			return time.Time{}, err
		}
		r.audited[name] = audit{s.UID, now}
	}
	next := now.Add(logLook)
	wake, err := r.closeGone(ctx, s, scope, now)
	if err != nil {
		return time.Time{}, err
	}
	if err := r.Log.Publish(ctx, scope.Namespace); err != nil {
		return time.Time{}, err
	}
	due, err := r.Log.Seal(ctx, scope, now)
	if err == nil {
		err = r.Log.Prune(ctx, scope, now, now.AddDate(0, 0, -logDays(s)))
	}
	for _, moment := range []time.Time{wake, due} {
		if !moment.IsZero() {
			next = earlier(next, moment)
		}
	}
	return next, err
}

// closeGone records that the items of a Control that is gone are not known any more, and returns when to do so again for
// those that have turned too lately.
func (r *EvidenceLogReconciler) closeGone(ctx context.Context, s *isms.ISMSScope, scope ledger.Scope, now time.Time) (time.Time, error) {
	var controls isms.ControlList
	if err := listIn(ctx, r.Client, &controls, s.Namespace, s.Name); err != nil {
		return time.Time{}, err
	}
	var next time.Time
	for _, id := range r.Log.Controls(scope) {
		if slices.ContainsFunc(controls.Items, func(c isms.Control) bool { return c.Spec.ID == id }) {
			continue
		}
		wake, err := r.closeSeries(ctx, ledger.Key{Scope: scope, Series: isms.SeriesControl, ControlID: id}, now)
		if err != nil {
			return time.Time{}, err
		}
		if !wake.IsZero() {
			next = earlier(next, wake)
		}
	}
	return next, nil
}

// logDays is how long the log of a scope is kept: a certification cycle and a year, if the scope does not say otherwise.
func logDays(s *isms.ISMSScope) int {
	const cycleAndAYear = 1461
	if s.Spec.Practice != nil && s.Spec.Practice.EvidenceLogDays > 0 {
		return int(s.Spec.Practice.EvidenceLogDays)
	}
	return cycleAndAYear
}

// closeSeries records that of a control that has no Control any more nothing is known, and nothing is asked. One that was
// excluded before stays excluded: its time is left out of the figures.
func (r *EvidenceLogReconciler) closeSeries(ctx context.Context, key ledger.Key, now time.Time) (time.Time, error) {
	gone := ledgerstore.Sight{Time: now, Absent: ledger.Observation{Result: isms.EvidenceUnknown, Reason: isms.ReasonControlRemoved}}
	err := r.Book.with(ctx, key.Scope, func(s *scopeBook) {
		if !s.book.Excluded(key.ControlID) {
			gone.Result = isms.ResultUnknown
		}
	})
	if err != nil {
		return time.Time{}, err
	}
	var again time.Time
	gone.Ahead = func(ctx context.Context, verdicts []string) ([]isms.LogEntry, error) {
		entries, then, err := r.Book.due(ctx, key, now, changesOf(key, nil), verdicts)
		again = then
		return entries, err
	}
	wake, err := r.Log.Record(ctx, key, gone)
	if wake.IsZero() || !again.IsZero() && again.Before(wake) {
		wake = again
	}
	return wake, err
}

func logScope(s *isms.ISMSScope) ledger.Scope {
	return ledger.Scope{Namespace: s.Namespace, Name: s.Name}
}

// logState is how the log of a scope stands, for the scope's status.
func logState(log *ledgerstore.Store, s *isms.ISMSScope) *readiness.LogState {
	state := readiness.LogState(log.State(logScope(s)))
	return &state
}

// scopesTold is the source of scopes of which something tells its listeners.
func scopesTold(listen func(func(ledger.Scope))) source.Source {
	return source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[ctrl.Request]) error {
		listen(func(scope ledger.Scope) {
			queue.Add(ctrl.Request{NamespacedName: types.NamespacedName{Namespace: scope.Namespace, Name: scope.Name}})
		})
		return nil
	})
}
