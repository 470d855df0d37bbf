// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// bound is an upper bound of the cost of an expression, linear in the size of the object (see subject.size): where it
// is within the limit, the evaluation need not be tracked, which halves its time.
//
// A linear bound exists when every loop ranges over a constant list, over a part of the object outside all loops, or over a
// part of the innermost loop's own variable (then all iterations together visit no element twice), and when every operation
// whose cost grows with its operands works on constants or, inside a loop, on parts of that loop's variable.
// Everything else, and every function that is not named here, is tracked.
type bound struct {
	ok                bool
	constant, perSize float64
}

// expansion bounds how much longer a string is in JSON than what the object's size counts for it: a time of four
// bytes becomes 27 characters.
const expansion = 8

// longestScalar is the length of the longest number, bool, duration or time as text.
const longestScalar = 40

// within says that the bound holds for an object and is below the limit.
func (b bound) within(limit uint64, s sizer) bool {
	if b.perSize == 0 {
		return b.constant <= float64(limit)
	}
	return s != nil && b.constant+b.perSize*float64(s.size()) <= float64(limit)
}

// origin says how large a value may be.
type origin struct {
	kind originKind
	// size is the number of elements or characters of a constant.
	size float64
	// level is the number of loops over the object around the variable that a part is rooted in; 0: the object itself.
	level int
	// more is how often a part may be as large as what it is rooted in, beyond once: parts may be added to each other.
	more float64
	// computed says that a constant was put together, so that as a regular expression it may be larger than its parts.
	computed bool
}

// maxMore bounds what is still a part: variables that are bound to sums of themselves double.
const maxMore = 16

// copies is how often a part may be as large as what it is rooted in.
func (o origin) copies() float64 { return 1 + o.more }

type originKind uint8

const (
	constant  originKind = iota
	part                 // of the object: all of them together are no larger than it
	unbounded            // anything else
)

// coster adds up the bound of one expression.
type coster struct {
	bound
	params map[string][]string
	times  float64 // how often constant loops repeat the current node
	depth  int     // loops over the object around the current node
	ast    *ast.AST
}

func staticBound(a *ast.AST, params map[string][]string) bound {
	c := &coster{bound: bound{ok: true}, params: params, times: 1, ast: a}
	c.eval(a.Expr(), nil)
	return c.bound
}

// vars are the variables in scope.
type vars struct {
	parent *vars
	name   string
	origin origin
}

func (v *vars) lookup(name string) (origin, bool) {
	for ; v != nil; v = v.parent {
		if v.name == name {
			return v.origin, true
		}
	}
	return origin{}, false
}

// visit adds the cost of a node that costs the same each time it is evaluated.
func (c *coster) visit(cost float64) {
	if c.depth == 0 {
		c.constant += cost * c.times
	} else {
		c.perSize += cost * c.times / 2 // an element takes two units of size at least
	}
}

// traverse adds the cost of an operation that costs factor per element or character of o.
func (c *coster) traverse(o origin, factor float64) {
	switch {
	case o.kind == constant:
		c.visit(1 + o.size*factor)
	case o.kind == part && o.level == c.depth:
		c.visit(1)
		c.perSize += factor * expansion * c.times * o.copies()
	default:
		c.ok = false
	}
}

func (c *coster) eval(x ast.Expr, v *vars) origin {
	switch x.Kind() {
	case ast.LiteralKind:
		return literal(x)
	case ast.IdentKind:
		c.visit(2)
		return c.ident(x, v)
	case ast.SelectKind:
		c.visit(2)
		return c.selection(x, v)
	case ast.CallKind:
		return c.call(x, c.args(x, v))
	case ast.ListKind, ast.MapKind:
		c.visit(31)
		return c.literals(x, v)
	case ast.ComprehensionKind:
		return c.loop(x.AsComprehension(), v)
	}
	c.ok = false
	return origin{kind: unbounded}
}

func literal(x ast.Expr) origin {
	switch l := x.AsLiteral().(type) {
	case types.String:
		return origin{size: float64(len(l))}
	case types.Bytes:
		return origin{size: float64(len(l))}
	}
	return origin{size: 1}
}

