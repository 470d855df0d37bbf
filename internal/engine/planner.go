// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"hash/maphash"
	"maps"
	"reflect"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/watch"
)

const (
	// coalesce is how long wishes are gathered before they are planned: a kubectl apply brings many at once.
	coalesce = 20 * time.Millisecond
	// lookAgain keeps the rights in use asked for, and whatever was missed from staying so.
	lookAgain = time.Minute
)

// runPlanner plans whenever something that the plan follows from has changed.
func (e *Engine) runPlanner(ctx context.Context) {
	again := e.opts.Clock.NewTicker(lookAgain)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			e.stopStreams()
			return
		case <-e.replan:
		case <-again.C():
		}
		t := e.opts.Clock.NewTimer(coalesce)
		select {
		case <-ctx.Done():
		case <-t.C():
		}
		t.Stop()
		if ctx.Err() == nil {
			e.notify(e.makePlan(ctx))
		}
	}
}

// makePlan works out anew what is evaluated where, and returns the scopes whose namespaces have changed.
func (e *Engine) makePlan(ctx context.Context) []Change {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.askAhead()
	var changes []Change
	for key, s := range e.scopes {
		if view := s.resolve(e.access, e.namespaces); !reflect.DeepEqual(view, s.view) {
			s.view = view
			changes = append(changes, Change{Scope: key})
		}
	}
	wanted := map[streamKey]*wish{}
	used := map[*check.Program]bool{}
	for key, kinds := range e.controlsByScope() {
		e.wishAll(e.scopes[key], kinds, wanted, used)
	}
	e.schemas.keep(used)
	e.adjustStreams(ctx, wanted)
	e.judge.raise()
	return changes
}

func (e *Engine) controlsByScope() map[types.NamespacedName][]*control {
	out := map[types.NamespacedName][]*control{}
	for _, c := range e.controls {
		out[c.scope] = append(out[c.scope], c)
	}
	for _, cs := range out {
		slices.SortFunc(cs, func(a, b *control) int { return compare(a.key.Name, b.key.Name) })
	}
	return out
}

// wish is what the rules ask of one stream.
type wish struct {
	form    watch.Form
	kind    watch.Kind
	columns map[columnKey]*planColumn
	slots   []*slot
}

// wishAll gathers the wishes of one scope's rules.
func (e *Engine) wishAll(sc *scope, controls []*control, wanted map[streamKey]*wish, used map[*check.Program]bool) {
	streams := map[streamKey]bool{}
	for _, c := range controls {
		for _, s := range c.slots {
			if s.Program != nil {
				used[s.Program] = true
			}
			a := e.admit(s, sc)
			if a.unavailable == "" {
				streams[s.streamKey()] = true
				if len(streams) > e.opts.MaxKindsPerScope {
					a = refuse(isms.ReasonRuleInvalid, "%s", rule.TooManyKindsMessage(e.opts.MaxKindsPerScope))
				}
			}
			e.wishOne(s, a, wanted)
		}
	}
}

func (e *Engine) wishOne(s *slot, a admission, wanted map[streamKey]*wish) {
	s.unavailable, s.message, s.namespaces = a.unavailable, a.message, a.namespaces
	s.label = e.namespaces.labelsOf
	if a.unavailable != "" {
		s.stream = nil
		return
	}
	key := s.streamKey()
	w := wanted[key]
	if w == nil {
		w = &wish{kind: a.kind, columns: map[columnKey]*planColumn{}}
		wanted[key] = w
	}
	if a.form != watch.Typed {
		w.form = a.form
	}
	s.column = s.key()
	w.slots = append(w.slots, s)
	c := w.columns[s.column]
	if c == nil {
		c = &planColumn{
			key: s.column, program: s.Program, exceptions: s.Exceptions, namespaces: map[string]uint64{},
			keeps: s.Keeps(),
		}
		w.columns[s.column] = c
	}
	for _, n := range a.namespaces {
		c.namespaces[n] = e.versionOf(n, s.Program)
	}
}

// versionOf is the version of a Namespace for rules that read it, so that its change lists its objects again.
func (e *Engine) versionOf(name string, p *check.Program) uint64 {
	if !p.ReadsNamespace() {
		return 0
	}
	n, _ := e.namespaces.get(name)
	return n.version
}

