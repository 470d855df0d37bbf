// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"crypto/sha256"
	"encoding/hex"
	"math/bits"
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Matched are the objects in some namespaces that a rule has selected, in no order.
func (t *Table[K]) Matched(k K, namespaces []string) []Name {
	c, ok := t.columns[k]
	if !ok {
		return nil
	}
	var names []Name
	inScope := t.scope(namespaces)
	for w := range c.low {
		for word := c.low[w] | c.high[w]; word != 0; word &= word - 1 {
			id := int32(w<<6 | bits.TrailingZeros64(word)) //nolint:gosec // an object's id
			if inScope[t.namespaces[id]] {
				names = append(names, t.KeyOf(id))
			}
		}
	}
	return names
}

// DigestOf is the SHA-256 of a set of subjects: a line for each, namespace/name, or the one of them that there is, sorted by
// bytes; the same for the same set, whatever its order.
func DigestOf(names []Name) isms.Digest {
	lines := make([]string, 0, len(names))
	for _, n := range names {
		line := n.Namespace + n.Name
		if n.Namespace != "" && n.Name != "" {
			line = n.Namespace + "/" + n.Name
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	hash := sha256.New()
	for _, line := range lines {
		hash.Write([]byte(line + "\n"))
	}
	return isms.Digest("sha256:" + hex.EncodeToString(hash.Sum(nil)))
}
