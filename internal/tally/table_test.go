// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// recount counts from nothing but the present verdicts: the meaning that the incremental table must keep.
func recount(objects map[Key]Mark, q Query) Counts {
	out := newCounts(q)
	if q.PerNamespace {
		return recountNamespaces(objects, q)
	}
	for key, m := range objects {
		if !slices.Contains(q.Namespaces, key.Namespace) || m.Code == NotSelected {
			continue
		}
		out.Subjects++
		failing := 0
		switch {
		case m.Code == Passing:
			out.Passing++
		case m.Code == Errored:
			out.Errors++
		case m.Waives&q.Active != 0:
			out.Waived++
			failing = 1
		default:
			out.Failing++
			failing = 1
			if q.Names {
				out.Failures = append(out.Failures, key)
			}
		}
		out.matched(m.Waives, 1, failing)
	}
	slices.SortFunc(out.Failures, compareNames)
	out.Failures = out.Failures[:min(len(out.Failures), MaxSample)]
	return out
}

func recountNamespaces(objects map[Key]Mark, q Query) Counts {
	out := newCounts(q)
	for _, n := range q.Namespaces {
		out.Subjects++
		passing, errored := false, false
		for key, m := range objects {
			if key.Namespace == n {
				passing = passing || m.Code == Passing
				errored = errored || m.Code == Errored
			}
		}
		waives, failing := q.NamespaceWaives(n), 0
		switch {
		case passing:
			out.Passing++
		case errored:
			out.Errors++
		case waives&q.Active != 0:
			out.Waived, failing = out.Waived+1, 1
		default:
			out.Failing, failing = out.Failing+1, 1
			if q.Names && len(out.Failures) < MaxSample {
				out.Failures = append(out.Failures, Name{Namespace: n})
			}
		}
		out.matched(waives, 1, failing)
	}
	return out
}

// TestIncrementalEqualsRecount drives a table through any sequence of changes and holds it against a recount.
func TestIncrementalEqualsRecount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := NewTable[string]()
		model := map[string]map[Key]Mark{}
		known := map[Key]bool{}
		key := rapid.Custom(func(t *rapid.T) Key {
			return Key{
				Namespace: fmt.Sprintf("ns-%d", rapid.IntRange(0, 4).Draw(t, "ns")),
				Name:      fmt.Sprintf("o-%d", rapid.IntRange(0, 30).Draw(t, "name")),
			}
		})
		rule := rapid.SampledFrom([]string{"a", "b", "c"})
		mark := rapid.Custom(func(t *rapid.T) Mark {
			return Mark{Code: Code(rapid.IntRange(0, 3).Draw(t, "code")), Waives: uint32(rapid.IntRange(0, 7).Draw(t, "waives"))}
		})
		t.Repeat(map[string]func(*rapid.T){
			"add or update": func(t *rapid.T) {
				k := key.Draw(t, "key")
				id := table.Touch(k)
				known[k] = true
				r, m := rule.Draw(t, "rule"), mark.Draw(t, "mark")
				changed := table.Set(r, id, m)
				if objects, ok := model[r]; ok {
					if want := objects[k] != m; changed != want {
						t.Fatalf("Set reports %v, want %v", changed, want)
					}
					objects[k] = m
				} else if changed {
					t.Fatal("a rule that is not there changed")
				}
			},
			"delete": func(t *rapid.T) {
				k := key.Draw(t, "key")
				table.Delete(k)
				delete(known, k)
				for _, objects := range model {
					delete(objects, k)
				}
			},
			"relist": func(t *rapid.T) {
				keep := rapid.SliceOfDistinct(key, func(k Key) Key { return k }).Draw(t, "keep")
				for _, k := range table.Keys() {
					if !slices.Contains(keep, k) {
						table.Delete(k)
						delete(known, k)
						for _, objects := range model {
							delete(objects, k)
						}
					}
				}
			},
			"add rule": func(t *rapid.T) {
				r := rule.Draw(t, "rule")
				table.AddColumn(r)
				if model[r] == nil {
					model[r] = map[Key]Mark{}
				}
			},
			"remove rule": func(t *rapid.T) {
				r := rule.Draw(t, "rule")
				table.DropColumn(r)
				delete(model, r)
			},
			"": func(t *rapid.T) {
				if table.Len() != len(known) {
					t.Fatalf("%d objects, want %d", table.Len(), len(known))
				}
				q := Query{
					Namespaces: []string{"ns-0", "ns-2", "ns-3", "ns-9"}, Exceptions: []string{"x", "y", "z"},
					Active: uint32(rapid.IntRange(0, 7).Draw(t, "active")), Names: true,
					NamespaceWaives: func(n string) uint32 { return uint32(len(n)+int(n[3])) & 7 },
				}
				for _, q.PerNamespace = range []bool{false, true} {
					for r, objects := range model {
						if d := cmp.Diff(recount(objects, q), table.Count(r, q)); d != "" {
							t.Fatalf("rule %s, per namespace %v (-recount +incremental):\n%s", r, q.PerNamespace, d)
						}
					}
				}
			},
		})
	})
}