func (c *coster) ident(x ast.Expr, v *vars) origin {
	if o, ok := v.lookup(x.AsIdent()); ok {
		return o
	}
	switch x.AsIdent() {
	case varObject:
		return origin{kind: part}
	case varNow:
		return origin{size: 1}
	}
	return origin{kind: unbounded}
}

func (c *coster) selection(x ast.Expr, v *vars) origin {
	sel := x.AsSelect()
	if isParams(sel.Operand(), v) {
		return c.param(sel.FieldName())
	}
	return c.eval(sel.Operand(), v)
}

func isParams(x ast.Expr, v *vars) bool {
	if x.Kind() != ast.IdentKind || x.AsIdent() != varParams {
		return false
	}
	_, shadowed := v.lookup(varParams)
	return !shadowed
}

// param is as large as the longest of its values or their number.
func (c *coster) param(name string) origin {
	size := len(c.params[name])
	for _, s := range c.params[name] {
		size = max(size, len(s))
	}
	return origin{size: float64(size)}
}

func (c *coster) args(x ast.Expr, v *vars) []origin {
	out := make([]origin, 0, 3)
	for _, a := range children(x) {
		if isParams(a, v) { // params["name"]: the checker of paths has seen that the name is a literal
			out = append(out, origin{kind: unbounded})
			continue
		}
		out = append(out, c.eval(a, v))
	}
	return out
}

// literals is a constructed list or map. With parts of the object in it, its size says nothing of its elements'.
func (c *coster) literals(x ast.Expr, v *vars) origin {
	elements := children(x)
	out := origin{size: float64(len(elements))}
	for _, e := range elements {
		o := c.eval(e, v)
		if o.kind != constant {
			out.kind = unbounded
		}
		out.size, out.computed = max(out.size, o.size), out.computed || o.computed
	}
	return out
}

// larger is an origin that covers both.
func larger(a, b origin) origin {
	switch {
	case a.kind == unbounded || b.kind == unbounded:
		return origin{kind: unbounded}
	case a.kind == constant && b.kind == constant:
		return origin{size: max(a.size, b.size), computed: a.computed || b.computed}
	case a.kind == part && b.kind == part && a.level != b.level:
		return origin{kind: unbounded}
	case a.kind == constant:
		a, b = b, a
	}
	if b.kind == constant {
		return capped(origin{kind: part, level: a.level, more: a.more + b.inParts()})
	}
	return origin{kind: part, level: a.level, more: max(a.more, b.more)}
}

// inParts is the size of a constant in objects of the smallest size.
func (o origin) inParts() float64 { return o.size / leastSize }

func capped(o origin) origin {
	if o.more > maxMore {
		return origin{kind: unbounded}
	}
	return o
}

// loop bounds a comprehension.
func (c *coster) loop(x ast.ComprehensionExpr, v *vars) origin {
	if x.IterRange().Kind() == ast.ListKind && x.IterRange().AsList().Size() == 0 {
		return c.binding(x, v)
	}
	over := c.eval(x.IterRange(), v)
	c.visit(2)
	init := c.eval(x.AccuInit(), v)
	if init.kind != constant || !scalar(c.ast.GetType(x.AccuInit().ID())) {
		c.ok = false // the macros that construct a list or map: their elements may be anything
	}
	times, depth := c.times, c.depth
	element := c.enter(over)
	inner := &vars{v, x.IterVar(), element}
	if x.HasIterVar2() {
		inner = &vars{inner, x.IterVar2(), element}
	}
	inner = &vars{inner, x.AccuVar(), origin{size: 1}}
	c.visit(2) // accumulating
	c.eval(x.LoopCondition(), inner)
	c.eval(x.LoopStep(), inner)
	c.times, c.depth = times, depth
	c.eval(x.Result(), &vars{v, x.AccuVar(), origin{size: 1}})
	return origin{size: 1}
}

// enter counts the iterations of a loop from here on, and says how large one element is.
func (c *coster) enter(over origin) origin {
	switch {
	case over.kind == constant:
		c.times *= max(1, over.size)
		return over
	case over.kind == part && over.level == c.depth:
		c.times *= over.copies()
		c.depth++
		return origin{kind: part, level: c.depth}
	}
	c.ok = false
	return origin{kind: unbounded}
}

