// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// streamKey identifies a stream: all rules on a kind share one, but for the types of Secrets, which the API server selects.
type streamKey struct {
	kind       schema.GroupVersionKind
	secretType string
}

// plan is what a stream evaluates. It is never changed, only replaced, so that an evaluation needs no lock.
type plan struct {
	generation uint64
	columns    []planColumn
	footprint  *check.Footprint // of all columns; nil without any
	twins      *twins
}

type planColumn struct {
	key        columnKey
	program    *check.Program
	exceptions []rule.Exception
	budget     *budget
	keeps      bool // what the rule reads is kept of each object: it reads `now`, or is a Set rule
	// namespaces are those in which the rule is evaluated, with the version of each Namespace where the rule reads it.
	// A cluster-scoped kind has the one namespace "".
	namespaces map[string]uint64
}

// columnState is the other half of a column: what the stream knows about its verdicts.
type columnState struct {
	since uint64 // the generation of the plan that last widened the column
	// pending is the generation of the plan since which something is left to list, 0 when nothing is; all of it, or
	// the namespaces named.
	pending    uint64
	all        bool
	namespaces map[string]bool
	kept       map[int32]kept
	version    uint64 // rises with every change, for Set rules
	overflow   bool
	// What evaluations met, by namespace: scopes that share a column share no more of it than their namespaces.
	errors    map[string]rule.Classes
	expensive map[string]map[int32]bool

	budget   *budget
	deferral deferral
	late     map[string]bool // namespaces to list once the listing under way has ended
	recheck  time.Time       // when a Set rule that rests is to be judged again, zero where none does
}

// stream is a kind's objects: their verdicts, and the machinery that keeps them current.
type stream struct {
	key        streamKey
	form       watch.Form
	resource   schema.GroupVersionResource
	namespaced bool
	clock      clock.Clock
	allNS      *namespaces
	maxKept    int
	lagLimit   time.Duration
	judge      signal // raised when counts have changed
	deferred   signal // raised when the evaluation of a heavy rule was put off
	listMore   signal // raised when a column has something to list
	plan       atomic.Pointer[plan]
	source     *watch.Stream
	stop       context.CancelFunc
	gone       func() // the resource is no longer there

	mu      sync.Mutex
	synced  bool
	failure error
	table   *tally.Table[columnKey]
	prints  prints
	columns map[columnKey]*columnState
	dirty   map[columnKey]bool
	// touched are the keys that events have changed while a listing is under way: the listing is older than they are.
	touched  map[tally.Key]bool
	listing  uint64 // the plan's generation that the listing under way is for, 0 without one
	replaced uint64 // counts Replace calls; a listing that one overtakes is void
}

// record is what stays of an object: one mark per column of the plan it was evaluated with.
type record struct {
	key       tally.Key
	plan      *plan
	marks     []tally.Mark // nil where no rule looks at the object's namespace, and with unchanged
	print     uint64       // the sum of what the rules read, zero for none
	unchanged bool         // that sum is the one remembered: the verdicts stand
	notes     []note       // for the few columns that have more to say
	namespace types.NamespacedName
}

// note is what a column has to say about an object besides the mark.
type note struct {
	column int
	err    *check.EvalError
	kept   *kept
	// deferred is what a heavy rule reads of the object, to be evaluated later.
	deferred *kept
}

// kept is what a rule reads of an object, kept to evaluate it again.
type kept struct {
	subject check.Subject
	own     bool
	waives  uint32
}

func (r *record) Key() (namespace, name string) { return r.namespace.Namespace, r.namespace.Name }

var _ watch.Sink = (*stream)(nil)

func (s *stream) Apply(r watch.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := r.(*record)
	if !ok || x.namespace.Name == "" {
		return
	}
	if s.touched != nil && x.plan.generation >= s.listing && !x.unchanged {
		s.touched[x.key] = true // what was not evaluated now must not keep a listing from evaluating it
	}
	s.apply(x)
	s.overtaken(x)
}

// overtaken lists an object's namespace again for columns that came while the object was evaluated.
func (s *stream) overtaken(r *record) {
	if r.plan.generation == s.plan.Load().generation {
		return
	}
	for _, c := range s.columns {
		if c.since > r.plan.generation {
			s.wantAgain(c, r.key.Namespace)
		}
	}
}

// want asks for a namespace to be listed.
func (c *columnState) want(generation uint64, namespace string) {
	if c.namespaces == nil {
		c.namespaces = map[string]bool{}
	}
	c.namespaces[namespace] = true
	c.pending = generation
}

