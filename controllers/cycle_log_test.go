// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/controllers"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// beat has the scope looked at, as its requeue does when time goes on by itself, and waits for the heartbeat.
func (w *world) beat(scope *isms.ISMSScope) {
	w.Helper()
	key := client.ObjectKeyFromObject(scope)
	at := w.clock.Now().Truncate(time.Second)
	w.operator.tell(controllers.Change{Scope: key})
	cached := w.operator.manager.GetClient()
	var now isms.ISMSScope
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if err := cached.Get(ctx, key, &now); err != nil {
			w.Fatal(err)
		}
		// One that is younger than its interval is the newest there can be: what was looked at a moment ago may have moved it.
		if beat := now.Status.HeartbeatTime; beat != nil && at.Sub(beat.Time) < readiness.HeartbeatEvery {
			return
		}
		if time.Now().After(deadline) {
			w.Fatalf("no heartbeat at %s, but at %s", at, now.Status.HeartbeatTime)
		}
	}
}

// passes lets time go by until a moment, while the operator observes: its logbook is told so as often as it must be, or it would
// find a gap. The rest, heartbeat, checkpoint and what runs out, comes once a month and at the end, to spare the API server
// 13,000 writes. Time goes on when all of that is done: whoever looked before a jump and wrote after it would see a gap.
func (w *world) passes(scope *isms.ISMSScope, until time.Time) {
	w.Helper()
	const step = 25 * time.Second
	key, month := client.ObjectKeyFromObject(scope), w.clock.Now().Add(30*wholeDay)
	w.settle()
	for w.clock.Now().Before(until) {
		w.goTo(earliest(w.clock.Now().Add(step), until))
		now := w.clock.Now()
		if err := w.operator.book.Pulse(ctx, scope, now); err != nil {
			w.Fatal(err)
		}
		if !now.Before(month) {
			month = now.Add(30 * wholeDay)
			w.lookAgain(scope)
			w.beat(scope)
			w.settle()
		}
	}
	if !w.operator.engine.Synced(key, time.Hour) {
		w.Fatal("the engine has lost what it watches")
	}
	w.beat(scope)
	w.settle()
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// looksAgain has everything looked at that time alone may have changed, as its requeue does, and waits until each cycle has
// been.
func (w *world) looksAgain() {
	w.Helper()
	at := w.clock.Now().Truncate(time.Second)
	for _, o := range w.objects() {
		switch o.(type) {
		case *isms.Risk, *isms.Finding, *isms.ISMSScope, *isms.AuditCycle:
			w.lookAgain(o)
		}
	}
	w.eventually(func() string {
		var cycles isms.AuditCycleList
		if err := w.client.List(ctx, &cycles, client.InNamespace(w.home)); err != nil {
			return err.Error()
		}
		for _, c := range cycles.Items {
			if beat := c.Status.HeartbeatTime; beat == nil || beat.Time.Before(at) || c.Status.ObservedGeneration != c.Generation {
				return c.Name + " was not looked at"
			}
		}
		return ""
	})
	w.settle()
}

// turnTo goes through turns of a cycle, and returns what kubectl prints after each.
func (w *world) turnTo(cycle *isms.AuditCycle, turns []turn) [][]string {
	w.Helper()
	var rows [][]string
	for _, next := range turns {
		w.goTo(noon(w, next.day))
		if next.more != nil {
			next.more(w, cycle)
		}
		w.edit(cycle, func() { next.do(&cycle.Spec) })
		if slices.ContainsFunc(cycle.Spec.InternalAudits, func(a isms.InternalAudit) bool { return a.PerformedOn == next.day }) {
			w.recordsOf(next.day) // with the audit of the year
		}
		w.looksAgain()
		rows = append(rows, w.rows(next.day)...)
	}
	return rows
}

// TestAWholeCycleByTheEvidenceLog: the good path of docs/auditcycle.md with nothing but the operator: every gate of the scope and
// of the cycle is its own word, and that the ISMS operated for 90 days is shown by the log that it wrote meanwhile. One day nobody
// observed, and one day the control failed.
func TestAWholeCycleByTheEvidenceLog(t *testing.T) {
	w := newWorldAt(t, "2026-07-01")
	scope, shop := w.wholeISMS()
	cycle, control := w.certifiable(), w.control("A.8.22")
	cycle.Spec.Gates = nil // the operating period is no advice
	w.create(cycle)
	const name = "The good path"
	turns := chosenDays[name]
	rows := w.turnTo(cycle, turns[:1])
	w.want(cycle, "OperatingPeriodMet False OperatingPeriodTooShort", "Stage2Ready False Blocked")

	w.passes(scope, noon(t, "2026-07-20"))
	w.stop()
	w.goTo(noon(t, "2026-07-21"))
	w.start(inRealTime)
	w.awaitSynced()
	w.passes(scope, noon(t, "2026-08-20"))
	w.want(cycle, "OperatingPeriodMet False OperatingPeriodTooShort")
	w.approve(shop, "web", "no")
	w.want(control, "result Ineffective")
	w.passes(scope, noon(t, "2026-08-21"))
	w.approve(shop, "web", "yes")
	w.want(control, "result Effective")

	w.passes(scope, noon(t, "2026-09-28"))
	w.want(cycle, "OperatingPeriodMet False OperatingPeriodTooShort", "Stage2Ready False Blocked")
	w.passes(scope, noon(t, "2026-09-29"))
	w.want(cycle, "OperatingPeriodMet True OperatingPeriodMet")
	w.wantOperation(cycle, isms.CycleOperation{ // of 90 days 1.6 were not observed, and one more not effective
		From: "2026-07-01", To: "2026-09-28", ObservedFrom: "2026-07-01", CoveragePercent: 98, EffectivePercent: 97,
		Signed: isms.No, Anchored: isms.No,
	})
	w.passes(scope, noon(t, "2026-10-11"))

	rows = append(rows, w.turnTo(cycle, turns[1:2])...)
	w.want(cycle, "OperatingPeriodMet True OperatingPeriodMet", "Stage2Ready True NoKnownBlockers", "AuditReady True NoKnownBlockers")
	w.wantOperation(cycle, isms.CycleOperation{ // and 34 hours in October
		From: "2026-07-15", To: "2026-10-12", ObservedFrom: "2026-07-15", CoveragePercent: 97, EffectivePercent: 96,
		Signed: isms.No, Anchored: isms.No,
	})
	rows = append(rows, w.turnTo(cycle, turns[2:])...)
	for _, row := range rows { // One control applies here, and two in the docs.
		row[6] = strings.Replace(row[6], "1/1", "2/2", 1)
	}
	w.wantInDocs(name, rows)
}

// wantOperation asks what the cycle shows of its operating period.
func (w *world) wantOperation(cycle *isms.AuditCycle, want isms.CycleOperation) {
	w.Helper()
	w.refresh(cycle)
	if diff := cmp.Diff(&want, cycle.Status.Operation); diff != "" {
		w.Errorf("operation (-want +got):\n%s", diff)
	}
}
