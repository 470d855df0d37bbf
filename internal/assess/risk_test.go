// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// riskInput builds the input of an assessment, by default of a risk for which everything is in order.
type riskInput struct{ RiskInput }

func aRisk() *riskInput {
	return &riskInput{RiskInput{
		Risk: &isms.Risk{
			ObjectMeta: metav1.ObjectMeta{Namespace: "isms", Name: "tenant-isolation", Generation: 2},
			Spec: isms.RiskSpec{
				ScopeRef: isms.LocalRef{Name: "acme"}, Approach: isms.ApproachAssetBased, Owner: roe,
				AssetRef:   &isms.LocalRef{Name: "customer-data"},
				Assessment: &isms.RiskAssessment{AssessedOn: "2026-05-02", Likelihood: "Likely", Consequence: "Critical"},
				Treatment: &isms.RiskTreatment{
					Option: isms.TreatmentModify, Controls: []isms.ControlID{"A.8.22", "A.8.3"}, Plan: "Default deny.",
					DueDate: "2026-08-31", CompletedOn: "2026-08-20",
					Approval: &isms.Approval{ApprovedBy: roe, ApprovedOn: "2026-05-10"},
				},
				Residual:   &isms.RiskAssessment{AssessedOn: "2026-08-25", Likelihood: "Unlikely", Consequence: "Critical"},
				Acceptance: &isms.RiskAcceptance{AcceptedBy: roe, AcceptedOn: "2026-09-01", AcceptedLevel: "Low"},
			},
		},
		Scope: &isms.ISMSScope{
			ObjectMeta: metav1.ObjectMeta{Name: "acme"},
			Spec: isms.ISMSScopeSpec{RiskManagement: &isms.RiskManagement{
				Method: isms.MethodISO27005, AssessmentIntervalDays: 365,
				Criteria: isms.RiskCriteria{Acceptance: isms.RiskAcceptanceCriteria{MaxLevel: "Medium"}},
			}},
		},
		Asset: &isms.RegisterEntry{
			ObjectMeta: metav1.ObjectMeta{Name: "customer-data"},
			Spec:       isms.RegisterEntrySpec{ScopeRef: isms.LocalRef{Name: "acme"}, Register: isms.RegisterAsset},
		},
		Controls: []isms.Control{named("A.8.22", metav1.ConditionTrue), named("A.8.3", metav1.ConditionTrue)},
		Now:      now,
	}}
}

// named is an applicable Control that is Satisfied, not, or not known to be.
func named(id string, satisfied metav1.ConditionStatus) isms.Control {
	c := isms.Control{
		ObjectMeta: metav1.ObjectMeta{Name: strings.ToLower(id)},
		Spec: isms.ControlSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, ID: isms.ControlID(id),
			Applicability: isms.Applicability{Decision: isms.DecisionApplicable},
		},
	}
	c.Status.Conditions = []metav1.Condition{{Type: isms.ConditionSatisfied, Status: satisfied, Reason: "Any"}}
	return c
}

func (in *riskInput) edit(change func(*isms.RiskSpec)) *riskInput {
	change(&in.Risk.Spec)
	return in
}

func (in *riskInput) frame(change func(*isms.RiskManagement)) *riskInput {
	change(in.Scope.Spec.RiskManagement)
	return in
}

func (in *riskInput) at(t time.Time) *riskInput {
	in.Now = t
	return in
}

// again is the input after the outcome was written.
func (in *riskInput) again(out RiskOutcome) *riskInput {
	next := *in
	next.Risk = in.Risk.DeepCopy()
	next.Risk.Status = out.Status
	return &next
}

func (in *riskInput) assess(t *testing.T) RiskOutcome {
	t.Helper()
	out := Risk(in.RiskInput)
	for _, problem := range conditions.Violations(out.Status.Conditions, in.Risk.Generation, RiskConditions...) {
		t.Errorf("conditions: %s", problem)
	}
	return out
}

