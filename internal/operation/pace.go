// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"slices"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// The largest numbers of entries within any hour, besides verdicts, in the series of a scope and in that of a control. Both
// take an ISMS that is applied at once, and keep whoever edits, makes and deletes objects all day from filling the log.
const (
	mostOfScope   = 500
	mostOfControl = 100
)

// telling is an entry of the last hour that is paced.
type telling struct {
	at   int64
	item string
}

// paced says whether entries of a type follow what people write, so that somebody could write them without end. Verdicts
// are damped elsewhere (ledger.Damper); the others come from the operator itself.
func paced(of isms.LogEntryType) bool {
	switch of {
	case isms.LogCriteriaChanged, isms.LogNamespaceEntered, isms.LogNamespaceLeft,
		isms.LogRecordSeen, isms.LogRecordChanged, isms.LogRecordRemoved:
		return true
	default:
		return false
	}
}

// tell notes an entry that is paced, and forgets those of more than an hour before.
func (h *head) tell(entry *isms.LogEntry) {
	if !paced(entry.Type) {
		return
	}
	at := entry.ObservedTime.Unix()
	h.tellings = slices.DeleteFunc(h.tellings, func(t telling) bool { return t.at <= at-3600 })
	h.tellings = append(h.tellings, telling{at, entry.Item})
}

// Pace is which of the entries that a series lacks are to be written now, and when to ask again for the others, zero where
// there are none. An item has as many within an hour, and as far apart, as an evidence item has verdicts; the first ones of a
// series are written at once. What is held back is not lost: entries are found by comparing what is with what the log says,
// so that it is told later, as it is then. What came and went meanwhile is not told.
//
// needed names items that are told whatever their pace, since an entry that is written with them is about them.
func (b *Book) Pace(key ledger.Key, l ledger.Limits, now time.Time, entries []isms.LogEntry, needed []string) ([]isms.LogEntry, time.Time) {
	most, tellings := mostOfControl, b.tellings(key, now)
	if key.Series == isms.SeriesScope {
		most = mostOfScope
	}
	last := map[string][]time.Time{}
	for _, t := range tellings {
		last[t.item] = append(last[t.item], moment(t.at))
	}
	var due []isms.LogEntry
	var again time.Time
	told := len(tellings)
	for _, entry := range entries {
		at := now
		switch times := last[entry.Item]; {
		case !paced(entry.Type) || slices.Contains(needed, entry.Item):
		case told >= most:
			at = now.Add(time.Hour)
			if oldest := told - most; oldest < len(tellings) {
				at = moment(tellings[oldest].at).Add(time.Hour)
			}
		case len(times) > 0:
			at = l.Due(times)
		}
		if at.After(now) {
			if again.IsZero() || at.Before(again) {
				again = at
			}
			continue
		}
		if paced(entry.Type) {
			told++
		}
		due = append(due, entry)
	}
	return due, again
}

// tellings are the paced entries of a series within the last hour, oldest first.
func (b *Book) tellings(key ledger.Key, now time.Time) []telling {
	var all []telling
	if key.Series == isms.SeriesScope {
		all = b.own.tellings
	} else if s := b.controls[key.ControlID]; s != nil {
		all = s.tellings
	}
	return slices.DeleteFunc(slices.Clone(all), func(t telling) bool { return t.at <= now.Unix()-3600 })
}
