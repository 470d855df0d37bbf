// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package adversary holds tests in which a tenant with full rights on the ISMS kinds of one namespace tries to learn
// about objects in another.
//
// What it means to learn: each attack is carried out in two worlds that differ in nothing but one bit of a victim's
// object. The tenant has learned if anything that they may read differs between the two, times aside, or if a marker
// that the victim's objects carry appears in it, in the operator's log or in its metrics.
//
// An attack that fails may be a bad attack. So each is carried out again against an operator whose guard is switched
// off, which takes a build of its own:
//
//	go test -tags isms_unguarded ./test/adversary/
//
// There it has to succeed.
package adversary

import (
	"os"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

func TestMain(m *testing.M) {
	logger := logr.New(&strays)
	ctrl.SetLogger(logger)
	klog.SetLogger(logger)
	os.Exit(testenv.Run(m))
}
