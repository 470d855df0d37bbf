// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package explain says why a control is as it is: it evaluates each rule again, on the objects that it is handed, with the
// evaluation of the operator, and names every object that fails and the part of the expression that does not hold. It is
// pure, and says nothing of an object but its name.
package explain

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// World is where rules are evaluated.
type World struct {
	// Namespaces are those that may be seen, by name, with their labels. InScope are those of the scope, sorted.
	Namespaces map[string]*unstructured.Unstructured
	InScope    []string
	// Parameters are those of the control, as rule.Parameters gives them.
	Parameters map[string][]string
	Now        time.Time
}

// Evaluation evaluates one rule, object by object.
type Evaluation struct {
	rule  rule.Rule
	world World
	// parts of the expression, each compiled by itself; empty where it has one alone, or can't be told apart.
	parts   []string
	single  []rule.Rule
	table   *tally.Table[string]
	inScope map[string]bool
	failing []Subject // objects
	errors  []Subject
	classes rule.Classes
	members []member
	costly  bool
}

// member is an object of a Set rule.
type member struct {
	key     tally.Key
	subject check.Subject
	own     bool
}

// Subject is an object, or a namespace, that does not do what a rule wants.
type Subject struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	// Unmet are the parts of the expression that do not hold for it; empty where it has one alone, or must not hold.
	Unmet []string `json:"unmet,omitempty"`
	// Error is the class and the position of an error in the expression.
	Error string `json:"error,omitempty"`
	// WaivedBy names the exception that waives the failure.
	WaivedBy string `json:"waivedBy,omitempty"`
	// Objects are those of a namespace that were looked at, where one of them had to satisfy the rule.
	Objects []Subject `json:"objects,omitempty"`
}

// Result is what a rule says of all objects that were handed to it.
type Result struct {
	Result isms.EvidenceResult `json:"result"`
	Reason string              `json:"reason"`
	// Subjects = Passing + Failing + Errors + Waived, as in a status.
	Subjects int `json:"subjects"`
	Passing  int `json:"passing"`
	Failing  int `json:"failing"`
	Errors   int `json:"errors"`
	Waived   int `json:"waived"`
	// Failures are all that fail, also those that are waived, then those on which the rule could not be evaluated.
	Failures []Subject `json:"failures,omitempty"`
}

const column = "rule"

// New begins the evaluation of an evidence item that is a rule on objects.
func New(item isms.EvidenceItem, exceptions []isms.Exception, w World) *Evaluation {
	e := &Evaluation{
		rule: rule.New(item, w.Parameters, exceptions, check.Options{}), world: w, table: tally.NewTable[string](), inScope: map[string]bool{},
	}
	e.table.AddColumn(column)
	for _, n := range w.InScope {
		e.inScope[n] = true
	}
	if e.rule.Invalid == "" && item.Resources.Quantifier != isms.QuantifierNone && item.Resources.Quantifier != isms.QuantifierSet {
		e.split(item, exceptions)
	}
	return e
}

// NotServed is the result of an item whose kind the cluster does not serve.
func NotServed(item isms.EvidenceItem) Result {
	verdict := tally.Judge(tally.PolicyOf(item.Resources), tally.Snapshot{Unavailable: isms.ReasonKindNotServed})
	return Result{Result: verdict.Result, Reason: verdict.Reason}
}

// Invalid says why the rule can't be evaluated as it is written; empty where it can.
func (e *Evaluation) Invalid() string { return e.rule.Invalid }

// split compiles the parts of the expression by themselves.
func (e *Evaluation) split(item isms.EvidenceItem, exceptions []isms.Exception) {
	all := parts(item.Resources.Expect)
	if len(all) < 2 {
		return
	}
	for _, part := range all {
		one := *item.DeepCopy()
		one.Resources.Where, one.Resources.LabelSelector, one.Resources.Expect = "", nil, part
		one.Resources.Quantifier = isms.QuantifierAny // of which a constant is allowed
		compiled := rule.New(one, e.world.Parameters, exceptions, check.Options{})
		if compiled.Program == nil {
			e.parts, e.single = nil, nil
			return
		}
		e.parts, e.single = append(e.parts, part), append(e.single, compiled)
	}
}

// Add evaluates the rule on an object. Those outside the namespaces in scope are passed over.
func (e *Evaluation) Add(object *unstructured.Unstructured) {
	key := tally.Key{Namespace: object.GetNamespace(), Name: object.GetName()}
	if e.rule.Kind.Group == "" && e.rule.Kind.Kind == "Namespace" {
		key = tally.Key{Namespace: object.GetName()}
	}
	if key.Namespace != "" && !e.inScope[key.Namespace] {
		return
	}
	subject, env := check.MapSubject(object.Object), check.Env{Now: e.world.Now}
	if n := e.world.Namespaces[key.Namespace]; n != nil {
		namespace := check.MapSubject(n.Object)
		env.Namespace = &namespace
	}
	own := rule.Own(object.GetLabels())
	code, err := rule.Evaluate(e.rule.Program, e.rule.Key().Negate, own, subject, env)
	mark := tally.Mark{Code: code}
	if !e.rule.PerNamespace() {
		mark.Waives = rule.Waives(e.rule.Exceptions, key, labels.Set(object.GetLabels()))
	}
	e.table.Set(column, e.table.Touch(key), mark)
	switch {
	case err != nil:
		e.costly = e.costly || err.Verdict() == check.Expensive
		e.classes.Add(err)
		e.errors = append(e.errors, Subject{Namespace: key.Namespace, Name: key.Name, Error: err.Error()})
	case code == tally.Failing:
		e.failing = append(e.failing, Subject{
			Namespace: key.Namespace, Name: key.Name, Unmet: e.unmet(subject, env), WaivedBy: e.waivedBy(mark.Waives),
		})
	case code == tally.Passing && e.rule.Program.Set():
		e.members = append(e.members, member{key, subject, own})
	}
}

