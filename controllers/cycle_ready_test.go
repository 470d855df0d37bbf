// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/engine"
)

// newWorldAt is a world on a day, at noon, whose operator is still to be started.
func newWorldAt(t *testing.T, day isms.Date) *world {
	t.Helper()
	t.Parallel()
	w := newWorldWithoutOperator(t)
	w.writes = 1000 // days pass within seconds
	w.goTo(noon(w, day))
	return w
}

func noon(t testing.TB, day isms.Date) time.Time {
	t.Helper()
	at, err := day.Time()
	if err != nil {
		t.Fatal(err)
	}
	return at.Add(12 * time.Hour)
}

func (w *world) goTo(at time.Time) { w.clock.Step(at.Sub(w.clock.Now())) }

// inRealTime leaves the engine's clock alone: it tells by it whether connections are alive.
func inRealTime(o *engine.Options) { o.Clock = clock.RealClock{} }

// wholeISMS is an ISMS in which nothing is missing but a cycle: nothing is said of it but what the operator says. One control
// applies, A.8.22; a pod in the namespace that is returned shows whether it is effective.
func (w *world) wholeISMS() (scope *isms.ISMSScope, shop string) {
	w.Helper()
	shop = w.namespace("shop")
	w.create(somePod(shop, "web", "yes"))
	scope = w.scope(byISO27005, func(s *isms.ISMSScope) {
		s.Spec.RiskManagement.AssessmentIntervalDays = 1500
		s.Spec.Objectives = []isms.Objective{{
			Name: "mfa", Measure: "Share of accounts", Target: "100 %", Actions: "Keys.", Owner: roe, DueDate: "2031-12-31",
		}}
		for i := range s.Spec.Requirements {
			s.Spec.Requirements[i].TargetDate = "2031-12-31"
		}
	})
	risk := w.risk("tenants", "A.8.22")
	w.create(scope, w.control("A.8.22", approved()), risk)
	soa := w.document("statement", "StatementOfApplicability", w.day(-20), 1500)
	soa.Spec.Source = isms.DocumentSource{Computed: isms.ComputedStatementOfApplicability}
	w.create(soa)
	for _, c := range catalogue.Controls() {
		if c.ID != "A.8.22" {
			w.create(w.excluded(c.ID))
		}
	}
	for _, d := range catalogue.Documents() {
		if d.Stage == catalogue.Stage1 && (!d.OfControl() || d.Requirement == "A.8.22") && d.Type != string(soa.Spec.Type) {
			w.create(w.document(strings.ToLower(d.Type), d.Type, w.day(-30), 1500))
		}
	}
	for name, documentType := range map[string]string{"legal": "LegalEvaluation", "report": "InternalAuditResults", "minutes": "ManagementReviewResults"} {
		w.create(w.document(name, documentType, w.day(-30), 1500))
	}
	w.recordsOf(w.day(-10))
	w.start(inRealTime)
	w.want(risk, "Assessed True Assessed", "Treated True Treated")
	w.approveStatement(scope, soa, "1.0")
	w.want(scope, "ScopeDefined True ScopeDefined", "BoundaryComplete True AllNamespacesAccounted", "GapsAddressed True GapsAddressed",
		"LeadershipEstablished True LeadershipEstablished", "ObjectivesMonitored True ObjectivesMonitored",
		"RiskAssessed True RisksAssessed", "RiskTreated True RisksTreated", "DocumentationComplete True DocumentationComplete",
		"StatementOfApplicabilityComplete True StatementOfApplicabilityComplete", "AwarenessMaintained True AwarenessMaintained")
	return scope, shop
}

