// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package risk computes levels and losses by the four methods of risk assessment that the API knows, one file each. It
// is pure: the same words and figures give the same answer on every machine, also where random numbers are drawn, as
// their seed is an argument. A product that something is added to is converted to float64, which it already is: by the
// language specification that keeps a compiler from fusing the two, as it does for some processors, with other last
// digits. What is left of such differences, in the numerics library and in the exponential function, lies ten digits
// below the three that an Amount shows.
package risk

import (
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Scale is a list of words from the lowest to the highest.
type Scale []isms.Level

// Has says whether the word is one of the scale.
func (s Scale) Has(word isms.Level) bool { return slices.Contains(s, word) }

// Above says whether a word is higher than another. What is not of the scale is above nothing, and everything of the
// scale is above it: an unknown limit allows nothing.
func (s Scale) Above(word, limit isms.Level) bool {
	return slices.Index(s, word) > slices.Index(s, limit)
}
