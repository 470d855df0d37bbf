// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/isms-operator/isms-operator/internal/guard"
)

const (
	// allowance is what an evaluation may cost without counting against its rule, in units of CEL: about as much time as
	// an ordinary rule that need not be tracked.
	allowance = 200
	// maxExcess is how much a rule may cost beyond it, in all, before it is evaluated apart from the others: some hundredths
	// of a second of the stream's time, once.
	maxExcess = 500_000

	firstBackOff = time.Minute
	lastBackOff  = time.Hour
)

// budget is what the evaluations of one rule have cost so far. All plans with the rule share it, and evaluations use it
// without the stream's lock. Both its answers follow from costs, never from time.
//
// A rule that exceeds the limit of one evaluation is suspended in that namespace: it is not evaluated there until its
// back-off has ended. By namespace, because rules of several scopes share a column, and one scope must not learn from
// another's objects. A rule that costs much in sum is heavy: see deferral.
type budget struct {
	heavy    atomic.Bool
	suspends atomic.Bool // whether there is any suspension
	waiting  atomic.Int64
	// evaluations are how often the rule was evaluated on an object, whatever it cost.
	evaluations atomic.Uint64

	mu         sync.Mutex
	excess     uint64
	suspension map[string]*suspension // by namespace
}

// suspension is a rule's in one namespace.
type suspension struct {
	until time.Time
	tries int
	// retrying says that the back-off has ended and the namespace is being listed again: evaluations go on, and the
	// verdict stays CostExceeded until all of it has been evaluated.
	retrying bool
}

// backOff is how long a rule is suspended that has been suspended some times before.
func backOff(tries int) time.Duration { return min(firstBackOff<<min(tries, 16), lastBackOff) }

// spend counts what one evaluation has cost.
func (b *budget) spend(cost uint64) {
	if b == nil {
		return
	}
	b.evaluations.Add(1)
	if cost == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.excess = max(b.excess+cost, allowance) - allowance
	if b.excess > maxExcess {
		b.heavy.Store(true)
	}
}

func (b *budget) isHeavy() bool { return b != nil && b.heavy.Load() }

// exceed suspends the rule in a namespace, for twice as long each time.
func (b *budget) exceed(namespace string, now time.Time) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.suspension[namespace]
	if s == nil {
		s = &suspension{retrying: true}
		if b.suspension == nil {
			b.suspension = map[string]*suspension{}
		}
		b.suspension[namespace] = s
		b.suspends.Store(true)
	}
	if !s.retrying {
		return // evaluated before it was suspended
	}
	s.until = now.Add(backOff(s.tries))
	s.tries++
	s.retrying = false
}

// suspended says that the rule may not be evaluated in a namespace for now.
func (b *budget) suspended(namespace string) bool {
	if b == nil || !b.suspends.Load() {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.suspension[namespace]
	return s != nil && !s.retrying
}

// exceeded says that the rule was suspended in one of the namespaces and has not been evaluated anew since.
func (b *budget) exceeded(namespaces []string) bool {
	if !b.suspends.Load() {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !guard.Apart.On() {
		return len(b.suspension) > 0
	}
	return slices.ContainsFunc(namespaces, func(n string) bool { return b.suspension[n] != nil })
}

// due ends the back-offs whose time has come, and returns their namespaces, which have to be listed again.
func (b *budget) due(now time.Time) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for n, s := range b.suspension {
		if !s.retrying && !now.Before(s.until) {
			s.retrying = true
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// settle forgets the suspensions that were retried and have not exceeded the limit again.
func (b *budget) settle() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for n, s := range b.suspension {
		if s.retrying {
			delete(b.suspension, n)
		}
	}
	b.suspends.Store(len(b.suspension) > 0)
}

// resume lists again what a suspension has left out.
func (s *stream) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	for key, c := range s.columns {
		for _, n := range c.budget.due(now) {
			s.wantAgain(c, n)
		}
		if !c.recheck.IsZero() && !now.Before(c.recheck) {
			c.recheck = time.Time{}
			s.dirty[key] = true
			s.judge.raise()
		}
	}
}

// wantAgain asks for a namespace to be listed. What is asked for during a listing waits for the next, because the
// listing may have passed already.
func (s *stream) wantAgain(c *columnState, namespace string) {
	if s.touched != nil {
		if c.late == nil {
			c.late = map[string]bool{}
		}
		c.late[namespace] = true
		return
	}
	c.want(s.plan.Load().generation, namespace)
	s.listMore.raise()
}

// wantLate asks for what was put off until the listing had ended.
func (s *stream) wantLate() {
	for _, c := range s.columns {
		for n := range c.late {
			c.want(s.plan.Load().generation, n)
			s.listMore.raise()
		}
		c.late = nil
	}
}
