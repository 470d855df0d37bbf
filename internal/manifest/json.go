// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"slices"
)

// cutJSON cuts one value off, or one item of a List.
func (s *splitter) cutJSON() bool {
	if s.items != nil {
		return s.cutJSONItem()
	}
	data := s.rest()
	if s.inList {
		return s.cutJSONEnd(data)
	}
	n := separators(data)
	s.advance(n)
	if data = s.rest(); len(data) == 0 {
		return false
	}
	if before, first := jsonItems(data); before > 0 {
		s.place.Document++
		s.around, s.items, s.inList = slices.Clone(data[:before]), &items{}, true
		s.advance(first)
		return true
	}
	return s.cutValue(&s.place.Document)
}

// cutValue cuts the value off that stands next, if it is whole, and counts it.
func (s *splitter) cutValue(count *int) bool {
	data := s.rest()
	end := jsonEnd(data)
	if end < 0 && s.eof {
		end = len(data)
	}
	if end <= 0 {
		return false
	}
	*count++
	s.addJSON(data[:end])
	s.advance(end)
	return true
}

func (s *splitter) addJSON(text []byte) {
	s.add(text, s.line)
	s.b.documents[len(s.b.documents)-1].json = true
}

// separators is the length of what may stand between values: space, and markers between documents.
func separators(data []byte) int {
	n := 0
	for {
		n += len(data[n:]) - len(bytes.TrimLeft(data[n:], " \t\r\n"))
		if !separates(data[n:]) {
			return n
		}
		n += 3
	}
}

// cutJSONItem cuts one item, up to the bracket that closes the items.
func (s *splitter) cutJSONItem() bool {
	data := s.rest()
	n := len(data) - len(bytes.TrimLeft(data, " \t\r\n,"))
	if n == len(data) && !s.eof {
		return false
	}
	s.advance(n)
	data = s.rest()
	if len(data) == 0 || data[0] == ']' {
		s.items, s.place.Item = nil, 0
		return true
	}
	return s.cutValue(&s.place.Item)
}

// cutJSONEnd takes what follows the items of a List.
func (s *splitter) cutJSONEnd(data []byte) bool {
	end := jsonEnd(append([]byte("{["), data...)) - 2 // the brackets that are open
	if end < 0 {
		if !s.eof {
			return false
		}
		end = len(data)
	}
	d := document{Place: s.place, text: slices.Concat(s.around, []byte("["), data[:end]), list: true, json: true}
	d.Line = s.line
	s.b.documents = append(s.b.documents, d)
	s.inList, s.around = false, nil
	s.advance(end)
	return true
}

// jsonItems finds the array `items` at the top of an object that data begins with: where its bracket stands and where its
// first element may. before is 0 where there is none, or where that can't be told yet.
func jsonItems(data []byte) (before, first int) {
	at := 1
	for data[0] == '{' {
		at = skip(data, at, " \t\r\n,")
		end := jsonString(data, at)
		if end < 0 {
			return 0, 0
		}
		value := skip(data, end, " \t\r\n:")
		if value == len(data) {
			return 0, 0
		}
		if string(data[at:end]) == `"items"` && data[value] == '[' {
			return value, value + 1
		}
		n := jsonEnd(data[value:])
		if n < 0 {
			return 0, 0
		}
		at = value + n
	}
	return 0, 0
}

func skip(data []byte, at int, what string) int {
	return len(data) - len(bytes.TrimLeft(data[at:], what))
}

// jsonString is where the string ends that begins at a place, or -1.
func jsonString(data []byte, at int) int {
	if at >= len(data) || data[at] != '"' {
		return -1
	}
	for i := at + 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// jsonEnd is the length of the value that data begins with, by its brackets and strings alone; -1 where it is not whole.
// What is no JSON at all ends somewhere, and then can't be read.
func jsonEnd(data []byte) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			if i = jsonString(data, i) - 1; i < 0 {
				return -1
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return max(i, 1)
			}
		case ' ', '\t', '\r', '\n', ',':
			if depth == 0 && i > 0 {
				return i
			}
		}
	}
	return -1
}