func TestACountOfARuleThatIsNotThereIsEmpty(t *testing.T) {
	if d := cmp.Diff(Counts{}, NewTable[string]().Count("none", Query{Namespaces: []string{""}})); d != "" {
		t.Error(d)
	}
}

func TestNothingStaysOfDeletedObjects(t *testing.T) {
	table := NewTable[string]()
	table.AddColumn("r")
	for round := range 3 {
		for i := range 1000 {
			table.Set("r", table.Touch(Key{"ns", fmt.Sprint(round, "-", i)}), Mark{Code: Failing, Waives: 1})
		}
		for _, k := range table.Keys() {
			table.Delete(k)
		}
	}
	if table.Len() != 0 || len(table.names) != 1000 || len(table.columns["r"].cells) != 0 {
		t.Errorf("%d objects, %d places, %d cells; want 0, 1000, 0", table.Len(), len(table.names), len(table.columns["r"].cells))
	}
}

func BenchmarkSet(b *testing.B) {
	table := NewTable[int]()
	ids := make([]int32, 20000)
	for i := range ids {
		ids[i] = table.Touch(Key{fmt.Sprint("ns-", i%100), fmt.Sprint("pod-", i)})
	}
	for r := range 10 {
		table.AddColumn(r)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		table.Set(i%10, ids[i%len(ids)], Mark{Code: Code(1 + i%3)})
	}
}

// TestNamespacesComeAndGo: of namespaces without objects nothing is kept, and one that takes the place of another has none of
// its counts.
func TestNamespacesComeAndGo(t *testing.T) {
	table := NewTable[string]()
	table.AddColumn("r")
	table.Set("r", table.Touch(Key{Namespace: "shop", Name: "web"}), Mark{Code: Passing})
	for n := range 1000 {
		key := Key{Namespace: fmt.Sprint("preview-", n), Name: "web"}
		table.Set("r", table.Touch(key), Mark{Code: Failing})
		table.Touch(Key{Namespace: key.Namespace, Name: "other"})
		got := table.Count("r", Query{Namespaces: []string{key.Namespace, "shop"}, Names: true})
		if got.Subjects != 2 || got.Failing != 1 || !slices.Equal(got.Failures, []Name{key}) {
			t.Fatalf("in %s: %+v", key.Namespace, got)
		}
		table.Delete(key)
		table.Delete(Key{Namespace: key.Namespace, Name: "other"})
	}
	if got := table.Namespaces(); !slices.Equal(got, []string{"shop"}) {
		t.Errorf("%d namespaces have objects: %.3v", len(got), got)
	}
	if n := len(table.nsNames); n > 2 {
		t.Errorf("room for %d namespaces is kept", n)
	}
	if got := table.Count("r", Query{Namespaces: []string{"preview-1", "shop"}}); got.Subjects != 1 || got.Passing != 1 {
		t.Errorf("what is left: %+v", got)
	}
}
