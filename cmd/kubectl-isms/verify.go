// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/isms-operator/isms-operator/internal/ledger"
)

func newVerify(s *session) *cobra.Command {
	var from *source
	var keys, anchors []string
	command := &cobra.Command{
		Use:   "verify",
		Short: "Hold the evidence log against its chain, its checkpoints, keys and anchors",
		Long: "Hold the EvidenceLogs of an export or of a cluster against their hash chains and checkpoints, the signatures\n" +
			"against --keys, and the checkpoints against those that were kept outside with --anchor. Of a cluster the keys that\n" +
			"the operator has published there are used where none are given: that shows what has changed since, but not who\n" +
			"published them. It prints what each\n" +
			"scope has, and the first entry that does not fit, and ends with 1 if there is one.",
		Example: "  kubectl get evidencelogs -n isms -o yaml > logs.yaml\n" +
			"  kubectl isms verify -f logs.yaml --keys keys/2026.pub --anchor 2026-11-21.json\n" +
			"  kubectl isms verify -n isms",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			var o ledger.Options
			var err error
			if o.Keys, err = readKeys(keys); err != nil {
				return usageError{err}
			}
			if o.Anchors, err = readAnchors(anchors); err != nil {
				return usageError{err}
			}
			o.Anchors = slices.DeleteFunc(o.Anchors, func(a ledger.Anchor) bool { return !from.selects(a.Scope) })
			logs, err := from.logs(c)
			if err != nil {
				return err
			}
			published := len(keys) == 0 && len(from.files) == 0 && signed(logs)
			if published {
				if o.Keys, err = from.published(c.Context(), logs); err != nil {
					return err
				}
			}
			reports := ledger.Verify(logs, o)
			if len(reports) == 0 {
				return errors.New("there is no EvidenceLog, so nothing is proved")
			}
			if published && len(o.Keys) > 0 {
				fmt.Fprintf(c.OutOrStdout(), "with %s from the cluster itself; better give the auditor's own with --keys\n",
					count(len(o.Keys), "key", "keys"))
			}
			return show(c.OutOrStdout(), reports, o)
		},
	}
	from = newSource(s, command)
	command.Flags().StringArrayVar(&keys, "keys", nil, "Public key in PEM that is trusted, or a directory of .pub files; may be repeated.")
	command.Flags().StringArrayVar(&anchors, "anchor", nil, "Checkpoint that was kept outside, as anchor printed it; may be repeated.")
	return command
}

// readKeys reads PEM files, and the .pub files of directories.
func readKeys(paths []string) (ledger.Keys, error) {
	keys := ledger.Keys{}
	for _, path := range paths {
		files := []string{path}
		if info, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("read the keys: %w", err)
		} else if info.IsDir() {
			files, _ = filepath.Glob(filepath.Join(path, "*"+publicSuffix)) // The pattern is well formed.
			if len(files) == 0 {
				return nil, fmt.Errorf("read the keys: %s has no file *%s", path, publicSuffix)
			}
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("read the keys: %w", err)
			}
			if err := keys.Add(text); err != nil {
				return nil, fmt.Errorf("read the keys: %s: %w", file, err)
			}
		}
	}
	return keys, nil
}

func readAnchors(files []string) ([]ledger.Anchor, error) {
	var anchors []ledger.Anchor
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read an anchor: %w", err)
		}
		more, err := ledger.ParseAnchors(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		anchors = append(anchors, more...)
	}
	return anchors, nil
}

// show prints a report for each scope; the error says that one does not verify.
func show(out io.Writer, reports []ledger.Report, o ledger.Options) error {
	bad := 0
	for _, r := range reports {
		fmt.Fprintf(out, "%s: %s in %s of %s, %s\n", r.Scope,
			count(r.Entries, "entry", "entries"), count(r.Logs, "log", "logs"), count(r.Series, "series", "series"),
			count(r.Checkpoints, "checkpoint", "checkpoints"))
		if len(r.Problems) > 0 {
			bad++
			fmt.Fprintf(out, "  FAILED %v\n", r.Problems[0])
			if more := len(r.Problems) - 1; more > 0 {
				fmt.Fprintf(out, "  and %s\n", count(more, "more problem", "more problems"))
			}
			continue
		}
		fmt.Fprintf(out, "  chains whole; %s\n", strings.Join(proofs(r, o), "; "))
	}
	if bad > 0 {
		return fmt.Errorf("%s of %s: the evidence log does not verify", count(bad, "scope", "scopes"), count(len(reports), "scope", "scopes"))
	}
	return nil
}

// proofs says what stands behind a log whose chains are whole, and what does not.
func proofs(r ledger.Report, o ledger.Options) []string {
	said, after := []string{"no checkpoint yet"}, ""
	if r.Checkpoints > 0 {
		said, after = []string{"sealed until " + day(r.Sealed)}, " after that"
	}
	if r.Pruned > 0 {
		said = append(said, fmt.Sprintf("%d entries before that pruned by retention", r.Pruned))
	}
	if r.Unsealed > 0 {
		said = append(said, count(r.Unsealed, "entry", "entries")+after+" not sealed yet")
	}
	switch {
	case r.Signed == 0:
		said = append(said, "not signed")
	case len(o.Keys) == 0:
		said = append(said, "signatures not checked, for want of --keys")
	default:
		said = append(said, fmt.Sprintf("%d of %d signatures checked", r.Signed, r.Checkpoints))
	}
	if r.Anchored.IsZero() {
		return append(said, "not anchored")
	}
	return append(said, "anchored until "+day(r.Anchored))
}

func day(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func newAnchor(s *session) *cobra.Command {
	var from *source
	command := &cobra.Command{
		Use:   "anchor",
		Short: "Print the last checkpoint of each scope, to be kept outside the cluster",
		Long: "Print the last checkpoint of each scope as a DSSE envelope, one line of JSON each, to be kept where whoever\n" +
			"administers the cluster cannot change it: in a Git commit, the auditor's report, a time-stamping service. The logs\n" +
			"are verified first, without keys; those of a scope that do not verify are not anchored.",
		Example: "  kubectl isms anchor -n isms > $(date -I).json",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			logs, err := from.logs(c)
			if err != nil {
				return err
			}
			for _, report := range ledger.Verify(logs, ledger.Options{}) {
				if len(report.Problems) > 0 {
					return fmt.Errorf("%s does not verify: %v", report.Scope, report.Problems[0])
				}
			}
			anchors, err := ledger.LastAnchors(logs)
			if err != nil {
				return err
			}
			if len(anchors) == 0 {
				return errors.New("there is no checkpoint yet")
			}
			for _, anchor := range anchors {
				fmt.Fprintf(c.OutOrStdout(), "%s\n", anchor)
			}
			return nil
		},
	}
	from = newSource(s, command)
	return command
}
