// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/explain"
	"github.com/isms-operator/isms-operator/internal/readiness"
	"github.com/isms-operator/isms-operator/internal/register"
)

// exitCode adds --exit-code, which lets a pipeline ask.
func exitCode(c *cobra.Command, into *bool, when string) {
	c.Flags().BoolVar(into, "exit-code", false, "End with 1 "+when+".")
}

// listed is the error of --exit-code where a register has rows.
func listed(asked bool, t register.Table, noun string) error {
	if !asked || len(t.Rows) == 0 {
		return nil
	}
	return unmet(conditions.Count(len(t.Rows), noun))
}

func newGaps(s *session) *cobra.Command {
	var r *reader
	var l *listing
	var asked bool
	var owner string
	least := choice{of: []string{
		string(isms.CriticalityCritical), string(isms.CriticalityHigh), string(isms.CriticalityMedium), string(isms.CriticalityLow),
	}}
	command := &cobra.Command{
		Use:   "gaps",
		Short: "What is missing: clauses that are not evidenced, controls that do not hold",
		Long: "List each clause requirement that is not evidenced and each control that does not hold, the most urgent first:\n" +
			"by criticality, then the least effort, then the earliest date. What nobody has graded comes last.",
		Example: "  kubectl isms gaps\n  kubectl isms gaps --criticality High --exit-code\n  kubectl isms gaps -o csv > gaps.csv",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			in, err := r.read(c)
			if err != nil {
				return err
			}
			t := register.Gaps(in)
			if least.value != "" {
				wanted := least.of[:slices.Index(least.of, least.value)+1]
				t = t.Where("Criticality", func(cell string) bool { return slices.Contains(wanted, cell) })
			}
			if owner != "" {
				t = t.Where("Owner", func(cell string) bool { return contains(cell, owner) })
			}
			err = l.show(c, t, "No gaps.")
			if control := firstControl(in, t); control != "" && l.forPeople() {
				fmt.Fprintf(c.ErrOrStderr(), "\nkubectl isms explain %s shows what fails, and what would mend it.\n", control)
			}
			return cmp.Or(err, listed(asked, t, "gap"))
		},
	}
	r = newReader(s, command, everything...)
	l = newListing(s, command, []string{"ID", "Title", "Criticality", "Due", "Owner", "Reason", "Action"},
		[]string{"Effort (days)", "Missing"})
	bindChoice(command, &least, "criticality", "", "List the gaps of this criticality and above alone.")
	command.Flags().StringVar(&owner, "owner", "", "List the gaps alone whose owner's name has this in it.")
	exitCode(command, &asked, "if a gap is listed")
	return command
}

// firstControl is the first control that a register lists and that is there, so that it can be explained.
func firstControl(in readiness.ScopeInput, t register.Table) string {
	for _, row := range t.Pick("ID").Rows {
		if _, found := explain.Find(in, row[0]); found {
			return row[0]
		}
	}
	return ""
}

func newSoA(s *session) *cobra.Command {
	var r *reader
	var l *listing
	command := &cobra.Command{
		Use:   "soa",
		Short: "The Statement of Applicability: which control applies, and what its evidence shows",
		Long: "List the 93 controls of Annex A in the order of the standard (clause 6.1.3 d), with those that nobody has decided on\n" +
			"as Missing, then the controls of other sources.",
		Example: "  kubectl isms soa\n  kubectl isms soa -o csv > soa.csv",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			in, err := r.read(c)
			if err != nil {
				return err
			}
			return l.show(c, register.Statement(in), "")
		},
	}
	r = newReader(s, command, "controls", "risks")
	l = newListing(s, command, []string{"Control", "Title", "Decision", "State", "Result", "Reason", "Owner"},
		[]string{"Reasons", "Justification", "Risks"})
	return command
}

func newRisks(s *session) *cobra.Command {
	var r *reader
	var l *listing
	command := &cobra.Command{
		Use:     "risks",
		Short:   "The risk register: level before and after treatment, acceptance, review",
		Long:    "List the risks of the scope by name (clauses 6.1.2, 6.1.3, 8.2 and 8.3).",
		Example: "  kubectl isms risks -o wide",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			in, err := r.read(c)
			if err != nil {
				return err
			}
			return l.show(c, register.Risks(in), "No risks are recorded.")
		},
	}
	r = newReader(s, command, "risks")
	l = newListing(s, command,
		[]string{"Risk", "Owner", "Inherent level", "Treatment", "Residual level", "Treated", "Residual accepted", "Review due"},
		[]string{"Title", "Controls", "Due", "Assessed", "Review"})
	return command
}

func newFindings(s *session) *cobra.Command {
	var r *reader
	var l *listing
	var open, asked bool
	command := &cobra.Command{
		Use:     "findings",
		Short:   "Nonconformities, observations and their corrective actions",
		Long:    "List the findings of the scope and what is done about them, by the day on which they were raised (clause 10.2).",
		Example: "  kubectl isms findings --open\n  kubectl isms findings --open --exit-code",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			in, err := r.read(c)
			if err != nil {
				return err
			}
			t := register.Findings(in)
			if open {
				t = t.Where("Closed", func(cell string) bool { return !strings.HasPrefix(cell, "True") })
			}
			return cmp.Or(l.show(c, t, "No findings."), listed(asked, t, "finding"))
		},
	}
	r = newReader(s, command, "findings")
	l = newListing(s, command,
		[]string{"Finding", "Severity", "Requirement", "Due", "Closed", "Statement"},
		[]string{"Raised on", "Source", "Audit", "Owner", "On time", "Corrective action"})
	command.Flags().BoolVar(&open, "open", false, "List those alone that are not closed.")
	exitCode(command, &asked, "if a finding is listed")
	return command
}

// contains says whether a cell has a text in it, whatever the case.
func contains(cell, text string) bool {
	return strings.Contains(strings.ToLower(cell), strings.ToLower(text))
}
