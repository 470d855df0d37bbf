// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/guard"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// stalled is how long a stream may be silent. The API server sends a bookmark about every minute.
const stalled = 10 * time.Minute

// snapshot is what is known about one rule now. Names are asked for when a status is to be written.
func (e *Engine) snapshot(s *slot, now time.Time, names bool) tally.Snapshot {
	if s.unavailable != "" {
		return tally.Snapshot{Unavailable: s.unavailable, Message: s.message}
	}
	if s.stream == nil {
		return tally.Snapshot{Unavailable: isms.ReasonNotSynced}
	}
	s.stream.mu.Lock()
	defer s.stream.mu.Unlock()
	return s.stream.snapshot(s, now, names)
}

func (s *stream) snapshot(r *slot, now time.Time, names bool) tally.Snapshot {
	c := s.columns[r.column]
	contact := s.source.LastContact()
	switch {
	case watch.Forbidden(s.failure):
		return tally.Snapshot{
			Unavailable: isms.ReasonOperatorForbidden,
			Message: fmt.Sprintf("the operator may not list and watch %s; grant it with a ClusterRole labelled "+
				"isms-operator.io/aggregate-to-evidence", resourceName(s.resource.GroupResource())),
		}
	case watch.Gone(s.failure):
		return tally.Snapshot{
			Unavailable: isms.ReasonKindNotServed, Message: fmt.Sprintf("%s %s is not served by this cluster", r.Spec.APIVersion, r.Spec.Kind),
		}
	case c != nil && c.budget.exceeded(r.namespaces): // while it is suspended, and until it has been evaluated anew
		return tooExpensive(c.errorsIn(r.namespaces))
	case c == nil || !s.synced || c.waitsFor(r.namespaces):
		return tally.Snapshot{Unavailable: isms.ReasonNotSynced}
	case now.Sub(contact) > stalled:
		return tally.Snapshot{Unavailable: isms.ReasonNotSynced, Message: "the API server has not been heard for ten minutes"}
	case c.exceeded(r.namespaces):
		return tooExpensive(c.errorsIn(r.namespaces))
	case c.overflow:
		return tally.Snapshot{Unavailable: isms.ReasonTooManyObjects, Message: rule.TooManyObjectsMessage(s.maxKept)}
	}
	if why := s.lagging(c, r.namespaces, now); why != "" {
		return tally.Snapshot{Unavailable: isms.ReasonNotSynced, Message: why}
	}
	out := tally.Snapshot{Counts: s.count(r, c, now, names)}
	if r.Program.Set() && out.Counts.Subjects > 0 {
		switch {
		case r.set.verdict == check.Expensive:
			return tooExpensive(rule.Classes{r.set.err.Error()})
		case r.set.late(c.version, now, s.lagLimit):
			return tally.Snapshot{Unavailable: isms.ReasonNotSynced, Message: lagsBehind}
		}
	}
	switch {
	case out.Counts.Errors == 0:
		c.forgetErrors(r.namespaces)
	case r.set.err != nil:
		out.Message = r.set.err.Error()
	default:
		out.Message = strings.Join(c.errorsIn(r.namespaces), "; ")
	}
	return out
}

func tooExpensive(met rule.Classes) tally.Snapshot {
	return tally.Snapshot{Unavailable: isms.ReasonCostExceeded, Message: rule.CostExceededMessage(strings.Join(met, "; "))}
}

func (s *stream) count(r *slot, c *columnState, now time.Time, names bool) tally.Counts {
	q := tally.Query{Namespaces: r.namespaces, PerNamespace: r.PerNamespace(), Names: names}
	q.Active, q.Exceptions = r.Active(now)
	if q.PerNamespace {
		q.NamespaceWaives = func(n string) uint32 {
			return rule.Waives(r.Exceptions, tally.Key{Namespace: n}, r.label(n))
		}
	}
	if !guard.Counts.On() {
		q.Namespaces = s.table.Namespaces()
	}
	counts := s.table.Count(r.column, q)
	if r.Program.Set() {
		return s.countSet(r, c, counts, now)
	}
	return counts
}

