// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
)

// usualISMS is an ISMS of the usual size: 93 controls, 40 risks, 25 documents, 60 attestations, 15 findings, some entries
// of registers and a cycle.
func (w *world) usualISMS() (scope *isms.ISMSScope, cycle *isms.AuditCycle, objects []client.Object) {
	scope, cycle = w.scope(byISO27005), w.audited()
	objects = []client.Object{scope, cycle}
	controls := catalogue.Controls()
	for i, c := range controls {
		control := w.control(c.ID, isms.EvidenceItem{
			Name: "review", Strength: isms.StrengthSubstantial,
			Attestation: &isms.AttestationEvidence{Type: isms.TypeName(fmt.Sprintf("Review%d", i%55)), EveryDays: 365},
		})
		if i%20 == 19 {
			control = w.excluded(c.ID)
		}
		objects = append(objects, control)
	}
	for i := range 40 {
		objects = append(objects, w.risk(fmt.Sprintf("risk-%d", i), isms.ControlID(controls[2*i+i/10%2].ID)))
	}
	for i := range 55 {
		objects = append(objects, w.attestation(fmt.Sprintf("review-%d", i), fmt.Sprintf("Review%d", i), w.day(-20)))
	}
	for i := range 5 {
		training := w.attestation(fmt.Sprintf("training-%d", i), "AwarenessTraining", w.day(-100+i))
		training.Spec.Participants = &isms.Participants{Expected: 100, Completed: ptr.To[int32](99)}
		objects = append(objects, training)
	}
	for i := range 15 {
		objects = append(objects, w.finding(fmt.Sprintf("nc-%d", i), controls[6*i].ID, w.day(-30)))
	}
	documents := 0
	for _, d := range catalogue.Documents() {
		if d.Stage == catalogue.Stage1 {
			documents++
			objects = append(objects, w.document(strings.ToLower(d.Type), d.Type, w.day(-30), 365))
		}
	}
	for ; documents < 25; documents++ {
		objects = append(objects, w.document(fmt.Sprintf("policy-%d", documents), fmt.Sprintf("Topic%dPolicy", documents), w.day(-30), 365))
	}
	return scope, cycle, objects
}

// TestUsualISMS: all of it, applied at once, comes to rest, then a pass over everything writes nothing, and
// touching one Risk is looked at by that Risk, its scope and its cycle, and nothing else.
func TestUsualISMS(t *testing.T) {
	w := newLoneWorld(t)
	scope, cycle, objects := w.usualISMS()
	w.create(objects...)
	applied := time.Now()
	w.want(scope, "StatementOfApplicabilityComplete False ExclusionContradicted", "RiskAssessed True RisksAssessed", "AwarenessMaintained True AwarenessMaintained")
	w.want(cycle, "AuditReady False Blocked")
	w.wantHeartbeat(scope)
	before := w.settle()
	t.Logf("%d objects at rest after %s", len(objects), time.Since(applied).Round(100*time.Millisecond))
	w.refresh(scope)
	if n := len(scope.Status.Requirements); n != 30 {
		t.Errorf("%d requirements, want 30", n)
	}

	w.stop()
	w.start()
	w.awaitSynced()
	if diff := cmp.Diff(before, w.settle()); diff != "" {
		t.Errorf("a second pass has written (-before +after):\n%s", diff)
	}

	w.eventually(func() string { // Controls whose log is read after the restart are looked at without a write.
		before := w.looks()
		if time.Sleep(1500 * time.Millisecond); !cmp.Equal(before, w.looks()) {
			return "the operator is still looking"
		}
		return ""
	})
	looked := w.looks()
	touched := w.risk("risk-7")
	w.merge(touched, `{"spec":{"title":"The same risk in other words"}}`)
	w.eventually(func() string {
		w.refresh(touched)
		if touched.Status.ObservedGeneration != touched.Generation {
			return "the Risk is not assessed again"
		}
		return ""
	})
	after := w.settle()
	var who []string
	for controller, n := range w.looks() {
		if n > looked[controller] {
			who = append(who, controller)
		}
	}
	slices.Sort(who)
	if !slices.Contains(who, "risk") || !slices.Contains(who, "ismsscope") {
		t.Errorf("looked at by %v, want at least the Risk and the scope", who)
	}
	may := []string{"auditcycle", "ismsscope", "risk"}
	if time.Since(applied) > 50*time.Second { // a minute after it was first told of evidence, the log looks for what it held back
		may = append(may, "control")
	}
	for _, controller := range who {
		if !slices.Contains(may, controller) {
			t.Errorf("the controller %s has looked as well", controller)
		}
	}
	if n := w.looks()["risk"] - looked["risk"]; n > 3 {
		t.Errorf("%v looks at Risks, want those at the one that was touched", n)
	}
	for key, version := range after {
		if version != before[key] && !strings.HasSuffix(key, " risk-7") {
			t.Errorf("%s is written", key)
		}
	}
}

// looks counts the reconciles of all operators of the process, by controller.
func (w *world) looks() map[string]float64 {
	w.Helper()
	families, err := metrics.Registry.Gather()
	if err != nil {
		w.Fatal(err)
	}
	counts := map[string]float64{}
	for _, f := range families {
		if f.GetName() != "controller_runtime_reconcile_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "controller" {
					counts[l.GetValue()] += m.GetCounter().GetValue()
				}
			}
		}
	}
	if len(counts) == 0 {
		w.Fatal("controller-runtime counts no reconciles")
	}
	return counts
}
