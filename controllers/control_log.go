// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
	"github.com/isms-operator/isms-operator/internal/operation"
)

// refusedRetry is how long a log that the API server has refused is left alone.
const refusedRetry = 15 * time.Second

// asked is what is asked of the Control, and takes from the evidence log what that says of it. Of a Control that is not the
// only one with its id, or that has no scope, nobody can say what is asked. Where the log can't be read, recorded says so.
func (r *ControlReconciler) asked(ctx context.Context, in *assess.Input) ([]operation.Criterion, error) {
	if in.Scope == nil || len(in.Duplicates) > 0 {
		return nil, nil
	}
	logged, err := r.Book.since(ctx, in.Control)
	switch {
	case err == nil:
		in.Logged = logged
	case !ledgerstore.Refused(err) || ending(err):
		return nil, err
	}
	criteria, err := operation.CriteriaOf(in.Control, in.Scope)
	if err != nil {
		return nil, fmt.Errorf("control %s: %w", in.Control.Name, err)
	}
	return criteria, nil
}

// changesOf finds how what is asked differs from what a series says.
func changesOf(key ledger.Key, asked []operation.Criterion) decide {
	return func(s *scopeBook) []isms.LogEntry { return s.book.CriteriaChanges(key, asked) }
}

// held puts what is asked into the evidence log while nothing can be seen, and says when to do so again, zero for never.
func (r *ControlReconciler) held(ctx context.Context, in assess.Input, asked []operation.Criterion) (time.Time, error) {
	if asked == nil {
		return time.Time{}, nil
	}
	key := controlKey(in.Control)
	again, err := r.Book.append(ctx, key, in.Now, changesOf(key, asked))
	if ledgerstore.Refused(err) {
		return again, nil // recorded says so, when there is something to be seen
	}
	return again, err
}

// recorded puts what has turned into the evidence log, before anybody is shown it, and returns the outcome to be shown.
// Where the API server does not take it, that is one in which nothing is known.
func (r *ControlReconciler) recorded(
	ctx context.Context, in assess.Input, out assess.Outcome, asked []operation.Criterion,
) (assess.Outcome, error) {
	key, seen := controlKey(in.Control), sight(in.Control, out.Status, in.Now)
	for i := range seen.Verdicts {
		seen.Verdicts[i].CriteriaDigest = operation.DigestOf(asked, seen.Verdicts[i].Item)
	}
	var again time.Time
	if asked != nil {
		seen.Ahead = func(ctx context.Context, verdicts []string) ([]isms.LogEntry, error) {
			entries, then, err := r.Book.due(ctx, key, in.Now, changesOf(key, asked), verdicts)
			again = then
			return entries, err
		}
	}
	name := client.ObjectKeyFromObject(in.Control)
	seen.Matched = func(item string) isms.Digest { return r.Evidence.Matched(name, item) }
	wake, err := r.Log.Record(ctx, key, seen)
	switch {
	case err == nil:
		for _, moment := range []time.Time{wake, again} {
			if !moment.IsZero() {
				out.RequeueAt = earlier(out.RequeueAt, moment)
			}
		}
		return out, nil
	case ledgerstore.Refused(err) && !ending(err):
		ctrl.LoggerFrom(ctx).Error(err, "an entry of the evidence log is not taken")
		out = assess.Unrecorded(in, ledgerstore.Problem(err))
		out.RequeueAt = earlier(out.RequeueAt, in.Now.Add(refusedRetry))
		return out, nil
	}
	return out, err
}

func controlKey(c *isms.Control) ledger.Key {
	return ledger.Key{
		Scope:  ledger.Scope{Namespace: c.Namespace, Name: string(c.Spec.ScopeRef.Name)},
		Series: isms.SeriesControl, ControlID: c.Spec.ID,
	}
}

// sight is what a Control's status says of its evidence.
func sight(c *isms.Control, status isms.ControlStatus, now time.Time) ledgerstore.Sight {
	s := ledgerstore.Sight{
		Time: now, Verdicts: ledger.Verdicts(status.Evidence), Result: status.Result,
		Absent: ledger.Observation{Result: isms.EvidenceNotApplicable, Reason: isms.ReasonItemRemoved},
	}
	for _, e := range c.Status.Evidence {
		s.Before = append(s.Before, e.Name)
	}
	if effective := conditions.Get(status.Conditions, isms.ConditionEffective); len(status.Evidence) == 0 && effective != nil {
		// An obstacle, or a Control without evidence: of the items that it has, nothing is known.
		for _, item := range c.Spec.Evidence {
			s.Before = append(s.Before, string(item.Name))
		}
		if len(c.Spec.Evidence) > 0 {
			s.Absent = ledger.Observation{Result: isms.EvidenceUnknown, Reason: effective.Reason}
		}
	}
	return s
}

// unlessEnding is the error, or none where the namespace is being deleted: then nothing is left to be done.
func unlessEnding(err error) error {
	if ending(err) {
		return nil
	}
	return err
}

// ending says that a write was refused because the namespace is being deleted, with all that is in it.
func ending(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
}
