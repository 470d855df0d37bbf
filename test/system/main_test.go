// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package system holds tests of the operator as it is shipped: its program, its manifests, its rights.
package system

import (
	"fmt"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// The account that config/default makes for the operator.
const (
	systemNamespace = "isms-operator-system"
	serviceAccount  = "isms-operator-controller-manager"
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	var err error
	if workDir, err = os.MkdirTemp("", "isms-system-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(workDir) }()
	// An API server that is asked to end waits for open watches as long as a request may last.
	return testenv.Run(m, testenv.WithControllerManager(), testenv.WithAPIServerFlag("request-timeout", "6s"))
}
