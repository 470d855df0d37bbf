// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/isms-operator/isms-operator/internal/check"
)

// class is how steady what a rule reads of its objects is. Rules of one class are remembered by one sum, so that a rule
// that reads what always changes has only itself evaluated again and again, whoever wrote it.
type class uint8

const (
	plain    class = iota // seldom changes, and is the same of all replicas
	distinct              // seldom changes, but each object has its own: its name
	lively                // changes with more than one event in livelyShare
	restless              // changes with every other event or more: to remember it does not pay
	// remembered is the number of the classes of which a sum is remembered: all but the last.
	remembered = int(restless)
)

const (
	// livelyShare is set so that what other rules have still evaluated for a rule that is not found out is below a tenth of
	// what an event costs in all: ten rules take about as long as the decoding of an object, one sixteenth of that is
	// little.
	livelyShare = 16
	// restlessShare is where evaluating costs what is spared.
	restlessShare = 2
	// fewEvents is how many events of sampled objects a rule is judged by, manyEvents from which on the older count half.
	fewEvents, manyEvents = 32, 512
	// sampled bounds the objects of a rule of which its own sum is remembered, 16 bytes each.
	sampled = 128

	firstTrial = 10 * time.Minute
	lastTrial  = 24 * time.Hour
)

// temper is what is known of how often that changes which one rule reads. All plans with the rule share it. It is learned
// from a sample of objects, those whose keys have a hash that ends in zeros: as many zeros as make the sample small.
//
// A verdict never depends on it, only how much work is spared.
type temper struct {
	serial    uint64 // no other column of the stream ever has it
	footprint *check.Footprint
	reading   *check.Reading
	first     class // the class that the text of the rule suggests
	class     atomic.Uint32
	mask      atomic.Uint64

	mu              sync.Mutex
	sums            map[uint64]uint64 // by the hash of an object's key
	events, changes int
	// pairs are neighbours in a list that were compared, and differing those that differ in what the rule reads.
	pairs, differing int
	// A rule that is calm again goes back to its first class, but not before trial, and later each time: each change of
	// a class costs one evaluation of all objects for the rules of both.
	trial  time.Time
	trials int
}

func newTemper(serial uint64, p *check.Program) *temper {
	t := &temper{serial: serial, footprint: check.NewFootprint(p), reading: check.NewReading(p), sums: map[uint64]uint64{}}
	switch {
	case p.ReadsRevision():
		t.first = restless
		t.mask.Store(math.MaxUint64) // there is nothing to learn
	case p.ReadsIdentity():
		t.first = distinct
	}
	t.class.Store(uint32(t.first))
	return t
}

func (t *temper) now() class { return class(t.class.Load()) } //nolint:gosec // one of the four

// seen takes an object as a list brings it.
func (t *temper) seen(hash uint64, subject check.Subject) {
	if hash&t.mask.Load() != 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keep(hash, t.footprint.Sum(subject))
}

// event takes an object that the watch says has changed; same: nothing of it that rules of this class read. It reports
// whether the rule is in another class now.
func (t *temper) event(hash uint64, subject check.Subject, same bool) bool {
	if hash&t.mask.Load() != 0 {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old, known := t.sums[hash]
	if !known || !same {
		t.keep(hash, t.footprint.Sum(subject))
	}
	if !known {
		return false
	}
	t.events++
	if t.sums[hash] != old {
		t.changes++
	}
	if t.events >= manyEvents {
		t.events, t.changes = t.events/2, t.changes/2
	}
	return t.worsen()
}

// keep remembers a sum, and of only half as many objects where they have become too many. The caller holds the lock.
func (t *temper) keep(hash, sum uint64) {
	t.sums[hash] = sum
	for len(t.sums) > sampled {
		mask := t.mask.Load()<<1 | 1
		t.mask.Store(mask)
		for h := range t.sums {
			if h&mask != 0 {
				delete(t.sums, h)
			}
		}
	}
}

// worsen moves the rule to a less steady class. The caller holds the lock.
func (t *temper) worsen() bool {
	next := t.now()
	switch {
	case t.events < fewEvents:
	case t.changes*restlessShare > t.events:
		next = restless
	case t.changes*livelyShare > t.events:
		next = max(next, lively)
	}
	if next == t.now() {
		return false
	}
	t.class.Store(uint32(next))
	return true
}

// calmed moves a rule back whose objects have not changed much for a while, and reports whether it has.
func (t *temper) calmed(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now() == t.first {
		return false
	}
	if t.trial.IsZero() {
		t.trial = now.Add(min(firstTrial<<min(t.trials, 16), lastTrial))
		t.trials++
		t.events, t.changes = 0, 0
	}
	if now.Before(t.trial) || t.events < fewEvents || t.changes*livelyShare*2 > t.events {
		return false
	}
	t.trial = time.Time{}
	t.class.Store(uint32(t.first))
	return true
}

// forget drops an object that is gone.
func (t *temper) forget(hash uint64) {
	if hash&t.mask.Load() != 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.sums, hash)
}