// adjustStreams starts, changes and stops streams until they are as wished.
func (e *Engine) adjustStreams(ctx context.Context, wanted map[streamKey]*wish) {
	for key, s := range e.streams {
		w := wanted[key]
		if w == nil || w.form != s.form || w.kind.Resource != s.resource || w.kind.Namespaced != s.namespaced {
			s.stop()
			delete(e.streams, key)
		}
	}
	for key, w := range wanted {
		s := e.streams[key]
		if s == nil {
			s = e.newStream(key, w)
			e.streams[key] = s
			s.replan(w)
			e.startStream(ctx, s)
		} else {
			s.replan(w)
		}
		for _, slot := range w.slots {
			slot.stream = s
		}
	}
}

func (e *Engine) newStream(key streamKey, w *wish) *stream {
	s := &stream{
		key: key, form: w.form, resource: w.kind.Resource, namespaced: w.kind.Namespaced,
		clock: e.opts.Clock, allNS: e.namespaces, maxKept: e.opts.MaxKept, lagLimit: e.opts.LagLimit, deferred: e.deferred,
		judge: e.judge, listMore: newSignal(),
		gone:    func() { e.kinds.Invalidate(key.kind.Group) },
		table:   tally.NewTable[columnKey](),
		columns: map[columnKey]*columnState{},
		dirty:   map[columnKey]bool{},
		seed:    maphash.MakeSeed(),
	}
	s.plan.Store(newPlan(0, &s.footings))
	source := watch.Source{Kind: key.kind, Resource: w.kind.Resource, Form: w.form}
	if key.secretType != "" {
		source.FieldSelector = fields.OneTermEqualSelector("type", key.secretType).String()
	}
	s.source = e.clients.NewStream(source, s, e.opts.Clock)
	return s
}

func (e *Engine) startStream(ctx context.Context, s *stream) {
	ctx, s.stop = context.WithCancel(ctx)
	e.inFlight.Go(func() { e.runStream(ctx, s.source) })
	e.inFlight.Go(func() { s.runListings(ctx) })
}

func (e *Engine) stopStreams() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for key, s := range e.streams {
		s.stop()
		delete(e.streams, key)
	}
}

// replan replaces the plan of a stream where the wish differs, and notes what has to be listed for it.
func (s *stream) replan(w *wish) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.plan.Load()
	if samePlan(old, w) {
		return
	}
	next := newPlan(old.generation+1, &s.footings)
	before := map[columnKey]map[string]uint64{}
	for _, c := range old.columns {
		before[c.key] = c.namespaces
		if w.columns[c.key] == nil {
			s.past += c.budget.evaluations.Load()
			c.state.gone = true
			delete(s.columns, c.key)
			delete(s.dirty, c.key)
			s.table.DropColumn(c.key)
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(w.columns), compareColumns) {
		s.widen(w.columns[key], next.generation, before[key])
		column := *w.columns[key]
		column.state = s.columns[key]
		column.budget, column.temper = column.state.budget, column.state.temper
		column.class = column.temper.now()
		next.columns = append(next.columns, column)
	}
	s.plan.Store(next)
	s.listMore.raise()
}

// widen notes what a column has to list: everything where it is new, else the namespaces that came or changed.
func (s *stream) widen(wished *planColumn, generation uint64, before map[string]uint64) {
	key, after := wished.key, wished.namespaces
	c := s.columns[key]
	if c == nil {
		s.serial++
		s.table.AddColumn(key)
		s.columns[key] = &columnState{
			since: generation, pending: generation, all: len(after) > manyNamespaces || !s.namespaced,
			namespaces: namesOf(after), kept: map[int32]kept{},
			errors: map[string]rule.Classes{}, expensive: map[string]map[int32]bool{}, budget: &budget{},
			temper: newTemper(s.serial, wished.program),
		}
		return
	}
	for n, version := range after {
		if v, ok := before[n]; !ok || v != version {
			c.want(generation, n)
			c.since = generation
		}
	}
}

func namesOf(m map[string]uint64) map[string]bool {
	out := make(map[string]bool, len(m))
	for n := range m {
		out[n] = true
	}
	return out
}

func samePlan(p *plan, w *wish) bool {
	if len(p.columns) != len(w.columns) {
		return false
	}
	for _, c := range p.columns {
		x := w.columns[c.key]
		if x == nil || !maps.Equal(c.namespaces, x.namespaces) {
			return false
		}
	}
	return true
}

func compareColumns(a, b columnKey) int {
	if c := compare(a.Digest, b.Digest); c != 0 {
		return c
	}
	if c := compare(a.Exceptions, b.Exceptions); c != 0 {
		return c
	}
	if c := compare(a.scope.String(), b.scope.String()); c != 0 {
		return c
	}
	if a.Negate == b.Negate {
		return 0
	}
	if a.Negate {
		return 1
	}
	return -1
}
