// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// surveillanceMajors: a Major of a surveillance audit that is not resolved in the time that the certification body gives
// leads to suspension (ISO/IEC 17021-1, 9.6.5.2, which names no figure). Practice.
func (k *calendar) surveillanceMajors() []isms.Deadline {
	if !k.watched() || k.certificate() == isms.StageSuspended {
		return nil
	}
	var first isms.Date
	for i := range k.cycle.Spec.Audits {
		a := &k.cycle.Spec.Audits[i]
		if (a.Type != isms.AuditSurveillance && a.Type != isms.AuditShortNotice) || !completed(*a, k.clock) || !k.openMajor(a) {
			continue
		}
		if on := assess.AddDays(a.LastDayOn, k.practice.SurveillanceMajorDays); first == "" || on < first {
			first = on
		}
	}
	return k.due(deadlineSurveillanceMajors, first, practice("surveillanceMajorDays"))
}

// suspensionEnd, R9: in most cases a suspension lasts no longer than six months; then the certificate is restored,
// reduced in scope or withdrawn, R10 (ISO/IEC 17021-1, 9.6.5.4).
func (k *calendar) suspensionEnd() []isms.Deadline {
	if k.certificate() != isms.StageSuspended {
		return nil
	}
	suspendedOn := k.lastEvent(isms.CertificateSuspended)
	return k.due(deadlineSuspension, assess.AddMonths(suspendedOn, suspensionMonths), accreditation("R9", "9.6.5.4"))
}

// recertificationAudit: early enough before expiry that Majors can be verified and the decision taken. Practice.
func (k *calendar) recertificationAudit() []isms.Deadline {
	expiry := k.toRenew()
	if expiry == "" || k.recertificationDone() != nil {
		return nil
	}
	return k.due(deadlineRecertificationAudit, assess.AddMonths(expiry, -int(k.practice.RecertificationLeadMonths)),
		practice("recertificationLeadMonths"))
}

// recertificationMajors, R6: Majors of the recertification audit are corrected and verified before the certificate
// expires (ISO/IEC 17021-1, 9.6.3.2.2).
func (k *calendar) recertificationMajors() []isms.Deadline {
	expiry, done := k.toRenew(), k.recertificationDone()
	if done == nil || !k.openMajor(done) {
		return nil
	}
	return k.due(deadlineRecertificationMajors, expiry, accreditation("R6", "9.6.3.2.2"))
}

// recertificationDecision, R6: the decision is taken before the certificate expires (ISO/IEC 17021-1, 9.6.3.1.1).
func (k *calendar) recertificationDecision() []isms.Deadline {
	return k.due(deadlineRecertification, k.toRenew(), accreditation("R6", "9.6.3.1.1"))
}

// restoration, R8: within six months after expiry the certificate can be restored when what was outstanding is done;
// later at least a Stage 2 is needed (ISO/IEC 17021-1, 9.6.3.2.5).
func (k *calendar) restoration() []isms.Deadline {
	expiry := k.toRenew()
	if expiry == "" || !k.clock.Over(expiry) {
		return nil
	}
	return k.due(deadlineRestoration, assess.AddMonths(expiry, restorationMonths), accreditation("R8", "9.6.3.2.5"))
}

// transfer, R14: only a valid certificate can be transferred; where its issuer lost the accreditation or ceased, within
// six months and before expiry (IAF MD 2).
func (k *calendar) transfer() []isms.Deadline {
	t := k.cycle.Spec.Transfer
	if t == nil || k.decided() != "" {
		return nil
	}
	limit := k.previousExpiry()
	if k.clock.Come(t.AccreditationEndedOn) {
		if six := assess.AddMonths(t.AccreditationEndedOn, transferMonths); limit == "" || six < limit {
			limit = six
		}
	}
	return k.due(deadlineTransfer, limit, rule{"R14", "IAF MD 2", isms.BasisAccreditation})
}

// correctiveActions is the first day by which something is due for an open finding, as its status says: plan, action or
// evidence (ISO/IEC 17021-1, 9.4.9, which names no figure). Practice of the certification body, and one's own plan.
func (k *calendar) correctiveActions() []isms.Deadline {
	var first isms.Date
	for _, f := range k.findings {
		on := f.Status.DueOn
		if f.Status.ObservedGeneration == f.Generation && on != "" && assess.FindingOpen(f, k.clock) && (first == "" || on < first) {
			first = on
		}
	}
	return k.due(deadlineCorrectiveActions, first, practice("plans and actions of open findings"))
}

// decided is the day of the decision that began the cycle: the certificate was granted, or taken over. Empty where there
// was none yet.
func (k *calendar) decided() isms.Date { return decidedOn(k.cycle, k.clock) }

func decidedOn(cycle *isms.AuditCycle, clock *assess.Clock) isms.Date {
	if c := cycle.Spec.Certificate; c != nil && len(c.Events) > 0 && clock.Come(c.Events[0].DecidedOn) {
		return c.Events[0].DecidedOn
	}
	return ""
}

// certificate is the state of the cycle's certificate; empty where it has none that is in effect.
func (k *calendar) certificate() isms.CycleStage { return certificateState(k.cycle, k.clock) }

