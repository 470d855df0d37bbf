// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"

	"sigs.k8s.io/yaml"
)

// value reads a scalar or a flow collection that begins in the current line, behind a key or a dash, and goes to the next
// line. Column is that of the collection it is in: what is deeper on the next line would belong to the value.
func (p *plain) value(column int) {
	switch p.in[p.start] {
	case '|', '>':
		p.literal(column)
		return
	case '"', '\'':
		if at, ok := p.quoted(p.start); !ok || !p.blank(at) {
			p.fail()
			return
		}
	case '[', '{':
		if at, ok := p.flow(p.start); !ok || !p.blank(at) {
			p.fail()
			return
		}
	default:
		if !p.bare(p.text()) {
			p.fail()
			return
		}
	}
	p.next()
	if p.more && p.column > column {
		p.fail()
	}
}

// blank says that nothing but a comment follows in the line.
func (p *plain) blank(at int) bool {
	rest := bytes.TrimLeft(p.in[at:p.end], " ")
	return len(rest) == 0 || rest[0] == '#' && p.in[at] == ' '
}

// bare writes an unquoted scalar, which ends with the line or at a comment.
func (p *plain) bare(text []byte) bool {
	switch text[0] {
	case '?', ':', ',', ']', '}', '#', '&', '*', '!', '%', '@', '`':
		return false
	case '-':
		if len(text) == 1 || text[1] == ' ' {
			return false
		}
	}
	for i, c := range text {
		if c == ':' && (i+1 == len(text) || text[i+1] == ' ') {
			return false
		}
		if c == '#' && i > 0 && text[i-1] == ' ' {
			text = text[:i]
			break
		}
	}
	return p.scalar(bytes.TrimRight(text, " "))
}

// scalar writes an unquoted scalar as what it means in YAML 1.1, which is what Kubernetes reads.
func (p *plain) scalar(text []byte) bool {
	if isText(text) {
		p.string(text)
		return true
	}
	if word, ok := words[string(text)]; ok {
		p.out = append(p.out, word...)
		return true
	}
	if decimal(text) {
		p.out = append(p.out, text...)
		return true
	}
	// A number of another form, or what looks like one: the full parser says, of this scalar alone.
	said, err := yaml.YAMLToJSON(text)
	if err != nil {
		return false
	}
	p.out = append(p.out, said...)
	return true
}

// words are scalars that are no text.
var words = map[string]string{
	"y": "true", "Y": "true", "yes": "true", "Yes": "true", "YES": "true",
	"true": "true", "True": "true", "TRUE": "true", "on": "true", "On": "true", "ON": "true",
	"n": "false", "N": "false", "no": "false", "No": "false", "NO": "false",
	"false": "false", "False": "false", "FALSE": "false", "off": "false", "Off": "false", "OFF": "false",
	"~": "null", "null": "null", "Null": "null", "NULL": "null",
}

// isText says that a scalar can only be text: it is no word, does not look like a number, and is no merge key.
func isText(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	switch c := text[0]; c {
	case 'y', 'Y', 'n', 'N', 't', 'T', 'f', 'F', 'o', 'O', '~':
		if len(text) <= len("false") {
			_, word := words[string(text)]
			return !word
		}
		return true
	case '<', '=':
		return len(text) > 2
	case '.', '+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return !numeric(text)
	}
	return true
}

// numeric says that a scalar may be a number: digits with at most one point and one exponent, or what begins like a number
// of another base.
func numeric(text []byte) bool {
	digits := bytes.TrimLeft(text, "+-")
	if len(digits) > 1 && digits[0] == '0' && bytes.IndexByte([]byte("xXbBoO_"), digits[1]) >= 0 {
		return true
	}
	points, exponents := 0, 0
	for i, c := range digits {
		switch {
		case c >= '0' && c <= '9', c == '_':
		case c == '.':
			points++
		case c == 'e' || c == 'E':
			exponents++
		case (c == '+' || c == '-') && i > 0 && (digits[i-1] == 'e' || digits[i-1] == 'E'):
		default:
			return unlimited(text)
		}
	}
	return points <= 1 && exponents <= 1
}

