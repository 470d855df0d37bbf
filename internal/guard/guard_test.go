// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build !isms_unguarded

package guard

import (
	"go/build"
	"slices"
	"testing"
)

// TestABuildHasItsGuards: without the tag there is no file that could switch one off.
func TestABuildHasItsGuards(t *testing.T) {
	p, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"guard.go", "on.go"}; !slices.Equal(p.GoFiles, want) {
		t.Errorf("files %v, want %v", p.GoFiles, want)
	}
	for g := Account; g <= Aggregated; g++ {
		if !g.On() {
			t.Errorf("guard %d is off", g)
		}
	}
}
