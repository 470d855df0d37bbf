// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"
	"sync"

	"github.com/isms-operator/isms-operator/internal/check"
)

// everyMiss and fewPairs: of each so many objects without a known twin, the next of the list is compared with it, and a rule
// is judged by so many pairs.
const (
	everyMiss = 16
	fewPairs  = 32
)

// neighbours finds the rules that read something by which replicas differ, and that would leave no other rule a twin. Replicas
// are neighbours in a list.
type neighbours struct {
	mu        sync.Mutex
	misses    int
	section   *section // of the object whose neighbour is awaited, nil for none
	namespace string
	sums      []uint64 // what each rule reads of it
}

// listed takes an object of a list; missed: it had no twin. It reports whether a rule is of another class now.
func (n *neighbours) listed(r *record, subject check.Subject, missed bool) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.section != nil {
		before := n.section
		n.section = nil
		if before == r.section && n.namespace == r.key.Namespace {
			return r.section.compare(n.sums, ownSums(r.section, subject))
		}
	}
	if !missed {
		return false
	}
	if n.misses++; n.misses%everyMiss == 0 {
		n.section, n.namespace, n.sums = r.section, r.key.Namespace, ownSums(r.section, subject)
	}
	return false
}

// ownSums are what the rules of the class plain read of an object, rule by rule.
func ownSums(x *section, subject check.Subject) []uint64 {
	out := make([]uint64, len(x.columns))
	for i, c := range x.columns {
		if c.class == plain {
			out[i] = c.temper.footprint.Sum(subject)
		}
	}
	return out
}

// compare takes what the rules read of two neighbours. A rule is found out where most neighbours differ in what it reads,
// and half as many, or fewer, in what another rule reads.
func (x *section) compare(a, b []uint64) bool {
	var shares []float64
	for i, c := range x.columns {
		if c.class == plain {
			shares = append(shares, c.temper.pair(a[i] == b[i]))
		}
	}
	if len(shares) == 0 {
		return false
	}
	least, moved := slices.Min(shares), false
	for _, c := range x.columns {
		if c.class == plain {
			moved = c.temper.differs(least) || moved
		}
	}
	return moved
}

// pair takes a pair of neighbours and returns the share of those that differ.
func (t *temper) pair(same bool) float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pairs++
	if !same {
		t.differing++
	}
	return float64(t.differing) / float64(t.pairs)
}

// differs makes a rule distinct whose share is more than twice another's, and reports whether it has.
func (t *temper) differs(least float64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	share := float64(t.differing) / float64(t.pairs)
	if t.pairs < fewPairs || share < 0.5 || share <= 2*least || t.now() != plain {
		return false
	}
	t.first = max(t.first, distinct)
	t.class.Store(uint32(distinct))
	return true
}
