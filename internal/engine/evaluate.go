// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// Evaluate runs on the goroutines of the stream and of listings; it reads the plan and the namespaces, and holds no lock.
func (s *stream) Evaluate(obj runtime.Object) watch.Record { return s.recordOf(obj, false) }

// Reevaluate spares the evaluation of an object of which nothing has changed that any rule reads.
func (s *stream) Reevaluate(obj runtime.Object) watch.Record { return s.recordOf(obj, true) }

func (s *stream) recordOf(obj runtime.Object, remembering bool) *record {
	m, ok := obj.(metav1.Object)
	if !ok {
		return &record{plan: s.plan.Load()}
	}
	r := &record{
		key: s.keyOf(m.GetNamespace(), m.GetName()), plan: s.plan.Load(),
		namespace: types.NamespacedName{Namespace: m.GetNamespace(), Name: m.GetName()},
	}
	if !r.plan.wants(r.key.Namespace) {
		return r
	}
	subject := s.subject(obj)
	r.print = r.plan.footprint.Sum(subject)
	if remembering && s.remembers(r) {
		r.unchanged = true
		return r
	}
	if r.marks = r.plan.twins.marks(r, m.GetLabels()); r.marks == nil {
		s.evaluateAll(r, subject, m.GetLabels())
		r.plan.twins.keep(r)
	}
	return r
}

func (p *plan) wants(namespace string) bool {
	for i := range p.columns {
		if _, wanted := p.columns[i].namespaces[namespace]; wanted {
			return true
		}
	}
	return false
}

// evaluateAll evaluates every rule that looks at the object's namespace.
func (s *stream) evaluateAll(r *record, subject check.Subject, labels map[string]string) {
	r.marks = make([]tally.Mark, len(r.plan.columns))
	env, own := s.env(r.key.Namespace), rule.Own(labels)
	for i := range r.plan.columns {
		c := &r.plan.columns[i]
		if _, wanted := c.namespaces[r.key.Namespace]; !wanted {
			continue
		}
		var n note
		r.marks[i], n = s.mark(c, subject, env, own, r.key, labels)
		if r.marks[i].Code == leftOut || r.marks[i].Code == waiting {
			r.print = 0 // there is no verdict to remember
		}
		if n.err != nil || n.kept != nil || n.deferred != nil {
			n.column = i
			r.notes = append(r.notes, n)
		}
	}
}

// keyOf turns the key of a Namespace object, which follows the scope like what is in it.
func (s *stream) keyOf(namespace, name string) tally.Key {
	if s.key.kind == namespaceKind {
		return tally.Key{Namespace: name}
	}
	return tally.Key{Namespace: namespace, Name: name}
}

func (s *stream) subject(obj runtime.Object) check.Subject {
	if u, ok := obj.(*unstructured.Unstructured); ok {
		return check.MapSubject(u.Object)
	}
	return check.TypedSubject(obj, s.key.kind)
}

func (s *stream) env(name string) check.Env {
	env := check.Env{Now: s.clock.Now(), Spent: new(uint64)}
	if n, ok := s.allNS.get(name); ok {
		env.Namespace = &n.subject
	}
	return env
}

// mark evaluates one rule on one object, unless the rule is suspended or heavy.
func (s *stream) mark(c *planColumn, subject check.Subject, env check.Env, own bool, key tally.Key, labels map[string]string,
) (tally.Mark, note) {
	m := tally.Mark{Code: leftOut}
	var n note
	if c.budget.suspended(key.Namespace) {
		return m, n
	}
	if len(c.exceptions) > 0 && c.key.Exceptions != "" {
		m.Waives = rule.Waives(c.exceptions, key, labelSet(labels))
	}
	if c.budget.isHeavy() {
		if n.deferred = c.putAside(subject, own, m.Waives); n.deferred != nil {
			m.Code = waiting
			return m, n
		}
	}
	r := s.evaluate(c, subject, env, own, key.Namespace)
	m.Code, n.err = r.code, r.err
	if c.keeps && (m.Code != tally.NotSelected || c.program.ReadsNow()) {
		n.kept = c.keep(subject, own, m.Waives)
	}
	return m, n
}

// keep is what the rule reads of an object.
func (c *planColumn) keep(subject check.Subject, own bool, waives uint32) *kept {
	projection, err := c.program.Project(subject)
	if err != nil {
		return nil
	}
	return &kept{subject: check.MapSubject(projection), own: own, waives: waives}
}

// outcome is what an evaluation has come to.
type outcome struct {
	code tally.Code
	err  *check.EvalError
}

// evaluate evaluates one rule on one object and counts what it costs.
func (s *stream) evaluate(c *planColumn, subject check.Subject, env check.Env, own bool, namespace string) outcome {
	var out outcome
	*env.Spent = 0
	out.code, out.err = rule.Evaluate(c.program, c.key.Negate, own, subject, env)
	c.budget.spend(*env.Spent)
	if out.err != nil && out.err.Verdict() == check.Expensive {
		c.budget.exceed(namespace, s.clock.Now())
	}
	return out
}
