// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"encoding/binary"
	"hash/maphash"
	"maps"
	"math"
	"math/bits"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	reflected "sigs.k8s.io/structured-merge-diff/v6/value"
)

// Footprint sums up what some rules read of an object. Two objects of one kind and one Go type with equal sums get equal
// verdicts from each of the rules, as far as the object decides them: neither `now`, nor namespaceObject, nor the other
// objects of a Set are in it. The converse does not hold. So a pod has the same sum as its replicas, unless a rule reads
// its name.
//
// A sum is a hash of 64 bits, keyed by a secret of the footprint, so that nobody can write two objects that collide; by
// chance one change in 2^64 does. It may be used by many goroutines.
type Footprint struct {
	root *mark
	seed maphash.Seed
	mask masks
}

// mark is a place that rules read, with what they read below it in a fixed order.
type mark struct {
	name         string
	kids         []*mark
	element      *mark
	whole, shape bool
	struc        atomic.Pointer[structMark]
}

// structMark is what is read of a struct of one Go type, worked out once.
type structMark struct {
	g      *goType
	fields []fieldMark
}

type fieldMark struct {
	mark  *mark
	entry *reflected.FieldCacheEntry
	g     *goType
}

// of is what is read of a struct. A place of the object has one Go type, but for types that nobody declares twice.
func (m *mark) of(g *goType, v reflect.Value) *structMark {
	if known := m.struc.Load(); known != nil && known.g == g {
		return known
	}
	out := &structMark{g: g}
	for _, kid := range m.kids {
		if entry, ok := g.fields[kid.name]; ok {
			out.fields = append(out.fields, fieldMark{mark: kid, entry: entry, g: goTypeOf(entry.GetFrom(v).Type())})
		}
	}
	m.struc.Store(out)
	return out
}

// NewFootprint returns the footprint of rules on one kind. All labels of an object are part of it: selectors, exceptions
// and the mark of the operator's own objects read them.
func NewFootprint(programs ...*Program) *Footprint {
	all := &pathTree{}
	metadata, _ := all.child(Step{Name: "metadata"})
	labels, _ := metadata.child(Step{Name: "labels"})
	labels.whole = true
	return &Footprint{root: ordered("", allRead(all, programs), false), seed: maphash.MakeSeed()}
}

// allRead is what any of the rules reads, beside what there is.
func allRead(all *pathTree, programs []*Program) *pathTree {
	for _, p := range programs {
		all = joined(all, p.tree)
	}
	return all
}

// ordered is a tree in a fixed order; names says that the object's names are part of it, though no rule may read them.
func ordered(name string, t *pathTree, names bool) *mark {
	if t == nil {
		return nil
	}
	m := &mark{name: name, whole: t.whole, shape: t.shape, element: ordered("", t.element, names)}
	for _, k := range slices.Sorted(maps.Keys(t.fields)) {
		if t.fields[k].named && !names {
			continue
		}
		// Whoever goes through a map reads of a named entry what is read of every one.
		m.kids = append(m.kids, ordered(k, joined(t.fields[k], t.element), names))
	}
	return m
}

// Sum is the sum of an object. Sums of two footprints, also of the same rules, have nothing in common, nor have those of an
// encoded object and of any other.
func (f *Footprint) Sum(s Subject) uint64 {
	if s.encoded != nil {
		return f.encoded(s.encoded)
	}
	h, _ := hashes.Get().(*maphash.Hash)
	defer hashes.Put(h)
	h.SetSeed(f.seed)
	if s.typed != nil {
		v := reflect.ValueOf(s.typed)
		f.typed(h, f.root, goTypeOf(v.Type()), v)
	} else {
		f.plain(h, f.root, s.plain)
	}
	return h.Sum64()
}

// ofEncoded and ofMalformed begin what is summed up of an encoded object. No value of another begins with them.
const (
	ofEncoded   = 0xff
	ofMalformed = 0xfe
)

// encoded sums up the bytes of what is read.
func (f *Footprint) encoded(e *encoded) uint64 {
	buffer, _ := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	data, err := f.mask.of(f.root, e.t).Append(append((*buffer)[:0], ofEncoded), e.data)
	if err != nil {
		data = append(append(data[:0], ofMalformed), e.data...)
	}
	*buffer = data
	return maphash.Bytes(f.seed, data)
}