// unmet are the parts of the expression that do not hold for an object. A part that can't be evaluated is none of them: it
// mostly rests on one before it, such as on that a field is there, and && passes over it.
func (e *Evaluation) unmet(subject check.Subject, env check.Env) []string {
	var found []string
	for i, r := range e.single {
		if code, _ := rule.Evaluate(r.Program, false, false, subject, env); code == tally.Failing {
			found = append(found, e.parts[i])
		}
	}
	return found
}

// waivedBy names the first exception that waives and has not expired.
func (e *Evaluation) waivedBy(bits uint32) string {
	active, names := e.rule.Active(e.world.Now)
	for i, name := range names {
		if bits&active&(1<<i) != 0 {
			return name
		}
	}
	return ""
}

// Result judges what was added.
func (e *Evaluation) Result() Result {
	q := tally.Query{Namespaces: []string{""}, PerNamespace: e.rule.PerNamespace(), NamespaceWaives: e.namespaceWaives}
	q.Namespaces = append(q.Namespaces, e.world.InScope...)
	if q.PerNamespace {
		q.Namespaces = e.world.InScope
	}
	q.Active, q.Exceptions = e.rule.Active(e.world.Now)
	counts := e.table.Count(column, q)
	if e.rule.Program.Set() {
		counts = e.set(counts)
	}
	snapshot := tally.Snapshot{Counts: counts}
	if e.costly {
		snapshot = tally.Snapshot{Unavailable: isms.ReasonCostExceeded}
	}
	verdict := tally.Judge(tally.PolicyOf(&e.rule.Spec), snapshot)
	out := Result{
		Result: verdict.Result, Reason: verdict.Reason, Subjects: counts.Subjects, Passing: counts.Passing, Failing: counts.Failing,
		Errors: counts.Errors, Waived: counts.Waived,
	}
	switch {
	case q.PerNamespace:
		out.Failures = e.namespaces()
	case e.rule.Spec.Quantifier == isms.QuantifierAny && counts.Passing > 0:
		out.Failing = 0 // One object that satisfies is enough; the others have not failed.
	default:
		out.Failures = append(ordered(e.failing), ordered(e.errors)...)
	}
	return out
}

func (e *Evaluation) namespaceWaives(name string) uint32 {
	var l labels.Set
	if n := e.world.Namespaces[name]; n != nil {
		l = n.GetLabels()
	}
	return rule.Waives(e.rule.Exceptions, tally.Key{Namespace: name}, l)
}

// set turns the counts of selected objects into those of a Set rule, whose one subject is the list.
func (e *Evaluation) set(selected tally.Counts) tally.Counts {
	switch {
	case selected.Errors > 0:
		return tally.Counts{Subjects: 1, Errors: 1}
	case selected.Subjects == 0:
		return tally.Counts{}
	}
	slices.SortFunc(e.members, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.key.Namespace, b.key.Namespace), cmp.Compare(a.key.Name, b.key.Name))
	})
	var all, others []check.Subject
	for _, m := range e.members {
		all = append(all, m.subject)
		if !m.own {
			others = append(others, m.subject)
		}
	}
	verdict, err := rule.EvaluateSet(e.rule.Program, all, others, check.Env{Now: e.world.Now})
	if err != nil {
		e.costly = err.Verdict() == check.Expensive
		e.errors = append(e.errors, Subject{Error: err.Error()})
	}
	return rule.SetCounts(verdict)
}

// namespaces are those in scope in which no object satisfies the rule, each with the objects that were looked at.
func (e *Evaluation) namespaces() []Subject {
	var found []Subject
	for _, name := range e.world.InScope {
		counts := e.table.Count(column, tally.Query{Namespaces: []string{name}})
		if counts.Passing > 0 {
			continue
		}
		s := Subject{Namespace: name, WaivedBy: e.waivedBy(e.namespaceWaives(name))}
		in := func(x Subject) bool { return x.Namespace != name }
		s.Objects = append(slices.DeleteFunc(ordered(e.failing), in), slices.DeleteFunc(ordered(e.errors), in)...)
		found = append(found, s)
	}
	return found
}

func ordered(list []Subject) []Subject {
	return slices.SortedFunc(slices.Values(list), func(a, b Subject) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}

// Metadata leaves of an object of a kind that is never read whole what a rule may read: no data, no annotations.
func Metadata(object *unstructured.Unstructured) *unstructured.Unstructured {
	kept := &unstructured.Unstructured{Object: map[string]any{"apiVersion": object.GetAPIVersion(), "kind": object.GetKind()}}
	if metadata, ok := object.Object["metadata"].(map[string]any); ok {
		kept.Object["metadata"] = metadata
	}
	kept.SetAnnotations(nil)
	kept.SetManagedFields([]metav1.ManagedFieldsEntry(nil))
	return kept
}
