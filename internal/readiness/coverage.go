// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// coverageNames bounds the names that the status shows of each sort.
const coverageNames = 150

// covered is one clause or control, and the last day on which an internal audit that covered it counts; empty where none
// covered it.
type covered struct {
	id    string
	until isms.Date
}

// ledger is what a number of internal audits have covered together: every clause of the standard and every applicable
// control, in the order of the standard (27001, 9.2.2; ISO/IEC 27006-1, 9.1.3).
type ledger struct {
	audits            int
	clauses, controls []covered
	// stated says that an audit tells which controls it covered.
	stated bool
}

// coversUntil is the last day on which what an internal audit covered is covered by it.
func (s *scopeAssessment) coversUntil(a namedAudit) isms.Date {
	return assess.AddMonths(a.PerformedOn, int(programmeOf(s.scope).AuditCoverageMonths))
}

// ledger sums up audits, the oldest first, so that of two the later one counts.
func (s *scopeAssessment) ledger(audits []namedAudit) ledger {
	l := ledger{audits: len(audits)}
	last := func(id string, covers func(namedAudit) bool) covered {
		entry := covered{id: id}
		for _, a := range audits {
			if covers(a) {
				entry.until = s.coversUntil(a)
			}
		}
		return entry
	}
	for _, clause := range catalogue.Clauses() {
		l.clauses = append(l.clauses, last(clause.ID, func(a namedAudit) bool { return a.coversClause(clause.ID) }))
	}
	for _, control := range s.applicable() {
		l.controls = append(l.controls, last(controlID(control), func(a namedAudit) bool { return a.covers(control) }))
	}
	l.stated = slices.ContainsFunc(audits, func(a namedAudit) bool { return a.ControlCoverage != "" })
	return l
}

// uncovered names what no audit covered.
func uncovered(list []covered) []string {
	var ids []string
	for _, e := range list {
		if e.until == "" {
			ids = append(ids, e.id)
		}
	}
	return ids
}

// needs ask that everything is covered.
func (l ledger) needs() []need {
	clauses, controls := uncovered(l.clauses), uncovered(l.controls)
	return []need{
		want(len(clauses) == 0, isms.ReasonIncomplete, fmt.Sprintf("Audit the clauses: %s.", conditions.Names(clauses))),
		want(l.stated, isms.ReasonIncomplete, "Audit the controls, and state it in controlCoverage."),
		want(len(controls) == 0, isms.ReasonIncomplete, fmt.Sprintf("Audit the controls: %s.", conditions.Names(controls))),
	}
}

// lapse is the last day on which all that is covered now still is, and what is not covered any more after it.
func (l ledger) lapse() (on isms.Date, ids []string) {
	for _, e := range slices.Concat(l.clauses, l.controls) {
		switch {
		case e.until == "" || on != "" && on < e.until:
		case e.until == on:
			ids = append(ids, e.id)
		default:
			on, ids = e.until, []string{e.id}
		}
	}
	return on, ids
}

// status shows the ledger.
func (l ledger) status() *isms.AuditCoverage {
	clauses, controls := uncovered(l.clauses), uncovered(l.controls)
	on, lapsing := l.lapse()
	return &isms.AuditCoverage{
		Audits: count(l.audits), Clauses: count(len(l.clauses)), ClausesCovered: count(len(l.clauses) - len(clauses)),
		Controls: count(len(l.controls)), ControlsCovered: count(len(l.controls) - len(controls)),
		Uncovered: firstOf(append(clauses, controls...)), LapsesOn: on, Lapsing: firstOf(lapsing),
	}
}

// firstOf are the first ids of a list, each once: a status takes no more.
func firstOf(ids []string) []isms.ControlID {
	var list []isms.ControlID
	for _, id := range ids {
		if len(list) < coverageNames && !slices.Contains(list, isms.ControlID(id)) {
			list = append(list, isms.ControlID(id))
		}
	}
	return list
}
