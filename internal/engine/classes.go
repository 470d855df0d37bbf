// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"

	"github.com/isms-operator/isms-operator/internal/check"
)

// maxClasses bounds the kinds of evaluation errors that are remembered of a rule.
const maxClasses = 3

// classes are the kinds of evaluation errors that a rule has met, with their position in the rule: never a value.
type classes []string

func (c *classes) add(err *check.EvalError) {
	text := err.Error()
	if i, found := slices.BinarySearch(*c, text); !found && len(*c) < maxClasses {
		*c = slices.Insert(*c, i, text)
	}
}
