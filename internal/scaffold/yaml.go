// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// width is the longest line that is written where words allow it.
const width = 120

// comments are written above the field at a path such as spec.parameters or spec.parameters.0, each line with a #.
type comments map[string]string

// manifest renders an object of the API as YAML for people to read and edit: its keys in the order in which the API
// documents them, short maps on one line, long texts folded, and comments. Encoders at hand sort the keys, put prose on
// one endless line, and know no comments.
func manifest(object any, head string, above comments) ([]byte, error) {
	tree, err := treeOf(object)
	if err != nil {
		return nil, err
	}
	tree.first("apiVersion", "kind", "metadata")
	tree.without("status")
	if rules := tree.fields["rules"]; rules != nil {
		for _, rule := range rules.items {
			rule.first("apiGroups", "resources", "resourceNames", "verbs")
		}
	}
	w := &writer{above: above}
	w.comment(head, "")
	w.fields(tree, "", "")
	return w.out.Bytes(), nil
}

type writer struct {
	out   bytes.Buffer
	above comments
}

func (w *writer) line(parts ...string) {
	for _, p := range parts {
		w.out.WriteString(p)
	}
	w.out.WriteByte('\n')
}

func (w *writer) comment(text, indent string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		w.line(strings.TrimRight(indent+"# "+line, " "))
	}
}

// fields writes the fields of a map at the indent. The first one may stand behind the dash of a list item, which has been
// written.
func (w *writer) fields(n *node, path, indent string) {
	for _, key := range n.keys {
		at := join(path, key)
		w.comment(w.above[at], indent)
		w.field(indent+scalar(key)+":", n.fields[key], at, indent)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// field writes a value behind its key.
func (w *writer) field(head string, n *node, path, indent string) {
	if short, ok := w.inline(n, path, len(head)+1); ok {
		w.line(head, " ", short)
		return
	}
	switch {
	case n.isMap():
		w.line(head)
		w.fields(n, path, indent+"  ")
	case n.isList():
		w.line(head)
		w.items(n, path, indent)
	default:
		w.text(head, n.text, indent+"  ")
	}
}

func (w *writer) items(n *node, path, indent string) {
	for i, item := range n.items {
		at := join(path, strconv.Itoa(i))
		w.comment(w.above[at], indent)
		if short, ok := w.inline(item, at, len(indent)+2); ok {
			w.line(indent, "- ", short)
			continue
		}
		if item.isList() {
			w.line(indent, "-")
			w.items(item, at, indent+"  ")
			continue
		}
		if item.isScalar() {
			w.field(indent+"-", item, at, indent)
			continue
		}
		// A map begins behind the dash: written at the deeper indent, whose first two columns the dash replaces.
		start := w.out.Len()
		w.fields(item, at, indent+"  ")
		copy(w.out.Bytes()[start+len(indent):], "- ")
	}
}

// inline is the value on one line, if it is short and simple and no comment stands in it.
func (w *writer) inline(n *node, path string, column int) (string, bool) {
	if n.isScalar() {
		s := n.text
		if !n.plain && (!prose.MatchString(s) || reserved.MatchString(s)) {
			s = scalar(n.text)
		}
		fits := column+len(s) <= width || !foldable(n.text)
		return s, n.plain || fits && !strings.Contains(n.text, "\n")
	}
	for at := range w.above {
		if len(n.keys)+len(n.items) > 0 && strings.HasPrefix(at, path+".") {
			return "", false
		}
	}
	s, ok := flow(n, 0)
	if path == "spec" && len(n.keys) > 0 {
		return "", false // People edit it.
	}
	return s, ok && column+len(s) <= width
}

// flow writes a map or a list in the one-line form. Nothing is nested deeper than a list in a map, or a map in a map, so
// that it reads at a glance.
func flow(n *node, depth int) (string, bool) {
	switch {
	case n.isScalar():
		if n.plain {
			return n.text, true
		}
		return scalar(n.text), len(n.text) <= width && !strings.Contains(n.text, "\n")
	case depth > 1:
		return "", false
	case n.isList():
		var parts []string
		for _, item := range n.items {
			s, ok := flow(item, depth+1)
			if !ok || item.isMap() {
				return "", false
			}
			parts = append(parts, s)
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	}
	var parts []string
	for _, key := range n.keys {
		s, ok := flow(n.fields[key], depth+1)
		if !ok {
			return "", false
		}
		parts = append(parts, scalar(key)+": "+s)
	}
	return "{" + strings.Join(parts, ", ") + "}", true
}

// text writes a long text as a block: folded where it is prose on one line, else line by line.
func (w *writer) text(head, text, indent string) {
	if foldable(text) {
		w.line(head, " >-")
		for _, line := range wrap(text, width-len(indent)) {
			w.line(indent, line)
		}
		return
	}
	if !literal(text) {
		w.line(head, " ", quoted(text))
		return
	}
	mark := " |-"
	if strings.HasSuffix(text, "\n") {
		mark, text = " |", strings.TrimSuffix(text, "\n")
	}
	w.line(head, mark)
	for line := range strings.SplitSeq(text, "\n") {
		w.line(strings.TrimRight(indent+line, " "))
	}
}

// foldable says whether folding at single spaces gives the text back: no line breaks, no runs of spaces, printable.
func foldable(s string) bool {
	return s != "" && strings.Contains(s, " ") && !strings.Contains(s, "  ") && s == strings.TrimSpace(s) && printable(s) &&
		!strings.Contains(s, "\n")
}

// literal says whether a block of lines gives the text back.
func literal(s string) bool {
	body := strings.TrimSuffix(s, "\n")
	if body == "" || body[0] == ' ' || body[0] == '\n' || strings.HasSuffix(body, "\n") {
		return false
	}
	for line := range strings.SplitSeq(body, "\n") {
		if strings.TrimRight(line, " ") != line || !printable(line) {
			return false
		}
	}
	return true
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r == 0xfffd
	})
}

func wrap(text string, limit int) []string {
	var lines []string
	line := ""
	for word := range strings.SplitSeq(text, " ") {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > limit:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// Words that may stand without quotes, in a flow too; prose that may outside of one; and what YAML 1.1 or 1.2 reads as
// something else than text.
var (
	prose    = regexp.MustCompile(`^[A-Za-z][-A-Za-z0-9_/.+()@,;']*( [-A-Za-z0-9_/.+()@',;]+)*$`)
	bare     = regexp.MustCompile(`^[A-Za-z_/.][-A-Za-z0-9_/.+()@]*( [-A-Za-z0-9_/.+()@';]+)*$`)
	reserved = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null|nan|\.nan|[-+]?\.inf|\.[0-9].*|\.|)$`)
)

// scalar writes a text on one line.
func scalar(s string) string {
	if bare.MatchString(s) && !reserved.MatchString(s) {
		return s
	}
	return quoted(s)
}

// quoted writes a text in double quotes; an escape of JSON is one of YAML.
func quoted(s string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // A string always encodes.
	}
	text := strings.TrimSuffix(out.String(), "\n")
	if printable(text) {
		return text
	}
	var escaped strings.Builder
	for _, r := range text {
		if printable(string(r)) {
			escaped.WriteRune(r)
			continue
		}
		fmt.Fprintf(&escaped, `\u%04x`, r)
	}
	return escaped.String()
}
