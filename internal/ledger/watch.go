// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"maps"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Verdict is what a Control's status says of one evidence item.
type Verdict struct {
	Item string
	Observation
	// Counts of a resource rule; nil for other evidence.
	Counts *isms.LogCounts
	// CriteriaDigest is the digest of what was asked.
	CriteriaDigest isms.Digest
}

// Verdicts are those of a status. Items that were asked before and are not any more, because the Control has lost them or
// can't be assessed at all, have the verdict absent.
func Verdicts(now, before []isms.EvidenceStatus, absent Observation) []Verdict {
	verdicts := make([]Verdict, 0, len(now))
	for _, e := range now {
		v := Verdict{Item: e.Name, Observation: Observation{Result: e.Result, Reason: e.Reason, Failures: e.Failures}}
		if e.Subjects+e.Failing+e.Errors+e.Waived > 0 {
			v.Counts = &isms.LogCounts{Subjects: e.Subjects, Failing: e.Failing, Errors: e.Errors, Waived: e.Waived}
		}
		verdicts = append(verdicts, v)
	}
	for _, e := range before {
		if !slices.ContainsFunc(now, func(n isms.EvidenceStatus) bool { return n.Name == e.Name }) {
			verdicts = append(verdicts, Verdict{Item: e.Name, Observation: absent})
		}
	}
	return verdicts
}

// Watch holds the dampers of the evidence items of one series. It is a value: Observe returns the next one, and the one
// before is still good, for when the write fails. The nil Watch knows no item.
type Watch map[string]Damper

// Observe takes the verdicts of one moment. It returns the entries that are due, without what the chain adds to them, and
// when to observe again though nothing changes, zero for never.
//
// An item that has no entry yet gets none while its objects are being listed for the first time: nothing was observed.
func (w Watch) Observe(l Limits, now time.Time, verdicts []Verdict) (Watch, []isms.LogEntry, time.Time) {
	next := maps.Clone(w)
	if next == nil {
		next = Watch{}
	}
	var entries []isms.LogEntry
	var wake time.Time
	for _, v := range verdicts {
		damper, known := w[v.Item]
		if !known && v.Reason == isms.ReasonNotSynced {
			continue
		}
		damper, decision := damper.Observe(l, now, v.Observation)
		next[v.Item] = damper
		if decision.Write {
			entries = append(entries, v.entry(now, decision.Flaps))
		}
		if at := decision.WakeAt; !at.IsZero() && (wake.IsZero() || at.Before(wake)) {
			wake = at
		}
	}
	return next, entries, wake
}

func (v Verdict) entry(now time.Time, flaps *isms.LogFlaps) isms.LogEntry {
	return isms.LogEntry{
		Type: isms.LogEvidenceChanged, ObservedTime: metav1.NewTime(now), Item: v.Item, Result: v.Result, Reason: v.Reason,
		Counts: v.Counts, CriteriaDigest: v.CriteriaDigest, Failures: slices.Clone(v.Failures), Flaps: flaps,
	}
}

// ResumeItem is the damper of an item from its EvidenceChanged entries, oldest first; those of the last hour are enough,
// and at least the last one.
func ResumeItem(l Limits, entries []isms.LogEntry) Damper {
	if len(entries) == 0 {
		return Damper{}
	}
	times := make([]time.Time, 0, len(entries))
	for i := range entries {
		times = append(times, entries[i].ObservedTime.Time)
	}
	last := entries[len(entries)-1]
	return Resume(l, Observation{Result: last.Result, Reason: last.Reason, Failures: last.Failures}, times)
}
