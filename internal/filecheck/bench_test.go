// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"strings"
	"testing"

	"github.com/isms-operator/isms-operator/hack/checkbench/load"
)

// BenchmarkPods evaluates ten rules on a thousand pods, reading them included: what hack/checkbench measures as a process.
func BenchmarkPods(b *testing.B) {
	const n = 1000
	var controls, pods strings.Builder
	load.Controls(&controls)
	load.Pods(&pods, n)
	b.SetBytes(int64(pods.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if r := run(b, Options{ObjectsOnly: true}, controls.String(), pods.String()); r.Objects < n || len(r.Errors) > 0 {
			b.Fatal(r.Objects, r.Errors)
		}
	}
}
