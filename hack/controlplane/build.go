// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// Where the binaries come from, in this module's requirements.
var commands = map[string]string{
	"etcd":                    "go.etcd.io/etcd/server/v3",
	"kube-apiserver":          "k8s.io/kubernetes/cmd/kube-apiserver",
	"kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
	"kubectl":                 "k8s.io/kubernetes/cmd/kubectl",
}

var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

type builder struct {
	module   module
	progress *progress
}

// fetch is a source: one `go build` for all names, so that what they share is compiled once.
func (b *builder) fetch(ctx context.Context, names []string, dir string) error {
	defer b.progress.end()
	b.progress.start("building " + strings.Join(names, ", ") + " " + b.module.version + " from the Go modules")
	packages := make([]string, 0, len(names))
	for _, name := range names {
		packages = append(packages, commands[name])
	}
	listed, err := b.command(ctx, append([]string{"list", "-deps", "-f", "."}, packages...)...)
	if err != nil {
		return fmt.Errorf("list the packages to build: %w", err)
	}
	b.progress.setTotal(strings.Count(listed, "\n"))
	args := []string{"build", "-v", "-trimpath", "-ldflags", linkerFlags(b.module.version), "-o", dir + "/"}
	if _, err := b.command(ctx, append(args, packages...)...); err != nil {
		return fmt.Errorf("build %s: %w", strings.Join(names, ", "), err)
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(dir, builtName(commands[name])), filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("build %s: %w", name, err)
		}
	}
	return nil
}

// builtName is the file name that `go build` gives a package's binary.
func builtName(pkg string) string {
	return path.Base(majorVersion.ReplaceAllString(pkg, ""))
}

// linkerFlags leaves the debug information out and stamps the version that `kubectl version` shows; a build without it
// would call itself v0.0.0-master and be refused by version checks.
func linkerFlags(version string) string {
	major, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	flags := []string{"-s", "-w"}
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for _, pair := range [][2]string{{"gitVersion", version}, {"gitMajor", major}, {"gitMinor", minor}} {
			flags = append(flags, fmt.Sprintf("-X=%s.%s=%s", pkg, pair[0], pair[1]))
		}
	}
	return strings.Join(flags, " ")
}

// command runs the go tool in this module and returns its standard output. Its standard error feeds the progress line,
// and becomes the error's text when it fails.
func (b *builder) command(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = b.module.dir()
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly -buildvcs=false")
	// The go tool removes its work directory when it is interrupted, not when it is killed.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGINT) }
	command.WaitDelay = 10 * time.Second
	var stdout bytes.Buffer
	command.Stdout = &stdout
	reader, writer := io.Pipe()
	command.Stderr = writer
	rest := make(chan string, 1)
	go func() { rest <- b.follow(reader) }()
	err := command.Run()
	_ = writer.Close()
	text := <-rest
	switch {
	case ctx.Err() != nil:
		return "", errors.New("interrupted")
	case err != nil:
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, text)
	}
	return stdout.String(), nil
}

// follow counts the lines that tell progress and returns the last of the others.
func (b *builder) follow(stderr io.Reader) string {
	const keep = 40
	var rest []string
	scanner := bufio.NewScanner(stderr)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		switch line := scanner.Text(); {
		case strings.HasPrefix(line, "go: downloading "):
			b.progress.downloaded()
		case !strings.ContainsAny(line, " \t:#"):
			b.progress.compiled()
		default:
			rest = append(rest, line)
			rest = rest[max(0, len(rest)-keep):]
		}
	}
	_, _ = io.Copy(io.Discard, stderr)
	return strings.Join(rest, "\n")
}
