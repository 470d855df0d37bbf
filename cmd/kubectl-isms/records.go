// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/spf13/cobra"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/register"
)

func newDocuments(s *session) *cobra.Command {
	var r *reader
	var l *listing
	command := &cobra.Command{
		Use:   "documents",
		Short: "The master list of documented information: version, approval, review",
		Long: "List the documents of the scope by type (clause 7.5), with the version in force, who approved which, and when it is to " +
			"be reviewed.",
		Example: "  kubectl isms documents\n  kubectl isms documents -o csv > documents.csv",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			in, err := r.read(c)
			if err != nil {
				return err
			}
			return l.show(c, register.Documents(in), "No documents are recorded.")
		},
	}
	r = newReader(s, command, "documents")
	l = newListing(s, command,
		[]string{"Document", "Type", "Version", "Owner", "Approved", "Review", "Review due"},
		[]string{"Title", "Classification", "Approved version", "Approved by", "Approved on"})
	return command
}

func newEntries(s *session) *cobra.Command {
	var r *reader
	var l *listing
	var of choice
	command := &cobra.Command{
		Use:   "registers",
		Short: "The other registers: assets, suppliers, laws, incidents, competences, changes",
		Long: "List the entries of the registers other than that of the risks, what each records, and whether what its register asks\n" +
			"for holds: a classification, an agreement, an evaluation and so on.",
		Example: "  kubectl isms registers\n  kubectl isms registers --register Asset -o csv > assets.csv",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			in, err := r.read(c)
			if err != nil {
				return err
			}
			t := register.Entries(in)
			if of.value != "" {
				t = t.Where("Register", func(cell string) bool { return cell == of.value })
			}
			return l.show(c, t, "No entries are recorded.")
		},
	}
	for _, known := range []isms.Register{
		isms.RegisterAsset, isms.RegisterSupplier, isms.RegisterLegalRequirement, isms.RegisterIncident,
		isms.RegisterCompetence, isms.RegisterChange,
	} {
		of.of = append(of.of, string(known))
	}
	r = newReader(s, command, "registerentries")
	l = newListing(s, command, []string{"Register", "Entry", "Title", "Owner", "Holds", "Review", "Review due"}, []string{"Details"})
	bindChoice(command, &of, "register", "", "List the entries of this register alone.")
	return command
}

func newAttestations(s *session) *cobra.Command {
	var r *reader
	var l *listing
	var kind string
	var current bool
	command := &cobra.Command{
		Use:     "attestations",
		Short:   "The records of what was done, by whom and when, and which of them count now",
		Long:    "List the attestations of the scope by the day on which it was done: reviews, tests, trainings, measurements.",
		Example: "  kubectl isms attestations --current\n  kubectl isms attestations --type FirewallReview -o csv > reviews.csv",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			in, err := r.read(c)
			if err != nil {
				return err
			}
			t := register.Attestations(in)
			if kind != "" {
				t = t.Where("Type", func(cell string) bool { return strings.EqualFold(cell, kind) })
			}
			if current {
				t = t.Where("Current", func(cell string) bool { return strings.HasPrefix(cell, "True") })
			}
			return l.show(c, t, "No attestations.")
		},
	}
	r = newReader(s, command, "attestations")
	l = newListing(s, command,
		[]string{"Performed on", "Attestation", "Type", "Outcome", "Performed by", "Controls", "Current"},
		[]string{"Reviewed by", "Supersedes", "Summary"})
	command.Flags().StringVar(&kind, "type", "", "List those of this type alone.")
	command.Flags().BoolVar(&current, "current", false, "List those alone that count as evidence now.")
	return command
}