// setVerdict is the last evaluation of a Set rule over one scope's objects.
type setVerdict struct {
	valid      bool
	version    uint64
	namespaces []string
	at         time.Time
	verdict    check.Verdict
	err        *check.EvalError
	// until is when the rule may be evaluated again: it rests for longer than it has taken, and after exceeding the
	// cost limit for its back-off.
	until time.Time
	tries int
	stale time.Time // since when something it reads has changed, zero where nothing has
}

// late says that a verdict is about what has changed for longer than a limit.
func (v *setVerdict) late(version uint64, now time.Time, limit time.Duration) bool {
	return v.version != version && !v.stale.IsZero() && now.Sub(v.stale) > limit
}

// rests says that the rule may not be evaluated yet, and has its judgement repeated when it may.
func (v *setVerdict) rests(c *columnState, now time.Time) bool {
	if !v.valid || !now.Before(v.until) {
		return false
	}
	if v.stale.IsZero() {
		v.stale = now
	}
	if c.recheck.IsZero() || v.until.Before(c.recheck) {
		c.recheck = v.until
	}
	return true
}

// countSet turns the counts of selected objects into those of a Set rule, whose one subject is the list.
func (s *stream) countSet(r *slot, c *columnState, selected tally.Counts, now time.Time) tally.Counts {
	switch {
	case selected.Errors > 0:
		r.set = setVerdict{}
		return tally.Counts{Subjects: 1, Errors: 1}
	case selected.Subjects == 0:
		return tally.Counts{}
	}
	return rule.SetCounts(s.evalSet(r, c, now).verdict)
}

// evalSet evaluates a Set rule where something it reads may have changed since the last time.
func (s *stream) evalSet(r *slot, c *columnState, now time.Time) setVerdict {
	fresh := r.set.valid && r.set.version == c.version && slices.Equal(r.set.namespaces, r.namespaces) &&
		(!r.Program.ReadsNow() || r.set.at.Equal(now))
	sameScope := slices.Equal(r.set.namespaces, r.namespaces) || r.set.verdict == check.Expensive
	if fresh || sameScope && r.set.rests(c, now) {
		return r.set
	}
	start := s.clock.Now()
	all, others := s.members(r, c)
	v := setVerdict{valid: true, version: c.version, namespaces: r.namespaces, at: now}
	env := check.Env{Now: now}
	v.verdict, v.err = rule.EvaluateSet(r.Program, all, others, env)
	v.until = now.Add(resting * s.clock.Since(start))
	if v.verdict == check.Expensive {
		v.tries = r.set.tries + 1
		v.until = now.Add(backOff(r.set.tries))
	}
	r.set = v
	return v
}

// members are the selected objects in the scope's namespaces, sorted by key; others are those that are not the
// operator's own.
func (s *stream) members(r *slot, c *columnState) (all, others []check.Subject) {
	inScope := make(map[string]bool, len(r.namespaces))
	for _, n := range r.namespaces {
		inScope[n] = true
	}
	type member struct {
		key tally.Key
		kept
	}
	var list []member
	for id, k := range c.kept {
		key := s.table.KeyOf(id)
		if inScope[key.Namespace] && s.table.Get(r.column, id).Code == tally.Passing {
			list = append(list, member{key, k})
		}
	}
	slices.SortFunc(list, func(a, b member) int {
		if c := compare(a.key.Namespace, b.key.Namespace); c != 0 {
			return c
		}
		return compare(a.key.Name, b.key.Name)
	})
	for _, m := range list {
		all = append(all, m.subject)
		if !m.own {
			others = append(others, m.subject)
		}
	}
	return all, others
}

// runNotifier judges the rules whose counts have changed, and names the Controls whose verdicts are others now; counts
// alone are named once in a while.
func (e *Engine) runNotifier(ctx context.Context) {
	owed := e.opts.Clock.NewTicker(time.Second)
	defer owed.Stop()
	var silent silence
	for {
		select {
		case <-ctx.Done():
			return
		case <-owed.C():
			silent = silent.look(e.allStreams(), e.opts.Clock.Now())
			e.notify(e.payOwed())
			continue
		case <-e.judge:
		}
		t := e.opts.Clock.NewTimer(coalesce)
		select {
		case <-ctx.Done():
		case <-t.C():
		}
		t.Stop()
		e.notify(e.judgeAll())
	}
}

