// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"slices"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// Limits that the accreditation standard sets, in calendar months.
const (
	firstSurveillanceMonths = 12 // ISO/IEC 17021-1, 9.1.3.3
	stage2MajorMonths       = 6  // ISO/IEC 17021-1, 9.5.3.2
	restorationMonths       = 6  // ISO/IEC 17021-1, 9.6.3.2.5
	suspensionMonths        = 6  // ISO/IEC 17021-1, 9.6.5.4
	transferMonths          = 6  // IAF MD 2
)

// Names of deadlines. That of a yearly surveillance ends with its year.
const (
	deadlineStage2                = "Stage2"
	deadlineStage2Majors          = "Stage2MajorVerification"
	deadlineFirstSurveillance     = "FirstSurveillance"
	deadlineSurveillance          = "Surveillance"
	deadlineSurveillanceMajors    = "SurveillanceMajorResolution"
	deadlineSuspension            = "SuspensionEnd"
	deadlineRecertificationAudit  = "RecertificationAudit"
	deadlineRecertificationMajors = "RecertificationMajorVerification"
	deadlineRecertification       = "RecertificationDecision"
	deadlineRestoration           = "Restoration"
	deadlineTransfer              = "Transfer"
	deadlineCorrectiveActions     = "CorrectiveActions"
	deadlineInternalAudit         = "InternalAudit"
	deadlineAuditCoverage         = "InternalAuditCoverage"
	deadlineManagementReview      = "ManagementReview"
)

// zoneOf is the time zone in which a cycle counts days and months; UTC and false for a name that the time zone database
// does not have.
func zoneOf(cycle *isms.AuditCycle) (*time.Location, bool) {
	zone, err := time.LoadLocation(cycle.Spec.TimeZone) // "" is UTC
	if err != nil {
		return time.UTC, false
	}
	return zone, true
}

// calendar is the state of a cycle from which its dates follow.
type calendar struct {
	cycle *isms.AuditCycle
	clock *assess.Clock
	// practice has a figure in each field.
	practice isms.CyclePractice
	// findings are those of the scope.
	findings []*isms.Finding
	// previous is the cycle that this one follows, next the one that follows it; nil where there is none.
	previous, next *isms.AuditCycle
}

func newCalendar(cycle *isms.AuditCycle, others []isms.AuditCycle, findings []*isms.Finding, clock *assess.Clock) *calendar {
	k := &calendar{cycle: cycle, clock: clock, practice: cyclePractice(cycle), findings: findings}
	for i := range others {
		o := &others[i]
		if o.Name == cycle.Name || o.Spec.ScopeRef != cycle.Spec.ScopeRef {
			continue
		}
		if p := cycle.Spec.PreviousCycleRef; p != nil && string(p.Name) == o.Name {
			k.previous = o
		}
		if p := o.Spec.PreviousCycleRef; p != nil && string(p.Name) == cycle.Name && (k.next == nil || o.Name < k.next.Name) {
			k.next = o
		}
	}
	return k
}

// cyclePractice are the figures of a cycle, each with its default.
func cyclePractice(cycle *isms.AuditCycle) isms.CyclePractice {
	var given isms.CyclePractice
	if p := cycle.Spec.Practice; p != nil {
		given = *p
	}
	return isms.CyclePractice{
		Stage2AfterDays:           cmp.Or(given.Stage2AfterDays, 14),
		Stage2WithinMonths:        cmp.Or(given.Stage2WithinMonths, 6),
		SurveillanceMajorDays:     cmp.Or(given.SurveillanceMajorDays, 90),
		ComplaintDays:             cmp.Or(given.ComplaintDays, 30),
		RecertificationLeadMonths: cmp.Or(given.RecertificationLeadMonths, 3),
		MaintenanceReviewDays:     cmp.Or(given.MaintenanceReviewDays, yearDays),
		NoticeDays:                noticeDays(given.NoticeDays),

		SurveillanceAfterRecertificationMonths: cmp.Or(given.SurveillanceAfterRecertificationMonths, firstSurveillanceMonths),
	}
}

// noticeDays are the days before a deadline on which it is announced, the longest first.
func noticeDays(given []isms.NoticeDays) []isms.NoticeDays {
	days := slices.Clone(given)
	if len(days) == 0 {
		days = []isms.NoticeDays{90, 30, 7}
	}
	slices.SortFunc(days, func(a, b isms.NoticeDays) int { return cmp.Compare(b, a) })
	return days
}

// calendarRules are the rules that set a deadline. Of R1 to R14 the others set none: R1 and R2 say what a cycle is, R7
// how long the next certificate lasts, R10 to R13 what the certification body may do, at times of its own choice.
var calendarRules = []func(*calendar) []isms.Deadline{
	(*calendar).stage2AfterStage1, (*calendar).stage2Majors, (*calendar).firstSurveillance,
	(*calendar).yearlySurveillance, (*calendar).surveillanceMajors, (*calendar).suspensionEnd,
	(*calendar).recertificationAudit, (*calendar).recertificationMajors, (*calendar).recertificationDecision,
	(*calendar).restoration, (*calendar).transfer, (*calendar).correctiveActions,
}

