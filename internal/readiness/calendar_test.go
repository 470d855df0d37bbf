// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// shown are deadlines, one a line.
func shown(list []isms.Deadline) []string {
	var out []string
	for _, d := range list {
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", d.DueOn, d.Name, d.Rule, d.State)), " "))
	}
	return out
}

// TestCalendarEdges is about decisions on days that are easily got wrong, on the day of the decision.
func TestCalendarEdges(t *testing.T) {
	for name, tc := range map[string]struct {
		decided, expires isms.Date
		want             []string
	}{
		"in January": {"2026-01-10", "2029-01-09", []string{
			"2027-01-10 FirstSurveillance R3 Due", "2027-12-31 Surveillance2027 R4 Due", "2028-10-09 RecertificationAudit Due",
			"2028-12-31 Surveillance2028 R4 Due", "2029-01-09 RecertificationDecision R6 Due",
		}},
		"on December 31": {"2026-12-31", "2029-12-30", []string{
			"2027-12-31 FirstSurveillance R3 Due", "2027-12-31 Surveillance2027 R4 Due", "2028-12-31 Surveillance2028 R4 Due",
			"2029-09-30 RecertificationAudit Due", "2029-12-30 RecertificationDecision R6 Due",
		}},
		"on January 1": {"2026-01-01", "2028-12-31", []string{
			"2027-01-01 FirstSurveillance R3 Due", "2027-12-31 Surveillance2027 R4 Due", "2028-09-30 RecertificationAudit Due",
			"2028-12-31 RecertificationDecision R6 Due",
		}},
		"on February 29": {"2028-02-29", "2031-02-28", []string{
			"2029-02-28 FirstSurveillance R3 Due", "2029-12-31 Surveillance2029 R4 Due", "2030-11-28 RecertificationAudit Due",
			"2030-12-31 Surveillance2030 R4 Due", "2031-02-28 RecertificationDecision R6 Due",
		}},
	} {
		c := cycle(func(c *isms.AuditCycle) { c.Spec.Certificate = granted(tc.decided, tc.expires) })
		on, err := tc.decided.Time()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, shown(newCalendar(c, nil, nil, assess.NewClock(on)).deadlines())); diff != "" {
			t.Errorf("a decision %s (-want +got):\n%s", name, diff)
		}
		if early := newCalendar(c, nil, nil, assess.NewClock(on.Add(-1))).deadlines(); early != nil {
			t.Errorf("a decision %s: before it there are deadlines: %v", name, shown(early))
		}
	}
}

// TestYearlySurveillance: an audit late in the first twelve months serves R3, and R4 only in its own year.
func TestYearlySurveillance(t *testing.T) {
	at := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
	for audit, want := range map[isms.Date][]string{
		"2026-12-20": {"2027-12-31 Surveillance2027 R4 Due", "2028-12-31 Surveillance2028 R4 Due"},
		"2027-01-05": {"2028-12-31 Surveillance2028 R4 Due"},
		"":           {"2027-01-10 FirstSurveillance R3 Overdue", "2027-12-31 Surveillance2027 R4 Due", "2028-12-31 Surveillance2028 R4 Due"},
	} {
		c := cycle(func(c *isms.AuditCycle) {
			c.Spec.Certificate = granted("2026-01-10", "2029-01-09")
			c.Spec.Audits = []isms.Audit{{Name: "s1", Type: isms.AuditSurveillance, PlannedOn: "2026-12-20", LastDayOn: audit}}
		})
		k := newCalendar(c, nil, nil, assess.NewClock(at))
		if diff := cmp.Diff(want, shown(append(k.firstSurveillance(), k.yearlySurveillance()...))); diff != "" {
			t.Errorf("surveillance on %q (-want +got):\n%s", audit, diff)
		}
	}
}

// TestDeadlinesEndInTheirZone: the last day of the twelve months ends at midnight in the cycle's time zone, and what
// became overdue is told once.
func TestDeadlinesEndInTheirZone(t *testing.T) {
	for zone, ends := range map[string]string{
		"": "2027-03-29T00:00:00Z", "Europe/Berlin": "2027-03-28T22:00:00Z", "America/New_York": "2027-03-29T04:00:00Z",
	} {
		end, err := time.Parse(time.RFC3339, ends)
		if err != nil {
			t.Fatal(err)
		}
		in := CycleInput{Scope: acme(), Now: end.Add(-1), Cycle: cycle(func(c *isms.AuditCycle) {
			c.Spec.TimeZone, c.Spec.Certificate = zone, granted("2026-03-28", "2029-03-27")
		})}
		first := Cycle(in)
		if got := shown(first.Status.Deadlines)[0]; got != "2027-03-28 FirstSurveillance R3 Due" || !first.RequeueAt.Equal(end) {
			t.Errorf("%q: a moment before it ends: %s; looks again at %s", zone, got, first.RequeueAt)
		}
		in.Cycle.Status, in.Now = first.Status, end
		second := Cycle(in)
		want := []assess.Event{{
			Type: assess.EventWarning, Reason: isms.ReasonOverdue,
			Message: "FirstSurveillance is overdue (R3, ISO/IEC 17021-1, 9.1.3.3).", Action: deadlineFirstSurveillance,
		}}
		if diff := cmp.Diff(want, second.Events); diff != "" {
			t.Errorf("%q, events (-want +got):\n%s", zone, diff)
		}
		in.Cycle.Status = second.Status
		if third := Cycle(in); len(third.Events) > 0 {
			t.Errorf("%q: told again: %v", zone, third.Events)
		}
	}
}

