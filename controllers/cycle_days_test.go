// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/controllers"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// turn is what happens to a cycle on a day, and what kubectl then prints.
type turn struct {
	day isms.Date
	do  func(*isms.AuditCycleSpec)
	// more happens besides.
	more func(*world, *isms.AuditCycle)
}

func unchanged(*isms.AuditCycleSpec) {}

// schedules plans an audit; held records it, on one day.
func schedules(name isms.ItemName, auditType isms.AuditType, on isms.Date) func(*isms.AuditCycleSpec) {
	return puts(isms.Audit{Name: name, Type: auditType, PlannedOn: on})
}

func held(name isms.ItemName, auditType isms.AuditType, on isms.Date, outcome isms.AuditOutcome) func(*isms.AuditCycleSpec) {
	return puts(isms.Audit{Name: name, Type: auditType, PlannedOn: on, FirstDayOn: on, LastDayOn: on, Outcome: outcome})
}

func puts(a isms.Audit) func(*isms.AuditCycleSpec) {
	return func(s *isms.AuditCycleSpec) {
		s.Audits = append(slices.DeleteFunc(s.Audits, func(b isms.Audit) bool { return b.Name == a.Name }), a)
	}
}

func decides(event isms.CertificateEventType, on isms.Date) func(*isms.AuditCycleSpec) {
	return func(s *isms.AuditCycleSpec) {
		s.Certificate.Events = append(s.Certificate.Events, isms.CertificateEvent{Type: event, DecidedOn: on, Reason: "As it is."})
	}
}

func certificate(on, expires isms.Date) *isms.Certificate {
	return &isms.Certificate{
		Number: "EC-1", Edition: "ISO/IEC 27001:2022", SoAVersion: "1.0", ScopeStatement: "Operation of the Acme platform.",
		EffectiveOn: on, ExpiresOn: expires, Events: []isms.CertificateEvent{{Type: isms.CertificateGranted, DecidedOn: on}},
	}
}

// keeps records the yearly duties of a certified organization, on one day.
func keeps(day isms.Date) func(*isms.AuditCycleSpec) {
	return func(s *isms.AuditCycleSpec) {
		audit, review := s.InternalAudits[0], s.ManagementReviews[0]
		audit.Name, audit.PlannedOn, audit.PerformedOn, audit.ReportedOn = isms.ItemName("ia-"+day), day, day, day
		review.Name, review.PlannedOn, review.PerformedOn = isms.ItemName("mr-"+day), day, day
		s.InternalAudits, s.ManagementReviews = append(s.InternalAudits, audit), append(s.ManagementReviews, review)
		s.Maintenance = &isms.Maintenance{
			UseOfMarks:      &isms.UseOfMarks{ReviewedOn: day, Outcome: "Fine."},
			LegalCompliance: &isms.LegalCompliance{EvaluatedOn: day, Ref: isms.LocalRef{Name: "legal"}},
		}
	}
}

// noIncidents records, as is to be done each year in which there was none, that there was none.
func noIncidents(day isms.Date) func(*world, *isms.AuditCycle) {
	return func(w *world, _ *isms.AuditCycle) {
		none := w.attestation("none-"+string(day), "IncidentReview", day)
		none.Spec.Controls = []isms.ControlID{"A.5.26"}
		w.create(none)
	}
}

func all(changes ...func(*isms.AuditCycleSpec)) func(*isms.AuditCycleSpec) {
	return func(s *isms.AuditCycleSpec) {
		for _, change := range changes {
			change(s)
		}
	}
}

