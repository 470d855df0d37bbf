// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
)

// refusedRetry is how long a log that the API server has refused is left alone.
const refusedRetry = 15 * time.Second

// recorded puts what has turned into the evidence log, before anybody is shown it, and returns the outcome to be shown.
// Where the API server does not take it, that is one in which nothing is known.
func (r *ControlReconciler) recorded(ctx context.Context, in assess.Input, out assess.Outcome) (assess.Outcome, error) {
	wake, err := r.Log.Record(ctx, controlKey(in.Control), sight(in.Control, out.Status, in.Now))
	switch {
	case err == nil:
		if !wake.IsZero() {
			out.RequeueAt = earlier(out.RequeueAt, wake)
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
		Time: now, Verdicts: ledger.Verdicts(status.Evidence),
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

// ending says that a write was refused because the namespace is being deleted, with all that is in it.
func ending(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
}
