// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ledger is the evidence log as a data structure: canonical bytes, hash chain, checkpoints and their signatures,
// verification, and the damping of results that flap. It reads no clock, no file and no cluster.
//
// A series is the history of one control, or of the scope itself. Its entries are numbered from 1, run through as many
// EvidenceLog objects as they need, and each holds the digest of the one before. A checkpoint, an entry in the scope's own
// series, holds the root of a Merkle tree over the heads of all series and is signed. docs/design/ledger.md has the
// format, so that it can be recomputed without this package.
package ledger
