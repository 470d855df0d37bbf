// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package conditions

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

var start = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

const (
	yes     = metav1.ConditionTrue
	no      = metav1.ConditionFalse
	unknown = metav1.ConditionUnknown
)

func TestWriterKeepsTheTimeOfTransition(t *testing.T) {
	w := NewWriter(nil, 1, start)
	w.Ready(isms.ReasonAssessed, "")
	w.Set(isms.ConditionEffective, no, isms.ReasonObjectsFailed, "shop")

	later := start.Add(time.Hour + 300*time.Millisecond)
	w = NewWriter(w.List(), 2, later)
	w.Ready(isms.ReasonAssessed, "")
	w.Set(isms.ConditionEffective, yes, isms.ReasonObjectsPassed, "")
	want := []metav1.Condition{
		{Type: isms.ConditionReady, Status: yes, ObservedGeneration: 2, LastTransitionTime: metav1.NewTime(start), Reason: isms.ReasonAssessed},
		{Type: isms.ConditionEffective, Status: yes, ObservedGeneration: 2, LastTransitionTime: metav1.NewTime(start.Add(time.Hour)), Reason: isms.ReasonObjectsPassed},
	}
	if diff := cmp.Diff(want, w.List()); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
}

func TestWriterForgetsWhatIsNotSetAgain(t *testing.T) {
	w := NewWriter(nil, 1, start)
	w.Reconciling(isms.ReasonScopeNotFound, "The ISMSScope acme does not exist.")
	if problems := Violations(w.List(), 1); len(problems) > 0 {
		t.Error(problems)
	}
	if got := w.ObservedGeneration(0); got != 0 {
		t.Errorf("observed generation %d while reconciling", got)
	}
	w = NewWriter(w.List(), 1, start)
	w.Ready(isms.ReasonAssessed, "")
	if got := w.ObservedGeneration(0); got != 1 {
		t.Errorf("observed generation %d", got)
	}
	if Get(w.List(), isms.ConditionReconciling) != nil || !IsTrue(w.List(), isms.ConditionReady) {
		t.Errorf("conditions: %+v", w.List())
	}
}

func TestWriterLastCallCounts(t *testing.T) {
	w := NewWriter(nil, 1, start)
	w.Ready(isms.ReasonAssessed, "")
	w.Stalled(isms.ReasonDuplicateID, "Two.")
	if problems := Violations(w.List(), 1); len(problems) > 0 {
		t.Error(problems)
	}
	if got := len(w.List()); got != 2 {
		t.Errorf("conditions: got %d, want 2", got)
	}
}

func TestChanged(t *testing.T) {
	list := func(status metav1.ConditionStatus, reason, message string) []metav1.Condition {
		w := NewWriter(nil, 1, start)
		w.Set(isms.ConditionEffective, status, reason, message)
		return w.List()
	}
	before := list(no, "A", "x")
	for name, tc := range map[string]struct {
		after []metav1.Condition
		want  bool
	}{
		"same":            {list(no, "A", "x"), false},
		"message":         {list(no, "A", "y"), false},
		"reason":          {list(no, "B", "x"), true},
		"status":          {list(yes, "A", "x"), true},
		"no longer there": {nil, true},
	} {
		if got := Changed(before, tc.after, isms.ConditionEffective); got != tc.want {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
	if Changed(nil, nil, isms.ConditionEffective) {
		t.Error("absent twice is a change")
	}
}

func TestTruncate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		message := rapid.String().Draw(t, "message") + strings.Repeat("ü", rapid.IntRange(0, 700).Draw(t, "length"))
		got := Truncate(message)
		w := NewWriter(nil, 1, start)
		w.Ready(isms.ReasonAssessed, got)
		if problems := Violations(w.List(), 1); len(problems) > 0 {
			t.Fatal(problems)
		}
		if Truncate(got) != got {
			t.Fatalf("not idempotent: %q", got)
		}
	})
}

