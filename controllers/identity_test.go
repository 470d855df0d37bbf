// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/controllers"
)

// TestDuplicateID: nobody can tell which of two Controls with one id is meant, so both are marked, whichever came first.
func TestDuplicateID(t *testing.T) {
	w := newWorld(t)
	w.create(somePod(w.namespace("shop"), "web", "yes"))
	scope, first, second := w.scope(), w.control("A.8.22", approved()), w.control("A.8.22", approved())
	second.Name = "again"
	w.create(scope, first)
	w.want(first, "Satisfied True Satisfied")

	w.create(second)
	for c, other := range map[*isms.Control]string{first: "again", second: "a-8-22"} {
		w.want(c, "result Unknown", "Stalled True DuplicateID", "Ready False DuplicateID", "Satisfied Unknown DuplicateID", "no approved")
		if m := message(c, isms.ConditionStalled); !strings.Contains(m, other) || !strings.Contains(m, "A.8.22") {
			t.Errorf("%s does not name the other: %q", c.Name, m)
		}
	}
	w.wantEvent(first, "Warning DuplicateID Ready is False: ")
	w.want(scope, "StatementOfApplicabilityComplete False DuplicateID")

	w.delete(first)
	w.want(second, "Ready True Assessed", "Satisfied True Satisfied", "no Stalled")
	w.want(scope, "StatementOfApplicabilityComplete False ControlsMissing")
}

func TestUnknownControlID(t *testing.T) {
	w := newWorld(t)
	control := w.control("A.5.99", approved())
	w.create(w.scope(), control)
	w.want(control, "result Unknown", "Stalled True UnknownControlID", "Ready False UnknownControlID", "Satisfied Unknown UnknownControlID")
	w.settle()
}

// TestScopeComesAndGoes: whatever names a scope waits for it, and waits again when it is gone.
func TestScopeComesAndGoes(t *testing.T) {
	w := newWorld(t)
	w.serveWidgets()
	w.createWidget(w.namespace("shop"), "one", true)
	control, cycle := w.control("A.8.22", w.widgetsOK(isms.QuantifierEvery)), w.cycle()
	document, attestation := w.document("policy", "Policy", w.day(-1), 365), w.attestation("training", "Training", w.day(-1))
	finding, entry := w.finding("nc-1", "A.5.1", w.day(-1)), w.entry("customer-data", isms.RegisterAsset)
	all := []client.Object{control, cycle, document, attestation, finding, entry}
	waiting := []string{"Ready Unknown ScopeNotFound", "Reconciling True ScopeNotFound", "no Stalled"}
	w.create(all...)
	for _, o := range all {
		w.want(o, waiting...)
	}
	w.settle()
	w.wantStreams(0)

	w.create(w.scope())
	for _, o := range all {
		w.want(o, "Ready True Assessed", "no Reconciling")
	}
	w.want(control, "Satisfied True Satisfied", "widgets Pass ObjectsPassed")
	w.want(cycle, "ControlsSatisfied True ControlsSatisfied")
	w.wantStreams(1)

	w.delete(w.scope())
	for _, o := range all {
		w.want(o, waiting...)
	}
	w.want(control, "result Unknown", "Satisfied Unknown ScopeNotFound", "no widgets")
	w.want(cycle, "ControlsSatisfied Unknown ScopeNotFound", "AuditReady Unknown ScopeNotFound")
	w.wantStreams(0)
	w.settle()

	w.create(w.scope())
	w.want(control, "Satisfied True Satisfied", "no Reconciling")
	w.wantStreams(1)
}

func TestDeletedControlIsForgotten(t *testing.T) {
	w := newWorld(t)
	w.serveWidgets()
	shop := w.namespace("shop")
	w.createWidget(shop, "one", false)
	w.create(somePod(shop, "web", "yes"))
	cycle, scope := w.cycle(), w.scope()
	good, bad := w.control("A.8.9", approved()), w.control("A.8.22", w.widgetsOK(isms.QuantifierEvery))
	w.create(scope, cycle, good, bad)
	w.want(good, "Satisfied True Satisfied")
	w.want(bad, "Satisfied False ObjectsFailed")
	w.wantCount(cycle, "1/2")
	w.want(cycle, "ControlsSatisfied False ControlsNotSatisfied")
	w.wantStreams(1)

	w.delete(bad)
	w.wantCount(cycle, "1/1")
	w.want(cycle, "ControlsSatisfied True ControlsSatisfied")
	w.wantStreams(0)
	w.eventually(func() string {
		return cmp.Diff(0, len(w.operator.engine.Snapshot(client.ObjectKeyFromObject(bad))))
	})
	w.create(w.control("A.8.22", w.widgetsOK(isms.QuantifierEvery)))
	w.wantCount(cycle, "1/2")
	w.wantStreams(1)
}

// wantCount waits until the cycle counts its controls so.
func (w *world) wantCount(cycle *isms.AuditCycle, want string) {
	w.Helper()
	w.eventually(func() string {
		w.refresh(cycle)
		if cycle.Status.Controls == nil {
			return "no counts yet"
		}
		return cmp.Diff(want, cycle.Status.Controls.SatisfiedOfApplicable)
	})
}

// forgets notes what the engine is told to forget.
type forgets struct {
	controllers.Evidence
	keys []types.NamespacedName
}

func (f *forgets) RemoveControl(key types.NamespacedName) { f.keys = append(f.keys, key) }
func (f *forgets) RemoveScope(key types.NamespacedName)   { f.keys = append(f.keys, key) }

// TestWhatIsGoneIsForgottenByWhoMadeItKnown: a reconcile that was under way while an object was deleted may have told
// the engine of it after the feed had it forgotten; the reconcile that follows the deletion mends that.
func TestWhatIsGoneIsForgottenByWhoMadeItKnown(t *testing.T) {
	w := newWorldWithoutOperator(t)
	seen := &forgets{}
	key := types.NamespacedName{Namespace: w.home, Name: "gone"}
	if _, err := (&controllers.ControlReconciler{Client: w.client, Evidence: seen}).Reconcile(ctx, ctrl.Request{NamespacedName: key}); err != nil {
		t.Error(err)
	}
	if _, err := (&controllers.ISMSScopeReconciler{Client: w.client, Evidence: seen}).Reconcile(ctx, ctrl.Request{NamespacedName: key}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]types.NamespacedName{key, key}, seen.keys); diff != "" {
		t.Error(diff)
	}
}
