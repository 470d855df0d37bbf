// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// certificateState is the state of a cycle's certificate by its events that have come: Certified, Suspended, Withdrawn or
// Expired; empty where none was decided on, or none is in effect yet. A withdrawal is final: what follows is another
// certification. A suspended certificate is restored by an event, never by time (ISO/IEC 17021-1, 9.6.5).
func certificateState(cycle *isms.AuditCycle, clock *assess.Clock) isms.CycleStage {
	certificate := cycle.Spec.Certificate
	if certificate == nil || !clock.Come(certificate.EffectiveOn) {
		return ""
	}
	var state isms.CycleStage
	for _, e := range certificate.Events {
		if state == isms.StageWithdrawn || !clock.Come(e.DecidedOn) {
			continue
		}
		switch e.Type {
		case isms.CertificateGranted, isms.CertificateTransferred, isms.CertificateRestored:
			state = isms.StageCertified
		case isms.CertificateSuspended:
			state = isms.StageSuspended
		case isms.CertificateWithdrawn:
			state = isms.StageWithdrawn
		}
	}
	if state != "" && state != isms.StageWithdrawn && clock.Over(certificate.ExpiresOn) {
		return isms.StageExpired
	}
	return state
}

// certificateValid judges the certificate in force: the cycle's own, or, before there is one, that of the cycle that it
// follows. What the certificate says besides, and what is due, are warnings in the message, never a gate.
func (c *cycleAssessment) certificateValid() conditions.Summary {
	k := c.calendar
	switch {
	case k.decided() == "" && k.cycle.Spec.Origin != isms.OriginInitial:
		return k.previousValid()
	case k.cycle.Spec.Certificate == nil:
		return unknown(isms.ReasonNothingDeclared, "There is no certificate yet.")
	}
	held := stateOfCertificate(k.certificate())
	if warnings := c.certificateWarnings(); len(warnings) > 0 {
		held.Message = strings.TrimSpace(held.Message + " " + strings.Join(warnings, " "))
	}
	return held
}

// stateOfCertificate says of a state whether the certificate is valid (ISO/IEC 17021-1, 9.6.5).
func stateOfCertificate(at isms.CycleStage) conditions.Summary {
	switch at {
	case isms.StageCertified:
		return yes(isms.ReasonCertificateValid, "")
	case isms.StageSuspended:
		return no(isms.ReasonSuspended, "The certificate is suspended: it must not be used to promote anything.")
	case isms.StageWithdrawn:
		return no(isms.ReasonWithdrawn, "The certificate is withdrawn: what follows is another certification.")
	case isms.StageExpired:
		return no(isms.ReasonExpired, "The certificate has expired.")
	}
	return no(isms.ReasonDateInFuture, "The decision on the certificate, or its first day, is dated in the future.")
}

// previousValid judges the certificate that a cycle carries on.
func (k *calendar) previousValid() conditions.Summary {
	if k.previous != nil && k.previous.Spec.Certificate != nil {
		return stateOfCertificate(certificateState(k.previous, k.clock))
	}
	if expiry := k.previousExpiry(); expiry != "" && k.clock.Over(expiry) {
		return no(isms.ReasonExpired, "The certificate that this cycle carries on has expired.")
	}
	return unknown(isms.ReasonNothingDeclared,
		"Of the certificate that this cycle carries on its events are not known: name its AuditCycle in previousCycleRef.")
}

// certificateWarnings are what the holder of a certificate should know: what it says and the scope does not, and what
// the certification body is bound to decide.
func (c *cycleAssessment) certificateWarnings() []string {
	k, certificate := c.calendar, c.cycle.Spec.Certificate
	at := k.certificate()
	if at != isms.StageCertified && at != isms.StageSuspended {
		return nil
	}
	var list []string
	for _, w := range []struct {
		holds bool
		text  string
	}{
		{k.suspensionDue(), "Its suspension is due, as a deadline of surveillance has passed (R9)."},
		{overdue(k.suspensionEnd()), "It is suspended for longer than six months: withdrawal or a smaller scope is due (R10)."},
		{
			words(string(certificate.ScopeStatement)) != words(string(c.in.Scope.Spec.Statement)),
			"The statement of the scope is not the one on the certificate: tell the certification body.",
		},
		{c.statementMoved(), "The approved Statement of Applicability is not the version on the certificate: tell the certification body."},
		{len(c.unknownSites()) > 0, "The scope has no site of the certificate's: " + conditions.Names(c.unknownSites()) + "."},
		{len(c.uncertifiedSites()) > 0, "The certificate does not name the scope's site, so nothing may refer to it there: " +
			conditions.Names(c.uncertifiedSites()) + "."},
	} {
		if w.holds {
			list = append(list, w.text)
		}
	}
	return list
}

// suspensionDue says whether the certification body must suspend (ISO/IEC 17021-1, 9.6.5.2): the audits did not take
// place at the required frequency, or a Major is not resolved in time.
func (k *calendar) suspensionDue() bool {
	if k.certificate() != isms.StageCertified {
		return false
	}
	duties := slices.DeleteFunc(append(k.firstSurveillance(), k.yearlySurveillance()...), func(d isms.Deadline) bool {
		return d.Basis == isms.BasisPractice
	})
	return overdue(append(duties, k.surveillanceMajors()...))
}

func overdue(list []isms.Deadline) bool {
	return slices.ContainsFunc(list, func(d isms.Deadline) bool { return d.State == isms.DeadlineOverdue })
}

// statementMoved says whether another version of the Statement of Applicability is approved than the certificate names
// (ISO/IEC 27006-1, 8.2.2).
func (c *cycleAssessment) statementMoved() bool {
	s := c.in.Scope.Status.StatementOfApplicability
	return s != nil && s.ApprovedVersion != "" && s.ApprovedVersion != c.cycle.Spec.Certificate.SoAVersion
}

// unknownSites are those that the certificate names and the scope does not have.
func (c *cycleAssessment) unknownSites() []string { return lacking(c.certifiedSites(), c.scopeSites()) }

// uncertifiedSites are those of the scope that a certificate which names sites does not have, as after a reduction of its
// scope, R11: the holder must not imply that it is about them (ISO/IEC 17021-1, 8.3.4).
func (c *cycleAssessment) uncertifiedSites() []string {
	named := c.certifiedSites()
	if len(named) == 0 {
		return nil
	}
	return lacking(c.scopeSites(), named)
}

func (c *cycleAssessment) certifiedSites() []string {
	var names []string
	for _, site := range c.cycle.Spec.Certificate.Sites {
		names = append(names, words(string(site)))
	}
	return names
}

func (c *cycleAssessment) scopeSites() []string {
	var names []string
	for _, site := range c.in.Scope.Spec.Sites {
		names = append(names, words(string(site.Name)))
	}
	return names
}

// lacking are the names of a list that another one does not have.
func lacking(list, other []string) []string {
	var names []string
	for _, name := range list {
		if !slices.Contains(other, name) {
			names = append(names, name)
		}
	}
	return names
}

// words is a text without regard to spaces at its ends and between its words, so that how YAML folds a line does not
// count.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }
