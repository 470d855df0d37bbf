// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/controllers"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
	"github.com/isms-operator/isms-operator/internal/operation"
	"github.com/isms-operator/isms-operator/internal/tally"
)

func (w *world) logs() []isms.EvidenceLog {
	w.Helper()
	var list isms.EvidenceLogList
	if err := w.client.List(ctx, &list, client.InNamespace(w.home)); err != nil {
		w.Fatal(err)
	}
	return list.Items
}

// told are the entries of a series that are no verdicts and no checkpoints.
func (w *world) told(id string) []isms.LogEntry {
	w.Helper()
	var entries []isms.LogEntry
	for _, log := range w.logs() {
		for _, e := range log.Spec.Entries {
			if string(log.Spec.ControlID) == id && e.Type != isms.LogEvidenceChanged && e.Type != isms.LogCheckpoint {
				entries = append(entries, e)
			}
		}
	}
	return entries
}

// wantTold waits until a series has entries of a type, as item and reason, or state of a record, and no others of it.
func (w *world) wantTold(id string, of isms.LogEntryType, want ...string) {
	w.Helper()
	w.eventually(func() string {
		var got []string
		for _, e := range w.told(id) {
			if e.Type != of {
				continue
			}
			line := strings.TrimSpace(e.Item + " " + e.Reason)
			if e.Record != nil {
				line += " " + e.Record.State
			}
			got = append(got, line)
		}
		if !slices.Equal(got, want) {
			return fmt.Sprintf("%s of %q are %q, want %q", of, id, got, want)
		}
		return ""
	})
}

// book is what the logs say of the scope.
func (w *world) book() *operation.Book {
	w.Helper()
	return operation.BookOf(ledger.Scope{Namespace: w.home, Name: scopeName}, w.logs())
}

// TestGreenByEditingIsVisible: a control that becomes green because something else is asked of it has that in its log,
// with the text of what was asked before and after, each once, ahead of the verdict.
func TestGreenByEditingIsVisible(t *testing.T) {
	w := newWorld(t)
	shop := w.namespace("shop")
	w.create(somePod(shop, "web", "no"))
	scope, control := w.scope(), w.control("A.8.22", approved())
	w.create(scope, control)
	w.want(control, "result Ineffective")
	w.wantTold("A.8.22", isms.LogCriteriaChanged, "Control Recorded", "approved Recorded")
	if on := control.Status.Operation; on == nil || on.CriteriaChangedOn != "" || on.ObservedSince == nil || on.EffectiveSince != nil {
		t.Errorf("the operation of a control that nobody has edited is %+v", on)
	}
	const lax = `object.metadata.name != ""`
	strict := control.Spec.Evidence[0].Resources.Expect
	w.clock.Step(2 * time.Minute)
	w.edit(control, func() { control.Spec.Evidence[0].Resources.Expect = lax })
	w.want(control, "result Effective")
	w.wantTold("A.8.22", isms.LogCriteriaChanged, "Control Recorded", "approved Recorded", "approved Edited")
	w.eventually(func() string {
		w.refresh(control)
		if on := control.Status.Operation; on.CriteriaChangedOn != w.day(0) || on.EffectiveSince == nil {
			return fmt.Sprintf("the operation of the edited control is %+v", on)
		}
		return ""
	})
	w.clock.Step(2 * time.Minute)
	w.edit(control, func() { control.Spec.Evidence[0].Resources.Expect = strict })
	w.want(control, "result Ineffective")
	w.wantTold("A.8.22", isms.LogCriteriaChanged, "Control Recorded", "approved Recorded", "approved Edited", "approved Edited")

	var texts []string
	digests := map[string]isms.Digest{}
	for _, e := range w.told("A.8.22") {
		if e.Type == isms.LogCriteriaChanged && e.Item == "approved" {
			digests["now"] = e.CriteriaDigest
			if e.Criteria != "" {
				texts = append(texts, e.Criteria)
			}
		}
	}
	if len(texts) != 2 || !strings.Contains(texts[0], "approved") || !strings.Contains(texts[1], "object.metadata.name") {
		t.Errorf("the texts of what was asked are %q", texts)
	}
	w.eventually(func() string {
		for _, log := range w.logs() {
			for _, e := range slices.Backward(log.Spec.Entries) {
				if e.Type != isms.LogEvidenceChanged {
					continue
				}
				if since := w.book().Since("A.8.22"); e.CriteriaDigest == digests["now"] && since.Effective.IsZero() {
					return ""
				}
				return fmt.Sprintf("the last verdict is %+v", e)
			}
		}
		return "there is no verdict"
	})

	// What is asked through the scope is told as well: the account in the control's series too.
	w.wantTold("", isms.LogNamespaceEntered, shop)
	w.clock.Step(2 * time.Minute)
	w.merge(scope, `{"spec":{"evidence":{"serviceAccountName":"other"}}}`)
	w.wantTold("", isms.LogCriteriaChanged, "Evidence Recorded", "Evidence Edited")
	w.wantTold("A.8.22", isms.LogCriteriaChanged, "Control Recorded", "approved Recorded", "approved Edited", "approved Edited", "approved Edited")
	w.clock.Step(2 * time.Minute)
	w.delete(control)
	w.eventually(func() string {
		for _, e := range w.told("A.8.22") {
			if e.Item == "approved" && e.Reason == isms.ReasonRemoved {
				return ""
			}
		}
		return "it is not told that nothing is asked any more"
	})
}

// TestRemovedRecordsAreNotForgotten: an attestation that is deleted closes the gate that rested on it, also when another
// one appears under its name; that it is there again, superseded or explained opens it.
func TestRemovedRecordsAreNotForgotten(t *testing.T) {
	w := newWorld(t)
	control := w.control("A.8.20", isms.EvidenceItem{
		Name: "review", Strength: isms.StrengthSubstantial, Attestation: &isms.AttestationEvidence{Type: "FirewallReview", EveryDays: 365},
	})
	failed := w.attestation("q2", "FirewallReview", w.day(-9))
	failed.Spec.Outcome = isms.OutcomeFail
	cycle, again := w.cycle(), failed.DeepCopy()
	w.create(w.scope(), cycle, control, failed, w.attestation("q1", "FirewallReview", w.day(-20)))
	w.want(control, "result Ineffective", "review Fail OutcomeFailed")
	w.wantTold("", isms.LogRecordSeen, "Attestation/q1 Current", "Attestation/q2 OutcomeFailed")

	w.clock.Step(2 * time.Minute)
	w.delete(failed)
	w.want(control, "result Effective")
	w.wantTold("", isms.LogRecordRemoved, "Attestation/q2 OutcomeFailed")
	w.want(cycle, "ControlsSatisfied False RecordRemoved")
	if got := message(cycle, isms.ConditionControlsSatisfied); !strings.Contains(got, "Attestation/q2") {
		t.Errorf("the message does not name what is gone: %q", got)
	}
	passed := w.attestation("q2", "FirewallReview", w.day(-9))
	w.want(cycle, "ControlsSatisfied False RecordRemoved")
	w.clock.Step(2 * time.Minute)
	w.create(passed)
	w.wantTold("", isms.LogRecordSeen, "Attestation/q1 Current", "Attestation/q2 OutcomeFailed", "Attestation/q2 Current")
	w.want(cycle, "ControlsSatisfied False RecordRemoved")
	w.clock.Step(2 * time.Minute)
	w.delete(passed)
	w.create(again)
	w.want(control, "result Ineffective", "review Fail OutcomeFailed")
	w.clock.Step(2 * time.Minute) // it is told when the log has left the record alone for its dwell time
	w.lookAgain(cycle)
	w.want(cycle, "ControlsSatisfied False ControlsNotSatisfied")
	for _, log := range w.logs() {
		for _, e := range log.Spec.Entries {
			if text := fmt.Sprint(e); strings.Contains(text, "Smith") || strings.Contains(text, "Roe") {
				t.Errorf("an entry names a person: %s", text)
			}
		}
	}
}

// TestTimeWithoutAnOperatorIsAGap: what nobody observed is told by the next operator, before the heartbeat moves, and
// coverage falls by it. The control that was found to fail after it does not count as effective in it.
func TestTimeWithoutAnOperatorIsAGap(t *testing.T) {
	w := newWorld(t)
	shop := w.namespace("shop")
	w.create(somePod(shop, "web", "yes"))
	scope, control, cycle := w.scope(), w.control("A.8.22", approved()), w.cycle()
	w.create(scope, control, cycle)
	w.want(control, "result Effective")
	w.wantHeartbeat(scope)
	began := w.clock.Now()
	w.stop()
	w.clock.Step(time.Hour)
	w.approve(shop, "web", "no")
	w.start()
	w.want(control, "result Ineffective")
	w.wantTold("", isms.LogObservationGap, isms.ReasonOperatorDown)
	ended := w.clock.Now()
	var gap isms.LogEntry
	for _, e := range w.told("") {
		if e.Type == isms.LogObservationGap {
			gap = e
		}
	}
	if gap.From.Time.After(scope.Status.HeartbeatTime.Time) || gap.From.Time.Before(w.book().ObservedSince()) || gap.ObservedTime.Sub(gap.From.Time) < time.Hour {
		t.Errorf("the gap is from %s to %s; the last heartbeat was at %s", gap.From, gap.ObservedTime, scope.Status.HeartbeatTime)
	}
	f := w.book().Figures(operation.Span{From: began, To: ended}, ended)
	if f.CoveragePercent > 5 || len(f.Controls) != 1 || f.Controls[0].EffectivePercent > 5 {
		t.Errorf("an hour without an operator, and after it a failure: %+v", f)
	}

	// The days after it are shown by the cycle. The operator sees time jump: that is no observation either.
	w.clock.Step(3 * wholeDay)
	w.lookAgain(scope)
	w.eventually(func() string {
		if n := len(slices.DeleteFunc(w.told(""), func(e isms.LogEntry) bool { return e.Type != isms.LogObservationGap })); n != 2 {
			return fmt.Sprintf("there are %d gaps", n)
		}
		return ""
	})
	w.lookAgain(cycle)
	w.eventually(func() string {
		w.refresh(cycle)
		o := cycle.Status.Operation
		if o == nil || o.To < w.day(-2) || o.CoveragePercent != 0 || o.EffectivePercent != 0 ||
			!slices.Equal(o.BelowThreshold, []isms.ControlID{"A.8.22"}) || o.Anchored != isms.No || o.Signed != isms.No {
			return fmt.Sprintf("the operation is %+v", o)
		}
		return ""
	})
}

