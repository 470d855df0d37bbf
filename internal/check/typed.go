// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"encoding/base64"
	"math"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	reflected "sigs.k8s.io/structured-merge-diff/v6/value"
)

// A typed object looks to CEL exactly as the map would that its JSON decodes to; a property test holds the two together.
// k8s.io/apiserver/pkg/cel/common has such a wrapper too (SchemalessTypedToVal), but its lists and maps are not
// CEL's: a list equals no string there but ends in an error, an absent key of the wrong type too, and structs are
// compared by Go's semantics, so that "1" and "1000m" are one quantity. It also copies every struct it passes.

// form says how values of a Go type are presented.
type form uint8

const (
	formScalar form = iota
	formPointer
	formStruct
	formList
	formBytes
	formMap
	formMarshaler
)

// goType is what is known of a Go type.
type goType struct {
	form   form
	entry  *reflected.TypeReflectCacheEntry
	fields map[string]*reflected.FieldCacheEntry
	// next is the type of what a pointer or a list holds, where that is known; nil at first.
	next atomic.Pointer[nextType]
}

type nextType struct {
	t reflect.Type
	g *goType
}

// below is the type of a value that a pointer or a list holds.
func (g *goType) below(v reflect.Value) *goType {
	if known := g.next.Load(); known != nil && known.t == v.Type() {
		return known.g
	}
	out := &nextType{v.Type(), goTypeOf(v.Type())}
	g.next.Store(out)
	return out.g
}

var goTypes sync.Map // reflect.Type to *goType

func goTypeOf(t reflect.Type) *goType {
	if known, ok := goTypes.Load(t); ok {
		return known.(*goType)
	}
	made, _ := goTypes.LoadOrStore(t, newGoType(t))
	return made.(*goType)
}

func newGoType(t reflect.Type) *goType {
	g := &goType{entry: reflected.TypeReflectEntryOf(t)}
	g.fields = g.entry.Fields()
	switch {
	case g.entry.CanConvertToUnstructured():
		g.form = formMarshaler
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Interface:
		g.form = formPointer
	case t.Kind() == reflect.Struct:
		g.form = formStruct
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		g.form = formBytes
	case t.Kind() == reflect.Slice:
		g.form = formList
	case t.Kind() == reflect.Map:
		g.form = formMap
	}
	return g
}

// typedValue presents a Go value. The value, where it is a struct, must be addressable, or it is copied.
func typedValue(v reflect.Value) ref.Val {
	g := goTypeOf(v.Type())
	switch g.form {
	case formMarshaler:
		return marshaled(g, v)
	case formPointer:
		if v.IsNil() {
			return types.NullValue
		}
		return typedValue(v.Elem())
	case formStruct:
		return newStructValue(g, v)
	}
	return typedLeaf(g, v)
}

func typedLeaf(g *goType, v reflect.Value) ref.Val {
	switch g.form {
	case formBytes:
		if v.IsNil() {
			return types.NullValue
		}
		return types.String(base64.StdEncoding.EncodeToString(v.Bytes()))
	case formList:
		if v.IsNil() {
			return types.NullValue
		}
		return &list{value: v}
	case formMap:
		if v.IsNil() {
			return types.NullValue
		}
		return &mapping{accessor: &goMapAccessor{value: v}}
	}
	return scalarValue(v)
}

func scalarValue(v reflect.Value) ref.Val {
	switch v.Kind() {
	case reflect.String:
		return types.String(v.String())
	case reflect.Bool:
		return types.Bool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return types.Int(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Uint() <= math.MaxInt64 {
			return types.Int(v.Uint())
		}
	case reflect.Float32, reflect.Float64:
		return types.Double(v.Float())
	}
	return types.NewErr("unsupported conversion")
}

// marshaled presents a value that makes its own JSON, such as a time or a quantity.
func marshaled(g *goType, v reflect.Value) ref.Val {
	if !v.CanAddr() && v.Kind() != reflect.Pointer {
		p := reflect.New(v.Type()).Elem()
		p.Set(v)
		v = p
	}
	plain, err := g.entry.ToUnstructured(v)
	switch {
	case err != nil:
		return types.NewErr("unsupported conversion")
	case plain == nil:
		return types.NullValue
	}
	return adapter.NativeToValue(plain)
}

// structAccessor presents a struct as the map of those fields that its JSON has.
type structAccessor struct {
	*goType
	value reflect.Value
	// found remembers what was presented: rules read few fields of an object, and the same ones.
	found []foundField
	room  [4]foundField
}

// structValue is a mapping and its accessor in one allocation.
type structValue struct {
	mapping
	fields structAccessor
}

func newStructValue(g *goType, v reflect.Value) *mapping {
	s := &structValue{fields: structAccessor{goType: g, value: v}}
	s.fields.found = s.fields.room[:0]
	s.accessor = &s.fields
	return &s.mapping
}

type foundField struct {
	entry *reflected.FieldCacheEntry
	value ref.Val // nil: absent
}

func (s *structAccessor) find(name string) ref.Val {
	entry, ok := s.fields[name]
	if !ok {
		return nil
	}
	for i := range s.found {
		if s.found[i].entry == entry {
			return s.found[i].value
		}
	}
	var out ref.Val
	if v := entry.GetFrom(s.value); !entry.CanOmit(v) {
		out = typedValue(v)
	}
	s.found = append(s.found, foundField{entry, out})
	return out
}

func (s *structAccessor) keys() []string {
	keys := make([]string, 0, len(s.fields))
	for _, f := range s.entry.OrderedFields() {
		if !f.CanOmit(f.GetFrom(s.value)) {
			keys = append(keys, f.JsonName)
		}
	}
	return keys
}

func (s *structAccessor) size() int { return len(s.keys()) }

// goMapAccessor presents a Go map with keys of a string type.
type goMapAccessor struct{ value reflect.Value }

func (m *goMapAccessor) find(name string) ref.Val {
	if plain, ok := m.value.Interface().(map[string]string); ok {
		if s, ok := plain[name]; ok {
			return types.String(s)
		}
		return nil
	}
	key := reflect.ValueOf(name)
	if t := m.value.Type().Key(); key.Type() != t {
		key = key.Convert(t)
	}
	if v := m.value.MapIndex(key); v.IsValid() {
		return typedValue(v)
	}
	return nil
}

func (m *goMapAccessor) keys() []string {
	keys := make([]string, 0, m.value.Len())
	for _, k := range m.value.MapKeys() {
		keys = append(keys, k.String())
	}
	slices.Sort(keys)
	return keys
}

func (m *goMapAccessor) size() int { return m.value.Len() }
