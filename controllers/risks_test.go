// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// byISO27005 is the frame of the risks of these tests.
func byISO27005(s *isms.ISMSScope) {
	s.Spec.RiskManagement = &isms.RiskManagement{
		Method: isms.MethodISO27005, AssessmentIntervalDays: 365,
		Criteria: isms.RiskCriteria{
			PerformedWhen: "Yearly.", Acceptance: isms.RiskAcceptanceCriteria{MaxLevel: "Medium"},
		},
	}
}

// risk is one that is treated by controls and accepted.
func (w *world) risk(name string, controls ...isms.ControlID) *isms.Risk {
	return &isms.Risk{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: name},
		Spec: isms.RiskSpec{
			ScopeRef: isms.LocalRef{Name: scopeName}, Approach: isms.ApproachEventBased, Title: "A risk", Threat: "Somebody",
			Properties: []isms.SecurityProperty{"Confidentiality"}, Owner: roe,
			Assessment: &isms.RiskAssessment{AssessedOn: w.day(-60), Likelihood: "Likely", Consequence: "Critical"},
			Treatment: &isms.RiskTreatment{
				Option: isms.TreatmentModify, Controls: controls, Plan: "Do it.", DueDate: w.day(-20), CompletedOn: w.day(-30),
				Approval: &isms.Approval{ApprovedBy: roe, ApprovedOn: w.day(-50)},
			},
			Residual:   &isms.RiskAssessment{AssessedOn: w.day(-20), Likelihood: "Unlikely", Consequence: "Critical"},
			Acceptance: &isms.RiskAcceptance{AcceptedBy: roe, AcceptedOn: w.day(-10), AcceptedLevel: "Low"},
		},
	}
}

// TestARiskTurnsWithTheControlItRestsOn, and turns back.
func TestARiskTurnsWithTheControlItRestsOn(t *testing.T) {
	w := newWorld(t)
	shop := w.namespace("shop")
	w.create(somePod(shop, "web", "yes"))
	risk, other := w.risk("tenants", "A.8.22"), w.risk("other", "A.5.1")
	policy := isms.EvidenceItem{Name: "policy", Strength: isms.StrengthSubstantial, Document: &isms.DocumentEvidence{Type: "Policy"}}
	w.create(w.scope(byISO27005), w.control("A.8.22", approved()), w.control("A.5.1", policy),
		w.document("policy", "Policy", w.day(-1), 365), risk, other)
	w.want(risk, "Ready True Assessed", "Assessed True Assessed", "Treated True Treated",
		"ResidualAccepted True ResidualAccepted", "ReviewCurrent True ReviewCurrent", "no Stalled", "no Reconciling")
	w.want(other, "Treated True Treated")
	if risk.Status.InherentLevel != "High" || risk.Status.ResidualLevel != "Low" {
		t.Errorf("levels %s and %s", risk.Status.InherentLevel, risk.Status.ResidualLevel)
	}
	before := w.settle()
	w.approve(shop, "web", "no")
	w.want(risk, "Treated False ControlsNotSatisfied", "ResidualAccepted True ResidualAccepted")
	want := "The residual risk rests on controls that are not satisfied: A.8.22."
	if got := message(risk, isms.ConditionTreated); got != want {
		t.Errorf("message %q", got)
	}
	w.wantEvent(risk, "Warning ControlsNotSatisfied Treated is False: "+want)
	w.approve(shop, "web", "yes")
	w.want(risk, "Treated True Treated")
	if key := "*v1alpha1.Risk other"; w.settle()[key] != before[key] {
		t.Error("a risk that rests on another control was written")
	}
}

// TestWhatARiskNamesMayComeLater: each missing referent is a condition, and its coming is noticed.
func TestWhatARiskNamesMayComeLater(t *testing.T) {
	w := newWorld(t)
	risk := w.risk("tenants", "A.8.22")
	risk.Spec.AssetRef = &isms.LocalRef{Name: "customer-data"}
	w.create(risk)
	w.want(risk, "Ready Unknown ScopeNotFound", "Reconciling True ScopeNotFound", "Treated Unknown ScopeNotFound")
	scope := w.scope()
	w.create(scope)
	w.want(risk, "Ready True Assessed", "Assessed Unknown MethodNotDefined", "Treated Unknown MethodNotDefined", "no Reconciling")
	w.edit(scope, func() { byISO27005(scope) })
	w.want(risk, "Assessed False AssetNotFound", "Treated False ControlsMissing", "ResidualAccepted True ResidualAccepted")
	asset := &isms.RegisterEntry{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "customer-data"},
		Spec: isms.RegisterEntrySpec{
			ScopeRef: isms.LocalRef{Name: scopeName}, Register: isms.RegisterAsset, Title: "Customer data", Owner: roe,
			Asset: &isms.AssetEntry{Kind: "Information"},
		},
	}
	w.create(asset, w.excluded("A.8.22"))
	w.want(risk, "Assessed True Assessed", "Treated False ControlsNotApplicable")
	w.delete(asset)
	w.want(risk, "Assessed False AssetNotFound")
}

