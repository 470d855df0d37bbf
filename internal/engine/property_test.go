// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// recount evaluates everything anew.
func (m *machine) recount(t *rapid.T, c *planColumn) (tally.Counts, int) {
	var counts tally.Counts
	for _, p := range m.sorted("") {
		if _, in := c.namespaces[p.Namespace]; !in {
			continue
		}
		mark, _ := m.stream.mark(c, check.TypedSubject(p, m.stream.key.kind), check.Env{Spent: new(uint64)}, false, tally.Key{}, p.Labels)
		switch mark.Code {
		case tally.Passing:
			counts.Passing++
		case tally.Failing:
			counts.Failing++
			counts.Failures = append(counts.Failures, tally.Key{Namespace: p.Namespace, Name: p.Name})
		case tally.Errored:
			counts.Errors++
		case tally.NotSelected:
		}
	}
	counts.Subjects = counts.Passing + counts.Failing + counts.Errors
	counts.Failures = counts.Failures[:min(len(counts.Failures), tally.MaxSample)]
	return counts, counts.Passing
}

func (m *machine) check(t *rapid.T) {
	m.settle()
	if !m.stream.synced {
		return
	}
	for key, c := range m.rules {
		state := m.stream.columns[key]
		if state == nil || state.pending != 0 {
			t.Fatalf("a rule is not listed: %+v", state)
		}
		want, selected := m.recount(t, c)
		got := m.stream.table.Count(key, tally.Query{Namespaces: slices.Collect(maps.Keys(c.namespaces)), Names: true})
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("rule %s in %v (-recount +incremental):\n%s", c.program.Digest()[:6], c.namespaces, d)
		}
		if c.keeps {
			s := &slot{namespaces: slices.Collect(maps.Keys(c.namespaces)), column: key, Rule: rule.Rule{Program: c.program}}
			if all, _ := m.stream.members(s, state); len(all) != selected {
				t.Fatalf("the set has %d members, want %d", len(all), selected)
			}
		}
	}
	if n := m.stream.table.Len(); n > len(m.pods) {
		t.Fatalf("%d objects are known of %d", n, len(m.pods))
	}
}

// TestAnyHistoryEqualsARecount: after any sequence of adds, updates, deletes, relists, listings and rule changes, and
// in any interleaving of the goroutines, the verdicts equal those of evaluating everything anew.
func TestAnyHistoryEqualsARecount(t *testing.T) {
	spared := 0
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		defer func() { spared += m.spared }()
		t.Repeat(map[string]func(*rapid.T){
			"add or update": func(t *rapid.T) { k := drawKey(t); m.set(k, drawPod(t, k)) },
			"delete":        func(t *rapid.T) { m.set(drawKey(t), nil) },
			"touch":         m.touch,
			"churn":         m.churn,
			"revert":        m.revert,
			"evaluate":      func(*rapid.T) { m.evaluateNext() },
			"catch up":      func(*rapid.T) { m.catchUp() },
			"apply":         func(*rapid.T) { m.applyInFlight() },
			"relist":        m.relist,
			"change rules":  m.changeRules,
			"begin listing": func(*rapid.T) { m.beginListing() },
			"list":          func(t *rapid.T) { m.list(rapid.IntRange(1, 6).Draw(t, "pages")) },
			"weigh":         m.weigh,
			"suspend":       m.suspend,
			"wait":          m.wait,
			"retry":         m.retry,
			"work":          m.work,
			"move":          m.move,
			"settle":        m.check,
		})
		m.check(t)
	})
	t.Logf("%d evaluations were spared", spared)
	few := 100
	if testing.Short() {
		few /= 5 // as the histories
	}
	if spared < few {
		t.Errorf("hardly any history spares an evaluation: %d of all do, want %d", spared, few)
	}
}
