// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"math"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Value reads an amount such as "0.5" or "20k"; it is false for what is no number or negative.
func Value(a isms.Amount) (float64, bool) {
	q, err := resource.ParseQuantity(string(a))
	if err != nil || q.Sign() < 0 {
		return 0, false
	}
	return q.AsApproximateFloat64(), true
}

// significant digits of what is computed. Three-point estimates are not better than two; the third keeps an amount
// from jumping where it is near a limit.
const significant = 3

// suffixes of amounts, for thousands, millions and so on.
var suffixes = []string{"", "k", "M", "G", "T", "P", "E"}

// Amount writes a number that is not negative with three significant digits and the suffix of a quantity: 107k, 34.2,
// 0.127, 1.61G. The same number gives the same text everywhere.
func Amount(v float64) isms.Amount {
	if !(v > 0) {
		return "0"
	}
	scientific := strconv.FormatFloat(v, 'e', significant-1, 64)
	exponent, _ := strconv.Atoi(scientific[strings.IndexByte(scientific, 'e')+1:])
	group := min(max(exponent, 0)/3, len(suffixes)-1)
	digits := exponent - 3*group
	if digits >= 3 {
		return isms.Amount(scientific) // beyond what a suffix can say
	}
	text := strconv.FormatFloat(v/math.Pow10(3*group), 'f', max(significant-1-digits, 0), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return isms.Amount(text + suffixes[group])
}
