// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"k8s.io/client-go/rest"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// How long the operator has to end after it was asked to.
const operatorStopTimeout = 15 * time.Second

// operator is the operator's process, and the file that it logs to.
type operator struct {
	command *exec.Cmd
	log     string
	// exited is closed when the process has ended.
	exited chan struct{}
}

// buildOperator compiles the operator from source into the directory, with the flags of the demo itself, so that the
// packages that both use are compiled once.
func buildOperator(ctx context.Context, root, dir string) (string, error) {
	binary := filepath.Join(dir, "isms-operator")
	command := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", binary, ".")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
}

// startOperator runs the binary with the rights of the configuration, in a process group of its own, so that Ctrl-C in
// a terminal reaches the demo alone.
func startOperator(binary, dir string, config *rest.Config) (*operator, error) {
	kubeconfig := filepath.Join(dir, "operator.kubeconfig")
	if err := testenv.WriteKubeconfig(config, kubeconfig); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "operator.log"))
	if err != nil {
		return nil, fmt.Errorf("start the operator: %w", err)
	}
	defer func() { _ = log.Close() }() // The process holds its own descriptor.
	command := exec.Command(binary, "--leader-elect=false", "--metrics-bind-address=0", "--health-probe-bind-address=0",
		"--log-dwell="+logDwell.String())
	command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start the operator: %w", err)
	}
	process := &operator{command: command, log: log.Name(), exited: make(chan struct{})}
	go func() {
		_ = command.Wait() // Whoever waits for exited looks at the state.
		close(process.exited)
	}()
	return process, nil
}

// stop ends the process, by force where it does not end itself.
func (o *operator) stop() error {
	if err := o.signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-o.exited:
		return nil
	case <-time.After(operatorStopTimeout):
	}
	err := o.signal(syscall.SIGKILL)
	<-o.exited
	return errors.Join(fmt.Errorf("the operator did not end within %s", operatorStopTimeout), err)
}

func (o *operator) signal(signal syscall.Signal) error {
	if err := syscall.Kill(-o.command.Process.Pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal the operator: %w", err)
	}
	return nil
}

// logTail is the end of the operator's log.
func (o *operator) logTail(lines int) []byte {
	text, err := os.ReadFile(o.log)
	if err != nil {
		return []byte(err.Error())
	}
	all := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return bytes.Join(all[max(0, len(all)-lines):], []byte("\n"))
}
