// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"math/bits"
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// demand is what a call of a guarded function costs at least, worked out from its arguments before it is made; 0 where
// the libraries' own cost is right.
func (r *runtimeCosts) demand(function string, args []ref.Val) uint64 {
	switch function {
	case operators.Equals, operators.NotEquals:
		if container(args[0]) && container(args[1]) {
			return r.smaller(args[0], args[1])
		}
	case operators.In:
		return r.search(args[1], args[0])
	case operators.Add:
		if container(args[0]) {
			return sum(length(args[0]), length(args[1])) / 10 // concatenated lists are not copied
		}
	case "sets.contains", "sets.intersects":
		return product(r.deep(args[0]), r.deep(args[1]))
	case "sets.equivalent":
		return product(2, product(r.deep(args[0]), r.deep(args[1])))
	case "distinct":
		return product(length(args[0]), r.deep(args[0]))
	case "sort", "@sortByAssociatedKeys":
		n := r.deep(args[len(args)-1])
		return product(n, uint64(bits.Len64(n)))
	case "isSorted", "sum", "min", "max", "flatten", "reverse", "slice":
		return r.deep(args[0])
	case "lists.range":
		if n, ok := args[0].(types.Int); ok && n > 0 {
			return product(uint64(n), 8)
		}
	case "indexOf", "lastIndexOf", "includes":
		return r.search(args[0], args[1])
	}
	return r.textDemand(function, args)
}

// textDemand is demand for the functions on strings.
func (r *runtimeCosts) textDemand(function string, args []ref.Val) uint64 {
	switch function {
	case "join":
		separator := uint64(0)
		if len(args) > 1 {
			separator = length(args[1])
		}
		return sum(r.deep(args[0]), product(length(args[0]), 1+separator/10))
	case "replace":
		return replaced(args)
	case "format":
		return sum(r.deep(args[len(args)-1]), precision(args[0]))
	case "matches", "find", "findAll":
		return r.pattern(args[0], args[1])
	case "validate":
		if cost := r.CostEstimator.CallCost(function, "", args, nil); cost != nil {
			return *cost
		}
	case "quantity", "isQuantity", "int", "uint", "double", "timestamp", "duration":
		if s, ok := args[0].(types.String); ok {
			return textCost(s)
		}
	}
	return 0
}

// search is the cost of looking for x in a list, or in a string character by character.
func (r *runtimeCosts) search(in, x ref.Val) uint64 {
	switch {
	case isText(in) && isText(x):
		return product(1+length(in)/10, 1+length(x)/10)
	case container(x):
		return r.deep(in)
	}
	if list, ok := in.(traits.Lister); ok {
		return length(list)
	}
	return 0
}

// smaller is the deep size of the smaller of two values, at about the cost of measuring that one.
func (r *runtimeCosts) smaller(a, b ref.Val) uint64 {
	for most := uint64(64); ; most *= 16 {
		n := min(deep(a, min(most, r.limit)), deep(b, min(most, r.limit)))
		if n <= most || most >= r.limit {
			return n
		}
	}
}

func (r *runtimeCosts) deep(v ref.Val) uint64 { return deep(v, r.limit) }

// pattern is the cost of matching a text: each character may be held against each instruction of the expression.
func (r *runtimeCosts) pattern(text, pattern ref.Val) uint64 {
	p, ok := pattern.(types.String)
	in, isText := matchable(text)
	if !ok || !isText {
		return 0
	}
	n, known := r.patterns.Load(string(p))
	if !known {
		n = instructions(string(p))
		if r.remembered.Add(1) <= maxRemembered {
			r.patterns.Store(string(p), n)
		}
	}
	size, _ := n.(uint64)
	if size > maxPattern {
		return r.limit + 1
	}
	return product(1+uint64(len(in))/10, 1+max(size, uint64(len(p)))/4)
}

// maxRemembered bounds the regular expressions whose size a program remembers.
const maxRemembered = 64

// instructions is the number of instructions of a regular expression, from its syntax tree: compiling it would take
// what is to be avoided. The syntax itself is CEL's matter.
func instructions(text string) uint64 {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 0
	}
	return expanded(parsed)
}

func expanded(re *syntax.Regexp) uint64 {
	n := uint64(0)
	for _, sub := range re.Sub {
		n = sum(n, expanded(sub))
	}
	switch re.Op {
	case syntax.OpLiteral:
		n = uint64(len(re.Rune))
	case syntax.OpRepeat:
		n = sum(1, product(n, uint64(max(1, re.Min+1, re.Max))))
	case syntax.OpConcat:
	default:
		n = sum(n, 1+uint64(len(re.Sub)))
	}
	return n
}

// replaced is the cost of replace: its result may be the product of its arguments.
func replaced(args []ref.Val) uint64 {
	if len(args) < 3 || !isText(args[0]) || !isText(args[1]) || !isText(args[2]) {
		return 0
	}
	in, _ := args[0].(types.String)
	old, _ := args[1].(types.String)
	result := sum(length(args[0]), product(uint64(strings.Count(string(in), string(old))), length(args[2])))
	return 1 + result/5
}

// precision is the number of digits that a format asks for.
func precision(format ref.Val) uint64 {
	text, ok := format.(types.String)
	if !ok {
		return 0
	}
	total := uint64(1 + len(text)/10)
	for _, clause := range strings.Split(string(text), "%.")[1:] {
		digits := clause[:len(clause)-len(strings.TrimLeft(clause, "0123456789"))]
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil && digits != "" {
			n = 1 << 32
		}
		total = sum(total, n)
	}
	return total
}

func isText(v ref.Val) bool {
	_, ok := v.(types.String)
	return ok
}

// length is the number of elements or bytes, 1 of anything else.
func length(v ref.Val) uint64 {
	switch v := v.(type) {
	case types.String:
		return uint64(len(v))
	case traits.Sizer:
		if n, ok := v.Size().(types.Int); ok && n >= 0 {
			return uint64(n)
		}
		return 1 << 62 // lists that were doubled until their number overflowed
	}
	return 1
}

func product(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	if high != 0 {
		return 1<<64 - 1
	}
	return low
}

func sum(a, b uint64) uint64 {
	n, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return 1<<64 - 1
	}
	return n
}
