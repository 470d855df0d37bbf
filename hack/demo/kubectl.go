// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// kubectl runs the binary with the demo's kubeconfig.
type kubectl struct {
	binary, kubeconfig string
	out                io.Writer
}

// findKubectl prefers the binary that came with the control plane to the machine's.
func findKubectl(assets string) (string, error) {
	own := filepath.Join(assets, "kubectl")
	if isFile(own) {
		return own, nil
	}
	binary, err := exec.LookPath("kubectl")
	if err != nil {
		return "", fmt.Errorf("kubectl is neither in %s nor in PATH: run `make assets`", assets)
	}
	return binary, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// output runs kubectl quietly and returns what it printed.
func (k *kubectl) output(ctx context.Context, args ...string) ([]byte, error) {
	var out, problems bytes.Buffer
	command := exec.CommandContext(ctx, k.binary, args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+k.kubeconfig)
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("kubectl %s: %w\n%s", strings.Join(args, " "), err, problems.Bytes())
	}
	return out.Bytes(), nil
}

// show prints the command as a person would type it, and then what it prints.
func (k *kubectl) show(ctx context.Context, args ...string) error {
	text, err := k.output(ctx, args...)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(k.out, "\n$ kubectl %s\n%s", strings.Join(args, " "), text)
	return err
}