func TestUnknownTimeZone(t *testing.T) {
	out := assessCycle(t, CycleInput{Scope: acme(), Now: now, Cycle: cycle(func(c *isms.AuditCycle) { c.Spec.TimeZone = "Europe/Atlantis" })})
	if got := state(out.Status.Conditions, isms.ConditionStalled); got != "True UnknownTimeZone" {
		t.Errorf("Stalled: %s", got)
	}
}

// TestPracticeMovesDates: each figure of practice moves its own date, and nothing that a standard prescribes.
func TestPracticeMovesDates(t *testing.T) {
	certified := func(c *isms.AuditCycle) {
		c.Spec.Certificate = granted("2026-01-10", "2029-01-09")
		c.Spec.Audits = []isms.Audit{{Name: "s1", Type: isms.AuditSurveillance, PlannedOn: "2026-11-02", LastDayOn: "2026-11-03"}}
	}
	staged := func(c *isms.AuditCycle) {
		c.Spec.Audits = []isms.Audit{{Name: "stage-1", Type: isms.AuditStage1, PlannedOn: "2026-10-12", LastDayOn: "2026-10-13"}}
	}
	for name, tc := range map[string]struct {
		cycle    func(*isms.AuditCycle)
		practice isms.CyclePractice
		want     string
	}{
		"default stages":            {staged, isms.CyclePractice{}, "2027-04-13 Stage2 Due; Stage2 from 2026-10-27 to 2027-04-13"},
		"stage2AfterDays":           {staged, isms.CyclePractice{Stage2AfterDays: 30}, "2027-04-13 Stage2 Due; Stage2 from 2026-11-12 to 2027-04-13"},
		"stage2WithinMonths":        {staged, isms.CyclePractice{Stage2WithinMonths: 3}, "2027-01-13 Stage2 Due; Stage2 from 2026-10-27 to 2027-01-13"},
		"default surveillance":      {certified, isms.CyclePractice{}, "2027-02-01 SurveillanceMajorResolution Due; 2027-12-31 Surveillance2027 R4 Due; 2028-10-09 RecertificationAudit Due; 2028-12-31 Surveillance2028 R4 Due; 2029-01-09 RecertificationDecision R6 Due; Surveillance from 2027-01-01 to 2027-12-31"},
		"surveillanceMajorDays":     {certified, isms.CyclePractice{SurveillanceMajorDays: 30}, "2026-12-03 SurveillanceMajorResolution Due; 2027-12-31 Surveillance2027 R4 Due; 2028-10-09 RecertificationAudit Due; 2028-12-31 Surveillance2028 R4 Due; 2029-01-09 RecertificationDecision R6 Due; Surveillance from 2027-01-01 to 2027-12-31"},
		"recertificationLeadMonths": {certified, isms.CyclePractice{RecertificationLeadMonths: 6}, "2027-02-01 SurveillanceMajorResolution Due; 2027-12-31 Surveillance2027 R4 Due; 2028-07-09 RecertificationAudit Due; 2028-12-31 Surveillance2028 R4 Due; 2029-01-09 RecertificationDecision R6 Due; Surveillance from 2027-01-01 to 2027-12-31"},
	} {
		c := cycle(tc.cycle, func(c *isms.AuditCycle) { c.Spec.Practice = &tc.practice })
		major := raised("nc-1", "s1", isms.SeverityMajor, "2026-11-03")
		k := newCalendar(c, nil, []*isms.Finding{&major}, assess.NewClock(now))
		next, _ := k.nextAudit()
		got := strings.Join(append(shown(k.deadlines()), fmt.Sprintf("%s from %s to %s", next.Type, next.Earliest, next.Latest)), "; ")
		if got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tc.want)
		}
	}
}

