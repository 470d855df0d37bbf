// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testenv

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// managerProcess is a kube-controller-manager.
type managerProcess struct {
	command *exec.Cmd
	// exited is closed after the process was waited for; err holds what that said.
	exited chan struct{}
	err    error
}

func (e *Env) startControllerManager() error {
	if err := requireBinaries(e.Assets, "kube-controller-manager"); err != nil {
		return err
	}
	kubeconfig := filepath.Join(e.work, "controller-manager.kubeconfig")
	if err := WriteKubeconfig(e.Config, kubeconfig); err != nil {
		return err
	}
	command := exec.Command(filepath.Join(e.Assets, "kube-controller-manager"),
		"--kubeconfig="+kubeconfig,
		"--controllers="+strings.Join(e.options.controllers, ","),
		"--leader-elect=false",
		"--secure-port=0",
		"--concurrent-gc-syncs=2",
		"--concurrent-namespace-syncs=2",
	)
	command.Stdout, command.Stderr = e.options.output, e.options.output
	if err := command.Start(); err != nil {
		return fmt.Errorf("start kube-controller-manager: %w", err)
	}
	process := &managerProcess{command: command, exited: make(chan struct{})}
	go func() {
		process.err = command.Wait()
		close(process.exited)
	}()
	e.managers = process
	return nil
}

func (p *managerProcess) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop kube-controller-manager: %w", err)
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(10 * time.Second):
	}
	if err := p.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill kube-controller-manager: %w", err)
	}
	<-p.exited
	return nil
}
