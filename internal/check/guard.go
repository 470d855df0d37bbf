// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/decls"
	"github.com/google/cel-go/common/functions"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"
)

// CEL counts a call when it has ended, so a call that takes minutes, or all memory, would do so within the limit. The guard
// asks before a call what it will cost and ends the evaluation instead where that is beyond the limit. The functions are
// those whose time or result can be far larger than their arguments, and those that walk values of any shape, because
// [[x, x], [x, x]] can be nested until it has more leaves than could ever be visited.
var guardedFunctions = []string{
	operators.Equals, operators.NotEquals, operators.In, operators.Add,
	"sets.contains", "sets.equivalent", "sets.intersects", "distinct", "sort", "@sortByAssociatedKeys", "isSorted", "sum", "min", "max",
	"flatten", "reverse", "slice", "includes", "indexOf", "lastIndexOf", "lists.range",
	"join", "replace", "format", "matches", "find", "findAll", "validate", "quantity", "isQuantity",
}

// guardedUntracked are those that no static bound covers: what they take depends on the value of a number in a text.
var guardedUntracked = []string{"quantity", "isQuantity"}

// costedByLibrary are those for which a library counts costs of its own, by overload: less than demand does.
var costedByLibrary = []string{
	"sets.contains", "sets.equivalent", "sets.intersects", "distinct", "sort", "@sortByAssociatedKeys", "flatten", "reverse", "slice",
	"lists.range",
}

// boundedPattern is added to the names of functions on regular expressions, lest CEL's optimizer replace the guarded call.
const boundedPattern = " (bounded)"

// bindings are the implementations of an environment's functions, by overload and by function.
type bindings map[string]*functions.Overload

func bindingsOf(e *cel.Env) bindings {
	out := bindings{}
	for _, name := range guardedFunctions {
		decl := e.Functions()[name]
		overloads, err := decl.Bindings()
		if err != nil {
			panic("check: the CEL environment is misconfigured: " + err.Error())
		}
		for _, o := range overloads {
			out[o.Operator] = o
		}
	}
	return out
}

// objectBindings and setBindings are made once, as the environments are.
var (
	objectBindings = sync.OnceValue(func() bindings { return bindingsOf(env().object) })
	setBindings    = sync.OnceValue(func() bindings { return bindingsOf(env().set) })
)

// guard decorates the calls of functions so that they are refused where they would exceed the limit.
type guard struct {
	functions []string
	bindings  bindings
	costs     *runtimeCosts
}

func newGuard(functions []string, set bool, limit uint64) cel.ProgramOption {
	g := &guard{functions: functions, bindings: objectBindings(), costs: &runtimeCosts{limit: limit}}
	if set {
		g.bindings = setBindings()
	}
	return cel.CustomDecoratorV2(g.decorate)
}

func (g *guard) decorate(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, ok := i.(interpreter.InterpretableCall)
	if !ok || !slices.Contains(g.functions, call.Function()) {
		return i, nil
	}
	impl := g.implementation(call)
	if impl == nil {
		return i, nil
	}
	name, overload := call.Function(), call.OverloadID()
	switch {
	case slices.Contains(patternFunctions, name):
		name, overload = name+boundedPattern, ""
	case slices.Contains(costedByLibrary, name):
		overload = ""
	}
	function := call.Function()
	return interpreter.NewCall(call.ID(), name, overload, call.Args(), func(args ...ref.Val) ref.Val {
		if endlessQuantity(function, args) {
			if function == "isQuantity" {
				return types.False
			}
			return types.NewErr("quantities must match a range that can be computed")
		}
		if g.costs.demand(function, args) > g.costs.limit {
			// As CEL's own tracker does; Eval recovers it.
			panic(interpreter.EvalCancelledError{Cause: interpreter.CostLimitExceeded, Message: "the call would exceed the cost limit"})
		}
		return impl(args...)
	}), nil
}

// implementation is what a call calls.
func (g *guard) implementation(call interpreter.InterpretableCall) functions.FunctionOp {
	switch call.Function() {
	case operators.Equals:
		return func(args ...ref.Val) ref.Val { return types.Equal(args[0], args[1]) }
	case operators.NotEquals:
		return func(args ...ref.Val) ref.Val { return types.Bool(types.Equal(args[0], args[1]) != types.True) }
	case "matches":
		if re := constantPattern(call); re != nil {
			return func(args ...ref.Val) ref.Val {
				if s, ok := matchable(args[0]); ok {
					return types.Bool(re.MatchString(s))
				}
				return types.NoSuchOverloadErr() // without a position, as untracked
			}
		}
	}
	o := g.bindings[call.OverloadID()]
	if o == nil {
		o = g.bindings[call.Function()]
	}
	return g.dispatch(call.Function(), len(call.Args()), o)
}

// dispatch calls the implementation for the number of arguments, and checks what CEL's own call checks before.
func (g *guard) dispatch(function string, n int, o *functions.Overload) functions.FunctionOp {
	if o == nil {
		return nil
	}
	var impl functions.FunctionOp
	switch {
	case n == 1 && o.Unary != nil:
		impl = func(args ...ref.Val) ref.Val { return o.Unary(args[0]) }
	case n == 2 && o.Binary != nil:
		impl = func(args ...ref.Val) ref.Val { return o.Binary(args[0], args[1]) }
	case o.Function != nil:
		impl = o.Function
	default:
		return nil
	}
	return func(args ...ref.Val) ref.Val {
		if o.OperandTrait != 0 && !args[0].Type().HasTrait(o.OperandTrait) {
			return decls.MaybeNoSuchOverload(function, args...)
		}
		return impl(args...)
	}
}

// constantPattern is the regular expression of a call, compiled once, where it is a literal.
func constantPattern(call interpreter.InterpretableCall) *regexp.Regexp {
	c, ok := call.Args()[1].(interpreter.InterpretableConst)
	if !ok {
		return nil
	}
	text, ok := c.Value().(types.String)
	if !ok {
		return nil
	}
	re, err := regexp.Compile(string(text))
	if err != nil {
		return nil
	}
	return re
}

// matchable is the text that CEL's optimizer would match: it looks into optionals, and takes a type for its name.
func matchable(v ref.Val) (string, bool) {
	switch v := v.(type) {
	case types.String:
		return string(v), true
	case *types.Type:
		return v.TypeName(), true
	case *types.Optional:
		if v.HasValue() {
			return matchable(v.GetValue())
		}
	}
	return "", false
}

// maxExponent is the number of digits of a quantity's decimal exponent that is still computed: the parser writes the
// number out, digit by digit, so that "1e-2147483647" would take for ever.
const maxExponent = 3

func endlessQuantity(function string, args []ref.Val) bool {
	if function != "quantity" && function != "isQuantity" {
		return false
	}
	text, ok := args[0].(types.String)
	if !ok {
		return false
	}
	_, exponent, _ := strings.Cut(strings.ToLower(string(text)), "e")
	return len(strings.TrimLeft(exponent, "+-0")) > maxExponent
}
