// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/test/golden"
)

// simulation is a cycle to which things happen on days; whatever the cycle itself does not record is in order all the time. It is assessed at noon of each day of four years and more, from
// its first turn on.
type simulation struct {
	in    CycleInput
	turns map[isms.Date]func(*simulation)
}

func (s *simulation) spec() *isms.AuditCycleSpec { return &s.in.Cycle.Spec }

// audit plans or records an audit, by its name.
func (s *simulation) audit(a isms.Audit) {
	for i := range s.spec().Audits {
		if s.spec().Audits[i].Name == a.Name {
			s.spec().Audits[i] = a
			return
		}
	}
	s.spec().Audits = append(s.spec().Audits, a)
}

func schedules(name string, auditType isms.AuditType, on isms.Date) func(*simulation) {
	return func(s *simulation) { s.audit(isms.Audit{Name: isms.ItemName(name), Type: auditType, PlannedOn: on}) }
}

// audited records an audit of one day.
func audited(name string, auditType isms.AuditType, on isms.Date, outcome isms.AuditOutcome) func(*simulation) {
	return func(s *simulation) {
		s.audit(isms.Audit{Name: isms.ItemName(name), Type: auditType, PlannedOn: on, FirstDayOn: on, LastDayOn: on, Outcome: outcome})
	}
}

func finds(name, audit string, severity isms.Severity, on isms.Date) func(*simulation) {
	return func(s *simulation) {
		s.in.Findings = append(s.in.Findings, raised(name, audit, severity, on))
	}
}

// raised is a finding of the certification body.
func raised(name, audit string, severity isms.Severity, on isms.Date) isms.Finding {
	f := isms.Finding{}
	f.Name, f.Generation = name, 1
	f.Spec = isms.FindingSpec{
		ScopeRef: isms.LocalRef{Name: "acme"}, Severity: severity, Source: isms.FindingFromCertificationBody,
		AuditRef: &isms.AuditRef{Cycle: "acme-2026", Audit: isms.ItemName(audit)}, Requirement: "8.1", RaisedOn: on,
	}
	return f
}

func verifies(name string, on isms.Date) func(*simulation) {
	return func(s *simulation) {
		for i := range s.in.Findings {
			if s.in.Findings[i].Name == name {
				s.in.Findings[i].Spec.CertificationBody = &isms.BodyVerification{VerifiedOn: on}
			}
		}
	}
}

func grants(on, expires isms.Date) func(*simulation) {
	return func(s *simulation) { s.spec().Certificate = granted(on, expires) }
}

func granted(on, expires isms.Date) *isms.Certificate {
	return &isms.Certificate{
		Number: "EC-1", Edition: "ISO/IEC 27001:2022", SoAVersion: "2.0", ScopeStatement: "Operation of the\n  platform.",
		EffectiveOn: on, ExpiresOn: expires,
		Events: []isms.CertificateEvent{{Type: isms.CertificateGranted, DecidedOn: on}},
	}
}

func decides(event isms.CertificateEventType, on isms.Date) func(*simulation) {
	return func(s *simulation) {
		s.spec().Certificate.Events = append(s.spec().Certificate.Events, isms.CertificateEvent{Type: event, DecidedOn: on})
	}
}

func all(turns ...func(*simulation)) func(*simulation) {
	return func(s *simulation) {
		for _, turn := range turns {
			turn(s)
		}
	}
}

// upToCertificate are the turns of an initial certification that goes well.
func upToCertificate(more map[isms.Date]func(*simulation)) map[isms.Date]func(*simulation) {
	turns := map[isms.Date]func(*simulation){
		"2026-07-01": all(schedules("stage-1", isms.AuditStage1, "2026-10-12"), schedules("stage-2", isms.AuditStage2, "2026-11-23")),
		"2026-10-12": audited("stage-1", isms.AuditStage1, "2026-10-12", isms.OutcomeReadyForStage2),
		"2026-11-25": audited("stage-2", isms.AuditStage2, "2026-11-25", isms.OutcomeRecommended),
		"2026-12-10": grants("2026-12-10", "2029-12-09"),
	}
	for day, turn := range more {
		turns[day] = turn
	}
	return turns
}