// unlimited says that a scalar is one of the numbers that JSON does not have.
func unlimited(text []byte) bool {
	switch string(bytes.ToLower(bytes.TrimLeft(text, "+-"))) {
	case ".inf", ".nan":
		return true
	}
	return false
}

// decimal says that an integer is written in JSON's way, and fits into 64 bits.
func decimal(text []byte) bool {
	if len(text) > 1 && text[0] == '-' && text[1] != '0' {
		text = text[1:]
	}
	if len(text) == 0 || len(text) > 18 || text[0] == '0' && len(text) > 1 {
		return false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// string writes text as a JSON string.
func (p *plain) string(text []byte) {
	p.out = append(p.out, '"')
	p.escaped(text)
	p.out = append(p.out, '"')
}

func (p *plain) escaped(text []byte) {
	from := 0
	for i, c := range text {
		if c == '"' || c == '\\' {
			p.out = append(p.out, text[from:i]...)
			p.out = append(p.out, '\\')
			from = i
		}
	}
	p.out = append(p.out, text[from:]...)
}

// quoted writes the quoted scalar that begins at a place, and returns where it ends. One over several lines is not plain.
func (p *plain) quoted(at int) (int, bool) {
	if p.in[at] == '\'' {
		return p.single(at + 1)
	}
	p.out = append(p.out, '"')
	from := at + 1
	for i := from; i < p.end; i++ {
		switch p.in[i] {
		case '"':
			p.out = append(append(p.out, p.in[from:i]...), '"')
			return i + 1, true
		case '\\':
			i++
			// Escapes that JSON has, too, and writes alike; \/ would be written in two ways.
			if i == p.end || bytes.IndexByte([]byte(`"\nrtbf`), p.in[i]) < 0 {
				return 0, false
			}
		}
	}
	return 0, false
}

func (p *plain) single(from int) (int, bool) {
	p.out = append(p.out, '"')
	for i := from; i < p.end; i++ {
		if p.in[i] != '\'' {
			continue
		}
		p.escaped(p.in[from:i])
		if i+1 == p.end || p.in[i+1] != '\'' {
			p.out = append(p.out, '"')
			return i + 1, true
		}
		p.out = append(p.out, '\'')
		i++
		from = i + 1
	}
	return 0, false
}

// literal writes a block scalar: the lines that are deeper than the collection it is in, with line breaks as they are, or
// folded.
func (p *plain) literal(column int) {
	header := bytes.TrimRight(p.text(), " ")
	if i := bytes.Index(header, []byte(" #")); i >= 0 {
		header = bytes.TrimRight(header[:i], " ")
	}
	if len(header) > 2 || len(header) == 2 && header[1] != '-' && header[1] != '+' {
		p.fail() // the depth is given, or there is an error
		return
	}
	b := block{plain: p, folded: header[0] == '>', column: column, depth: -1}
	p.out = append(p.out, '"')
	at := p.end + 1
	for more := true; more && at < len(p.in); {
		end := bytes.IndexByte(p.in[at:], '\n')
		if end < 0 {
			p.fail() // a last line without a line break
			return
		}
		if more = b.line(p.in[at : at+end]); more {
			at += end + 1
		}
	}
	if !b.some {
		p.fail()
		return
	}
	switch header[len(header)-1] {
	case '|', '>':
		p.breaks(1)
	case '+':
		p.breaks(1 + b.blanks)
	}
	p.out = append(p.out, '"')
	p.line(at)
	if p.more && p.column > column {
		p.fail()
	}
}

// block is the state within a block scalar.
type block struct {
	*plain
	folded        bool
	column, depth int  // of the collection, and of the text: that of its first line
	blanks        int  // empty lines since the last with text
	some          bool // there was a line with text
	spaced        bool // the last line began with a space, so it is not folded
}

// line takes a line, and says whether it belongs to the scalar.
func (b *block) line(text []byte) bool {
	content := len(text) - len(bytes.TrimLeft(text, " "))
	switch {
	case content == len(text) && b.depth < 0:
		b.blanks++
		return content == 0 // whether a line of spaces is too deep shows later only
	case content == len(text) && content <= b.depth:
		b.blanks++
		return true
	case b.depth < 0:
		b.depth = content
	}
	if content < b.depth || b.depth <= b.column {
		return false
	}
	spaced := content > b.depth
	switch {
	case !b.some:
	case !b.folded || b.spaced || spaced:
		b.breaks(1)
	case b.blanks == 0:
		b.out = append(b.out, ' ')
	}
	b.breaks(b.blanks)
	b.escaped(text[b.depth:])
	b.blanks, b.some, b.spaced = 0, true, spaced
	return true
}

func (p *plain) breaks(n int) {
	for range n {
		p.out = append(p.out, `\n`...)
	}
}

// flow writes the flow collection that begins at a place, and returns where it ends. It must end in the same line.
func (p *plain) flow(at int) (int, bool) {
	if p.depth++; p.depth > maxPlainDepth {
		return 0, false
	}
	defer func() { p.depth-- }()
	open := p.in[at]
	closing := byte(']')
	if open == '{' {
		closing = '}'
	}
	p.out = append(p.out, open)
	mine := len(p.keys)
	at = p.spaces(at + 1)
	if at < p.end && p.in[at] == closing {
		p.out = append(p.out, closing)
		return at + 1, true
	}
	for {
		var ok bool
		if open == '{' {
			if at, ok = p.flowKey(at, mine); !ok {
				return 0, false
			}
		}
		if at, ok = p.flowValue(at); !ok || at == p.end {
			return 0, false
		}
		switch p.in[at] {
		case closing:
			p.keys = p.keys[:mine]
			p.out = append(p.out, closing)
			return at + 1, true
		case ',':
			p.out = append(p.out, ',')
			at = p.spaces(at + 1)
		default:
			return 0, false
		}
	}
}

func (p *plain) spaces(at int) int {
	for at < p.end && p.in[at] == ' ' {
		at++
	}
	return at
}

// flowKey writes a key of a flow mapping and its colon, and returns where the value begins.
func (p *plain) flowKey(at, mine int) (int, bool) {
	from := len(p.out)
	after, ok := p.flowScalar(at, true)
	if !ok || after+1 >= p.end || p.in[after] != ':' || p.in[after+1] != ' ' || p.repeats(mine, span{from, len(p.out)}) {
		return 0, false
	}
	p.out = append(p.out, ':')
	return p.spaces(after + 1), true
}

func (p *plain) flowValue(at int) (int, bool) {
	if at == p.end {
		return 0, false
	}
	var ok bool
	if c := p.in[at]; c == '[' || c == '{' {
		at, ok = p.flow(at)
	} else {
		at, ok = p.flowScalar(at, false)
	}
	return p.spaces(at), ok
}

// flowScalar writes a scalar in a flow collection. An unquoted one that has characters with a meaning there is not plain.
func (p *plain) flowScalar(at int, key bool) (int, bool) {
	if at == p.end {
		return 0, false
	}
	switch p.in[at] {
	case '"', '\'':
		return p.quoted(at)
	case '#', '&', '*', '!', '|', '>', '%', '@', '`':
		return 0, false
	}
	i := at
loop:
	for ; i < p.end; i++ {
		switch p.in[i] {
		case ',', ']', '}', ':':
			break loop
		case '[', '{', '?', '#':
			return 0, false
		}
	}
	text := bytes.TrimRight(p.in[at:i], " ")
	switch {
	case i == p.end, len(text) == 0, text[0] == '-' && (len(text) == 1 || text[1] == ' '):
		return 0, false
	case key && (len(text) < i-at || !isText(text)), !key && p.in[i] == ':':
		return 0, false
	case key:
		p.string(text)
		return i, true
	}
	return i, p.scalar(text)
}