// deadlines are those whose clock is running and that are not met, the earliest first.
func (k *calendar) deadlines() []isms.Deadline {
	var list []isms.Deadline
	for _, rule := range calendarRules {
		list = append(list, rule(k)...)
	}
	return inOrder(list)
}

// deadlines are those of the calendar and those of the programme of audits and reviews.
func (c *cycleAssessment) deadlines() []isms.Deadline {
	return inOrder(append(c.calendar.deadlines(), c.programme()...))
}

func inOrder(list []isms.Deadline) []isms.Deadline {
	slices.SortFunc(list, func(a, b isms.Deadline) int {
		return cmp.Or(cmp.Compare(a.DueOn, b.DueOn), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// rule is where a deadline comes from.
type rule struct {
	id, source string
	basis      isms.RuleBasis
}

func accreditation(id, clause string) rule {
	return rule{id, "ISO/IEC 17021-1, " + clause, isms.BasisAccreditation}
}

func practice(field string) rule { return rule{"", "Practice: " + field, isms.BasisPractice} }

// due is a deadline, or none where there is no such day.
func (k *calendar) due(name string, on isms.Date, r rule) []isms.Deadline {
	if on == "" {
		return nil
	}
	d := isms.Deadline{Name: name, DueOn: on, State: isms.DeadlineDue, Rule: r.id, Source: r.source, Basis: r.basis}
	if k.clock.Over(on) {
		d.State = isms.DeadlineOverdue
	} else {
		d.NoticeDays = k.notice(on)
	}
	return []isms.Deadline{d}
}

// stage2AfterStage1: the interval between the stages is short enough that what Stage 1 saw still holds (ISO/IEC 17021-1,
// 9.3.1.2.4, which names no figure). Practice.
func (k *calendar) stage2AfterStage1() []isms.Deadline {
	stage1 := k.last(isms.AuditStage1)
	if stage1 == nil || k.decided() != "" || k.begunSince(isms.AuditStage2, stage1.LastDayOn) {
		return nil
	}
	return k.due(deadlineStage2, assess.AddMonths(stage1.LastDayOn, int(k.practice.Stage2WithinMonths)), practice("stage2WithinMonths"))
}

// stage2Majors, R5: a Major of Stage 2 is verified within six months after its last day, else there is another Stage 2
// before any recommendation (ISO/IEC 17021-1, 9.5.3.2).
func (k *calendar) stage2Majors() []isms.Deadline {
	stage2 := k.last(isms.AuditStage2)
	if stage2 == nil || k.decided() != "" || !k.openMajor(stage2) {
		return nil
	}
	return k.due(deadlineStage2Majors, assess.AddMonths(stage2.LastDayOn, stage2MajorMonths), accreditation("R5", "9.5.3.2"))
}

// firstSurveillance, R3: at most twelve months after the decision on initial certification (ISO/IEC 17021-1, 9.1.3.3).
// After a recertification the clause asks for one in each calendar year only; twelve months are practice then.
func (k *calendar) firstSurveillance() []isms.Deadline {
	if !k.watched() {
		return nil
	}
	return k.firstOwed()
}

// firstOwed is the first surveillance while it is not done, also of a certificate that has ended.
func (k *calendar) firstOwed() []isms.Deadline {
	decided := k.decided()
	if decided == "" || k.cycle.Spec.Origin == isms.OriginTransfer || k.surveyedFrom(decided) {
		return nil
	}
	months, from := firstSurveillanceMonths, accreditation("R3", "9.1.3.3")
	if k.cycle.Spec.Origin == isms.OriginRecertification {
		months, from = int(k.practice.SurveillanceAfterRecertificationMonths), practice("surveillanceAfterRecertificationMonths")
	}
	return k.due(deadlineFirstSurveillance, assess.AddMonths(decided, months), from)
}

// yearlySurveillance, R4: at least one audit in each calendar year, except the years of decision and recertification
// (ISO/IEC 17021-1, 9.1.3.3). A recertification audit serves for the year in which it takes place. What was missed
// counts as done, late, with the next audit.
func (k *calendar) yearlySurveillance() []isms.Deadline {
	if !k.watched() {
		return nil
	}
	return k.yearlyOwed()
}

// yearlyOwed are the yearly surveillances that are not done, also of a certificate that has ended.
func (k *calendar) yearlyOwed() []isms.Deadline {
	if k.decided() == "" {
		return nil
	}
	var list []isms.Deadline
	for year := yearOf(k.decided()) + 1; year < yearOf(k.cycle.Spec.Certificate.ExpiresOn); year++ {
		first, last := newYear(year), yearsEnd(year)
		if !k.surveyedFrom(first) {
			list = append(list, k.due(deadlineSurveillance+string(last[:4]), last, accreditation("R4", "9.1.3.3"))...)
		}
	}
	return list
}

// surveillanceOwed are the surveillances of the cycle that are not done, also of a certificate that has ended.
func (k *calendar) surveillanceOwed() []isms.Deadline {
	return append(k.firstOwed(), k.yearlyOwed()...)
}
