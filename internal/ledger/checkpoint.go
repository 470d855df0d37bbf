// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Root is the Merkle root over the heads of a scope's series. Leaves are the canonical bytes of the heads that have
// entries, in the order of series and ControlID by bytes.
func Root(heads []Head) (isms.Digest, error) {
	heads = sealed(heads)
	leaves := make([]hash, 0, len(heads))
	for _, head := range heads {
		leaf, err := head.leaf()
		if err != nil {
			return "", err
		}
		leaves = append(leaves, leaf)
	}
	return rootOf(leaves), nil
}

func rootOf(leaves []hash) isms.Digest {
	root := merkleRoot(leaves)
	return isms.Digest("sha256:" + hex.EncodeToString(root[:]))
}

func (h Head) leaf() (hash, error) {
	data, err := canonical(struct {
		Format string `json:"format"`
		Head
	}{formatHead, h})
	return leafHash(data), err
}

// sealed are the heads that a checkpoint covers, in its order.
func sealed(heads []Head) []Head {
	heads = slices.DeleteFunc(slices.Clone(heads), func(h Head) bool { return h.Sequence == 0 })
	slices.SortFunc(heads, func(a, b Head) int { return a.Key.compare(b.Key) })
	return heads
}

// Seal is a day that ends.
type Seal struct {
	// Time of the checkpoint.
	Time time.Time
	// Epoch that ends; entries that are written from now on belong to the next.
	Epoch int64
	// ObservedSeconds of the day.
	ObservedSeconds int32
	// OperatorVersion that writes.
	OperatorVersion isms.Version
	// Signers sign the checkpoint; none leave it unsigned.
	Signers []*Signer
}

// AppendCheckpoint seals the heads of all series of a scope, and chains the checkpoint to the scope's own series, which
// is among the heads or has no entries yet. It returns the entry and the head that it makes.
func AppendCheckpoint(scope Scope, heads []Head, seal Seal) (isms.LogEntry, Head, error) {
	own := Head{Key: Key{Scope: scope, Series: isms.SeriesScope}}
	fail := func(err error) (isms.LogEntry, Head, error) {
		return isms.LogEntry{}, own, fmt.Errorf("checkpoint of %s: %w", scope, err)
	}
	checkpoint, err := over(scope, heads)
	if err != nil {
		return fail(err)
	}
	for _, head := range heads {
		if head.Key == own.Key {
			own = head
		}
	}
	checkpoint.ObservedSeconds = seal.ObservedSeconds
	entry := isms.LogEntry{
		Type: isms.LogCheckpoint, Epoch: seal.Epoch, ObservedTime: seconds(metav1.NewTime(seal.Time)),
		OperatorVersion: seal.OperatorVersion, Checkpoint: checkpoint,
		Sequence: own.Sequence + 1, PreviousDigest: own.Digest,
	}
	payload, err := checkpointPayload(scope, entry)
	if err != nil {
		return fail(err)
	}
	for _, signer := range seal.Signers {
		signature, err := signer.sign(payload)
		if err != nil {
			return fail(err)
		}
		checkpoint.Signatures = append(checkpoint.Signatures, signature)
	}
	return Append(own, entry)
}

// over is a checkpoint over heads, without what the heads do not say.
func over(scope Scope, heads []Head) (*isms.Checkpoint, error) {
	seen := map[Key]bool{}
	checkpoint := &isms.Checkpoint{}
	for _, head := range sealed(heads) {
		if head.Scope != scope || seen[head.Key] {
			return nil, fmt.Errorf("%s of %s is of another scope, or there twice", head.Key, head.Scope)
		}
		seen[head.Key] = true
		checkpoint.Heads++
		checkpoint.Entries += head.Sequence
	}
	root, err := Root(heads)
	checkpoint.Root = root
	return checkpoint, err
}

// checkpointPayload is what the signatures of a checkpoint are over: the canonical bytes of its entry, without digest and
// signatures, in a format of its own. The entry's previousDigest ties it to all entries of the scope's series before it,
// the root to those of all other series.
func checkpointPayload(scope Scope, entry isms.LogEntry) ([]byte, error) {
	unsigned := *entry.Checkpoint
	unsigned.Signatures = nil
	entry.Checkpoint, entry.Digest = &unsigned, ""
	return canonical(form{Format: formatCheckpoint, Key: Key{Scope: scope, Series: isms.SeriesScope}, Entry: entry})
}

// Day is the time between two checkpoints of a scope: they are made when a day of UTC has ended.
const Day = 24 * time.Hour

// SealAt is the earliest time of the checkpoint after one, or, where there is none yet, after the first entry: the begin
// of the next day of UTC.
func SealAt(last time.Time) time.Time { return last.UTC().Truncate(Day).Add(Day) }
