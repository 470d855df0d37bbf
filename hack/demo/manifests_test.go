// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const twoObjects = `
# A comment alone is no object.
---
apiVersion: v1
kind: Pod
metadata:
  name: late
  annotations: {example.com/reference-date: "2026-11-21"}
status: {phase: Running, startTime: "2026-11-20T23:30:00.5Z"}
---
kind: Namespace
metadata: {name: early}
spec:
  dates: ["2026-02-28", {count: 3, text: "ia-2026", until: "2026-12-31"}, "reported on 2026-09-10", "2026-13-40"]
`

func parsed(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func TestShiftDates(t *testing.T) {
	objects := parsed(t, twoObjects)
	shiftDates(objects, 40)
	if got := objects[0].GetAnnotations()[referenceDateAnnotation]; got != "2026-12-31" {
		t.Errorf("the reference date is %s", got)
	}
	wantStatus := map[string]any{"phase": "Running", "startTime": "2026-12-30T23:30:00.5Z"}
	if diff := cmp.Diff(wantStatus, objects[0].Object["status"]); diff != "" {
		t.Error(diff)
	}
	want := []any{
		"2026-04-09",
		map[string]any{"count": float64(3), "text": "ia-2026", "until": "2027-02-09"},
		"reported on 2026-09-10",
		"2026-13-40",
	}
	if diff := cmp.Diff(want, objects[1].Object["spec"].(map[string]any)["dates"], numbers); diff != "" {
		t.Error(diff)
	}
}

// The decoder gives whole numbers as int64, which says nothing here.
var numbers = cmp.Transformer("float", func(n int64) float64 { return float64(n) })

func TestShiftByNothingChangesNothing(t *testing.T) {
	objects := parsed(t, twoObjects)
	shiftDates(objects, 0)
	if diff := cmp.Diff(parsed(t, twoObjects), objects); diff != "" {
		t.Error(diff)
	}
}

func TestDaysBetween(t *testing.T) {
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for now, want := range map[string]int{
		"2026-11-21T00:00:00Z":      0,
		"2026-11-21T23:59:59Z":      0,
		"2026-11-22T00:00:00Z":      1,
		"2026-11-22T00:30:00+02:00": 0, // Still the 21st in UTC.
		"2026-11-20T12:00:00Z":      -1,
		"2027-11-21T12:00:00Z":      365,
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := daysBetween(day, at); got != want {
			t.Errorf("%s: %d days, want %d", now, got, want)
		}
	}
}

func TestReferenceDate(t *testing.T) {
	objects := parsed(t, twoObjects)
	day, err := referenceDate(objects)
	if want := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC); err != nil || !day.Equal(want) {
		t.Errorf("%s, %v", day, err)
	}
	if _, err := referenceDate(objects[1:]); err == nil {
		t.Error("objects without the annotation have a reference date")
	}
}

func TestWaves(t *testing.T) {
	var got [3][]string
	for i, wave := range waves(parsed(t, twoObjects+"---\nkind: Role\nmetadata: {name: between}\n")) {
		for _, object := range wave {
			got[i] = append(got[i], object.GetName())
		}
	}
	if diff := cmp.Diff([3][]string{{"early"}, {"between"}, {"late"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestStatusOnly(t *testing.T) {
	objects := parsed(t, twoObjects)
	want := map[string]any{
		"apiVersion": "v1",
		"kind":       "Pod",
		"metadata":   map[string]any{"name": "late"},
		"status":     map[string]any{"phase": "Running", "startTime": "2026-11-20T23:30:00.5Z"},
	}
	if diff := cmp.Diff(want, statusOnly(objects[0]).Object); diff != "" {
		t.Error(diff)
	}
	if got := statusOnly(objects[1]); got != nil {
		t.Errorf("an object without a status has %v", got)
	}
}

func TestCensus(t *testing.T) {
	if got := census(parsed(t, twoObjects), "Namespace", "Pod", "Node"); got != "1 namespaces, 1 pods, 0 nodes" {
		t.Error(got)
	}
}
