// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

var (
	acme  = Scope{Namespace: "isms", Name: "acme-platform"}
	own   = Key{Scope: acme, Series: isms.SeriesScope}
	start = time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
)

func control(id string) Key {
	return Key{Scope: acme, Series: isms.SeriesControl, ControlID: isms.ControlID(id)}
}

// book writes logs, as a store would, in memory.
type book struct {
	testing.TB
	logs    map[Key][]*isms.EvidenceLog
	heads   map[Key]Head
	epoch   int64
	perLog  int
	signers []*Signer
}

func newBook(t testing.TB, perLog int, signers ...*Signer) *book {
	return &book{TB: t, logs: map[Key][]*isms.EvidenceLog{}, heads: map[Key]Head{}, epoch: 1, perLog: perLog, signers: signers}
}

func (b *book) head(key Key) Head {
	if head, ok := b.heads[key]; ok {
		return head
	}
	return Head{Key: key}
}

func (b *book) append(key Key, entry isms.LogEntry) {
	entry.Epoch = b.epoch
	entry, head, err := Append(b.head(key), entry)
	b.put(key, entry, head, err)
}

func (b *book) seal(at time.Time) {
	heads := make([]Head, 0, len(b.heads))
	for _, head := range b.heads {
		heads = append(heads, head)
	}
	entry, head, err := AppendCheckpoint(acme, heads, Seal{
		Time: at, Epoch: b.epoch, ObservedSeconds: 86400, OperatorVersion: "0.1.0", Signers: b.signers,
	})
	b.put(own, entry, head, err)
	b.epoch++
}

func (b *book) put(key Key, entry isms.LogEntry, head Head, err error) {
	if err != nil {
		b.Fatal(err)
	}
	logs := b.logs[key]
	if len(logs) == 0 || len(logs[len(logs)-1].Spec.Entries) == b.perLog {
		var last *isms.EvidenceLog
		if len(logs) > 0 {
			last = logs[len(logs)-1]
		}
		log := &isms.EvidenceLog{Spec: Next(key, last)}
		log.APIVersion, log.Kind = isms.GroupVersion.String(), "EvidenceLog"
		log.Namespace, log.Name = key.Namespace, fmt.Sprintf("acme.%s.%d", key.ControlID, log.Spec.Number)
		logs = append(logs, log)
	}
	log := logs[len(logs)-1]
	log.Spec.Entries = append(log.Spec.Entries, entry)
	b.logs[key], b.heads[key] = logs, head
}

// all are copies of the logs, in a stable order.
func (b *book) all() []isms.EvidenceLog {
	var all []isms.EvidenceLog
	for _, logs := range b.logs {
		for _, log := range logs {
			all = append(all, *log.DeepCopy())
		}
	}
	slices.SortFunc(all, func(a, b isms.EvidenceLog) int { return KeyOf(&a).compare(KeyOf(&b))*2 + cmpNumber(a, b) })
	return all
}

func cmpNumber(a, b isms.EvidenceLog) int {
	if a.Spec.Number < b.Spec.Number {
		return -1
	}
	return 1
}

// turned is an entry of an evidence item that turned.
func turned(at time.Time, result isms.EvidenceResult) isms.LogEntry {
	entry := isms.LogEntry{
		Type: isms.LogEvidenceChanged, ObservedTime: metav1.NewTime(at), Item: "default-deny", Result: result, Reason: "ObjectsPassed",
		ControlResult: isms.ResultEffective, Counts: &isms.LogCounts{Subjects: 12}, CriteriaDigest: digest([]byte("rule")), MatchedDigest: digest([]byte("matched")),
		OperatorVersion: "0.1.0",
	}
	if result == isms.EvidenceFail {
		entry.Reason, entry.Counts.Failing, entry.ControlResult = "ObjectsFailed", 2, isms.ResultIneffective
		entry.Failures = []isms.SubjectRef{{Namespace: "payments"}, {Namespace: "shop", Name: "web"}}
	}
	return entry
}

// week is a book of seven days of three controls and the scope, four entries to a log, sealed each evening; on the
// eighth day something happens that is not sealed yet.
func week(t testing.TB, signers ...*Signer) *book {
	b := newBook(t, 4, signers...)
	b.append(own, isms.LogEntry{Type: isms.LogOperatorChanged, ObservedTime: metav1.NewTime(start), OperatorVersion: "0.1.0"})
	for day := range 8 {
		at := start.AddDate(0, 0, day)
		for i, id := range []string{"A.5.1", "A.8.22", "A.8.9"} {
			if (day+i)%3 != 0 {
				b.append(control(id), turned(at.Add(time.Hour), isms.EvidenceFail))
				b.append(control(id), turned(at.Add(2*time.Hour), isms.EvidencePass))
			}
		}
		if day < 7 {
			b.seal(at.Add(24 * time.Hour))
		}
	}
	return b
}

func newSigner(t testing.TB, seed byte) *Signer {
	s, err := NewSigner(newKey(seed))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, ed25519.SeedSize))
}

func trusting(t testing.TB, signers ...*Signer) Keys {
	keys := Keys{}
	for _, s := range signers {
		_, public, err := MarshalKey(s.key)
		if err != nil {
			t.Fatal(err)
		}
		if err := keys.Add(public); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

// problems are those of all scopes.
func problems(logs []isms.EvidenceLog, o Options) []Problem {
	var all []Problem
	for _, report := range Verify(logs, o) {
		all = append(all, report.Problems...)
	}
	return all
}

// export is what `kubectl get -o json` would print.
func export(t testing.TB, logs []isms.EvidenceLog) []byte {
	text, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": logs})
	if err != nil {
		t.Fatal(err)
	}
	return text
}
