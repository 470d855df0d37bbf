// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"cmp"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// dueDays are the last day for the plan and the last day for the evidence of a Major; empty where there is none.
func (a *findingAssessment) dueDays() (plan, evidence isms.Date) {
	days := practice(a.in.Scope)
	plan = a.spec.ResponseDueOn
	switch {
	case plan != "":
	case nonconformity(a.in.Finding):
		plan = addDays(a.spec.RaisedOn, days.PlanDays)
	case a.spec.Severity == isms.SeverityAreaOfConcern:
		plan = a.dayBeforeStage2()
	}
	if a.major() {
		evidence = earliest(addDays(a.spec.RaisedOn, days.MajorEvidenceDays), a.decisionLimit())
	}
	return plan, evidence
}

// dayBeforeStage2 is the last day to resolve an area of concern: in Stage 2 it could become a nonconformity
// (ISO/IEC 17021-1, 9.3.1.2.3). Empty where no Stage 2 is planned.
func (a *findingAssessment) dayBeforeStage2() isms.Date {
	if a.in.Cycle == nil {
		return ""
	}
	for i := range a.in.Cycle.Spec.Audits {
		audit := &a.in.Cycle.Spec.Audits[i]
		start := cmp.Or(audit.FirstDayOn, audit.LastDayOn, audit.PlannedOn)
		if audit.Type == isms.AuditStage2 && start > a.spec.RaisedOn {
			return addDays(start, -1)
		}
	}
	return ""
}

// decisionLimit is the last day on which a Major may be verified, whatever practice says: of Stage 2 six months after
// its last day (ISO/IEC 17021-1, 9.5.3.2), of a recertification the day on which the certificate expires (9.6.3.2.2).
func (a *findingAssessment) decisionLimit() isms.Date {
	audit := a.raisingAudit()
	if audit == nil {
		return ""
	}
	switch audit.Type {
	case isms.AuditStage2:
		return addMonths(audit.LastDayOn, 6)
	case isms.AuditRecertification:
		return a.expiring()
	}
	return ""
}

// expiring is the day on which the certificate expires that a recertification is to renew.
func (a *findingAssessment) expiring() isms.Date {
	var days []isms.Date
	if p := a.in.Cycle.Spec.PreviousCertificate; p != nil {
		days = append(days, p.ExpiresOn)
	}
	if c := a.in.Cycle.Spec.Certificate; c != nil {
		days = append(days, c.ExpiresOn)
	}
	for _, d := range days {
		if d >= a.spec.RaisedOn {
			return d
		}
	}
	return ""
}

// raisingAudit is the certification body's audit that raised the finding; nil where it is not known.
func (a *findingAssessment) raisingAudit() *isms.Audit {
	if a.in.Cycle == nil || a.spec.AuditRef == nil || !byBody(a.in.Finding) {
		return nil
	}
	for i := range a.in.Cycle.Spec.Audits {
		if a.in.Cycle.Spec.Audits[i].Name == a.spec.AuditRef.Audit {
			return &a.in.Cycle.Spec.Audits[i]
		}
	}
	return nil
}

// nextDue is the first day by which something is due that is not done yet.
func (a *findingAssessment) nextDue() isms.Date {
	if a.isClosed() {
		return ""
	}
	var due isms.Date
	lacks := !a.answered() || nonconformity(a.in.Finding) && len(planMissing(a.in.Finding)) > 0
	if lacks {
		due = a.planDue
	}
	if actionDone(a.in.Finding, a.clock) {
		return due
	}
	if action := a.spec.CorrectiveAction; action != nil {
		due = earliest(due, action.DueDate)
	}
	return earliest(due, a.evidenceDue)
}

// earliest is the first of the days that are given.
func earliest(days ...isms.Date) isms.Date {
	var first isms.Date
	for _, d := range days {
		if d != "" && (first == "" || d < first) {
			first = d
		}
	}
	return first
}

// addMonths moves a date by calendar months. Where the month is shorter, it is its last day: six months after August 31
// is the last day of February. It is empty for what is not a date.
func addMonths(d isms.Date, months int) isms.Date {
	t, err := d.Time()
	if err != nil {
		return ""
	}
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, months, 0)
	last := first.AddDate(0, 1, -1)
	return isms.NewDate(first.AddDate(0, 0, min(t.Day(), last.Day())-1))
}
