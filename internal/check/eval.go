// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"sync"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"
)

// Env is what an evaluation may read besides the object.
type Env struct {
	// Namespace is the Namespace of the object; nil: there is none that may be read. It may be shared by goroutines.
	Namespace *Subject
	// Now is the time of the evaluation.
	Now time.Time
	// Spent, where it is not nil, receives what tracked expressions cost, in units of CEL; an untracked one adds nothing.
	Spent *uint64
}

// Verdict is the outcome of one evaluation.
type Verdict uint8

// The verdicts.
const (
	NotSelected Verdict = iota // the selector or where leaves the object out
	Satisfied                  // expect is true
	Unsatisfied                // expect is false
	Errored                    // where or expect ended in an error
	Expensive                  // the cost limit was exceeded
	Cancelled                  // the caller's context ended the evaluation: no verdict
)

// String names the verdict.
func (v Verdict) String() string {
	return [...]string{"NotSelected", "Satisfied", "Unsatisfied", "Errored", "Expensive", "Cancelled"}[v]
}

// Verdict is Expensive, Cancelled or Errored.
func (e *EvalError) Verdict() Verdict {
	switch e.Class {
	case Cost:
		return Expensive
	case Interrupted:
		return Cancelled
	}
	return Errored
}

// Eval evaluates the rule about one object: selector, where, expect. The error is there for Errored, Expensive and
// Cancelled. It is not for Set rules.
func (p *Program) Eval(ctx context.Context, s Subject, e Env) (Verdict, *EvalError) {
	if err := s.unreadable(); err != nil {
		return err.Verdict(), err
	}
	a := activate(p, e)
	defer a.release()
	a.object, a.size = s.native(), s
	if selected, err := p.selects(ctx, a, s); err != nil {
		return err.Verdict(), err
	} else if !selected {
		return NotSelected, nil
	}
	return p.expect.verdict(ctx, a)
}

// Selects evaluates labelSelector and where alone, for Set rules. The error is that of where.
func (p *Program) Selects(ctx context.Context, s Subject, e Env) (bool, *EvalError) {
	if err := s.unreadable(); err != nil {
		return false, err
	}
	a := activate(p, e)
	defer a.release()
	a.object, a.size = s.native(), s
	return p.selects(ctx, a, s)
}

// EvalSet evaluates expect of a Set rule over the objects that were selected.
func (p *Program) EvalSet(ctx context.Context, objects []Subject, e Env) (Verdict, *EvalError) {
	a := activate(p, e)
	defer a.release()
	values := make([]ref.Val, len(objects))
	for i, s := range objects {
		values[i] = s.decoded().value
	}
	a.objects = types.NewRefValList(adapter, values)
	return p.expect.verdict(ctx, a)
}

func (p *Program) selects(ctx context.Context, a *activation, s Subject) (bool, *EvalError) {
	if p.selector != nil && !p.selector.Matches(s.labels()) {
		return false, nil
	}
	if p.where == nil {
		return true, nil
	}
	return p.where.test(ctx, a)
}

func (e *expression) verdict(ctx context.Context, a *activation) (Verdict, *EvalError) {
	ok, err := e.test(ctx, a)
	switch {
	case err != nil:
		return err.Verdict(), err
	case ok:
		return Satisfied, nil
	}
	return Unsatisfied, nil
}

// test evaluates the expression to a bool.
func (e *expression) test(ctx context.Context, a *activation) (bool, *EvalError) {
	if ctx.Err() != nil {
		return false, &EvalError{Class: Interrupted, Field: e.field}
	}
	out, err := e.run(ctx, a)
	if err != nil {
		return false, e.evalError(err)
	}
	b, ok := out.(types.Bool)
	if !ok {
		return false, &EvalError{Class: NotBool, Field: e.field}
	}
	return bool(b), nil
}

// run takes the untracked program where the static bound for an object of this size is within the limit.
func (e *expression) run(ctx context.Context, a *activation) (ref.Val, error) {
	if e.fast != nil && e.bound.within(e.limit, a.size) {
		out, _, err := e.fast.Eval(a)
		return out, err
	}
	out, details, err := e.tracked.ContextEval(ctx, a)
	if a.spent != nil {
		*a.spent += e.spent(details, err)
	}
	return out, err
}

// spent is what a tracked evaluation has cost.
func (e *expression) spent(details *cel.EvalDetails, err error) uint64 {
	if err != nil && classify(err) == Cost {
		return e.limit
	}
	if details != nil && details.ActualCost() != nil {
		return *details.ActualCost()
	}
	return 0
}

// activation resolves the variables of one evaluation.
type activation struct {
	object, objects any
	namespace       *Subject
	params          ref.Val
	now             time.Time
	size            sizer
	spent           *uint64
}

// sizer measures the object, once and only when asked.
type sizer interface{ size() int }

var activations = sync.Pool{New: func() any { return new(activation) }}

func activate(p *Program, e Env) *activation {
	a, _ := activations.Get().(*activation)
	a.params, a.now, a.namespace, a.spent = p.params.value, e.Now, e.Namespace, e.Spent
	return a
}

func (a *activation) release() {
	*a = activation{}
	activations.Put(a)
}

var _ cel.Activation = (*activation)(nil)

// Parent implements cel.Activation.
func (a *activation) Parent() interpreter.Activation { return nil }

// ResolveName implements cel.Activation.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case varObject:
		return a.object, a.object != nil
	case varObjects:
		return a.objects, a.objects != nil
	case varParams:
		return a.params, true
	case varNow:
		return types.Timestamp{Time: a.now}, true
	case varNamespace:
		if a.namespace == nil {
			return types.WrapErr(errNoNamespace), true // a new one each time: CEL writes the position into it
		}
		return a.namespace.shared(), true
	}
	return nil, false
}

// paramsMap is the value of `params`.
type paramsMap struct{ value ref.Val }

func newParams(params map[string][]string) paramsMap {
	values := make(map[string][]string, len(params))
	for name, list := range params {
		values[name] = append([]string{}, list...)
	}
	return paramsMap{types.DefaultTypeAdapter.NativeToValue(values)}
}
