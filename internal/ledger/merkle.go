// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"crypto/sha256"
	"math/bits"
	"slices"
)

type hash = [sha256.Size]byte

// The tree of RFC 6962, section 2.1: leaves and nodes are hashed with another byte in front, so that a node can't be
// taken for a leaf.
func leafHash(data []byte) hash { return sha256.Sum256(append([]byte{0}, data...)) }

func nodeHash(left, right hash) hash {
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

// merkleRoot is the Merkle Tree Hash of RFC 6962 over the hashes of the leaves.
func merkleRoot(leaves []hash) hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	// The largest power of two that is smaller than the number of leaves.
	left := 1 << (bits.Len(uint(len(leaves)-1)) - 1)
	return nodeHash(merkleRoot(leaves[:left]), merkleRoot(leaves[left:]))
}
