// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

func newSamples(s *session) *cobra.Command {
	var r *reader
	command := &cobra.Command{
		Use:   "samples",
		Short: "Draw the samples of the cycle again, and hold them against those that the operator drew",
		Long: "Draw the samples that the AuditCycle asks for once more, from the Attestations and EvidenceLogs of an export or of\n" +
			"a cluster, and say of each whether the population and the draw are those of the cycle's status. What was drawn is\n" +
			"listed, a name a line, in the order of the draw. It ends with 1 if a sample differs, or can't be drawn again. That\n" +
			"the logs are whole is shown by kubectl isms verify.",
		Example: "  kubectl isms samples -n isms\n  kubectl get isms -n isms -o yaml > isms.yaml && kubectl isms samples -f isms.yaml",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			rewind, err := keepInput(c, r.files)
			if err != nil {
				return err
			}
			in, cycle, err := r.readCycle(c)
			if err != nil {
				return err
			}
			rewind()
			from := &source{session: s, files: r.files, scope: in.Scope.Name, place: cycle.Namespace}
			logs, err := from.logs(c)
			if err != nil {
				return err
			}
			drawn := readiness.DrawAgain(readiness.CycleInput{Cycle: cycle, Attestations: in.Attestations, Logs: ownLogs(logs, cycle), Now: in.Now})
			return showSamples(c.OutOrStdout(), cycle, drawn)
		},
	}
	r = newReader(s, command, "auditcycles", "attestations")
	r.bindCycle(command)
	return command
}

// keepInput keeps standard input where the files name it, so that it can be read twice.
func keepInput(c *cobra.Command, files []string) (rewind func(), err error) {
	if !slices.Contains(files, "-") {
		return func() {}, nil
	}
	text, err := io.ReadAll(c.InOrStdin())
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	rewind = func() { c.SetIn(bytes.NewReader(text)) }
	rewind()
	return rewind, nil
}

// ownLogs are those of the cycle's namespace; nil where there are none.
func ownLogs(logs []isms.EvidenceLog, cycle *isms.AuditCycle) []isms.EvidenceLog {
	own := slices.DeleteFunc(logs, func(l isms.EvidenceLog) bool { return l.Namespace != cycle.Namespace })
	if len(own) == 0 {
		return nil
	}
	return own
}

// showSamples prints each sample as it was drawn again; the error says that one is not as the status has it.
func showSamples(out io.Writer, cycle *isms.AuditCycle, again []isms.SampleStatus) error {
	if len(again) == 0 {
		fmt.Fprintf(out, "The cycle %s asks for no sample.\n", cycle.Name)
		return nil
	}
	different := 0
	for _, s := range again {
		told := isms.SampleStatus{State: isms.SamplePending}
		for _, known := range cycle.Status.Samples {
			if known.Name == s.Name {
				told = known
			}
		}
		verdict, same := compared(told, s)
		if !same {
			different++
		}
		fmt.Fprintf(out, "%s: %s\n", s.Name, verdict)
		for _, name := range s.Drawn {
			fmt.Fprintf(out, "  %s\n", name)
		}
	}
	if different > 0 {
		return fmt.Errorf("%s of %s: not as the status of the cycle %s has it",
			count(different, "sample", "samples"), count(len(again), "sample", "samples"), cycle.Name)
	}
	return nil
}

// compared says how a sample that was drawn again stands to what the status has.
func compared(told, again isms.SampleStatus) (verdict string, same bool) {
	drew := func(s isms.SampleStatus) string { return fmt.Sprintf("%d of %d", len(s.Drawn), *s.PopulationSize) }
	switch {
	case told.State != isms.SampleDrawn && again.State != isms.SampleDrawn:
		return "not drawn yet", true
	case again.State != isms.SampleDrawn:
		return "DIFFERS: the records of which it was drawn are not there", false
	case told.State != isms.SampleDrawn:
		return drew(again) + " drawn; the operator has not drawn it yet", false
	case told.RequestDigest != again.RequestDigest:
		return "DIFFERS: it was drawn for another request", false
	case told.PopulationDigest != again.PopulationDigest:
		return fmt.Sprintf("DIFFERS: of another population, %s, and %s in the status", drew(again), drew(told)), false
	case !slices.Equal(told.Drawn, again.Drawn):
		return "DIFFERS: the same population, and another draw in the status", false
	}
	return drew(again) + " drawn again, the same as in the status", true
}