// chosenDays are cycles that docs/auditcycle.md shows.
var chosenDays = map[string][]turn{
	"The good path": {
		{"2026-07-01", all(schedules("stage-1", isms.AuditStage1, "2026-10-12"), schedules("stage-2", isms.AuditStage2, "2026-11-23")), nil},
		{"2026-10-13", held("stage-1", isms.AuditStage1, "2026-10-12", isms.OutcomeReadyForStage2), nil},
		{"2026-11-25", held("stage-2", isms.AuditStage2, "2026-11-25", isms.OutcomeRecommended), nil},
		{"2026-12-10", func(s *isms.AuditCycleSpec) { s.Certificate = certificate("2026-12-10", "2029-12-09") }, nil},
		{"2027-05-10", all(keeps("2027-05-10"), schedules("surveillance-1", isms.AuditSurveillance, "2027-11-08")), noIncidents("2027-05-10")},
		{"2027-11-09", all(held("surveillance-1", isms.AuditSurveillance, "2027-11-09", isms.OutcomeMaintained), schedules("surveillance-2", isms.AuditSurveillance, "2028-11-06")), nil},
		{"2028-05-02", keeps("2028-05-02"), noIncidents("2028-05-02")},
		{"2028-11-07", all(held("surveillance-2", isms.AuditSurveillance, "2028-11-07", isms.OutcomeMaintained), schedules("recertification", isms.AuditRecertification, "2029-08-20")), nil},
		{"2029-04-23", keeps("2029-04-23"), noIncidents("2029-04-23")},
		{"2029-08-22", held("recertification", isms.AuditRecertification, "2029-08-22", isms.OutcomeRecommended), nil},
		{"2029-10-01", unchanged, func(w *world, c *isms.AuditCycle) { w.create(w.nextCycle(c)) }},
		{"2029-12-10", unchanged, nil},
	},
	"A Major at Stage 2": {
		{"2026-10-13", all(held("stage-1", isms.AuditStage1, "2026-10-12", isms.OutcomeReadyForStage2), schedules("stage-2", isms.AuditStage2, "2026-11-23")), nil},
		{"2026-11-25", all(held("stage-2", isms.AuditStage2, "2026-11-25", isms.OutcomeRecommendedAfterCorrection), schedules("follow-up", isms.AuditFollowUp, "2027-02-15")), func(w *world, _ *isms.AuditCycle) {
			w.create(w.major("nc-1", "stage-2", "2026-11-25"))
		}},
		{"2027-02-15", held("follow-up", isms.AuditFollowUp, "2027-02-15", isms.OutcomeResolved), func(w *world, _ *isms.AuditCycle) {
			w.merge(w.major("nc-1", "stage-2", ""), `{"spec":{"certificationBody":{"verifiedOn":"2027-02-15","verifiedBy":{"name":"E. Auditor","email":"e.auditor@example.com"}}}}`)
		}},
		{"2027-03-01", func(s *isms.AuditCycleSpec) { s.Certificate = certificate("2027-03-01", "2030-02-28") }, nil},
	},
	"A surveillance audit is missed": {
		{"2027-05-10", all(held("stage-1", isms.AuditStage1, "2026-10-12", isms.OutcomeReadyForStage2), keeps("2027-05-10"), func(s *isms.AuditCycleSpec) {
			s.Certificate = certificate("2026-12-10", "2029-12-09")
		}), noIncidents("2027-05-10")},
		{"2027-12-11", unchanged, nil},
		{"2028-01-20", all(decides(isms.CertificateSuspended, "2028-01-20"), schedules("surveillance-1", isms.AuditSurveillance, "2028-04-03")), nil},
		{"2028-05-02", all(held("surveillance-1", isms.AuditSurveillance, "2028-04-04", isms.OutcomeMaintained), decides(isms.CertificateRestored, "2028-05-02"), keeps("2028-05-02")), noIncidents("2028-05-02")},
	},
}

