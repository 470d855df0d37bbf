// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"testing"
	"time"

	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/controllers"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
)

const wholeDay = 24 * time.Hour

// reconcilers are the operator's, for a test that calls them itself.
func (w *world) reconcilers() (control, document, attestation interface {
	Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error)
},
) {
	c := w.operator.manager.GetClient()
	writer := controllers.NewWriter(c, events.NewFakeRecorder(100))
	book := controllers.NewLogbook(c, w.operator.engine, ledgerstore.Options{
		Reader: w.operator.manager.GetAPIReader(), Writer: c, Version: "0.1.0", Clock: w.clock,
	}, "")
	return &controllers.ControlReconciler{Client: c, Evidence: w.operator.engine, Clock: w.clock, Writer: writer, Log: book.Log, Book: book},
		&controllers.DocumentReconciler{
			Client: c, Source: controllers.NewSourceReader(w.operator.manager.GetAPIReader(), c), Clock: w.clock, Writer: writer,
		},
		&controllers.AttestationReconciler{Client: c, Clock: w.clock, Writer: writer}
}

// wantRequeue asks that a reconcile names the moment at which a day begins in UTC as the next to look at.
func (w *world) wantRequeue(r interface {
	Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error)
}, o client.Object, begins isms.Date,
) {
	w.Helper()
	want, err := begins.Time()
	if err != nil {
		w.Fatal(err)
	}
	w.eventually(func() string {
		result, err := r.Reconcile(ctx, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(o)})
		if err != nil {
			return err.Error()
		}
		// The clock has moved on since the reconcile looked at it, by less than the minute that is allowed here.
		at := w.clock.Now().Add(result.RequeueAfter)
		if result.RequeueAfter == 0 || at.Before(want) || at.After(want.Add(time.Minute)) {
			return o.GetName() + " asks for " + at.String() + ", want " + want.String()
		}
		return ""
	})
}

// passTo moves the clock to three seconds before a day begins, has the objects looked at, and leaves the rest to the
// requeue that they ask for.
func (w *world) passTo(begins isms.Date, objects ...client.Object) {
	w.Helper()
	moment, err := begins.Time()
	if err != nil {
		w.Fatal(err)
	}
	w.clock.Step(moment.Sub(w.clock.Now()) - 3*time.Second)
	for _, o := range objects {
		w.merge(o, `{"metadata":{"annotations":{"example.com/looked-at":"`+string(begins)+`"}}}`)
	}
}

func TestDocumentRunsOutAsTimePasses(t *testing.T) {
	w := newWorld(t)
	document := w.document("policy", "Policy", w.day(-5), 8)
	control := w.control("A.5.1", isms.EvidenceItem{Name: "policy", Strength: isms.StrengthSubstantial, Document: &isms.DocumentEvidence{Type: "Policy"}})
	runsOut := w.day(4) // the review is due on day 3, and the day counts to its end
	w.create(w.scope(), document, control)
	w.want(document, "ReviewCurrent True ReviewCurrent", "Approved True DigestNotVerified")
	w.want(control, "result Effective", "policy Pass DigestNotVerified")
	w.settle()
	controls, documents, _ := w.reconcilers()
	w.wantRequeue(documents, document, runsOut)
	w.wantRequeue(controls, control, runsOut)

	w.passTo(runsOut, document, control)
	w.want(document, "ReviewCurrent False Expired", "Ready True Assessed")
	w.want(control, "result Ineffective", "policy Fail Expired", "EvidenceCurrent False Expired", "Satisfied False Expired")
	w.wantEvent(control, "Warning Expired Satisfied is False: policy: ")

	w.merge(document, `{"spec":{"reviews":[{"reviewedOn":"`+string(w.day(0))+`","by":{"name":"A. Smith"},"outcome":"NoChange"}]}}`)
	w.want(control, "result Effective")
}

func TestAttestationIsDueThenExpiredThenMissed(t *testing.T) {
	w := newWorld(t)
	attestation := w.attestation("review-1", "FirewallReview", w.day(-5))
	control := w.control("A.8.20", isms.EvidenceItem{
		Name: "review", Strength: isms.StrengthSubstantial,
		Attestation: &isms.AttestationEvidence{Type: "FirewallReview", EveryDays: 7, GraceDays: 2},
	})
	due, expired, missed := w.day(3), w.day(5), w.day(12)
	w.create(w.scope(), attestation, control)
	w.want(control, "result Effective", "review Pass Current")
	w.want(attestation, "Current True Current")
	w.settle()
	controls, _, attestations := w.reconcilers()
	w.wantRequeue(controls, control, due)
	w.wantRequeue(attestations, attestation, expired)

	w.passTo(due, control)
	w.want(control, "result Effective", "review Pass Due")
	w.passTo(expired, control, attestation)
	w.want(control, "result Ineffective", "review Fail Expired", "Satisfied False Expired")
	w.want(attestation, "Current False Expired")
	w.passTo(missed, control)
	w.want(control, "review Fail Missed")

	w.create(w.attestation("review-2", "FirewallReview", w.day(0)))
	w.want(control, "result Effective", "review Pass Current")
}

