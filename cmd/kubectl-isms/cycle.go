// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/brief"
	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/register"
)

// formatICS is a calendar for other programs.
const formatICS = "ics"

func newStatus(s *session) *cobra.Command {
	var r *reader
	var asked bool
	format := choice{formatTable, []string{formatTable, formatJSON, formatYAML}}
	command := &cobra.Command{
		Use:   "status",
		Short: "The scope and its cycle at a glance: ready or not, what is missing, what is due",
		Long: "Show where the certification cycle stands, whether it is ready for the next audit, everything that is missing for\n" +
			"it, the counts of controls, clauses, gaps and findings, and what is due next. All of it is what the operator wrote\n" +
			"into the status; the heartbeat says how old that may be.",
		Example: "  kubectl isms status\n  kubectl isms status --exit-code && echo ready",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			in, err := r.read(c)
			if err != nil {
				return err
			}
			cycle, err := r.current(in)
			if err != nil {
				return err
			}
			status := brief.StatusOf(in, cycle)
			out := c.OutOrStdout()
			switch format.value {
			case formatJSON:
				err = export.JSON(out, status)
			case formatYAML:
				err = export.YAML(out, status)
			default:
				err = status.Text(out, s.text(out))
			}
			if asked && err == nil && status.Ready.Status != metav1.ConditionTrue {
				return unmet("not ready: " + status.Ready.Reason)
			}
			return err
		},
	}
	r = newReader(s, command, everything...)
	r.bindCycle(command)
	bindChoice(command, &format, "output", "o", "Format.")
	exitCode(command, &asked, "unless the cycle is ready for its next audit (AuditReady is True)")
	return command
}

func newPlan(s *session) *cobra.Command {
	var r *reader
	var l *listing
	command := &cobra.Command{
		Use:   "plan",
		Short: "The project plan: each step of the process with its state, day and owner",
		Long: "List the steps of the certification process as the cycle's status has them. They overlap: a step is done when what\n" +
			"it asks for is there, whatever was done before it.",
		Example: "  kubectl isms plan",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			_, cycle, err := r.readCycle(c)
			if err != nil {
				return err
			}
			return l.show(c, register.Plan(cycle), "The operator has not assessed the cycle yet.")
		},
	}
	r = newReader(s, command, "auditcycles")
	r.bindCycle(command)
	l = newListing(s, command, []string{"Step", "State", "Due", "Owner", "Message"}, []string{"Reason", "Depends on"})
	return command
}

func newCalendar(s *session) *cobra.Command {
	var r *reader
	var l *listing
	var days int
	var overdue, asked bool
	var owner string
	command := &cobra.Command{
		Use:   "calendar",
		Short: "What is due when: deadlines, audits, reviews, attestations, actions",
		Long: "List what is to be done by which day: the deadlines of the cycle with the rule that sets them, planned audits and\n" +
			"reviews, attestations that controls ask for, reviews of documents, risks and registers, actions on findings, and\n" +
			"the ends of exceptions and certificates. What is done is not listed. -o ics is for calendars.",
		Example: "  kubectl isms calendar --days 30\n  kubectl isms calendar --overdue --exit-code\n  kubectl isms calendar -o ics > isms.ics",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			in, err := r.read(c)
			if err != nil {
				return err
			}
			t := register.Calendar(in)
			if days < 0 {
				return usageError{errors.New("--days is a number of days from today on: 0 or more")}
			}
			if c.Flags().Changed("days") {
				until := in.Now.UTC().AddDate(0, 0, days).Format(time.DateOnly)
				t = t.Where("Due", func(cell string) bool { return cell <= until })
			}
			if overdue {
				t = t.Where("State", func(cell string) bool { return cell == string(isms.DeadlineOverdue) })
			}
			if owner != "" {
				t = t.Where("Owner", func(cell string) bool { return contains(cell, owner) })
			}
			if l.format.value == formatICS {
				return export.ICS(c.OutOrStdout(), in.Scope.Namespace+"/"+in.Scope.Name, events(t), in.Now)
			}
			return cmp.Or(l.show(c, t, "Nothing is due."), listed(asked, t, "date"))
		},
	}
	r = newReader(s, command, everything...)
	l = newListing(s, command, []string{"Due", "State", "What", "Owner"}, []string{"Object", "Rule"})
	l.format.of = append(l.format.of, formatICS)
	command.Flags().IntVar(&days, "days", 0, "List what is due within this many days alone, and what is overdue.")
	command.Flags().BoolVar(&overdue, "overdue", false, "List what is overdue alone.")
	command.Flags().StringVar(&owner, "owner", "", "List that alone whose owner's name has this in it.")
	exitCode(command, &asked, "if anything is listed")
	return command
}

// events are the rows of the calendar.
func events(t register.Table) []export.DayEvent {
	list := make([]export.DayEvent, 0, len(t.Rows))
	for _, row := range t.Pick("Due", "What", "Object", "Owner", "Rule").Rows {
		about := slices.DeleteFunc(slices.Clone(row[2:]), func(cell string) bool { return cell == "" })
		list = append(list, export.DayEvent{On: row[0], Summary: row[1], Description: strings.Join(about, "; "), Key: row[1] + "\x00" + row[2]})
	}
	return list
}