func nist() *riskInput {
	return aRisk().frame(func(f *isms.RiskManagement) {
		f.Method, f.Criteria.Acceptance.MaxLevel = isms.MethodNIST80030, "Moderate"
	}).edit(func(s *isms.RiskSpec) {
		s.Assessment = &isms.RiskAssessment{AssessedOn: "2026-05-02", Likelihood: "High", ImpactLikelihood: "High", Consequence: "VeryHigh"}
		s.Residual = &isms.RiskAssessment{AssessedOn: "2026-08-25", Scores: &isms.RiskScores{
			Likelihood: ptr[int32](20), ImpactLikelihood: ptr[int32](80), Impact: ptr[int32](95),
		}}
		s.Acceptance.AcceptedLevel = "Moderate"
	})
}

func octave() *riskInput {
	return aRisk().frame(func(f *isms.RiskManagement) {
		f.Method, f.Criteria.Acceptance.MaxLevel = isms.MethodOCTAVEAllegro, "Pool3"
		f.ImpactAreas = []isms.ImpactArea{
			{Name: "Reputation", Rank: 5}, {Name: "Financial", Rank: 4}, {Name: "Productivity", Rank: 3}, {Name: "Safety", Rank: 2}, {Name: "Fines", Rank: 1},
		}
	}).edit(func(s *isms.RiskSpec) {
		impacts := func(reputation isms.ImpactValue) []isms.AreaImpact {
			return []isms.AreaImpact{
				{Area: "Fines", Value: "Medium"},
				{Area: "Safety", Value: "Low"},
				{Area: "Productivity", Value: "Low"},
				{Area: "Financial", Value: "Medium"},
				{Area: "Reputation", Value: reputation},
			}
		}
		s.Assessment = &isms.RiskAssessment{AssessedOn: "2026-05-02", Impacts: impacts("High"), Probability: "Medium"}
		s.Residual = &isms.RiskAssessment{AssessedOn: "2026-08-25", Impacts: impacts("Low"), Probability: "Low"}
		s.Acceptance.AcceptedLevel = "Pool3"
	})
}

var (
	yearly = isms.Estimate{Min: "0.1", MostLikely: "0.5", Max: "2"}
	rare   = isms.Estimate{Min: "0.02", MostLikely: "0.1", Max: "0.5"}
	large  = isms.Estimate{Min: "20k", MostLikely: "100k", Max: "900k"}
)

func fair() *riskInput {
	return aRisk().frame(func(f *isms.RiskManagement) {
		f.Method, f.Criteria.Acceptance = isms.MethodFAIR, isms.RiskAcceptanceCriteria{MaxAnnualLoss: "100k", Currency: "EUR"}
	}).edit(func(s *isms.RiskSpec) {
		s.Assessment = &isms.RiskAssessment{AssessedOn: "2026-05-02"}
		s.Residual = &isms.RiskAssessment{AssessedOn: "2026-08-25"}
		s.Quantitative = &isms.QuantitativeRisk{LossEventFrequency: yearly, LossMagnitude: large, Currency: "EUR"}
		s.ResidualQuantitative = &isms.QuantitativeRisk{LossEventFrequency: rare, LossMagnitude: large, Currency: "EUR"}
		s.Acceptance = &isms.RiskAcceptance{AcceptedBy: roe, AcceptedOn: "2026-09-01", AcceptedAnnualLoss: "40k"}
	})
}

