// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// nextAudit is the audit that comes next, and the days until then: the earliest that is planned and not over, or one
// that is due before it by the rules and not planned. The days lead to the planned day, else to the last one that the
// rules allow; they are negative once that has passed, and nil where there is no such day.
func (k *calendar) nextAudit() (*isms.NextAudit, *int32) {
	next, on := k.plannedAudit()
	if due := k.dueAudit(); due != nil && !k.planned(due.Type) && (next == nil || due.Latest != "" && due.Latest < on) {
		next, on = due, due.Latest
	}
	if next == nil || on == "" {
		return next, nil
	}
	days := int32(assess.DaysBetween(k.clock.Today(), on)) //nolint:gosec // four-digit years are within the range
	return next, &days
}

// open are the audits of the cycle that are not over, the earliest first.
func (k *calendar) open() []isms.Audit {
	var open []isms.Audit
	for _, a := range k.cycle.Spec.Audits {
		if !completed(a, k.clock) {
			open = append(open, a)
		}
	}
	slices.SortFunc(open, func(a, b isms.Audit) int {
		return cmp.Or(cmp.Compare(firstDay(a), firstDay(b)), cmp.Compare(a.Name, b.Name))
	})
	return open
}

func (k *calendar) planned(auditType isms.AuditType) bool {
	return slices.ContainsFunc(k.open(), func(a isms.Audit) bool { return a.Type == auditType })
}

// plannedAudit is the earliest audit that is planned and not over, with the window of its type and its first day.
func (k *calendar) plannedAudit() (*isms.NextAudit, isms.Date) {
	open := k.open()
	if len(open) == 0 {
		return nil, ""
	}
	next := k.window(open[0].Type)
	next.Name, next.PlannedOn = string(open[0].Name), open[0].PlannedOn
	return next, firstDay(open[0])
}

func firstDay(a isms.Audit) isms.Date { return cmp.Or(a.FirstDayOn, a.LastDayOn, a.PlannedOn) }

// window is the time in which an audit of a type must take place. A type without a rule has none.
func (k *calendar) window(auditType isms.AuditType) *isms.NextAudit {
	w := &isms.NextAudit{Type: auditType}
	switch auditType {
	case isms.AuditStage2:
		if interval := k.stage2AfterStage1(); len(interval) > 0 {
			w.Earliest = assess.AddDays(k.last(isms.AuditStage1).LastDayOn, k.practice.Stage2AfterDays)
			w.Latest, w.Basis = interval[0].DueOn, interval[0].Basis
		}
	case isms.AuditSurveillance:
		if duty, from := k.surveillanceDuty(); duty != nil {
			w.Earliest, w.Latest, w.Basis = from, duty.DueOn, duty.Basis
		}
	case isms.AuditRecertification:
		if duty := k.recertificationDuty(); duty != nil {
			w.Latest, w.Basis = duty.DueOn, duty.Basis
		}
	case isms.AuditFollowUp:
		majors := slices.Concat(k.stage2Majors(), k.surveillanceMajors(), k.recertificationMajors(), k.suspensionEnd())
		if len(majors) > 0 {
			first := slices.MinFunc(majors, func(a, b isms.Deadline) int { return cmp.Compare(a.DueOn, b.DueOn) })
			w.Latest, w.Basis = first.DueOn, first.Basis
		}
	}
	return w
}

// surveillanceDuty is the first surveillance that is not done, with the first day on which an audit serves for it: by R3
// that of the decision, by R4 the first of its year.
func (k *calendar) surveillanceDuty() (*isms.Deadline, isms.Date) {
	if first := k.firstSurveillance(); len(first) > 0 {
		return &first[0], k.decided()
	}
	if yearly := k.yearlySurveillance(); len(yearly) > 0 {
		return &yearly[0], newYear(yearOf(yearly[0].DueOn))
	}
	return nil, ""
}

// recertificationDuty is the last day for the recertification audit: by practice, and once that has passed by the last
// day for the decision, and once the certificate has expired by the last day for its restoration.
func (k *calendar) recertificationDuty() *isms.Deadline {
	if k.recertificationDone() != nil {
		return nil
	}
	duties := slices.Concat(k.recertificationAudit(), k.recertificationDecision(), k.restoration())
	for i := range duties {
		if duties[i].State == isms.DeadlineDue || i == len(duties)-1 {
			return &duties[i]
		}
	}
	return nil
}

// dueAudit is the audit that the rules ask for next; nil where they ask for none.
func (k *calendar) dueAudit() *isms.NextAudit {
	switch {
	case k.renewed():
		return nil
	case k.decided() != "" && !k.ended():
		surveillance, _ := k.surveillanceDuty()
		renewal := k.recertificationDuty()
		switch {
		case surveillance != nil && (renewal == nil || surveillance.DueOn <= renewal.DueOn):
			return k.window(isms.AuditSurveillance)
		case renewal != nil:
			return k.window(isms.AuditRecertification)
		}
		return nil
	case k.toRenew() != "":
		return k.renewalAudit()
	case k.cycle.Spec.Origin == isms.OriginInitial && k.decided() == "":
		return k.initialAudit()
	}
	return nil
}

// renewalAudit is the audit that renews a certificate, R6, or, once it can't be restored any more, at least a Stage 2, R8.
func (k *calendar) renewalAudit() *isms.NextAudit {
	lost := slices.ContainsFunc(k.restoration(), func(d isms.Deadline) bool { return d.State == isms.DeadlineOverdue })
	switch {
	case lost:
		return &isms.NextAudit{Type: isms.AuditStage2}
	case k.recertificationDone() != nil:
		return nil
	}
	return k.window(isms.AuditRecertification)
}

// initialAudit is the audit that comes next before an initial certification, R1: Stage 1, then Stage 2, and Stage 2 again
// where it failed or its Majors were not verified in time, R5.
func (k *calendar) initialAudit() *isms.NextAudit {
	stage2 := k.last(isms.AuditStage2)
	late := slices.ContainsFunc(k.stage2Majors(), func(d isms.Deadline) bool { return d.State == isms.DeadlineOverdue })
	switch {
	case stage2 == nil && k.last(isms.AuditStage1) == nil:
		return k.window(isms.AuditStage1)
	case stage2 == nil || stage2.Outcome == isms.OutcomeNotRecommended || late:
		return k.window(isms.AuditStage2)
	}
	return nil
}
