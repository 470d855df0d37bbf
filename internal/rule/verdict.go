// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"context"
	"slices"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// PartOfLabel and PartOfValue mark the operator's own objects. They never satisfy a rule, and can fail one.
const (
	PartOfLabel = "app.kubernetes.io/part-of"
	PartOfValue = "isms-operator"
)

// Own says whether an object with these labels is the operator's own.
func Own(labels map[string]string) bool { return labels[PartOfLabel] == PartOfValue }

// Code turns a verdict to what the rule wants; negate is Key.Negate. An object of the operator itself never satisfies
// anything.
func Code(v check.Verdict, negate, own bool) tally.Code {
	pass := v == check.Satisfied
	switch v {
	case check.Satisfied, check.Unsatisfied:
		if pass != negate {
			if own {
				return tally.NotSelected
			}
			return tally.Passing
		}
		return tally.Failing
	case check.Errored, check.Expensive:
		return tally.Errored
	case check.NotSelected:
	}
	return tally.NotSelected
}

// Evaluate evaluates a rule on one object. Of a Set rule it says whether the object is one of the set.
func Evaluate(p *check.Program, negate, own bool, subject check.Subject, env check.Env) (tally.Code, *check.EvalError) {
	ctx := context.Background() // bounded by cost, not by time: a verdict must not depend on load
	if !p.Set() {
		v, err := p.Eval(ctx, subject, env)
		return Code(v, negate, own), err
	}
	selected, err := p.Selects(ctx, subject, env)
	switch {
	case err != nil:
		return tally.Errored, err
	case selected:
		return tally.Passing, nil
	}
	return tally.NotSelected, nil
}

// EvaluateSet evaluates a Set rule over the selected objects. Others are those that are not the operator's own: these
// never satisfy anything, and must not hide others either. A rule that holds of nothing, where nothing but the
// operator's own is there, is NotSelected: there is no list to speak of.
func EvaluateSet(p *check.Program, all, others []check.Subject, env check.Env) (check.Verdict, *check.EvalError) {
	v, err := p.EvalSet(context.Background(), all, env)
	if v == check.Satisfied && len(others) < len(all) {
		v, err = p.EvalSet(context.Background(), others, env)
		if v == check.Satisfied && len(others) == 0 {
			return check.NotSelected, nil
		}
	}
	return v, err
}

// SetCounts are the counts of a Set rule, whose one subject is the list, by its verdict.
func SetCounts(v check.Verdict) tally.Counts {
	out := tally.Counts{Subjects: 1}
	switch v {
	case check.NotSelected:
		return tally.Counts{}
	case check.Satisfied:
		out.Passing = 1
	case check.Unsatisfied:
		out.Failing = 1
	case check.Errored, check.Expensive:
		out.Errors = 1
	}
	return out
}

// maxClasses bounds the kinds of evaluation errors that are remembered of a rule.
const maxClasses = 3

// Classes are the kinds of evaluation errors that a rule has met, with their position in the rule: never a value. They
// are sorted.
type Classes []string

// Add remembers the class of an error.
func (c *Classes) Add(err *check.EvalError) {
	text := err.Error()
	if i, found := slices.BinarySearch(*c, text); !found && len(*c) < maxClasses {
		*c = slices.Insert(*c, i, text)
	}
}

// Join puts classes of several namespaces together.
func Join(all ...Classes) Classes {
	out := slices.Concat(all...)
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), maxClasses)]
}