// TestCorrectiveActionsDeadline is the first day of the open findings, as far as their status is of their present spec.
func TestCorrectiveActionsDeadline(t *testing.T) {
	due := func(name string, on isms.Date, changes ...func(*isms.Finding)) *isms.Finding {
		f := raised(name, "s1", isms.SeverityMinor, "2026-11-01")
		f.Status.DueOn, f.Status.ObservedGeneration = on, f.Generation
		for _, change := range changes {
			change(&f)
		}
		return &f
	}
	closed := func(f *isms.Finding) { f.Spec.CertificationBody = &isms.BodyVerification{VerifiedOn: "2026-11-20"} }
	stale := func(f *isms.Finding) { f.Generation++ }
	k := newCalendar(cycle(), nil, []*isms.Finding{
		due("a", "2026-12-24"), due("b", "2026-11-20"), due("c", "2026-10-01", closed), due("d", "2026-10-02", stale), due("e", ""),
	}, assess.NewClock(now))
	if diff := cmp.Diff([]string{"2026-11-20 CorrectiveActions Overdue"}, shown(k.deadlines())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCertificateValid(t *testing.T) {
	own := func(changes ...func(*isms.Certificate)) func(*CycleInput) {
		return func(in *CycleInput) {
			in.Cycle.Spec.Certificate = granted("2026-01-10", "2029-01-09")
			for _, change := range changes {
				change(in.Cycle.Spec.Certificate)
			}
		}
	}
	event := func(eventType isms.CertificateEventType, on isms.Date) func(*isms.Certificate) {
		return func(c *isms.Certificate) {
			c.Events = append(c.Events, isms.CertificateEvent{Type: eventType, DecidedOn: on})
		}
	}
	follows := func(changes ...func(*isms.Certificate)) func(*CycleInput) {
		return func(in *CycleInput) {
			previous := cycle(func(c *isms.AuditCycle) { c.Name = "acme-2023" })
			previous.Spec.Certificate = granted("2023-12-01", "2026-11-30")
			for _, change := range changes {
				change(previous.Spec.Certificate)
			}
			in.Others = []isms.AuditCycle{*previous}
			in.Cycle.Spec.Origin, in.Cycle.Spec.PreviousCycleRef = isms.OriginRecertification, &isms.LocalRef{Name: "acme-2023"}
		}
	}
	for name, tc := range map[string]struct {
		change     func(*CycleInput)
		want, says string
	}{
		"none":               {func(*CycleInput) {}, "Unknown NothingDeclared", "no certificate yet"},
		"in force":           {own(), "True CertificateValid", ""},
		"granted tomorrow":   {own(func(c *isms.Certificate) { c.Events[0].DecidedOn = "2026-11-22" }), "False DateInFuture", ""},
		"effective tomorrow": {own(func(c *isms.Certificate) { c.EffectiveOn = "2026-11-22" }), "False DateInFuture", ""},
		"on its last day":    {own(func(c *isms.Certificate) { c.ExpiresOn = "2026-11-21" }), "True CertificateValid", ""},
		"after its last day": {own(func(c *isms.Certificate) { c.ExpiresOn = "2026-11-20" }), "False Expired", ""},
		"suspended":          {own(event(isms.CertificateSuspended, "2026-06-01")), "False Suspended", "must not be used"},
		"suspended too long": {own(event(isms.CertificateSuspended, "2026-05-20")), "False Suspended", "R10"},
		"restored":           {own(event(isms.CertificateSuspended, "2026-06-01"), event(isms.CertificateRestored, "2026-07-01")), "True CertificateValid", ""},
		"to be suspended":    {own(event(isms.CertificateSuspended, "2026-11-22")), "True CertificateValid", ""},
		"withdrawn":          {own(event(isms.CertificateWithdrawn, "2026-06-01")), "False Withdrawn", "another certification"},
		"a withdrawal is final": {
			own(event(isms.CertificateWithdrawn, "2026-06-01"), event(isms.CertificateRestored, "2026-07-01")), "False Withdrawn", "",
		},
		"a smaller scope": {own(event(isms.CertificateScopeReduced, "2026-06-01")), "True CertificateValid", ""},
		"another statement": {
			own(func(c *isms.Certificate) { c.ScopeStatement = "Everything." }), "True CertificateValid", "statement of the scope is not the one",
		},
		"another version of the Statement of Applicability": {func(in *CycleInput) {
			own()(in)
			in.Scope.Status.StatementOfApplicability.ApprovedVersion = "3.0"
		}, "True CertificateValid", "not the version on the certificate"},
		"a site that the scope lacks": {
			own(func(c *isms.Certificate) { c.Sites = []isms.ShortText{"Berlin"} }), "True CertificateValid", "no site of the certificate's: Berlin",
		},
		"a site that the certificate lacks": {func(in *CycleInput) {
			own(event(isms.CertificateScopeReduced, "2026-06-01"), func(c *isms.Certificate) { c.Sites = []isms.ShortText{"Berlin  Mitte"} })(in)
			in.Scope.Spec.Sites = []isms.Site{{Name: "Berlin Mitte"}, {Name: "Paris"}}
		}, "True CertificateValid", "The certificate does not name the scope's site, so nothing may refer to it there: Paris."},
		"a certificate that names no sites": {func(in *CycleInput) {
			own()(in)
			in.Scope.Spec.Sites = []isms.Site{{Name: "Berlin"}}
		}, "True CertificateValid", ""},
		"the sites of the scope": {func(in *CycleInput) {
			own(func(c *isms.Certificate) { c.Sites = []isms.ShortText{"Paris", "Berlin"} })(in)
			in.Scope.Spec.Sites = []isms.Site{{Name: "Berlin"}, {Name: "Paris"}}
		}, "True CertificateValid", ""},
		"the previous one in force":  {follows(), "True CertificateValid", ""},
		"the previous one suspended": {follows(event(isms.CertificateSuspended, "2026-10-01")), "False Suspended", ""},
		"the previous one expired":   {follows(func(c *isms.Certificate) { c.ExpiresOn = "2026-11-20" }), "False Expired", ""},
		"only the previous number": {func(in *CycleInput) {
			in.Cycle.Spec.Origin = isms.OriginRecertification
			in.Cycle.Spec.PreviousCertificate = &isms.PreviousCertificate{Number: "EC-1", ExpiresOn: "2026-11-21"}
		}, "Unknown NothingDeclared", "events are not known"},
		"only the previous number, expired": {func(in *CycleInput) {
			in.Cycle.Spec.Origin = isms.OriginRecertification
			in.Cycle.Spec.PreviousCertificate = &isms.PreviousCertificate{Number: "EC-1", ExpiresOn: "2026-11-20"}
		}, "False Expired", ""},
	} {
		in := cycleInput(cycle())
		tc.change(&in)
		got := conditions.Get(assessCycle(t, in).Status.Conditions, isms.ConditionCertificateValid)
		if string(got.Status)+" "+got.Reason != tc.want || !strings.Contains(got.Message, tc.says) {
			t.Errorf("%s: got %s %s %q, want %s with %q", name, got.Status, got.Reason, got.Message, tc.want, tc.says)
		}
		if got.Status == metav1.ConditionTrue && tc.says == "" && got.Message != "" {
			t.Errorf("%s: warns of %q", name, got.Message)
		}
	}
}

// TestChangeOfTimeZone: days are those of the new zone at once, as if it had always been the cycle's; a deadline that has not
// passed there is due again, and passes again.
func TestChangeOfTimeZone(t *testing.T) {
	in := readyInput()
	in.Cycle.Spec.Certificate = granted("2025-11-21", "2028-11-20") // first surveillance until 2026-11-21
	for _, tc := range []struct {
		zone, at string
		state    isms.DeadlineState
		days     int32
		tells    []string
	}{
		{"Pacific/Auckland", "2026-11-21T12:00:00Z", isms.DeadlineOverdue, 50, []string{isms.ReasonOverdue}}, // 01:00 of the 22nd
		{"America/Los_Angeles", "2026-11-22T07:59:59Z", isms.DeadlineDue, 51, []string{isms.ReasonDueSoon}},
		{"Europe/Berlin", "2026-11-22T07:59:59Z", isms.DeadlineOverdue, 50, []string{isms.ReasonOverdue}},
		{"Europe/Paris", "2026-11-22T07:59:59Z", isms.DeadlineOverdue, 50, nil},
	} {
		at, err := time.Parse(time.RFC3339, tc.at)
		if err != nil {
			t.Fatal(err)
		}
		in.Cycle.Spec.TimeZone, in.Now = tc.zone, at
		out := assessCycle(t, in)
		d := deadline(out.Status, deadlineFirstSurveillance)
		if d == nil || d.State != tc.state || *out.Status.DaysUntilNextAudit != tc.days {
			t.Errorf("%s: %+v, and %d days", tc.zone, d, *out.Status.DaysUntilNextAudit)
		}
		var tells []string
		for _, e := range out.Events {
			if e.Action == deadlineFirstSurveillance {
				tells = append(tells, e.Reason)
			}
		}
		if !slices.Equal(tells, tc.tells) {
			t.Errorf("%s tells %v of the deadline, want %v", tc.zone, tells, tc.tells)
		}
		fresh := in
		fresh.Cycle = in.Cycle.DeepCopy()
		fresh.Cycle.Status = isms.AuditCycleStatus{}
		if diff := cmp.Diff(Cycle(fresh).Status, out.Status, cmpopts.IgnoreFields(metav1.Condition{}, "LastTransitionTime")); diff != "" {
			t.Errorf("%s, if it had always been the zone (-want +got):\n%s", tc.zone, diff)
		}
		in.Cycle.Status = out.Status
	}
}