var hashes = sync.Pool{New: func() any { return new(maphash.Hash) }}

// Each value begins with a tag, and strings with their length, so that no two values are the same bytes.
const (
	tagAbsent byte = iota
	tagNull
	tagString
	tagNumber
	tagFloat
	tagTrue
	tagFalse
	tagStruct
	tagList
	tagEmpty
	tagMap
)

func h64(h *maphash.Hash, n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	_, _ = h.Write(b[:])
}

func hString(h *maphash.Hash, s string) {
	_ = h.WriteByte(tagString)
	h64(h, uint64(len(s)))
	_, _ = h.WriteString(s)
}

func hBool(h *maphash.Hash, b bool) {
	if b {
		_ = h.WriteByte(tagTrue)
	} else {
		_ = h.WriteByte(tagFalse)
	}
}

// allOf is the mark of everything below a place.
var allOf = &mark{whole: true}

// below is the mark of the elements of a list or the values of a map, nil where only their number or keys are read.
func (m *mark) below() *mark {
	if m.whole {
		return allOf
	}
	return m.element
}

// keysRead says whether rules see how many elements or which keys there are.
func (m *mark) keysRead() bool { return m.whole || m.shape || m.element != nil }

// plain sums up decoded JSON.
func (f *Footprint) plain(h *maphash.Hash, m *mark, v any) {
	switch v := v.(type) {
	case nil:
		_ = h.WriteByte(tagNull)
	case string:
		hString(h, v)
	case bool:
		hBool(h, v)
	case int64:
		_ = h.WriteByte(tagNumber)
		h64(h, uint64(v)) //nolint:gosec // the bits are what is wanted
	case float64:
		_ = h.WriteByte(tagFloat)
		h64(h, math.Float64bits(v))
	case []any:
		f.sequence(h, m, len(v), func(h *maphash.Hash, m *mark, i int) { f.plain(h, m, v[i]) })
	case map[string]any:
		entries(f, h, m, v, f.plain)
	default:
		x := reflect.ValueOf(v)
		f.typed(h, m, goTypeOf(x.Type()), x)
	}
}

func (f *Footprint) sequence(h *maphash.Hash, m *mark, n int, at func(*maphash.Hash, *mark, int)) {
	_ = h.WriteByte(tagList)
	if !m.keysRead() {
		return
	}
	h64(h, uint64(n)) //nolint:gosec // a length
	below := m.below()
	for i := 0; below != nil && i < n; i++ {
		at(h, below, i)
	}
}

// typed sums up a Go value as its JSON would look to a rule.
func (f *Footprint) typed(h *maphash.Hash, m *mark, g *goType, v reflect.Value) {
	switch g.form {
	case formMarshaler:
		f.marshaled(h, m, g, v)
	case formPointer:
		if v.IsNil() {
			_ = h.WriteByte(tagNull)
			return
		}
		f.typed(h, m, g.below(v.Elem()), v.Elem())
	case formStruct:
		f.fields(h, m, g, v)
	case formBytes:
		hString(h, string(v.Bytes()))
		hBool(h, v.IsNil())
	case formList:
		hBool(h, v.IsNil())
		f.sequence(h, m, v.Len(), func(h *maphash.Hash, m *mark, i int) {
			x := v.Index(i)
			f.typed(h, m, g.below(x), x)
		})
	case formMap:
		hBool(h, v.IsNil())
		f.goMap(h, m, v)
	case formScalar:
		hScalar(h, v)
	}
}

func (f *Footprint) marshaled(h *maphash.Hash, m *mark, g *goType, v reflect.Value) {
	if !v.CanAddr() && v.Kind() != reflect.Pointer {
		p := reflect.New(v.Type()).Elem()
		p.Set(v)
		v = p
	}
	plain, err := g.entry.ToUnstructured(v)
	hBool(h, err == nil)
	if err == nil {
		f.plain(h, m, plain)
	}
}

