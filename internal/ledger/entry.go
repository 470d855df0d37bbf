// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// MaxEntries is the number of entries of one EvidenceLog (api/v1alpha1); the next one begins another.
const MaxEntries = 100

// Formats tell what canonical bytes are of, so that the digest or the signature of one can never pass for another's.
const (
	formatEntry      = "isms-operator.io/evidence-log/entry/v1"
	formatHead       = "isms-operator.io/evidence-log/head/v1"
	formatCheckpoint = "isms-operator.io/evidence-log/checkpoint/v1"
)

// Scope is an ISMSScope.
type Scope struct {
	Namespace string `json:"namespace"`
	Name      string `json:"scope"`
}

func (s Scope) String() string { return s.Namespace + "/" + s.Name }

// Key is a series: of a control, or of the scope, which has no ControlID.
type Key struct {
	Scope
	Series    isms.LogSeries `json:"series"`
	ControlID isms.ControlID `json:"controlID"`
}

// KeyOf is the series that a log is part of.
func KeyOf(log *isms.EvidenceLog) Key {
	return Key{
		Scope:  Scope{Namespace: log.Namespace, Name: string(log.Spec.ScopeRef.Name)},
		Series: log.Spec.Series, ControlID: log.Spec.ControlID,
	}
}

// String names the series within its scope.
func (k Key) String() string {
	if k.Series == isms.SeriesScope {
		return "the scope's own series"
	}
	return "the series of " + string(k.ControlID)
}

func (k Key) compare(other Key) int {
	for _, pair := range [][2]string{
		{k.Namespace, other.Namespace},
		{k.Name, other.Name},
		{string(k.Series), string(other.Series)},
		{string(k.ControlID), string(other.ControlID)},
	} {
		if order := strings.Compare(pair[0], pair[1]); order != 0 {
			return order
		}
	}
	return 0
}

// form is what the canonical bytes of an entry are made from.
type form struct {
	Format string `json:"format"`
	Key
	Entry isms.LogEntry `json:"entry"`
}

// EntryBytes are the canonical bytes of an entry of a series: RFC 8785 JSON of the format, the series and the entry
// without its digest. It is an error if the entry holds what the form does not know, such as text that is not UTF-8.
func EntryBytes(key Key, entry isms.LogEntry) ([]byte, error) {
	entry.Digest = ""
	return canonical(form{Format: formatEntry, Key: key, Entry: entry})
}

// EntryDigest is the SHA-256 of the entry's canonical bytes.
func EntryDigest(key Key, entry isms.LogEntry) (isms.Digest, error) {
	bytes, err := EntryBytes(key, entry)
	if err != nil {
		return "", err
	}
	return digest(bytes), nil
}

func digest(bytes []byte) isms.Digest {
	sum := sha256.Sum256(bytes)
	return isms.Digest("sha256:" + hex.EncodeToString(sum[:]))
}

// Head is the last entry of a series, by which the next one is chained to it. The zero Head but for its Key is that of a
// series without entries.
type Head struct {
	Key
	Sequence int64       `json:"sequence"`
	Digest   isms.Digest `json:"digest"`
}

// Append chains an entry to the head of its series: it sets sequence, previous digest and digest, and cuts the time to
// seconds in UTC, as the API has it. It returns the entry and the head that it makes.
func Append(head Head, entry isms.LogEntry) (isms.LogEntry, Head, error) {
	entry.Sequence = head.Sequence + 1
	entry.PreviousDigest = head.Digest
	entry.ObservedTime = seconds(entry.ObservedTime)
	if entry.From != nil {
		from := seconds(*entry.From)
		entry.From = &from
	}
	if entry.Flaps != nil && entry.Flaps.FirstFailure != nil {
		flaps, failure := *entry.Flaps, *entry.Flaps.FirstFailure
		failure.ObservedTime = seconds(failure.ObservedTime)
		flaps.FirstFailure = &failure
		entry.Flaps = &flaps
	}
	sum, err := EntryDigest(head.Key, entry)
	if err != nil {
		return isms.LogEntry{}, head, fmt.Errorf("append to %s: %w", head.Key, err)
	}
	entry.Digest = sum
	return entry, Head{Key: head.Key, Sequence: entry.Sequence, Digest: sum}, nil
}

func seconds(t metav1.Time) metav1.Time { return metav1.Time{Time: t.UTC().Truncate(1e9)} }

// Next is the spec of the log that comes after the last of its series, nil for the first: without entries, and tied to
// the end of the one before.
func Next(key Key, last *isms.EvidenceLog) isms.EvidenceLogSpec {
	return follow(last, TailOf(key, last).Head).Spec
}
