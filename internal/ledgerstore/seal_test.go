// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledgerstore_test

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
)

// keyFile writes a private key into a directory, as a Secret that is mounted there would.
func keyFile(t *testing.T, dir, name string, seed byte) {
	t.Helper()
	private, _, err := ledger.MarshalKey(ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), private, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w *world) signing(dir string) *ledgerstore.Store {
	return ledgerstore.New(ledgerstore.Options{
		Reader: w.client, Writer: w.client, Version: "0.1.0", Clock: clock.RealClock{}, KeyDir: dir,
		Observed: func(_ ledger.Scope, from, to time.Time) int32 { return int32(to.Sub(from).Seconds() / 2) },
	})
}

// seal audits and seals, n days after the start, and returns when to do so again.
func (w *world) seal(s *ledgerstore.Store, day int) time.Time {
	w.Helper()
	if err := s.Audit(w.Context(), w.scope); err != nil {
		w.Fatal(err)
	}
	if err := s.Publish(w.Context(), w.scope.Namespace); err != nil {
		w.Fatal(err)
	}
	next, err := s.Seal(w.Context(), w.scope, start.AddDate(0, 0, day))
	if err != nil {
		w.Fatal(err)
	}
	return next
}

// published are the keys that the cluster shows.
func (w *world) published() ledger.Keys {
	w.Helper()
	var configMap corev1.ConfigMap
	if err := w.client.Get(w.Context(), client.ObjectKey{Namespace: w.scope.Namespace, Name: ledgerstore.PublishedKeys}, &configMap); err != nil {
		w.Fatal(err)
	}
	keys := ledger.Keys{}
	for name, text := range configMap.Data {
		if !strings.HasSuffix(name, ".pub") {
			w.Errorf("a key is published as %s", name)
		}
		if err := keys.Add([]byte(text)); err != nil {
			w.Fatal(err)
		}
	}
	return keys
}

