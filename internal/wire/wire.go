// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package wire takes from the protobuf of a Kubernetes object what somebody reads of it, without decoding the rest. To
// decode a pod takes many times as long as to step over its fields, and rules read few of them.
package wire

import (
	"errors"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrMalformed says that something is no protobuf, or none of the message that a mask is for.
var ErrMalformed = errors.New("malformed protobuf")

// Mask says what is kept of a message, field by field. The zero Mask keeps nothing. It is not to be changed while it is
// used.
type Mask struct {
	fields []field // by number
	maps   []int   // the numbers of those of which entries are kept
}

type keep uint8

const (
	nothing keep = iota
	whole
	message
	entries
)

type field struct {
	keep  keep
	below *Mask
	keys  map[string]bool
	index uint // of its number in maps
}

// maxNumber bounds the numbers of fields. Those of Kubernetes are below 100.
const maxNumber = 1 << 10

func (m *Mask) set(number int, f field) {
	if number < 1 || number > maxNumber {
		return
	}
	for len(m.fields) <= number {
		m.fields = append(m.fields, field{})
	}
	m.fields[number] = f
}

// Keep keeps a field as it is, with all that is below it.
func (m *Mask) Keep(number int) { m.set(number, field{keep: whole}) }

// Below keeps of a field that holds a message, or several, what another mask keeps of each.
func (m *Mask) Below(number int, below *Mask) { m.set(number, field{keep: message, below: below}) }

// Keys keeps of a map with keys of strings the entries with these keys. Where there are others, an entry with an empty
// key and an empty value stands for them, so that the map is not taken for an empty one.
func (m *Mask) Keys(number int, keys map[string]bool) {
	if len(m.maps) == maxMaps || keys[""] {
		m.Keep(number)
		return
	}
	m.set(number, field{keep: entries, keys: keys, index: uint(len(m.maps))})
	m.maps = append(m.maps, number)
}

// maxMaps is how many maps of one message are kept by their keys; of more all is kept.
const maxMaps = 64

// Drop keeps nothing of a field.
func (m *Mask) Drop(number int) { m.set(number, field{}) }

// KeepsNothing says that no field is kept.
func (m *Mask) KeepsNothing() bool { return len(m.fields) == 0 }

// element is a field of a message as it stands there.
type element struct {
	number     int
	kind       protowire.Type
	tag, value []byte
}

// next takes the first field off a message.
func next(data []byte) (e element, rest []byte, ok bool) {
	number, kind, n := protowire.ConsumeTag(data)
	if n < 0 {
		return e, nil, false
	}
	size := protowire.ConsumeFieldValue(number, kind, data[n:])
	if size < 0 {
		return e, nil, false
	}
	return element{int(number), kind, data[:n], data[n : n+size]}, data[n+size:], true
}

// contents are the bytes of a field that holds a message, a string or bytes.
func (e *element) contents() ([]byte, bool) {
	if e.kind != protowire.BytesType {
		return nil, false
	}
	b, n := protowire.ConsumeBytes(e.value)
	return b, n >= 0
}

// Append appends what is kept of a message: a message of the same type, in which equal parts are written alike.
func (m *Mask) Append(out, data []byte) ([]byte, error) {
	var others uint64 // the maps of which entries were left out, by their index
	for len(data) > 0 {
		e, rest, ok := next(data)
		if !ok {
			return out, ErrMalformed
		}
		data = rest
		if e.number >= len(m.fields) {
			continue
		}
		f := &m.fields[e.number]
		switch f.keep {
		case nothing:
		case whole:
			out = append(append(out, e.tag...), e.value...)
		default:
			var left uint64
			var err error
			if out, left, err = f.part(out, &e); err != nil {
				return out, err
			}
			others |= left
		}
	}
	return m.standIn(out, others), nil
}

// part appends what is kept of a message or of the entry of a map, and says of which map an entry is left out.
func (f *field) part(out []byte, e *element) (_ []byte, left uint64, err error) {
	inner, ok := e.contents()
	if !ok {
		return out, 0, ErrMalformed
	}
	if f.keep == message {
		out, err = f.below.nested(append(out, e.tag...), inner)
		return out, 0, err
	}
	key, err := Bytes(inner, 1)
	switch {
	case err != nil:
		return out, 0, err
	case !f.keys[string(key)]:
		return out, 1 << f.index, nil
	}
	return append(append(out, e.tag...), e.value...), 0, nil
}

// standIn appends an empty entry to each map of which entries were left out.
func (m *Mask) standIn(out []byte, others uint64) []byte {
	for ; others != 0; others &= others - 1 {
		number := protowire.Number(m.maps[bits.TrailingZeros64(others)]) //nolint:gosec // below maxNumber
		out = protowire.AppendVarint(protowire.AppendTag(out, number, protowire.BytesType), 0)
	}
	return out
}

// lengthBytes are reserved for the length of a message that is not known yet: it is written with as many, which is no
// less valid.
const lengthBytes = 4

func (m *Mask) nested(out, data []byte) ([]byte, error) {
	start := len(out)
	out, err := m.Append(append(out, 0, 0, 0, 0), data)
	if err != nil {
		return out, err
	}
	size := len(out) - start - lengthBytes
	if size >= 1<<(7*lengthBytes) {
		return out, ErrMalformed
	}
	for i := range lengthBytes {
		out[start+i] = byte(size>>(7*i)) | 0x80
	}
	out[start+lengthBytes-1] &= 0x7f
	return out, nil
}

// Bytes is the first field of a message with a number that holds a message, a string or bytes, nil where there is none.
func Bytes(data []byte, number int) ([]byte, error) {
	var out []byte
	err := Each(data, func(n int, b []byte) bool {
		if n != number {
			return true
		}
		out = b
		return false
	})
	return out, err
}

// Each calls do with the fields of a message that hold a message, a string or bytes, in order, until it returns false. The
// bytes are part of the message.
func Each(data []byte, do func(number int, contents []byte) bool) error {
	for len(data) > 0 {
		e, rest, ok := next(data)
		if !ok {
			return ErrMalformed
		}
		if b, ok := e.contents(); ok && !do(e.number, b) {
			return nil
		}
		data = rest
	}
	return nil
}
