// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	sigsjson "sigs.k8s.io/json"
)

// parser reads documents, one after another.
type parser struct {
	reader *Reader
	worker int
	plain  plain
	out    []byte
}

func (p *parser) fail(place Place, format string, args ...any) {
	p.reader.Failed(p.worker, &Error{place, fmt.Sprintf(format, args...)})
}

// document reads one document, or one item of a List.
func (p *parser) document(d *document) {
	if d.failure != "" {
		p.fail(d.Place, "%s", d.failure)
		return
	}
	if !p.wanted(d) {
		return
	}
	text, err := p.json(d)
	switch {
	case err != nil:
		p.fail(at(d.Place, err), "%s", plainly(err))
		return
	case len(text) == 0 || string(text) == "null":
		return
	case d.Item > 0 && !d.json:
		text = text[1 : len(text)-1] // the one element of a sequence
	}
	p.value(d, text)
}

// wanted says that a document may hold what is asked for.
func (p *parser) wanted(d *document) bool {
	if p.reader.Wants == nil {
		return true
	}
	if d.json || d.list {
		return !d.list
	}
	column := 0
	if d.Item > 0 {
		column = len(d.text) - len(bytes.TrimLeft(bytes.TrimLeft(d.text, " ")[1:], " "))
	}
	apiVersion, kind, known := peek(d.text, column)
	return !known || strings.HasSuffix(kind, "List") || p.reader.Wants(apiVersion, kind)
}

// json is the JSON of a document.
func (p *parser) json(d *document) ([]byte, error) {
	if d.json && json.Valid(d.text) {
		return d.text, repeated(d.text)
	}
	text := d.text
	if bytes.IndexByte(text, '\r') >= 0 {
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	}
	var ok bool
	if p.out, ok = p.plain.transcode(text, p.out[:0]); ok {
		return p.out, nil
	}
	return full(text)
}

// repeated says which key an object of JSON has twice.
func repeated(text []byte) error {
	var v any
	strict, err := sigsjson.UnmarshalStrict(text, &v, sigsjson.DisallowDuplicateFields)
	if err != nil {
		return err
	}
	return errors.Join(strict...)
}

// value takes the JSON of a document apart.
func (p *parser) value(d *document, text []byte) {
	h, ok := headOf(text)
	switch {
	case !ok:
		p.fail(d.Place, "is no object but a list or a single value")
	case d.list:
		if !strings.HasSuffix(h.kind, "List") {
			p.fail(d.Place, "has items, but its kind %q is no List", h.kind)
		}
	case h.items != nil && strings.HasSuffix(h.kind, "List"):
		p.items(d, h)
	case h.apiVersion == "" && h.kind == "" && d.Item == 0:
		p.reader.Other(p.worker, d.Place)
	case h.apiVersion == "" || h.kind == "":
		p.fail(d.Place, "needs both apiVersion and kind")
	default:
		p.object(d.Place, h, text)
	}
}

func (p *parser) object(place Place, h head, text []byte) {
	p.reader.Object(p.worker, &Object{
		Place: place, APIVersion: h.apiVersion, Kind: h.kind, Namespace: h.namespace, Name: h.name, JSON: text,
	})
}

// items takes the items of a List that came as one document. Those of a typed List need not say their kind.
func (p *parser) items(d *document, h head) {
	var list []json.RawMessage
	if json.Unmarshal(h.items, &list) != nil {
		p.fail(d.Place, "has items that are no list")
		return
	}
	for i, item := range list {
		place := d.Place
		place.Item = i + 1
		of, ok := headOf(item)
		if ok && of.kind == "" && of.apiVersion == "" && h.kind != "List" {
			of.apiVersion, of.kind = h.apiVersion, strings.TrimSuffix(h.kind, "List")
		}
		if !ok || of.apiVersion == "" || of.kind == "" {
			p.fail(place, "needs both apiVersion and kind")
			continue
		}
		p.object(place, of, item)
	}
}

// head is what an object says of itself.
type head struct {
	apiVersion, kind, namespace, name string
	items                             []byte
}

// headOf reads the head of an object of valid JSON.
func headOf(text []byte) (head, bool) {
	var h head
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) == 0 || text[0] != '{' {
		return h, false
	}
	wanted := 3 // a List must be read to its end
	fields(text, func(key string, value []byte) bool {
		switch key {
		case "apiVersion":
			h.apiVersion = plainString(value)
		case "kind":
			h.kind = plainString(value)
		case "metadata":
			h.named(value)
		case "items":
			h.items = value
			return true
		default:
			return true
		}
		wanted--
		return wanted > 0 || strings.HasSuffix(h.kind, "List")
	})
	return h, true
}

func (h *head) named(metadata []byte) {
	if metadata[0] != '{' {
		return
	}
	fields(metadata, func(key string, value []byte) bool {
		switch key {
		case "name":
			h.name = plainString(value)
		case "namespace":
			h.namespace = plainString(value)
		}
		return h.name == "" || h.namespace == ""
	})
}

// fields goes through the fields of an object of valid JSON while take wants more.
func fields(text []byte, take func(key string, value []byte) bool) {
	for at := 1; ; {
		at = skip(text, at, " \t\r\n,")
		end := jsonString(text, at)
		if end < 0 {
			return
		}
		value := skip(text, end, " \t\r\n:")
		n := valueEnd(text[value:])
		if !take(string(text[at+1:end-1]), text[value:value+n]) {
			return
		}
		at = value + n
	}
}

// plainString is a JSON string, or "" for what is none.
func plainString(value []byte) string {
	var said string
	if json.Unmarshal(value, &said) != nil {
		return ""
	}
	return said
}

// valueEnd is the length of a value within an object of valid JSON.
func valueEnd(data []byte) int {
	switch data[0] {
	case '"', '{', '[':
		return jsonEnd(data)
	}
	return bytes.IndexAny(data, ",} \t\r\n")
}

// at moves a place to the line that an error of the YAML parser names.
func at(place Place, err error) Place {
	if m := inLine.FindStringSubmatch(err.Error()); m != nil && place.Line > 0 {
		if n, err := strconv.Atoi(m[1]); err == nil {
			place.Line += n - 1
		}
	}
	return place
}

var inLine = regexp.MustCompile(`line (\d+): `)

// plainly is an error without what its place says.
func plainly(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n  ")
	first, _, _ := strings.Cut(text, "\n")
	return inLine.ReplaceAllString(first, "")
}
