// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// These tests run the manager and the engine in the test's process, on a real API server. Each test has an operator of
// its own, which sees only the ISMS of its own namespace, so that tests run side by side.
package controllers_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// strays collects errors that are logged past the manager's own logger.
var strays = &errorLog{}

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.New(strays))
	klog.SetLogger(logr.Discard()) // watches that end with their kind are no news
	status := testenv.Run(m, testenv.WithControllerManager())
	if lines := strays.all(); len(lines) > 0 {
		fmt.Fprintf(os.Stderr, "errors logged past the manager:\n%s\n", strings.Join(lines, "\n"))
		status = max(status, 1)
	}
	os.Exit(status)
}
