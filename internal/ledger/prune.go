// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"slices"
	"strconv"
	"strings"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Pruning is what retention lets go of a scope's logs.
type Pruning struct {
	// Announce are the entries of the scope's series that are written first: verification takes no series without its
	// begin that is not announced, and they keep text that is still referred to.
	Announce []isms.LogEntry
	// Restate is what is written besides, so that what is left says of the present what all logs say.
	Restate []Restated
	// Delete are the logs, in the order in which they are to be deleted: wherever that is cut off, what is left verifies.
	Delete []*isms.EvidenceLog
}

// Prune finds the logs of a scope that a time no longer needs: the next of their series begins before it, and how a control
// fared then is told by what stays. Only whole logs go, from the begin of their series and never its last, and only those
// that lie behind a checkpoint which stays: it seals what is gone, by the digest that the next log has of it. So figures of
// periods that begin at the time or later are the same with and without them.
//
// The scope's own series goes first. A log of a control may go when the first checkpoint that stays seals it wholly, since
// the head that an earlier one seals could not be told any more.
func Prune(logs []isms.EvidenceLog, before time.Time) Pruning {
	byKey := map[Key][]*isms.EvidenceLog{}
	for i := range logs {
		key := KeyOf(&logs[i])
		byKey[key] = append(byKey[key], &logs[i])
	}
	var p Pruning
	var kept []*isms.EvidenceLog
	sealed, found := int64(0), false
	begins := beginsOf(byKey) // with what an earlier call has announced that was cut off
	for _, series := range ordered(byKey) {
		gone := old(series.logs, before)
		if series.Series == isms.SeriesScope {
			for gone > 0 && firstCheckpoint(series.logs[gone:]) == 0 {
				gone--
			}
			sealed = firstCheckpoint(series.logs[gone:])
			found = sealed > 0
		}
		if !found {
			return Pruning{}
		}
		for series.Series != isms.SeriesScope && gone > 0 &&
			(lastOf(series.logs[gone-1]).Epoch > sealed || !tellsAt(before, series.logs[:gone], series.logs[gone:])) {
			gone--
		}
		if gone > 0 && !begins.announced(series.logs[gone-1].Name) {
			p.Announce = append(p.Announce, isms.LogEntry{Type: isms.LogPruned, Item: series.logs[gone-1].Name})
		}
		if r := restate(series.Key, series.logs[:gone], series.logs[gone:]); r != nil {
			p.Restate = append(p.Restate, *r)
		}
		p.Delete, kept = append(p.Delete, series.logs[:gone]...), append(kept, series.logs[gone:]...)
	}
	p.keepTexts(kept)
	return p
}

// ordered are the series, the scope's own first.
func ordered(byKey map[Key][]*isms.EvidenceLog) []*series {
	var all []*series
	for key, logs := range byKey {
		all = append(all, newSeries(key, logs))
	}
	slices.SortFunc(all, func(a, b *series) int {
		if a.Series != b.Series {
			if a.Series == isms.SeriesScope {
				return -1
			}
			return 1
		}
		return a.Key.compare(b.Key)
	})
	return all
}

// old is the number of logs at the begin of a series that lie before a time, as does the begin of the log after them.
func old(logs []*isms.EvidenceLog, before time.Time) int {
	n := 0
	for n < len(logs)-1 && len(logs[n].Spec.Entries) > 0 && len(logs[n+1].Spec.Entries) > 0 &&
		logs[n+1].Spec.Entries[0].ObservedTime.Time.Before(before) {
		n++
	}
	return n
}

func lastOf(log *isms.EvidenceLog) *isms.LogEntry { return &log.Spec.Entries[len(log.Spec.Entries)-1] }

// firstCheckpoint is the epoch of the first checkpoint in logs, 0 where there is none.
func firstCheckpoint(logs []*isms.EvidenceLog) int64 {
	for _, log := range logs {
		for i := range log.Spec.Entries {
			if log.Spec.Entries[i].Checkpoint != nil {
				return log.Spec.Entries[i].Epoch
			}
		}
	}
	return 0
}

// keepTexts announces the text of criteria that would go with the logs, where an entry that stays refers to it.
func (p *Pruning) keepTexts(kept []*isms.EvidenceLog) {
	wanted := map[isms.Digest]bool{}
	refer := func(entries []isms.LogEntry) {
		for i := range entries {
			if digest := entries[i].CriteriaDigest; digest != "" {
				wanted[digest] = true
			}
		}
	}
	for _, log := range kept {
		refer(log.Spec.Entries)
	}
	for _, r := range p.Restate {
		refer(r.Entries)
	}
	for _, log := range kept {
		for _, e := range log.Spec.Entries {
			if e.Criteria != "" {
				delete(wanted, e.CriteriaDigest)
			}
		}
	}
	for _, log := range p.Delete {
		for _, e := range log.Spec.Entries {
			if e.Criteria != "" && wanted[e.CriteriaDigest] {
				delete(wanted, e.CriteriaDigest)
				p.Announce = append(p.Announce, isms.LogEntry{
					Type: isms.LogPruned, Item: log.Name, CriteriaDigest: e.CriteriaDigest, Criteria: e.Criteria,
				})
			}
		}
	}
}

// begins is how the series of a scope may begin.
type begins struct {
	// pruned are the numbers up to which logs were announced to be pruned, by the names of their series without a number.
	pruned map[string]int64
	// own says that the scope's own series was pruned, and with it, perhaps, what announced others.
	own bool
}

func beginsOf(logs map[Key][]*isms.EvidenceLog) begins {
	b := begins{pruned: map[string]int64{}}
	var first *isms.EvidenceLog
	for key, series := range logs {
		for _, log := range series {
			if key.Series != isms.SeriesScope {
				break
			}
			if first == nil || log.Spec.Number < first.Spec.Number {
				first = log
			}
			for i := range log.Spec.Entries {
				if e := &log.Spec.Entries[i]; e.Type == isms.LogPruned && e.CriteriaDigest == "" {
					name, number := split(e.Item)
					b.pruned[name] = max(b.pruned[name], number)
				}
			}
		}
	}
	b.own = first != nil && first.Spec.Previous != nil && b.announced(string(first.Spec.Previous.Name))
	return b
}

// announced says whether a log was announced to be pruned, itself or with a later one of its series.
func (b begins) announced(log string) bool {
	name, number := split(log)
	return number > 0 && number <= b.pruned[name]
}

// split cuts the number off the name of a log; it is 0 where there is none.
func split(log string) (name string, number int64) {
	i := strings.LastIndexByte(log, '.')
	if i < 0 {
		return log, 0
	}
	number, err := strconv.ParseInt(log[i+1:], 10, 64)
	if err != nil {
		return log, 0
	}
	return log[:i], number
}

// begin takes over the end of what was pruned before the first log of a series, and says whether that was announced.
func (s *series) begin(log *isms.EvidenceLog) bool {
	spec := &log.Spec
	if spec.Number < 2 || spec.Previous == nil || !s.begins.announced(string(spec.Previous.Name)) && !s.begins.own {
		return false
	}
	s.head.Sequence, s.head.Digest = spec.FirstSequence-1, spec.Previous.Digest
	s.pruned = s.head
	return true
}