// lastEvent is the day of the latest event of a type that has come; empty where there is none.
func (k *calendar) lastEvent(of isms.CertificateEventType) isms.Date {
	var on isms.Date
	if certificate := k.cycle.Spec.Certificate; certificate != nil {
		for _, e := range certificate.Events {
			if e.Type == of && k.clock.Come(e.DecidedOn) {
				on = e.DecidedOn
			}
		}
	}
	return on
}

// watched says whether the certificate is under surveillance: decided on, neither withdrawn nor expired, and not
// replaced by that of the next cycle.
func (k *calendar) watched() bool {
	return k.decided() != "" && !k.ended() && !k.renewed()
}

func (k *calendar) ended() bool {
	at := k.certificate()
	return at == isms.StageWithdrawn || at == isms.StageExpired
}

// endedOn is the last day on which surveillance of the certificate was owed: that of its withdrawal, of its expiry, or of the
// decision on its renewal. Empty while it is watched.
func (k *calendar) endedOn() isms.Date {
	switch at := k.certificate(); {
	case at == isms.StageWithdrawn:
		return k.lastEvent(isms.CertificateWithdrawn)
	case at == isms.StageExpired:
		return k.cycle.Spec.Certificate.ExpiresOn
	case k.renewed():
		return decidedOn(k.next, k.clock)
	}
	return ""
}

// renewed says whether the certificate of the next cycle was decided on.
func (k *calendar) renewed() bool { return k.next != nil && decidedOn(k.next, k.clock) != "" }

// toRenew is the last day of the certificate that this cycle has to renew: its own, while no other cycle follows, or that
// of the previous cycle, until this one has its own. Empty where there is none, or where it was withdrawn.
func (k *calendar) toRenew() isms.Date {
	switch {
	case k.decided() == "" && k.cycle.Spec.Origin == isms.OriginRecertification:
		return k.previousExpiry()
	case k.decided() == "" || k.next != nil || k.certificate() == isms.StageWithdrawn:
		return ""
	}
	return k.cycle.Spec.Certificate.ExpiresOn
}

func (k *calendar) previousExpiry() isms.Date {
	if p := k.cycle.Spec.PreviousCertificate; p != nil {
		return p.ExpiresOn
	}
	if p := k.previous; p != nil && p.Spec.Certificate != nil && certificateState(p, k.clock) != isms.StageWithdrawn {
		return p.Spec.Certificate.ExpiresOn
	}
	return ""
}

// completed says whether an audit by the certification body is over, or has its outcome on its last day.
func completed(a isms.Audit, clock *assess.Clock) bool {
	return a.LastDayOn != "" && (clock.Over(a.LastDayOn) || a.Outcome != "" && clock.Come(a.LastDayOn))
}

// last is the latest completed audit of a type; nil where there is none.
func (k *calendar) last(auditType isms.AuditType) *isms.Audit {
	var found *isms.Audit
	for i := range k.cycle.Spec.Audits {
		a := &k.cycle.Spec.Audits[i]
		if a.Type == auditType && completed(*a, k.clock) && (found == nil || found.LastDayOn < a.LastDayOn) {
			found = a
		}
	}
	return found
}

// begunSince says whether an audit of a type has begun after a day.
func (k *calendar) begunSince(auditType isms.AuditType, day isms.Date) bool {
	return slices.ContainsFunc(k.cycle.Spec.Audits, func(a isms.Audit) bool {
		first := firstDay(a)
		return a.Type == auditType && (a.FirstDayOn != "" || a.LastDayOn != "") && first > day && k.clock.Come(first)
	})
}

// surveyedFrom says whether a surveillance or recertification audit was completed on a day or after it.
func (k *calendar) surveyedFrom(day isms.Date) bool {
	return slices.ContainsFunc(k.cycle.Spec.Audits, func(a isms.Audit) bool {
		serves := a.Type == isms.AuditSurveillance || a.Type == isms.AuditRecertification
		return serves && a.LastDayOn >= day && completed(a, k.clock)
	})
}

// recertificationDone is the recertification audit that was completed since the decision; nil where there is none.
func (k *calendar) recertificationDone() *isms.Audit {
	if a := k.last(isms.AuditRecertification); a != nil && a.LastDayOn > k.decided() {
		return a
	}
	return nil
}

// openMajor says whether a Major that an audit raised is open.
func (k *calendar) openMajor(a *isms.Audit) bool {
	return slices.ContainsFunc(k.findings, func(f *isms.Finding) bool {
		ref := f.Spec.AuditRef
		raised := ref != nil && string(ref.Cycle) == k.cycle.Name && ref.Audit == a.Name
		return raised && f.Spec.Severity == isms.SeverityMajor && f.Spec.Source == isms.FindingFromCertificationBody &&
			assess.FindingOpen(f, k.clock)
	})
}

// yearOf is the calendar year of a date; zero for what is not one.
func yearOf(d isms.Date) int {
	t, err := d.Time()
	if err != nil {
		return 0
	}
	return t.Year()
}

func newYear(year int) isms.Date { return isms.Date(fmt.Sprintf("%04d-01-01", year)) }

func yearsEnd(year int) isms.Date { return isms.Date(fmt.Sprintf("%04d-12-31", year)) }
