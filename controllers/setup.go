// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package controllers reconciles the kinds of the API: each reads its input, asks a pure function for the outcome, and
// writes one status.
package controllers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/kube"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
)

// Change names what the engine has news about: a Control, or, without one, the namespaces of a scope.
type Change struct{ Scope, Control types.NamespacedName }

// Changes adds a listener to the engine's news.
type Changes func(func(Change))

// Options are what Setup wires into the controllers.
type Options struct {
	Evidence Evidence
	Changes  Changes
	Clock    clock.PassiveClock
	// StatusWritesPerSecond bounds the status writes of all kinds together, in the long run.
	StatusWritesPerSecond float64
	Log                   LogOptions
}

// LogOptions are those of the evidence log.
type LogOptions struct {
	// Version of the operator, which each entry names.
	Version isms.Version
	// Image that the operator runs from, as it is told; empty where it is not.
	Image string
	// Limits of how often one evidence item is written; the zero value means ledger.DefaultLimits.
	Limits ledger.Limits
	// KeyDir is the directory of the signing keys; empty where there are none.
	KeyDir string
	// Made, where it is given, gets the store that the controllers write through, to show how far the logs go.
	Made func(*ledgerstore.Store)
}

// burst is how many status writes may come at once: an ISMS is a few hundred objects, applied together.
const burst = 300

// Setup adds all controllers to a manager.
func Setup(ctx context.Context, mgr ctrl.Manager, o Options) error {
	if err := addIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	return setupWith(mgr, o, logbookFor(mgr, o))
}

// logbookFor makes the one logbook of a manager.
func logbookFor(mgr ctrl.Manager, o Options) *Logbook {
	return NewLogbook(mgr.GetClient(), o.Evidence, ledgerstore.Options{
		Reader: mgr.GetAPIReader(), Writer: mgr.GetClient(), Version: o.Log.Version, Limits: o.Log.Limits, Clock: o.Clock, KeyDir: o.Log.KeyDir,
	}, o.Log.Image)
}

// setupWith adds all controllers, which write the evidence log through a logbook.
func setupWith(mgr ctrl.Manager, o Options, book *Logbook) error {
	c, log := mgr.GetClient(), book.Log
	writer := Writer{
		status: kube.NewStatusWriter(c, o.StatusWritesPerSecond, burst),
		events: mgr.GetEventRecorder("isms-operator"),
	}
	if o.Log.Made != nil {
		o.Log.Made(log)
	}
	if err := mgr.Add(manager.RunnableFunc(book.Pulses)); err != nil {
		return fmt.Errorf("pulses of scopes: %w", err)
	}
	for _, r := range []interface{ setup(ctrl.Manager) error }{
		&scopeFeed{Client: c, Evidence: o.Evidence},
		&ruleFeed{Client: c, Evidence: o.Evidence},
		&ISMSScopeReconciler{Client: c, Evidence: o.Evidence, Changes: o.Changes, Clock: o.Clock, Writer: writer, Log: log, Book: book},
		&EvidenceLogReconciler{Client: c, Clock: o.Clock, Log: log, Book: book},
		&ControlReconciler{Client: c, Evidence: o.Evidence, Changes: o.Changes, Clock: o.Clock, Writer: writer, Log: log, Book: book},
		&AuditCycleReconciler{Client: c, Logs: log.Logs, Clock: o.Clock, Writer: writer, Book: book},
		&DocumentReconciler{Client: c, Source: NewSourceReader(mgr.GetAPIReader(), c), Clock: o.Clock, Writer: writer},
		&AttestationReconciler{Client: c, Clock: o.Clock, Writer: writer},
		&FindingReconciler{Client: c, Clock: o.Clock, Writer: writer},
		&RiskReconciler{Client: c, Clock: o.Clock, Writer: writer},
		&RegisterEntryReconciler{Client: c, Clock: o.Clock, Writer: writer},
	} {
		if err := r.setup(mgr); err != nil {
			return err
		}
	}
	return nil
}

// Writer writes one status at the end of a reconcile, and publishes events after it.
type Writer struct {
	status *kube.StatusWriter
	events events.EventRecorder
}

// conflictRetry is the wait after a conflict: what was read was not the newest state, and the cache is about to have it.
const conflictRetry = 50 * time.Millisecond

