// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"cmp"
	"slices"
	"strings"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// Kinds of records that the log knows.
const (
	Attestation = "Attestation"
	Document    = "Document"
	Finding     = "Finding"
	Risk        = "Risk"
)

// Record is a record of the organization, as the log knows it.
type Record struct {
	Kind, Name string
	// Pending says that the operator has not assessed the record as it stands: then nothing is told of it, not even that it
	// is there. It is told once, with its state.
	Pending bool
	isms.LogRecord
}

// Item names the record in an entry.
func (r Record) Item() string { return r.Kind + "/" + r.Name }

// RecordChanges are the entries that say how the records of a scope differ from what its series says, sorted by item. A
// record that is gone is told as it was last seen.
func (b *Book) RecordChanges(seen []Record) []isms.LogEntry {
	var entries []isms.LogEntry
	there := make(map[string]bool, len(seen))
	for _, r := range seen {
		there[r.Item()] = true
		if r.Pending {
			continue
		}
		entry := isms.LogEntry{Type: isms.LogRecordChanged, Item: r.Item(), Record: &r.LogRecord}
		before, known := b.own.records.present[r.Item()]
		switch {
		case !known:
			entry.Type = isms.LogRecordSeen
		case before == r.LogRecord:
			continue
		}
		entries = append(entries, entry)
	}
	for item, before := range b.own.records.present {
		if !there[item] {
			entries = append(entries, isms.LogEntry{Type: isms.LogRecordRemoved, Item: item, Record: &before})
		}
	}
	slices.SortFunc(entries, func(a, b isms.LogEntry) int { return cmp.Compare(a.Item, b.Item) })
	return entries
}

// NamespaceChanges are the entries that say how the namespaces in scope differ from what the series says, sorted.
func (b *Book) NamespaceChanges(inScope []string) []isms.LogEntry {
	var entries []isms.LogEntry
	for _, name := range inScope {
		if !b.own.namespaces[name] {
			entries = append(entries, isms.LogEntry{Type: isms.LogNamespaceEntered, Item: name})
		}
	}
	for name := range b.own.namespaces {
		if !slices.Contains(inScope, name) {
			entries = append(entries, isms.LogEntry{Type: isms.LogNamespaceLeft, Item: name})
		}
	}
	slices.SortFunc(entries, func(a, b isms.LogEntry) int { return cmp.Compare(a.Item, b.Item) })
	return entries
}

// OperatorChange is the entry that another operator writes here than the one before; none where it is the same. The store
// sets its version.
func (b *Book) OperatorChange(version isms.Version, image string) []isms.LogEntry {
	if b.own.version == version && b.own.image == image {
		return nil
	}
	return []isms.LogEntry{{Type: isms.LogOperatorChanged, Image: image}}
}

// records are what a Book keeps of records.
type records struct {
	// present are those that were not removed, by item.
	present map[string]isms.LogRecord
	// removed are those that were, and have not come back.
	removed map[string]removal
}

type removal struct {
	Record
	at int64
}

func (r *records) take(entry *isms.LogEntry) {
	if entry.Record == nil {
		return
	}
	if r.present == nil {
		r.present, r.removed = map[string]isms.LogRecord{}, map[string]removal{}
	}
	kind, name, _ := strings.Cut(entry.Item, "/")
	record := Record{Kind: kind, Name: name, LogRecord: *entry.Record}
	gone, missing := r.removed[entry.Item]
	if entry.Type == isms.LogRecordRemoved {
		delete(r.present, entry.Item)
		// Of one that took the place of another, the first is still the one that is missing, also where it is said once more.
		if !missing || entry.Reason == isms.ReasonRetained {
			r.removed[entry.Item] = removal{record, entry.ObservedTime.Unix()}
		}
		return
	}
	r.present[entry.Item] = record.LogRecord
	if missing && ledger.Restores(entry.Item, record.LogRecord, gone.LogRecord) {
		delete(r.removed, entry.Item)
	}
}

// Removed is a record that the log knows and the cluster has forgotten.
type Removed struct {
	Record
	// At is when it was found to be gone.
	At time.Time
}

// Removed are the records that were removed and have not come back, sorted by kind and name; also those that are not among
// the records seen now, and of which the log is yet to tell.
func (b *Book) Removed(seen []Record, now time.Time) []Removed {
	list := make([]Removed, 0, len(b.own.records.removed))
	for _, r := range b.own.records.removed {
		list = append(list, Removed{r.Record, moment(r.at)})
	}
	there := make(map[string]bool, len(seen))
	for _, r := range seen {
		there[r.Item()] = true
	}
	for item, record := range b.own.records.present {
		if _, told := b.own.records.removed[item]; !told && !there[item] {
			kind, name, _ := strings.Cut(item, "/")
			list = append(list, Removed{Record{Kind: kind, Name: name, LogRecord: record}, now})
		}
	}
	slices.SortFunc(list, func(a, b Removed) int { return cmp.Compare(a.Item(), b.Item()) })
	return list
}
