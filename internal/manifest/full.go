// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"fmt"
	"math"
	"sync"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

const (
	// maxValues bounds the scalars and collections of a document for the full parser, which makes a tree of them.
	maxValues = 300_000
	// largeDocument is the size from which on only one document is with the full parser at a time.
	largeDocument = 256 << 10
)

var largeDocuments sync.Mutex

// full reads a document with the parser that kubectl uses. A key that stands twice is an error, also where kubectl takes
// the last one: whoever looks at the file may see the other.
func full(text []byte) ([]byte, error) {
	if len(text) > largeDocument {
		largeDocuments.Lock()
		defer largeDocuments.Unlock()
	}
	if err := bounded(text); err != nil {
		return nil, err
	}
	return yaml.YAMLToJSONStrict(text)
}

// bounded says why a document would take too much memory: it has too many values, or aliases that make it too large.
func bounded(text []byte) error {
	values, anchors := 0, false
	for _, c := range text {
		switch c {
		case ',', '\n', '[', '{':
			values++
		case '*':
			anchors = true
		case 0:
			return errors.New("is no text: it has a zero byte")
		}
	}
	if values > maxValues {
		return fmt.Errorf("has too many values for one object, more than about %d", maxValues)
	}
	if !anchors {
		return nil
	}
	var root yamlv3.Node
	if err := yamlv3.Unmarshal(text, &root); err != nil {
		return nil //nolint:nilerr // the other parser says what is wrong
	}
	e := expansion{known: map[*yamlv3.Node]int{}}
	if e.size(&root) > MaxDocument {
		return fmt.Errorf("is larger than %d MiB with its aliases in place", MaxDocument>>20)
	}
	return nil
}

// expansion measures what a document is with its aliases in place.
type expansion struct{ known map[*yamlv3.Node]int }

func (e *expansion) size(n *yamlv3.Node) int {
	if known, ok := e.known[n]; ok {
		return known
	}
	e.known[n] = math.MaxInt32 // an alias within what it names
	size := 2 + len(n.Value)
	for _, c := range n.Content {
		size = min(size+e.size(c), math.MaxInt32)
	}
	if n.Alias != nil {
		size = e.size(n.Alias)
	}
	e.known[n] = size
	return size
}
