// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package tally counts the verdicts of rules over the objects of one kind.
//
// What stays of an object is its key and two bits per rule; counts are kept per namespace, so that several scopes
// share one evaluation and never mix. Everything here is pure and not safe for concurrent use.
package tally

import (
	"maps"
	"math/bits"
	"slices"
)

// Code is what one rule says about one object. For a rule whose quantifier is None the sides are already turned:
// Passing always means what the rule wants.
type Code uint8

// The zero Code is the one of an object that the rule has not selected.
const (
	NotSelected Code = iota
	Passing
	Failing
	Errored
)

// Key is an object's key. Namespace objects have their own name as Namespace and no Name, because they follow the
// scope like what is in them; objects of other cluster-scoped kinds have no Namespace.
type Key = Name

// Mark is one rule's verdict about one object, with the exceptions that match the object (bit i: the rule's exception i).
type Mark struct {
	Code   Code
	Waives uint32
}

// cell are the counts of one namespace and one combination of exceptions.
type cell struct{ passing, failing, errored int32 }

func (c *cell) add(code Code, n int32) {
	switch code {
	case Passing:
		c.passing += n
	case Failing:
		c.failing += n
	case Errored:
		c.errored += n
	case NotSelected:
	}
}

type cellKey struct {
	namespace int32
	waives    uint32
}

// column holds one rule: a verdict in two bit planes, and its counts.
type column struct {
	low, high []uint64
	waives    []uint32 // per object; nil while no exception has matched
	cells     map[cellKey]*cell
}

// Table holds the verdicts of all rules about the objects of one kind. K identifies a rule.
type Table[K comparable] struct {
	ids        map[objectKey]int32
	names      []string
	namespaces []int32 // per object
	free       []int32
	nsIndex    map[string]int32 // of those that have objects
	nsNames    []string
	nsObjects  []int32 // how many each has
	nsFree     []int32
	columns    map[K]*column
}

type objectKey struct {
	namespace int32
	name      string
}

// NewTable returns an empty table.
func NewTable[K comparable]() *Table[K] {
	return &Table[K]{ids: map[objectKey]int32{}, nsIndex: map[string]int32{}, columns: map[K]*column{}}
}

// Len is the number of objects.
func (t *Table[K]) Len() int { return len(t.ids) }

// AddColumn makes room for a rule, with no object selected. Adding a rule twice keeps the first.
func (t *Table[K]) AddColumn(k K) {
	if _, ok := t.columns[k]; !ok {
		t.columns[k] = &column{cells: map[cellKey]*cell{}}
	}
}

// DropColumn forgets a rule.
func (t *Table[K]) DropColumn(k K) { delete(t.columns, k) }

// Touch makes an object known without changing what rules say about it, and returns its id.
func (t *Table[K]) Touch(key Key) int32 {
	ns := t.namespace(key.Namespace)
	object := objectKey{ns, key.Name}
	if id, found := t.ids[object]; found {
		return id
	}
	t.nsObjects[ns]++
	var id int32
	if n := len(t.free); n > 0 {
		id = t.free[n-1]
		t.free = t.free[:n-1]
		t.names[id], t.namespaces[id] = key.Name, ns
	} else {
		id = int32(len(t.names)) //nolint:gosec // bounded by memory long before
		t.names = append(t.names, key.Name)
		t.namespaces = append(t.namespaces, ns)
	}
	t.ids[object] = id
	return id
}

// namespace is the index of a namespace that is about to have an object.
func (t *Table[K]) namespace(name string) int32 {
	ns, ok := t.nsIndex[name]
	if ok {
		return ns
	}
	if n := len(t.nsFree); n > 0 {
		ns = t.nsFree[n-1]
		t.nsFree = t.nsFree[:n-1]
		t.nsNames[ns] = name
	} else {
		ns = int32(len(t.nsNames)) //nolint:gosec // bounded by the number of namespaces at one time
		t.nsNames, t.nsObjects = append(t.nsNames, name), append(t.nsObjects, 0)
	}
	t.nsIndex[name] = ns
	return ns
}

// leave takes an object from its namespace. One without objects is forgotten: it has no counts, and clusters in which
// namespaces come and go by the thousand would fill the memory with their names.
func (t *Table[K]) leave(ns int32) {
	if t.nsObjects[ns]--; t.nsObjects[ns] > 0 {
		return
	}
	delete(t.nsIndex, t.nsNames[ns])
	t.nsNames[ns] = ""
	t.nsFree = append(t.nsFree, ns)
}

