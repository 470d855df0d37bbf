// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// sixtyDays is a book of sixty days, five entries to a log, of controls that turn more or less often.
func sixtyDays(t testing.TB, signers ...*Signer) *book {
	b := newBook(t, 5, signers...)
	text := "what is asked"
	b.append(control("A.5.1"), isms.LogEntry{
		Type: isms.LogCriteriaChanged, ObservedTime: metaStart, Item: "default-deny", OperatorVersion: "0.1.0",
		Criteria: text, CriteriaDigest: digest([]byte(text)),
	})
	for day := range 60 {
		at := start.AddDate(0, 0, day)
		for every, id := range map[int]string{1: "A.5.1", 2: "A.8.22", 40: "A.8.9"} {
			if day%every == 0 {
				entry := turned(at.Add(time.Hour), isms.EvidenceFail)
				entry.CriteriaDigest = digest([]byte(text))
				b.append(control(id), entry)
			}
		}
		if day < 59 {
			b.seal(at.Add(24 * time.Hour))
		}
	}
	return b
}

// pruned is the book after pruning, cut off after a number of deletions.
func pruned(b *book, p Pruning, deletions int) []isms.EvidenceLog {
	for _, entry := range p.Announce {
		entry.ObservedTime, entry.OperatorVersion = metaStart, "0.1.0"
		b.append(own, entry)
	}
	return slices.DeleteFunc(b.all(), func(l isms.EvidenceLog) bool {
		return slices.ContainsFunc(p.Delete[:deletions], func(d *isms.EvidenceLog) bool { return d.Name == l.Name })
	})
}

// TestPrunedLogsVerify: wherever deletion is cut off, and whatever comes after, the rest verifies, and says what is gone.
func TestPrunedLogsVerify(t *testing.T) {
	signer := newSigner(t, 1)
	rapid.Check(t, func(rt *rapid.T) {
		b := sixtyDays(t, signer)
		total := Verify(b.all(), Options{})[0].Entries
		before := start.AddDate(0, 0, rapid.IntRange(0, 70).Draw(rt, "day"))
		p := Prune(b.all(), before)
		logs := pruned(b, p, rapid.IntRange(0, len(p.Delete)).Draw(rt, "deletions"))
		report := Verify(logs, Options{Keys: trusting(t, signer)})[0]
		if len(report.Problems) > 0 || report.Entries+int(report.Pruned) != total+len(p.Announce) {
			rt.Fatalf("%d entries of %d, %d pruned: %v", report.Entries, total, report.Pruned, report.Problems)
		}
		for _, l := range p.Delete {
			if !lastOf(l).ObservedTime.Time.Before(before) {
				rt.Fatalf("%s is too young to go", l.Name)
			}
		}
	})
}

func TestPrune(t *testing.T) {
	signer := newSigner(t, 1)
	b := sixtyDays(t, signer)
	whole := b.all()
	anchors, err := LastAnchors(whole[:0:0])
	if err != nil || len(anchors) != 0 {
		t.Fatal(anchors, err)
	}
	if p := Prune(whole, start); len(p.Delete) != 0 || len(p.Announce) != 0 {
		t.Errorf("nothing is old, but %d logs are to go", len(p.Delete))
	}
	p := Prune(whole, start.AddDate(0, 0, 30))
	if len(p.Delete) < 10 || KeyOf(p.Delete[0]).Series != isms.SeriesScope {
		t.Fatalf("%d logs are to go", len(p.Delete))
	}
	text := slices.IndexFunc(p.Announce, func(e isms.LogEntry) bool { return e.Criteria == "what is asked" })
	if text < 0 {
		t.Error("the text that is still referred to is lost")
	}
	logs := pruned(b, p, len(p.Delete))
	for _, l := range logs {
		if l.Spec.ControlID == "A.8.9" && l.Spec.Number != 1 {
			t.Error("the last log of a series is gone")
		}
	}
	// What is not announced is missing; so is one more than was announced.
	var silent []isms.EvidenceLog
	for _, l := range whole {
		if !slices.ContainsFunc(p.Delete, func(d *isms.EvidenceLog) bool { return d.Name == l.Name }) {
			silent = append(silent, l)
		}
	}
	if found := problems(silent, Options{}); len(found) == 0 || found[0].Kind != Gap {
		t.Errorf("logs that went without a word: %v", found)
	}
	for i := range logs {
		if i == len(logs)-1 || KeyOf(&logs[i]) != KeyOf(&logs[i+1]) {
			continue // what no checkpoint seals yet can be cut off
		}
		rest := slices.Delete(slices.Clone(logs), i, i+1)
		if len(problems(rest, Options{})) == 0 {
			t.Errorf("without %s, which was not announced, the rest verifies", logs[i].Name)
		}
	}
	// An anchor from before cannot be held against anything any more; one from after can.
	early, err := LastAnchors(week(t, signer).all())
	if err != nil {
		t.Fatal(err)
	}
	late, err := LastAnchors(logs)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range [][]byte{early[0], late[0]} {
		anchor, err := ParseAnchors(text)
		if err != nil {
			t.Fatal(err)
		}
		report := Verify(logs, Options{Keys: trusting(t, signer), Anchors: anchor})[0]
		if len(report.Problems) > 0 || report.Anchored.IsZero() != (i == 0) {
			t.Errorf("anchored at %s: %v", report.Anchored, report.Problems)
		}
	}
}
