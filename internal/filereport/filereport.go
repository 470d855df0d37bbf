// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package filereport writes what files say of their Controls, for people and for the programs that run in continuous
// integration. The same report gives the same bytes.
package filereport

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/filecheck"
)

// Threshold says from which verdict on a report is one of failure.
type Threshold string

// The thresholds, from the strictest on. Excluded controls, and items that do not apply, never count.
const (
	// Unsatisfied: a Control is not Satisfied, for whatever reason.
	Unsatisfied Threshold = "unsatisfied"
	// Unknown: an evidence item is not known to hold.
	Unknown Threshold = "unknown"
	// Fail: an evidence item fails.
	Fail Threshold = "fail"
	// Never: no verdict is one of failure.
	Never Threshold = "never"
)

// Thresholds are all of them.
var Thresholds = []string{string(Fail), string(Unknown), string(Unsatisfied), string(Never)}

// Reached says what of a report reaches a threshold, in words; nothing where nothing does.
func Reached(r *filecheck.Report, t Threshold) string {
	failing, unknown, unsatisfied := 0, 0, 0
	for i := range r.Controls {
		c := &r.Controls[i]
		if excluded(c) {
			continue
		}
		if c.Satisfied().Status != metav1.ConditionTrue {
			unsatisfied++
		}
		for _, e := range c.Evidence {
			switch e.Result {
			case isms.EvidenceFail:
				failing++
			case isms.EvidenceUnknown:
				unknown++
			case isms.EvidencePass, isms.EvidenceNotApplicable:
			}
		}
	}
	var said []string
	add := func(n int, what string) {
		if n > 0 {
			said = append(said, conditions.Count(n, what))
		}
	}
	switch t {
	case Unsatisfied:
		add(unsatisfied, "unsatisfied control")
	case Unknown:
		add(failing, "failing evidence item")
		add(unknown, "unknown evidence item")
	case Fail:
		add(failing, "failing evidence item")
	case Never:
	}
	return strings.Join(said, ", ")
}

func excluded(c *filecheck.Control) bool {
	return c.Spec.Applicability.Decision == isms.DecisionExcluded
}

// problem is what is wrong with a subject, in a sentence.
func problem(e *filecheck.Evidence, s filecheck.Subject) string {
	var what string
	switch {
	case s.Verdict == filecheck.Error:
		what = "the rule could not be evaluated: " + strings.TrimSuffix(e.Message, ".")
	case e.Item.Resources.Quantifier == isms.QuantifierAnyPerNamespace:
		what = "no object in it satisfies the rule"
	case e.Item.Resources.Quantifier == isms.QuantifierNone:
		what = "satisfies what no object may"
	default:
		what = "does not satisfy the rule"
	}
	if s.Verdict == filecheck.Waived {
		what += "; waived by " + conditions.Names(s.Exceptions)
	}
	return fmt.Sprintf("%s: %s.", s, what)
}

// title names an item with its control.
func title(c *filecheck.Control, e *filecheck.Evidence) string {
	return string(c.Spec.ID) + " " + e.Name
}

// about is what an item shows, in the words of whoever wrote it, or else the title of the control.
func about(c *filecheck.Control, e *filecheck.Evidence) string {
	if e.Item.Description != "" {
		return string(e.Item.Description)
	}
	return c.Status.Title
}

// message explains the verdict on an item as a whole.
func message(e *filecheck.Evidence) string {
	if e.Message == "" {
		return e.Reason + "."
	}
	return e.Message
}

// troubled are the verdicts on subjects that a report names.
var troubled = []filecheck.Verdict{filecheck.Fail, filecheck.Error}
