// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package starter holds the test of a new user's first steps: kubectl isms init against a cluster with the operator,
// kubectl apply -k, and what the operator makes of it.
package starter

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// The account that config/default makes for the operator.
const (
	systemNamespace = "isms-operator-system"
	serviceAccount  = "isms-operator-controller-manager"
)

// patience is how long anything may take on a slow machine.
const patience = 2 * time.Minute

// bin is the directory of the programs; TestMain makes and removes it.
var bin string

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	var err error
	if bin, err = os.MkdirTemp("", "isms-starter-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(bin) }() // A directory of the system's.
	root, err := testenv.ModuleRoot()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for name, source := range map[string]string{"isms-operator": ".", "kubectl-isms": "./cmd/kubectl-isms"} {
		command := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(bin, name), source)
		command.Dir = root
		if out, err := command.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go build %s: %v\n%s", source, err, out)
			return 1
		}
	}
	return testenv.Run(m, testenv.WithControllerManager(), testenv.WithAPIServerFlag("request-timeout", "6s"))
}

// startOperator runs the operator with the rights of its service account until the test ends.
func startOperator(t *testing.T, config *rest.Config) {
	t.Helper()
	var log bytes.Buffer
	command := exec.Command(filepath.Join(bin, "isms-operator"), "--leader-elect", "--leader-election-namespace="+systemNamespace,
		"--metrics-bind-address=0", "--health-probe-bind-address=0", "--zap-stacktrace-level=panic")
	command.Env = append(os.Environ(), "KUBECONFIG="+testenv.Kubeconfig(t, config))
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := command.Wait(); err != nil {
			t.Errorf("the operator: %v", err)
		}
		if t.Failed() {
			lines := strings.Split(log.String(), "\n")
			t.Logf("the end of the operator's log:\n%s", strings.Join(lines[max(0, len(lines)-20):], "\n"))
		}
	})
}

// plugin runs kubectl isms without a terminal, and returns what it prints.
func plugin(t *testing.T, kubeconfig string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(bin, "kubectl-isms"), args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	var out, errout bytes.Buffer
	command.Stdout, command.Stderr = &out, &errout
	if err := command.Run(); err != nil {
		t.Fatalf("kubectl isms %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), errout.String())
	}
	return out.String()
}

// kubectl runs the machine's own, or the one among the assets, which are there where the machine has none.
func kubectl(t *testing.T, kubeconfig string, args ...string) (string, error) {
	t.Helper()
	name, err := exec.LookPath("kubectl")
	if err != nil {
		name = filepath.Join(testenv.Shared(t).Assets, "kubectl")
	}
	root, err := testenv.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), name, append([]string{"--kubeconfig", kubeconfig}, args...)...)
	command.Dir = root
	out, err := command.CombinedOutput()
	return string(out), err
}

// eventually waits until nothing is wrong.
func eventually(t *testing.T, wrong func() string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		what := wrong()
		if what == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still wrong after %s: %s", patience, what)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// apply runs kubectl apply until it succeeds: a kind that was just defined is not served at once.
func apply(t *testing.T, kubeconfig string, args ...string) {
	t.Helper()
	eventually(t, func() string {
		out, err := kubectl(t, kubeconfig, append([]string{"apply", "--server-side", "--force-conflicts"}, args...)...)
		if err != nil {
			return out
		}
		return ""
	})
}
