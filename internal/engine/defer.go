// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"slices"
	"time"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// A heavy rule would hold up the stream, and with it every other rule of its kind. So the stream only takes the
// projection of an object for it, and one worker for all heavy rules of the engine evaluates these one after another,
// resting nine times as long as it has worked. The verdicts are the same, only later: that is its lag.

// The marks of a rule that was not evaluated with the others.
const (
	unshared tally.Code = 252 // it has to be evaluated for each twin
	stands   tally.Code = 253 // nothing has changed that it reads
	leftOut  tally.Code = 254 // it is suspended
	waiting  tally.Code = 255 // it is heavy
)

func isVerdict(c tally.Code) bool { return c <= tally.Errored }

// resting is how many times longer than it has worked the worker rests.
const resting = 9

// deferred is an object that waits for the evaluation of a heavy rule.
type deferred struct {
	kept
	id      int32
	version int // rises when the object changes while it waits
	since   time.Time
	// first says that the rule has no verdict about the object's namespace yet.
	first bool
}

// deferral is the queue of a heavy rule, the longest waiting first.
type deferral struct {
	byID  map[int32]*deferred
	order []*deferred
}

// put adds an object, or replaces it where it waits already.
func (q *deferral) put(id int32, k kept, now time.Time, first bool) {
	if d := q.byID[id]; d != nil {
		d.kept, d.first = k, d.first || first
		d.version++
		return
	}
	if q.byID == nil {
		q.byID = map[int32]*deferred{}
	}
	d := &deferred{kept: k, id: id, since: now, first: first}
	q.byID[id] = d
	q.order = append(q.order, d)
}

// next is the object that waits longest, nil where none does. It stays in the queue.
func (q *deferral) next() *deferred {
	for len(q.order) > 0 {
		if d := q.order[0]; q.byID[d.id] == d {
			return d
		}
		q.order = q.order[1:]
	}
	return nil
}

// done takes an object out of the queue, or to its end where it has changed meanwhile.
func (q *deferral) done(d *deferred, version int, now time.Time) (current bool) {
	if q.byID[d.id] != d {
		return false // deleted
	}
	q.order = slices.DeleteFunc(q.order, func(x *deferred) bool { return x == d })
	if d.version == version {
		delete(q.byID, d.id)
		return true
	}
	d.since = now
	q.order = append(q.order, d)
	return false
}

// fewWaiting is the number of objects that wait as they are. Beyond it only what the rule reads is kept, which takes time
// to work out, and so little memory that a whole cluster may wait. Of what is encoded it is cut out, which takes no time.
const fewWaiting = 500

// putAside is what waits for the evaluation of a heavy rule.
func (c *planColumn) putAside(subject check.Subject, own bool, waives uint32) *kept {
	if reduced, ok := subject.Reduced(c.temper.reading); ok {
		return &kept{subject: reduced, own: own, waives: waives}
	}
	if c.budget.waiting.Load() >= fewWaiting {
		return c.keep(subject, own, waives)
	}
	return &kept{subject: subject.Fresh(), own: own, waives: waives}
}

// putOff queues an object for the worker.
func (s *stream) putOff(key columnKey, c *columnState, id int32, k kept) {
	first := !s.synced || c.waitsFor([]string{s.table.KeyOf(id).Namespace})
	c.deferral.put(id, k, s.clock.Now(), first)
	c.budget.waiting.Store(int64(len(c.deferral.byID)))
	s.deferred.raise()
	s.dirty[key] = true
	s.judge.raise()
}

// missed has an object listed again that a suspension left out, where the suspension has ended meanwhile.
func (s *stream) missed(c *columnState, namespace string) {
	if !c.budget.suspended(namespace) {
		s.wantAgain(c, namespace)
	}
}

const lagsBehind = "the rule costs so much that its evaluation lags behind"

// lagging says why a scope's verdicts of a heavy rule don't stand: some were never made, or wait for too long.
func (s *stream) lagging(c *columnState, namespaces []string, now time.Time) string {
	for _, d := range c.deferral.byID {
		if !slices.Contains(namespaces, s.table.KeyOf(d.id).Namespace) {
			continue
		}
		if d.first {
			return "the rule costs much, and its first evaluation is under way"
		}
		if now.Sub(d.since) > s.lagLimit {
			return lagsBehind
		}
	}
	return ""
}

// Lag is how long the longest waiting object has been waiting for the evaluation of a rule that costs much.
func (e *Engine) Lag() time.Duration {
	now, lag := e.opts.Clock.Now(), time.Duration(0)
	for _, s := range e.allStreams() {
		s.mu.Lock()
		lag = max(lag, s.lag(now))
		s.mu.Unlock()
	}
	return lag
}

// runDeferred evaluates heavy rules, one object of each in turn.
func (e *Engine) runDeferred(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.deferred:
		}
		for more := true; more && ctx.Err() == nil; {
			more = false
			for _, s := range e.allStreams() {
				more = s.evaluateDeferred(ctx) || more
			}
		}
	}
}

// evaluateDeferred evaluates one object for each heavy rule that has one waiting, and reports whether there was any.
func (s *stream) evaluateDeferred(ctx context.Context) bool {
	p, found := s.plan.Load(), false
	for i := range p.columns {
		c := &p.columns[i]
		if !c.budget.isHeavy() || ctx.Err() != nil {
			continue
		}
		start := s.clock.Now()
		if s.evaluateNext(c) {
			found = true
			s.pause(ctx, resting*s.clock.Since(start))
		}
	}
	return found
}

func (s *stream) pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := s.clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C():
	}
}

// evaluateNext evaluates the longest waiting object of a rule, without the lock.
func (s *stream) evaluateNext(c *planColumn) bool {
	s.mu.Lock()
	state := s.columns[c.key]
	if state == nil || state.budget != c.budget {
		s.mu.Unlock()
		return false
	}
	d := state.deferral.next()
	if d == nil {
		s.mu.Unlock()
		return false
	}
	k, version, key := d.kept, d.version, s.table.KeyOf(d.id)
	s.mu.Unlock()

	r := outcome{code: leftOut}
	if !c.budget.suspended(key.Namespace) {
		r = s.evaluate(c, k.subject.Fresh(), s.env(key.Namespace), k.own, key.Namespace)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.columns[c.key] != state {
		return true
	}
	if state.deferral.done(d, version, s.clock.Now()) && r.code != leftOut {
		s.settleDeferred(c, state, d.id, k, r)
	}
	state.budget.waiting.Store(int64(len(state.deferral.byID)))
	if state.deferral.next() == nil {
		state.budget.settle()
		s.changed(c.key)
	}
	return true
}

// settleDeferred takes the verdict about an object that has waited for it.
func (s *stream) settleDeferred(c *planColumn, state *columnState, id int32, k kept, r outcome) {
	if s.table.Set(c.key, id, tally.Mark{Code: r.code, Waives: k.waives}) {
		s.changed(c.key)
	}
	if old, ok := state.kept[id]; ok && old.subject == k.subject && r.err == nil && c.program.ReadsNow() {
		return // evaluated again because time has passed
	}
	s.dropNotes(c.key, state, id)
	n := note{err: r.err}
	if c.keeps && (r.code != tally.NotSelected || c.program.ReadsNow()) {
		n.kept = c.keep(k.subject, k.own, k.waives)
	}
	s.takeNote(c.key, id, n)
}
