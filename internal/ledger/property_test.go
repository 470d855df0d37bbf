// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Whatever is done to one place of a log that verifies is found.

// TestEveryFlippedBitIsFound flips each bit of the specs of a small log, and random ones of a longer one.
func TestEveryFlippedBitIsFound(t *testing.T) {
	signer := newSigner(t, 1)
	keys := trusting(t, signer)
	small := newBook(t, 2, signer)
	small.append(control("A.8.22"), turned(start, isms.EvidenceFail))
	small.append(control("A.8.22"), turned(start, isms.EvidencePass))
	small.seal(start)
	logs := small.all()
	for i := range logs {
		for bit := range bitsOf(t, logs[i]) {
			flip(t, logs, i, bit, keys)
		}
	}
	logs = week(t, signer).all()
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(logs)-1).Draw(t, "log")
		flip(t, logs, i, rapid.IntRange(0, bitsOf(t, logs[i])-1).Draw(t, "bit"), keys)
	})
}

// failer is a test of either package.
type failer interface{ Fatalf(string, ...any) }

func bitsOf(t failer, log isms.EvidenceLog) int {
	text, err := json.Marshal(log.Spec)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return 8 * len(text)
}

func flip(t failer, logs []isms.EvidenceLog, i, bit int, keys Keys) {
	text, err := json.Marshal(logs[i].Spec)
	if err != nil {
		t.Fatalf("%v", err)
	}
	text[bit/8] ^= 1 << (bit % 8)
	if !rejected(t, logs, i, text, keys) {
		t.Fatalf("bit %d of the spec of %s is flipped, and nobody sees it:\n%s", bit, logs[i].Name, text)
	}
}

// rejected tells whether an export is refused in which one spec is replaced.
func rejected(t failer, logs []isms.EvidenceLog, i int, spec []byte, keys Keys) bool {
	changed := slices.Clone(logs)
	text, err := json.Marshal(map[string]any{
		"apiVersion": isms.GroupVersion.String(), "kind": "EvidenceLog",
		"metadata": map[string]any{"namespace": logs[i].Namespace, "name": logs[i].Name}, "spec": json.RawMessage("{}"),
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	text = append(text[:len(text)-len("{}}")], append(slices.Clone(spec), '}')...)
	decoded, err := Decode(text)
	if err != nil {
		return true
	}
	changed[i] = decoded[0]
	return len(problems(changed, Options{Keys: keys})) > 0
}

// cloned are the logs, for a test to destroy.
func cloned(logs []isms.EvidenceLog) []isms.EvidenceLog {
	out := make([]isms.EvidenceLog, len(logs))
	for i := range logs {
		out[i] = *logs[i].DeepCopy()
	}
	return out
}

// place is an entry's.
type place struct{ log, entry int }

func places(logs []isms.EvidenceLog) []place {
	var all []place
	for i := range logs {
		for j := range logs[i].Spec.Entries {
			all = append(all, place{i, j})
		}
	}
	return all
}

func TestEveryRemovedEntryIsFound(t *testing.T) {
	signer := newSigner(t, 1)
	whole := week(t, signer).all()
	keys := trusting(t, signer)
	sealed := map[isms.ControlID]int64{}
	for _, p := range places(whole) {
		if e := whole[p.log].Spec.Entries[p.entry]; e.Epoch <= 7 {
			sealed[whole[p.log].Spec.ControlID] = max(sealed[whole[p.log].Spec.ControlID], e.Sequence)
		}
	}
	for _, p := range places(whole) {
		logs := cloned(whole)
		entry := logs[p.log].Spec.Entries[p.entry]
		logs[p.log].Spec.Entries = slices.Delete(logs[p.log].Spec.Entries, p.entry, p.entry+1)
		last := p.entry == len(whole[p.log].Spec.Entries)-1 && (p.log == len(whole)-1 || KeyOf(&whole[p.log]) != KeyOf(&whole[p.log+1]))
		if last && (entry.Epoch > 7 || entry.Checkpoint != nil) {
			continue // The end of a series, behind no checkpoint: an anchor shows the last checkpoint, nothing an entry after it.
		}
		if len(problems(logs, Options{Keys: keys})) == 0 {
			t.Errorf("entry %d of %s is gone, and nobody sees it", entry.Sequence, whole[p.log].Name)
		}
	}
}

func TestEverySwappedPairIsFound(t *testing.T) {
	whole := week(t).all()
	all := places(whole)
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SampledFrom(all).Draw(t, "one"), rapid.SampledFrom(all).Draw(t, "other")
		if a == b {
			t.Skip("the same entry")
		}
		logs := cloned(whole)
		one, other := &logs[a.log].Spec.Entries[a.entry], &logs[b.log].Spec.Entries[b.entry]
		*one, *other = *other, *one
		if rapid.Bool().Draw(t, "numbers stay") {
			one.Sequence, other.Sequence = other.Sequence, one.Sequence
		}
		if len(problems(logs, Options{})) == 0 {
			t.Fatalf("entries %v and %v are swapped, and nobody sees it", a, b)
		}
	})
}

