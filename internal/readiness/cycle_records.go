// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// ofRecords judges the audits and reviews of all cycles of the scope, this one included.
func (c *cycleAssessment) ofRecords() *scopeAssessment {
	s := &scopeAssessment{
		in: ScopeInput{
			Scope: c.in.Scope, Documents: c.in.Documents, Attestations: c.in.Attestations, Findings: c.in.Findings,
		},
		scope: c.in.Scope, controls: c.controls, findings: c.findings, clock: c.clock, cycles: []*isms.AuditCycle{c.cycle},
	}
	s.entries = entriesOf(c.in.Entries, s.scope.Name)
	for i := range c.in.Others {
		if o := &c.in.Others[i]; o.Name != c.cycle.Name && o.Spec.ScopeRef == c.cycle.Spec.ScopeRef {
			s.cycles = append(s.cycles, o)
		}
	}
	slices.SortFunc(s.cycles, func(a, b *isms.AuditCycle) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

// internalAuditComplete: the internal audits of auditCoverageMonths together cover every clause and every applicable control, by
// auditors who do not own what they audit, one of them within internalAuditDays, with results that are recorded and reported
// (27001, 9.2; ISO/IEC 27006-1, 9.1.3).
func (c *cycleAssessment) internalAuditComplete() conditions.Summary {
	return join(append(c.records.auditPerformed(), c.records.auditComplete()...), isms.ReasonInternalAuditComplete)
}

// auditCoverage is the ledger of the internal audits that still count.
func (c *cycleAssessment) auditCoverage() *isms.AuditCoverage {
	s := c.records
	performed, _ := s.internalAudits()
	return s.ledger(slices.DeleteFunc(performed, func(a namedAudit) bool { return s.clock.Over(s.coversUntil(a)) })).status()
}

// managementReviewComplete: the last review considered all inputs, has decisions and minutes, and came after internal
// audits that covered the whole system (27001, 9.3; ISO/IEC 27006-1, 9.1.3).
func (c *cycleAssessment) managementReviewComplete() conditions.Summary {
	s := c.records
	needs := slices.Concat(s.reviewPerformed(), s.reviewInputs(), s.reviewResults(), s.reviewAfterAudit())
	return join(needs, isms.ReasonManagementReviewComplete)
}

// reviewAfterAudit asks that the internal audits up to the last review covered the whole system.
func (s *scopeAssessment) reviewAfterAudit() []need {
	last := s.lastReview()
	if last == nil {
		return nil
	}
	performed, _ := s.internalAudits()
	known := slices.DeleteFunc(performed, func(a namedAudit) bool {
		return a.PerformedOn > last.PerformedOn || s.coversUntil(a) < last.PerformedOn
	})
	covered := len(known) > 0
	for _, n := range s.ledger(known).needs() {
		covered = covered && n.status == metav1.ConditionTrue
	}
	return []need{want(covered, isms.ReasonIncomplete, "Hold a management review after the internal audits that cover the whole system.")}
}

// certificationBodyEngaged: a certification body is engaged, accredited, and independent of whoever helped to prepare and
// of whoever audited internally, for two years (ISO/IEC 17021-1, 5.2.5 to 5.2.7); one that takes a certificate over has reviewed
// it before, R14 (IAF MD 2).
func (c *cycleAssessment) certificationBodyEngaged() conditions.Summary {
	body := c.cycle.Spec.CertificationBody
	if body == nil {
		return no(isms.ReasonMissing, "State the certification body.")
	}
	needs := []need{
		c.dated(body.EngagedOn, "Engage the certification body, and state engagedOn."),
		want(body.Accreditation != nil, isms.ReasonIncomplete, "State the accreditation of the certification body."),
	}
	if a := body.Accreditation; a != nil {
		needs = append(needs, c.dated(a.CheckedOn, "Look the accreditation up in the register, and state checkedOn."))
	}
	needs = append(needs, c.transferReviewed()...)
	if partners := c.conflictingPartners(body); len(partners) > 0 {
		needs = append(needs, want(false, isms.ReasonNotIndependent,
			"The certification body helped to prepare, as "+conditions.Names(partners)+": engage another one."))
	}
	if audits := c.conflictingAudits(body); len(audits) > 0 {
		needs = append(needs, want(false, isms.ReasonNotIndependent,
			"The certification body audited internally, in "+conditions.Names(audits)+": engage another one."))
	}
	return join(needs, isms.ReasonCertificationBodyEngaged)
}

// transferReviewed, R14: the certification body reviews a certificate before it takes it over (IAF MD 2). Whether it visits for
// that, as with open Majors, is its own decision.
func (c *cycleAssessment) transferReviewed() []need {
	t := c.cycle.Spec.Transfer
	if t == nil {
		return nil
	}
	decided := c.calendar.decided()
	return []need{
		c.dated(t.PreTransferReviewOn, "Have the certification body review the transfer, and state transfer.preTransferReviewOn."),
		want(decided == "" || t.PreTransferReviewOn <= decided, isms.ReasonIncomplete,
			"Correct transfer.preTransferReviewOn: the review comes before the decision on the transfer."),
	}
}

// dated asks for a day that has come.
func (c *cycleAssessment) dated(on isms.Date, todo string) need {
	if on != "" && !c.clock.Come(on) {
		return want(false, isms.ReasonDateInFuture, todo)
	}
	return want(on != "", isms.ReasonIncomplete, todo)
}

// conflictYears is how long whoever helped to prepare, or audited internally, must not certify.
const conflictYears = 2

// freeAgain says whether a body that ended its help on a day may be engaged on another.
func freeAgain(ended, engaged isms.Date) bool {
	return ended != "" && engaged != "" && assess.AddMonths(ended, 12*conflictYears) <= engaged
}

// conflictingPartners are the roles in which the certification body helped to prepare, less than two years before.
func (c *cycleAssessment) conflictingPartners(body *isms.CertificationBody) []string {
	var roles []string
	for _, p := range c.cycle.Spec.PreparationPartners {
		if sameOrganization(p.Name, body.Name) && !freeAgain(p.EndedOn, body.EngagedOn) {
			roles = append(roles, words(string(p.Role)))
		}
	}
	slices.Sort(roles)
	return roles
}

// conflictingAudits are the internal audits of the scope by people of the certification body, less than two years before.
func (c *cycleAssessment) conflictingAudits(body *isms.CertificationBody) []string {
	var names []string
	for _, cycle := range c.records.cycles {
		for _, a := range cycle.Spec.InternalAudits {
			theirs := slices.ContainsFunc(a.Auditors, func(x isms.Auditor) bool { return sameOrganization(x.Organization, body.Name) })
			if theirs && !freeAgain(a.PerformedOn, body.EngagedOn) {
				names = append(names, string(a.Name))
			}
		}
	}
	slices.Sort(names)
	return names
}

// sameOrganization compares names without regard to case and spaces.
func sameOrganization(a, b isms.ShortText) bool {
	return a != "" && strings.EqualFold(words(string(a)), words(string(b)))
}

// open names the open findings of a sort.
func (c *cycleAssessment) open(of func(*isms.Finding) bool) []string {
	var names []string
	for _, f := range c.findings {
		if of(f) && assess.FindingOpen(f, c.clock) {
			names = append(names, f.Name)
		}
	}
	return names
}

// noOpenMajorFindings: no Major of any source is open (ISO/IEC 17021-1, 9.5.2), nor one of the certification body that was
// graded down without it. It speaks of what is recorded.
func (c *cycleAssessment) noOpenMajorFindings() conditions.Summary {
	majors := c.open(func(f *isms.Finding) bool { return f.Spec.Severity == isms.SeverityMajor })
	if len(majors) > 0 {
		return no(isms.ReasonOpenNonconformity, "Open: "+conditions.Names(majors)+".")
	}
	unconfirmed := c.open(func(f *isms.Finding) bool { return assess.DownFromMajor(f) && assess.DowngradeUnconfirmed(f, c.clock) })
	if len(unconfirmed) > 0 {
		return no(isms.ReasonNotConfirmed, "Graded down without the certification body's confirmation: "+conditions.Names(unconfirmed)+".")
	}
	return yes(isms.ReasonNoOpenMajorFindings, "")
}

// correctiveActionsOnTime: of no open nonconformity a plan or an action is overdue (27001, 10.2; ISO/IEC 17021-1, 9.4.9).
// One that was not assessed as it stands, or has no plan yet, is Unknown.
func (c *cycleAssessment) correctiveActionsOnTime() conditions.Summary {
	open := slices.DeleteFunc(slices.Clone(c.findings), func(f *isms.Finding) bool {
		return !assess.Nonconformity(f) || !assess.FindingOpen(f, c.clock)
	})
	needs := each(open, func(f *isms.Finding) string { return f.Name }, onTime, func(reason string) string {
		if reason == isms.ReasonOverdue {
			return "What was due is overdue for the finding"
		}
		return "Plan the corrective action for the finding"
	})
	return join(append(needs, want(true, "", "")), isms.ReasonCorrectiveActionsOnTime)
}

// onTime is what the operator said of a finding's corrective action.
func onTime(f *isms.Finding) (metav1.ConditionStatus, string) {
	return condition(f.Status.Conditions, f.Generation, isms.ConditionCorrectiveActionOnTime)
}

// countFindings counts the open findings of the scope.
func (c *cycleAssessment) countFindings() *isms.CycleFindings {
	var n isms.CycleFindings
	for _, f := range c.findings {
		if !assess.FindingOpen(f, c.clock) {
			continue
		}
		switch f.Spec.Severity {
		case isms.SeverityMajor:
			n.OpenMajor++
		case isms.SeverityMinor:
			n.OpenMinor++
		default:
			n.OpenOther++
		}
		if status, _ := onTime(f); status == metav1.ConditionFalse {
			n.Overdue++
		}
	}
	return &n
}
