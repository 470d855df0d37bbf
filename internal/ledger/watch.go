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
		if item != whole && !slices.ContainsFunc(verdicts, func(v Verdict) bool { return v.Item == item }) {
			missing = append(missing, Verdict{Item: item, Observation: absent})
		}
	}
	return missing
}

// whole is the key of the control as a whole, which has a damper beside those of its items.
const whole = ""

// ObserveResult takes the result of the control as a whole, after its items, whose entries that are due it is given. Where
// it turns together with one of them, that one's entry says so; else it has an entry of its own. It is not observed
// while an item is being listed for the first time.
func (w Watch) ObserveResult(
	l Limits, now time.Time, result isms.ControlResult, verdicts []Verdict, entries []isms.LogEntry,
) (Watch, []isms.LogEntry, time.Time) {
	damper, known := w[whole]
	unsynced := slices.ContainsFunc(verdicts, func(v Verdict) bool { return v.Reason == isms.ReasonNotSynced })
	if result == "" || !known && unsynced {
		return w, entries, time.Time{}
	}
	damper, decision := damper.Observe(l, now, observationOf(result))
	next := maps.Clone(w)
	next[whole] = damper
	switch {
	case !decision.Write:
	case decision.Flaps == nil && len(entries) > 0:
		entries[len(entries)-1].ControlResult = result
	default:
		entries = append(entries, isms.LogEntry{
			Type: isms.LogResultChanged, ObservedTime: metav1.NewTime(now), ControlResult: result, Flaps: decision.Flaps,
		})
	}
	return next, entries, decision.WakeAt
}

// Result is that of the control as a whole; empty where it is not known, or where a change of it is held back.
func (w Watch) Result() isms.ControlResult {
	damper, known := w[whole]
	if !known || damper.flaps != nil {
		return ""
	}
	return isms.ControlResult(damper.current.Reason)
}

// observationOf is how the result of a control is dampened. Its reason tells results apart that fare alike.
func observationOf(result isms.ControlResult) Observation {
	o := Observation{Result: isms.EvidenceUnknown, Reason: string(result)}
	switch result {
	case isms.ResultEffective:
		o.Result = isms.EvidencePass
	case isms.ResultIneffective, isms.ResultNotImplemented:
		o.Result = isms.EvidenceFail
	case isms.ResultExcluded:
		o.Result = isms.EvidenceNotApplicable
	}
	return o
}

// ResumeResult gives the watch the damper of the control as a whole, from its entries with a controlResult, oldest first;
// as ResumeItem.
func (w Watch) ResumeResult(l Limits, entries []isms.LogEntry) {
	if _, known := w[whole]; known || len(entries) == 0 {
		return
	}
	w[whole] = Resume(l, observationOf(entries[len(entries)-1].ControlResult), timesOf(entries))
}

func timesOf(entries []isms.LogEntry) []time.Time {
	times := make([]time.Time, 0, len(entries))
	for i := range entries {
		times = append(times, entries[i].ObservedTime.Time)
	}
	return times
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
	last := entries[len(entries)-1]
	return Resume(l, Observation{Result: last.Result, Reason: last.Reason, Failures: last.Failures}, timesOf(entries))
}
