// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/register"
)

// Values of -o.
const (
	formatTable = "table"
	formatWide  = "wide"
	formatJSON  = "json"
	formatYAML  = "yaml"
	formatCSV   = "csv"
)

// Values of --color.
const (
	colorAuto   = "auto"
	colorAlways = "always"
	colorNever  = "never"
)

// choice is a flag with one of several values.
type choice struct {
	value string
	of    []string
}

func (c *choice) String() string { return c.value }

// Type names the values in the help.
func (c *choice) Type() string { return strings.Join(c.of, "|") }

// Set takes one of the values.
func (c *choice) Set(value string) error {
	if !slices.Contains(c.of, value) {
		return fmt.Errorf("must be one of %s", strings.Join(c.of, ", "))
	}
	c.value = value
	return nil
}

// bindChoice adds a flag with one of several values, which the shell completes.
func bindChoice(c *cobra.Command, flag *choice, name, shorthand, usage string) {
	c.Flags().VarP(flag, name, shorthand, usage)
	if err := c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(flag.of, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // The flag was added above.
	}
}

// listing is how a command shows a register: -o, and the columns of table and wide. The other formats have all columns.
type listing struct {
	session     *session
	format      choice
	table, wide []string
}

func newListing(s *session, c *cobra.Command, table, more []string) *listing {
	l := &listing{
		session: s, table: table, wide: append(slices.Clone(table), more...),
		format: choice{formatTable, []string{formatTable, formatWide, formatJSON, formatYAML, formatCSV}},
	}
	bindChoice(c, &l.format, "output", "o", "Format. wide has more columns, and reasons; json, yaml and csv have all.")
	return l
}

// forPeople says that the format is one to read, not one for programs.
func (l *listing) forPeople() bool {
	return l.format.value == formatTable || l.format.value == formatWide
}

// show writes a register in the format that was asked for; empty is what is said where a table would have no row.
func (l *listing) show(c *cobra.Command, t register.Table, empty string) error {
	out := c.OutOrStdout()
	switch l.format.value {
	case formatJSON:
		return export.JSON(out, export.Records(t))
	case formatYAML:
		return export.YAML(out, export.Records(t))
	case formatCSV:
		return export.CSV(out, t)
	}
	if len(t.Rows) == 0 {
		fmt.Fprintln(c.ErrOrStderr(), empty)
		return nil
	}
	if l.format.value == formatWide {
		return l.session.text(out).Table(out, t.Pick(l.wide...))
	}
	return l.session.text(out).Table(out, t.Pick(l.table...).Short())
}

// text is how text is laid out for a writer: in colours and in the width of the terminal where it is one.
func (s *session) text(out io.Writer) export.Text {
	var x export.Text
	terminal := false
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) { //nolint:gosec // a descriptor is small
		terminal = true
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil { //nolint:gosec // as above
			x.Width = columns
		}
	}
	auto := terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if s.color.value == colorAlways || s.color.value == colorAuto && auto {
		x.Paint = export.ANSI
	}
	return x
}
