// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/binary"
	"sync"

	"github.com/isms-operator/isms-operator/internal/check"
)

// Most changes of a cluster are none that a rule reads: a status, an annotation, a lease of an owner. So the stream
// remembers, of each object, sums of what its rules read (check.Footprint), eight bytes for each class of rules, and
// evaluates no rule of a class while its sum stays the same.
//
// Every set of columns has a footprint of its own, so that no sum outlives a change of the rules about a namespace. What
// was left out for a suspension, put off, or has to be evaluated anew because a Namespace has changed, is made up for
// by a listing or by the queue of a heavy rule, and listings evaluate in any case. What follows from time is evaluated by
// ticks.

// sums are what is remembered of an object, by class, zero for none.
type sums [remembered]uint64

// unchanged is a set of classes: those of which an event has changed nothing.
type unchanged uint8

func (u unchanged) has(c class) bool { return int(c) < remembered && u&(1<<c) != 0 }

// prints are the sums by the id of the object.
type prints [remembered][]uint64

func (p *prints) set(c class, id int32, sum uint64) {
	if sum == 0 && int(id) >= len(p[c]) {
		return
	}
	for int(id) >= len(p[c]) {
		p[c] = append(p[c], 0)
	}
	p[c][id] = sum
}

func (p *prints) get(c class, id int32) uint64 {
	if int(id) < len(p[c]) {
		return p[c][id]
	}
	return 0
}

// section is what a plan evaluates of the objects of one namespace. Namespaces with the same rules share one.
type section struct {
	columns []*planColumn
	footing *footing
	plain   bool // there is no rule of another class, nor one with exceptions: twins have all verdicts in common
	excepts bool // there is a rule with exceptions
}

// footing are the footprints of a section, nil for a class without a rule, and what all its rules read.
type footing struct {
	footprints [remembered]*check.Footprint
	reading    *check.Reading

	mu    sync.Mutex
	parts map[string]*check.Reading // of some of the rules
}

// maxParts bounds the readings of some rules of a section; each is some kilobytes.
const maxParts = 64

// rest is what those rules read whose verdicts twins do not have.
func (x *section) rest(v *verdicts) *check.Reading {
	var key []byte
	var programs []*check.Program
	for i, c := range x.columns {
		if !v.shared(i) {
			key = binary.AppendUvarint(key, uint64(i)) //nolint:gosec // an index
			programs = append(programs, c.program)
		}
	}
	f := x.footing
	f.mu.Lock()
	defer f.mu.Unlock()
	part := f.parts[string(key)]
	switch {
	case part != nil:
	case len(f.parts) >= maxParts:
		part = f.reading
	default:
		if f.parts == nil {
			f.parts = map[string]*check.Reading{}
		}
		part = check.NewReading(programs...)
		f.parts[string(key)] = part
	}
	return part
}

func (f *footing) sums(s check.Subject) sums {
	var out sums
	for c, footprint := range f.footprints {
		if footprint != nil {
			out[c] = footprint.Sum(s)
		}
	}
	return out
}

// covered says that no rule has anything to evaluate.
func (x *section) covered(u unchanged) bool {
	for _, c := range x.columns {
		if !u.has(c.class) {
			return false
		}
	}
	return true
}

// section returns what is evaluated in a namespace, nil where nothing is.
func (p *plan) section(namespace string) *section {
	p.mu.Lock()
	defer p.mu.Unlock()
	if x, known := p.byNamespace[namespace]; known {
		return x
	}
	var columns []*planColumn
	var key []byte
	for i := range p.columns {
		if c := &p.columns[i]; c.wants(namespace) {
			columns = append(columns, c)
			key = binary.AppendUvarint(append(key, byte(c.class)), c.temper.serial)
		}
	}
	x := p.bySet[string(key)]
	if x == nil && len(columns) > 0 {
		x = &section{columns: columns, footing: p.footings.of(string(key), columns), plain: true}
		for _, c := range columns {
			x.plain = x.plain && c.class == plain && !c.excepts()
			x.excepts = x.excepts || c.excepts()
		}
		p.bySet[string(key)] = x
	}
	p.byNamespace[namespace] = x
	return x
}

// footings are the footprints of a stream by the set of columns, so that a change of rules elsewhere costs nothing here.
type footings struct {
	mu    sync.Mutex
	known map[string]*footing
}

// maxFootings bounds them; each is some kilobytes. Beyond it all are made anew, which costs one evaluation of each object.
const maxFootings = 1024

func (f *footings) of(key string, columns []*planColumn) *footing {
	f.mu.Lock()
	defer f.mu.Unlock()
	if out := f.known[key]; out != nil {
		return out
	}
	if f.known == nil || len(f.known) >= maxFootings {
		f.known = map[string]*footing{}
	}
	out := &footing{}
	var all []*check.Program
	for class := range out.footprints {
		var programs []*check.Program
		for _, c := range columns {
			if int(c.class) == class {
				programs = append(programs, c.program)
			}
		}
		if len(programs) > 0 {
			out.footprints[class] = check.NewFootprint(programs...)
		}
	}
	for _, c := range columns {
		all = append(all, c.program)
	}
	out.reading = check.NewReading(all...)
	f.known[key] = out
	return out
}

// remembers says of which classes the verdicts about an object are those of what is to be evaluated.
func (s *stream) remembers(r *record) unchanged {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, known := s.table.ID(r.key)
	var out unchanged
	for c, sum := range r.sums {
		if known && sum != 0 && s.prints.get(class(c), id) == sum { //nolint:gosec // one of a few
			out |= 1 << c
		}
	}
	return out
}

// learn takes an object to learn how steady what the rules read is, and reports whether a rule is of another class for it.
func (s *stream) learn(r *record, subject check.Subject, event bool) bool {
	hash, moved := s.hash(r.key), false
	for _, c := range r.section.columns {
		if event {
			moved = c.temper.event(hash, subject, r.same.has(c.class)) || moved
		} else {
			c.temper.seen(hash, subject)
		}
	}
	return moved
}

// sortAnew makes the plan again with the present classes of the rules. Nothing has to be listed for it.
func (s *stream) sortAnew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.plan.Load()
	next := newPlan(old.generation+1, &s.footings)
	next.columns = append(next.columns, old.columns...)
	for i := range next.columns {
		next.columns[i].class = next.columns[i].temper.now()
	}
	s.plan.Store(next)
}

// settleTempers moves rules back that are calm again.
func (s *stream) settleTempers() {
	moved, now := false, s.clock.Now()
	for i := range s.plan.Load().columns {
		moved = s.plan.Load().columns[i].temper.calmed(now) || moved
	}
	if moved {
		s.sortAnew()
	}
}