func TestDateInTheFutureDoesNotCount(t *testing.T) {
	w := newWorld(t)
	tomorrow := w.day(1)
	attestation := w.attestation("training", "Training", tomorrow)
	document := w.document("policy", "Policy", tomorrow, 365)
	control := w.control("A.6.3",
		isms.EvidenceItem{Name: "training", Strength: isms.StrengthSubstantial, Attestation: &isms.AttestationEvidence{Type: "Training", EveryDays: 365}},
		isms.EvidenceItem{Name: "policy", Document: &isms.DocumentEvidence{Type: "Policy"}})
	w.create(w.scope(), attestation, document, control)
	w.want(control, "result Ineffective", "training Fail DateInFuture", "policy Fail DateInFuture")
	w.want(attestation, "Current False DateInFuture")
	w.want(document, "Approved False DateInFuture")

	w.passTo(tomorrow, control, attestation, document)
	w.want(control, "result Effective", "training Pass Current", "policy Pass DigestNotVerified")
	w.want(attestation, "Current True Current")
	w.want(document, "Approved True DigestNotVerified")
}

func TestFailureBlocksWhenItsGraceDaysRunOut(t *testing.T) {
	w := newWorld(t)
	shop := w.namespace("shop")
	w.create(somePod(shop, "web", "no"))
	cycle, control := w.cycle(), w.control("A.8.22", approved())
	cycle.Spec.DeviationGraceDays = ptr.To[int32](2)
	w.create(w.scope(), cycle, control)
	w.want(control, "result Ineffective")
	w.want(cycle, "ControlsSatisfied True DeviationsWithinGrace")

	w.clock.Step(2 * wholeDay)
	w.merge(cycle, `{"metadata":{"annotations":{"example.com/looked-at":"later"}}}`)
	w.want(cycle, "ControlsSatisfied False ControlsNotSatisfied")
}

func TestExceptions(t *testing.T) {
	w := newWorld(t)
	shop := w.namespace("shop")
	w.create(somePod(shop, "legacy", "no"), somePod(shop, "web", "yes"), somePod(shop, "batch-1", "no"))
	control := w.control("A.8.22", approved())
	named := func(name string) isms.ExceptionObject {
		return isms.ExceptionObject{Namespace: isms.NamespaceName(shop), Name: name}
	}
	control.Spec.Exceptions = []isms.Exception{
		w.exception("waiving", "approved", named("legacy")), w.exception("idle", "approved", named("web")),
		w.exception("no-match", "approved", named("ghost-*")), w.exception("prefix", "approved", named("batch-*")),
	}
	expires := w.day(1)
	control.Spec.Exceptions[0].ExpiresOn = w.day(0)
	w.create(w.scope(), control)
	w.want(control, "result Effective", "approved Pass ObjectsPassed",
		"waiving Waiving 1", "idle Idle 1", "no-match NoMatch 0", "prefix Waiving 1")
	if got := control.Status.Evidence[0]; got.Subjects != 3 || got.Waived != 2 || got.Failing != 0 {
		t.Errorf("evidence %+v", got)
	}

	// All subjects waived is said as such; what nobody waives fails beside them.
	w.approve(shop, "web", "no")
	w.want(control, "idle Waiving 1", "approved Pass Waived")
	w.create(somePod(shop, "ghost-1", "yes"))
	w.want(control, "no-match Idle 1")
	w.create(somePod(shop, "new", "no"))
	w.want(control, "result Ineffective", "approved Fail ObjectsFailed "+shop+"/new")
	w.delete(somePod(shop, "new", ""))
	w.want(control, "result Effective")

	w.passTo(expires, control)
	w.eventually(func() string { // until the stream is heard again: for its clock, a day has passed without a sign
		w.merge(somePod(shop, "ghost-1", ""), `{"metadata":{"annotations":{"example.com/time":"`+w.clock.Now().String()+`"}}}`)
		w.refresh(control)
		if control.Status.Result != isms.ResultIneffective {
			return "not ineffective, but " + string(control.Status.Result)
		}
		return ""
	})
	w.want(control, "waiving Expired 0", "approved Fail ObjectsFailed "+shop+"/legacy", "prefix Waiving 1")
	w.wantEvent(control, "Warning Expired The exception waiving has expired")
}
