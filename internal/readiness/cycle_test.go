// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

func cycle(changes ...func(*isms.AuditCycle)) *isms.AuditCycle {
	c := &isms.AuditCycle{
		ObjectMeta: metav1.ObjectMeta{Name: "acme-2026", Generation: 4},
		Spec:       isms.AuditCycleSpec{ScopeRef: isms.LocalRef{Name: "acme"}, Origin: isms.OriginInitial},
	}
	for _, change := range changes {
		change(c)
	}
	return c
}

func grace(days int32) func(*isms.AuditCycle) {
	return func(c *isms.AuditCycle) { c.Spec.DeviationGraceDays = &days }
}

// cycleInput is a cycle whose scope was assessed, with the given controls.
func cycleInput(c *isms.AuditCycle, controls ...isms.Control) CycleInput {
	in := scopeInput()
	in.Scope.Status = Scope(in).Status
	return CycleInput{Cycle: c, Scope: in.Scope, Controls: controls, Now: now}
}

func assessCycle(t *testing.T, in CycleInput) CycleOutcome {
	t.Helper()
	out := Cycle(in)
	wanted := append(append([]string{isms.ConditionAuditReady}, cycleConditions...), summaryConditions...)
	for _, problem := range conditions.Violations(out.Status.Conditions, in.Cycle.Generation, wanted...) {
		t.Errorf("conditions: %s", problem)
	}
	return out
}

// TestControlGates is about the two gates that rest on the controls.
func TestControlGates(t *testing.T) {
	fails := func(since time.Duration) func(*isms.Control) {
		return satisfied(metav1.ConditionFalse, isms.ReasonObjectsFailed, since)
	}
	const hour, days = time.Hour, 24 * time.Hour
	for name, tc := range map[string]struct {
		cycle                  *isms.AuditCycle
		controls               []isms.Control
		implemented, satisfied string
		says                   string
		counts                 isms.CycleControls
		again                  time.Time
	}{
		"all satisfied": {
			cycle(),
			[]isms.Control{control("A.5.1"), control("A.5.2", excluded)},
			"True ControlsImplemented", "True ControlsSatisfied", "",
			isms.CycleControls{Applicable: 1, Satisfied: 1, SatisfiedOfApplicable: "1/1"},
			time.Time{},
		},
		"no controls": {
			cycle(),
			[]isms.Control{control("A.5.1", elsewhere), control("A.5.2", excluded)},
			"Unknown NothingDeclared", "Unknown NothingDeclared", "The scope has no applicable control.",
			isms.CycleControls{SatisfiedOfApplicable: "0/0"},
			time.Time{},
		},
		"not implemented blocks at once": {
			cycle(),
			[]isms.Control{control("A.5.10", notImplemented), control("A.5.9", notImplemented), control("A.5.1")},
			"False ControlsNotImplemented", "False ControlsNotSatisfied",
			"Not satisfied: A.5.9 (NotImplemented), A.5.10 (NotImplemented).",
			isms.CycleControls{Applicable: 3, Satisfied: 1, Blocking: 2, SatisfiedOfApplicable: "1/3"},
			time.Time{},
		},
		"a failure within the grace days": {
			cycle(),
			[]isms.Control{control("A.8.22", fails(hour))},
			"True ControlsImplemented", "True DeviationsWithinGrace", "Within the grace days: A.8.22 (ObjectsFailed).",
			isms.CycleControls{Applicable: 1, WithinGrace: 1, SatisfiedOfApplicable: "0/1"},
			now.Add(7*days - hour),
		},
		"a failure whose grace days are over": {
			cycle(),
			[]isms.Control{control("A.8.22", fails(7*days))},
			"True ControlsImplemented", "False ControlsNotSatisfied", "Not satisfied: A.8.22 (ObjectsFailed).",
			isms.CycleControls{Applicable: 1, Blocking: 1, SatisfiedOfApplicable: "0/1"},
			time.Time{},
		},
		"no grace": {
			cycle(grace(0)),
			[]isms.Control{control("A.8.22", fails(0))},
			"True ControlsImplemented", "False ControlsNotSatisfied", "Not satisfied: A.8.22 (ObjectsFailed).",
			isms.CycleControls{Applicable: 1, Blocking: 1, SatisfiedOfApplicable: "0/1"},
			time.Time{},
		},
		"the cycle's own grace": {
			cycle(grace(2)),
			[]isms.Control{control("A.8.22", fails(hour))},
			"True ControlsImplemented", "True DeviationsWithinGrace", "Within the grace days: A.8.22 (ObjectsFailed).",
			isms.CycleControls{Applicable: 1, WithinGrace: 1, SatisfiedOfApplicable: "0/1"},
			now.Add(2*days - hour),
		},
		"Unknown blocks at once": {
			cycle(),
			[]isms.Control{control("A.8.22", satisfied(metav1.ConditionUnknown, isms.ReasonNotSynced, 0)), control("A.5.1", fails(hour))},
			"True ControlsImplemented", "Unknown ControlsUnknown", "Not known: A.8.22 (NotSynced). Within the grace days: A.5.1 (ObjectsFailed).",
			isms.CycleControls{Applicable: 2, WithinGrace: 1, Unknown: 1, SatisfiedOfApplicable: "0/2"},
			now.Add(7*days - hour),
		},
		"not assessed yet": {
			cycle(),
			[]isms.Control{control("A.8.22", func(c *isms.Control) { c.Status = isms.ControlStatus{} })},
			"True ControlsImplemented", "Unknown ControlsUnknown", "Not known: A.8.22 (NotYetAssessed).",
			isms.CycleControls{Applicable: 1, Unknown: 1, SatisfiedOfApplicable: "0/1"},
			time.Time{},
		},
		"False beats Unknown": {
			cycle(grace(0)),
			[]isms.Control{control("A.5.1", satisfied(metav1.ConditionUnknown, isms.ReasonNoMatch, 0)), control("A.5.2", fails(0))},
			"True ControlsImplemented", "False ControlsNotSatisfied", "Not satisfied: A.5.2 (ObjectsFailed). Not known: A.5.1 (NoMatch).",
			isms.CycleControls{Applicable: 2, Blocking: 1, Unknown: 1, SatisfiedOfApplicable: "0/2"},
			time.Time{},
		},
		"at most three names": {
			cycle(grace(0)),
			[]isms.Control{
				control("A.5.12", fails(0)), control("A.5.3", fails(0)), control("A.5.2", fails(0)), control("A.5.1", fails(0)), control("A.5.4", fails(0)),
			},
			"True ControlsImplemented", "False ControlsNotSatisfied",
			"Not satisfied: A.5.1 (ObjectsFailed), A.5.2 (ObjectsFailed), A.5.3 (ObjectsFailed) and 2 more.",
			isms.CycleControls{Applicable: 5, Blocking: 5, SatisfiedOfApplicable: "0/5"},
			time.Time{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := assessCycle(t, cycleInput(tc.cycle, tc.controls...))
			list := out.Status.Conditions
			if got := state(list, isms.ConditionControlsImplemented); got != tc.implemented {
				t.Errorf("ControlsImplemented: got %s, want %s", got, tc.implemented)
			}
			if got := state(list, isms.ConditionControlsSatisfied); got != tc.satisfied {
				t.Errorf("ControlsSatisfied: got %s, want %s", got, tc.satisfied)
			}
			if got := message(list, isms.ConditionControlsSatisfied); got != tc.says {
				t.Errorf("ControlsSatisfied says %q, want %q", got, tc.says)
			}
			if diff := cmp.Diff(&tc.counts, out.Status.Controls); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			if !out.RequeueAt.Equal(tc.again) {
				t.Errorf("looks again at %s, want %s", out.RequeueAt, tc.again)
			}
		})
	}
}