// ID returns the id of a known object.
func (t *Table[K]) ID(key Key) (int32, bool) {
	ns, ok := t.nsIndex[key.Namespace]
	if !ok {
		return 0, false
	}
	id, ok := t.ids[objectKey{ns, key.Name}]
	return id, ok
}

// Set records a rule's verdict about an object and reports whether anything changed. A rule that is not in the table
// is ignored: it was removed while the object was evaluated.
func (t *Table[K]) Set(k K, id int32, m Mark) bool {
	c, ok := t.columns[k]
	if !ok {
		return false
	}
	old := c.get(id)
	if old == m {
		return false
	}
	ns := t.namespaces[id]
	c.count(cellKey{ns, old.Waives}, old.Code, -1)
	c.put(id, m)
	c.count(cellKey{ns, m.Waives}, m.Code, 1)
	return true
}

// Delete forgets an object and returns the rules whose counts changed by it.
func (t *Table[K]) Delete(key Key) (changed []K) {
	id, ok := t.ID(key)
	if !ok {
		return nil
	}
	for k := range t.columns {
		if t.Set(k, id, Mark{}) {
			changed = append(changed, k)
		}
	}
	delete(t.ids, objectKey{t.namespaces[id], key.Name})
	t.names[id] = ""
	t.free = append(t.free, id)
	t.leave(t.namespaces[id])
	return changed
}

// Keys returns the keys of all objects, in no order.
func (t *Table[K]) Keys() []Key {
	out := make([]Key, 0, len(t.ids))
	for k := range t.ids {
		out = append(out, Key{t.nsNames[k.namespace], k.name})
	}
	return out
}

// KeyOf returns the key of an object by its id.
func (t *Table[K]) KeyOf(id int32) Key { return Key{t.nsNames[t.namespaces[id]], t.names[id]} }

func (c *column) get(id int32) Mark {
	w, b := id>>6, uint(id)&63
	var m Mark
	if int(w) < len(c.low) {
		m.Code = Code(c.low[w]>>b&1 | c.high[w]>>b&1<<1)
	}
	if int(id) < len(c.waives) {
		m.Waives = c.waives[id]
	}
	return m
}

func (c *column) put(id int32, m Mark) {
	w, b := int(id>>6), uint(id)&63
	for len(c.low) <= w {
		c.low, c.high = append(c.low, 0), append(c.high, 0)
	}
	c.low[w] = c.low[w]&^(1<<b) | uint64(m.Code&1)<<b
	c.high[w] = c.high[w]&^(1<<b) | uint64(m.Code>>1&1)<<b
	if m.Waives == 0 && int(id) >= len(c.waives) {
		return
	}
	if n := int(id) + 1 - len(c.waives); n > 0 {
		c.waives = append(c.waives, make([]uint32, n)...)
	}
	c.waives[id] = m.Waives
}

func (c *column) count(k cellKey, code Code, n int32) {
	if code == NotSelected {
		return
	}
	x := c.cells[k]
	if x == nil {
		x = &cell{}
		c.cells[k] = x
	}
	x.add(code, n)
	if *x == (cell{}) {
		delete(c.cells, k)
	}
}

// Query says which part of a rule's verdicts to count, and how.
type Query struct {
	// Namespaces in scope, sorted; [""] for a cluster-scoped kind.
	Namespaces []string
	// PerNamespace makes the namespaces the subjects: one passes when an object in it does (AnyPerNamespace).
	PerNamespace bool
	// Exceptions by name, in the order of their bits, and the mask of those that have not expired.
	Exceptions []string
	Active     uint32
	// NamespaceWaives returns the exceptions that match a namespace as a subject; used with PerNamespace.
	NamespaceWaives func(namespace string) uint32
	// Names asks for the sample of failing subjects as well.
	Names bool
}

// Count returns the counts of a rule. A rule that is not in the table has none.
func (t *Table[K]) Count(k K, q Query) Counts {
	c, ok := t.columns[k]
	if !ok {
		return Counts{}
	}
	if q.PerNamespace {
		return t.countNamespaces(c, q)
	}
	out := newCounts(q)
	inScope := t.scope(q.Namespaces)
	for key, x := range c.cells {
		if !inScope[key.namespace] {
			continue
		}
		out.Passing += int(x.passing)
		out.Errors += int(x.errored)
		if key.waives&q.Active != 0 {
			out.Waived += int(x.failing)
		} else {
			out.Failing += int(x.failing)
		}
		out.matched(key.waives, int(x.passing+x.failing+x.errored), int(x.failing))
	}
	out.Subjects = out.Passing + out.Failing + out.Errors + out.Waived
	if q.Names && out.Failing > 0 {
		out.Failures = t.failures(c, q, inScope)
	}
	return out
}

