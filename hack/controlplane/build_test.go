// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFollowCountsWhatGoSays(t *testing.T) {
	var out bytes.Buffer
	b := &builder{progress: newProgress(&out)}
	b.progress.setTotal(3)
	rest := b.follow(strings.NewReader(strings.Join([]string{
		"go: downloading k8s.io/api v0.36.3",
		"internal/abi",
		"k8s.io/api/core/v1",
		"# k8s.io/broken",
		"k8s.io/broken/file.go:3:1: undefined: x",
	}, "\n")))
	if want := "# k8s.io/broken\nk8s.io/broken/file.go:3:1: undefined: x"; rest != want {
		t.Errorf("rest %q, want %q", rest, want)
	}
	if got, want := b.progress.line(90*time.Second), "2 of at most 3 packages compiled, 1m30s"; got != want {
		t.Errorf("line %q, want %q", got, want)
	}
}

func TestBuiltName(t *testing.T) {
	for pkg, want := range map[string]string{
		"go.etcd.io/etcd/server/v3":            "server",
		"k8s.io/kubernetes/cmd/kube-apiserver": "kube-apiserver",
	} {
		if got := builtName(pkg); got != want {
			t.Errorf("%s is built as %s, want %s", pkg, got, want)
		}
	}
}

func TestLinkerFlagsStampTheVersion(t *testing.T) {
	flags := linkerFlags("v1.36.3")
	for _, want := range []string{
		"-X=k8s.io/component-base/version.gitVersion=v1.36.3",
		"-X=k8s.io/component-base/version.gitMajor=1",
		"-X=k8s.io/component-base/version.gitMinor=36",
	} {
		if !strings.Contains(flags, want) {
			t.Errorf("%s is not in %s", want, flags)
		}
	}
}

func TestEveryCommandIsRequiredByTheModule(t *testing.T) {
	goMod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for name, pkg := range commands {
		if !strings.Contains(string(goMod), "\t"+pkg+"\n") {
			t.Errorf("go.mod has no tool line for %s, %s", name, pkg)
		}
	}
}

func TestFindModuleFromBelow(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "hack", "controlplane")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	goMod := "module x\n\nrequire (\n\tk8s.io/kubernetes v1.2.3 // indirect\n)\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(goMod), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	got, err := findModule()
	if err != nil {
		t.Fatal(err)
	}
	if want := (module{root: root, version: "v1.2.3"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
