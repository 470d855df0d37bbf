// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"encoding/json"
	"fmt"
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// maxBytes of a log's spec: with criteria of 12 KiB each, a hundred entries would be more than etcd takes.
const maxBytes = 512 << 10

// Tail is the end of a series, as whoever appends to it knows it.
type Tail struct {
	// Log is the last log of the series; nil where there is none.
	Log *isms.EvidenceLog
	// Head is the last entry that is known to have been written. It is the last one of Log, unless somebody has changed
	// that: then Broken.
	Head Head
	// Broken says that Log does not end with Head. The next entry begins a log, which follows Head: so verification shows
	// what was changed or is missing, and what came after is chained to what was really there.
	Broken bool
}

// TailOf is the tail of a series that ends with a log, as it is read first.
func TailOf(key Key, log *isms.EvidenceLog) Tail {
	t := Tail{Log: log, Head: Head{Key: key}}
	if log == nil {
		return t
	}
	if n := len(log.Spec.Entries); n > 0 {
		t.Head.Sequence, t.Head.Digest = log.Spec.Entries[n-1].Sequence, log.Spec.Entries[n-1].Digest
	} else if log.Spec.Previous != nil {
		t.Head.Sequence, t.Head.Digest = log.Spec.FirstSequence-1, log.Spec.Previous.Digest
	}
	return t
}

// Read is the tail after the log at its end was read again: whether it goes on from Head. The result's Head is that of
// the log where it does.
func (t Tail) Read(log *isms.EvidenceLog) Tail {
	if t.Head.Sequence == 0 {
		return TailOf(t.Head.Key, log)
	}
	if log == nil || !continues(t.Head, log) {
		if log == nil || t.Log != nil && log.Spec.Number < t.Log.Spec.Number {
			log = t.Log
		}
		return Tail{Log: log, Head: t.Head, Broken: true}
	}
	return TailOf(t.Head.Key, log)
}

// continues says whether a log holds the head, or follows it.
func continues(head Head, log *isms.EvidenceLog) bool {
	if log.Spec.FirstSequence == head.Sequence+1 && log.Spec.Previous != nil {
		return log.Spec.Previous.Digest == head.Digest
	}
	for i := range log.Spec.Entries {
		if e := &log.Spec.Entries[i]; e.Sequence == head.Sequence {
			return e.Digest == head.Digest
		}
	}
	return false
}

// Extend chains entries to a tail. It returns the logs to be written one after the other: first the last one with what
// it has room for, then new ones; and the head that they make. result is that of the control as a whole, empty where there is
// none: the first verdict of a log says it again, so that each log tells it without those before.
func (t Tail) Extend(entries []isms.LogEntry, result isms.ControlResult) ([]isms.EvidenceLog, Head, error) {
	var logs []isms.EvidenceLog
	last, head, size := t.Log, t.Head, 0
	if last != nil && !t.Broken {
		size = sizeOf(last.Spec)
	}
	for _, entry := range entries {
		more := sizeOf(entry) + sizeOfChain
		room := last != nil && (!t.Broken || len(logs) > 0) && len(last.Spec.Entries) < MaxEntries && size+more <= maxBytes
		if entry.Type == isms.LogEvidenceChanged && entry.ControlResult == "" && (!room || !tells(last)) {
			entry.ControlResult = result
		}
		entry, next, err := Append(head, entry)
		if err != nil {
			return nil, t.Head, err
		}
		if entry.ControlResult != "" {
			result = entry.ControlResult
		}
		if !room {
			logs = append(logs, follow(last, head))
			last, size = &logs[len(logs)-1], 0
		} else if len(logs) == 0 {
			logs = append(logs, *t.Log.DeepCopy())
			last = &logs[0]
		}
		last.Spec.Entries = append(last.Spec.Entries, entry)
		head, size = next, size+more
	}
	return logs, head, nil
}

// sizeOfChain is what the chain adds to an entry.
const sizeOfChain = 256

// tells says whether a log has the result of the control as a whole.
func tells(log *isms.EvidenceLog) bool {
	return slices.ContainsFunc(log.Spec.Entries, func(e isms.LogEntry) bool { return e.ControlResult != "" })
}

// follow is an empty log behind another, which is tied to a head.
func follow(last *isms.EvidenceLog, head Head) isms.EvidenceLog {
	log := isms.EvidenceLog{Spec: isms.EvidenceLogSpec{
		ScopeRef: isms.LocalRef{Name: isms.ObjectName(head.Name)}, Series: head.Series, ControlID: head.ControlID,
		Number: 1, FirstSequence: head.Sequence + 1,
	}}
	if last != nil {
		log.Spec.Number = last.Spec.Number + 1
		log.Spec.Previous = &isms.PreviousLog{Name: isms.ObjectName(last.Name), Digest: head.Digest}
	}
	log.Namespace, log.Name = head.Namespace, LogName(head.Key, log.Spec.Number)
	return log
}

func sizeOf(value any) int {
	text, err := json.Marshal(value)
	if err != nil {
		return maxBytes // Whatever it is, it does not get larger.
	}
	return len(text)
}

// Epoch of the entries that follow the last one of the scope's own series.
func (t Tail) Epoch() int64 {
	if t.Log == nil || len(t.Log.Spec.Entries) == 0 {
		return 1
	}
	last := t.Log.Spec.Entries[len(t.Log.Spec.Entries)-1]
	if last.Checkpoint != nil {
		return last.Epoch + 1
	}
	return last.Epoch
}

// CheckLog holds the entries of one log against its own chain, without the logs before and after it. It is what can be
// said of the end of a series at once; Verify says the rest.
func CheckLog(log *isms.EvidenceLog) *Problem {
	s := &series{Key: KeyOf(log), head: Head{Key: KeyOf(log), Sequence: log.Spec.FirstSequence - 1}, logs: []*isms.EvidenceLog{log}}
	if log.Spec.Previous != nil {
		s.head.Digest = log.Spec.Previous.Digest
	}
	for j := range log.Spec.Entries {
		if p := s.entry(log, j); p != nil {
			return p
		}
	}
	return nil
}

// Family is a group of entries of which the last one of an item says how it stands.
type Family string

// Families of entries.
const (
	FamilyEvidence   Family = "Evidence"
	FamilyResult     Family = "Result"
	FamilyCriteria   Family = "Criteria"
	FamilyNamespace  Family = "Namespace"
	FamilyRecord     Family = "Record"
	FamilyOperator   Family = "Operator"
	FamilyCheckpoint Family = "Checkpoint"
	FamilyPruned     Family = "Pruned"
)

// FamilyOf is the family of a type of entry.
func FamilyOf(t isms.LogEntryType) Family {
	switch t {
	case isms.LogEvidenceChanged:
		return FamilyEvidence
	case isms.LogResultChanged:
		return FamilyResult
	case isms.LogCriteriaChanged:
		return FamilyCriteria
	case isms.LogNamespaceEntered, isms.LogNamespaceLeft:
		return FamilyNamespace
	case isms.LogRecordSeen, isms.LogRecordChanged, isms.LogRecordRemoved:
		return FamilyRecord
	case isms.LogOperatorChanged:
		return FamilyOperator
	case isms.LogCheckpoint:
		return FamilyCheckpoint
	case isms.LogPruned:
		return FamilyPruned
	}
	return Family(fmt.Sprintf("of type %s", t))
}
