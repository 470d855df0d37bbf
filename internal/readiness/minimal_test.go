// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/test/golden"
)

// tree is a fact that holds others, or a leaf. Facts are taken away and put back where they stand.
type tree struct {
	// path is how a golden file names it.
	path string
	// take takes it away; put puts back what was taken last.
	take, put func()
	// parts are its own, the last first, so that taking one away moves none that is still to be looked at.
	parts func() []tree
}

// root is what facts consist of, without the moment at which they are looked at and without what is computed from others.
func (f *facts) root() []tree {
	var list []tree
	for _, part := range []struct {
		path string
		of   any
	}{
		{"scope", &f.scope.Scope.ObjectMeta},
		{"scope.spec", &f.scope.Scope.Spec},
		{"controls", &f.scope.Controls},
		{"risks", &f.scope.Risks},
		{"documents", &f.scope.Documents},
		{"attestations", &f.scope.Attestations},
		{"entries", &f.scope.Entries},
		{"findings", &f.scope.Findings},
		{"namespaces", &f.scope.Namespaces},
		{"cycle", &f.cycle.Cycle.ObjectMeta},
		{"cycle.spec", &f.scope.Cycles[0].Spec},
		{"log.since", &f.cycle.ObservedSince},
		{"log.figures", &f.cycle.Operation},
	} {
		list = append(list, treesOf(reflect.ValueOf(part.of).Elem(), part.path)...)
	}
	return list
}

// whole are types of which a part is no fact.
var whole = []reflect.Type{reflect.TypeFor[time.Time](), reflect.TypeFor[metav1.Time](), reflect.TypeFor[isms.LocalRef]()}

// treesOf are the facts that a value holds: none for what is not there, those of its fields for a structure.
func treesOf(v reflect.Value, path string) []tree {
	if v.IsZero() {
		return nil
	}
	if v.Kind() == reflect.Struct && !slices.Contains(whole, v.Type()) {
		var list []tree
		for i := range v.NumField() {
			field := v.Type().Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "" {
				name = strings.ToLower(field.Name[:1]) + field.Name[1:]
			}
			list = append(list, treesOf(v.Field(i), path+"."+name)...)
		}
		return list
	}
	t := swap(v, path)
	switch v.Kind() {
	case reflect.Pointer:
		if !slices.Contains(whole, v.Type().Elem()) {
			t.parts = func() []tree { return treesOf(v.Elem(), path) }
		}
	case reflect.Slice:
		t.parts = func() []tree { return elements(v, path) }
	}
	return []tree{t}
}

// swap is a fact that is taken away by leaving its place empty.
func swap(v reflect.Value, path string) tree {
	kept := reflect.New(v.Type()).Elem()
	kept.Set(v)
	return tree{path: path, take: v.SetZero, put: func() { v.Set(kept) }, parts: func() []tree { return nil }}
}

// elements are those of a list, the last first.
func elements(list reflect.Value, path string) []tree {
	var trees []tree
	for i := list.Len() - 1; i >= 0; i-- {
		name := fmt.Sprintf("%s[%s]", path, nameOf(list.Index(i), i))
		if slices.ContainsFunc(trees, func(t tree) bool { return t.path == name }) {
			name = fmt.Sprintf("%s[%d]", path, i)
		}
		trees = append(trees, without(list, i, name))
	}
	return trees
}

// without is an element of a list that is taken away with its place.
func without(list reflect.Value, i int, path string) tree {
	kept := reflect.New(list.Type()).Elem()
	return tree{
		path: path,
		take: func() {
			kept.Set(list)
			shorter := reflect.MakeSlice(list.Type(), 0, list.Len())
			for j := range list.Len() {
				if j != i {
					shorter = reflect.Append(shorter, list.Index(j))
				}
			}
			list.Set(shorter)
		},
		put: func() { list.Set(kept) },
		parts: func() []tree {
			if list.Index(i).Kind() == reflect.Struct {
				return treesOf(list.Index(i), path)
			}
			return nil
		},
	}
}

// nameOf names an element as a reader knows it.
func nameOf(element reflect.Value, i int) string {
	switch x := element.Interface().(type) {
	case isms.Control:
		return string(x.Spec.ID)
	case isms.Document:
		return string(x.Spec.Type)
	case isms.Attestation:
		return cmp.Or(string(x.Spec.Type), x.Name, fmt.Sprint(i))
	case metav1.Condition:
		return x.Type
	}
	if element.Kind() == reflect.String {
		return element.String()
	}
	if element.Kind() == reflect.Struct {
		for _, field := range []string{"Name", "ID"} {
			if f := element.FieldByName(field); f.IsValid() && f.Kind() == reflect.String && f.String() != "" {
				return f.String()
			}
		}
	}
	return fmt.Sprint(i)
}

