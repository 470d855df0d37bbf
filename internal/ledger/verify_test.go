// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func TestWholeLogsVerify(t *testing.T) {
	signer := newSigner(t, 1)
	b := week(t, signer)
	logs, err := Decode(export(t, b.all()))
	if err != nil {
		t.Fatal(err)
	}
	anchors, err := LastAnchors(logs)
	if err != nil || len(anchors) != 1 {
		t.Fatalf("%d anchors, %v", len(anchors), err)
	}
	parsed, err := ParseAnchors(bytes.Join(anchors, []byte("\n")))
	if err != nil {
		t.Fatal(err)
	}
	reports := Verify(logs, Options{Keys: trusting(t, signer), Anchors: parsed})
	if len(reports) != 1 {
		t.Fatalf("%d reports", len(reports))
	}
	r := reports[0]
	if len(r.Problems) > 0 {
		t.Fatalf("problems: %v", r.Problems)
	}
	evening := start.AddDate(0, 0, 7)
	if r.Scope != acme || r.Series != 4 || r.Checkpoints != 7 || r.Signed != 7 || !r.Sealed.Equal(evening) || !r.Anchored.Equal(evening) {
		t.Errorf("the report is %+v", r)
	}
	if want := 2 * 2; r.Unsealed != want { // On the eighth day two controls turned twice.
		t.Errorf("%d entries are not sealed, want %d", r.Unsealed, want)
	}
}

