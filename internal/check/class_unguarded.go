// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build isms_unguarded

package check

import "sync/atomic"

// Quote makes errors quote the text of CEL, for the test that shows what that would tell.
var Quote atomic.Bool

func classOf(err error) Class {
	if Quote.Load() {
		return Class(err.Error())
	}
	return classify(err)
}