func TestLevelsByMethod(t *testing.T) {
	own := aRisk().frame(func(f *isms.RiskManagement) {
		f.Matrix = &isms.RiskMatrix{
			Levels: []isms.Level{"Green", "Yellow", "Red"}, Consequences: []isms.Level{"Small", "Grave"},
			Rows: []isms.RiskMatrixRow{
				{Likelihood: "Often", Levels: []isms.Level{"Yellow", "Red"}}, {Likelihood: "Rare", Levels: []isms.Level{"Green", "Yellow"}},
			},
		}
		f.Criteria.Acceptance.MaxLevel = "Yellow"
	}).edit(func(s *isms.RiskSpec) {
		s.Assessment.Likelihood, s.Assessment.Consequence = "Often", "Grave"
		s.Residual.Likelihood, s.Residual.Consequence = "Rare", "Grave"
		s.Acceptance.AcceptedLevel = "Yellow"
	})
	for name, tc := range map[string]struct {
		in                         *riskInput
		inherent, residual         isms.Level
		inherentScore, residualOne int32
	}{
		"ISO27005":      {aRisk(), "High", "Low", 0, 0},
		"a matrix":      {own, "Red", "Yellow", 0, 0},
		"NIST80030":     {nist(), "VeryHigh", "Moderate", 0, 0},
		"OCTAVEAllegro": {octave(), "Pool2", "Pool3", 30, 20},
		"FAIR":          {fair(), "", "", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			out := tc.in.assess(t)
			s := out.Status
			if s.InherentLevel != tc.inherent || s.ResidualLevel != tc.residual || s.InherentScore != tc.inherentScore || s.ResidualScore != tc.residualOne {
				t.Errorf("%s %d, residual %s %d", s.InherentLevel, s.InherentScore, s.ResidualLevel, s.ResidualScore)
			}
			for _, c := range append([]string{isms.ConditionReady}, RiskConditions...) {
				if !conditions.IsTrue(s.Conditions, c) {
					t.Errorf("%s: %s: %s", c, state(s.Conditions, c), conditions.Get(s.Conditions, c).Message)
				}
			}
			if len(s.Missing) > 0 {
				t.Errorf("missing: %q", s.Missing)
			}
			if s.ReviewDueOn != "2027-05-02" || !out.RequeueAt.Equal(time.Date(2027, 5, 3, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("review due on %s, looks again at %s", s.ReviewDueOn, out.RequeueAt)
			}
		})
	}
}

func TestAnnualLoss(t *testing.T) {
	s := fair().assess(t).Status
	want := &isms.AnnualLoss{
		Mean: "150k", P50: "0", P90: "469k", P99: "949k", LossProbability: "0.468",
		LossExceedance: []isms.LossExceedance{
			{ReturnYears: 2, Loss: "0"},
			{ReturnYears: 5, Loss: "306k"},
			{ReturnYears: 10, Loss: "469k"},
			{ReturnYears: 20, Loss: "616k"},
			{ReturnYears: 50, Loss: "812k"},
			{ReturnYears: 100, Loss: "949k"},
			{ReturnYears: 250, Loss: "1.12M"},
		},
		InputsDigest: s.AnnualLoss.InputsDigest,
	}
	if diff := cmp.Diff(want, s.AnnualLoss); diff != "" {
		t.Errorf("annual loss (-want +got):\n%s", diff)
	}
	if got := s.ResidualAnnualLoss.Mean; got != "33.7k" {
		t.Errorf("residual mean %s", got)
	}
	// Beside another method the figures stand as well, and decide nothing.
	beside := aRisk().edit(func(s *isms.RiskSpec) {
		s.Quantitative = &isms.QuantitativeRisk{LossEventFrequency: yearly, LossMagnitude: large, Currency: "USD"}
	}).assess(t).Status
	if beside.AnnualLoss == nil || beside.ResidualAnnualLoss != nil || beside.InherentLevel != "High" {
		t.Errorf("beside ISO27005: %+v", beside)
	}
}

// TestTheSameSpecGivesTheSameBytes on every machine, and a second look changes nothing.
func TestTheSameSpecGivesTheSameBytes(t *testing.T) {
	for name, build := range map[string]func() *riskInput{"ISO27005": aRisk, "NIST80030": nist, "OCTAVEAllegro": octave, "FAIR": fair} {
		first := build().assess(t)
		bytes := encode(t, first.Status)
		if got := encode(t, build().assess(t).Status); got != bytes {
			t.Errorf("%s: twice the same, and\n%s\n%s", name, bytes, got)
		}
		second := build().again(first).at(now.Add(time.Hour)).assess(t)
		if got := encode(t, second.Status); got != bytes {
			t.Errorf("%s: a second look gives\n%s\n%s", name, bytes, got)
		}
		if len(second.Events) > 0 {
			t.Errorf("%s: events without a transition: %+v", name, second.Events)
		}
	}
}

