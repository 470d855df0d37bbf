// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"fmt"
	"slices"
	"testing"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestResultOfTheControl: the control as a whole is told with an item that turns together with it, else alone; dampened
// like an item, and again after a restart.
func TestResultOfTheControl(t *testing.T) {
	const good, bad, half = isms.ResultEffective, isms.ResultIneffective, isms.ResultUnknown
	verdict := func(result isms.EvidenceResult, reason string) []Verdict {
		return []Verdict{{Item: "policy", Observation: Observation{Result: result, Reason: reason}}}
	}
	limits := Limits{Dwell: time.Minute, PerHour: 24}
	pass, fail := verdict(isms.EvidencePass, "ObjectsPassed"), verdict(isms.EvidenceFail, "ObjectsFailed")
	var watch Watch
	var told []isms.LogEntry
	for _, step := range []struct {
		at       int
		verdicts []Verdict
		result   isms.ControlResult
		want     []string
		wake     int
	}{
		{0, verdict(isms.EvidenceUnknown, isms.ReasonNotSynced), half, nil, 0},
		{10, pass, good, []string{"EvidenceChanged Pass Effective"}, 0},
		{20, pass, good, nil, 0},
		{100, fail, bad, []string{"EvidenceChanged Fail Ineffective"}, 0},
		{200, pass, good, []string{"EvidenceChanged Pass Effective"}, 0},
		{300, pass, half, []string{"ResultChanged  Unknown"}, 0}, // such as partial evidence whose review has run out
		{310, pass, good, nil, 360},
		{320, pass, half, nil, 360},
		{360, pass, half, []string{"ResultChanged  Unknown after 2"}, 0},
		{500, pass, isms.ResultNotImplemented, []string{"ResultChanged  NotImplemented"}, 0},
		{600, pass, isms.ResultIneffective, []string{"ResultChanged  Ineffective"}, 0},
		{700, pass, isms.ResultExcluded, []string{"ResultChanged  Excluded"}, 0},
		{800, pass, "", nil, 0},
	} {
		now := start.Add(time.Duration(step.at) * time.Second)
		next, entries, _ := watch.Observe(limits, now, step.verdicts, Observation{})
		next, entries, wake := next.ObserveResult(limits, now, step.result, step.verdicts, entries)
		var got []string
		for _, e := range entries {
			line := fmt.Sprintf("%s %s %s", e.Type, e.Result, e.ControlResult)
			if e.Flaps != nil {
				line += fmt.Sprintf(" after %d", e.Flaps.Count)
			}
			got = append(got, line)
		}
		if !slices.Equal(got, step.want) {
			t.Errorf("after %d seconds told is %q, want %q", step.at, got, step.want)
		}
		if want := start.Add(time.Duration(step.wake) * time.Second); step.wake > 0 && !wake.Equal(want) || step.wake == 0 && !wake.IsZero() {
			t.Errorf("after %d seconds it is to be looked at again at %s", step.at, wake)
		}
		watch, told = next, append(told, entries...)
	}

	resumed := Watch{}
	resumed.ResumeResult(limits, told)
	now := start.Add(701 * time.Second)
	if _, entries, wake := resumed.ObserveResult(limits, now, isms.ResultExcluded, nil, nil); len(entries) > 0 || !wake.IsZero() {
		t.Errorf("after a restart nothing is new, but told is %v", entries)
	}
	if _, entries, wake := resumed.ObserveResult(limits, now, good, nil, nil); len(entries) > 0 || !wake.Equal(start.Add(760*time.Second)) {
		t.Errorf("a change within the dwell time of an entry from before the restart is told as %v, at %s", entries, wake)
	}
	resumed.ResumeResult(limits, told[:1])
	if _, entries, _ := resumed.ObserveResult(limits, now, isms.ResultExcluded, nil, nil); len(entries) > 0 {
		t.Error("a damper that is known is resumed once more")
	}
}
