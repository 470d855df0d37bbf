// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"cmp"
	"slices"
	"strings"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
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
	isms.LogRecord
}

// Item names the record in an entry.
func (r Record) Item() string { return r.Kind + "/" + r.Name }

// RecordChanges are the entries that say how the records of a scope differ from what its series says, sorted by item. last
// is the last entry of each record that has one. A record that is gone is told as it was last seen.
func RecordChanges(seen []Record, last map[string]*isms.LogEntry) []isms.LogEntry {
	var entries []isms.LogEntry
	there := map[string]bool{}
	for _, r := range seen {
		there[r.Item()] = true
		entry := isms.LogEntry{Type: isms.LogRecordChanged, Item: r.Item(), Record: &r.LogRecord}
		before := last[r.Item()]
		switch {
		case before == nil || before.Type == isms.LogRecordRemoved:
			entry.Type = isms.LogRecordSeen
		case before.Record != nil && *before.Record == r.LogRecord:
			continue
		}
		entries = append(entries, entry)
	}
	for item, before := range last {
		if !there[item] && before.Type != isms.LogRecordRemoved {
			entries = append(entries, isms.LogEntry{Type: isms.LogRecordRemoved, Item: item, Record: before.Record})
		}
	}
	slices.SortFunc(entries, func(a, b isms.LogEntry) int { return cmp.Compare(a.Item, b.Item) })
	return entries
}

// NamespaceChanges are the entries that say how the namespaces in scope differ from those of the last entries, sorted.
func NamespaceChanges(inScope []string, last map[string]*isms.LogEntry) []isms.LogEntry {
	var entries []isms.LogEntry
	for _, name := range inScope {
		if before := last[name]; before == nil || before.Type == isms.LogNamespaceLeft {
			entries = append(entries, isms.LogEntry{Type: isms.LogNamespaceEntered, Item: name})
		}
	}
	for name, before := range last {
		if before.Type == isms.LogNamespaceEntered && !slices.Contains(inScope, name) {
			entries = append(entries, isms.LogEntry{Type: isms.LogNamespaceLeft, Item: name})
		}
	}
	slices.SortFunc(entries, func(a, b isms.LogEntry) int { return cmp.Compare(a.Item, b.Item) })
	return entries
}

// records are what a Book keeps of records: those that were removed and have not come back.
type records struct {
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
	kind, name, _ := strings.Cut(entry.Item, "/")
	record := Record{Kind: kind, Name: name, LogRecord: *entry.Record}
	switch entry.Type {
	case isms.LogRecordRemoved:
		if _, already := r.removed[entry.Item]; already {
			return // One that took its place is removed as well: the first is still the one that is missing.
		}
		if r.removed == nil {
			r.removed = map[string]removal{}
		}
		r.removed[entry.Item] = removal{record, entry.ObservedTime.Unix()}
	case isms.LogRecordSeen:
		if gone, ok := r.removed[entry.Item]; ok && restores(record, gone.Record) {
			delete(r.removed, entry.Item)
		}
	}
}

// restores says whether a record that appears under the name of one that was removed is that one again. Of an Attestation
// nothing may change; of a Finding neither what it is about nor its severity. Others may be edited, so that one which is
// made anew is as good as one that was edited.
func restores(record, gone Record) bool {
	switch record.Kind {
	case Attestation:
		return record.Digest == gone.Digest
	case Finding:
		return record.Type == gone.Type && record.Requirement == gone.Requirement
	}
	return true
}

// Removed is a record that the log knows and the cluster has forgotten.
type Removed struct {
	Record
	// At is when it was found to be gone.
	At time.Time
}

// Removed are the records that were removed and have not come back, sorted by kind and name.
func (b *Book) Removed() []Removed {
	list := make([]Removed, 0, len(b.own.records.removed))
	for _, r := range b.own.records.removed {
		list = append(list, Removed{r.Record, moment(r.at)})
	}
	slices.SortFunc(list, func(a, b Removed) int { return cmp.Compare(a.Item(), b.Item()) })
	return list
}
