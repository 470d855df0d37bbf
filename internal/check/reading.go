// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/cel-go/common/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/isms-operator/isms-operator/internal/wire"
)

// Reading is what some rules read of the objects of one kind. Of an object that comes as protobuf nothing else is decoded.
// It may be used by many goroutines.
type Reading struct {
	root *mark
	mask masks
}

// NewReading returns what rules on one kind read, the names of the object with it.
func NewReading(programs ...*Program) *Reading {
	return &Reading{root: ordered("", allRead(&pathTree{}, programs), true)}
}

// masks are the mask of a Go type, worked out once.
type masks struct{ known atomic.Pointer[typeMask] }

type typeMask struct {
	t    reflect.Type
	mask *wire.Mask
}

func (m *masks) of(root *mark, t reflect.Type) *wire.Mask {
	if known := m.known.Load(); known != nil && known.t == t {
		return known.mask
	}
	out := &typeMask{t, objectMask(root, t)}
	m.known.Store(out)
	return out.mask
}

// protobuf is what the generated Go types have.
type protobuf interface {
	runtime.Object
	metav1.Object
	Unmarshal(data []byte) error
}

// HasProtobuf says that the objects of a Go type, a struct, can be presented by EncodedSubject.
func HasProtobuf(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || !reflect.PointerTo(t).Implements(reflect.TypeFor[protobuf]()) {
		return false
	}
	field, ok := t.FieldByName("ObjectMeta")
	return ok && field.Type == objectMeta && numberOf(field.Tag) == metadataNumber
}

// metadataNumber is the field of every object that holds its metadata, managedFieldsNumber one of these.
const (
	metadataNumber      = 1
	managedFieldsNumber = 17
)

var objectMeta = reflect.TypeFor[metav1.ObjectMeta]()

// EncodedSubject presents an object that came as protobuf of a Go type that HasProtobuf, for rules whose Reading is given. It
// looks to them like the TypedSubject of the decoded object without managedFields, but for its size, which is that of what
// they read. The bytes must not change while the subject is used. What is no protobuf of the type ends in an error.
func EncodedSubject(data []byte, t reflect.Type, gvk schema.GroupVersionKind, r *Reading) Subject {
	return Subject{&subject{encoded: &encoded{data: data, t: t, gvk: gvk, reading: r}}}
}

// For is the subject for some of the rules that it was made for. Of an encoded one only what they read is decoded, unless it
// has been decoded already.
func (s Subject) For(r *Reading) Subject {
	if s.encoded == nil || s.value != nil {
		return s
	}
	return EncodedSubject(s.encoded.data, s.encoded.t, s.encoded.gvk, r)
}

// Reduced is another subject, of an encoded one, that holds nothing of the object but what the rules read. It is false of
// others, and of what is malformed.
func (s Subject) Reduced(r *Reading) (Subject, bool) {
	if s.encoded == nil {
		return s, false
	}
	e := s.encoded
	data, err := r.mask.of(r.root, e.t).Append(nil, e.data)
	return EncodedSubject(data, e.t, e.gvk, r), err == nil
}

type encoded struct {
	data    []byte
	t       reflect.Type
	gvk     schema.GroupVersionKind
	reading *Reading
	broken  bool
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// decoded is the subject when what is read of it has been decoded.
func (s *subject) decoded() *subject {
	if s.encoded == nil || s.value != nil {
		return s
	}
	buffer, _ := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	e := s.encoded
	obj, _ := reflect.New(e.t).Interface().(protobuf)
	data, err := e.reading.mask.of(e.reading.root, e.t).Append((*buffer)[:0], e.data)
	*buffer = data
	if err == nil {
		err = obj.Unmarshal(data)
	}
	if err != nil {
		e.broken, s.value = true, types.NewErr("malformed object")
		return s
	}
	obj.GetObjectKind().SetGroupVersionKind(e.gvk)
	s.typed, s.value = obj, typedValue(reflect.ValueOf(obj))
	return s
}

// unreadable is the error of every rule about what could not be decoded.
func (s *subject) unreadable() *EvalError {
	if s.encoded != nil && s.decoded().encoded.broken {
		return &EvalError{Class: Other, Field: fieldExpect}
	}
	return nil
}

// objectMask is what is kept of an object. managedFields are not: no rule may read them.
func objectMask(m *mark, t reflect.Type) *wire.Mask {
	metadata := m.kid("metadata")
	if m.keysRead() || metadata == nil {
		metadata = &mark{whole: m.keysRead()}
	}
	below := structMask(metadata, objectMeta)
	below.Drop(managedFieldsNumber)
	out := structMask(m, t)
	out.Below(metadataNumber, below)
	return out
}

func (m *mark) kid(name string) *mark {
	for _, k := range m.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// structMask is what is kept of a message. Whoever goes through the fields of a struct reads all of it.
func structMask(m *mark, t reflect.Type) *wire.Mask {
	out := &wire.Mask{}
	for i := range t.NumField() {
		f := t.Field(i)
		number := numberOf(f.Tag)
		if number == 0 {
			continue
		}
		name, inline := jsonName(f)
		switch {
		case m.keysRead():
			out.Keep(number)
		case inline:
			inlineMask(out, number, m, f.Type)
		default:
			if kid := m.kid(name); kid != nil {
				fieldMaskOf(out, number, kid, f)
			}
		}
	}
	return out
}

// inlineMask keeps of a struct whose fields are those of the struct around it in JSON.
func inlineMask(out *wire.Mask, number int, m *mark, t reflect.Type) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || goTypeOf(t).form != formStruct {
		out.Keep(number)
		return
	}
	if below := structMask(m, t); !below.KeepsNothing() {
		out.Below(number, below)
	}
}

// fieldMaskOf keeps of a field what is read of it, and that it is there.
func fieldMaskOf(out *wire.Mask, number int, m *mark, f reflect.StructField) {
	t, repeated := f.Type, strings.Contains(f.Tag.Get("protobuf"), ",rep,")
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	g := goTypeOf(t)
	switch {
	case m.whole:
		out.Keep(number)
	case g.form == formStruct && !repeated && !(f.Type == t && strings.Contains(f.Tag.Get("json"), ",omitzero")):
		out.Below(number, structMask(m, t))
	case g.form == formMap && repeated && !m.keysRead():
		keys := make(map[string]bool, len(m.kids))
		for _, kid := range m.kids {
			keys[kid.name] = true
		}
		out.Keys(number, keys)
	case g.form == formList && repeated && messages(t.Elem()):
		if m.element == nil {
			out.Below(number, &wire.Mask{})
		} else {
			elementMask(out, number, m.element, t.Elem())
		}
	default:
		out.Keep(number)
	}
}

func elementMask(out *wire.Mask, number int, m *mark, t reflect.Type) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if m.whole {
		out.Keep(number)
		return
	}
	out.Below(number, structMask(m, t))
}

// messages says that the elements of a list are structs whose fields are known.
func messages(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && goTypeOf(t).form == formStruct
}

// numberOf is the number of a field on the wire, 0 for one that is not sent.
func numberOf(tag reflect.StructTag) int {
	parts := strings.Split(tag.Get("protobuf"), ",")
	if len(parts) < 2 {
		return 0
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return 0
	}
	return n
}

// jsonName is the name of a field in JSON, or that it has none because its own fields stand in its place.
func jsonName(f reflect.StructField) (name string, inline bool) {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	if inline = name == "" && (f.Anonymous || options == "inline"); !inline && name == "" {
		name = f.Name
	}
	return name, inline
}
