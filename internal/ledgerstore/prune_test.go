// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledgerstore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
	"github.com/isms-operator/isms-operator/internal/operation"
)

// TestPrunedAndRestarted: on the API server, behind a checkpoint, and read by another process: the figures since the day of
// retention are the same, and so is what is known to be gone; the rest verifies, the last anchor still holds, and one whose
// checkpoint is gone is not held against anything.
func TestPrunedAndRestarted(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	keyFile(t, dir, "2026.key", 1)
	s := w.signing(dir)
	record := func(of isms.LogEntryType, n int, names ...string) {
		t.Helper()
		err := s.Append(t.Context(), w.own(), func(context.Context, *ledgerstore.View) (entries []isms.LogEntry, err error) {
			for _, name := range names {
				entries = append(entries, isms.LogEntry{
					Type: of, Item: name, ObservedTime: metav1.NewTime(start.Add(time.Duration(n) * time.Minute)),
					Record: &isms.LogRecord{Digest: isms.Digest("sha256:" + strings.Repeat("0", 64))},
				})
			}
			return entries, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// Both series run through two logs, that of the control through its first one earlier.
	const day, days, turns, others = 24 * 60, 14, 10, 8
	record(isms.LogRecordSeen, 0, "Attestation/there", "Attestation/gone")
	record(isms.LogRecordRemoved, 2, "Attestation/gone")
	var risks []string
	for i := range others {
		risks = append(risks, fmt.Sprintf("Risk/r-%d", i))
	}
	var early []byte
	for n := range days {
		for i := range turns {
			sight := sight(n*day+i*15, turn(i))
			sight.Result = map[isms.EvidenceResult]isms.ControlResult{isms.EvidencePass: isms.ResultEffective, isms.EvidenceFail: isms.ResultIneffective}[turn(i)]
			if _, err := s.Record(t.Context(), w.control("A.8.22"), sight); err != nil {
				t.Fatal(err)
			}
		}
		record(isms.LogRecordSeen, n*day, risks...)
		w.seal(s, n+1)
		if n == 0 {
			early = w.lastAnchor()
		}
	}
	read := func(s *ledgerstore.Store) *operation.Book {
		t.Helper()
		logs, err := s.Logs(t.Context(), w.scope)
		if err != nil {
			t.Fatal(err)
		}
		return operation.BookOf(w.scope, logs)
	}
	retention, end := start.AddDate(0, 0, days-1), start.AddDate(0, 0, days)
	period := operation.Span{From: retention, To: end}
	before := read(s)
	want, wantGone := before.Figures(period, end), before.Removed(nil, end)
	entries, late := w.report().Entries, w.lastAnchor()
	if err := s.Prune(t.Context(), w.scope, end, retention); err != nil {
		t.Fatal(err)
	}
	again := w.signing(dir)
	after := read(again)
	if diff := cmp.Diff(want, after.Figures(period, end)); diff != "" {
		t.Errorf("the figures since the day of retention (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(items(wantGone), items(after.Removed(nil, end))); diff != "" {
		t.Errorf("the records that are gone (-before +after):\n%s", diff)
	}
	older := operation.Span{From: start, To: end}
	if was, is := before.Figures(older, end), after.Figures(older, end); is.CoveragePercent > was.CoveragePercent || is.Controls[0].Effective > was.Controls[0].Effective {
		t.Errorf("by pruning the figures of a time that is gone became better: %+v became %+v", was, is)
	}
	if err := again.Audit(t.Context(), w.scope); err != nil || again.State(w.scope).Problem != "" {
		t.Errorf("the next process finds %q, %v", again.State(w.scope).Problem, err)
	}
	for anchored, text := range map[bool][]byte{false: early, true: late} {
		anchors, err := ledger.ParseAnchors(text)
		if err != nil {
			t.Fatal(err)
		}
		r := ledger.Verify(w.logs(), ledger.Options{Keys: w.published(), Anchors: anchors})[0]
		if len(r.Problems) > 0 || r.Anchored.IsZero() == anchored || r.Pruned < 100 || r.Entries+int(r.Pruned) < entries {
			t.Errorf("anchored %t: %+v", anchored, r)
		}
	}
}

func items(list []operation.Removed) []string {
	var names []string
	for _, r := range list {
		names = append(names, r.Item())
	}
	return names
}

func (w *world) lastAnchor() []byte {
	w.Helper()
	anchors, err := ledger.LastAnchors(w.logs())
	if err != nil || len(anchors) != 1 {
		w.Fatalf("%d anchors, %v", len(anchors), err)
	}
	return anchors[0]
}