// repeats records what has to be done once a year, on one day.
func repeats(day isms.Date) func(*simulation) {
	return func(s *simulation) {
		audit, review := s.spec().InternalAudits[0], s.spec().ManagementReviews[0]
		audit.Name, audit.PlannedOn, audit.PerformedOn, audit.ReportedOn = isms.ItemName("ia-"+day), day, day, day
		review.Name, review.PlannedOn, review.PerformedOn = isms.ItemName("mr-"+day), day, day
		s.spec().InternalAudits = append(s.spec().InternalAudits, audit)
		s.spec().ManagementReviews = append(s.spec().ManagementReviews, review)
		for i := range s.in.Documents {
			s.in.Documents[i].Spec.Approval.ApprovedOn = day
		}
		s.spec().Maintenance = &isms.Maintenance{
			UseOfMarks:      &isms.UseOfMarks{ReviewedOn: day, Outcome: "Fine."},
			LegalCompliance: &isms.LegalCompliance{EvaluatedOn: day, Ref: isms.LocalRef{Name: "legal"}},
		}
		s.in.Entries = append(s.in.Entries, incident("incident-"+string(day), day, metav1.ConditionTrue, isms.ReasonResolved))
	}
}

// recertification is a cycle that carries on a certificate which ends on 2026-12-31.
func recertification(s *simulation) {
	s.spec().Origin = isms.OriginRecertification
	s.spec().PreviousCertificate = &isms.PreviousCertificate{Number: "EC-1", ExpiresOn: "2026-12-31"}
}

