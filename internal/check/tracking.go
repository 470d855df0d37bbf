// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apiserver/pkg/cel/library"
)

// runtimeCosts are the API server's costs of calls, and more for what those count as next to nothing: see demand.
// Without it a rule could keep a processor for minutes within its limit.
type runtimeCosts struct {
	library.CostEstimator
	limit uint64
	// patterns are the sizes of regular expressions, by text, for the first maxRemembered of them.
	patterns   sync.Map
	remembered atomic.Int64
}

// CallCost implements interpreter.ActualCostEstimator.
func (r *runtimeCosts) CallCost(function, overload string, args []ref.Val, result ref.Val) *uint64 {
	function = strings.TrimSuffix(function, boundedPattern)
	cost := r.CostEstimator.CallCost(function, overload, args, result)
	if least := r.demand(function, args); least > 0 {
		return atLeast(cost, least)
	}
	return cost
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
