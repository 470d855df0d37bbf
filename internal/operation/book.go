// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"cmp"
	"slices"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// Book is what the logs of one scope say about its operation, in short: some bytes for each transition, and none of the
// texts, names and counts. Entries are taken one after the other; the zero Book has taken none.
type Book struct {
	own      scopeSeries
	controls map[isms.ControlID]*series
	// texts are the digests of criteria of which a log has the text.
	texts map[isms.Digest]bool
	// last is the latest time of an entry.
	last int64
}

// BookOf takes all entries of a scope's logs, in whatever order the logs are given.
func BookOf(scope ledger.Scope, logs []isms.EvidenceLog) *Book {
	mine := make([]*isms.EvidenceLog, 0, len(logs))
	for i := range logs {
		if ledger.KeyOf(&logs[i]).Scope == scope {
			mine = append(mine, &logs[i])
		}
	}
	slices.SortStableFunc(mine, func(a, b *isms.EvidenceLog) int { return cmp.Compare(a.Spec.Number, b.Spec.Number) })
	book := &Book{}
	for _, log := range mine {
		for i := range log.Spec.Entries {
			book.Take(ledger.KeyOf(log), &log.Spec.Entries[i])
		}
	}
	return book
}

// Take takes an entry of a series of the scope. One that is not after the last taken of its series is known already. It
// says whether none is missing in between; if one is, the logs are to be read again.
func (b *Book) Take(key ledger.Key, entry *isms.LogEntry) bool {
	if entry.Criteria != "" {
		if b.texts == nil {
			b.texts = map[isms.Digest]bool{}
		}
		b.texts[entry.CriteriaDigest] = true
	}
	b.last = max(b.last, entry.ObservedTime.Unix())
	if key.Series == isms.SeriesScope {
		whole := entry.Sequence <= b.own.sequence+1
		b.own.take(entry)
		return whole
	}
	s := b.controls[key.ControlID]
	if s == nil {
		s = &series{}
		if b.controls == nil {
			b.controls = map[isms.ControlID]*series{}
		}
		b.controls[key.ControlID] = s
	}
	whole := entry.Sequence <= s.sequence+1
	s.take(entry)
	return whole
}

// head is what every series keeps.
type head struct {
	sequence int64
	first    int64
	criteria criteria
	tellings []telling
}

// next says whether the entry comes after those taken, and takes what all series have.
func (h *head) next(entry *isms.LogEntry) bool {
	if entry.Sequence <= h.sequence {
		return false
	}
	if h.sequence == 0 {
		h.first = entry.ObservedTime.Unix()
	}
	h.sequence = entry.Sequence
	h.tell(entry)
	if entry.Type == isms.LogCriteriaChanged {
		h.criteria.take(entry)
	}
	return true
}

// series is what is kept of the series of a control.
type series struct {
	head
	turns []turn
}

func (s *series) take(entry *isms.LogEntry) {
	if !s.next(entry) || entry.ControlResult == "" {
		return
	}
	t := turn{at: entry.ObservedTime.Unix(), state: stateOf(entry.ControlResult)}
	if f := entry.Flaps; f != nil && entry.Type == isms.LogResultChanged {
		t.flaps = &spent{ineffective: f.FailSeconds, unknown: f.UnknownSeconds, excluded: f.NotApplicableSeconds, effective: f.PassSeconds}
	}
	s.turns = append(s.turns, t)
}

// scopeSeries is what is kept of the scope's own series.
type scopeSeries struct {
	head
	gaps        []interval
	checkpoints []checkpoint
	namespaces  map[string]bool
	records     records
	// version and image of the operator that wrote last.
	version isms.Version
	image   string
}

type checkpoint struct {
	at     int64
	digest isms.Digest
	signed bool
}

func (s *scopeSeries) take(entry *isms.LogEntry) {
	if !s.next(entry) {
		return
	}
	at := entry.ObservedTime.Unix()
	switch entry.Type {
	case isms.LogObservationGap:
		if entry.From != nil {
			s.gaps = append(s.gaps, interval{entry.From.Unix(), at})
		}
	case isms.LogCheckpoint:
		signed := entry.Checkpoint != nil && len(entry.Checkpoint.Signatures) > 0
		s.checkpoints = append(s.checkpoints, checkpoint{at: at, digest: entry.Digest, signed: signed})
	case isms.LogNamespaceEntered, isms.LogNamespaceLeft:
		if s.namespaces == nil {
			s.namespaces = map[string]bool{}
		}
		if s.namespaces[entry.Item] = true; entry.Type == isms.LogNamespaceLeft {
			delete(s.namespaces, entry.Item)
		}
	case isms.LogRecordSeen, isms.LogRecordChanged, isms.LogRecordRemoved:
		s.records.take(entry)
	case isms.LogOperatorChanged:
		s.version, s.image = entry.OperatorVersion, entry.Image
	}
}

// ObservedSince is when the scope's log begins; zero without a log.
func (b *Book) ObservedSince() time.Time { return moment(b.own.first) }

// Last is the time of the latest entry; zero without a log.
func (b *Book) Last() time.Time { return moment(b.last) }

// controlIDs are the controls that have a series, sorted.
func (b *Book) controlIDs() []isms.ControlID {
	ids := make([]isms.ControlID, 0, len(b.controls))
	for id := range b.controls {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Excluded says whether a control was excluded when its result was written down last.
func (b *Book) Excluded(id isms.ControlID) bool {
	s := b.controls[id]
	return s != nil && len(s.turns) > 0 && s.turns[len(s.turns)-1].state == excluded
}

// Since is what the log says of a control without regard to a period.
type Since struct {
	// Observed is when its series begins; zero without one.
	Observed time.Time
	// Effective is when it became effective and stayed so, as far as anybody knows; zero where it is not effective.
	Effective time.Time
	// CriteriaChanged is when what is asked of it last changed; zero where it has not since its series began.
	CriteriaChanged time.Time
}

// Since dates a control. A gap in which it may have failed, by what was found after it, does not count as effective.
func (b *Book) Since(id isms.ControlID) Since {
	s := b.controls[id]
	if s == nil {
		return Since{}
	}
	since := Since{Observed: moment(s.first), CriteriaChanged: moment(s.criteria.changed)}
	for i := len(s.turns) - 1; i >= 0 && s.turns[i].state == effective; i-- {
		since.Effective = moment(s.turns[i].at)
		if s.turns[i].flaps != nil {
			break
		}
	}
	return since
}

func moment(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