var simulations = map[string]map[isms.Date]func(*simulation){
	"good-path": upToCertificate(map[isms.Date]func(*simulation){
		"2027-02-01": schedules("surveillance-1", isms.AuditSurveillance, "2027-11-08"),
		"2027-05-10": repeats("2027-05-10"),
		"2027-11-09": audited("surveillance-1", isms.AuditSurveillance, "2027-11-09", isms.OutcomeMaintained),
		"2028-02-01": schedules("surveillance-2", isms.AuditSurveillance, "2028-11-06"),
		"2028-05-02": repeats("2028-05-02"),
		"2028-11-07": audited("surveillance-2", isms.AuditSurveillance, "2028-11-07", isms.OutcomeMaintained),
		"2029-03-01": schedules("recertification", isms.AuditRecertification, "2029-08-20"),
		"2029-04-23": repeats("2029-04-23"),
		"2029-08-22": audited("recertification", isms.AuditRecertification, "2029-08-22", isms.OutcomeRecommended),
		"2029-10-01": func(s *simulation) {
			next := cycle(func(c *isms.AuditCycle) { c.Name = "acme-2029" })
			next.Spec.Origin, next.Spec.PreviousCycleRef = isms.OriginRecertification, &isms.LocalRef{Name: "acme-2026"}
			next.Spec.Certificate = granted("2029-10-01", "2032-12-09")
			s.in.Others = []isms.AuditCycle{*next}
		},
	}),
	"minor-at-stage-2": upToCertificate(map[isms.Date]func(*simulation){
		"2026-11-25": all(audited("stage-2", isms.AuditStage2, "2026-11-25", isms.OutcomeRecommendedAfterCorrection),
			finds("nc-1", "stage-2", isms.SeverityMinor, "2026-11-25")),
		"2027-11-09": all(audited("surveillance-1", isms.AuditSurveillance, "2027-11-09", isms.OutcomeMaintained), verifies("nc-1", "2027-11-09")),
	}),
	"major-at-stage-2-in-time": upToCertificate(map[isms.Date]func(*simulation){
		"2026-11-25": all(audited("stage-2", isms.AuditStage2, "2026-11-25", isms.OutcomeRecommendedAfterCorrection),
			finds("nc-1", "stage-2", isms.SeverityMajor, "2026-11-25")),
		"2026-12-10": schedules("follow-up", isms.AuditFollowUp, "2027-02-15"),
		"2027-02-15": all(audited("follow-up", isms.AuditFollowUp, "2027-02-15", isms.OutcomeResolved), verifies("nc-1", "2027-02-15")),
		"2027-03-01": grants("2027-03-01", "2030-02-28"),
	}),
	"major-at-stage-2-too-late": upToCertificate(map[isms.Date]func(*simulation){
		"2026-11-25": all(audited("stage-2", isms.AuditStage2, "2026-11-25", isms.OutcomeRecommendedAfterCorrection),
			finds("nc-1", "stage-2", isms.SeverityMajor, "2026-11-25")),
		"2026-12-10": func(*simulation) {},
		"2027-06-20": schedules("stage-2-again", isms.AuditStage2, "2027-07-05"),
		"2027-07-06": all(audited("stage-2-again", isms.AuditStage2, "2027-07-06", isms.OutcomeRecommended), verifies("nc-1", "2027-07-06")),
		"2027-08-01": grants("2027-08-01", "2030-07-31"),
	}),
	"stage-1-concerns-and-too-long-an-interval": {
		"2026-07-01": schedules("stage-1", isms.AuditStage1, "2026-10-12"),
		"2026-10-12": audited("stage-1", isms.AuditStage1, "2026-10-12", isms.OutcomeNotReadyForStage2),
		"2027-05-03": audited("stage-1-again", isms.AuditStage1, "2027-05-03", isms.OutcomeReadyForStage2),
		"2027-06-01": audited("stage-2", isms.AuditStage2, "2027-06-01", isms.OutcomeNotRecommended),
	},
	"missed-surveillance-suspension-restored": upToCertificate(map[isms.Date]func(*simulation){
		"2028-01-20": decides(isms.CertificateSuspended, "2028-01-20"),
		"2028-02-10": schedules("surveillance-1", isms.AuditSurveillance, "2028-04-03"),
		"2028-04-04": audited("surveillance-1", isms.AuditSurveillance, "2028-04-04", isms.OutcomeMaintained),
		"2028-05-02": decides(isms.CertificateRestored, "2028-05-02"),
	}),
	"major-at-surveillance-suspension-withdrawal": upToCertificate(map[isms.Date]func(*simulation){
		"2027-11-09": all(audited("surveillance-1", isms.AuditSurveillance, "2027-11-09", isms.OutcomeSuspensionRecommended),
			finds("nc-1", "surveillance-1", isms.SeverityMajor, "2027-11-09")),
		"2028-02-20": decides(isms.CertificateSuspended, "2028-02-20"),
		"2028-09-01": decides(isms.CertificateWithdrawn, "2028-09-01"),
	}),
	"recertification-in-time": {
		"2026-07-01": all(recertification, schedules("recertification", isms.AuditRecertification, "2026-09-14")),
		"2026-09-15": all(audited("recertification", isms.AuditRecertification, "2026-09-15", isms.OutcomeRecommendedAfterCorrection),
			finds("nc-1", "recertification", isms.SeverityMajor, "2026-09-15")),
		"2026-11-20": verifies("nc-1", "2026-11-20"),
		"2026-12-01": grants("2026-12-01", "2029-12-31"),
	},
	"recertification-late-restored": {
		"2026-07-01": recertification,
		"2027-02-01": schedules("recertification", isms.AuditRecertification, "2027-03-08"),
		"2027-03-09": audited("recertification", isms.AuditRecertification, "2027-03-09", isms.OutcomeRecommended),
		"2027-04-15": grants("2027-04-15", "2029-12-31"),
	},
	"recertification-lost": {"2026-07-01": recertification},
	"change-of-certification-body": {
		"2026-07-01": func(s *simulation) {
			s.spec().Origin, s.spec().Transfer = isms.OriginTransfer, &isms.Transfer{FromBody: "Other Cert"}
			s.spec().PreviousCertificate = &isms.PreviousCertificate{Number: "OC-1", ExpiresOn: "2028-06-30"}
		},
		"2026-08-10": func(s *simulation) { s.spec().Transfer.AccreditationEndedOn = "2026-08-10" },
		"2026-10-20": func(s *simulation) { s.spec().Transfer.PreTransferReviewOn = "2026-10-20" },
		"2026-11-02": func(s *simulation) {
			s.spec().Certificate = granted("2026-11-02", "2028-06-30")
			s.spec().Certificate.Events[0].Type = isms.CertificateTransferred
		},
		"2027-05-11": audited("surveillance-2", isms.AuditSurveillance, "2027-05-11", isms.OutcomeMaintained),
	},
	"scope-changes-in-mid-cycle": upToCertificate(map[isms.Date]func(*simulation){
		"2027-03-01": func(s *simulation) { s.in.Scope.Spec.Statement = "Operation of the platform and support." },
		"2027-04-01": func(s *simulation) {
			s.in.Scope.Status.StatementOfApplicability = &isms.StatementOfApplicabilityStatus{ApprovedVersion: "3.0"}
		},
		"2027-05-01": schedules("extension", isms.AuditScopeExtension, "2027-06-07"),
		"2027-06-08": audited("extension", isms.AuditScopeExtension, "2027-06-08", isms.OutcomeRecommended),
		"2027-07-01": func(s *simulation) {
			decides(isms.CertificateScopeExtended, "2027-07-01")(s)
			s.spec().Certificate.ScopeStatement, s.spec().Certificate.SoAVersion = "Operation of the platform and support.", "3.0"
		},
	}),
}

// TestSimulations assesses each cycle day by day and holds every turn against a golden file. `go test -update` writes
// them anew.
func TestSimulations(t *testing.T) {
	for name, turns := range simulations {
		t.Run(name, func(t *testing.T) {
			got := simulate(t, turns)
			golden.Equal(t, filepath.Join("testdata", "simulations", name+".txt"), got)
		})
	}
}

