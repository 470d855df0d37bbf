// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// TestPrunedLogsSayTheSame: what a process reads of pruned logs is what it would read of all of them: the figures of each
// period since the day of retention, what is asked, which records are there, and which are gone.
func TestPrunedLogsSayTheSame(t *testing.T) {
	deleted := 0
	rapid.Check(t, func(rt *rapid.T) {
		l, days := newLogs(t), rapid.IntRange(5, 40).Draw(rt, "days")
		const day = 24 * 3600
		results := []isms.ControlResult{isms.ResultEffective, isms.ResultIneffective, isms.ResultUnknown, isms.ResultExcluded}
		records := map[string]Record{}
		for n := range int64(days) {
			now := n * day
			for range rapid.IntRange(0, 4).Draw(rt, "turns") {
				now += 1000
				l.turn(rapid.SampledFrom([]isms.ControlID{"A.5.1", "A.8.22"}).Draw(rt, "control"), now, rapid.SampledFrom(results).Draw(rt, "result"))
				l.add(control("A.5.1"), isms.LogEntry{Type: isms.LogEvidenceChanged, Item: "policy", Result: isms.EvidencePass, ObservedTime: stamp(now)})
			}
			if rapid.IntRange(0, 5).Draw(rt, "gap") == 0 {
				l.gap(now, now+500)
			}
			book := &l.kept
			for _, name := range []string{"a", "b", "c"} {
				r := Record{Kind: rapid.SampledFrom([]string{Attestation, Document}).Draw(rt, "kind"), Name: name}
				r.Digest = isms.Digest(fmt.Sprintf("sha256:%064x", rapid.IntRange(0, 2).Draw(rt, "digest")))
				switch rapid.IntRange(0, 9).Draw(rt, "edit") {
				case 0:
					records[r.Item()] = r
				case 1:
					delete(records, r.Item())
				}
			}
			var seen []Record
			for _, r := range records {
				seen = append(seen, r)
			}
			changes := book.RecordChanges(seen)
			changes = append(changes, book.NamespaceChanges([]string{"shop", fmt.Sprintf("team-%d", n/20)})...)
			for _, e := range changes {
				e.ObservedTime = stamp(now)
				l.add(own, e)
			}
			text := fmt.Sprintf(`{"n":%d}`, n/15)
			for _, key := range []ledger.Key{own, control("A.8.22")} {
				for _, e := range book.CriteriaChanges(key, []Criterion{{Item: "asked", Text: text, Digest: isms.Digest(fmt.Sprintf("sha256:%064x", n/15))}}) {
					e.ObservedTime = stamp(now)
					l.add(key, e)
				}
			}
			l.seal((n+1)*day, n+1)
		}
		whole, end := l.book(), int64(days)*day
		before := rapid.Int64Range(0, end).Draw(rt, "retention")
		p := ledger.Prune(l.all(), at(before))
		for _, e := range p.Announce {
			e.ObservedTime = stamp(end)
			l.add(own, e)
		}
		for _, r := range p.Restate {
			for _, e := range r.Entries {
				e.ObservedTime = stamp(end)
				l.add(r.Key, e)
			}
		}
		left := slices.DeleteFunc(l.all(), func(log isms.EvidenceLog) bool {
			return slices.ContainsFunc(p.Delete, func(d *isms.EvidenceLog) bool { return d.Name == log.Name })
		})
		deleted += len(p.Delete)
		for _, r := range ledger.Verify(left, ledger.Options{}) {
			if len(r.Problems) > 0 {
				rt.Fatalf("what is left does not verify: %v", r.Problems)
			}
		}
		pruned := BookOf(acme, left)
		from := rapid.Int64Range(before, end).Draw(rt, "from")
		period := span(from, rapid.Int64Range(from, end).Draw(rt, "to"))
		if diff := cmp.Diff(whole.Figures(period, at(end)), pruned.Figures(period, at(end))); diff != "" {
			rt.Fatalf("the figures (-whole +pruned):\n%s", diff)
		}
		same := func(what string, a, b any) {
			if diff := cmp.Diff(a, b); diff != "" {
				rt.Fatalf("%s (-whole +pruned):\n%s", what, diff)
			}
		}
		items := func(b *Book) []string {
			var list []string
			for _, r := range removedOf(b) {
				list = append(list, r.Item()+string(r.Digest))
			}
			return list
		}
		same("what is removed", items(whole), items(pruned))
		same("what is there", fmt.Sprint(whole.own.records.present), fmt.Sprint(pruned.own.records.present))
		same("namespaces", fmt.Sprint(whole.own.namespaces), fmt.Sprint(pruned.own.namespaces))
		for _, key := range []ledger.Key{own, control("A.8.22")} {
			same("what is asked", fmt.Sprint(whole.criteria(key)), fmt.Sprint(pruned.criteria(key)))
			for _, digest := range pruned.criteria(key) {
				if !pruned.texts[digest] {
					rt.Fatalf("the text of what is asked is gone")
				}
			}
		}
	})
	if deleted == 0 {
		t.Error("nothing was pruned")
	}
}