// TestCyclesOnChosenDays: on a real API server each turn is admitted, and `kubectl get auditcycles` prints what
// docs/auditcycle.md shows of these days. The scope and its controls are in order all the time.
func TestCyclesOnChosenDays(t *testing.T) {
	for name, turns := range chosenDays {
		t.Run(name, func(t *testing.T) {
			w := newWorldWithoutOperator(t)
			w.orderly()
			cycle := w.certifiable()
			w.create(cycle)
			clock := clocktesting.NewFakePassiveClock(time.Time{})
			r := w.reconciler(clock)
			var rows [][]string
			for _, next := range turns {
				at, err := next.day.Time()
				if err != nil {
					t.Fatal(err)
				}
				clock.SetTime(at.Add(12 * time.Hour))
				if next.more != nil {
					next.more(w, cycle)
				}
				w.edit(cycle, func() { next.do(&cycle.Spec) })
				rows = append(rows, w.settled(r, next.day)...)
			}
			w.wantInDocs(name, rows)
		})
	}
}

// wantInDocs asks that docs/auditcycle.md shows rows under a name, with the columns that the API server has.
func (w *world) wantInDocs(name string, rows [][]string) {
	w.Helper()
	page, err := os.ReadFile("../docs/auditcycle.md")
	if err != nil {
		w.Fatal(err)
	}
	if want := w.printed(rows); !strings.Contains(string(page), "#### "+name+"\n\n```\n"+want+"```\n") {
		w.Errorf("docs/auditcycle.md does not show, under %q:\n%s", name, want)
	}
}

// TestColumnsAreThoseOfTheDocs: with -o wide, kubectl prints the columns over which docs/auditcycle.md shows an example.
func TestColumnsAreThoseOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/auditcycle.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, column := range newWorldWithoutOperator(t).table("auditcycles").ColumnDefinitions {
		names = append(names, regexp.QuoteMeta(strings.ToUpper(column.Name)))
	}
	if header := regexp.MustCompile("(?m)^" + strings.Join(names, " {3,}") + "$"); !header.Match(page) {
		t.Errorf("docs/auditcycle.md has no table with the columns %v", names)
	}
}

// reconciler is that of cycles, with a clock of its own, and nothing else runs.
func (w *world) reconciler(clock *clocktesting.FakePassiveClock) *controllers.AuditCycleReconciler {
	w.Helper()
	c := w.cached()
	return &controllers.AuditCycleReconciler{Client: c, Clock: clock, Writer: controllers.NewWriter(c, events.NewFakeRecorder(1000))}
}

// cached is a client that reads as a reconciler's does, for a test that calls Reconcile itself.
func (w *world) cached() client.Client {
	w.Helper()
	m, err := ctrl.NewManager(testenv.Shared(w).Config, ctrl.Options{
		Scheme: newScheme(w), Metrics: metricsserver.Options{BindAddress: "0"},
		Cache: cache.Options{DefaultNamespaces: map[string]cache.Config{w.home: {}}},
	})
	if err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.Cleanup(cancel)
	if err := controllers.AddIndexes(ctx, m.GetFieldIndexer()); err != nil {
		w.Fatal(err)
	}
	go func() { _ = m.GetCache().Start(ctx) }()
	if !m.GetCache().WaitForCacheSync(ctx) {
		w.Fatal("the cache does not start")
	}
	return m.GetClient()
}

// settled reconciles all cycles until a second look, past what the cache may have missed, writes nothing; and returns the rows
// that kubectl prints then, behind the day.
func (w *world) settled(r *controllers.AuditCycleReconciler, day isms.Date) [][]string {
	w.Helper()
	var before string
	same := 0
	w.eventually(func() string {
		var cycles isms.AuditCycleList
		if err := w.client.List(ctx, &cycles, client.InNamespace(w.home)); err != nil {
			return err.Error()
		}
		var seen strings.Builder
		for _, c := range cycles.Items {
			if _, err := r.Reconcile(ctx, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&c)}); err != nil {
				return err.Error()
			}
			fmt.Fprintf(&seen, "%s %s %t\n", c.Name, c.ResourceVersion, c.Status.ObservedGeneration == c.Generation)
		}
		if now := seen.String(); now != before || strings.Contains(now, "false") {
			before, same = now, 0
			return "still writing"
		}
		if same++; same < 10 { // a look each 20 ms: time for the cache
			return "just written"
		}
		return ""
	})
	return w.rows(day)
}

