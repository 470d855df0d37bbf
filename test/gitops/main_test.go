// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build isms_gitops

// Package gitops syncs an ISMS from a Git repository by a real Argo CD into a real API server, with the operator at
// work. `make test-gitops` builds what it needs, and says where in the environment: ISMS_ARGOCD is a directory with
// argocd, kustomize and git-verify-wrapper.sh, ISMS_ARGOCD_CRDS one with the CRDs of Argo CD.
package gitops

import (
	"os"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	os.Exit(testenv.Run(m, testenv.WithControllerManager(), testenv.WithoutCRDs()))
}

// fromEnvironment is a directory that make test-gitops names. Without it the test fails: it is never skipped.
func fromEnvironment(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: run make test-gitops", name)
	}
	return value
}
