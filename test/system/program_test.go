// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// program is the operator's process.
type program struct {
	*testing.T
	command *exec.Cmd
	log     string
	metrics string // the address of its metrics
	probes  string // the address of its health probes
	exited  chan struct{}
}

// workDir holds the program; TestMain makes and removes it.
var (
	workDir   string
	buildOnce sync.Once
)

func binary() string { return filepath.Join(workDir, "isms-operator") }

// startProgram runs the operator with the rights of its service account and with leader election.
func startProgram(t *testing.T) *program {
	t.Helper()
	metrics := freeAddress(t)
	p := launch(t, "--leader-elect", "--leader-election-namespace="+systemNamespace, "--metrics-bind-address="+metrics)
	p.metrics = metrics
	t.Cleanup(p.stop)
	return p
}

// launch builds the operator, and runs it with the rights of its service account. The caller stops it; at the latest it is
// killed when the test ends.
func launch(t *testing.T, flags ...string) *program {
	t.Helper()
	return launchIn(t, testenv.Shared(t), systemNamespace, serviceAccount, flags...)
}

// launchIn does so in a cluster of its own, with a token of the account.
func launchIn(t *testing.T, env *testenv.Env, namespace, account string, flags ...string) *program {
	t.Helper()
	config, err := env.WithToken(t.Context(), namespace, account)
	if err != nil {
		t.Fatal(err)
	}
	return launchWith(t, config, flags...)
}

// launchWith starts the operator with a configuration, until the test ends.
func launchWith(t *testing.T, config *rest.Config, flags ...string) *program {
	t.Helper()
	dir := t.TempDir()
	buildOnce.Do(func() { run(t, "go", "build", "-o", binary(), moduleRoot(t)) })
	kubeconfig := testenv.Kubeconfig(t, config)
	p := &program{T: t, log: filepath.Join(dir, "log"), probes: freeAddress(t), exited: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	p.command = exec.Command(binary(), append(flags, "--health-probe-bind-address="+p.probes, "--zap-stacktrace-level=panic")...)
	p.command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	p.command.Stdout, p.command.Stderr = log, log
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill() // It may have ended long ago.
		<-p.exited
	})
	return p
}

// freeAddress is one on loopback at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// scrape returns the figures that the process shows Prometheus, a line each.
func (p *program) scrape() []string {
	p.Helper()
	text, err := p.ask(p.Context(), p.metrics, "/metrics")
	if err != nil {
		p.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// ask is a request for a page of the process.
func (p *program) ask(ctx context.Context, address, path string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, text)
	}
	return string(text), err
}

// stop asks the process to end, and asks that it does so without an error.
func (p *program) stop() {
	p.Helper()
	p.alive()
	if p.Failed() { // as it is now, before it tells of its end
		p.Logf("the end of the operator's log:\n%s", strings.Join(tail(p.lines(), 30), "\n"))
	}
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.Error(err)
	}
	select {
	case <-p.exited:
	case <-time.After(30 * time.Second):
		p.Error("the operator does not end when asked to")
		_ = p.command.Process.Kill()
		<-p.exited
	}
	if code := p.command.ProcessState.ExitCode(); code != 0 {
		p.Errorf("the operator ends with status %d", code)
	}
}

// alive asks that the process has not ended by itself.
func (p *program) alive() {
	p.Helper()
	select {
	case <-p.exited:
		p.Errorf("the operator has ended: %s", strings.Join(tail(p.lines(), 5), "\n"))
	default:
	}
}

func (p *program) lines() []string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		p.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func tail(lines []string, n int) []string { return lines[max(0, len(lines)-n):] }

// errors are the lines that the operator has logged as errors, without those that have one of the parts.
func (p *program) errors(without ...string) []string {
	var out []string
lines:
	for _, line := range p.lines() {
		if !strings.Contains(line, `"level":"error"`) {
			continue
		}
		for _, part := range without {
			if strings.Contains(line, part) {
				continue lines
			}
		}
		out = append(out, line)
	}
	return out
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	root, err := testenv.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	var out bytes.Buffer
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = moduleRoot(t)
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out.String())
	}
}

// kubectl is the machine's own, or the one among the assets, which are there where the machine has none.
func kubectl(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("kubectl"); err == nil {
		return path
	}
	return filepath.Join(testenv.Shared(t).Assets, "kubectl")
}
