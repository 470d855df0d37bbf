// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testenv

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
)

// Start starts a control plane for one test and stops it when the test has ended.
func Start(t testing.TB, opts ...Option) *Env {
	t.Helper()
	env, err := New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := env.Stop(); err != nil {
			t.Error(err)
		}
	})
	return env
}

var shared struct {
	sync.Mutex
	started bool
	opts    []Option
	env     *Env
	err     error
}

// Run runs the tests of a package that share one control plane, and returns the status for os.Exit. The control plane
// starts with the first call of Shared, so that a run of other tests costs nothing.
func Run(m *testing.M, opts ...Option) int {
	shared.opts = opts
	status := m.Run()
	if shared.env == nil {
		return status
	}
	if err := shared.env.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(status, 1)
	}
	return status
}

// Shared is the package's one control plane. Tests keep apart by using namespaces of their own.
func Shared(t testing.TB) *Env {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.started {
		shared.started = true
		shared.env, shared.err = New(shared.opts...)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.env
}

// Kubeconfig writes a kubeconfig for the configuration into a directory of the test, and returns its path.
func Kubeconfig(t testing.TB, config *rest.Config) string {
	t.Helper()
	file := t.TempDir() + "/kubeconfig"
	if err := WriteKubeconfig(config, file); err != nil {
		t.Fatal(err)
	}
	return file
}
