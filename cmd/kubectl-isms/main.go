// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command kubectl-isms is a plugin of kubectl for what an ISMS needs beside the cluster: the signing key of the evidence
// log, its verification, and its anchors.
//
// It ends with 0 when all is well, with 1 when a log does not verify or something cannot be read, and with 2 when it is
// called in a way that it does not know.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	failed = 1
	misuse = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// usageError is one of the caller, not of a log.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func run(args []string, in io.Reader, out, errout io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errout)
	err := root.Execute()
	if err == nil {
		return 0
	}
	fmt.Fprintln(errout, "error:", err)
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintln(errout, "see kubectl isms --help")
		return misuse
	}
	return failed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "kubectl-isms",
		Short:         "The evidence log of an ISMS: keys, verification, anchors",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl isms"},
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			return usageError{errors.New("give a command: keygen, verify or anchor")}
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newKeygen(), newVerify(), newAnchor())
	return root
}

// arguments makes what is wrong with the arguments an error of the caller.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}
