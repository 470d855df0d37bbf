// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sampling

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Item is one record of a population.
type Item struct {
	// ID is unique in the population. It has no line break.
	ID string
	// Group is what one item of each is drawn of, where a draw is by group.
	Group string
}

// ranked is an item with its place in the order of a draw.
type ranked struct {
	Item
	rank [sha256.Size]byte
}

// Draw takes n items of a population: those whose SHA-256 over the seed, a line feed and the id is the smallest, in that
// order. So the choice depends on seed and ids alone, a longer draw goes on where a shorter one ends, and nobody who does not
// choose the seed can steer it. It returns all items where there are no more than n.
func Draw(seed string, population []Item, n int) []string {
	order := ordered(seed, population)
	var ids []string
	for _, item := range order[:min(max(n, 0), len(order))] {
		ids = append(ids, item.ID)
	}
	return ids
}

// DrawEach takes one item of each group, the first of it in the order of Draw, and no more than n.
func DrawEach(seed string, population []Item, n int) []string {
	var ids []string
	seen := map[string]bool{}
	for _, item := range ordered(seed, population) {
		if !seen[item.Group] && len(ids) < n {
			seen[item.Group] = true
			ids = append(ids, item.ID)
		}
	}
	return ids
}

func ordered(seed string, population []Item) []ranked {
	list := make([]ranked, 0, len(population))
	for _, item := range population {
		list = append(list, ranked{item, sha256.Sum256([]byte(seed + "\n" + item.ID))})
	}
	slices.SortFunc(list, func(a, b ranked) int {
		return cmp.Or(bytes.Compare(a.rank[:], b.rank[:]), strings.Compare(a.ID, b.ID))
	})
	return list
}

// Groups counts the groups of a population.
func Groups(population []Item) int {
	seen := map[string]bool{}
	for _, item := range population {
		seen[item.Group] = true
	}
	return len(seen)
}

// Digest is the SHA-256 over the ids of a population, sorted by bytes, each followed by a line feed.
func Digest(population []Item) isms.Digest {
	ids := make([]string, 0, len(population))
	for _, item := range population {
		ids = append(ids, item.ID+"\n")
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(ids, "")))
	return isms.Digest("sha256:" + hex.EncodeToString(sum[:]))
}
