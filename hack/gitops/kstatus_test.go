// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestKstatus holds each state against the library by which Flux, kpt and `kubectl wait` of many tools judge: an object
// is Current once this generation was assessed, whatever the verdict.
func TestKstatus(t *testing.T) {
	each(t, func(t *testing.T, s state, o *unstructured.Unstructured) {
		result, err := status.Compute(o)
		if err != nil {
			t.Fatal(err)
		}
		want := s.flux
		if s.name == "new" {
			// kstatus takes an object without any status for one that never gets one. The sample Kustomization says more.
			want = "Current"
		}
		if string(result.Status) != want {
			t.Fatalf("kstatus %s (%s), want %s", result.Status, result.Message, want)
		}
	})
}

// TestKstatusOfTheLog: an EvidenceLog has no conditions, and none to wait for.
func TestKstatusOfTheLog(t *testing.T) {
	result, err := status.Compute(state{observed: generation}.object(t, "EvidenceLog"))
	if err != nil || result.Status != status.CurrentStatus {
		t.Fatalf("%v, %v, want Current", result, err)
	}
}
