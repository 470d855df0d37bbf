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
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/rest"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// buildOperator compiles the operator as it is shipped, but for its symbols.
func buildOperator(ctx context.Context, dir string) (string, error) {
	root, err := testenv.ModuleRoot()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "isms-operator")
	command := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", binary, ".")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
}

// process is a program under measurement.
type process struct {
	command *exec.Cmd
	metrics string // address of its metrics; empty for none
	log     string
	exited  chan struct{}
}

// startOperator runs the operator as it is shipped, but for the election of a leader, whose lease is no work of its own.
func (b *bench) startOperator(config *rest.Config) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	return b.startProcess(config, address, b.operator, "--leader-elect=false", "--health-probe-bind-address=0",
		"--metrics-bind-address="+address)
}

// startReflector runs the bare reflector as a process.
func (b *bench) startReflector(config *rest.Config) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the bare reflector: %w", err)
	}
	return b.startProcess(config, "", self, "-reflector")
}

func (b *bench) startProcess(config *rest.Config, metrics, program string, args ...string) (*process, error) {
	dir, err := os.MkdirTemp(b.dir, "process-")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := testenv.WriteKubeconfig(config, kubeconfig); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	defer func() { _ = log.Close() }() // the process holds its own descriptor
	p := &process{command: exec.Command(program, args...), metrics: metrics, log: log.Name(), exited: make(chan struct{})}
	p.command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	p.command.Stdout, p.command.Stderr = log, log
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.exited)
	}()
	return p, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// stop ends the process, by force where it does not end itself.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(20 * time.Second):
		_ = p.command.Process.Kill()
		<-p.exited
	}
}

// alive is an error with the end of the log when the process has ended.
func (p *process) alive() error {
	select {
	case <-p.exited:
		text, _ := os.ReadFile(p.log)
		return fmt.Errorf("%s has ended:\n%s", p.command.Path, text[max(0, len(text)-2000):])
	default:
		return nil
	}
}

// cpu is the processor time that the process has used, in user and kernel mode.
func (p *process) cpu() (time.Duration, error) {
	if err := p.alive(); err != nil {
		return 0, err
	}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("processor time: %w", err)
	}
	// The second field is the program's name in parentheses; of what follows, utime and stime are the 12th and 13th.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("processor time: the kernel says it in another way")
	}
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("processor time: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100), nil // USER_HZ is 100 on every Linux
}

// resident is the resident set now and at its peak, in bytes.
func (p *process) resident() (now, peak float64, err error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, 0, fmt.Errorf("resident set: %w", err)
	}
	for line := range strings.Lines(string(raw)) {
		var kilobytes float64
		switch {
		case strings.HasPrefix(line, "VmRSS:"):
			_, err = fmt.Sscanf(line, "VmRSS: %f kB", &kilobytes)
			now = kilobytes * 1024
		case strings.HasPrefix(line, "VmHWM:"):
			_, err = fmt.Sscanf(line, "VmHWM: %f kB", &kilobytes)
			peak = kilobytes * 1024
		}
		if err != nil {
			return 0, 0, fmt.Errorf("resident set: %w", err)
		}
	}
	return now, peak, nil
}

// live is the heap that a garbage collection finds in use which began after the call. That of the last one may be of a time
// at which much was under way. Being asked is what has an idle process collect: it asks until two collections have ended.
func (p *process) live(ctx context.Context) (float64, error) {
	const cycles, live = "go_gc_cycles_total_gc_cycles_total ", "go_gc_heap_live_bytes "
	for first := -1.0; ; {
		text, err := p.figures(ctx)
		if err != nil {
			return 0, named("metrics of the operator", err)
		}
		n, err := metric(strings.NewReader(text), cycles)
		if err != nil {
			return 0, named("metrics of the operator", err)
		}
		if first < 0 {
			first = n
		}
		if n >= first+2 {
			value, err := metric(strings.NewReader(text), live)
			return value, named("metrics of the operator", err)
		}
		if err := wait(ctx, 5*time.Millisecond); err != nil {
			return 0, err
		}
	}
}

// figures is what the process shows Prometheus.
func (p *process) figures(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.metrics+"/metrics", http.NoBody)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

func metric(text io.Reader, name string) (float64, error) {
	for lines := bufio.NewScanner(text); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name); ok {
			f, err := strconv.ParseFloat(value, 64)
			return f, named(name, err)
		}
	}
	return 0, fmt.Errorf("no %s", name)
}

// calm waits until the process has used next to no processor time for a while.
func (p *process) calm(ctx context.Context) error {
	for quiet := 0; quiet < 4; {
		before, err := p.cpu()
		if err != nil {
			return err
		}
		if err := wait(ctx, 500*time.Millisecond); err != nil {
			return err
		}
		after, err := p.cpu()
		if err != nil {
			return err
		}
		quiet++
		if after-before > 20*time.Millisecond {
			quiet = 0
		}
	}
	return nil
}
