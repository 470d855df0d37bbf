// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testenv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
)

// The environment variable by which a developer points the tests at another set of binaries.
const assetsVariable = "KUBEBUILDER_ASSETS"

var kubernetesRequirement = regexp.MustCompile(`(?m)^\s*(?:require\s+)?k8s\.io/kubernetes\s+(v\S+)`)

// ModuleRoot is the directory of the go.mod above the working directory: the root of the repository.
func ModuleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the module root: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find the module root: no go.mod above the working directory")
		}
		dir = parent
	}
}

// KubernetesVersion is the version of the local control plane, such as v1.36.3. It is pinned in one place, the go.mod
// of hack/controlplane, and read from there.
func KubernetesVersion(root string) (string, error) {
	file := filepath.Join(root, "hack", "controlplane", "go.mod")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the version of the control plane: %w", err)
	}
	match := kubernetesRequirement.FindSubmatch(text)
	if match == nil {
		return "", fmt.Errorf("read the version of the control plane: %s requires no k8s.io/kubernetes", file)
	}
	return string(match[1]), nil
}

// AssetsDir is the directory that holds etcd and kube-apiserver: KUBEBUILDER_ASSETS where set, else the cache that
// `make assets` fills below bin/ of the repository.
func AssetsDir(root string) (string, error) {
	if dir := os.Getenv(assetsVariable); dir != "" {
		return dir, requireBinaries(dir, "etcd", "kube-apiserver")
	}
	version, err := KubernetesVersion(root)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "bin", "k8s", fmt.Sprintf("%s-%s-%s", version, runtime.GOOS, runtime.GOARCH))
	return dir, requireBinaries(dir, "etcd", "kube-apiserver")
}

func requireBinaries(dir string, names ...string) error {
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("%s is missing in %s: run `make assets`, or set %s", name, dir, assetsVariable)
		}
	}
	return nil
}