// TestScopeMadeAgainIsReadAnew: what was known of a scope that was deleted is not taken for known when it is made again.
// Its log is verified at first sight, and the time in between is told as what it was.
func TestScopeMadeAgainIsReadAnew(t *testing.T) {
	w := newWorld(t)
	shop := w.namespace("shop")
	w.create(somePod(shop, "web", "yes"))
	scope, control := w.scope(), w.control("A.8.22", approved())
	w.create(scope, control)
	w.want(scope, "EvidenceLogIntact True LogVerified")
	w.wantHeartbeat(scope)
	w.delete(scope)
	w.want(control, "Ready Unknown ScopeNotFound")
	w.clock.Step(20 * time.Minute)
	w.eventually(func() string { // the API server keeps whole seconds of when something was made
		if began := w.book().ObservedSince(); !time.Now().Add(-time.Second).After(began) {
			return fmt.Sprintf("the log begins at %s", began)
		}
		return ""
	})
	before := w.clock.Now()
	again := w.scope()
	w.create(again)
	w.want(control, "Ready True Assessed", "result Effective")
	w.wantHeartbeat(again)
	w.wantTold("", isms.LogObservationGap, isms.ReasonScopeRecreated)
	w.eventually(func() string {
		f, _ := w.operator.book.Log.Figures(ledger.Scope{Namespace: w.home, Name: scopeName})
		if f.Verified.Before(before) {
			return fmt.Sprintf("the log was verified at %s, the scope made again at %s", f.Verified, before)
		}
		return ""
	})
}

// wantHeartbeat waits for the first heartbeat of a scope.
func (w *world) wantHeartbeat(scope *isms.ISMSScope) {
	w.Helper()
	w.eventually(func() string {
		if w.refresh(scope); scope.Status.HeartbeatTime == nil {
			return "no heartbeat"
		}
		return ""
	})
}

// handedOver is an engine to which not all Controls were handed over yet, and that knows no reason to wait.
type handedOver struct {
	controllers.Evidence
	missing types.NamespacedName
}

func (*handedOver) SetScope(*isms.ISMSScope)                        {}
func (*handedOver) Synced(types.NamespacedName, time.Duration) bool { return true }
func (*handedOver) Namespaces(types.NamespacedName) tally.Namespaces {
	return tally.Namespaces{InScope: []string{"shop"}}
}
func (h *handedOver) Follows(control types.NamespacedName) bool { return control != h.missing }

// TestHeartbeatWaitsForAllControls: after a start, nothing counts as observed while a Control that is there was not handed
// to the engine, which can't know that it waits for it.
func TestHeartbeatWaitsForAllControls(t *testing.T) {
	w := newIdleWorld(t)
	scope, last := w.scope(), w.control("A.8.22", approved())
	w.create(scope, w.control("A.8.9", approved()), last)
	c, key := w.cached(), client.ObjectKeyFromObject(scope)
	engine := &handedOver{missing: client.ObjectKeyFromObject(last)}
	book := controllers.NewLogbook(c, engine, ledgerstore.Options{Reader: w.client, Writer: c, Version: "0.1.0", Clock: w.clock}, "")
	r := &controllers.ISMSScopeReconciler{
		Client: c, Evidence: engine, Clock: w.clock, Writer: controllers.NewWriter(c, events.NewFakeRecorder(100)), Log: book.Log, Book: book,
	}
	look := func() ctrl.Result {
		t.Helper()
		result, err := r.Reconcile(ctx, ctrl.Request{NamespacedName: key})
		if err != nil {
			t.Fatal(err)
		}
		w.refresh(scope)
		return result
	}
	if again := look().RequeueAfter; scope.Status.HeartbeatTime != nil || len(w.logs()) > 0 || again <= 0 || again > time.Minute {
		t.Errorf("with a Control to come the heartbeat is %s, and the next look is in %s", scope.Status.HeartbeatTime, again)
	}
	engine.missing = types.NamespacedName{}
	w.eventually(func() string {
		if look(); scope.Status.HeartbeatTime == nil {
			return "no heartbeat though all is known"
		}
		return ""
	})
}
