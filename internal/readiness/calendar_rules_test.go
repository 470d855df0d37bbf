// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// shownBy are the deadlines of one rule, one a line, on 2026-11-21.
func shownBy(rule func(*calendar) []isms.Deadline, c *isms.AuditCycle, others []isms.AuditCycle, findings ...isms.Finding) []string {
	clock := assess.NewClock(now)
	return shown(rule(newCalendar(c, others, findingsOf(findings, "acme", clock), clock)))
}

// TestMajorsOfSurveillance: a Major of a surveillance or a short-notice audit is due, the earliest of several, and that of no
// other audit.
func TestMajorsOfSurveillance(t *testing.T) {
	done := func(name isms.ItemName, auditType isms.AuditType, on isms.Date) isms.Audit {
		return isms.Audit{Name: name, Type: auditType, PlannedOn: on, LastDayOn: on, Outcome: isms.OutcomeMaintained}
	}
	major := func(audit string) isms.Finding { return raised("nc-"+audit, audit, isms.SeverityMajor, "2026-10-01") }
	c := cycle(func(c *isms.AuditCycle) {
		c.Spec.Certificate = granted("2026-01-10", "2029-01-09")
		c.Spec.Audits = []isms.Audit{
			done("s1", isms.AuditSurveillance, "2026-10-10"), done("short", isms.AuditShortNotice, "2026-09-30"), done("stage-2", isms.AuditStage2, "2026-01-05"),
		}
	})
	for name, tc := range map[string]struct {
		found []isms.Finding
		want  []string
	}{
		"none":             {nil, nil},
		"at surveillance":  {[]isms.Finding{major("s1")}, []string{"2027-01-08 SurveillanceMajorResolution Due"}},
		"at short notice":  {[]isms.Finding{major("short")}, []string{"2026-12-29 SurveillanceMajorResolution Due"}},
		"at both":          {[]isms.Finding{major("s1"), major("short")}, []string{"2026-12-29 SurveillanceMajorResolution Due"}},
		"at Stage 2":       {[]isms.Finding{major("stage-2")}, nil},
		"of another cycle": {[]isms.Finding{func() isms.Finding { f := major("s1"); f.Spec.AuditRef.Cycle = "acme-2023"; return f }()}, nil},
	} {
		if diff := cmp.Diff(tc.want, shownBy((*calendar).surveillanceMajors, c, nil, tc.found...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestTransferEndsWithTheEarlier of the expiry and of the six months after the issuer lost its accreditation, whichever is known.
func TestTransferEndsWithTheEarlier(t *testing.T) {
	for name, tc := range map[string]struct {
		expires, ended isms.Date
		want           []string
	}{
		"neither":           {"", "", nil},
		"the expiry":        {"2027-08-31", "", []string{"2027-08-31 Transfer R14 Due"}},
		"six months":        {"2027-08-31", "2026-08-31", []string{"2027-02-28 Transfer R14 Due"}},
		"the expiry before": {"2027-01-31", "2026-08-31", []string{"2027-01-31 Transfer R14 Due"}},
		"six months alone":  {"", "2026-08-31", []string{"2027-02-28 Transfer R14 Due"}},
		"an end to come":    {"2027-08-31", "2026-11-22", []string{"2027-08-31 Transfer R14 Due"}},
	} {
		c := cycle(func(c *isms.AuditCycle) {
			c.Spec.Origin, c.Spec.Transfer = isms.OriginTransfer, &isms.Transfer{FromBody: "Other Cert", AccreditationEndedOn: tc.ended}
			if tc.expires != "" {
				c.Spec.PreviousCertificate = &isms.PreviousCertificate{Number: "OC-1", ExpiresOn: tc.expires}
			}
		})
		if diff := cmp.Diff(tc.want, shownBy((*calendar).transfer, c, nil)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestWhatIsToBeRenewed: the previous cycle's certificate, where the cycle has none of its own; never one that was withdrawn.
func TestWhatIsToBeRenewed(t *testing.T) {
	before := cycle(func(c *isms.AuditCycle) {
		c.Name, c.Spec.Certificate = "acme-2023", granted("2023-12-01", "2026-11-30")
	})
	c := cycle(func(c *isms.AuditCycle) {
		c.Spec.Origin, c.Spec.PreviousCycleRef = isms.OriginRecertification, &isms.LocalRef{Name: "acme-2023"}
	})
	want := []string{"2026-11-30 RecertificationDecision R6 Due"}
	if diff := cmp.Diff(want, shownBy((*calendar).recertificationDecision, c, []isms.AuditCycle{*before})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	withdrawn := before.DeepCopy()
	decision := isms.CertificateEvent{Type: isms.CertificateWithdrawn, DecidedOn: "2026-06-01"}
	withdrawn.Spec.Certificate.Events = append(withdrawn.Spec.Certificate.Events, decision)
	if got := shownBy((*calendar).recertificationDecision, c, []isms.AuditCycle{*withdrawn}); got != nil {
		t.Errorf("of a certificate that was withdrawn: %v", got)
	}
	c.Spec.PreviousCycleRef = nil
	if got := shownBy((*calendar).recertificationDecision, c, []isms.AuditCycle{*before}); got != nil {
		t.Errorf("of a cycle that this one does not follow: %v", got)
	}
}

// TestTheNextCycleIsOne: of two that follow a cycle the first by name is the next, in whatever order they come.
func TestTheNextCycleIsOne(t *testing.T) {
	following := func(name string) isms.AuditCycle {
		return *cycle(func(c *isms.AuditCycle) { c.Name, c.Spec.PreviousCycleRef = name, &isms.LocalRef{Name: "acme-2026"} })
	}
	a, b := following("acme-2029"), following("acme-2030")
	for _, others := range [][]isms.AuditCycle{{a, b}, {b, a}} {
		if got := newCalendar(cycle(), others, nil, assess.NewClock(now)).next; got == nil || got.Name != "acme-2029" {
			t.Errorf("of %s and %s the next is %v", others[0].Name, others[1].Name, got)
		}
	}
}

// TestSitesOfTheCertificate: each site that the certificate names is looked for among those of the scope.
func TestSitesOfTheCertificate(t *testing.T) {
	in := readyInput()
	in.Scope.Spec.Sites = []isms.Site{{Name: "Berlin  Mitte"}, {Name: "Bonn"}}
	for name, tc := range map[string]struct {
		sites []isms.ShortText
		want  []string
	}{
		"those of the scope": {[]isms.ShortText{"Bonn", "Berlin Mitte"}, nil},
		"another":            {[]isms.ShortText{"Bonn", "Kiel"}, []string{"Kiel"}},
	} {
		in.Cycle.Spec.Certificate.Sites = tc.sites
		if diff := cmp.Diff(tc.want, newCycleAssessment(in).unknownSites()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
