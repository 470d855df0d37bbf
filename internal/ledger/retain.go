// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"slices"
	"strings"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Restated are entries that a series gets before logs of it go: what they were the last to say, and still stands. Without them
// a process that reads what is left would take what has long been asked for new, and forget which records are gone.
type Restated struct {
	Key     Key
	Entries []isms.LogEntry
}

// restate finds what the logs that go were the last to say: what is asked, which namespaces are in scope, which records are
// there, and which are gone and have not come back. Results need not be restated: see tellsAt.
func restate(key Key, gone, kept []*isms.EvidenceLog) *Restated {
	items := map[string]*standing{}
	for i, log := range slices.Concat(gone, kept) {
		for j := range log.Spec.Entries {
			e := &log.Spec.Entries[j]
			family := FamilyOf(e.Type)
			if family != FamilyCriteria && family != FamilyNamespace && family != FamilyRecord {
				continue
			}
			item := string(family) + "/" + e.Item
			if items[item] == nil {
				items[item] = &standing{}
			}
			items[item].take(e, i < len(gone))
		}
	}
	r := &Restated{Key: key}
	for _, s := range items {
		r.Entries = append(r.Entries, s.entries()...)
	}
	slices.SortStableFunc(r.Entries, func(a, b isms.LogEntry) int { return strings.Compare(a.Item, b.Item) })
	if len(r.Entries) == 0 {
		return nil
	}
	return r
}

// standing is what the entries of an item come to.
type standing struct {
	last, removed         *isms.LogEntry
	lastGoes, removedGoes bool
}

func (s *standing) take(e *isms.LogEntry, goes bool) {
	s.last, s.lastGoes = e, goes
	switch {
	case e.Type == isms.LogRecordRemoved && s.removed == nil:
		s.removed, s.removedGoes = e, goes
	case e.Record != nil && e.Type != isms.LogRecordRemoved && s.removed != nil && Restores(e.Item, *e.Record, *s.removed.Record):
		s.removed = nil
	}
}

// entries are those that restate what goes; a record that took the place of one that is gone comes after it.
func (s *standing) entries() []isms.LogEntry {
	var list []isms.LogEntry
	again := func(of isms.LogEntryType, e *isms.LogEntry) {
		list = append(list, isms.LogEntry{
			Type: of, Item: e.Item, Reason: isms.ReasonRetained, CriteriaDigest: e.CriteriaDigest, Record: e.Record.DeepCopy(),
		})
	}
	missing := s.removed != nil && s.removedGoes
	if missing {
		again(isms.LogRecordRemoved, s.removed)
	}
	switch stays := !s.lastGoes && !missing; {
	case stays:
	case s.last.Type == isms.LogCriteriaChanged && s.last.CriteriaDigest != "":
		again(isms.LogCriteriaChanged, s.last)
	case s.last.Type == isms.LogNamespaceEntered:
		again(isms.LogNamespaceEntered, s.last)
	case s.last.Type == isms.LogRecordSeen, s.last.Type == isms.LogRecordChanged:
		again(isms.LogRecordSeen, s.last)
	}
	return list
}

// Restores says whether a record that appears under the name of one that was removed is that one again. Of an Attestation
// nothing may change; of a Finding neither what it is about nor its severity. Others may be edited, so that one which is
// made anew is as good as one that was edited.
func Restores(item string, record, gone isms.LogRecord) bool {
	switch kind, _, _ := strings.Cut(item, "/"); kind {
	case "Attestation":
		return record.Digest == gone.Digest
	case "Finding":
		return record.Type == gone.Type && record.Requirement == gone.Requirement
	}
	return true
}

// tellsAt says whether logs of a control say how it fared as a whole at a time, where the logs before them did: an entry of
// theirs from before it has the result.
func tellsAt(at time.Time, gone, kept []*isms.EvidenceLog) bool {
	has := func(logs []*isms.EvidenceLog, before time.Time) bool {
		return slices.ContainsFunc(logs, func(log *isms.EvidenceLog) bool {
			return slices.ContainsFunc(log.Spec.Entries, func(e isms.LogEntry) bool {
				return e.ControlResult != "" && e.ObservedTime.Time.Before(before)
			})
		})
	}
	return has(kept, at) || !has(gone, at)
}
