// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package corpora runs the operator, whole and in process, over real manifests that others wrote, on a real API server,
// and holds what it counts against an independent count.
//
// The independent count knows no CEL, no selector and no code of the operator: it reads the YAML files into maps and
// asks each object a predicate written by hand. The manifests are not part of the repository. Where the folder
// ../shared/corpora is not beside it, these tests are skipped.
package corpora

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// Where the manifests are, from the root of the repository.
const (
	corpora      = "../shared/corpora"
	boutique     = corpora + "/online-boutique"
	monitoring   = corpora + "/kube-prometheus"
	monitoringIn = monitoring + "/setup" // the CRDs, and the namespace
)

func TestMain(m *testing.M) {
	log.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	os.Exit(testenv.Run(m, testenv.WithCRDs(monitoringIn)))
}

// need skips the test where the folder of manifests is missing.
func need(t *testing.T, folder string) {
	t.Helper()
	if _, err := os.Stat(below(t, folder)); err != nil {
		t.Skipf("SKIPPED: the real manifests of this test are not here: no folder %s beside the repository", folder)
	}
}

func below(t *testing.T, path string) string {
	t.Helper()
	root, err := testenv.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, filepath.FromSlash(path))
}