// Write patches the status where it differs, and returns what the reconcile returns: to be called again at a moment,
// zero for never.
func (w Writer) Write(ctx context.Context, old, next client.Object, transitions []assess.Event, now, again time.Time) (ctrl.Result, error) {
	wrote, err := w.status.Patch(ctx, old, next)
	switch {
	case apierrors.IsConflict(err):
		return ctrl.Result{RequeueAfter: conflictRetry}, nil
	case err != nil:
		return ctrl.Result{}, err
	}
	if wrote {
		w.publish(next, transitions)
	}
	return at(now, again), nil
}

// publish tells of transitions. Of those that share reason and action only the first is told: for the recorder they would be
// repetitions of one event, with the note of whichever it meets first. The API server takes notes of 1024 bytes.
func (w Writer) publish(about client.Object, transitions []assess.Event) {
	for i, e := range transitions {
		told := slices.ContainsFunc(transitions[:i], func(x assess.Event) bool {
			return x.Type == e.Type && x.Reason == e.Reason && x.Action == e.Action
		})
		if !told {
			w.events.Eventf(about, nil, e.Type, e.Reason, cmp.Or(e.Action, "Assess"), "%s", conditions.Truncate(e.Message))
		}
	}
}

// longestRetry bounds the wait between two tries of what fails. By default it would grow as long as an outage lasts, and
// outlast it.
const longestRetry = 15 * time.Second

func retries() controller.Options {
	return controller.Options{
		RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[ctrl.Request](conflictRetry, longestRetry),
	}
}

// at asks to be called again at a moment; never for the zero time.
func at(now, moment time.Time) ctrl.Result {
	if moment.IsZero() {
		return ctrl.Result{}
	}
	return ctrl.Result{RequeueAfter: max(moment.Sub(now), time.Millisecond)}
}

// specChanged passes what changes the meaning of an object: its spec, and the annotation that suspends it. It is for
// the objects that others are computed from. An object itself is looked at after every change, also of its status: a
// reconcile whose cache did not show the last write yet may have found nothing to write, and must be repeated.
var specChanged = predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{})

// standingChanged passes, besides, a change of what the operator says of an object: of a condition's status, reason or
// generation, or of a document's content. Messages and counts move more often, and nothing is computed from them.
var standingChanged = predicate.Or(specChanged, predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	before, contentBefore := standing(e.ObjectOld)
	after, content := standing(e.ObjectNew)
	return content != contentBefore || !slices.EqualFunc(before, after, func(a, b metav1.Condition) bool {
		return a.Type == b.Type && a.Status == b.Status && a.Reason == b.Reason && a.ObservedGeneration == b.ObservedGeneration
	})
}})

// standing is what of an object's status others are computed from.
func standing(o client.Object) ([]metav1.Condition, isms.Digest) {
	switch x := o.(type) {
	case *isms.Control:
		return x.Status.Conditions, ""
	case *isms.Risk:
		return x.Status.Conditions, ""
	case *isms.Finding:
		return x.Status.Conditions, ""
	case *isms.RegisterEntry:
		return x.Status.Conditions, ""
	case *isms.Document:
		return x.Status.Conditions, x.Status.Digest
	}
	return nil, ""
}

// cameOrWent passes creations and deletions.
var cameOrWent = predicate.Funcs{UpdateFunc: func(event.UpdateEvent) bool { return false }}

// practiceChanged passes scopes that come or go, or change a figure of practice.
var practiceChanged = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*isms.ISMSScope)
	after, okToo := e.ObjectNew.(*isms.ISMSScope)
	return ok && okToo && !apiequality.Semantic.DeepEqual(before.Spec.Practice, after.Spec.Practice)
}}

// controlsChanged is the source of Controls whose rules have new verdicts.
func controlsChanged(changes Changes) source.Source {
	return engineSource(changes, func(c Change) types.NamespacedName { return c.Control })
}

// scopesChanged is the source of scopes whose namespaces have changed.
func scopesChanged(changes Changes) source.Source {
	return engineSource(changes, func(c Change) types.NamespacedName {
		if c.Control.Name != "" {
			return types.NamespacedName{}
		}
		return c.Scope
	})
}

func engineSource(changes Changes, pick func(Change) types.NamespacedName) source.Source {
	return source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[ctrl.Request]) error {
		changes(func(c Change) {
			if key := pick(c); key.Name != "" {
				queue.Add(ctrl.Request{NamespacedName: key})
			}
		})
		return nil
	})
}
