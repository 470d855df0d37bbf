// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// smallISMS is an ISMS with evidence of every sort, good and bad, and what it is about.
func (w *world) smallISMS() (scope *isms.ISMSScope, cycle *isms.AuditCycle) {
	w.Helper()
	shop, billing := w.namespace("shop"), w.namespace("billing")
	w.create(somePod(shop, "web", "yes"), somePod(billing, "ledger", "no"))
	scope, cycle = w.scope(), w.cycle()
	mixed := w.control("A.8.9", approved(),
		item("one-each", isms.ResourceRule{APIVersion: "v1", Kind: "Pod", Quantifier: isms.QuantifierAnyPerNamespace, Expect: "true"}),
		item("few", isms.ResourceRule{APIVersion: "v1", Kind: "Pod", Quantifier: isms.QuantifierSet, Expect: "size(objects) < 100"}),
		item("old", isms.ResourceRule{
			APIVersion: "v1", Kind: "Pod", Quantifier: isms.QuantifierNone,
			Expect: `now - timestamp(object.metadata.creationTimestamp) > duration("87600h")`,
		}),
		item("absent", isms.ResourceRule{APIVersion: "example.org/v1", Kind: "Absent", Quantifier: isms.QuantifierEvery, Expect: "object.spec.ok"}))
	mixed.Spec.Exceptions = []isms.Exception{w.exception("ledger", "approved", isms.ExceptionObject{Namespace: isms.NamespaceName(billing)})}
	w.create(scope, cycle, mixed, w.excluded("A.7.1"), w.control("A.8.22", approved()),
		w.control("A.5.1", isms.EvidenceItem{Name: "policy", Document: &isms.DocumentEvidence{Type: "Policy"}}),
		w.control("A.6.3", isms.EvidenceItem{Name: "training", Attestation: &isms.AttestationEvidence{Type: "Training", EveryDays: 365}}),
		w.control("A.5.2", isms.EvidenceItem{Name: "missing", Document: &isms.DocumentEvidence{Type: "Missing"}}),
		w.document("policy", "Policy", w.day(-1), 365), w.attestation("training", "Training", w.day(-1)))
	w.want(scope, "BoundaryComplete True AllNamespacesAccounted")
	w.want(mixed, "Satisfied Unknown KindNotServed", "approved Pass ObjectsPassed", "one-each Pass ObjectsPassed", "few Pass ObjectsPassed", "old Pass ObjectsPassed")
	w.want(w.control("A.8.22"), "Satisfied False ObjectsFailed")
	w.want(w.control("A.5.1"), "Effective Unknown PartialEvidence")
	w.want(cycle, "AuditReady False Blocked")
	w.eventually(func() string {
		w.refresh(cycle)
		if cycle.Status.HeartbeatTime == nil {
			return "no heartbeat yet"
		}
		return ""
	})
	return scope, cycle
}

func TestRestartWritesNothing(t *testing.T) {
	w := newLoneWorld(t)
	w.smallISMS()
	before := w.settle()
	w.stop()
	w.start()
	w.awaitSynced()
	if diff := cmp.Diff(before, w.settle()); diff != "" {
		t.Errorf("a restart with nothing changed has written (-before +after):\n%s", diff)
	}
}

// awaitSynced waits until the engine has judged every rule of the scope.
func (w *world) awaitSynced() {
	w.Helper()
	w.eventually(func() string {
		if !w.operator.engine.Synced(client.ObjectKey{Namespace: w.home, Name: scopeName}, time.Hour) {
			return "the engine has not synced"
		}
		return ""
	})
}

func TestHeartbeatIsAllThatMoves(t *testing.T) {
	w := newLoneWorld(t)
	scope, cycle := w.smallISMS()
	before := w.settle()
	w.refresh(scope)
	beat := scope.Status.HeartbeatTime
	if !beat.Equal(cycle.Status.HeartbeatTime) {
		t.Errorf("heartbeat of the scope %v, of the cycle %v", beat, cycle.Status.HeartbeatTime)
	}
	w.stop()
	w.clock.Step(readiness.HeartbeatEvery)
	w.start()
	w.eventually(func() string {
		w.refresh(cycle)
		if !beat.Before(cycle.Status.HeartbeatTime) {
			return "the cycle's heartbeat has not moved"
		}
		return ""
	})
	after := w.settle()
	var moved []string
	for key, version := range after {
		if before[key] != version {
			moved = append(moved, key)
		}
	}
	slices.Sort(moved)
	if diff := cmp.Diff([]string{"*v1alpha1.AuditCycle acme-2026", "*v1alpha1.ISMSScope acme"}, moved); diff != "" {
		t.Errorf("written besides the heartbeat (-want +got):\n%s", diff)
	}
}

// TestChurnThatFlipsNothing changes many objects in ways that no verdict and no count depends on.
func TestChurnThatFlipsNothing(t *testing.T) {
	w := newLoneWorld(t)
	w.smallISMS()
	outside := w.home + "-outside"
	w.create(namespaceWithout(outside))
	before := w.settle()
	for i := range 60 {
		w.merge(somePod(w.home+"-shop", "web", ""), fmt.Sprintf(`{"metadata":{"annotations":{"round":"%d"}}}`, i))
		pod := somePod(outside, fmt.Sprintf("pod-%d", i%5), "no")
		if i < 5 {
			w.create(pod)
		} else {
			w.merge(pod, fmt.Sprintf(`{"metadata":{"labels":{"round":"%d"}}}`, i))
		}
	}
	w.merge(namespaceWithout(outside), `{"metadata":{"labels":{"team":"other"}}}`)
	if diff := cmp.Diff(before, w.settle()); diff != "" {
		t.Errorf("written though nothing has flipped (-before +after):\n%s", diff)
	}
}

// TestCountsAloneAreGathered: objects that come without turning a verdict are counted, a few writes for all of them.
func TestCountsAloneAreGathered(t *testing.T) {
	w := newWorld(t)
	shop := w.namespace("shop")
	w.create(somePod(shop, "web", "yes"))
	control := w.control("A.8.22", approved())
	w.create(w.scope(), control)
	w.want(control, "Satisfied True Satisfied")
	w.settle()
	w.refresh(control)
	transition := conditionsOf(control)
	for i := range 40 {
		w.create(somePod(shop, fmt.Sprintf("web-%d", i), "yes"))
	}
	w.eventually(func() string {
		w.refresh(control)
		return cmp.Diff(int32(41), control.Status.Evidence[0].Subjects)
	})
	if diff := cmp.Diff(transition, conditionsOf(control)); diff != "" {
		t.Errorf("counts alone have changed conditions:\n%s", diff)
	}
}

// namespaceWithout is a namespace that is in no scope.
func namespaceWithout(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}
