// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
)

// module is this directory's Go module. Its requirement of k8s.io/kubernetes is the one place where the version of the
// control plane is pinned.
type module struct {
	root    string // of the repository
	version string // of Kubernetes, such as v1.36.3
}

var kubernetesRequirement = regexp.MustCompile(`(?m)^\s*(?:require\s+)?k8s\.io/kubernetes\s+(v\S+)`)

func (m module) dir() string { return filepath.Join(m.root, "hack", "controlplane") }

// cache is the directory that keeps the binaries. It stands in the checkout, so that deleting the checkout deletes
// them; a second checkout on the same machine builds its own from Go's build cache, which leaves the linking.
func (m module) cache() string {
	return filepath.Join(m.root, "bin", "k8s", fmt.Sprintf("%s-%s-%s", m.version, runtime.GOOS, runtime.GOARCH))
}

// findModule looks for hack/controlplane/go.mod in the working directory and above.
func findModule() (module, error) {
	root, err := os.Getwd()
	if err != nil {
		return module{}, fmt.Errorf("find the repository: %w", err)
	}
	for {
		text, err := os.ReadFile(filepath.Join(root, "hack", "controlplane", "go.mod"))
		if err == nil {
			return newModule(root, text)
		}
		if !errors.Is(err, os.ErrNotExist) {
			return module{}, fmt.Errorf("find the repository: %w", err)
		}
		parent := filepath.Dir(root)
		if parent == root {
			return module{}, errors.New("find the repository: no hack/controlplane/go.mod here or above")
		}
		root = parent
	}
}

func newModule(root string, goMod []byte) (module, error) {
	match := kubernetesRequirement.FindSubmatch(goMod)
	if match == nil {
		return module{}, errors.New("hack/controlplane/go.mod requires no k8s.io/kubernetes")
	}
	return module{root: root, version: string(match[1])}, nil
}
