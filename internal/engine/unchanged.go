// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import "github.com/isms-operator/isms-operator/internal/check"

// Most changes of a cluster are none that a rule reads: a status, an annotation, a lease of an owner. So the stream
// remembers, of each object, a sum of what its rules read (check.Footprint), in eight bytes, and evaluates nothing while
// the sum stays the same.
//
// Every plan has a footprint of its own, so that no sum outlives a change of rules, of namespaces in scope or of a
// Namespace that rules read. None is remembered where a rule was left out or put off. Listings evaluate in any case:
// whatever was missed is made up for by listing again. What follows from time is evaluated by ticks.

// prints are the sums by the id of the object, zero for none.
type prints []uint64

func (p *prints) set(id int32, sum uint64) {
	for int(id) >= len(*p) {
		*p = append(*p, 0)
	}
	(*p)[id] = sum
}

func (p prints) get(id int32) uint64 {
	if int(id) < len(p) {
		return p[id]
	}
	return 0
}

// remembers says whether the verdicts about an object are those of what is to be evaluated.
func (s *stream) remembers(r *record) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, known := s.table.ID(r.key)
	return known && r.print != 0 && s.prints.get(id) == r.print
}

func footprintOf(columns []planColumn) *check.Footprint {
	programs := make([]*check.Program, 0, len(columns))
	for i := range columns {
		programs = append(programs, columns[i].program)
	}
	return check.NewFootprint(programs...)
}