// rows are those that kubectl prints of all cycles, behind a day.
func (w *world) rows(day isms.Date) [][]string {
	w.Helper()
	var rows [][]string
	for _, row := range w.table("auditcycles").Rows {
		cells := []string{string(day)}
		for _, cell := range row.Cells {
			text := ""
			if cell != nil {
				text = fmt.Sprint(cell)
			}
			cells = append(cells, text)
		}
		rows = append(rows, cells)
	}
	return rows
}

// table is what the API server hands kubectl to print.
func (w *world) table(resource string) metav1.Table {
	w.Helper()
	config := rest.CopyConfig(testenv.Shared(w).Config)
	config.GroupVersion, config.APIPath = &schema.GroupVersion{Group: isms.GroupName, Version: isms.GroupVersion.Version}, "/apis"
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	c, err := rest.RESTClientFor(config)
	if err != nil {
		w.Fatal(err)
	}
	body, err := c.Get().Namespace(w.home).Resource(resource).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(ctx)
	if err != nil {
		w.Fatal(err)
	}
	var table metav1.Table
	if err := json.Unmarshal(body, &table); err != nil {
		w.Fatal(err)
	}
	return table
}

// printed aligns rows as kubectl does under the columns that the API server has, up to those whose text is an age, and those
// for -o wide.
func (w *world) printed(rows [][]string) string {
	w.Helper()
	var out strings.Builder
	tab := tabwriter.NewWriter(&out, 6, 4, 3, ' ', 0)
	header := []string{""}
	for _, column := range w.table("auditcycles").ColumnDefinitions {
		if column.Priority == 0 && column.Type != "date" {
			header = append(header, strings.ToUpper(column.Name))
		}
	}
	for _, row := range append([][]string{header}, rows...) {
		fmt.Fprintln(tab, strings.Join(row[:len(header)], "\t"))
	}
	_ = tab.Flush()
	lines := strings.Split(out.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// orderly makes a scope, two controls and the records of audits and reviews, of which the operator has said that all is well.
func (w *world) orderly() {
	w.Helper()
	scope := w.scope()
	w.create(scope, w.control("A.5.1"), w.control("A.8.22"))
	for name, documentType := range map[string]string{"programme": "InternalAuditProgramme", "legal": "LegalEvaluation", "report": "InternalAuditResults", "minutes": "ManagementReviewResults"} {
		w.create(w.document(name, documentType, "2026-06-01", 1500))
	}
	holds := func(generation int64, types ...string) []metav1.Condition {
		var list []metav1.Condition
		for _, t := range types {
			list = append(list, metav1.Condition{
				Type: t, Status: metav1.ConditionTrue, Reason: t, ObservedGeneration: generation, LastTransitionTime: metav1.Now(),
			})
		}
		return list
	}
	scope.Status.ObservedGeneration = scope.Generation
	scope.Status.Conditions = holds(scope.Generation, isms.ConditionReady, isms.ConditionScopeDefined, isms.ConditionBoundaryComplete,
		isms.ConditionLeadershipEstablished, isms.ConditionObjectivesMonitored, isms.ConditionGapsAddressed, isms.ConditionRiskAssessed,
		isms.ConditionRiskTreated, isms.ConditionStatementOfApplicabilityComplete, isms.ConditionStatementOfApplicabilityApproved,
		isms.ConditionDocumentationComplete, isms.ConditionAwarenessMaintained)
	for _, id := range []isms.ClauseID{"6.1.3", "7.4", "10.1"} {
		scope.Status.Requirements = append(scope.Status.Requirements, isms.RequirementStatus{
			ID: id, Status: isms.RequirementEvidenced, Basis: isms.BasisComputed, Reason: "Fine",
		})
	}
	if err := w.client.Status().Update(ctx, scope); err != nil {
		w.Fatal(err)
	}
	for _, id := range []string{"A.5.1", "A.8.22"} {
		c := w.control(id)
		w.refresh(c)
		c.Status.ObservedGeneration, c.Status.Conditions = c.Generation, holds(c.Generation, isms.ConditionReady, isms.ConditionSatisfied)
		if err := w.client.Status().Update(ctx, c); err != nil {
			w.Fatal(err)
		}
	}
}

// certifiable is an initial cycle with a certification body, an internal audit and a management review.
func (w *world) certifiable() *isms.AuditCycle {
	c := w.cycle()
	c.Spec.TimeZone = "Europe/Berlin"
	c.Spec.Gates = []isms.Gate{{Name: isms.ConditionOperatingPeriodMet, Enforcement: isms.EnforcementAdvisory, Rationale: "Agreed."}}
	c.Spec.CertificationBody = &isms.CertificationBody{
		Name: "Example Cert", EngagedOn: "2026-06-01",
		Accreditation: &isms.Accreditation{Body: "DAkkS", Number: "D-ZM-0000", CheckedOn: "2026-05-20"},
	}
	c.Spec.InternalAudits = []isms.InternalAudit{{
		Name: "ia-2026", PlannedOn: "2026-09-01", PerformedOn: "2026-09-01", Criteria: []isms.ShortText{"ISO27001-2022"},
		Auditors: []isms.Auditor{{Person: smith, Organization: "Internal Audit"}}, Clauses: []isms.ClauseID{"4", "5", "6", "7", "8", "9", "10"},
		ControlCoverage: isms.CoverageAll, Findings: isms.FindingsNone, ReportedTo: &smith, ReportedOn: "2026-09-10",
		ReportRef: &isms.LocalRef{Name: "report"},
	}}
	c.Spec.ManagementReviews = []isms.ManagementReview{{
		Name: "mr-2026", PlannedOn: "2026-09-20", PerformedOn: "2026-09-20", Chair: &smith, Inputs: []isms.ReviewInput{
			isms.InputPreviousActions, isms.InputContextChanges, isms.InputInterestedPartyChanges, isms.InputNonconformities,
			isms.InputMonitoringResults, isms.InputAuditResults, isms.InputObjectivesFulfilment, isms.InputInterestedPartyFeedback,
			isms.InputRiskStatus, isms.InputImprovementOpportunities,
		},
		Decisions:  []isms.ReviewDecision{{Kind: isms.DecisionKindImprovement, Text: "Keys."}},
		MinutesRef: &isms.LocalRef{Name: "minutes"},
	}}
	return c
}

// nextCycle carries a cycle on, whose certificate was renewed in time.
func (w *world) nextCycle(c *isms.AuditCycle) *isms.AuditCycle {
	next := w.cycle()
	next.Name, next.Spec.Origin, next.Spec.TimeZone = "acme-2029", isms.OriginRecertification, c.Spec.TimeZone
	next.Spec.PreviousCycleRef = &isms.LocalRef{Name: isms.ObjectName(c.Name)}
	next.Spec.PreviousCertificate = &isms.PreviousCertificate{Number: "EC-1", ExpiresOn: c.Spec.Certificate.ExpiresOn}
	next.Spec.CertificationBody, next.Spec.Maintenance = c.Spec.CertificationBody, c.Spec.Maintenance
	next.Spec.Certificate = certificate("2029-10-01", "2032-12-09")
	return next
}

// major is one of the certification body.
func (w *world) major(name string, audit isms.ItemName, on isms.Date) *isms.Finding {
	f := &isms.Finding{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: name}}
	f.Spec = isms.FindingSpec{
		ScopeRef: isms.LocalRef{Name: scopeName}, Severity: isms.SeverityMajor, Source: isms.FindingFromCertificationBody,
		AuditRef: &isms.AuditRef{Cycle: "acme-2026", Audit: audit}, Requirement: "8.1", RaisedOn: on,
		Statement: "Changes were not controlled.", ObjectiveEvidence: "Three changes of October have no record.",
	}
	return f
}