func TestNames(t *testing.T) {
	for _, tc := range []struct {
		names []string
		want  string
	}{
		{nil, ""},
		{[]string{"a"}, "a"},
		{[]string{"a", "b", "c"}, "a, b, c"},
		{[]string{"a", "b", "c", "d"}, "a, b, c and 1 more"},
		{append([]string{"A.5.1", "A.5.2", "A.5.3"}, make([]string, 75)...), "A.5.1, A.5.2, A.5.3 and 75 more"},
	} {
		if got := Names(tc.names); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

func TestNamesOfASample(t *testing.T) {
	if got, want := NamesOf([]string{"a", "b"}, 9), "a, b and 7 more"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := NamesOf([]string{"a", "b"}, 0), "a, b"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSummarise(t *testing.T) {
	for name, tc := range map[string]struct {
		causes []Cause
		want   Summary
	}{
		"no cause":           {nil, Summary{unknown, isms.ReasonNotYetAssessed, "Nothing was assessed."}},
		"all True":           {[]Cause{{"a", yes, "Fine"}, {"b", yes, "Good"}}, Summary{yes, "Fine", ""}},
		"Unknown beats True": {[]Cause{{"a", yes, "Fine"}, {"b", unknown, "NotSynced"}}, Summary{unknown, "NotSynced", "NotSynced: b."}},
		"False beats Unknown": {
			[]Cause{{"a", unknown, "NotSynced"}, {"b", no, "Missing"}, {"c", yes, "Fine"}, {"d", no, "Missing"}},
			Summary{no, "Missing", "Missing: b, d; NotSynced: a."},
		},
		"an invented status is Unknown": {[]Cause{{"a", "Perhaps", "Odd"}, {"b", yes, "Fine"}}, Summary{unknown, "Odd", "Odd: a."}},
		"at most three reasons and three names": {
			[]Cause{{"a", no, "R1"}, {"b", no, "R1"}, {"c", no, "R1"}, {"d", no, "R1"}, {"e", no, "R2"}, {"f", unknown, "R1"}, {"g", unknown, "R3"}, {"h", unknown, "R4"}},
			Summary{no, "R1", "R1: a, b, c and 1 more; R2: e; R1: f; and 2 more reasons."},
		},
	} {
		if diff := cmp.Diff(tc.want, Summarise(tc.causes)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestSummariseNeverImproves adds one cause to any list and compares.
func TestSummariseNeverImproves(t *testing.T) {
	cause := rapid.Custom(func(t *rapid.T) Cause {
		return Cause{
			Name:   rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name"),
			Status: rapid.SampledFrom([]metav1.ConditionStatus{yes, no, unknown}).Draw(t, "status"),
			Reason: rapid.SampledFrom([]string{"R1", "R2", "R3", "R4"}).Draw(t, "reason"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		causes := rapid.SliceOfN(cause, 1, 8).Draw(t, "causes")
		added := cause.Draw(t, "added")
		before, after := Summarise(causes), Summarise(append(causes, added))
		if rank(after.Status) > rank(before.Status) || rank(after.Status) > rank(added.Status) {
			t.Fatalf("adding %+v turned %v into %v", added, before, after)
		}
		if (after.Status == yes) != (after.Message == "") {
			t.Fatalf("%s with message %q", after.Status, after.Message)
		}
	})
}

// TestViolations breaks one rule at a time in a list that breaks none.
func TestViolations(t *testing.T) {
	good := func() []metav1.Condition {
		w := NewWriter(nil, 3, start)
		w.Stalled(isms.ReasonDuplicateID, "Two controls have this id.")
		w.Set(isms.ConditionEffective, yes, isms.ReasonObjectsPassed, "")
		return w.List()
	}
	if problems := Violations(good(), 3, isms.ConditionEffective); len(problems) > 0 {
		t.Fatal(problems)
	}
	for name, spoil := range map[string]func(list []metav1.Condition) []metav1.Condition{
		"Ready missing":            func(l []metav1.Condition) []metav1.Condition { return l[1:] },
		"a wanted type missing":    func(l []metav1.Condition) []metav1.Condition { return l[:2] },
		"twice":                    func(l []metav1.Condition) []metav1.Condition { return append(l, l[2]) },
		"Stalled False":            func(l []metav1.Condition) []metav1.Condition { l[1].Status = no; return l },
		"Ready while Stalled":      func(l []metav1.Condition) []metav1.Condition { l[0].Status = yes; return l },
		"not Ready without reason": func(l []metav1.Condition) []metav1.Condition { return append(l[:1], l[2]) },
		"both": func(l []metav1.Condition) []metav1.Condition {
			c := l[1]
			c.Type = isms.ConditionReconciling
			return append(l, c)
		},
		"reason":      func(l []metav1.Condition) []metav1.Condition { l[2].Reason = "not-pascal"; return l },
		"type":        func(l []metav1.Condition) []metav1.Condition { return append(l, metav1.Condition{Type: "x/y"}) },
		"status":      func(l []metav1.Condition) []metav1.Condition { l[2].Status = "Perhaps"; return l },
		"generation":  func(l []metav1.Condition) []metav1.Condition { l[2].ObservedGeneration = 2; return l },
		"no time":     func(l []metav1.Condition) []metav1.Condition { l[2].LastTransitionTime = metav1.Time{}; return l },
		"nanoseconds": func(l []metav1.Condition) []metav1.Condition { l[2].LastTransitionTime.Time = start.Add(1); return l },
		"long": func(l []metav1.Condition) []metav1.Condition {
			l[2].Message = strings.Repeat("x", MaxMessage+1)
			return l
		},
		"lines":      func(l []metav1.Condition) []metav1.Condition { l[2].Message = "a\nb"; return l },
		"no message": func(l []metav1.Condition) []metav1.Condition { l[0].Message = ""; return l },
	} {
		if problems := Violations(spoil(good()), 3, isms.ConditionEffective); len(problems) == 0 {
			t.Errorf("%s: no violation found", name)
		}
	}
}
