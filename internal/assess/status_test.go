// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
)

func TestHold(t *testing.T) {
	beat := func(age time.Duration) *metav1.Time { b := metav1.NewTime(now.Add(-age)); return &b }
	for name, tc := range map[string]struct {
		change func(*input)
		hold   bool
		until  time.Time
	}{
		"not synced, young heartbeat":           {func(in *input) {}, true, now.Add(6 * time.Minute)},
		"an item that the engine does not know": {func(in *input) { delete(in.Evidence, "r") }, true, now.Add(6 * time.Minute)},
		"the engine has been listing for long":  {func(in *input) { in.UnsyncedSince = now.Add(-9 * time.Minute) }, true, now.Add(time.Minute)},
		"it has been listing for too long":      {func(in *input) { in.UnsyncedSince = now.Add(-HoldFor) }, false, time.Time{}},
		"old heartbeat":                         {func(in *input) { in.Scope.Status.HeartbeatTime = beat(HoldFor) }, false, time.Time{}},
		"no heartbeat":                          {func(in *input) { in.Scope.Status.HeartbeatTime = nil }, false, time.Time{}},
		"no earlier status":                     {func(in *input) { in.Control.Status = isms.ControlStatus{} }, false, time.Time{}},
		"another reason":                        {func(in *input) { in.snapshot("r", tally.Snapshot{Unavailable: isms.ReasonKindNotServed}) }, false, time.Time{}},
		"another rule has lost its right":       {func(in *input) { in.snapshot("s", tally.Snapshot{Unavailable: isms.ReasonAccessDenied}) }, false, time.Time{}},
		"another rule never had its right":      {func(in *input) { in.snapshot("t", tally.Snapshot{Unavailable: isms.ReasonAccessDenied}) }, true, now.Add(6 * time.Minute)},
		"a duplicate is no matter of listing":   {func(in *input) { in.Duplicates = []string{"x"} }, false, time.Time{}},
		"no scope":                              {func(in *input) { in.Scope = nil }, false, time.Time{}},
	} {
		in := control(rule("r", isms.QuantifierEvery), rule("s", isms.QuantifierEvery), rule("t", isms.QuantifierEvery)).
			counts("r", passing).counts("s", passing).snapshot("t", tally.Snapshot{Unavailable: isms.ReasonAccessDenied})
		in = in.again(in.assess(t)).snapshot("r", tally.Snapshot{Unavailable: isms.ReasonNotSynced})
		in.Scope.Status.HeartbeatTime = beat(4 * time.Minute)
		tc.change(in)
		out := in.assess(t)
		if out.Hold != tc.hold || !out.RequeueAt.Equal(tc.until) {
			t.Errorf("%s: hold %v until %s, want %v until %s", name, out.Hold, out.RequeueAt, tc.hold, tc.until)
		}
		if out.Hold {
			if diff := cmp.Diff(in.Control.Status, out.Status); diff != "" {
				t.Errorf("%s: held, but changed:\n%s", name, diff)
			}
		}
	}
}

// TestNothingChanges: the same input once more gives the same status, a moment later too.
func TestNothingChanges(t *testing.T) {
	in := control(rule("r", isms.QuantifierEvery), wantsDocument("d", "Policy"), wantsAttestation("a", "Review", 92, 14)).
		counts("r", failing).documents(policy("p", "2026-06-01")).attestations(attested("x", "Review", "2026-10-01"))
	first := in.assess(t)
	second := in.again(first).at(now.Add(time.Hour)).assess(t)
	if diff := cmp.Diff(first.Status, second.Status); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
	if len(second.Events) != 0 {
		t.Errorf("events without a transition: %+v", second.Events)
	}
}

func TestTransitions(t *testing.T) {
	in := control(rule("r", isms.QuantifierEvery)).counts("r", passing)
	first := in.assess(t)
	if len(first.Events) != 0 {
		t.Errorf("first assessment: %+v", first.Events)
	}
	in = in.again(first).counts("r", failing).at(now.Add(time.Hour))
	second := in.assess(t)
	message := "Satisfied is False: r: The expression does not hold for shop."
	if diff := cmp.Diff([]Event{{Type: EventWarning, Reason: isms.ReasonObjectsFailed, Message: message}}, second.Events); diff != "" {
		t.Errorf("pass to fail (-want +got):\n%s", diff)
	}
	if got := second.Status.Evidence[0].LastTransitionTime.Time; !got.Equal(now.Add(time.Hour)) {
		t.Errorf("transition of the item at %s", got)
	}
	if o := second.Status.Operation; o.EffectiveSince != nil || !o.ObservedSince.Time.Equal(now) {
		t.Errorf("operation: %+v", o)
	}
	third := in.again(second).counts("r", passing).at(now.Add(2 * time.Hour)).assess(t)
	want := []Event{{Type: EventNormal, Reason: isms.ReasonSatisfied, Message: "Satisfied is True: 1 passing item, of which 0 rest on declarations."}}
	if diff := cmp.Diff(want, third.Events); diff != "" {
		t.Errorf("fail to pass (-want +got):\n%s", diff)
	}
	if o := third.Status.Operation; !o.EffectiveSince.Time.Equal(now.Add(2*time.Hour)) || !o.ObservedSince.Time.Equal(now) {
		t.Errorf("operation: %+v", o)
	}
}

func TestFirstAssessmentTellsOfFailures(t *testing.T) {
	out := control(rule("r", isms.QuantifierEvery)).counts("r", failing).assess(t)
	if len(out.Events) != 1 || out.Events[0].Reason != isms.ReasonObjectsFailed {
		t.Errorf("events: %+v", out.Events)
	}
}

func TestExcludedControlStillShowsItsEvidence(t *testing.T) {
	in := control(rule("r", isms.QuantifierEvery)).counts("r", failing).
		edit(func(c *isms.Control) { c.Spec.Applicability.Decision = isms.DecisionExcluded })
	out := in.assess(t)
	if out.Status.Result != isms.ResultExcluded || out.Status.Evidence[0].Result != isms.EvidenceFail {
		t.Errorf("result %s, evidence %+v", out.Status.Result, out.Status.Evidence)
	}
}

func TestTitleOfAnotherSource(t *testing.T) {
	in := control().edit(func(c *isms.Control) { c.Spec.Source, c.Spec.ID, c.Spec.Title = isms.SourceOther, "X-1", "House rule" })
	if s := in.assess(t).Status; s.Title != "House rule" || s.Theme != "" {
		t.Errorf("title %q, theme %q", s.Title, s.Theme)
	}
}
