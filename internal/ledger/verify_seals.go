// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"fmt"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// seals holds the checkpoints of a scope against its series.
type seals struct {
	*Report
	Options
	series []*series
	own    *series
	signed bool
}

func (s *seals) verify() {
	whole := len(s.Problems) == 0
	for _, series := range s.series {
		if series.Series == isms.SeriesScope {
			s.own = series
		}
	}
	if s.own != nil {
		s.Checkpoints = len(s.own.checkpoints)
		for i, checkpoint := range s.own.checkpoints {
			if want := s.firstEpoch() + int64(i); checkpoint.entry.Epoch != want {
				s.fail(checkpoint, Malformed, "it is checkpoint %d of the scope, but its epoch is %d", want, checkpoint.entry.Epoch)
			}
			s.checkpoint(checkpoint, whole)
		}
	}
	if whole {
		s.ahead()
	}
	if len(s.Keys) > 0 && !s.signed && len(s.series) > 0 {
		s.Problems = append(s.Problems, Problem{
			Kind: Unsigned, Key: Key{Scope: s.Scope, Series: isms.SeriesScope},
			Detail: "keys are given, but no checkpoint is signed: nothing shows who wrote this",
		})
	}
	s.tail()
	for i := range s.Anchors {
		if s.Anchors[i].Scope == s.Scope {
			s.anchor(&s.Anchors[i])
		}
	}
}

func (s *seals) fail(at placed, kind Kind, format string, args ...any) {
	s.Problems = append(s.Problems, Problem{
		Kind: kind, Log: at.log, Key: Key{Scope: s.Scope, Series: isms.SeriesScope}, Sequence: at.entry.Sequence,
		Detail: fmt.Sprintf(format, args...),
	})
}

// checkpoint holds one against the heads, where all chains are whole, and against the keys.
func (s *seals) checkpoint(c placed, whole bool) {
	s.Sealed = c.entry.ObservedTime.UTC()
	if len(c.entry.Checkpoint.Signatures) > 0 {
		s.Signed++
	}
	if whole {
		s.root(c)
	}
	s.signatures(c)
}

// root recomputes what a checkpoint says from the entries that it seals.
func (s *seals) root(c placed) {
	said := c.entry.Checkpoint
	var leaves []hash
	var entries int64
	for _, series := range s.series {
		m := series.at(c)
		if m == nil {
			continue
		}
		if m.leaf == nil {
			leaf, err := m.head.leaf()
			if err != nil {
				s.fail(c, Malformed, "%v", err)
				return
			}
			m.leaf = &leaf
		}
		leaves, entries = append(leaves, *m.leaf), entries+m.head.Sequence
	}
	root := rootOf(leaves)
	switch {
	case said.Entries > entries || int(said.Heads) > len(leaves):
		s.fail(c, Truncated, "it seals %d entries of %d series, but there are %d of %d: what is missing is the end of %s",
			said.Entries, said.Heads, entries, len(leaves), s.suspects(c))
	case said.Entries < entries || int(said.Heads) < len(leaves):
		s.fail(c, ForgedCheckpoint, "it seals %d entries of %d series, but by its epoch there are %d of %d",
			said.Entries, said.Heads, entries, len(leaves))
	case root != said.Root:
		s.fail(c, ForgedCheckpoint, "the entries that it seals give the root %s, but it has %s: it is forged, or they were rewritten",
			root, said.Root)
	}
}

// at is the head of the series that a checkpoint seals, nil where the series had no entry yet.
func (s *series) at(c placed) *mark {
	if s.Series == isms.SeriesScope {
		if c.before.Sequence == 0 {
			return nil
		}
		return &mark{head: c.before}
	}
	for s.next < len(s.marks) && s.marks[s.next].epoch <= c.entry.Epoch {
		s.next++
	}
	if s.next > 0 {
		return &s.marks[s.next-1]
	}
	if s.pruned.Sequence > 0 {
		return &mark{head: s.pruned}
	}
	return nil
}

// firstEpoch is that of the first checkpoint: 1, unless those before it were pruned.
func (s *seals) firstEpoch() int64 {
	if s.own.pruned.Sequence > 0 && len(s.own.checkpoints) > 0 {
		return s.own.checkpoints[0].entry.Epoch
	}
	return 1
}

// suspects are the series that have no entry after a checkpoint: a series that goes on is not cut off.
func (s *seals) suspects(c placed) string {
	var names []string
	for _, series := range s.series {
		if series.head.Sequence > 0 && series.epoch <= c.entry.Epoch {
			names = append(names, string(series.ControlID))
		}
	}
	names = append(names, "a series that is gone")
	if more := len(names) - 4; more > 0 {
		names = append(names[:3], fmt.Sprintf("%d more", more+1))
	}
	return strings.Join(names, " or ")
}

func (s *seals) signatures(c placed) {
	signatures := c.entry.Checkpoint.Signatures
	if len(signatures) == 0 {
		// What comes before the first signature is sealed by it. What comes after may be another's.
		if s.signed {
			s.fail(c, Unsigned, "it is not signed, though checkpoints before it are")
		}
		return
	}
	s.signed = true
	if len(s.Keys) == 0 {
		return
	}
	payload, err := checkpointPayload(s.Scope, *c.entry)
	if err != nil {
		s.fail(c, Malformed, "%v", err)
		return
	}
	if kind, err := s.Keys.check(envelope(payload, signatures)); err != nil {
		s.fail(c, kind, "%v", err)
	}
}

// ahead finds a series with entries of an epoch that, by the checkpoints that are there, has not begun: checkpoints were
// cut off, or the epoch is made up so that none would seal the entries.
func (s *seals) ahead() {
	begun := int64(1)
	if s.own != nil {
		begun = s.firstEpoch() + int64(s.Checkpoints)
	}
	for _, series := range s.series {
		if series.epoch > begun {
			s.Problems = append(s.Problems, Problem{
				Kind: Truncated, Log: series.logs[len(series.logs)-1].Name, Key: series.Key, Sequence: series.head.Sequence,
				Detail: fmt.Sprintf("its epoch is %d, but of the checkpoints that end the epochs before there are %d", series.epoch, begun-1),
			})
			return
		}
	}
}

// tail counts the entries that no checkpoint seals.
func (s *seals) tail() {
	var last placed
	if s.own != nil && len(s.own.checkpoints) > 0 {
		last = s.own.checkpoints[len(s.own.checkpoints)-1]
	}
	for _, series := range s.series {
		series.next = 0
		switch {
		case last.entry == nil:
			s.Unsealed += int(series.head.Sequence)
		case series == s.own:
			s.Unsealed += int(series.head.Sequence - last.entry.Sequence)
		default:
			s.Unsealed += int(series.head.Sequence)
			if m := series.at(last); m != nil {
				s.Unsealed -= int(m.head.Sequence)
			}
		}
	}
}
