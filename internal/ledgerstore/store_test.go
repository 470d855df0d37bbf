// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledgerstore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(testenv.Run(m))
}

var (
	serial atomic.Int64
	start  = time.Date(2026, 8, 1, 8, 0, 0, 0, time.UTC)
)

// world is a namespace with the logs of one scope.
type world struct {
	*testing.T
	client client.Client
	scope  ledger.Scope
}

func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	c := testenv.Client(t, testenv.Shared(t).Config)
	w := &world{T: t, client: c, scope: ledger.Scope{Namespace: fmt.Sprintf("isms-%d", serial.Add(1)), Name: "acme"}}
	if err := c.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.scope.Namespace}}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) store() *ledgerstore.Store {
	return ledgerstore.New(ledgerstore.Options{Reader: w.client, Writer: w.client, Version: "0.1.0", Clock: clock.RealClock{}})
}

func (w *world) control(id string) ledger.Key {
	return ledger.Key{Scope: w.scope, Series: isms.SeriesControl, ControlID: isms.ControlID(id)}
}

func (w *world) own() ledger.Key { return ledger.Key{Scope: w.scope, Series: isms.SeriesScope} }

// record has the item default-deny turn to a result, n minutes after the start.
func (w *world) record(s *ledgerstore.Store, id string, n int, result isms.EvidenceResult) time.Time {
	w.Helper()
	wake, err := s.Record(w.Context(), w.control(id), sight(n, result))
	if err != nil {
		w.Fatal(err)
	}
	return wake
}

// sight is that of one item, n minutes after the start.
func sight(n int, result isms.EvidenceResult) ledgerstore.Sight {
	reason := isms.ReasonObjectsPassed
	if result == isms.EvidenceFail {
		reason = isms.ReasonObjectsFailed
	}
	return ledgerstore.Sight{
		Time:     start.Add(time.Duration(n) * time.Minute),
		Verdicts: []ledger.Verdict{{Item: "default-deny", Observation: ledger.Observation{Result: result, Reason: reason}}},
		Absent:   ledger.Observation{Result: isms.EvidenceNotApplicable, Reason: isms.ReasonItemRemoved},
	}
}

func turn(n int) isms.EvidenceResult {
	if n%2 == 0 {
		return isms.EvidencePass
	}
	return isms.EvidenceFail
}

func (w *world) logs() []isms.EvidenceLog {
	w.Helper()
	logs, err := w.store().Logs(w.Context(), w.scope)
	if err != nil {
		w.Fatal(err)
	}
	return logs
}

// report verifies what there is.
func (w *world) report() ledger.Report {
	w.Helper()
	reports := ledger.Verify(w.logs(), ledger.Options{})
	if len(reports) != 1 {
		w.Fatalf("%d reports", len(reports))
	}
	return reports[0]
}

// whole asks that the log verifies and has a number of entries.
func (w *world) whole(entries int) {
	w.Helper()
	if r := w.report(); len(r.Problems) > 0 || r.Entries != entries {
		w.Errorf("%d entries, want %d; problems: %v", r.Entries, entries, r.Problems)
	}
}

// TestSeriesRunsThroughLogs: a series of 205 entries needs three logs, whichever of several stores in turn writes them.
func TestSeriesRunsThroughLogs(t *testing.T) {
	w := newWorld(t)
	for _, n := range []int{1, 97, 100} { // within a log, and across the ends of two
		s := w.store()
		w.appendAll(s, 0, n)
	}
	for n := range 7 {
		s := w.store() // as after a restart
		w.record(s, "A.8.22", (n+100)*10, turn(n))
		w.record(s, "A.8.22", (n+100)*10+1, turn(n)) // nothing new
	}
	w.whole(205)
	logs := w.logs()
	if len(logs) != 3 {
		t.Fatalf("%d logs", len(logs))
	}
	for i, log := range logs {
		if want := fmt.Sprintf("acme.a.8.22.%d", i+1); log.Name != want {
			t.Errorf("log %d has the name %s, want %s", i+1, log.Name, want)
		}
		if len(log.ManagedFields) > 0 {
			t.Errorf("%s has %d owners of fields", log.Name, len(log.ManagedFields))
		}
		last := log.Spec.Entries[len(log.Spec.Entries)-1]
		if st := log.Status; int(st.Entries) != len(log.Spec.Entries) || st.HeadDigest != last.Digest || !st.LastObservedTime.Equal(&last.ObservedTime) {
			t.Errorf("the status of %s is %+v", log.Name, log.Status)
		}
	}
}

