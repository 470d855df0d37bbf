// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// Intervals of practice, for a scope that states none: the standard asks for planned intervals (27001, 9.2 and 9.3).
const (
	yearDays       = 365
	coverageMonths = 36 // a certification cycle
)

// programmeOf are the intervals of a scope, each with its default.
func programmeOf(scope *isms.ISMSScope) isms.ProgrammePractice {
	var given isms.ProgrammePractice
	if p := scope.Spec.Practice; p != nil && p.Programme != nil {
		given = *p.Programme
	}
	return isms.ProgrammePractice{
		InternalAuditDays:    cmp.Or(given.InternalAuditDays, yearDays),
		AuditCoverageMonths:  cmp.Or(given.AuditCoverageMonths, coverageMonths),
		ManagementReviewDays: cmp.Or(given.ManagementReviewDays, yearDays),
		AwarenessDays:        cmp.Or(given.AwarenessDays, yearDays),
		RecordDays:           cmp.Or(given.RecordDays, yearDays),
	}
}

// programme are the days by which the next internal audit, the next management review, and the audit of what is covered the
// longest ago must take place, so that each interval is kept. They run from the first certification on: before it the plan
// of the cycle says what is next. Practice.
func (c *cycleAssessment) programme() []isms.Deadline {
	k, s := c.calendar, c.records
	if s == nil || !k.heldAlready() {
		return nil
	}
	var list []isms.Deadline
	figures := programmeOf(s.scope)
	if performed, _ := s.internalAudits(); len(performed) > 0 {
		next := assess.AddDays(performed[len(performed)-1].PerformedOn, figures.InternalAuditDays)
		lapses, _ := s.ledger(performed).lapse()
		list = append(list, k.due(deadlineInternalAudit, next, practice("programme.internalAuditDays"))...)
		list = append(list, k.due(deadlineAuditCoverage, lapses, practice("programme.auditCoverageMonths"))...)
	}
	if last := s.lastReview(); last != nil {
		next := assess.AddDays(last.PerformedOn, figures.ManagementReviewDays)
		list = append(list, k.due(deadlineManagementReview, next, practice("programme.managementReviewDays"))...)
	}
	return list
}

// heldAlready says whether a certificate is held: the cycle's own, or one that it carries on and no other cycle has.
func (k *calendar) heldAlready() bool {
	if k.decided() != "" {
		return k.watched()
	}
	expiry := k.previousExpiry()
	return k.cycle.Spec.Origin != isms.OriginInitial && k.previous == nil && expiry != "" && !k.clock.Over(expiry)
}