func TestEveryTailCutBehindACheckpointIsFound(t *testing.T) {
	b := week(t)
	whole := b.all()
	anchors, err := LastAnchors(whole)
	if err != nil {
		t.Fatal(err)
	}
	anchor, err := ParseAnchors(anchors[0])
	if err != nil {
		t.Fatal(err)
	}
	for key, head := range b.heads {
		for from := int64(1); from <= head.Sequence; from++ {
			sealed := key.Series == isms.SeriesScope
			for _, log := range b.logs[key] {
				for _, e := range log.Spec.Entries {
					sealed = sealed || e.Sequence >= from && e.Epoch <= 7
				}
			}
			found := problems(cut(cloned(whole), key, from), Options{Anchors: anchor})
			if sealed && (len(found) == 0 || found[0].Kind != Truncated) {
				t.Errorf("%s ends before entry %d: %v", key, from, found)
			}
			if !sealed && len(found) > 0 {
				t.Errorf("%s: what no checkpoint seals is missed: %v", key, found)
			}
		}
	}
}

// TestEveryForgedCheckpointIsFound: somebody who may write the cluster and lacks the key rewrites a checkpoint, and all
// digests after it.
func TestEveryForgedCheckpointIsFound(t *testing.T) {
	signer := newSigner(t, 1)
	whole := week(t, signer).all()
	keys := trusting(t, signer)
	edits := map[string]func(*isms.LogEntry){
		"root":     func(e *isms.LogEntry) { e.Checkpoint.Root = digest([]byte("other")) },
		"heads":    func(e *isms.LogEntry) { e.Checkpoint.Heads-- },
		"entries":  func(e *isms.LogEntry) { e.Checkpoint.Entries-- },
		"observed": func(e *isms.LogEntry) { e.Checkpoint.ObservedSeconds-- },
		"time":     func(e *isms.LogEntry) { e.ObservedTime.Time = e.ObservedTime.AddDate(0, 0, -1) },
		"version":  func(e *isms.LogEntry) { e.OperatorVersion = "0.0.9" },
		"unsigned": func(e *isms.LogEntry) { e.Checkpoint.Signatures = nil },
		"key":      func(e *isms.LogEntry) { e.Checkpoint.Signatures[0].KeyID = digest(nil) },
		"moved": func(e *isms.LogEntry) {
			e.Type, e.Checkpoint = isms.LogOperatorChanged, nil
		},
	}
	for name, edit := range edits {
		for sequence := int64(2); sequence <= 8; sequence++ {
			logs := cloned(whole)
			rechain(t, logs, own, func(e *isms.LogEntry) {
				if e.Sequence == sequence {
					edit(e)
				}
			})
			if sequence == 8 && name == "moved" || sequence == 2 && name == "unsigned" {
				// The last one can go unseen without an anchor; a first one without a signature is what a log without a
				// key yet looks like. The next one still fails, because it signs the digest of this one.
				continue
			}
			if len(problems(logs, Options{Keys: keys})) == 0 {
				t.Errorf("%s of checkpoint %d is forged, and nobody sees it", name, sequence)
			}
		}
	}
}