func newCounts(q Query) Counts {
	out := Counts{}
	for _, name := range q.Exceptions {
		out.Exceptions = append(out.Exceptions, ExceptionCount{Name: name})
	}
	return out
}

func (c *Counts) matched(waives uint32, subjects, failing int) {
	for ; waives != 0; waives &= waives - 1 {
		if i := bits.TrailingZeros32(waives); i < len(c.Exceptions) {
			c.Exceptions[i].Matched += subjects
			c.Exceptions[i].Failures += failing
		}
	}
}

func (t *Table[K]) scope(namespaces []string) map[int32]bool {
	out := make(map[int32]bool, len(namespaces))
	for _, n := range namespaces {
		if i, ok := t.nsIndex[n]; ok {
			out[i] = true
		}
	}
	return out
}

// failures scans the failing bits for the first names. It costs a pass over one bit plane, so it is done when a
// status is written and not when an object changes.
func (t *Table[K]) failures(c *column, q Query, inScope map[int32]bool) []Name {
	var out []Name
	for w := range c.high {
		for word := c.high[w] &^ c.low[w]; word != 0; word &= word - 1 {
			id := int32(w<<6 | bits.TrailingZeros64(word)) //nolint:gosec // an object's id
			if !inScope[t.namespaces[id]] || c.get(id).Waives&q.Active != 0 {
				continue
			}
			out = insertName(out, t.KeyOf(id))
		}
	}
	return out
}

// insertName keeps the first MaxSample names in order.
func insertName(names []Name, n Name) []Name {
	i, found := slices.BinarySearchFunc(names, n, compareNames)
	if found || i == MaxSample {
		return names
	}
	if len(names) == MaxSample {
		names = names[:MaxSample-1]
	}
	return slices.Insert(names, i, n)
}

func compareNames(a, b Name) int {
	if a.Namespace != b.Namespace {
		if a.Namespace < b.Namespace {
			return -1
		}
		return 1
	}
	switch {
	case a.Name < b.Name:
		return -1
	case a.Name > b.Name:
		return 1
	}
	return 0
}

func (t *Table[K]) countNamespaces(c *column, q Query) Counts {
	perNamespace := map[int32]cell{}
	for key, x := range c.cells {
		sum := perNamespace[key.namespace]
		sum.passing += x.passing
		sum.failing += x.failing
		sum.errored += x.errored
		perNamespace[key.namespace] = sum
	}
	out := newCounts(q)
	out.Subjects = len(q.Namespaces)
	for _, name := range q.Namespaces {
		var waives uint32
		if q.NamespaceWaives != nil {
			waives = q.NamespaceWaives(name)
		}
		var sum cell
		if i, ok := t.nsIndex[name]; ok {
			sum = perNamespace[i]
		}
		failing := 0
		switch {
		case sum.passing > 0:
			out.Passing++
		case sum.errored > 0:
			out.Errors++
		case waives&q.Active != 0:
			out.Waived++
			failing = 1
		default:
			out.Failing++
			failing = 1
			if q.Names {
				out.Failures = insertName(out.Failures, Name{Namespace: name})
			}
		}
		out.matched(waives, 1, failing)
	}
	return out
}

// Columns returns the rules of the table, in no order.
func (t *Table[K]) Columns() []K { return slices.Collect(maps.Keys(t.columns)) }

// Selected is the number of objects that a rule has selected, in all namespaces.
func (t *Table[K]) Selected(k K) int {
	n := 0
	if c, ok := t.columns[k]; ok {
		for _, x := range c.cells {
			n += int(x.passing + x.failing + x.errored)
		}
	}
	return n
}

// Get returns what a rule says about an object.
func (t *Table[K]) Get(k K, id int32) Mark {
	if c, ok := t.columns[k]; ok {
		return c.get(id)
	}
	return Mark{}
}

// Namespaces are those of all objects, in no order; an object without one has "".
func (t *Table[K]) Namespaces() []string { return slices.Collect(maps.Keys(t.nsIndex)) }