func encode(t *testing.T, status isms.RiskStatus) string {
	t.Helper()
	text, err := json.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestSimulationIsNotRepeated: what the earlier status holds for the same inputs stands; other inputs are computed.
func TestSimulationIsNotRepeated(t *testing.T) {
	in := fair()
	first := in.assess(t)
	first.Status.AnnualLoss.P50 = "1" // so that it can be told from a computed one
	kept := in.again(first).assess(t).Status
	if kept.AnnualLoss.P50 != "1" {
		t.Error("the simulation is repeated")
	}
	for what, change := range map[string]func(*riskInput){
		"estimate": func(in *riskInput) {
			in.Risk.Spec.Quantitative = in.Risk.Spec.Quantitative.DeepCopy()
			in.Risk.Spec.Quantitative.LossEventFrequency.Max = "2.1"
		},
		"name": func(in *riskInput) { in.Risk.Name = "other" },
	} {
		next := in.again(first)
		change(next)
		if got := next.assess(t).Status.AnnualLoss; got.P50 == "1" || got.InputsDigest == first.Status.AnnualLoss.InputsDigest {
			t.Errorf("another %s, and the simulation stands", what)
		}
	}
}

func TestRiskObstacles(t *testing.T) {
	for name, tc := range map[string]obstacleCase{
		"no scope":  {func() *riskInput { in := aRisk(); in.Scope = nil; return in }(), "Unknown ScopeNotFound", "absent", isms.ReasonScopeNotFound, "There is no ISMSScope acme in this namespace."},
		"no method": {func() *riskInput { in := aRisk(); in.Scope.Spec.RiskManagement = nil; return in }(), "True Assessed", "absent", isms.ReasonMethodNotDefined, "The scope says nothing on how risks are assessed: give its riskManagement."},
		"suspended": {func() *riskInput {
			in := aRisk()
			in.Risk.Annotations = map[string]string{SuspendAnnotation: "true"}
			return in
		}(), "True Suspended", "absent", isms.ReasonSuspended, SuspendedMessage},
		"another word":   mismatch(aRisk().edit(func(s *isms.RiskSpec) { s.Assessment.Likelihood = "Often" }), "Change assessment.likelihood, Often, to one of Unlikely, RatherUnlikely, Likely, VeryLikely, AlmostCertain."),
		"another effect": mismatch(aRisk().edit(func(s *isms.RiskSpec) { s.Residual.Consequence = "High" }), "Change residual.consequence, High, to one of Minor, Significant, Serious, Critical, Catastrophic."),
		"another level":  mismatch(aRisk().edit(func(s *isms.RiskSpec) { s.Acceptance.AcceptedLevel = "Moderate" }), "Change acceptance.acceptedLevel, Moderate, to one of VeryLow, Low, Medium, High, VeryHigh."),
		"a loss for a level": mismatch(aRisk().edit(func(s *isms.RiskSpec) {
			s.Acceptance.AcceptedLevel, s.Acceptance.AcceptedAnnualLoss = "", "1k"
		}), "Give acceptance.acceptedLevel instead of acceptedAnnualLoss: ISO27005 has levels."),
		"fields of NIST80030": mismatch(aRisk().edit(func(s *isms.RiskSpec) {
			s.Assessment.ImpactLikelihood = "High"
			s.Residual = &isms.RiskAssessment{AssessedOn: "2026-08-25", Scores: &isms.RiskScores{}}
		}), "Remove assessment.impactLikelihood: ISO27005 does not use it. Change assessment.impactLikelihood, High, to one of "+
			"Unlikely, RatherUnlikely, Likely, VeryLikely, AlmostCertain. Remove residual.scores: ISO27005 does not use it."),
		"four problems": mismatch(nist().edit(func(s *isms.RiskSpec) {
			s.Assessment = &isms.RiskAssessment{AssessedOn: "2026-05-02", Likelihood: "A", ImpactLikelihood: "B", Consequence: "C"}
			s.Acceptance.AcceptedLevel = "D"
		}), "Change assessment.likelihood, A, to one of VeryLow, Low, Moderate, High, VeryHigh. Change assessment.impactLikelihood, B, to one of "+
			"VeryLow, Low, Moderate, High, VeryHigh. Change assessment.consequence, C, to one of VeryLow, Low, Moderate, High, VeryHigh. And 1 more problem."),
		"impacts for NIST80030": mismatch(nist().edit(func(s *isms.RiskSpec) {
			s.Assessment = &isms.RiskAssessment{AssessedOn: "2026-05-02", Impacts: []isms.AreaImpact{{Area: "Fines", Value: "Low"}}, Probability: "Low"}
		}), "Remove assessment.impacts: NIST80030 does not use it. Remove assessment.probability: NIST80030 does not use it."),
		"an area that is not ranked": mismatch(octave().edit(func(s *isms.RiskSpec) { s.Assessment.Impacts[0].Area = "Weather" }),
			"Change assessment.impacts.area, Weather, to one of Reputation, Financial, Productivity, Safety, Fines."),
		"words for OCTAVE": mismatch(octave().edit(func(s *isms.RiskSpec) {
			s.Residual = &isms.RiskAssessment{AssessedOn: "2026-08-25", Likelihood: "Low", Consequence: "Low"}
		}), "Remove residual.likelihood: OCTAVEAllegro does not use it. Remove residual.consequence: OCTAVEAllegro does not use it."),
		"words for FAIR": mismatch(fair().edit(func(s *isms.RiskSpec) { s.Assessment.Likelihood, s.Assessment.Consequence = "Likely", "Minor" }),
			"Remove assessment.likelihood: FAIR does not use it. Remove assessment.consequence: FAIR does not use it."),
		"a level for FAIR": mismatch(fair().edit(func(s *isms.RiskSpec) {
			s.Acceptance.AcceptedLevel, s.Acceptance.AcceptedAnnualLoss = "Low", ""
		}), "Give acceptance.acceptedAnnualLoss instead of acceptedLevel: FAIR has no levels."),
		"another currency": mismatch(fair().edit(func(s *isms.RiskSpec) { s.Quantitative.Currency = "USD" }),
			"Estimate in EUR, the currency of the scope's criteria, instead of USD."),
	} {
		t.Run(name, func(t *testing.T) {
			out := tc.in.assess(t)
			list := out.Status.Conditions
			if got := state(list, isms.ConditionReady); got != tc.ready {
				t.Errorf("Ready %s, want %s", got, tc.ready)
			}
			if got := state(list, isms.ConditionStalled); got != tc.stalled {
				t.Errorf("Stalled %s, want %s", got, tc.stalled)
			}
			for _, c := range RiskConditions {
				if got := conditions.Get(list, c); got.Status != metav1.ConditionUnknown || got.Reason != tc.reason || got.Message != tc.message {
					t.Errorf("%s: %s %s: %s\nwant %s: %s", c, got.Status, got.Reason, got.Message, tc.reason, tc.message)
				}
			}
			if out.Status.InherentLevel != "" || len(out.Status.Missing) > 0 || !out.RequeueAt.IsZero() {
				t.Errorf("something is computed: %+v", out.Status)
			}
		})
	}
}

type obstacleCase struct {
	in             *riskInput
	ready, stalled string
	reason         string
	message        string
}

func mismatch(in *riskInput, message string) obstacleCase {
	return obstacleCase{in, "False MethodMismatch", "True MethodMismatch", isms.ReasonMethodMismatch, message}
}