func (e *Engine) notify(changes []Change) {
	e.listening.Lock()
	defer e.listening.Unlock()
	for _, c := range changes {
		for _, f := range e.listeners {
			f(c)
		}
	}
}

// judgeAll judges every rule whose column is dirty or whose availability differs from what was judged.
func (e *Engine) judgeAll() []Change {
	e.mu.Lock()
	defer e.mu.Unlock()
	dirty := map[*stream]map[columnKey]bool{}
	for _, s := range e.streams {
		dirty[s] = s.takeDirty()
	}
	now := e.opts.Clock.Now()
	var out []Change
	for _, c := range e.controls {
		flipped := false
		for _, s := range c.slots {
			if s.stream != nil && !s.moved() && !dirty[s.stream][s.column] && s.judged.Result != "" && s.judged.Reason != isms.ReasonNotSynced {
				continue
			}
			flipped = e.judgeOne(c, s, now) || flipped
		}
		if flipped {
			c.named, c.owed = now, false
			out = append(out, Change{Scope: c.scope, Control: c.key})
		}
	}
	return out
}

func (s *stream) takeDirty() map[columnKey]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.dirty
	s.dirty = map[columnKey]bool{}
	for key := range out {
		if c := s.columns[key]; c != nil {
			c.dirty = false
		}
	}
	return out
}

// judgeOne reports whether a rule's verdict is another than before, and notes where only its counts are.
func (e *Engine) judgeOne(c *control, s *slot, now time.Time) bool {
	s.place = place{s.unavailable, s.message, s.namespaces}
	snap := e.snapshot(s, now, false)
	v := tally.Judge(tally.PolicyOf(&s.Spec), snap)
	switch {
	case snap.Unavailable != isms.ReasonNotSynced:
		s.unsynced = time.Time{}
	case s.unsynced.IsZero():
		s.unsynced = now
	}
	if v != s.judged || snap.Message != s.told {
		s.remember(v, snap)
		return true
	}
	if !sameCounts(s.counts, snap.Counts) || s.version != s.columnVersion() {
		s.remember(v, snap)
		c.owed = true
	}
	return false
}

// remember keeps what listeners have been told of, or have read themselves, to tell what is news to them.
func (s *slot) remember(v tally.Verdict, snap tally.Snapshot) {
	s.judged, s.counts, s.told, s.version = v, snap.Counts, snap.Message, s.columnVersion()
}

// columnVersion rises with every change of a mark: the same counts may be those of other objects.
func (s *slot) columnVersion() uint64 {
	if s.stream == nil {
		return 0
	}
	s.stream.mu.Lock()
	defer s.stream.mu.Unlock()
	if c := s.stream.columns[s.column]; c != nil {
		return c.version
	}
	return 0
}

func sameCounts(a, b tally.Counts) bool {
	return a.Subjects == b.Subjects && a.Passing == b.Passing && a.Failing == b.Failing && a.Errors == b.Errors &&
		a.Waived == b.Waived && slices.Equal(a.Exceptions, b.Exceptions)
}

// payOwed names the Controls whose counts have changed and that were not named for a while.
func (e *Engine) payOwed() []Change {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.opts.Clock.Now()
	var out []Change
	for _, c := range e.controls {
		if c.owed && now.Sub(c.named) >= e.opts.CountsEvery {
			c.named, c.owed = now, false
			out = append(out, Change{Scope: c.scope, Control: c.key})
		}
	}
	return out
}

// runTicks evaluates the rules that read `now` as time passes.
func (e *Engine) runTicks(ctx context.Context) {
	t := e.opts.Clock.NewTicker(e.opts.Tick)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C():
		}
		for _, s := range e.allStreams() {
			s.tick()
		}
	}
}

func (e *Engine) allStreams() []*stream {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]*stream, 0, len(e.streams))
	for _, s := range e.streams {
		out = append(out, s)
	}
	return out
}
