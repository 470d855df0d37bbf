// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func saw(o *observer, name string, result isms.ControlResult, at time.Time) {
	control := &isms.Control{ObjectMeta: metav1.ObjectMeta{Name: name}}
	control.Spec.Applicability.Decision = isms.DecisionApplicable
	control.Status.Result = result
	satisfied := metav1.ConditionFalse
	if result == isms.ResultEffective {
		satisfied = metav1.ConditionTrue
	}
	control.Status.Conditions = []metav1.Condition{{Type: isms.ConditionSatisfied, Status: satisfied}}
	o.note(watch.Event{Type: watch.Modified, Object: control}, at)
}

// The time counts from the change to the first event that says the new result, not to a later one that repeats it.
func TestAfter(t *testing.T) {
	o := newObserver(nil)
	start := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	saw(o, "a", isms.ResultEffective, start)
	saw(o, "a", isms.ResultIneffective, start.Add(1*time.Second))
	saw(o, "b", isms.ResultIneffective, start.Add(2*time.Second))
	saw(o, "a", isms.ResultIneffective, start.Add(3*time.Second))
	saw(o, "a", isms.ResultEffective, start.Add(4*time.Second))
	for _, c := range []struct {
		name string
		says isms.ControlResult
		want time.Duration
	}{
		{"a", isms.ResultIneffective, 500 * time.Millisecond},
		{"b", isms.ResultIneffective, 1500 * time.Millisecond},
		{"a", isms.ResultEffective, 3500 * time.Millisecond},
	} {
		if got := o.after(start.Add(500*time.Millisecond), c.name, string(c.says)); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.name, c.says, got, c.want)
		}
	}
	if got := o.after(start.Add(time.Minute), "a", string(isms.ResultEffective)); got != 0 {
		t.Errorf("an event before the moment counts %s", got)
	}
}

func TestUntil(t *testing.T) {
	o := newObserver(nil)
	effective := func(o *observer) []string { return o.unsatisfied(1) }
	go saw(o, "a", isms.ResultEffective, time.Now())
	if err := o.until(t.Context(), time.Minute, nil, effective); err != nil {
		t.Error(err)
	}

	ended := make(chan struct{})
	close(ended)
	never := func(*observer) []string { return []string{"pigs fly"} }
	if err := o.until(t.Context(), time.Minute, ended, never); !errors.Is(err, errOperatorEnded) {
		t.Errorf("the operator ended, and until says %v", err)
	}
	want := "not within 1ms as expected:\n  pigs fly"
	if err := o.until(t.Context(), time.Millisecond, nil, never); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestUnsatisfied(t *testing.T) {
	o := newObserver(nil)
	saw(o, "b", isms.ResultUnknown, time.Now())
	saw(o, "a", isms.ResultEffective, time.Now())
	got := bullets(o.unsatisfied(3), 1)
	want := "\n  3 controls; there are 2\n  and 1 more"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