// TestTampering has one case for each way to change a log, with the kind and the place that verification must name.
func TestTampering(t *testing.T) {
	signer, stranger := newSigner(t, 1), newSigner(t, 2)
	whole := week(t, signer).all()
	anchors, err := LastAnchors(whole)
	if err != nil {
		t.Fatal(err)
	}
	anchor, err := ParseAnchors(anchors[0])
	if err != nil {
		t.Fatal(err)
	}
	log := func(logs []isms.EvidenceLog, name string) *isms.EvidenceLog {
		i := slices.IndexFunc(logs, func(l isms.EvidenceLog) bool { return l.Name == name })
		if i < 0 {
			t.Fatalf("no log %s", name)
		}
		return &logs[i]
	}
	without := func(logs []isms.EvidenceLog, name string) []isms.EvidenceLog {
		return slices.DeleteFunc(logs, func(l isms.EvidenceLog) bool { return l.Name == name })
	}
	for name, tc := range map[string]struct {
		tamper func(logs []isms.EvidenceLog) []isms.EvidenceLog
		want   Kind
		place  string
	}{
		"result rewritten": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			log(l, "acme.A.8.22.1").Spec.Entries[2].Result = isms.EvidencePass
			return l
		}, Altered, "acme.A.8.22.1, the series of A.8.22, entry 3"},
		"digest rewritten with it": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			e := log(l, "acme.A.8.22.1")
			e.Spec.Entries[2].Result = isms.EvidencePass
			e.Spec.Entries[2].Digest, _ = EntryDigest(KeyOf(e), e.Spec.Entries[2])
			return l
		}, BrokenChain, "acme.A.8.22.1, the series of A.8.22, entry 4"},
		"entry removed": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			e := log(l, "acme.A.8.22.1")
			e.Spec.Entries = slices.Delete(e.Spec.Entries, 1, 2)
			return l
		}, Gap, "acme.A.8.22.1, the series of A.8.22, entry 3"},
		"log removed": {func(l []isms.EvidenceLog) []isms.EvidenceLog { return without(l, "acme.A.8.22.1") }, Gap, "acme.A.8.22.2"},
		"entries swapped": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			e := log(l, "acme.A.8.22.1").Spec.Entries
			e[1], e[2] = e[2], e[1]
			return l
		}, OutOfOrder, "acme.A.8.22.1, the series of A.8.22, entry 3"},
		"entry twice": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			e := log(l, "acme.A.8.22.1")
			e.Spec.Entries = slices.Insert(e.Spec.Entries, 1, e.Spec.Entries[0])
			return l
		}, OutOfOrder, "acme.A.8.22.1, the series of A.8.22, entry 1"},
		"log twice": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			return append(l, *log(l, "acme.A.8.22.1").DeepCopy())
		}, OutOfOrder, "acme.A.8.22.1"},
		"of another control": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			for i := range l {
				switch l[i].Spec.ControlID {
				case "A.8.22":
					l[i].Spec.ControlID = "A.8.9"
				case "A.8.9":
					l[i].Spec.ControlID = "A.8.22"
				}
			}
			return l
		}, Altered, "entry 1"},
		"previous names another": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			log(l, "acme.A.8.22.2").Spec.Previous.Name = "x"
			return l
		}, BrokenChain, "acme.A.8.22.2"},
		"tail cut off": {func(l []isms.EvidenceLog) []isms.EvidenceLog { return cut(l, control("A.8.22"), 6) }, Truncated, "the end of"},
		"series gone": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			return slices.DeleteFunc(l, func(l isms.EvidenceLog) bool { return l.Spec.ControlID == "A.8.9" })
		}, Truncated, "a series that is gone"},
		"scope's series gone": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			return slices.DeleteFunc(l, func(l isms.EvidenceLog) bool { return l.Spec.Series == isms.SeriesScope })
		}, Truncated, "of the checkpoints that end the epochs before there are 0"},
		"all gone": {func([]isms.EvidenceLog) []isms.EvidenceLog { return nil }, Truncated, "is not in the log"},
		"rewritten and chained anew": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			rechain(t, l, control("A.8.22"), func(e *isms.LogEntry) { e.Result = isms.EvidencePass })
			return l
		}, ForgedCheckpoint, "the entries that it seals give the root"},
		"checkpoint forged": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			rechain(t, l, own, func(e *isms.LogEntry) {
				if e.Checkpoint != nil {
					e.Checkpoint.ObservedSeconds = 1
				}
			})
			return l
		}, ForgedCheckpoint, "the signature of key"},
		"all written anew with another key": {func([]isms.EvidenceLog) []isms.EvidenceLog {
			return week(t, stranger).all()
		}, UnknownKey, "entry 2"},
		"all written anew without a key": {func([]isms.EvidenceLog) []isms.EvidenceLog {
			return week(t).all()
		}, Unsigned, "no checkpoint is signed"},
		"signatures taken off the end": {func([]isms.EvidenceLog) []isms.EvidenceLog {
			b := newBook(t, 4, signer)
			b.seal(start)
			b.signers = nil
			b.seal(start.AddDate(0, 0, 1))
			return b.all()
		}, Unsigned, "entry 2"},
		"written anew with the stolen key": {func([]isms.EvidenceLog) []isms.EvidenceLog {
			b := newBook(t, 4, signer)
			for day := range 20 {
				b.append(control("A.8.22"), turned(start, isms.EvidencePass))
				b.seal(start.AddDate(0, 0, day))
			}
			return b.all()
		}, AnchorMismatch, "entry 8"},
		"checkpoint in the log of a control": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			rechain(t, l, control("A.8.22"), func(e *isms.LogEntry) { e.Checkpoint = &isms.Checkpoint{} })
			return l
		}, Malformed, "entry 1"},
		"epoch that has not begun": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			rechain(t, l, control("A.8.22"), func(e *isms.LogEntry) {
				if e.Epoch == 8 {
					e.Epoch = 1000
				}
			})
			return l
		}, Truncated, "acme.A.8.22.3, the series of A.8.22, entry 12: Truncated: its epoch is 1000, but of the checkpoints"},
		"checkpoint left out": {func([]isms.EvidenceLog) []isms.EvidenceLog {
			b := newBook(t, 4, signer)
			b.seal(start)
			b.epoch++
			b.seal(start)
			return b.all()
		}, Malformed, "it is checkpoint 2 of the scope, but its epoch is 3"},
		"epoch turned back": {func(l []isms.EvidenceLog) []isms.EvidenceLog {
			rechain(t, l, control("A.8.22"), func(e *isms.LogEntry) { e.Epoch = 10 - e.Epoch })
			return l
		}, OutOfOrder, "its epoch is"},
	} {
		t.Run(name, func(t *testing.T) {
			logs := make([]isms.EvidenceLog, len(whole))
			for i := range whole {
				logs[i] = *whole[i].DeepCopy()
			}
			options := Options{Keys: trusting(t, signer), Anchors: anchor}
			if tc.want == UnknownKey || tc.want == Unsigned {
				options.Anchors = nil
			}
			found := problems(tc.tamper(logs), options)
			if len(found) == 0 {
				t.Fatal("no problem is found")
			}
			if found[0].Kind != tc.want || !strings.Contains(found[0].String(), tc.place) {
				t.Errorf("found: %v\nwant %s at %q", found[0], tc.want, tc.place)
			}
		})
	}
}

// cut takes the entries from a sequence on off a series.
func cut(logs []isms.EvidenceLog, key Key, from int64) []isms.EvidenceLog {
	for i := range logs {
		if KeyOf(&logs[i]) == key {
			entries := &logs[i].Spec.Entries
			*entries = slices.DeleteFunc(*entries, func(e isms.LogEntry) bool { return e.Sequence >= from })
		}
	}
	return slices.DeleteFunc(logs, func(l isms.EvidenceLog) bool { return KeyOf(&l) == key && len(l.Spec.Entries) == 0 })
}

// rechain edits the entries of a series and computes all digests anew, as somebody would who may write the cluster.
func rechain(t testing.TB, logs []isms.EvidenceLog, key Key, edit func(*isms.LogEntry)) {
	t.Helper()
	head := Head{Key: key}
	for i := range logs {
		log := &logs[i]
		if KeyOf(log) != key {
			continue
		}
		if log.Spec.Previous != nil {
			log.Spec.Previous.Digest = head.Digest
		}
		for j := range log.Spec.Entries {
			edit(&log.Spec.Entries[j])
			var err error
			if log.Spec.Entries[j], head, err = Append(head, log.Spec.Entries[j]); err != nil {
				t.Fatal(err)
			}
		}
	}
}
