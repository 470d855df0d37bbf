// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/isms-operator/isms-operator/internal/brief"
	"github.com/isms-operator/isms-operator/internal/export"
)

const formatMarkdown = "markdown"

func newPrepare(s *session) *cobra.Command {
	var r *reader
	format := choice{formatMarkdown, []string{formatMarkdown, formatJSON, formatYAML}}
	command := &cobra.Command{
		Use:   "prepare OCCASION",
		Short: "What to have at hand for an audit or a review: checklists, records, samples, people",
		Long: "Write a paper for one of the occasions internal-audit, management-review, stage1, stage2 and surveillance: what is\n" +
			"asked for and whether it is there, the checklist per clause and control, the index of the mandatory documents and\n" +
			"records, the samples that were drawn and what others can be drawn from, open findings, and whom the auditor will\n" +
			"want to speak to. For the management review it is the agenda with what there is on each of the ten inputs of clause\n" +
			"9.3.2, and the record to be filled in.",
		Example:   "  kubectl isms prepare internal-audit > internal-audit.md\n  kubectl isms prepare management-review",
		Args:      arguments(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs), "one occasion: "+strings.Join(brief.Occasions(), ", ")),
		ValidArgs: brief.Occasions(),
		RunE: func(c *cobra.Command, args []string) error {
			in, cycle, err := r.readCycle(c)
			if err != nil {
				return err
			}
			paper := brief.Prepare(in, cycle, brief.Occasion(args[0]))
			switch format.value {
			case formatJSON:
				return export.JSON(c.OutOrStdout(), paper)
			case formatYAML:
				return export.YAML(c.OutOrStdout(), paper)
			}
			return export.Markdown(c.OutOrStdout(), paper)
		},
	}
	r = newReader(s, command, everything...)
	r.bindCycle(command)
	bindChoice(command, &format, "output", "o", "Format.")
	return command
}
