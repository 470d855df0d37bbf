// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
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
	twins      *twins
	footings   *footings

	// What the plan is to objects is worked out as they come.
	mu          sync.Mutex
	byNamespace map[string]*section
	bySet       map[string]*section
}

func newPlan(generation uint64, f *footings) *plan {
	return &plan{
		generation: generation, twins: newTwins(), footings: f, byNamespace: map[string]*section{}, bySet: map[string]*section{},
	}
}

type planColumn struct {
	key        columnKey
	program    *check.Program
	exceptions []rule.Exception
	budget     *budget
	temper     *temper
	state      *columnState
	class      class // of the temper, as it was when the plan was made
	keeps      bool  // what the rule reads is kept of each object: it reads `now`, or is a Set rule
	// namespaces are those in which the rule is evaluated, with the version of each Namespace where the rule reads it.
	// A cluster-scoped kind has the one namespace "".
	namespaces map[string]uint64
}

// columnState is the other half of a column: what the stream knows about its verdicts.
type columnState struct {
	gone  bool   // the rule is no longer there
	dirty bool   // it has something to judge
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
	temper   *temper
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
	footings   footings
	neighbours neighbours
	seed       maphash.Seed // of the hashes of objects' keys
	source     *watch.Stream
	stop       context.CancelFunc
	gone       func() // the resource is no longer there

	mu      sync.Mutex
	synced  bool
	failure error
	table   *tally.Table[columnKey]
	prints  prints
	columns map[columnKey]*columnState
	serial  uint64 // of the column that came last
	past    uint64 // evaluations of rules that are no longer there
	dirty   map[columnKey]bool
	// touched are the keys that events have changed while a listing is under way: the listing is older than they are.
	touched  map[tally.Key]touch
	listing  uint64 // the plan's generation that the listing under way is for, 0 without one
	replaced uint64 // counts Replace calls; a listing that one overtakes is void
}

// record is what stays of an object: one mark per column of the plan it was evaluated with.
type record struct {
	key     tally.Key
	plan    *plan
	section *section     // nil where no rule looks at the object's namespace
	marks   []tally.Mark // of the section's columns, not to be changed; nil where all verdicts stand
	sums    sums
	same    unchanged // the classes whose sums are those remembered: their verdicts stand
	notes   []note    // for the few columns that have more to say
}

// note is what a column has to say about an object besides the mark.
type note struct {
	column int // of the section
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

func (r *record) Key() (namespace, name string) {
	if r.key.Name == "" {
		return "", r.key.Namespace // a Namespace
	}
	return r.key.Namespace, r.key.Name
}

var _ watch.Sink = (*stream)(nil)

func (s *stream) Apply(r watch.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := r.(*record)
	if !ok || x.key == (tally.Key{}) {
		return
	}
	if s.touched != nil && x.plan.generation >= s.listing {
		s.touched[x.key] = s.touched[x.key].with(x)
	}
	s.apply(x, touch{})
	s.overtaken(x)
}

// touch is what events have brought about an object while a listing is under way: all, or the verdicts of some columns.
// What was not evaluated for them must not keep the listing from evaluating it.
type touch struct {
	all     bool
	columns map[columnKey]bool
}

func (t touch) with(r *record) touch {
	if r.section == nil || r.same == 0 || t.all {
		return touch{all: true}
	}
	for i := range r.marks {
		if r.marks[i].Code == stands {
			continue
		}
		if t.columns == nil {
			t.columns = map[columnKey]bool{}
		}
		t.columns[r.section.columns[i].key] = true
	}
	return t
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

// apply takes the verdicts of a record, but for what is newer, and for columns that look at more namespaces now than when it
// was made: overtaken has these listed again.
func (s *stream) apply(r *record, newer touch) {
	if r.section == nil {
		if !s.newerThan(r.plan.generation) {
			s.forget(r.key)
		}
		return
	}
	if r.marks == nil {
		return
	}
	id := s.table.Touch(r.key)
	s.remember(r, id, newer)
	for i := range r.section.columns {
		key, c := r.section.columns[i].key, r.section.columns[i].state
		switch {
		case c.gone, c.since > r.plan.generation:
			continue // the rule was removed, or widened, while the object was evaluated
		case r.marks[i].Code == stands, r.marks[i].Code == waiting, newer.columns[key]:
			continue
		case r.marks[i].Code == leftOut:
			s.missed(c, r.key.Namespace)
			continue
		case s.table.Set(key, id, r.marks[i]):
			s.note(key, c)
		}
		s.dropNotes(key, c, id)
		delete(c.deferral.byID, id)
	}
	for _, n := range r.notes {
		key, c := r.section.columns[n.column].key, r.section.columns[n.column].state
		if !c.gone && c.since <= r.plan.generation && !newer.columns[key] {
			s.takeNote(key, id, n)
		}
	}
}

// remember keeps the sums of the classes that were evaluated, but for those of which there is something newer.
func (s *stream) remember(r *record, id int32, newer touch) {
	keep := [remembered]bool{}
	for _, c := range r.section.columns {
		if int(c.class) < remembered && (r.same.has(c.class) || newer.columns[c.key]) {
			keep[c.class] = true
		}
	}
	for c, kept := range keep {
		if !kept {
			s.prints.set(class(c), id, r.sums[c]) //nolint:gosec // one of a few
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

func (s *stream) dropNotes(key columnKey, c *columnState, id int32) {
	if _, ok := c.kept[id]; ok {
		delete(c.kept, id)
		s.note(key, c)
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
	if c := s.columns[key]; c != nil {
		s.note(key, c)
	}
}

func (s *stream) note(key columnKey, c *columnState) {
	c.version++
	if !c.dirty {
		c.dirty, s.dirty[key] = true, true
		s.judge.raise()
	}
}

func (s *stream) Delete(namespace, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.keyOf(namespace, name)
	if s.touched != nil {
		s.touched[key] = touch{all: true}
	}
	s.forget(key)
}

func (s *stream) hash(key tally.Key) uint64 { return maphash.Comparable(s.seed, key) }

func (s *stream) forget(key tally.Key) {
	id, ok := s.table.ID(key)
	if !ok {
		return
	}
	hash := s.hash(key)
	for k, c := range s.columns {
		c.temper.forget(hash)
		s.dropNotes(k, c, id)
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
		if !ok || x.key == (tally.Key{}) {
			continue
		}
		present[x.key] = true
		generation = min(generation, x.plan.generation)
		s.apply(x, touch{})
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
