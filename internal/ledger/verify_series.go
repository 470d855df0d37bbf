// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"cmp"
	"fmt"
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// series walks one series, and keeps what checkpoints need of it.
type series struct {
	Key
	logs    []*isms.EvidenceLog
	entries int
	problem *Problem

	head  Head
	epoch int64
	// begins says how the series may begin; pruned is the last entry that was pruned, without a sequence where none was.
	begins begins
	pruned Head
	// marks are the heads with which the epochs end that have entries.
	marks []mark
	// checkpoints of the scope's own series.
	checkpoints []placed
	// next is the first mark that the checkpoint looked at last does not seal.
	next int
}

type mark struct {
	epoch int64
	head  Head
	leaf  *hash
}

// placed is a checkpoint's entry and the log that it stands in.
type placed struct {
	log   string
	entry *isms.LogEntry
	// before is the head of the series that the checkpoint seals.
	before Head
}

func newSeries(key Key, logs []*isms.EvidenceLog) *series {
	slices.SortStableFunc(logs, func(a, b *isms.EvidenceLog) int {
		return cmp.Or(cmp.Compare(a.Spec.Number, b.Spec.Number), cmp.Compare(a.Name, b.Name))
	})
	return &series{Key: key, logs: logs, head: Head{Key: key}}
}

// verify walks until the first problem.
func (s *series) verify() {
	for _, log := range s.logs {
		s.entries += len(log.Spec.Entries)
	}
	for i := range s.logs {
		if s.problem = s.log(i); s.problem != nil {
			return
		}
	}
}

func (s *series) log(i int) *Problem {
	log := s.logs[i]
	if p := s.place(i); p != nil {
		return p
	}
	for j := range log.Spec.Entries {
		if p := s.entry(log, j); p != nil {
			return p
		}
	}
	return nil
}

// place checks that the log comes after the one before.
func (s *series) place(i int) *Problem {
	log, want := s.logs[i], int64(1)
	begun := i == 0 && s.begin(log)
	if i > 0 {
		want = s.logs[i-1].Spec.Number + 1
	}
	fail := func(kind Kind, format string, args ...any) *Problem {
		return &Problem{Kind: kind, Log: log.Name, Key: s.Key, Detail: fmt.Sprintf(format, args...)}
	}
	spec := &log.Spec
	switch {
	case begun:
		if (s.Series == isms.SeriesControl) != (s.ControlID != "") {
			return fail(Malformed, "the series is %q and the control %q", s.Series, s.ControlID)
		}
		return nil
	case spec.Number > want:
		return fail(Gap, "this is log %d of the series, and log %d is missing", spec.Number, want)
	case spec.Number < want:
		return fail(OutOfOrder, "log %d of the series is there twice", spec.Number)
	case (s.Series == isms.SeriesControl) != (s.ControlID != ""):
		return fail(Malformed, "the series is %q and the control %q", s.Series, s.ControlID)
	case (spec.Previous == nil) != (i == 0):
		return fail(Malformed, "previous is given from the second log on, and only then")
	case spec.FirstSequence > s.head.Sequence+1:
		return fail(Gap, "the log begins with entry %d, but those before it end with %d", spec.FirstSequence, s.head.Sequence)
	case spec.FirstSequence < s.head.Sequence+1:
		return fail(OutOfOrder, "the log begins with entry %d, but those before it end with %d", spec.FirstSequence, s.head.Sequence)
	case i == 0:
		return nil
	case len(s.logs[i-1].Spec.Entries) == 0:
		return fail(Gap, "the log before, %s, has no entries", s.logs[i-1].Name)
	case string(spec.Previous.Name) != s.logs[i-1].Name:
		return fail(BrokenChain, "the log before is %s, but previous names %s", s.logs[i-1].Name, spec.Previous.Name)
	case spec.Previous.Digest != s.head.Digest:
		return fail(BrokenChain, "the log before ends with %s, but previous has %s", s.head.Digest, spec.Previous.Digest)
	}
	return nil
}

func (s *series) entry(log *isms.EvidenceLog, j int) *Problem {
	entry, want := &log.Spec.Entries[j], s.head.Sequence+1
	fail := func(kind Kind, format string, args ...any) *Problem {
		return &Problem{Kind: kind, Log: log.Name, Key: s.Key, Sequence: entry.Sequence, Detail: fmt.Sprintf(format, args...)}
	}
	sum, err := EntryDigest(s.Key, *entry)
	switch {
	case entry.Sequence != want && has(log, want):
		return fail(OutOfOrder, "entry %d belongs here", want)
	case entry.Sequence > want:
		return fail(Gap, "entry %d is missing", want)
	case entry.Sequence < want:
		return fail(OutOfOrder, "entry %d belongs here; this one is there twice", want)
	case err != nil:
		return fail(Malformed, "%v", err)
	case sum != entry.Digest:
		return fail(Altered, "its content gives %s, but its digest is %s", sum, entry.Digest)
	case entry.PreviousDigest != s.head.Digest:
		return fail(BrokenChain, "the entry before has the digest %s, but previousDigest is %s", s.head.Digest, entry.PreviousDigest)
	case entry.Epoch < max(s.epoch, 1):
		return fail(OutOfOrder, "its epoch is %d, after one of %d, or after the checkpoint of that epoch", entry.Epoch, s.epoch)
	case (entry.Type == isms.LogCheckpoint) != (entry.Checkpoint != nil) ||
		entry.Checkpoint != nil && s.Series != isms.SeriesScope:
		return fail(Malformed, "a checkpoint stands in an entry of that type, in the scope's series")
	}
	s.take(log, entry)
	return nil
}

func has(log *isms.EvidenceLog, sequence int64) bool {
	return slices.ContainsFunc(log.Spec.Entries, func(e isms.LogEntry) bool { return e.Sequence == sequence })
}

// take moves the head to the entry.
func (s *series) take(log *isms.EvidenceLog, entry *isms.LogEntry) {
	before := s.head
	s.head.Sequence, s.head.Digest, s.epoch = entry.Sequence, entry.Digest, entry.Epoch
	if n := len(s.marks); n > 0 && s.marks[n-1].epoch == entry.Epoch {
		s.marks = s.marks[:n-1]
	}
	s.marks = append(s.marks, mark{epoch: entry.Epoch, head: s.head})
	if entry.Checkpoint != nil {
		s.checkpoints = append(s.checkpoints, placed{log: log.Name, entry: entry, before: before})
		s.epoch++ // What comes after a checkpoint is of a later epoch.
	}
}
