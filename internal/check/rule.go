// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package check compiles the text of one resource rule and evaluates it on objects.
//
// It is pure: no client, no network, no clock. It is the only package that knows CEL. What leaves it about an object is
// a verdict, or the class and the position of an error: never a value of the object, and never run-time text of CEL,
// which echoes values.
package check

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Rule is the text of one resource rule: everything that decides its verdict about an object.
type Rule struct {
	// Kind is the kind of the objects.
	Kind schema.GroupVersionKind
	// Set says that Expect is over the list `objects`, not over one `object`.
	Set bool
	// Where selects the objects that count; empty: all. It reads `object`, also in a Set rule.
	Where string
	// Expect is the test.
	Expect string
	// LabelSelector selects the objects that count, besides Where; nil: all.
	LabelSelector *metav1.LabelSelector
	// Params are the lists of strings that expressions read as params.<name>.
	Params map[string][]string
}

// Default bounds; see docs/design/check.md for how they were chosen.
const (
	// DefaultCostLimit bounds one evaluation about one object, in CEL cost units: what the API server allows per call.
	DefaultCostLimit = 1_000_000
	// DefaultSetCostLimit bounds one evaluation over the list of a Set rule.
	DefaultSetCostLimit = 10_000_000
	// MaxExpressionLength bounds an expression, in characters.
	MaxExpressionLength = 8192
	// maxDepth bounds the height of an expression's tree, with macros expanded.
	maxDepth = 128
	// maxNodes bounds the number of nodes of an expression's tree, with macros expanded.
	maxNodes = 4096
	// maxOptMaps bounds the macros that copy their receiver when they are expanded, so that a chain of them doubles.
	maxOptMaps = 8
)

// Options are the bounds of a rule. The zero value means the defaults.
type Options struct {
	// CostLimit and SetCostLimit bound one evaluation, in CEL cost units; 0: the defaults.
	CostLimit, SetCostLimit uint64
	// AllowConstant accepts an Expect that reads nothing of the object, such as "true". It suits the quantifiers that
	// ask whether an object exists at all (Any, None, AnyPerNamespace); with the others it would be true vacuously.
	AllowConstant bool
	// AlwaysTrack switches the static cost bound off: every evaluation is tracked. For measurements.
	AlwaysTrack bool
}

func (o Options) withDefaults() Options {
	if o.CostLimit == 0 {
		o.CostLimit = DefaultCostLimit
	}
	if o.SetCostLimit == 0 {
		o.SetCostLimit = DefaultSetCostLimit
	}
	return o
}

// Program is a compiled rule. It is immutable and safe for concurrent use.
type Program struct {
	kind           schema.GroupVersionKind
	set            bool
	digest         string
	selector       labels.Selector // nil: none
	where, expect  *expression     // where may be nil
	params         paramsMap
	paths          []Path // of the object
	namespacePaths []Path
	reads          reads
	arithmetic     []arithmetic
	tree           *pathTree
}

// Compile compiles a rule. The error is an *Error: of the first fault found, in the order labelSelector, where, expect.
func Compile(r Rule, o Options) (*Program, error) {
	o = o.withDefaults()
	p := &Program{kind: r.Kind, set: r.Set, params: newParams(r.Params)}
	if err := p.compileSelector(r.LabelSelector); err != nil {
		return nil, err
	}
	w := newWalk(r.Params)
	if strings.TrimSpace(r.Where) != "" {
		e, err := compileExpression(fieldWhere, r.Where, false, o, w)
		if err != nil {
			return nil, err
		}
		p.where = e
	}
	e, err := compileExpression(fieldExpect, r.Expect, r.Set, o, w)
	if err != nil {
		return nil, err
	}
	p.expect = e
	if !o.AllowConstant && !e.readsSubject {
		return nil, &Error{Field: fieldExpect, Line: 1, Column: 1, Message: vacuous(r.Set)}
	}
	if err := w.checkNamespace(); err != nil {
		return nil, err
	}
	if err := w.checkParameterPatterns(); err != nil {
		return nil, err
	}
	p.finish(r, w)
	return p, nil
}

func vacuous(set bool) string {
	if set {
		return "reads nothing of objects, so it cannot be evidence"
	}
	return "reads nothing of the object, so it cannot be evidence"
}

func (p *Program) compileSelector(s *metav1.LabelSelector) error {
	if s == nil || len(s.MatchLabels)+len(s.MatchExpressions) == 0 {
		return nil
	}
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return &Error{Field: fieldSelector, Message: oneLine(err.Error())}
	}
	p.selector = selector
	return nil
}

// finish derives what the rest of the program needs from the walk over both expressions.
func (p *Program) finish(r Rule, w *walk) {
	p.paths, p.namespacePaths = w.object.ends(), w.namespace.ends()
	w.reads.whole = w.object.whole || w.object.shape || w.object.element != nil
	p.tree = kept(w.object, p.selector != nil)
	p.reads, p.arithmetic = w.reads, w.arithmetic
	p.digest = digest(r, p.selector, w.params)
}

// digest is the hexadecimal SHA-256 of the canonical rule.
func digest(r Rule, selector labels.Selector, params map[string]bool) string {
	type param struct {
		Name   string
		Values []string
	}
	canonical := struct {
		Kind                    schema.GroupVersionKind
		Set                     bool
		Where, Expect, Selector string
		Params                  []param
	}{Kind: r.Kind, Set: r.Set, Where: strings.TrimSpace(r.Where), Expect: strings.TrimSpace(r.Expect)}
	if selector != nil {
		canonical.Selector = selector.String()
	}
	for name := range params {
		canonical.Params = append(canonical.Params, param{name, r.Params[name]})
	}
	slices.SortFunc(canonical.Params, func(a, b param) int { return strings.Compare(a.Name, b.Name) })
	data, err := json.Marshal(canonical)
	if err != nil {
		panic(err) // strings, bools and slices of them: cannot fail
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Digest is a stable hexadecimal digest of the canonical rule: kind, Set, expressions, selector, and those parameters
// that the expressions read. Rules with equal digests give equal verdicts about equal objects.
func (p *Program) Digest() string { return p.digest }

// Kind is the kind of the objects that the rule is about.
func (p *Program) Kind() schema.GroupVersionKind { return p.kind }

// Set says whether the rule is evaluated over the list of objects.
func (p *Program) Set() bool { return p.set }

// ReadsNow says whether a verdict may change as time passes.
func (p *Program) ReadsNow() bool { return p.reads.now }

// ReadsNamespace says whether the rule reads namespaceObject.
func (p *Program) ReadsNamespace() bool { return p.reads.namespace }

// ReadsObjectWhole says whether no projection smaller than the whole object is known to give the same verdict.
func (p *Program) ReadsObjectWhole() bool { return p.reads.whole }