func simulate(t *testing.T, turns map[isms.Date]func(*simulation)) string {
	t.Helper()
	s := &simulation{in: readyInput(), turns: turns}
	s.spec().Audits, s.spec().Certificate = nil, nil
	var out strings.Builder
	var before []string
	for day := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC); day.Before(time.Date(2030, 12, 1, 0, 0, 0, 0, time.UTC)); day = day.AddDate(0, 0, 1) {
		if turn := turns[isms.NewDate(day)]; turn != nil {
			turn(s)
		}
		s.in.Now = day
		outcome := Cycle(s.in)
		status := outcome.Status
		checkNotices(t, isms.NewDate(day), s.in.Cycle.Status, outcome)
		s.in.Cycle.Status = status
		checkDays(t, isms.NewDate(day), status)
		seen := render(status)
		if turn := changed(before, seen); turn != "" {
			fmt.Fprintf(&out, "%s\n%s", isms.NewDate(day), turn)
		}
		before = seen
	}
	return out.String()
}

// checkNotices asks that each deadline is told of on the day of a notice, and on no other: once for the shortest notice that
// has come, and once when it is overdue.
func checkNotices(t *testing.T, today isms.Date, before isms.AuditCycleStatus, out CycleOutcome) {
	t.Helper()
	told := map[string]int{}
	for _, e := range out.Events {
		if e.Reason == isms.ReasonDueSoon || e.Reason == isms.ReasonOverdue && e.Action != "" {
			told[e.Action+" "+e.Reason]++
		}
	}
	for _, d := range out.Status.Deadlines {
		was := isms.Deadline{}
		for _, b := range before.Deadlines {
			if b.Name == d.Name && b.DueOn == d.DueOn {
				was = b
			}
		}
		soon, late := d.NoticeDays != was.NoticeDays && d.NoticeDays > 0, d.State == isms.DeadlineOverdue && was.State != d.State
		for reason, want := range map[string]bool{isms.ReasonDueSoon: soon, isms.ReasonOverdue: late} {
			if got := told[d.Name+" "+reason]; got != map[bool]int{true: 1}[want] {
				t.Errorf("%s: %s of %s is told %d times", today, reason, d.Name, got)
			}
			delete(told, d.Name+" "+reason)
		}
	}
	if len(told) > 0 {
		t.Errorf("%s: %v is told of nothing", today, told)
	}
}

// checkDays asks that the days lead to the day of the next audit, or else to the end of its window.
func checkDays(t *testing.T, today isms.Date, status isms.AuditCycleStatus) {
	t.Helper()
	days := status.DaysUntilNextAudit
	if days == nil {
		return
	}
	from, err := today.Time()
	if err != nil {
		t.Fatal(err)
	}
	want := cmp.Or(status.NextAudit.PlannedOn, status.NextAudit.Latest)
	if got := isms.NewDate(from.AddDate(0, 0, int(*days))); got != want {
		t.Errorf("%s: %d days lead to %s, not to %s", today, *days, got, want)
	}
}

// changed writes the lines that are gone, then those that are new.
func changed(before, after []string) string {
	var out strings.Builder
	for _, line := range before {
		if !slices.Contains(after, line) {
			fmt.Fprintf(&out, "  - %s\n", line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			fmt.Fprintf(&out, "  + %s\n", line)
		}
	}
	return out.String()
}

// render is what of a status a simulation shows, in lines.
func render(status isms.AuditCycleStatus) []string {
	list := []string{"stage " + string(status.Stage)}
	if n := status.NextAudit; n != nil {
		list = append(list, strings.TrimSpace(fmt.Sprintf("next %s %s, planned %s, from %s to %s %s", n.Type, cmp.Or(n.Name, "-"),
			cmp.Or(n.PlannedOn, "-"), cmp.Or(n.Earliest, "-"), cmp.Or(n.Latest, "-"), n.Basis)))
	}
	for name, conditionType := range map[string]string{"certificate": isms.ConditionCertificateValid, "ready": isms.ConditionAuditReady} {
		c := conditions.Get(status.Conditions, conditionType)
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", name, c.Status, c.Reason, c.Message)))
	}
	slices.Sort(list)
	for _, d := range status.Deadlines {
		state := string(d.State)
		if d.NoticeDays > 0 {
			state = fmt.Sprintf("Due within %d", d.NoticeDays)
		}
		list = append(list, fmt.Sprintf("deadline %s %s, %s (%s)", d.DueOn, d.Name, state, strings.TrimSpace(d.Rule+" "+d.Source)))
	}
	for _, s := range status.Steps {
		list = append(list, strings.TrimSpace(fmt.Sprintf("step %s %s %s", s.Name, s.State, s.DueDate)))
	}
	return list
}
