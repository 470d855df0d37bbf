// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"reflect"
	"sync/atomic"

	"github.com/google/cel-go/common/types/ref"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Subject is one object presented for evaluation. It is made once and shared by all rules of its kind.
// That of a map is safe for concurrent use. That of a typed or encoded object is not, because it remembers what it has unwrapped:
// one for each goroutine; only as Env.Namespace it may be shared.
type Subject struct{ *subject }

type subject struct {
	value ref.Val
	typed runtime.Object // nil for a map
	plain map[string]any // nil for a typed object
	// encoded is there for an object that is decoded only when its value is asked for: see decoded.
	encoded *encoded
	bytes   atomic.Int64 // 0: not measured yet
}

// TypedSubject wraps a Go API object without converting it; it looks to an expression as its JSON would.
// Built-in kinds that are decoded from protobuf, and metadata-only objects, come without their kind, so it is set
// on the object where it differs: the caller must own the object. The object must not change while the subject is used.
func TypedSubject(obj runtime.Object, gvk schema.GroupVersionKind) Subject {
	if kind := obj.GetObjectKind(); kind.GroupVersionKind() != gvk {
		kind.SetGroupVersionKind(gvk)
	}
	return Subject{&subject{typed: obj, value: typedValue(reflect.ValueOf(obj))}}
}

// MapSubject wraps an object of decoded JSON or CBOR (of bool, int64, float64, string, nil, []any and map[string]any).
// The map must not change while the subject is used.
func MapSubject(obj map[string]any) Subject {
	return Subject{&subject{plain: obj, value: adapter.NativeToValue(obj)}}
}

// native is what CEL reads fastest: decoded JSON as it is, a typed object wrapped.
func (s *subject) native() any {
	if s.decoded().plain != nil {
		return s.plain
	}
	return s.value
}

// shared is native for any number of goroutines at once.
func (s *subject) shared() any {
	if s.decoded().typed == nil {
		return s.native()
	}
	return typedValue(reflect.ValueOf(s.typed))
}

// Fresh is another subject about the same object, for another goroutine: what a subject remembers is not to be shared.
func (s Subject) Fresh() Subject {
	switch {
	case s.encoded != nil:
		return EncodedSubject(s.encoded.data, s.encoded.t, s.encoded.gvk, s.encoded.reading)
	case s.typed != nil:
		return TypedSubject(s.typed, s.typed.GetObjectKind().GroupVersionKind())
	}
	return MapSubject(s.plain)
}

// labels are the labels of the object.
func (s *subject) labels() labels.Labels {
	if s.decoded().typed != nil {
		if m, err := meta.Accessor(s.typed); err == nil {
			return labels.Set(m.GetLabels())
		}
		return labels.Set(nil)
	}
	metadata, _ := s.plain["metadata"].(map[string]any)
	m, _ := metadata["labels"].(map[string]any)
	return mapLabels(m)
}

// mapLabels reads labels where they stand in decoded JSON.
type mapLabels map[string]any

// Has implements labels.Labels.
func (m mapLabels) Has(key string) bool { _, ok := m[key].(string); return ok }

// Get implements labels.Labels.
func (m mapLabels) Get(key string) string { s, _ := m[key].(string); return s }

// Lookup implements labels.Labels.
func (m mapLabels) Lookup(key string) (string, bool) { s, ok := m[key].(string); return s, ok }

// size is an upper bound of the object's size in memory units that the static cost bound understands: no fewer than
// its number of fields and elements, nor than the length of its strings in bytes divided by expansion.
func (s *subject) size() int {
	n := s.bytes.Load()
	if n == 0 {
		n = leastSize + int64(s.measure())
		s.bytes.Store(n)
	}
	return int(n)
}

func (s *subject) measure() int {
	if s.decoded().plain != nil {
		return measure(s.plain)
	}
	if m, ok := s.typed.(interface{ Size() int }); ok {
		return m.Size()
	}
	return unmeasured
}

// leastSize is added to every object's size, so that constants can be measured in objects.
const leastSize = 32

// unmeasured is the size of what cannot be measured: larger than any object, so that its evaluations are tracked.
const unmeasured = 1 << 30

// measure counts bytes of strings and one or more for everything else.
func measure(v any) int {
	n := 2
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			n += len(k) + measure(x)
		}
	case []any:
		for _, x := range v {
			n += measure(x)
		}
	case string:
		n += len(v)
	}
	return n
}
