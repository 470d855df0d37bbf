// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command demo shows the operator at work on an API server of its own, which it starts and stops: a small cluster, the
// sample ISMS, a drift and its repair. See docs for the transcript.
//
// Every claim that it prints is checked; the first that does not hold ends it with a status other than 0. In a terminal
// it stays up after the story, until Ctrl-C.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/go-logr/logr"
	"golang.org/x/term"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

func main() {
	assets := flag.String("assets", "", "directory of etcd and kube-apiserver (default: KUBEBUILDER_ASSETS, else the cache below bin/)")
	execute := flag.String("exec", "", "program to run while the drift lasts, with KUBECONFIG set; the demo fails if it does")
	flag.Parse()
	logf.SetLogger(logr.Discard()) // The libraries' own messages would only disturb.
	if *assets != "" {
		if err := os.Setenv("KUBEBUILDER_ASSETS", *assets); err != nil {
			fatal(err)
		}
	}
	// SIGPIPE is among them for `make demo | head`: what runs must be stopped then, too.
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer cancel()
	if err := run(ctx, *execute); err != nil {
		fatal(err)
	}
}

func fatal(err error) {
	fmt.Fprintf(os.Stderr, "\ndemo: %v\n", err)
	if errors.Is(err, errInterrupted) {
		os.Exit(130) // As a shell says it of Ctrl-C.
	}
	os.Exit(1)
}

var errInterrupted = errors.New("interrupted; what was started is stopped")

// run prepares what the story needs, tells it, and removes all of it, whatever happened.
func run(ctx context.Context, execute string) (err error) {
	root, err := testenv.ModuleRoot()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "isms-demo-")
	if err != nil {
		return fmt.Errorf("make a directory to work in: %w", err)
	}
	s := &stage{root: root, dir: dir, out: os.Stdout, program: execute}
	defer func() { err = errors.Join(s.explain(ctx, err), s.close()) }()
	for _, act := range []func(context.Context) error{
		s.startControlPlane, s.installOperator, s.buildCluster, s.runOperator, s.applySamples, s.showBaseline, s.drift, s.execute, s.mend,
		s.showLog, s.showPlan,
	} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	return s.stayUp(ctx)
}

// execute runs the program that the flag names, if it names one, as the demo's administrator.
func (s *stage) execute(ctx context.Context) error {
	if s.program == "" {
		return nil
	}
	command := exec.CommandContext(ctx, s.program)
	command.Env = append(os.Environ(), "KUBECONFIG="+s.kubectl.kubeconfig)
	command.Stdout, command.Stderr = s.out, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w", s.program, err)
	}
	return nil
}

// stayUp waits for Ctrl-C where somebody sits in front of a terminal, which is no failure then.
func (s *stage) stayUp(ctx context.Context) error {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return nil
	}
	s.sayf("\nThe cluster and the operator stay up until Ctrl-C. In another terminal:\n")
	s.sayf("  export KUBECONFIG=%s", s.kubectl.kubeconfig)
	if filepath.Dir(s.kubectl.binary) == s.env.Assets {
		s.sayf("  export PATH=%s:$PATH", s.env.Assets)
	}
	s.sayf("  kubectl get controls -n %s --watch", samplesNamespace)
	s.sayf("  kubectl apply --server-side --force-conflicts -f hack/demo/drift/allow-all.yaml")
	s.sayf("  kubectl apply --server-side --force-conflicts -f hack/demo/drift/default-deny.yaml")
	select {
	case <-ctx.Done():
		s.sayf("\nStopping.")
		return nil
	case <-s.operator.exited:
		return errOperatorEnded
	}
}

// explain adds the end of the operator's log to a failure. After a signal, that is the reason of whatever failed.
func (s *stage) explain(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errInterrupted
	case s.operator == nil:
		return err
	}
	tail := strings.ReplaceAll(string(s.operator.logTail(20)), "\n", "\n  ")
	return fmt.Errorf("%w\n\nThe end of the operator's log:\n  %s", err, tail)
}

// close ends what was started, last first, and removes the files.
func (s *stage) close() error {
	var errs []error
	if s.stopWatching != nil {
		s.stopWatching()
	}
	if s.operator != nil {
		errs = append(errs, s.operator.stop())
	}
	if s.env != nil {
		errs = append(errs, s.env.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}