// TestSealing follows a scope over a week: a checkpoint each day over all series, with the keys that are there; a second
// key comes, the first one goes, and what it has signed still verifies.
func TestSealing(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	keyFile(t, dir, "2026.key", 1)
	s := w.signing(dir)
	if next := w.seal(s, 0); !next.IsZero() {
		t.Errorf("a scope without entries is to be sealed at %s", next)
	}
	w.record(s, "A.8.22", 0, isms.EvidencePass)
	if next, want := w.seal(s, 0), time.Date(2026, 8, 2, 0, 0, 0, 0, time.UTC); !next.Equal(want) {
		t.Errorf("the first checkpoint is due at %s, want %s", next, want)
	}
	if st := s.State(w.scope); !st.Read || st.Problem != "" || !st.Sealed.IsZero() || st.Keys != 1 {
		t.Errorf("the state is %+v", st)
	}
	for day := 1; day <= 6; day++ {
		switch day {
		case 3:
			keyFile(t, dir, "2027.key", 2)
			s = w.signing(dir)
		case 5:
			if err := os.Remove(filepath.Join(dir, "2026.key")); err != nil {
				t.Fatal(err)
			}
		}
		w.record(s, "A.8.9", day*24*60, turn(day))
		w.seal(s, day)
		w.seal(s, day) // once a day is enough
		w.record(s, "A.8.22", day*24*60+1, turn(day))
	}
	reports := ledger.Verify(w.logs(), ledger.Options{Keys: w.published()})
	if len(reports) != 1 || len(reports[0].Problems) > 0 || reports[0].Checkpoints != 6 || reports[0].Signed != 6 || reports[0].Unsealed != 1 {
		t.Errorf("the reports are %+v", reports)
	}
	var keys []int
	for _, log := range w.logs() {
		for _, e := range log.Spec.Entries {
			if e.Checkpoint != nil {
				keys = append(keys, len(e.Checkpoint.Signatures))
				if e.Checkpoint.ObservedSeconds < 20000 {
					t.Errorf("%d seconds were observed", e.Checkpoint.ObservedSeconds)
				}
			}
		}
	}
	if want := []int{1, 1, 2, 2, 1, 1}; !slices.Equal(keys, want) {
		t.Errorf("the checkpoints have %v signatures, want %v", keys, want)
	}

	// A checkpoint without a signature after signed ones would never verify: it waits.
	if err := os.Remove(filepath.Join(dir, "2027.key")); err != nil {
		t.Fatal(err)
	}
	w.seal(s, 7)
	if st := s.State(w.scope); st.Keys != 0 || !st.Signed || !st.Sealed.Equal(start.AddDate(0, 0, 6)) {
		t.Errorf("without keys the state is %+v", st)
	}
	if err := os.WriteFile(filepath.Join(dir, "2028.key"), []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.seal(s, 7)
	if st := s.State(w.scope); st.KeyProblem != "2028.key is not a private key of Ed25519 in PEM" {
		t.Errorf("with a file that is no key the state is %+v", st)
	}
	keyFile(t, dir, "2028.key", 3)
	w.seal(s, 8)
	if r := w.report(); len(r.Problems) > 0 || r.Checkpoints != 7 || r.Unsealed != 0 {
		t.Errorf("after a new key the report is %+v", r)
	}
	if got := len(w.published()); got != 3 {
		t.Errorf("%d keys are published, want all three that have signed", got)
	}
}

// TestUnsigned: without a key, checkpoints have no signature.
func TestUnsigned(t *testing.T) {
	w := newWorld(t)
	s := w.store()
	w.record(s, "A.8.22", 0, isms.EvidencePass)
	w.seal(s, 1)
	if st := s.State(w.scope); st.Signed || st.Sealed.IsZero() || st.Keys != 0 {
		t.Errorf("the state is %+v", st)
	}
	if r := w.report(); len(r.Problems) > 0 || r.Checkpoints != 1 || r.Signed != 0 {
		t.Errorf("the report is %+v", r)
	}
}

// TestForce edits the log past all guards, as somebody with the rights to take them away could, and has the operator go
// on: it says what it sees, and verification names the place.
func TestForce(t *testing.T) {
	log := func(w *world, name string) *isms.EvidenceLog {
		w.Helper()
		var log isms.EvidenceLog
		if err := w.client.Get(w.Context(), client.ObjectKey{Namespace: w.scope.Namespace, Name: name}, &log); err != nil {
			w.Fatal(err)
		}
		return &log
	}
	// replace deletes a log and makes it again: the rules of the kind let nobody edit an entry.
	replace := func(w *world, edit func(*isms.EvidenceLog)) {
		w.Helper()
		l := log(w, "acme.a.8.22.1")
		if err := w.client.Delete(w.Context(), l); err != nil {
			w.Fatal(err)
		}
		edit(l)
		l.ResourceVersion, l.UID = "", ""
		if err := w.client.Create(w.Context(), l); err != nil {
			w.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		force func(w *world)
		kind  ledger.Kind
		place string
	}{
		"an end cut off": {func(w *world) {
			replace(w, func(l *isms.EvidenceLog) { l.Spec.Entries = l.Spec.Entries[:3] })
		}, ledger.Gap, "the log begins with entry 5, but those before it end with 3"},
		"an entry altered": {func(w *world) {
			replace(w, func(l *isms.EvidenceLog) { l.Spec.Entries[1].Result = isms.EvidencePass })
		}, ledger.Altered, "entry 2"},
		"an end rewritten": {func(w *world) {
			replace(w, func(l *isms.EvidenceLog) {
				head := ledger.Head{Key: ledger.KeyOf(l), Sequence: 3, Digest: l.Spec.Entries[2].Digest}
				l.Spec.Entries[3].Result = isms.EvidencePass
				l.Spec.Entries[3], _, _ = ledger.Append(head, l.Spec.Entries[3])
			})
		}, ledger.BrokenChain, "the log before ends with"},
		"a log deleted": {func(w *world) {
			if err := w.client.Delete(w.Context(), log(w, "acme.a.8.22.1")); err != nil {
				w.Fatal(err)
			}
		}, ledger.Gap, "log 1 is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.store()
			for n := range 4 {
				w.record(s, "A.8.22", n*10, turn(n))
			}
			tc.force(w)
			for n := 4; n < 6; n++ {
				w.record(s, "A.8.22", n*10, turn(n))
			}
			if err := s.Audit(t.Context(), w.scope); err != nil {
				t.Fatal(err)
			}
			r := w.report()
			if len(r.Problems) != 1 || r.Problems[0].Kind != tc.kind || !strings.Contains(r.Problems[0].String(), tc.place) {
				t.Errorf("verification finds %v, want %s at %q", r.Problems, tc.kind, tc.place)
			}
			if st := s.State(w.scope); st.Problem == "" || len(r.Problems) > 0 && st.Problem != r.Problems[0].String() {
				t.Errorf("the state is %+v", st)
			}
			last := w.logs()[len(w.logs())-1]
			if e := last.Spec.Entries[len(last.Spec.Entries)-1]; e.Sequence != 6 {
				t.Errorf("the last entry is %d: what came after is not recorded", e.Sequence)
			}
		})
	}
}

// TestForceUnsealed: that an end was cut off is said before anything is written after it.
func TestForceUnsealed(t *testing.T) {
	w := newWorld(t)
	s := w.store()
	w.record(s, "A.8.22", 0, isms.EvidencePass)
	w.record(s, "A.8.9", 0, isms.EvidencePass)
	var l isms.EvidenceLog
	if err := w.client.Get(t.Context(), client.ObjectKey{Namespace: w.scope.Namespace, Name: "acme.a.8.22.1"}, &l); err != nil {
		t.Fatal(err)
	}
	if err := w.client.Delete(t.Context(), &l); err != nil {
		t.Fatal(err)
	}
	if err := s.Audit(t.Context(), w.scope); err != nil {
		t.Fatal(err)
	}
	if st := s.State(w.scope); !strings.Contains(st.Problem, "the series of A.8.22 does not end any more with what was written last") {
		t.Errorf("the state is %+v", st)
	}
}

// TestPruning: what is past retention goes, and the rest still verifies; a store goes on with what is left.
func TestPruning(t *testing.T) {
	w := newWorld(t)
	s := w.store()
	for day := range 4 {
		w.appendAll(s, day*24*60, 110)
		w.seal(s, day+1)
	}
	total := w.report().Entries
	now := start.AddDate(0, 0, 4)
	if err := s.Prune(t.Context(), w.scope, now, start.AddDate(0, 0, -1)); err != nil {
		t.Fatal(err)
	}
	w.whole(total)
	for range 2 { // again: nothing more
		if err := s.Prune(t.Context(), w.scope, now, now); err != nil {
			t.Fatal(err)
		}
		w.seal(s, 5)
	}
	r := w.report()
	// The scope's own log is its last and stays, so that of the control goes what the first checkpoint in it seals wholly.
	if len(r.Problems) > 0 || r.Pruned != 100 || r.Entries != total-100+2 { // announced once, sealed once more
		t.Errorf("%d entries of %d, %d pruned: %v", r.Entries, total, r.Pruned, r.Problems)
	}
	w.appendAll(w.store(), 10*24*60, 1)
	if r := w.report(); len(r.Problems) > 0 || r.Unsealed != 1 {
		t.Errorf("after pruning the report is %+v", r)
	}
}
