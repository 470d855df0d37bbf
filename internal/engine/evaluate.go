// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

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
	r := &record{key: s.keyOf(m.GetNamespace(), m.GetName()), plan: s.plan.Load()}
	if r.section = r.plan.section(r.key.Namespace); r.section == nil {
		return r
	}
	subject := s.subject(obj, r.section)
	r.sums = r.section.footing.sums(subject)
	if remembering {
		r.same = s.remembers(r)
	}
	moved := s.learn(r, subject, remembering)
	if !r.section.covered(r.same) {
		missed := s.evaluateAll(r, subject, m)
		moved = !remembering && s.neighbours.listed(r, subject, missed) || moved
	}
	if moved {
		s.sortAnew()
	}
	return r
}

func (c *planColumn) wants(namespace string) bool {
	_, wanted := c.namespaces[namespace]
	return wanted
}

// evaluateAll evaluates the rules that look at the object's namespace, but for those of which nothing has changed, and
// those whose verdict a twin has. It reports whether there was no twin.
func (s *stream) evaluateAll(r *record, subject check.Subject, m metav1.Object) (missed bool) {
	known := r.plan.twins.of(r)
	if known != nil && known.whole && r.same == 0 {
		r.marks = known.marks
		return false
	}
	var labels map[string]string
	if known == nil || r.section.excepts {
		labels = m.GetLabels()
	}
	own := rule.Own(labels)
	if known != nil {
		own = known.own
		if !known.whole {
			subject = subject.For(known.rest)
		}
	}
	r.marks = make([]tally.Mark, len(r.section.columns))
	env := s.env(r.key.Namespace)
	for i, c := range r.section.columns {
		switch {
		case r.same.has(c.class):
			r.marks[i].Code = stands
			continue
		case known.shared(i):
			r.marks[i] = tally.Mark{Code: known.marks[i].Code, Waives: c.waives(r.key, labels)}
			continue
		}
		var n note
		r.marks[i], n = s.mark(c, subject, env, own, r.key, labels)
		if n.err != nil || n.kept != nil || n.deferred != nil {
			n.column = i
			r.notes = append(r.notes, n)
		}
	}
	if known == nil {
		r.plan.twins.keep(r, own)
	}
	return known == nil
}

// excepts says that exceptions are matched against each object.
func (c *planColumn) excepts() bool { return len(c.exceptions) > 0 && c.key.Exceptions != "" }

// waives are the exceptions that match an object.
func (c *planColumn) waives(key tally.Key, labels map[string]string) uint32 {
	if !c.excepts() {
		return 0
	}
	return rule.Waives(c.exceptions, key, labelSet(labels))
}

// keyOf turns the key of a Namespace object, which follows the scope like what is in it.
func (s *stream) keyOf(namespace, name string) tally.Key {
	if s.key.kind == namespaceKind {
		return tally.Key{Namespace: name}
	}
	return tally.Key{Namespace: namespace, Name: name}
}

// subject presents an object to the rules of a section, for which alone an encoded one is decoded.
func (s *stream) subject(obj runtime.Object, x *section) check.Subject {
	switch o := obj.(type) {
	case *unstructured.Unstructured:
		return check.MapSubject(o.Object)
	case *watch.EncodedObject:
		return check.EncodedSubject(o.Data, o.Type, s.key.kind, x.footing.reading)
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
	m.Waives = c.waives(key, labels)
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