// TestTwoWriters: two stores that take each other for gone lose nothing and write nothing twice.
func TestTwoWriters(t *testing.T) {
	w := newWorld(t)
	stores := []*ledgerstore.Store{w.store(), w.store()}
	for n := range 40 {
		var wait sync.WaitGroup
		for _, s := range stores {
			wait.Go(func() {
				if _, err := s.Record(t.Context(), w.control("A.8.22"), sight(n*10, turn(n))); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
	}
	w.whole(40)
}

// TestDampersOutliveARestart: what was written in the last hour counts against the bound of an hour after a restart too.
func TestDampersOutliveARestart(t *testing.T) {
	w := newWorld(t)
	burst := ledger.DefaultLimits().PerHour / 2
	for n := range burst {
		w.record(w.store(), "A.8.22", n, turn(n))
	}
	wake := w.record(w.store(), "A.8.22", burst, turn(burst))
	if want := start.Add(time.Duration(burst-1)*time.Minute + ledger.DefaultLimits().Held()); !wake.Equal(want) {
		t.Errorf("it is to be looked at again at %s, want %s", wake, want)
	}
	w.whole(burst)
}

// TestOldItemsAreFound: an item whose last entry is logs ago is not written again.
func TestOldItemsAreFound(t *testing.T) {
	w := newWorld(t)
	note := func(s *ledgerstore.Store, items ...string) {
		t.Helper()
		err := s.Append(t.Context(), w.own(), func(ctx context.Context, v *ledgerstore.View) ([]isms.LogEntry, error) {
			var entries []isms.LogEntry
			for _, item := range items {
				last, err := v.Last(ctx, ledger.FamilyRecord, item)
				if err != nil {
					return nil, err
				}
				if last == nil {
					entries = append(entries, isms.LogEntry{
						Type: isms.LogRecordSeen, Item: item, ObservedTime: metav1.NewTime(start),
						Record: &isms.LogRecord{Digest: isms.Digest("sha256:" + strings.Repeat("0", 64))},
					})
				}
			}
			return entries, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	items := make([]string, 0, 250)
	for n := range 250 {
		items = append(items, fmt.Sprintf("Attestation/review-%03d", n))
	}
	note(w.store(), items...)
	w.whole(250)
	s := w.store()
	note(s, items[3], "Attestation/another", items[249])
	note(s, items...)
	w.whole(251)
	err := s.Append(t.Context(), w.own(), func(ctx context.Context, v *ledgerstore.View) ([]isms.LogEntry, error) {
		got, err := v.Items(ctx, ledger.FamilyRecord)
		if err == nil && (len(got) != 251 || got[0] != "Attestation/another" || got[250] != items[249]) {
			t.Errorf("%d items: %v", len(got), got)
		}
		return nil, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTextOfCriteriaIsKnown asks a store that has not written it.
func TestTextOfCriteriaIsKnown(t *testing.T) {
	w := newWorld(t)
	digest := isms.Digest("sha256:63744a80a83ecdfa81fd6f4ad6ba5da027df5666a287e07b464f34e65f80ae1b")
	knows := func(s *ledgerstore.Store) bool {
		t.Helper()
		known, err := s.KnowsCriteria(t.Context(), w.scope, digest)
		if err != nil {
			t.Fatal(err)
		}
		return known
	}
	s := w.store()
	if knows(s) {
		t.Error("an empty log has the text")
	}
	err := s.Append(t.Context(), w.control("A.8.22"), func(context.Context, *ledgerstore.View) ([]isms.LogEntry, error) {
		return []isms.LogEntry{{
			Type: isms.LogCriteriaChanged, ObservedTime: metav1.NewTime(start), Item: "default-deny", CriteriaDigest: digest, Criteria: "{}",
		}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !knows(s) || !knows(w.store()) {
		t.Error("the text is in the log, but not known")
	}
}

// TestItemsThatAreGoneAreClosed: also when the store that closes them has not seen them.
func TestItemsThatAreGoneAreClosed(t *testing.T) {
	w := newWorld(t)
	w.record(w.store(), "A.8.22", 0, isms.EvidencePass)
	none := sight(5, isms.EvidencePass)
	none.Verdicts = nil
	for range 2 {
		if _, err := w.store().Record(t.Context(), w.control("A.8.22"), none); err != nil {
			t.Fatal(err)
		}
	}
	w.whole(2)
	last := w.logs()[0].Spec.Entries[1]
	if last.Result != isms.EvidenceNotApplicable || last.Reason != isms.ReasonItemRemoved {
		t.Errorf("the item is %s, %s", last.Result, last.Reason)
	}
}

// appendAll appends entries of the series of A.8.22 as they are, without a damper, from a minute after the start on.
func (w *world) appendAll(s *ledgerstore.Store, minute, n int) {
	w.Helper()
	err := s.Append(w.Context(), w.control("A.8.22"), func(context.Context, *ledgerstore.View) ([]isms.LogEntry, error) {
		entries := fill(n)
		for i := range entries {
			entries[i].ObservedTime = metav1.NewTime(start.Add(time.Duration(minute+i) * time.Minute))
		}
		return entries, nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

// TestSizeInTheCluster: what the API server keeps of a full log is what docs/design/ledger.md counts: the JSON of the
// object, without owners of fields.
func TestSizeInTheCluster(t *testing.T) {
	w := newWorld(t)
	s := w.store()
	w.appendAll(s, 0, 99)
	w.appendAll(s, 99, 1)
	var raw unstructured.Unstructured
	raw.SetGroupVersionKind(isms.GroupVersion.WithKind("EvidenceLog"))
	if err := w.client.Get(t.Context(), client.ObjectKey{Namespace: w.scope.Namespace, Name: "acme.a.8.22.1"}, &raw); err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(raw.Object)
	if err != nil {
		t.Fatal(err)
	}
	counted, err := json.Marshal(raw.Object["spec"])
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, of them %d of the spec", len(kept), len(counted))
	if len(kept) > len(counted)+1000 {
		t.Errorf("a log of 100 entries takes %d bytes, its spec %d", len(kept), len(counted))
	}
}

// fill are entries as a busy control has them.
func fill(n int) []isms.LogEntry {
	var entries []isms.LogEntry
	for i := range n {
		entries = append(entries, isms.LogEntry{
			Type: isms.LogEvidenceChanged, ObservedTime: metav1.NewTime(start.Add(time.Duration(i) * time.Minute)), Item: "default-deny",
			Result: turn(i), Reason: isms.ReasonObjectsFailed, Counts: &isms.LogCounts{Subjects: 12, Failing: 2},
			Failures: []isms.SubjectRef{{Namespace: "payments"}, {Namespace: "shop", Name: "web"}},
		})
	}
	return entries
}
