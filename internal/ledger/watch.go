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

// Verdicts are those of a status.
func Verdicts(evidence []isms.EvidenceStatus) []Verdict {
	verdicts := make([]Verdict, 0, len(evidence))
	for _, e := range evidence {
		v := Verdict{Item: e.Name, Observation: Observation{Result: e.Result, Reason: e.Reason, Failures: e.Failures}}
		if e.Subjects+e.Failing+e.Errors+e.Waived > 0 {
			v.Counts = &isms.LogCounts{Subjects: e.Subjects, Failing: e.Failing, Errors: e.Errors, Waived: e.Waived}
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// Watch holds the dampers of the evidence items of one series. It is a value: Observe returns the next one, and the one
// before is still good, for when the write fails. The nil Watch knows no item.
type Watch map[string]Damper

// Observe takes the verdicts of one moment. It returns the entries that are due, without what the chain adds to them, and
// when to observe again though nothing changes, zero for never. Items that are known and have no verdict are absent: the
// Control asks for them no more, or can't be assessed.
//
// An item that has no entry yet gets none while its objects are being listed for the first time: nothing was observed.
func (w Watch) Observe(l Limits, now time.Time, verdicts []Verdict, absent Observation) (Watch, []isms.LogEntry, time.Time) {
	next := maps.Clone(w)
	if next == nil {
		next = Watch{}
	}
	var entries []isms.LogEntry
	var wake time.Time
	for _, v := range slices.Concat(verdicts, w.missing(verdicts, absent)) {
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

// missing are verdicts on the known items that have none, by name.
func (w Watch) missing(verdicts []Verdict, absent Observation) []Verdict {
	var missing []Verdict
	for _, item := range slices.Sorted(maps.Keys(w)) {
		if !slices.ContainsFunc(verdicts, func(v Verdict) bool { return v.Item == item }) {
			missing = append(missing, Verdict{Item: item, Observation: absent})
		}
	}
	return missing
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
