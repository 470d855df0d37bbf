// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	startTimeout = 2 * time.Minute
	stopTimeout  = 20 * time.Second
)

// process is one component of the control plane.
type process struct {
	name    string
	log     string
	command *exec.Cmd
	exited  chan struct{} // closed after the process has ended
}

// startProcess starts the binary in a process group of its own, so that a Ctrl-C in the terminal reaches this program
// alone, which then stops the components in order.
func startProcess(assets, work, name string, args ...string) (*process, error) {
	logFile := filepath.Join(work, name+".log")
	out, err := os.Create(logFile)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer out.Close()
	command := exec.Command(filepath.Join(assets, name), args...)
	command.Dir, command.Stdout, command.Stderr = work, out, out
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, log: logFile, command: command, exited: make(chan struct{})}
	go func() {
		_ = command.Wait()
		close(p.exited)
	}()
	return p, nil
}

// waitHealthy returns when the address answers 200, and fails when the process ends first.
func (p *process) waitHealthy(ctx context.Context, client *http.Client, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for !healthy(ctx, client, url) {
		select {
		case <-p.exited:
			return p.failure("ended while it started")
		case <-ctx.Done():
			return p.failure("did not become healthy")
		case <-ticker.C:
		}
	}
	return nil
}

func healthy(ctx context.Context, client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// failure carries the end of the log, because the log goes away with the work directory.
func (p *process) failure(what string) error {
	const tail = 10
	text, err := os.ReadFile(p.log)
	if err != nil {
		return fmt.Errorf("%s %s; its log: %w", p.name, what, err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return fmt.Errorf("%s %s:\n%s", p.name, what, strings.Join(lines[max(0, len(lines)-tail):], "\n"))
}

func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.name, err)
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(stopTimeout):
	}
	if err := p.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill %s: %w", p.name, err)
	}
	<-p.exited
	return nil
}
