// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"maps"
	"reflect"
	"slices"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// accessor is a map with string keys; find gives nil for an absent key. keys are sorted, so that no result of an
// expression depends on the order of a Go map.
type accessor interface {
	find(name string) ref.Val
	keys() []string
	size() int
}

// mapping is a CEL map over an accessor, with the semantics of CEL's own maps.
type mapping struct{ accessor }

var (
	_ traits.Mapper = (*mapping)(nil)
	_ traits.Zeroer = (*mapping)(nil)
)

// Find implements traits.Mapper.
func (m *mapping) Find(key ref.Val) (ref.Val, bool) {
	name, ok := key.(types.String)
	if !ok {
		return nil, false
	}
	v := m.find(string(name))
	return v, v != nil
}

// Get implements traits.Indexer.
func (m *mapping) Get(key ref.Val) ref.Val {
	if v, ok := m.Find(key); ok {
		return v
	}
	return types.ValOrErr(key, "no such key")
}

// Contains implements traits.Container.
func (m *mapping) Contains(key ref.Val) ref.Val {
	_, ok := m.Find(key)
	return types.Bool(ok)
}

// Size implements traits.Sizer.
func (m *mapping) Size() ref.Val { return types.Int(m.size()) }

// IsZeroValue implements traits.Zeroer.
func (m *mapping) IsZeroValue() bool { return m.size() == 0 }

// Type implements ref.Val.
func (m *mapping) Type() ref.Type { return types.MapType }

// Equal implements ref.Val.
func (m *mapping) Equal(other ref.Val) ref.Val {
	o, ok := other.(traits.Mapper)
	if !ok || m.Size() != o.Size() {
		return types.False
	}
	for _, k := range m.keys() {
		v, found := o.Find(types.String(k))
		if !found || types.Equal(m.find(k), v) == types.False {
			return types.False
		}
	}
	return types.True
}

// Iterator implements traits.Iterable.
func (m *mapping) Iterator() traits.Iterator {
	keys := m.keys()
	values := make([]ref.Val, len(keys))
	for i, k := range keys {
		values[i] = types.String(k)
	}
	return types.NewRefValList(adapter, values).Iterator()
}

// Fold implements traits.Foldable.
func (m *mapping) Fold(f traits.Folder) {
	for _, k := range m.keys() {
		if !f.FoldEntry(types.String(k), m.find(k)) {
			return
		}
	}
}

// ConvertToType implements ref.Val.
func (m *mapping) ConvertToType(t ref.Type) ref.Val { return m.stock().ConvertToType(t) }

// ConvertToNative implements ref.Val.
func (m *mapping) ConvertToNative(t reflect.Type) (any, error) { return m.stock().ConvertToNative(t) }

// Value implements ref.Val.
func (m *mapping) Value() any {
	out := make(map[string]any, m.size())
	for _, k := range m.keys() {
		out[k] = m.find(k).Value()
	}
	return out
}

// stock is the same map as one of CEL's own.
func (m *mapping) stock() ref.Val {
	values := make(map[ref.Val]ref.Val, m.size())
	for _, k := range m.keys() {
		values[types.String(k)] = m.find(k)
	}
	return types.NewRefValMap(adapter, values)
}

// list is a CEL list over a Go slice, with the semantics of CEL's own lists.
type list struct {
	value    reflect.Value
	elements []ref.Val // remembered, nil where not presented yet
}

var (
	_ traits.Lister = (*list)(nil)
	_ traits.Zeroer = (*list)(nil)
)

func (l *list) at(i int) ref.Val {
	if l.elements == nil {
		l.elements = make([]ref.Val, l.value.Len())
	}
	if l.elements[i] == nil {
		l.elements[i] = typedValue(l.value.Index(i))
	}
	return l.elements[i]
}

// Get implements traits.Indexer.
func (l *list) Get(index ref.Val) ref.Val {
	i, err := types.IndexOrError(index)
	switch {
	case err != nil:
		return types.ValOrErr(index, "no such overload")
	case i < 0 || i >= l.value.Len():
		return types.NewErr("index out of bounds")
	}
	return l.at(i)
}

// Size implements traits.Sizer.
func (l *list) Size() ref.Val { return types.Int(l.value.Len()) }

// IsZeroValue implements traits.Zeroer.
func (l *list) IsZeroValue() bool { return l.value.Len() == 0 }

// Type implements ref.Val.
func (l *list) Type() ref.Type { return types.ListType }

// Contains implements traits.Container.
func (l *list) Contains(x ref.Val) ref.Val {
	for i := range l.value.Len() {
		if x.Equal(l.at(i)) == types.True {
			return types.True
		}
	}
	return types.False
}

// Equal implements ref.Val.
func (l *list) Equal(other ref.Val) ref.Val {
	o, ok := other.(traits.Lister)
	if !ok || l.Size() != o.Size() {
		return types.False
	}
	for i := range l.value.Len() {
		if types.Equal(l.at(i), o.Get(types.Int(i))) == types.False {
			return types.False
		}
	}
	return types.True
}

// Iterator implements traits.Iterable.
func (l *list) Iterator() traits.Iterator { return &listIterator{list: l} }

// Add implements traits.Adder.
func (l *list) Add(other ref.Val) ref.Val { return l.stock().Add(other) }

// ConvertToType implements ref.Val.
func (l *list) ConvertToType(t ref.Type) ref.Val { return l.stock().ConvertToType(t) }

// ConvertToNative implements ref.Val.
func (l *list) ConvertToNative(t reflect.Type) (any, error) { return l.stock().ConvertToNative(t) }

// Value implements ref.Val.
func (l *list) Value() any {
	out := make([]any, l.value.Len())
	for i := range out {
		out[i] = l.at(i).Value()
	}
	return out
}

// stock is the same list as one of CEL's own.
func (l *list) stock() traits.Lister {
	values := make([]ref.Val, l.value.Len())
	for i := range values {
		values[i] = l.at(i)
	}
	return types.NewRefValList(adapter, values)
}

// listIterator is the iterator of a list. The rest of ref.Val is never asked of an iterator.
type listIterator struct {
	ref.Val
	list *list
	next int
}

// HasNext implements traits.Iterator.
func (it *listIterator) HasNext() ref.Val { return types.Bool(it.next < it.list.value.Len()) }

// Next implements traits.Iterator.
func (it *listIterator) Next() ref.Val {
	it.next++
	return it.list.at(it.next - 1)
}

// plainMap presents a decoded JSON object.
type plainMap map[string]any

func (m plainMap) find(name string) ref.Val {
	if v, ok := m[name]; ok {
		return adapter.NativeToValue(v)
	}
	return nil
}

func (m plainMap) keys() []string { return slices.Sorted(maps.Keys(m)) }

func (m plainMap) size() int { return len(m) }

// jsonAdapter turns Go values into CEL's. Maps of decoded JSON are iterated in order.
type jsonAdapter struct{ types.Adapter }

var adapter = jsonAdapter{types.DefaultTypeAdapter}

// NativeToValue implements types.Adapter.
func (a jsonAdapter) NativeToValue(v any) ref.Val {
	switch v := v.(type) {
	case ref.Val:
		return v
	case map[string]any:
		if v == nil {
			return types.NullValue
		}
		return &mapping{accessor: plainMap(v)}
	case []any:
		return types.NewDynamicList(adapter, v)
	}
	return a.Adapter.NativeToValue(v)
}
