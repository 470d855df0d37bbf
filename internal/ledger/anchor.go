// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Anchor is a checkpoint that was kept outside the cluster, as a DSSE envelope.
type Anchor struct {
	Scope
	// Entry is the checkpoint, without digest and signatures.
	Entry    isms.LogEntry
	payload  []byte
	envelope dsse.Envelope
}

// LastAnchors are the DSSE envelopes, in JSON, of the last checkpoint of each scope, in the order of the scopes' names.
// Unsigned checkpoints give envelopes without signatures: kept outside, they prove as much, but not who made them. The
// logs are not verified.
func LastAnchors(logs []isms.EvidenceLog) ([][]byte, error) {
	last := map[Scope]*isms.LogEntry{}
	for i := range logs {
		scope := KeyOf(&logs[i]).Scope
		for j := range logs[i].Spec.Entries {
			entry := &logs[i].Spec.Entries[j]
			if entry.Checkpoint != nil && (last[scope] == nil || last[scope].Sequence < entry.Sequence) {
				last[scope] = entry
			}
		}
	}
	var anchors [][]byte
	for _, report := range Verify(logs, Options{}) {
		entry := last[report.Scope]
		if entry == nil {
			continue
		}
		payload, err := checkpointPayload(report.Scope, *entry)
		if err != nil {
			return nil, fmt.Errorf("anchor of %s: %w", report.Scope, err)
		}
		text, err := json.Marshal(envelope(payload, entry.Checkpoint.Signatures))
		if err != nil {
			return nil, fmt.Errorf("anchor of %s: %w", report.Scope, err)
		}
		anchors = append(anchors, text)
	}
	return anchors, nil
}

// ParseAnchors reads envelopes that LastAnchors made, one after the other.
func ParseAnchors(text []byte) ([]Anchor, error) {
	var anchors []Anchor
	for decoder := json.NewDecoder(bytes.NewReader(text)); decoder.More(); {
		var a Anchor
		if err := decoder.Decode(&a.envelope); err != nil {
			return nil, fmt.Errorf("anchor: %w", err)
		}
		if err := a.open(); err != nil {
			return nil, fmt.Errorf("anchor: %w", err)
		}
		anchors = append(anchors, a)
	}
	if len(anchors) == 0 {
		return nil, errors.New("anchor: the file holds none")
	}
	return anchors, nil
}

func (a *Anchor) open() error {
	if a.envelope.PayloadType != PayloadType {
		return fmt.Errorf("the payload is %q, want %q", a.envelope.PayloadType, PayloadType)
	}
	payload, err := a.envelope.DecodeB64Payload()
	if err != nil {
		return err
	}
	var f form
	if err := json.Unmarshal(payload, &f); err != nil {
		return err
	}
	if f.Format != formatCheckpoint || f.Entry.Checkpoint == nil {
		return fmt.Errorf("the payload is of the format %q and no checkpoint of this one", f.Format)
	}
	a.Scope, a.Entry, a.payload = f.Scope, f.Entry, payload
	return nil
}

// anchor holds a checkpoint that was kept outside against the one of the log.
func (s *seals) anchor(a *Anchor) {
	missing := placed{entry: &a.Entry}
	if len(s.Keys) > 0 && len(a.envelope.Signatures) > 0 {
		if kind, err := s.Keys.check(&a.envelope); err != nil {
			s.fail(missing, kind, "the anchor: %v", err)
			return
		}
	}
	if s.own != nil {
		for _, c := range s.own.checkpoints {
			if c.entry.Sequence == a.Entry.Sequence {
				s.compare(a, c)
				return
			}
		}
	}
	if s.own != nil && a.Entry.Sequence <= s.own.pruned.Sequence {
		return // It was pruned; nothing is left to hold against it.
	}
	s.fail(missing, Truncated, "the checkpoint of the anchor, of %s, is not in the log", a.Entry.ObservedTime.UTC().Format("2006-01-02"))
}

func (s *seals) compare(a *Anchor, c placed) {
	payload, err := checkpointPayload(s.Scope, *c.entry)
	if err != nil || !bytes.Equal(payload, a.payload) {
		s.fail(c, AnchorMismatch, "it is not the checkpoint that was kept outside: the log was rewritten since, or the anchor is of another one")
		return
	}
	if t := c.entry.ObservedTime.UTC(); t.After(s.Anchored) {
		s.Anchored = t
	}
}
