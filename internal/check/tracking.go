// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
	"k8s.io/apiserver/pkg/cel/library"
)

// runtimeCosts are the API server's costs of calls, and more for what those count as nothing: comparing lists and maps goes
// down to their leaves, and parsing reads the whole text. Without it a rule could keep a processor for minutes within its limit.
type runtimeCosts struct{ library.CostEstimator }

// mostDeep bounds the walk that measures a value.
const mostDeep = DefaultCostLimit

// CallCost implements interpreter.ActualCostEstimator.
func (r *runtimeCosts) CallCost(function, overload string, args []ref.Val, result ref.Val) *uint64 {
	cost := r.CostEstimator.CallCost(function, overload, args, result)
	switch function {
	case operators.Equals, operators.NotEquals:
		if container(args[0]) && container(args[1]) {
			return atLeast(cost, min(deep(args[0], mostDeep), deep(args[1], mostDeep)))
		}
	case operators.In:
		if container(args[0]) {
			return atLeast(cost, deep(args[1], mostDeep))
		}
	case "includes", "indexOf", "lastIndexOf":
		if len(args) > 1 && container(args[1]) {
			return atLeast(cost, deep(args[0], mostDeep))
		}
	case "int", "uint", "double", "timestamp", "duration":
		if s, ok := args[0].(types.String); ok {
			return atLeast(cost, textCost(s))
		}
	}
	return cost
}

// setCosts replace the libraries' costs of functions that compare each element with each.
func setCosts() []interpreter.CostTrackerOption {
	product := func(args []ref.Val, _ ref.Val) *uint64 {
		cost := deep(args[0], mostDeep) * deep(args[len(args)-1], mostDeep)
		return &cost
	}
	var out []interpreter.CostTrackerOption
	for _, overload := range []string{
		"list_sets_contains_list", "list_sets_equivalent_list", "list_sets_intersects_list",
	} {
		out = append(out, interpreter.OverloadCostTracker(overload, product))
	}
	return out
}

func atLeast(cost *uint64, least uint64) *uint64 {
	if cost != nil && *cost > least {
		return cost
	}
	return &least
}

func container(v ref.Val) bool {
	switch v.(type) {
	case traits.Mapper, traits.Lister:
		return true
	}
	return false
}

func textCost(s types.String) uint64 { return 1 + uint64(len(s))/10 }

// deep is the number of leaves of a value and a tenth of their characters; where it is more than most, it is some number above.
func deep(v ref.Val, most uint64) uint64 {
	n := uint64(1)
	switch v := v.(type) {
	case types.String:
		return textCost(v)
	case traits.Mapper:
		for it := v.Iterator(); n <= most && it.HasNext() == types.True; {
			if x, ok := v.Find(it.Next()); ok {
				n += 1 + deep(x, most-min(n, most))
			}
		}
	case traits.Lister:
		for it := v.Iterator(); n <= most && it.HasNext() == types.True; {
			n += deep(it.Next(), most-min(n, most))
		}
	}
	return n
}
