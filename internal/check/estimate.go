// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"k8s.io/apiserver/pkg/cel/library"
)

// assumedSize is the size that a compile-time estimate gives every list, map and string of an object: a small one, so
// that what is refused could never fit.
const assumedSize = 10

type smallSizes struct{}

// EstimateSize implements checker.CostEstimator.
func (smallSizes) EstimateSize(checker.AstNode) *checker.SizeEstimate {
	return &checker.SizeEstimate{Min: 0, Max: assumedSize}
}

// EstimateCallCost implements checker.CostEstimator: the libraries' own estimates stand.
func (smallSizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}

// estimate refuses an expression that exceeds its limit even about a small object.
func (e *expression) estimate(celEnv *cel.Env, checked *cel.Ast) error {
	cost, err := celEnv.EstimateCost(checked, &library.CostEstimator{SizeEstimator: smallSizes{}})
	if err != nil {
		return &Error{Field: e.field, Message: oneLine(err.Error())}
	}
	if cost.Max > e.limit {
		return &Error{Field: e.field, Message: fmt.Sprintf(
			"costs more than the limit of %d units even if no list has more than %d elements: nest fewer loops",
			e.limit, assumedSize)}
	}
	return nil
}
