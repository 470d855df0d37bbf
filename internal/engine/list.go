// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// job is a listing beside the stream: for rules that came after the stream had synced, and for namespaces that entered
// a scope or whose Namespace changed. While it is under way the stream goes on, and what it brings is newer.
type job struct {
	generation, replaced uint64
	namespaces           []string // [""] is all
}

// manyNamespaces is the number from which one list of everything is cheaper than one for each.
const manyNamespaces = 20

// runListings lists what columns wait for, until the context ends. Wishes that come during a listing are coalesced
// into the next.
func (s *stream) runListings(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.listMore:
		}
		j, ok := s.begin()
		if !ok {
			continue
		}
		if err := s.list(ctx, j); err != nil && ctx.Err() == nil {
			s.Failed(err)
			s.retry(ctx)
		}
	}
}

// retry raises the wish again after a moment.
func (s *stream) retry(ctx context.Context) {
	t := s.clock.NewTimer(time.Second)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C():
		s.listMore.raise()
	}
}

// begin works out what is to be listed, and starts to note what events touch.
func (s *stream) begin() (job, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.synced {
		return job{}, false // the first list brings everything
	}
	j := job{generation: s.plan.Load().generation, replaced: s.replaced}
	want := map[string]bool{}
	for _, c := range s.columns {
		if c.pending == 0 {
			continue
		}
		if c.all || !s.namespaced {
			want = map[string]bool{"": true}
			break
		}
		for n := range c.namespaces {
			want[n] = true
		}
	}
	if len(want) > manyNamespaces {
		want = map[string]bool{"": true}
	}
	j.namespaces = slices.Sorted(maps.Keys(want))
	if len(j.namespaces) == 0 {
		s.complete(j.generation) // a rule may have no namespace to look at
		return job{}, false
	}
	s.touched, s.listing = map[tally.Key]touch{}, j.generation
	return j, true
}

func (s *stream) list(ctx context.Context, j job) error {
	for _, n := range j.namespaces {
		err := s.source.List(ctx, n, func(r watch.Record) { s.fill(j, r) })
		if err != nil {
			s.finish(j, false)
			return err
		}
	}
	s.finish(j, true)
	return nil
}

// finish ends a listing. What it was for is complete if everything was listed and no relist overtook it.
func (s *stream) finish(j job, listed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touched, s.listing = nil, 0
	defer s.wantLate()
	if listed {
		s.failure = nil
	}
	switch {
	case !listed:
	case s.replaced != j.replaced:
		s.listMore.raise() // the relist may have left something
	default:
		s.complete(j.generation)
	}
}

// fill applies a listed object unless an event has brought something newer.
func (s *stream) fill(j job, r watch.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := r.(*record)
	if !ok || s.replaced != j.replaced || s.touched[x.key].all {
		return
	}
	s.apply(x, s.touched[x.key])
}

// tick evaluates the rules that read `now` again, on what is kept of their objects.
func (s *stream) tick() {
	p := s.plan.Load()
	for i := range p.columns {
		c := &p.columns[i]
		if c.keeps && c.program.ReadsNow() {
			s.reevaluate(c)
		}
	}
	s.retryOverflow()
	s.resume()
	s.settleTempers()
}

func (s *stream) reevaluate(c *planColumn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.columns[c.key]
	if state == nil {
		return
	}
	for id, k := range state.kept {
		namespace := s.table.KeyOf(id).Namespace
		switch {
		case c.budget.suspended(namespace):
			continue
		case c.budget.isHeavy():
			s.putOff(c.key, state, id, k)
			continue
		}
		r := s.evaluate(c, k.subject, s.env(namespace), k.own, namespace)
		if r.err != nil {
			state.addError(namespace, r.err)
		}
		if s.table.Set(c.key, id, tally.Mark{Code: r.code, Waives: k.waives}) || c.budget.suspended(namespace) {
			s.changed(c.key)
		}
	}
	if c.program.Set() {
		s.changed(c.key) // the list as one may read the time as well
	}
}

// retryOverflow lists again for a rule that kept too many objects, once there are clearly fewer.
func (s *stream) retryOverflow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, c := range s.columns {
		if c.overflow && c.pending == 0 && s.touched == nil && s.table.Selected(key) <= s.maxKept*9/10 {
			c.overflow, c.pending, c.all = false, s.plan.Load().generation, true
			s.listMore.raise()
		}
	}
}