// apply takes the verdicts of a record, but for columns that look at more namespaces now than when it was made: overtaken
// has these listed again.
func (s *stream) apply(r *record) {
	if r.unchanged {
		return
	}
	if r.marks == nil {
		if !s.newerThan(r.plan.generation) {
			s.forget(r.key)
		}
		return
	}
	id := s.table.Touch(r.key)
	s.prints.set(id, r.print)
	for i := range r.plan.columns {
		key := r.plan.columns[i].key
		c := s.columns[key]
		switch {
		case c == nil, c.since > r.plan.generation:
			continue // the rule was removed, or widened, while the object was evaluated
		case r.marks[i].Code == leftOut:
			s.missed(c, r.key.Namespace)
			continue
		case r.marks[i].Code == waiting:
			continue
		case s.table.Set(key, id, r.marks[i]):
			s.changed(key)
		}
		s.dropNotes(key, id)
		delete(c.deferral.byID, id)
	}
	for _, n := range r.notes {
		if key := r.plan.columns[n.column].key; s.columns[key] != nil && s.columns[key].since <= r.plan.generation {
			s.takeNote(key, id, n)
		}
	}
}

// newerThan says that a column looks at more namespaces now than with an earlier plan.
func (s *stream) newerThan(generation uint64) bool {
	for _, c := range s.columns {
		if c.since > generation {
			return true
		}
	}
	return false
}

func (s *stream) dropNotes(key columnKey, id int32) {
	c := s.columns[key]
	if _, ok := c.kept[id]; ok {
		delete(c.kept, id)
		s.changed(key)
	}
	if len(c.expensive) > 0 {
		c.noteCheap(s.table.KeyOf(id).Namespace, id)
	}
}

func (s *stream) takeNote(key columnKey, id int32, n note) {
	c := s.columns[key]
	if c == nil {
		return
	}
	if n.deferred != nil {
		s.putOff(key, c, id, *n.deferred)
		return
	}
	if n.err != nil {
		namespace := s.table.KeyOf(id).Namespace
		c.addError(namespace, n.err)
		if n.err.Verdict() == check.Expensive {
			c.noteExpensive(namespace, id)
		}
	}
	if n.kept == nil || c.overflow {
		return
	}
	if len(c.kept) >= s.maxKept {
		c.overflow, c.kept = true, map[int32]kept{}
	} else {
		c.kept[id] = *n.kept
	}
	s.changed(key)
}

// changed notes that a column has something to judge. What a Set rule sees may differ with the same marks.
func (s *stream) changed(key columnKey) {
	s.dirty[key] = true
	if c := s.columns[key]; c != nil {
		c.version++
	}
	s.judge.raise()
}

func (s *stream) Delete(namespace, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.keyOf(namespace, name)
	if s.touched != nil {
		s.touched[key] = true
	}
	s.forget(key)
}

func (s *stream) forget(key tally.Key) {
	id, ok := s.table.ID(key)
	if !ok {
		return
	}
	for k, c := range s.columns {
		s.dropNotes(k, id)
		if c.deferral.byID[id] != nil {
			delete(c.deferral.byID, id)
			s.changed(k)
		}
	}
	for _, k := range s.table.Delete(key) {
		s.changed(k)
	}
}

// Replace marks and sweeps rather than clears: columns that the records were not evaluated for keep their verdicts.
func (s *stream) Replace(records []watch.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	generation := s.plan.Load().generation
	present := make(map[tally.Key]bool, len(records))
	for _, r := range records {
		x, ok := r.(*record)
		if !ok || x.namespace.Name == "" {
			continue
		}
		present[x.key] = true
		generation = min(generation, x.plan.generation)
		s.apply(x)
		s.overtaken(x)
	}
	for _, key := range s.table.Keys() {
		if !present[key] {
			s.forget(key)
		}
	}
	s.synced, s.failure = true, nil
	s.replaced++
	s.complete(generation)
}

// complete says that everything that plans up to a generation asked for has been listed.
func (s *stream) complete(generation uint64) {
	more := false
	for key, c := range s.columns {
		switch {
		case c.pending == 0:
		case c.pending <= generation:
			c.pending, c.all, c.namespaces = 0, false, nil
			if c.deferral.next() == nil {
				c.budget.settle()
			}
		default:
			more = true
		}
		s.dirty[key] = true
	}
	s.judge.raise()
	if more {
		s.listMore.raise()
	}
}

func (s *stream) Failed(err error) {
	if watch.Gone(err) {
		s.gone()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !watch.Gone(err) && !watch.Forbidden(err) {
		return // it will come back; until then the last verdicts stand
	}
	s.failure = err
	for key := range s.columns {
		s.dirty[key] = true
	}
	s.judge.raise()
}
