// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"slices"
	"strings"
)

// items are those of a List that is being cut.
type items struct{ depth int }

// itemsOf finds the block sequence `items` of a document: where its key ends and its first element begins, and the column
// of its elements. before is -1 where there is none.
func itemsOf(text []byte) (before, first, depth int) {
	const key = "items:"
	at := 0
	if !bytes.HasPrefix(text, []byte(key)) {
		if at = bytes.Index(text, []byte("\n"+key)) + 1; at == 0 {
			return -1, 0, 0
		}
	}
	before = at + len(key)
	first = before
	for {
		end := bytes.IndexByte(text[first:], '\n')
		if end < 0 {
			return -1, 0, 0
		}
		line := bytes.TrimLeft(text[first:first+end], " ")
		depth = first + end - len(line) - first
		switch {
		case len(line) == 0 || line[0] == '#' || line[0] == '\r':
			first += end + 1
		case first > before && element(line):
			return before, first, depth
		default:
			return -1, 0, 0
		}
	}
}

func element(line []byte) bool {
	return line[0] == '-' && (len(line) == 1 || line[1] == ' ' || line[1] == '\r')
}

// listKind says that a document seems to be a List.
func listKind(text []byte) bool {
	_, kind, known := peek(text, 0)
	return known && strings.HasSuffix(kind, "List")
}

// allItems cuts the items of a List that is whole.
func (s *splitter) allItems(text []byte, before, depth int) {
	_, first, _ := itemsOf(text)
	line := s.line + bytes.Count(text[:first], []byte{'\n'})
	rest := text[first:]
	for more := true; more; {
		var n int
		n, more = nextItem(rest, depth, true)
		s.place.Item++
		s.add(rest[:n], line)
		line += bytes.Count(rest[:n], []byte{'\n'})
		rest = rest[n:]
	}
	s.place.Item = 0
	s.listed(text[:before], rest)
}

// listed adds what stands around the items of a List, to see that it is one.
func (s *splitter) listed(before, after []byte) {
	d := document{Place: s.place, text: slices.Concat(before, []byte(" []\n"), after), list: true}
	d.Line = s.line
	s.b.documents = append(s.b.documents, d)
}

// beginItems begins to cut a List that is not whole yet.
func (s *splitter) beginItems(data []byte) bool {
	before, first, depth := itemsOf(data)
	if before < 0 {
		return false
	}
	s.place.Document++
	s.around, s.items, s.inList = slices.Clone(data[:before]), &items{depth}, true
	s.advance(first)
	return true
}

// cutItem cuts one item.
func (s *splitter) cutItem() bool {
	data := s.rest()
	n, more := nextItem(data, s.items.depth, s.eof)
	if n == 0 {
		return false
	}
	s.place.Item++
	s.add(data[:n], s.line)
	s.advance(n)
	if !more {
		s.items, s.place.Item = nil, 0
	}
	return true
}

func (s *splitter) listEnds(text []byte) {
	s.listed(s.around, text)
	s.inList, s.around = false, nil
}

// nextItem is the length of the element that text begins with, and whether another follows it. It is 0 where its end is
// not there yet.
func nextItem(text []byte, depth int, eof bool) (n int, more bool) {
	for at := 0; ; {
		end := bytes.IndexByte(text[at:], '\n')
		whole := end >= 0
		if end = at + end; !whole {
			if end = len(text); !eof {
				return 0, false
			}
		}
		line := bytes.TrimLeft(text[at:end], " ")
		if column := end - at - len(line); at > 0 && len(line) > 0 && line[0] != '#' && line[0] != '\r' && column <= depth {
			return at, column == depth && element(line)
		}
		if !whole {
			return end, false
		}
		if at = end + 1; at == len(text) && eof {
			return at, false
		}
	}
}

// peek reads apiVersion and kind of a document without parsing it: as keys on lines of their own, at a column. What it
// finds may be wrong in a document that is made to deceive, so whoever uses it compares.
func peek(text []byte, column int) (apiVersion, kind string, known bool) {
	kind = lineValue(text, column, "kind:")
	apiVersion = lineValue(text, column, "apiVersion:")
	return apiVersion, kind, kind != "" && apiVersion != ""
}

// lineValue is the plain value of a key that begins a line at a column, or "".
func lineValue(text []byte, column int, key string) string {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(key))
		if i < 0 {
			return ""
		}
		i += at
		at = i + len(key)
		if !begins(text, i, column) {
			continue
		}
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 {
			end = len(text) - at
		}
		value := strings.TrimRight(string(text[at:at+end]), "\r")
		if trimmed := strings.Trim(value, " "); value != trimmed && simple(trimmed) {
			return trimmed
		}
		return ""
	}
}

// begins says that what stands at i begins a line, or the element that the text is, at a column.
func begins(text []byte, i, column int) bool {
	line := bytes.LastIndexByte(text[:i], '\n') + 1
	before := text[line:i]
	if line == 0 && len(before) > 0 && bytes.TrimLeft(before, " ")[0] == '-' {
		before = bytes.Replace(before, []byte("-"), []byte(" "), 1)
	}
	return len(before) == column && len(bytes.TrimLeft(before, " ")) == 0
}

// simple says that a value is letters, digits, points, slashes and dashes.
func simple(value string) bool {
	for _, c := range []byte(value) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '/', c == '-':
		default:
			return false
		}
	}
	return value != ""
}