// recordsOf are those that an ISMS makes each year.
func (w *world) recordsOf(day isms.Date) {
	w.Helper()
	training := w.attestation("awareness-"+string(day), "AwarenessTraining", day)
	training.Spec.Participants = &isms.Participants{Expected: 20, Completed: ptr.To[int32](20)}
	measured := w.attestation("mfa-"+string(day), "Measurement", day)
	measured.Spec.Objective = &isms.ObjectiveMeasurement{Name: "mfa", Value: "100 %", Met: isms.Yes}
	incidents := w.attestation("incidents-"+string(day), "IncidentReview", day)
	incidents.Spec.Controls = []isms.ControlID{"A.5.26"}
	told := w.attestation("communication-"+string(day), "CommunicationReview", day)
	told.Spec.Clauses = []isms.DeclaredClause{"7.4"}
	w.create(training, measured, incidents, told)
}

// TestDriftTurnsAuditReady: in a certified system that is ready for its surveillance, a control that drifts closes AuditReady when
// its grace days have run out and not before, and opens it again when it is put right. So does an incident that is overdue.
func TestDriftTurnsAuditReady(t *testing.T) {
	w := newWorldAt(t, "2027-05-10")
	_, shop := w.wholeISMS()
	cycle, control := w.certifiable(), w.control("A.8.22")
	all(held("stage-1", isms.AuditStage1, "2026-10-12", isms.OutcomeReadyForStage2), keeps("2027-05-10"),
		schedules("surveillance-1", isms.AuditSurveillance, "2027-11-08"))(&cycle.Spec)
	cycle.Spec.Certificate, cycle.Spec.DeviationGraceDays = certificate("2026-12-10", "2029-12-09"), nil // seven
	w.create(cycle)
	w.want(cycle, "ControlsSatisfied True ControlsSatisfied", "SurveillanceReady True NoKnownBlockers", "AuditReady True NoKnownBlockers")

	w.approve(shop, "web", "no")
	w.want(control, "Satisfied False ObjectsFailed")
	w.want(cycle, "ControlsSatisfied True DeviationsWithinGrace", "AuditReady True NoKnownBlockers")
	failed := conditions.Get(control.Status.Conditions, isms.ConditionSatisfied).LastTransitionTime
	w.goTo(failed.Add(7*wholeDay - 5*time.Second))
	w.lookAgain(cycle)
	w.want(cycle, "ControlsSatisfied False ControlsNotSatisfied", "AuditReady False Blocked") // by its own requeue
	w.wantEvent(cycle, "Warning Blocked AuditReady is False: ControlsSatisfied (Not satisfied: A.8.22 (ObjectsFailed))")
	if at := conditions.Get(cycle.Status.Conditions, isms.ConditionAuditReady).LastTransitionTime; at.Before(ptr.To(metav1.NewTime(failed.Add(7 * wholeDay)))) {
		t.Errorf("failed at %s, and closed AuditReady at %s already", failed, at)
	}

	w.approve(shop, "web", "yes")
	w.want(cycle, "ControlsSatisfied True ControlsSatisfied", "AuditReady True NoKnownBlockers")
	w.wantEvent(cycle, "Normal NoKnownBlockers AuditReady is True")

	leak := &isms.RegisterEntry{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "leak"}}
	leak.Spec = isms.RegisterEntrySpec{
		ScopeRef: isms.LocalRef{Name: scopeName}, Register: isms.RegisterIncident, Title: "A key in a public repository", Owner: roe,
		Incident: &isms.IncidentEntry{Severity: isms.CriticalityHigh, DetectedOn: w.day(-9), DueDate: w.day(-1)},
	}
	w.create(leak)
	w.want(cycle, "AuditReady False Blocked")
	if got, want := message(cycle, isms.ConditionAuditReady), "Incidents (Resolve the incident: leak)."; got != want {
		t.Errorf("AuditReady says %q, want %q", got, want)
	}
	w.merge(leak, `{"spec":{"incident":{"resolvedOn":"`+string(w.day(0))+`","lessonsLearned":"Scan what is pushed."}}}`)
	w.want(cycle, "AuditReady True NoKnownBlockers")
}
