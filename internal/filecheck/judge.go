// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
)

func labelSet(m map[string]string) labels.Set { return labels.Set(m) }

// where are the namespaces whose objects a rule counts.
func (e *evaluation) where(s *slot, sc *scope) []string {
	if !s.stream.namespaced && s.Kind.Kind != "Namespace" {
		return []string{""}
	}
	return e.namespaces(sc)
}

// snapshot is what is known about one rule, as the engine would say it.
func (e *evaluation) snapshot(s *slot, sc *scope) tally.Snapshot {
	if s.unavailable != "" {
		return tally.Snapshot{Unavailable: s.unavailable, Message: s.message}
	}
	namespaces := e.where(s, sc)
	switch {
	case slices.ContainsFunc(namespaces, func(n string) bool { return s.column.expensive[n] }):
		return tally.Snapshot{
			Unavailable: isms.ReasonCostExceeded, Message: rule.CostExceededMessage(strings.Join(s.column.errorsIn(namespaces), "; ")),
		}
	case s.column.keptCount > rule.DefaultKept:
		return tally.Snapshot{Unavailable: isms.ReasonTooManyObjects, Message: rule.TooManyObjectsMessage(rule.DefaultKept)}
	}
	out := tally.Snapshot{Counts: e.count(s, namespaces)}
	var setErr *check.EvalError
	if s.Program.Set() {
		var v check.Verdict
		if out.Counts, v, setErr = e.countSet(s, namespaces, out.Counts); v == check.Expensive {
			return tally.Snapshot{Unavailable: isms.ReasonCostExceeded, Message: rule.CostExceededMessage(setErr.Error())}
		}
	}
	if out.Counts.Subjects == 0 || s.PerNamespace() && !s.stream.present {
		if reason, message := e.unmatched(s); reason != "" {
			return tally.Snapshot{Unavailable: reason, Message: message}
		}
	}
	switch {
	case out.Counts.Errors == 0:
	case setErr != nil:
		out.Message = setErr.Error()
	default:
		out.Message = strings.Join(s.column.errorsIn(namespaces), "; ")
	}
	return out
}

func (c *column) errorsIn(namespaces []string) rule.Classes {
	met := make([]rule.Classes, 0, len(namespaces))
	for _, n := range namespaces {
		met = append(met, c.errors[n])
	}
	return rule.Join(met...)
}

func (e *evaluation) query(s *slot, namespaces []string) tally.Query {
	q := tally.Query{Namespaces: namespaces, PerNamespace: s.PerNamespace(), Names: true}
	q.Active, q.Exceptions = s.Active(e.options.Now)
	if q.PerNamespace {
		q.NamespaceWaives = func(n string) uint32 {
			return rule.Waives(s.Exceptions, tally.Key{Namespace: n}, e.labelsOf(n))
		}
	}
	return q
}

func (e *evaluation) labelsOf(namespace string) labels.Set {
	if n, ok := e.found.namespaces[namespace]; ok {
		return n.object.Labels
	}
	return nil
}

func (e *evaluation) count(s *slot, namespaces []string) tally.Counts {
	counts := s.stream.table.Count(s.column, e.query(s, namespaces))
	for i := range counts.Failures {
		counts.Failures[i].Name = parseSpot(counts.Failures[i].Name).shown()
	}
	return counts
}

func (e *evaluation) countSet(s *slot, namespaces []string, selected tally.Counts) (tally.Counts, check.Verdict, *check.EvalError) {
	switch {
	case selected.Errors > 0:
		return tally.Counts{Subjects: 1, Errors: 1}, check.Errored, nil
	case selected.Subjects == 0:
		return tally.Counts{}, check.NotSelected, nil
	}
	type keyed struct {
		tally.Key
		member
	}
	var list []keyed
	for id, m := range s.column.kept {
		if key := s.stream.table.KeyOf(id); slices.Contains(namespaces, key.Namespace) && s.stream.table.Get(s.column, id).Code == tally.Passing {
			list = append(list, keyed{key, m})
		}
	}
	slices.SortFunc(list, func(a, b keyed) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	var all, others []check.Subject
	for _, k := range list {
		all = append(all, k.subject)
		if !k.own {
			others = append(others, k.subject)
		}
	}
	v, err := rule.EvaluateSet(s.Program, all, others, check.Env{Now: e.options.Now})
	return rule.SetCounts(v), v, err
}
