// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

var (
	acme  = ledger.Scope{Namespace: "isms", Name: "acme-platform"}
	own   = ledger.Key{Scope: acme, Series: isms.SeriesScope}
	start = time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
)

func control(id isms.ControlID) ledger.Key {
	return ledger.Key{Scope: acme, Series: isms.SeriesControl, ControlID: id}
}

// at is so many seconds after the start.
func at(seconds int64) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

func stamp(seconds int64) metav1.Time { return metav1.NewTime(at(seconds)) }

func span(from, to int64) Span { return Span{at(from), at(to)} }

// logs writes entries as a store would, ten to a log.
type logs struct {
	testing.TB
	heads map[ledger.Key]ledger.Head
	list  map[ledger.Key][]isms.EvidenceLog
	// epoch of the last checkpoint.
	epoch int64
	// kept is the book as it is kept while entries are written.
	kept Book
}

func newLogs(t testing.TB) *logs {
	l := &logs{TB: t, heads: map[ledger.Key]ledger.Head{}, list: map[ledger.Key][]isms.EvidenceLog{}}
	l.add(own, isms.LogEntry{Type: isms.LogOperatorChanged, ObservedTime: stamp(0), Image: "operator:1"})
	return l
}

func (l *logs) add(key ledger.Key, entry isms.LogEntry) {
	head, ok := l.heads[key]
	if !ok {
		head = ledger.Head{Key: key}
	}
	entry.Epoch, entry.OperatorVersion = l.epoch+1, "0.1.0"
	entry, head, err := ledger.Append(head, entry)
	if err != nil {
		l.Fatal(err)
	}
	l.put(key, entry, head)
}

// put is add of an entry that is chained already.
func (l *logs) put(key ledger.Key, entry isms.LogEntry, head ledger.Head) {
	list := l.list[key]
	if n := len(list); n == 0 || len(list[n-1].Spec.Entries) == 10 {
		var last *isms.EvidenceLog
		if n > 0 {
			last = &list[n-1]
		}
		log := isms.EvidenceLog{Spec: ledger.Next(key, last)}
		log.Namespace, log.Name = key.Namespace, ledger.LogName(key, log.Spec.Number)
		list = append(list, log)
	}
	n := len(list) - 1
	list[n].Spec.Entries = append(list[n].Spec.Entries, entry)
	l.heads[key], l.list[key] = head, list
	l.kept.Take(key, &entry)
}

func (l *logs) turn(id isms.ControlID, seconds int64, result isms.ControlResult) {
	l.add(control(id), isms.LogEntry{Type: isms.LogResultChanged, ObservedTime: stamp(seconds), ControlResult: result})
}

func (l *logs) gap(from, to int64) {
	since := stamp(from)
	l.add(own, isms.LogEntry{Type: isms.LogObservationGap, From: &since, ObservedTime: stamp(to), Reason: isms.ReasonOperatorDown})
}

// seal appends a checkpoint.
func (l *logs) seal(seconds, epoch int64, signers ...*ledger.Signer) isms.Digest {
	entry, head, err := ledger.AppendCheckpoint(acme, slices.Collect(maps.Values(l.heads)), ledger.Seal{
		Time: at(seconds), Epoch: epoch, OperatorVersion: "0.1.0", Signers: signers,
	})
	if err != nil {
		l.Fatal(err)
	}
	l.epoch = epoch
	l.put(own, entry, head)
	return entry.Digest
}

func (l *logs) all() []isms.EvidenceLog {
	var all []isms.EvidenceLog
	for _, list := range l.list {
		all = append(all, list...)
	}
	return all
}

// book is of all logs, in an order that is not theirs.
func (l *logs) book() *Book {
	all := l.all()
	shuffle := rand.New(rand.NewPCG(1, uint64(len(all)))) //nolint:gosec // an order, no secret
	shuffle.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return BookOf(acme, all)
}
