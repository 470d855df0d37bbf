// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
)

// plain reads the YAML that nearly all manifests are written in: block mappings and sequences, scalars on one line,
// literal blocks, and flow collections on one line. It writes JSON while it reads, in one pass and without a tree. Whatever
// else a document has (anchors, tags, folded scalars, tabs, scalars over several lines, keys that are not text, an
// error), it gives up, and the full parser reads the document. So it decides nothing by itself: what it writes is what the
// full parser would have written, which a fuzz test holds.
type plain struct {
	in  []byte
	out []byte
	// The current line: the column of its content, and where that begins and ends. At the end of the input, more is false.
	column, start, end int
	more               bool
	keys               []span // of the mappings that are open, in out
	depth              int
	failed             bool
}

type span struct{ from, to int }

const (
	// maxPlainDepth and maxPlainKeys bound recursion, and the search for duplicate keys, which is quadratic.
	maxPlainDepth = 100
	maxPlainKeys  = 128
	// maxPlainKey is the longest key on one line that YAML takes for one.
	maxPlainKey = 1000
)

// transcode appends the JSON of a document to out. Without content it appends nothing. It reports false, with out as it
// was, where the document is not plain.
func (p *plain) transcode(in, out []byte) ([]byte, bool) {
	*p = plain{in: in, out: out, keys: p.keys[:0]}
	if !printable(in) {
		return out, false
	}
	p.line(0)
	if p.more {
		p.node(-1)
	}
	if p.failed || p.more {
		return out[:len(out):len(out)], false
	}
	return p.out, true
}

// printable says that there is nothing but line feeds and characters that YAML takes as they are.
func printable(in []byte) bool {
	for i, c := range in {
		if c >= 0x80 {
			return printableText(in[i:])
		}
		if c < ' ' && c != '\n' || c == 0x7f {
			return false
		}
	}
	return true
}

// printableText leaves out control characters, other line breaks, and byte order marks.
func printableText(in []byte) bool {
	for _, r := range string(in) {
		switch {
		case r < ' ' && r != '\n', r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029, r == 0xfeff, r >= 0xfffd && r <= 0xffff:
			return false
		}
	}
	return true
}

func (p *plain) fail() { p.failed, p.more = true, false }

// line goes to the next line with content, from the beginning of a line.
func (p *plain) line(at int) {
	for at < len(p.in) {
		end := bytes.IndexByte(p.in[at:], '\n')
		if end < 0 {
			end = len(p.in)
		} else {
			end += at
		}
		i := at
		for i < end && p.in[i] == ' ' {
			i++
		}
		if i < end && p.in[i] != '#' {
			p.column, p.start, p.end, p.more = i-at, i, end, true
			return
		}
		at = end + 1
	}
	p.column, p.more = -1, false
}

func (p *plain) next() { p.line(p.end + 1) }

// text is what is left of the current line.
func (p *plain) text() []byte { return p.in[p.start:p.end] }

// forward goes on in the current line: what follows is as if it stood on a line of its own, at its column.
func (p *plain) forward(to int) {
	for to < p.end && p.in[to] == ' ' {
		to++
	}
	p.column += to - p.start
	p.start = to
}

// node reads the collection that begins at the current line, which is deeper than its parent.
func (p *plain) node(parent int) {
	if p.depth++; p.depth > maxPlainDepth {
		p.fail()
		return
	}
	switch {
	case p.column <= parent:
		p.fail()
	case p.dash():
		p.sequence(p.column)
	default:
		p.mapping(p.column)
	}
	p.depth--
}

// dash says that the line begins an element of a sequence.
func (p *plain) dash() bool {
	return p.in[p.start] == '-' && (p.start+1 == p.end || p.in[p.start+1] == ' ')
}

func (p *plain) sequence(column int) {
	p.out = append(p.out, '[')
	for first := true; p.more && p.column == column && p.dash(); first = false {
		if !first {
			p.out = append(p.out, ',')
		}
		p.forward(p.start + 1)
		switch {
		case p.start == p.end || p.in[p.start] == '#':
			p.below(column, false)
		case p.dash(), p.isKey():
			p.node(column)
		default:
			p.value(column)
		}
	}
	if p.more && p.column > column { // at the same column the mapping goes on that the sequence is in
		p.fail()
	}
	p.out = append(p.out, ']')
}

func (p *plain) mapping(column int) {
	p.out = append(p.out, '{')
	mine := len(p.keys)
	for first := true; p.more && p.column == column && !p.dash(); first = false {
		if !first {
			p.out = append(p.out, ',')
		}
		from := len(p.out)
		after, ok := p.key()
		if !ok || p.repeats(mine, span{from, len(p.out)}) {
			p.fail()
			break
		}
		p.out = append(p.out, ':')
		p.forward(after)
		if p.start == p.end || p.in[p.start] == '#' {
			p.below(column, true)
		} else {
			p.value(column)
		}
	}
	if p.more && p.column >= column {
		p.fail()
	}
	p.keys = p.keys[:mine]
	p.out = append(p.out, '}')
}

// repeats says that an open mapping has the key already, and remembers it.
func (p *plain) repeats(from int, key span) bool {
	text := p.out[key.from:key.to]
	for _, k := range p.keys[from:] {
		if bytes.Equal(p.out[k.from:k.to], text) {
			return true
		}
	}
	p.keys = append(p.keys, key)
	return len(p.keys)-from > maxPlainKeys
}

// below reads what stands on the lines after a key or a dash, or null where nothing does. A sequence may stand at the
// column of the key that it belongs to.
func (p *plain) below(column int, inMapping bool) {
	p.next()
	switch {
	case p.more && p.column > column, p.more && inMapping && p.column == column && p.dash():
		p.node(column - 1)
	default:
		p.out = append(p.out, "null"...)
	}
}

// key writes the key that the line begins with, and returns where its colon ends.
func (p *plain) key() (after int, ok bool) {
	if c := p.in[p.start]; c == '"' || c == '\'' {
		from := len(p.out)
		at, ok := p.quoted(p.start)
		if !ok || !p.colon(at) || len(p.out)-from > maxPlainKey {
			return 0, false
		}
		return at + 1, true
	}
	at := p.plainKey()
	if at < 0 {
		return 0, false
	}
	p.string(bytes.TrimRight(p.in[p.start:at], " "))
	return at + 1, true
}

// isKey says that the line begins with a key, without writing it.
func (p *plain) isKey() bool {
	if c := p.in[p.start]; c == '"' || c == '\'' {
		was := len(p.out)
		at, ok := p.quoted(p.start)
		p.out = p.out[:was]
		return ok && p.colon(at)
	}
	return p.plainKey() >= 0
}

func (p *plain) colon(at int) bool {
	return at < p.end && p.in[at] == ':' && (at+1 == p.end || p.in[at+1] == ' ')
}

// plainKey is where the colon of an unquoted key stands, or -1.
func (p *plain) plainKey() int {
	text := p.text()
	switch text[0] {
	case '-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '%', '@', '`':
		return -1
	}
	for i, c := range text {
		switch {
		case c == ':' && (i+1 == len(text) || text[i+1] == ' '):
			if i > maxPlainKey || !isText(bytes.TrimRight(text[:i], " ")) {
				return -1
			}
			return p.start + i
		case c == '#' && text[i-1] == ' ':
			return -1
		}
	}
	return -1
}
