// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build !isms_unguarded

package check

// classOf is what is kept of an evaluation's error: its class. The text is discarded here.
func classOf(err error) Class { return classify(err) }
