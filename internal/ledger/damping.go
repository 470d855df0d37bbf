// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Limits bound how often one evidence item is written.
type Limits struct {
	// Dwell is how long an item is left alone after an entry: what it does meanwhile is summed up.
	Dwell time.Duration
	// PerHour is the largest number of entries within any hour.
	PerHour int
}

// burst is how many entries of an hour may follow each other after the dwell time; the others are spread over the hour.
func (l Limits) burst() int { return max(1, l.PerHour/2) }

// spread is the time between the others.
func (l Limits) spread() time.Duration { return time.Hour / time.Duration(max(1, l.PerHour-l.burst())) }

// Held is the longest time for which a change is held back after an entry. What is held back when a process ends is lost.
func (l Limits) Held() time.Duration { return max(l.Dwell, l.spread()) }

// DefaultLimits keep an item that changes every second to twelve entries an hour.
func DefaultLimits() Limits { return Limits{Dwell: time.Minute, PerHour: 12} }

// Observation is a verdict on an evidence item.
type Observation struct {
	Result isms.EvidenceResult
	Reason string
	// Failures names failing subjects, sorted, at most ten.
	Failures []isms.SubjectRef
}

func (o Observation) same(other Observation) bool {
	return o.Result == other.Result && o.Reason == other.Reason
}

// Damper decides when a change of one evidence item becomes an entry. It is a value: Observe returns the next one, and
// the one before is still good, for when the write fails. The zero Damper has seen nothing.
//
// A change is written at once where the item was quiet for the dwell time. What follows sooner is summed up, and written
// when the dwell time is over; after half of the hourly number, in as many even steps as there are entries left, so that
// nothing is held back for long. Nothing is left out: the seconds of an entry's flaps add up to the time since the entry
// before.
type Damper struct {
	current Observation
	// since is when current began or, after an entry, was last accounted for.
	since time.Time
	// written are the times of the last entries, oldest first, at most PerHour.
	written []time.Time
	flaps   *isms.LogFlaps
	spent   map[isms.EvidenceResult]time.Duration
}

// Resume is the damper of an item whose last entries are known, as after a restart: current is what the last one says,
// written are their times, oldest first. What was not yet written when the operator ended is in a gap of the coverage.
func Resume(l Limits, current Observation, written []time.Time) Damper {
	if len(written) == 0 {
		return Damper{}
	}
	last := written[len(written)-1]
	return Damper{current: current, since: last, written: slices.Clone(written[max(0, len(written)-l.PerHour):])}
}

// Decision is what to do about an observation.
type Decision struct {
	// Write says that an entry with the observation is due.
	Write bool
	// Flaps of the entry; nil where the change is the only one since the entry before.
	Flaps *isms.LogFlaps
	// WakeAt is when to observe again though nothing changes; zero where nothing is held back.
	WakeAt time.Time
}

// Observe takes what the item is at a time. The first observation is written, and so is every later change, at once or
// summed up. Times must not decrease; one that does counts as the latest before.
func (d Damper) Observe(l Limits, now time.Time, o Observation) (Damper, Decision) {
	if len(d.written) == 0 {
		return Damper{current: o, since: now, written: []time.Time{now}}, Decision{Write: true}
	}
	if now.Before(d.since) {
		now = d.since
	}
	due := l.Due(d.written)
	if d.flaps == nil {
		switch {
		case d.current.same(o):
			return d, Decision{}
		case !now.Before(due):
			return d.wrote(l, now, o), Decision{Write: true}
		}
	}
	d = d.add(now, o)
	if now.Before(due) {
		return d, Decision{WakeAt: due}
	}
	return d.wrote(l, now, o), Decision{Write: true, Flaps: d.summary()}
}

// Due is the earliest time of the next entry, by the times of those of the last hour, at least one, oldest first.
func (l Limits) Due(written []time.Time) time.Time {
	n, burst := len(written), l.burst()
	last := written[n-1]
	wait := l.Dwell
	if n >= burst {
		free := written[n-burst].Add(time.Hour).Sub(last) // until then the burst is used up
		wait = max(wait, min(l.spread(), free))
	}
	return last.Add(wait)
}

// add accounts for the time up to now, and for the change if there is one.
func (d Damper) add(now time.Time, o Observation) Damper {
	spent := map[isms.EvidenceResult]time.Duration{}
	for result, seconds := range d.spent {
		spent[result] = seconds
	}
	from := d.since
	if d.flaps == nil {
		from = d.written[len(d.written)-1]
	}
	spent[d.current.Result] += now.Sub(from)
	flaps := isms.LogFlaps{}
	if d.flaps != nil {
		flaps = *d.flaps
	}
	if !d.current.same(o) {
		flaps.Count++
		if o.Result == isms.EvidenceFail && flaps.FirstFailure == nil {
			flaps.FirstFailure = &isms.LogFailure{ObservedTime: metav1.NewTime(now), Reason: o.Reason, Failures: slices.Clone(o.Failures)}
		}
	}
	d.current, d.since, d.flaps, d.spent = o, now, &flaps, spent
	return d
}

func (d Damper) wrote(l Limits, now time.Time, o Observation) Damper {
	written := append(slices.Clone(d.written), now)
	return Damper{current: o, since: now, written: written[max(0, len(written)-l.PerHour):]}
}

// summary are the flaps in whole seconds, which add up to the whole seconds of all of them: what the parts lose by
// rounding down goes to the result that fared worst.
func (d Damper) summary() *isms.LogFlaps {
	flaps := *d.flaps
	var whole time.Duration
	var parts int64
	for _, result := range []struct {
		result isms.EvidenceResult
		field  *int64
	}{
		{isms.EvidencePass, &flaps.PassSeconds},
		{isms.EvidenceNotApplicable, &flaps.NotApplicableSeconds},
		{isms.EvidenceUnknown, &flaps.UnknownSeconds},
		{isms.EvidenceFail, &flaps.FailSeconds},
	} {
		*result.field = int64(d.spent[result.result] / time.Second)
		whole, parts = whole+d.spent[result.result], parts+*result.field
	}
	lost := int64(whole/time.Second) - parts
	switch {
	case d.spent[isms.EvidenceFail] > 0:
		flaps.FailSeconds += lost
	case d.spent[isms.EvidenceUnknown] > 0:
		flaps.UnknownSeconds += lost
	case d.spent[isms.EvidenceNotApplicable] > 0:
		flaps.NotApplicableSeconds += lost
	default:
		flaps.PassSeconds += lost
	}
	return &flaps
}