// reduce takes away whatever does not matter, the largest first.
func (f *facts) reduce(stillFine func() bool) {
	var visit func([]tree)
	visit = func(list []tree) {
		for _, t := range list {
			if t.take(); !stillFine() {
				t.put()
				visit(t.parts())
			}
		}
	}
	visit(f.root())
}

// leaves takes away each fact that holds no other, looks, and puts it back.
func (f *facts) leaves(look func(path string)) {
	var visit func([]tree)
	visit = func(list []tree) {
		for _, t := range list {
			if parts := t.parts(); len(parts) > 0 {
				visit(parts)
				continue
			}
			t.take()
			look(t.path)
			t.put()
		}
	}
	visit(f.root())
}

func (f *facts) opens(gates []string) bool { return len(closed(f.assess(), gates)) == 0 }

var inBrackets = regexp.MustCompile(`\[[^\]]*\]`)

// summary writes paths that differ in the names of list elements alone, and do the same, as one line.
func summary(does map[string]string) []string {
	type line struct{ pattern, what string }
	count := map[line]int{}
	names := map[line]string{}
	for path, what := range does {
		l := line{inBrackets.ReplaceAllString(path, "[*]"), what}
		count[l]++
		names[l] = path
	}
	var lines []string
	for l, n := range count {
		text := names[l]
		if n > 1 {
			text = fmt.Sprintf("%s (%d)", l.pattern, n)
		}
		lines = append(lines, strings.TrimSpace(text+"\t"+l.what))
	}
	slices.Sort(lines)
	return lines
}

// copied are facts of which nothing is shared with others.
func (f facts) copied() *facts {
	c := &f
	c.scope.Scope, c.cycle.Cycle = f.scope.Scope.DeepCopy(), f.cycle.Cycle.DeepCopy()
	c.scope.Controls, c.scope.Risks = copies(f.scope.Controls), copies(f.scope.Risks)
	c.scope.Documents, c.scope.Attestations = copies(f.scope.Documents), copies(f.scope.Attestations)
	c.scope.Entries, c.scope.Findings, c.scope.Cycles = copies(f.scope.Entries), copies(f.scope.Findings), copies(f.scope.Cycles)
	log := *f.cycle.Operation
	log.Controls = slices.Clone(log.Controls)
	c.cycle.Operation = &log
	return c
}

func copies[T any, P interface {
	*T
	DeepCopyInto(out *T)
}](list []T) []T {
	out := make([]T, len(list))
	for i := range list {
		P(&list[i]).DeepCopyInto(&out[i])
	}
	return out
}

// smallestFacts are those by which every gate is open, without what could be spared.
var smallestFacts = sync.OnceValue(func() *facts {
	f := allFacts().copied()
	f.reduce(func() bool { return f.opens(everyGate) })
	return f
})

// TestSmallestFacts: none of the smallest facts can be spared, and the golden says which gates each one closes when it alone is
// taken away. `go test -update` writes it anew.
func TestSmallestFacts(t *testing.T) {
	f := smallestFacts().copied()
	closes := map[string]string{}
	f.leaves(func(path string) {
		gates := closed(f.assess(), everyGate)
		if len(gates) == 0 {
			t.Errorf("%s can be spared", path)
		}
		closes[path] = strings.Join(gates, " ")
	})
	golden.Equal(t, filepath.Join("testdata", "smallest-facts.txt"), strings.Join(summary(closes), "\n")+"\n")
}

// TestSmallestFactsOfEachGate: the same for each gate alone: the golden is all that opens it.
func TestSmallestFactsOfEachGate(t *testing.T) {
	gates := append(slices.Clone(cycleConditions), isms.ConditionCertificateValid)
	found := make([]string, len(gates))
	t.Run("gates", func(t *testing.T) {
		for i, gate := range gates {
			t.Run(gate, func(t *testing.T) {
				t.Parallel()
				f := smallestFacts().copied()
				f.reduce(func() bool { return f.opens([]string{gate}) })
				needed := map[string]string{}
				f.leaves(func(path string) {
					if f.opens([]string{gate}) {
						t.Errorf("%s can be spared", path)
					}
					needed[path] = ""
				})
				found[i] = gate + "\n  " + strings.Join(summary(needed), "\n  ") + "\n"
			})
		}
	})
	golden.Equal(t, filepath.Join("testdata", "smallest-facts-of-each-gate.txt"), strings.Join(found, ""))
}
