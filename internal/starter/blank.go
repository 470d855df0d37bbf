// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import "fmt"

// Blank marks a place that people must fill, with a hint at what belongs there. It is the one mark for all that the
// starter leaves open: whoever looks for it finds every blank.
func Blank(hint string) string { return fmt.Sprintf("[FILL: %s]", hint) }
