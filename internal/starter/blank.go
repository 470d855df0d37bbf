// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"fmt"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Blank marks a place that people must fill, with a hint at what belongs there. It is the one mark for all that the
// starter leaves open: whoever looks for it finds every blank.
func Blank(hint string) string { return fmt.Sprintf("%s %s]", isms.BlankMark, hint) }
