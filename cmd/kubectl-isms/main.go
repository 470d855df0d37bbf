// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command kubectl-isms is a plugin of kubectl. It answers what people ask of an ISMS whose controls are resources: its
// registers, its plan, its evidence and the log of it. It reads, and changes nothing in a cluster.
//
// It ends with 0 when all is well, with 1 when something could not be read or does not hold that was asked to hold, and
// with 2 when it is called in a way that it does not know.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

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

// usageError is one of the caller.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// unmet says that something does not hold that a flag asked to hold. What it is about was printed.
type unmet string

func (e unmet) Error() string { return string(e) }

// exit ends the program with a code of its own. What it is about was printed.
type exit struct {
	code    int
	message string
}

func (e exit) Error() string { return e.message }

func run(args []string, in io.Reader, out, errout io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot(newSession(time.Now))
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errout)
	called, err := root.ExecuteContextC(ctx)
	var usage usageError
	var not unmet
	var with exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &with):
		fmt.Fprintln(errout, with)
		return with.code
	case errors.As(err, &not):
		fmt.Fprintln(errout, not)
		return failed
	}
	fmt.Fprintln(errout, "error:", err)
	if errors.As(err, &usage) {
		fmt.Fprintf(errout, "see %s --help\n", called.CommandPath())
		return misuse
	}
	return failed
}

// group is a heading of the help, with its commands.
type group struct {
	id, title string
	commands  []*cobra.Command
}

func groups(s *session) []group {
	return []group{
		{"start", "Begin:", []*cobra.Command{newInit(s)}},
		{"cycle", "The cycle:", []*cobra.Command{newStatus(s), newExplain(s), newPlan(s), newCalendar(s), newPrepare(s), newSamples(s)}},
		{"registers", "Registers:", []*cobra.Command{
			newGaps(s), newSoA(s), newRisks(s), newFindings(s), newDocuments(s), newEntries(s), newAttestations(s),
		}},
		{"files", "Before merge:", []*cobra.Command{newCheck(s)}},
		{"log", "The evidence log:", []*cobra.Command{newVerify(s), newAnchor(s), newKeygen()}},
	}
}

func newRoot(s *session) *cobra.Command {
	root := &cobra.Command{
		Use:   "kubectl-isms",
		Short: "An ISMS in a cluster: its registers, its evidence and the log of it",
		Long: "kubectl isms answers what people ask of an ISMS whose controls are resources (isms-operator.io). It reads from the\n" +
			"cluster of your kubeconfig, with your rights, or with -f from an export of it, and changes nothing there.\n\n" +
			"It ends with 0 when all is well, with 1 when something could not be read or does not hold that a flag asked to\n" +
			"hold, and with 2 when it is called in a way that it does not know.",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl isms"},
		SilenceErrors: true,
		SilenceUsage:  true,
		// How many letters a word may be off to be taken for a command that was meant.
		SuggestionsMinimumDistance: 2,
		Args:                       known,
		RunE: func(*cobra.Command, []string) error {
			return usageError{errors.New("give a command")}
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.SetUsageTemplate(usageTemplate)
	s.bind(root.PersistentFlags())
	for _, g := range groups(s) {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.id
			root.AddCommand(c)
		}
	}
	root.AddCommand(newOptions(), newReference(root))
	return root
}

// flagWidth is that of the lines that describe flags; usageTemplate has it too.
const flagWidth = 110

// usageTemplate is cobra's, but for the flags that all commands share: they fill a page, so `options` shows them, as it
// does in kubectl.
const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}{{$commands := .Commands}}{{range $group := .Groups}}

{{.Title}}{{range $commands}}{{if eq .GroupID $group.ID}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}

Other commands:{{range $commands}}{{if and (eq .GroupID "") (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if and .HasAvailableLocalFlags .HasParent}}

Flags:
{{.LocalFlags.FlagUsagesWrapped 110 | trimTrailingWhitespaces}}{{end}}

Use "kubectl isms options" for the flags of the connection, which all commands take.
`

func newOptions() *cobra.Command {
	return &cobra.Command{
		Use:   "options",
		Short: "Print the flags that all commands take",
		Args:  noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			fmt.Fprintf(c.OutOrStdout(), "All commands take these flags:\n\n%s", c.InheritedFlags().FlagUsages())
			return nil
		},
	}
}

// known takes no arguments: what stands there is a command that there is not.
func known(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return usageError{fmt.Errorf("there is no command %s: is %s meant?", args[0], strings.Join(near, " or "))}
	}
	return usageError{fmt.Errorf("there is no command %s", args[0])}
}

// noArguments is for commands that have flags alone.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes flags alone, not %s", c.Name(), strings.Join(args, " "))}
	}
	return nil
}

// arguments makes arguments that do not fit an error of the caller, which says what is wanted.
func arguments(fit cobra.PositionalArgs, wanted string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if fit(c, args) != nil {
			return usageError{fmt.Errorf("%s takes %s", c.Name(), wanted)}
		}
		return nil
	}
}
