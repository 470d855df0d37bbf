// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// node is a value of JSON that keeps the order of its keys: an object where keys is not nil, a list where items is not
// nil, else a scalar.
type node struct {
	keys   []string
	fields map[string]*node
	items  []*node
	// text is a string's value, or a literal of JSON where plain is set.
	text  string
	plain bool
}

func (n *node) isMap() bool    { return n.keys != nil }
func (n *node) isList() bool   { return n.items != nil }
func (n *node) isScalar() bool { return !n.isMap() && !n.isList() }

// treeOf is what the object looks like as JSON, with its keys in the order of the Go type.
func treeOf(object any) (*node, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object); err != nil {
		return nil, fmt.Errorf("encode a manifest: %w", err)
	}
	decoder := json.NewDecoder(&text)
	decoder.UseNumber()
	return parse(decoder)
}

func parse(decoder *json.Decoder) (*node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return parseMap(decoder)
		}
		return parseList(decoder)
	case string:
		return &node{text: t}, nil
	case nil:
		return &node{text: "null", plain: true}, nil
	default: // json.Number, bool
		return &node{text: fmt.Sprint(t), plain: true}, nil
	}
}

func parseMap(decoder *json.Decoder) (*node, error) {
	n := &node{keys: []string{}, fields: map[string]*node{}}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		value, err := parse(decoder)
		if err != nil {
			return nil, err
		}
		name := key.(string) //nolint:forcetypeassert // a key of JSON is a string
		n.keys = append(n.keys, name)
		n.fields[name] = value
	}
	_, err := decoder.Token()
	return n, err
}

func parseList(decoder *json.Decoder) (*node, error) {
	n := &node{items: []*node{}}
	for decoder.More() {
		item, err := parse(decoder)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
	}
	_, err := decoder.Token()
	return n, err
}

// first moves the keys to the front, in this order, as far as the object has them.
func (n *node) first(keys ...string) {
	var front, rest []string
	for _, k := range keys {
		if _, ok := n.fields[k]; ok {
			front = append(front, k)
		}
	}
	for _, k := range n.keys {
		if !slices.Contains(keys, k) {
			rest = append(rest, k)
		}
	}
	n.keys = slices.Concat(front, rest)
}

// without drops the keys.
func (n *node) without(keys ...string) {
	var rest []string
	for _, k := range n.keys {
		if slices.Contains(keys, k) {
			delete(n.fields, k)
			continue
		}
		rest = append(rest, k)
	}
	n.keys = rest
}