// TestWordsOfAnotherMethodStallARisk until the Risk or the method is edited.
func TestWordsOfAnotherMethodStallARisk(t *testing.T) {
	w := newWorld(t)
	scope, risk := w.scope(byISO27005), w.risk("tenants", "A.8.22")
	w.create(scope, risk, w.control("A.8.22"))
	w.want(risk, "Ready True Assessed", "Treated Unknown ControlsUnknown")
	w.edit(scope, func() {
		scope.Spec.RiskManagement.Method, scope.Spec.RiskManagement.Criteria.Acceptance.MaxLevel = isms.MethodNIST80030, "Moderate"
	})
	w.want(risk, "Ready False MethodMismatch", "Stalled True MethodMismatch", "Assessed Unknown MethodMismatch")
	w.edit(risk, func() {
		risk.Spec.Assessment = &isms.RiskAssessment{AssessedOn: w.day(-60), Likelihood: "High", ImpactLikelihood: "High", Consequence: "High"}
		risk.Spec.Residual = &isms.RiskAssessment{AssessedOn: w.day(-20), Likelihood: "Low", ImpactLikelihood: "Low", Consequence: "High"}
	})
	w.want(risk, "Ready True Assessed", "Assessed True Assessed", "ResidualAccepted True ResidualAccepted", "no Stalled")
}

// TestRisksAreSimulatedOnce: the figures stand in the status, a second operator writes nothing, and an edit of one Risk
// writes neither another one nor its control.
func TestRisksAreSimulatedOnce(t *testing.T) {
	w := newLoneWorld(t)
	one, other := w.risk("outage"), w.risk("fraud")
	estimate := &isms.QuantitativeRisk{
		LossEventFrequency: isms.Estimate{Min: "0.1", MostLikely: "0.5", Max: "2"},
		LossMagnitude:      isms.Estimate{Min: "20k", MostLikely: "100k", Max: "900k"}, Currency: "EUR",
	}
	for _, r := range []*isms.Risk{one, other} {
		r.Spec.Quantitative = estimate
		r.Spec.Treatment.Controls = []isms.ControlID{"A.5.30"}
	}
	w.create(w.scope(byISO27005), w.control("A.5.30"), one, other)
	w.want(one, "Treated Unknown ControlsUnknown")
	w.want(other, "Treated Unknown ControlsUnknown")
	if one.Status.AnnualLoss == nil || one.Status.AnnualLoss.Mean != "150k" || len(one.Status.AnnualLoss.LossExceedance) == 0 {
		t.Fatalf("annual loss %+v", one.Status.AnnualLoss)
	}
	before := w.settle()
	w.stop()
	w.start()
	w.awaitSynced()
	if diff := cmp.Diff(before, w.settle()); diff != "" {
		t.Errorf("a restart with nothing changed has written (-before +after):\n%s", diff)
	}
	w.edit(one, func() { one.Spec.Title = "Another title" })
	w.eventually(func() string {
		w.refresh(one)
		if one.Status.ObservedGeneration != one.Generation {
			return "not looked at"
		}
		return ""
	})
	after := w.settle()
	for _, key := range []string{"*v1alpha1.Risk fraud", "*v1alpha1.Control a-5-30"} {
		if before[key] != after[key] {
			t.Errorf("%s was written, though nothing of it has changed", key)
		}
	}
}

// TestARiskRunsOutOfTime: what was current and on time is no longer, though nobody touches it.
func TestARiskRunsOutOfTime(t *testing.T) {
	w := newWorld(t)
	risk := w.risk("tenants", "A.8.22")
	risk.Spec.ReviewIntervalDays, risk.Spec.Treatment.CompletedOn, risk.Spec.Treatment.DueDate = 90, "", w.day(1)
	w.create(w.scope(byISO27005), w.control("A.8.22"), risk)
	w.want(risk, "Treated False InProgress", "ReviewCurrent True ReviewCurrent")
	w.settle()
	w.stop()
	w.clock.Step(48 * time.Hour)
	w.start()
	w.want(risk, "Treated False Overdue", "ReviewCurrent True ReviewCurrent")
	w.stop()
	w.clock.Step(30 * 24 * time.Hour)
	w.start()
	w.want(risk, "ReviewCurrent False Expired")
}

// TestARiskThatAnExceptionNames is followed by the Control: until it is there and accepted, the exception is flagged. The
// result stays what it was.
func TestARiskThatAnExceptionNames(t *testing.T) {
	w := newWorld(t)
	shop := w.namespace("shop")
	w.create(somePod(shop, "legacy", "no"), somePod(shop, "web", "yes"))
	control := w.control("A.8.22", approved())
	e := w.exception("legacy", "approved", isms.ExceptionObject{Namespace: isms.NamespaceName(shop), Name: "legacy"})
	e.RiskRef = &isms.LocalRef{Name: "legacy"}
	control.Spec.Exceptions = []isms.Exception{e}
	w.create(w.scope(byISO27005), control)
	w.want(control, "Satisfied True Satisfied", "ReferencesResolved False ReferenceNotFound")
	risk := w.risk("legacy", "A.8.22")
	acceptance := risk.Spec.Acceptance
	risk.Spec.Acceptance = nil
	w.create(risk)
	w.want(control, "Satisfied True Satisfied", "ReferencesResolved False NotAccepted")
	w.edit(risk, func() { risk.Spec.Acceptance = acceptance })
	w.want(control, "Satisfied True Satisfied", "ReferencesResolved True ReferencesResolved")
	w.delete(risk)
	w.want(control, "Satisfied True Satisfied", "ReferencesResolved False ReferenceNotFound")
}