// binding bounds a variable that a macro binds once.
func (c *coster) binding(x ast.ComprehensionExpr, v *vars) origin {
	c.visit(11)
	return c.eval(x.Result(), &vars{v, x.AccuVar(), c.eval(x.AccuInit(), v)})
}

func scalar(t *types.Type) bool {
	switch t.Kind() {
	case types.BoolKind, types.IntKind:
		return true
	}
	return false
}

// call bounds a call with its arguments, the receiver first.
func (c *coster) call(x ast.Expr, args []origin) origin {
	switch x.AsCall().FunctionName() {
	case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.NotStrictlyFalse, operators.Subtract,
		operators.Multiply, operators.Divide, operators.Modulo, operators.Negate, "size", "type", "hasValue",
		"bool", "optional.none":
		c.visit(1)
		return origin{size: 1}
	case "int", "double", "timestamp", "duration":
		c.traverse(args[0], 0.1)
		return origin{size: 1}
	case operators.Index, operators.OptIndex, operators.OptSelect, "value", "optional.of", "dyn":
		c.visit(2)
		return args[0]
	case "string":
		c.visit(1)
		return larger(args[0], origin{size: longestScalar})
	case operators.Conditional:
		c.visit(1)
		return larger(args[1], args[2])
	case "orValue", "or":
		c.visit(1)
		return larger(args[0], args[1])
	case operators.Add:
		return c.add(args)
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return c.compare(args)
	case operators.In:
		c.traverse(args[1], 1)
		return origin{size: 1}
	}
	return c.text(x, args)
}

// add is as large as both operands: strings and lists grow.
func (c *coster) add(args []origin) origin {
	a, b := args[0], args[1]
	c.traverse(a, 0.1)
	c.traverse(b, 0.1)
	switch {
	case a.kind == constant && b.kind == constant:
		return origin{size: a.size + b.size, computed: true}
	case a.kind == part && b.kind == part && a.level == b.level:
		return capped(origin{kind: part, level: a.level, more: a.more + b.copies()})
	case a.kind == part && b.kind == constant, a.kind == constant && b.kind == part:
		return larger(a, b)
	}
	return origin{kind: unbounded}
}

// compare costs what its smaller operand costs.
func (c *coster) compare(args []origin) origin {
	smaller := args[0]
	if smaller.kind != constant || args[1].kind == constant && args[1].size < smaller.size {
		smaller = args[1]
	}
	c.visit(1)
	c.traverse(smaller, 0.5) // of a list or map every leaf is compared
	return origin{size: 1}
}

// text bounds the functions on strings.
func (c *coster) text(x ast.Expr, args []origin) origin {
	switch function := x.AsCall().FunctionName(); function {
	case "startsWith", "endsWith":
		c.traverse(args[1], 0.1)
	case "contains", "matches":
		if args[1].kind != constant {
			c.ok = false
			break
		}
		size := args[1].size
		if function == "matches" {
			c.ok = c.ok && !args[1].computed
			size = max(size, c.instructions(children(x)[1]))
		}
		c.traverse(args[0], 0.1*(1+size/4))
	case "lowerAscii", "upperAscii", "trim", "substring":
		c.traverse(args[0], 0.1)
		return args[0]
	case "split":
		c.traverse(args[0], 0.2)
		return args[0]
	case "quantity", "isQuantity":
		c.traverse(args[0], 0.1)
		return origin{size: 1}
	case "isGreaterThan", "isLessThan", "compareTo":
		c.visit(1)
	default:
		c.ok = false
	}
	return origin{size: 1}
}

// instructions is the size of a regular expression, of the largest parameter where it is no literal.
func (c *coster) instructions(pattern ast.Expr) float64 {
	if pattern.Kind() == ast.LiteralKind {
		if text, ok := pattern.AsLiteral().(types.String); ok {
			return float64(instructions(string(text)))
		}
	}
	largest := uint64(0)
	for _, values := range c.params {
		for _, text := range values {
			largest = max(largest, instructions(text))
		}
	}
	return float64(largest)
}