// fields sums up a struct: those fields that are read, or all where rules go through them.
func (f *Footprint) fields(h *maphash.Hash, m *mark, g *goType, v reflect.Value) {
	_ = h.WriteByte(tagStruct)
	if m.keysRead() {
		for _, entry := range g.entry.OrderedFields() {
			f.field(h, fieldMark{allOf, entry, goTypeOf(entry.GetFrom(v).Type())}, v)
		}
		return
	}
	for _, x := range m.of(g, v).fields {
		f.field(h, x, v)
	}
}

func (f *Footprint) field(h *maphash.Hash, m fieldMark, v reflect.Value) {
	x := m.entry.GetFrom(v)
	if m.entry.CanOmit(x) {
		_ = h.WriteByte(tagAbsent)
		return
	}
	f.typed(h, m.mark, m.g, x)
}

// goMap sums up a map with keys of a string type.
func (f *Footprint) goMap(h *maphash.Hash, m *mark, v reflect.Value) {
	switch plain := v.Interface().(type) {
	case map[string]string:
		f.texts(h, m, plain)
	case corev1.ResourceList:
		entries(f, h, m, plain, func(h *maphash.Hash, _ *mark, q resource.Quantity) { hQuantity(h, q) })
	default:
		all := make(map[string]reflect.Value, v.Len())
		for it := v.MapRange(); it.Next(); {
			all[it.Key().String()] = it.Value()
		}
		entries(f, h, m, all, func(h *maphash.Hash, m *mark, x reflect.Value) { f.typed(h, m, goTypeOf(x.Type()), x) })
	}
}

// texts is entries for what most maps are, without a hash for each entry.
func (f *Footprint) texts(h *maphash.Hash, m *mark, all map[string]string) {
	_ = h.WriteByte(tagMap)
	if m.keysRead() {
		var sum uint64
		for k, v := range all {
			values := uint64(0)
			if m.below() != nil {
				values = maphash.String(f.seed, v)
			}
			// Neither factor is known to who writes the object. The constants keep an empty text from being like another's.
			high, low := bits.Mul64(maphash.String(f.seed, k)^0x9e3779b97f4a7c15, values^0xd1b54a32d192ed03)
			sum += high ^ low
		}
		h64(h, uint64(len(all)))
		h64(h, sum)
	}
	for _, kid := range m.kids {
		if v, ok := all[kid.name]; ok {
			hString(h, v)
		} else {
			_ = h.WriteByte(tagAbsent)
		}
	}
}

// entries sums up a map. The sums of its entries are added, so that the order of a Go map does not matter.
func entries[K ~string, V any](f *Footprint, h *maphash.Hash, m *mark, all map[K]V, value func(*maphash.Hash, *mark, V)) {
	_ = h.WriteByte(tagMap)
	if m.keysRead() {
		var sum uint64
		for k, v := range all {
			var e maphash.Hash
			e.SetSeed(f.seed)
			hString(&e, string(k))
			if below := m.below(); below != nil {
				value(&e, below, v)
			}
			sum += e.Sum64()
		}
		h64(h, sum)
	}
	for _, kid := range m.kids {
		if v, ok := all[K(kid.name)]; ok {
			value(h, kid, v)
		} else {
			_ = h.WriteByte(tagAbsent)
		}
	}
}

// hQuantity sums up a quantity. Its JSON follows from value and format.
func hQuantity(h *maphash.Hash, q resource.Quantity) {
	hString(h, string(q.Format))
	if n, ok := q.AsInt64(); ok {
		_ = h.WriteByte(tagNumber)
		h64(h, uint64(n)) //nolint:gosec // the bits are what is wanted
		return
	}
	hString(h, q.String())
}

func hScalar(h *maphash.Hash, v reflect.Value) {
	switch {
	case v.Kind() == reflect.String:
		hString(h, v.String())
	case v.Kind() == reflect.Bool:
		hBool(h, v.Bool())
	case v.CanInt():
		_ = h.WriteByte(tagNumber)
		h64(h, uint64(v.Int())) //nolint:gosec // the bits are what is wanted
	case v.CanUint():
		_ = h.WriteByte(tagNumber)
		h64(h, v.Uint())
	case v.CanFloat():
		_ = h.WriteByte(tagFloat)
		h64(h, math.Float64bits(v.Float()))
	default:
		_ = h.WriteByte(tagEmpty)
	}
}