// TestGatesOfTheScopeAreTakenOver word for word.
func TestGatesOfTheScopeAreTakenOver(t *testing.T) {
	in := cycleInput(cycle(), control("A.8.22"))
	out := assessCycle(t, in)
	for _, gate := range scopeConditions {
		want, got := conditions.Get(in.Scope.Status.Conditions, gate), conditions.Get(out.Status.Conditions, gate)
		if want.Status != got.Status || want.Reason != got.Reason || want.Message != got.Message {
			t.Errorf("%s: the scope says %+v, the cycle %+v", gate, want, got)
		}
	}
	if !out.Status.HeartbeatTime.Time.Equal(now) {
		t.Errorf("heartbeat %s", out.Status.HeartbeatTime)
	}
}

func TestCycleObstacles(t *testing.T) {
	rival := func(changes ...func(*isms.AuditCycle)) []isms.AuditCycle {
		return []isms.AuditCycle{*cycle(append([]func(*isms.AuditCycle){func(c *isms.AuditCycle) { c.Name = "rival" }}, changes...)...)}
	}
	follows := func(name isms.ObjectName) func(*isms.AuditCycle) {
		return func(c *isms.AuditCycle) { c.Spec.PreviousCycleRef = &isms.LocalRef{Name: name} }
	}
	withdrawn := func(c *isms.AuditCycle) {
		c.Spec.Certificate = &isms.Certificate{EffectiveOn: "2024-01-01", ExpiresOn: "2027-01-01", Events: []isms.CertificateEvent{
			{Type: isms.CertificateGranted, DecidedOn: "2024-01-01"}, {Type: isms.CertificateWithdrawn, DecidedOn: "2025-01-01"},
		}}
	}
	for name, tc := range map[string]struct {
		change                           func(*CycleInput)
		ready, stalled, reconciling, all string
	}{
		"no scope":                {func(in *CycleInput) { in.Scope = nil }, "Unknown ScopeNotFound", "absent", "True ScopeNotFound", "Unknown ScopeNotFound"},
		"suspended":               {func(in *CycleInput) { in.Cycle.Annotations = map[string]string{assess.SuspendAnnotation: "true"} }, "True Suspended", "absent", "absent", "Unknown Suspended"},
		"a second live cycle":     {func(in *CycleInput) { in.Others = rival() }, "False CycleOverlap", "True CycleOverlap", "absent", "Unknown CycleOverlap"},
		"itself among the others": {func(in *CycleInput) { in.Others = []isms.AuditCycle{*in.Cycle} }, "True Assessed", "absent", "absent", "False Blocked"},
		"another scope's cycle": {func(in *CycleInput) {
			in.Others = rival(func(c *isms.AuditCycle) { c.Spec.ScopeRef.Name = "other" })
		}, "True Assessed", "absent", "absent", "False Blocked"},
		"it follows the other": {func(in *CycleInput) {
			follows("rival")(in.Cycle)
			in.Others = rival()
		}, "True Assessed", "absent", "absent", "False Blocked"},
		"the other follows it": {func(in *CycleInput) { in.Others = rival(follows("acme-2026")) }, "True Assessed", "absent", "absent", "False Blocked"},
		"the other has ended":  {func(in *CycleInput) { in.Others = rival(withdrawn) }, "True Assessed", "absent", "absent", "False Blocked"},
		"it names itself as previous": {func(in *CycleInput) {
			follows("acme-2026")(in.Cycle)
			in.Others = rival()
		}, "False CycleOverlap", "True CycleOverlap", "absent", "Unknown CycleOverlap"},
	} {
		t.Run(name, func(t *testing.T) {
			in := cycleInput(cycle(), control("A.8.22"))
			tc.change(&in)
			list := assessCycle(t, in).Status.Conditions
			got := []string{
				state(list, isms.ConditionReady), state(list, isms.ConditionStalled), state(list, isms.ConditionReconciling),
				state(list, isms.ConditionAuditReady),
			}
			if diff := cmp.Diff([]string{tc.ready, tc.stalled, tc.reconciling, tc.all}, got); diff != "" {
				t.Errorf("Ready, Stalled, Reconciling, AuditReady (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDriftReachesTheCycle: the event and the message carry the control's id.
func TestDriftReachesTheCycle(t *testing.T) {
	in := cycleInput(cycle(grace(0)), control("A.8.22"))
	first := assessCycle(t, in)
	in.Cycle.Status = first.Status
	in.Controls = []isms.Control{control("A.8.22", satisfied(metav1.ConditionFalse, isms.ReasonObjectsFailed, 0))}
	second := assessCycle(t, in)
	want := []assess.Event{
		{Type: assess.EventWarning, Reason: isms.ReasonControlsNotSatisfied, Message: "ControlsSatisfied is False: Not satisfied: A.8.22 (ObjectsFailed)."},
	}
	if diff := cmp.Diff(want, second.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	in.Cycle.Status = second.Status
	third := assessCycle(t, in)
	if diff := cmp.Diff(second.Status, third.Status); diff != "" || len(third.Events) > 0 {
		t.Errorf("a second look changed something: %v\n%s", third.Events, diff)
	}
}

// TestCycleRequeueAt: nothing changes before the moment that an outcome names.
func TestCycleRequeueAt(t *testing.T) {
	date := rapid.Custom(func(t *rapid.T) isms.Date {
		return isms.NewDate(now.AddDate(0, 0, rapid.IntRange(-20, 20).Draw(t, "days from today")))
	})
	rapid.Check(t, func(t *rapid.T) {
		c := cycle(grace(rapid.Int32Range(0, 10).Draw(t, "grace")))
		c.Spec.TimeZone = rapid.SampledFrom([]string{"", "Asia/Tokyo", "America/Los_Angeles"}).Draw(t, "zone")
		if rapid.Bool().Draw(t, "certified") {
			c.Spec.Certificate = &isms.Certificate{EffectiveOn: date.Draw(t, "effective"), ExpiresOn: date.Draw(t, "expires"), Events: []isms.CertificateEvent{
				{Type: isms.CertificateGranted, DecidedOn: date.Draw(t, "granted")}, {Type: isms.CertificateSuspended, DecidedOn: date.Draw(t, "suspended")},
			}}
		}
		if rapid.Bool().Draw(t, "audited") {
			c.Spec.Audits = []isms.Audit{{
				Name: "s1", Type: isms.AuditStage1, PlannedOn: date.Draw(t, "planned"), FirstDayOn: date.Draw(t, "first day"),
				LastDayOn: date.Draw(t, "last day"), Outcome: isms.OutcomeReadyForStage2,
			}}
		}
		since := time.Duration(rapid.IntRange(0, 10*24*3600).Draw(t, "failing for seconds")) * time.Second
		in := cycleInput(c, control("A.8.22", satisfied(metav1.ConditionFalse, isms.ReasonObjectsFailed, since)))
		start := Cycle(in)
		end := start.RequeueAt
		if end.IsZero() {
			end = now.AddDate(1, 0, 0)
		}
		for _, at := range []time.Time{now.Add(time.Second), now.Add(end.Sub(now) / 2), end.Add(-1)} {
			in.Now = at
			later := Cycle(in)
			for i := range later.Status.Conditions {
				later.Status.Conditions[i].LastTransitionTime = start.Status.Conditions[i].LastTransitionTime
			}
			if diff := cmp.Diff(start.Status, later.Status); diff != "" {
				t.Fatalf("changed at %s, but the outcome named %s:\n%s", at, start.RequeueAt, diff)
			}
		}
	})
}
