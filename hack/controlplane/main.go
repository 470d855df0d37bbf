// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command controlplane provides a real Kubernetes API server on loopback, for tests, for the demo and for developers.
//
//	go -C hack/controlplane run . version   prints the pinned Kubernetes version
//	go -C hack/controlplane run . ensure    makes sure that the binaries are there, prints their directory
//	go -C hack/controlplane run . up        runs etcd, kube-apiserver and kube-controller-manager until Ctrl-C
//
// It uses the standard library only: what this module's go.mod requires is what it builds, not what it imports.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

const usage = `usage: go -C hack/controlplane run . <command>

commands:
  version               print the pinned Kubernetes version
  ensure [-no-download] make sure that etcd, kube-apiserver and kube-controller-manager are there (and kubectl, where
                        the machine has none); print the directory that holds them
  up [-no-download]     run them on loopback until Ctrl-C
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("controlplane "+command, flag.ContinueOnError)
	flags.SetOutput(stderr)
	noDownload := flags.Bool("no-download", false, "build from the Go modules even where prebuilt binaries can be had")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	module, err := findModule()
	if err != nil {
		return err
	}
	resolve := func() (string, error) {
		return newResolver(module, !*noDownload, stderr).ensure(ctx)
	}
	switch command {
	case "version":
		fmt.Fprintln(stdout, module.version)
		return nil
	case "ensure":
		dir, err := resolve()
		if err == nil {
			fmt.Fprintln(stdout, dir)
		}
		return err
	case "up":
		dir, err := resolve()
		if err != nil {
			return err
		}
		return up(ctx, dir, stdout)
	default:
		fmt.Fprint(stderr, usage)
		return flag.ErrHelp
	}
}

func newResolver(module module, download bool, log io.Writer) *resolver {
	r := &resolver{
		override: os.Getenv("KUBEBUILDER_ASSETS"),
		cache:    module.cache(),
		required: []string{"etcd", "kube-apiserver", "kube-controller-manager"},
		log:      log,
	}
	if _, err := exec.LookPath("kubectl"); err != nil {
		r.required = append(r.required, "kubectl")
	}
	if download {
		r.sources = append(r.sources, newDownloader(module.version, log).fetch)
	}
	r.sources = append(r.sources, (&builder{module: module, progress: newProgress(log)}).fetch)
	return r
}
