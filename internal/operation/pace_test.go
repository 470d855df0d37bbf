// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// paceful is an operator that tells of what people write, as the log's pace lets it.
type paceful struct {
	book    Book
	key     ledger.Key
	written []isms.LogEntry
}

func (p *paceful) tell(now time.Time, entries []isms.LogEntry) time.Time {
	due, again := p.book.Pace(p.key, ledger.DefaultLimits(), now, entries, nil)
	for _, e := range due {
		e.ObservedTime, e.Sequence = metav1.NewTime(now), int64(len(p.written)+1)
		p.book.Take(p.key, &e)
		p.written = append(p.written, e)
	}
	return again
}

// bounded holds the entries of every hour against the bounds: of the series, and of each item.
func (p *paceful) bounded(t *rapid.T, most int) {
	perItem := map[string][]time.Time{}
	for i, e := range p.written {
		if i >= most && e.ObservedTime.Sub(p.written[i-most].ObservedTime.Time) < time.Hour {
			t.Fatalf("more than %d entries within an hour before %s", most, e.ObservedTime)
		}
		times, limits := perItem[e.Item], ledger.DefaultLimits()
		if n := len(times); n > 0 && e.ObservedTime.Sub(times[n-1]) < limits.Dwell {
			t.Fatalf("%s is told %s after it was told", e.Item, e.ObservedTime.Sub(times[n-1]))
		}
		if n := len(times); n >= limits.PerHour && e.ObservedTime.Sub(times[n-limits.PerHour]) < time.Hour {
			t.Fatalf("%s is told more than %d times an hour", e.Item, limits.PerHour)
		}
		perItem[e.Item] = append(times, e.ObservedTime.Time)
	}
}

// TestWhoeverWritesRecordsWritesNoLog: however fast somebody edits, makes and deletes records, the log has a bounded number of
// entries an hour, ends with what is there, and knows at each moment which record that it has told of is gone.
func TestWhoeverWritesRecordsWritesNoLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &paceful{key: own}
		records := map[string]Record{}
		fresh := rapid.Bool().Draw(t, "always new names")
		now, again := start, time.Time{}
		look := func() {
			var seen []Record
			for _, r := range records {
				seen = append(seen, r)
			}
			again = p.tell(now, p.book.RecordChanges(seen))
			gone := map[string]bool{}
			for _, r := range p.book.Removed(seen, now) {
				gone[r.Item()] = true
			}
			for item := range p.book.own.records.present {
				if _, there := records[item]; !there && !gone[item] {
					t.Fatalf("%s is gone, and nobody knows", item)
				}
			}
		}
		for i := range rapid.IntRange(1, 1000).Draw(t, "edits") {
			now = now.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "seconds")) * time.Second)
			name := fmt.Sprint(i % 7)
			if fresh {
				name = fmt.Sprint(i / 2)
			}
			r := Record{Kind: Document, Name: name, LogRecord: isms.LogRecord{Digest: isms.Digest(fmt.Sprint(i))}}
			if _, there := records[r.Item()]; there && (fresh || i%5 == 0) {
				delete(records, r.Item())
			} else {
				records[r.Item()] = r
			}
			look()
		}
		for !again.IsZero() {
			now = again
			look()
		}
		p.bounded(t, mostOfScope)
		if len(p.book.own.records.present) != len(records) {
			t.Fatalf("the log knows of %d records, there are %d", len(p.book.own.records.present), len(records))
		}
		for item, r := range records {
			if p.book.own.records.present[item] != r.LogRecord {
				t.Fatalf("the log has %s as it was", item)
			}
		}
	})
}

// TestWhoeverEditsRulesWritesNoLog: the same for what is asked of a control; a verdict is never without what was asked.
func TestWhoeverEditsRulesWritesNoLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &paceful{key: control("A.8.22")}
		asked, now, again := []Criterion(nil), start, time.Time{}
		for i := range rapid.IntRange(1, 300).Draw(t, "edits") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "seconds")) * time.Second)
			text := fmt.Sprint(i)
			asked = []Criterion{{Item: "policy", Text: text, Digest: isms.Digest(text)}, {Item: exceptionPrefix + text, Text: text, Digest: isms.Digest(text)}}
			again = p.tell(now, p.book.CriteriaChanges(p.key, asked))
		}
		for !again.IsZero() {
			now = again
			again = p.tell(now, p.book.CriteriaChanges(p.key, asked))
		}
		p.bounded(t, mostOfControl)
		if left := p.book.CriteriaChanges(p.key, asked); len(left) > 0 {
			t.Fatalf("%d changes are not told", len(left))
		}
		edited := []Criterion{{Item: "policy", Text: "lax", Digest: "lax"}}
		due, _ := p.book.Pace(p.key, ledger.DefaultLimits(), now, p.book.CriteriaChanges(p.key, edited), []string{"policy"})
		if !slices.ContainsFunc(due, func(e isms.LogEntry) bool { return e.Item == "policy" && e.Criteria == "lax" }) {
			t.Fatal("there will be a verdict on what the log does not have")
		}
	})
}
