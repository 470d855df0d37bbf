// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// nameless can be compared with nobody.
var nameless = isms.Person{Name: "R. Roe"}

type riskCase struct {
	in      *riskInput
	want    string
	missing []string
}

func runRiskCases(t *testing.T, condition string, cases map[string]riskCase) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := tc.in.assess(t).Status
			if got := state(s.Conditions, condition); got != tc.want {
				t.Errorf("%s %s: %s\nwant %s", condition, got, conditions.Get(s.Conditions, condition).Message, tc.want)
			}
			if diff := cmp.Diff(tc.missing, s.Missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}

func written(change func(*isms.RiskSpec)) *riskInput { return aRisk().edit(change) }

func TestAssessed(t *testing.T) {
	asset := func(change func(*isms.RegisterEntry)) *riskInput {
		in := aRisk()
		change(in.Asset)
		return in
	}
	runRiskCases(t, isms.ConditionAssessed, map[string]riskCase{
		"in order": {aRisk(), "True Assessed", nil},
		"an event without an asset": {written(func(s *isms.RiskSpec) {
			s.Approach, s.AssetRef = isms.ApproachEventBased, nil
		}), "True Assessed", nil},
		"never":                 {written(func(s *isms.RiskSpec) { s.Assessment = nil }), "False Missing", []string{"spec.assessment"}},
		"tomorrow":              {written(func(s *isms.RiskSpec) { s.Assessment.AssessedOn = "2026-11-22" }), "False DateInFuture", nil},
		"today":                 {written(func(s *isms.RiskSpec) { s.Assessment.AssessedOn = "2026-11-21" }), "True Assessed", nil},
		"without words":         {written(func(s *isms.RiskSpec) { s.Assessment.Likelihood, s.Assessment.Consequence = "", "" }), "False Incomplete", []string{"spec.assessment.likelihood", "spec.assessment.consequence"}},
		"NIST without words":    {nist().edit(func(s *isms.RiskSpec) { s.Assessment = &isms.RiskAssessment{AssessedOn: "2026-05-02"} }), "False Incomplete", []string{"spec.assessment.likelihood", "spec.assessment.impactLikelihood", "spec.assessment.consequence"}},
		"NIST with one half":    {nist().edit(func(s *isms.RiskSpec) { s.Assessment.ImpactLikelihood = "" }), "False Incomplete", []string{"spec.assessment.impactLikelihood"}},
		"OCTAVE, an area lacks": {octave().edit(func(s *isms.RiskSpec) { s.Assessment.Impacts = s.Assessment.Impacts[1:] }), "False Incomplete", []string{"spec.assessment.impacts"}},
		"FAIR without figures": {fair().edit(func(s *isms.RiskSpec) {
			s.Quantitative, s.ResidualQuantitative = nil, nil
		}), "False Incomplete", []string{"spec.quantitative"}},
		"no such asset":            {func() *riskInput { in := aRisk(); in.Asset = nil; return in }(), "False AssetNotFound", nil},
		"an asset of another name": {asset(func(e *isms.RegisterEntry) { e.Name = "other" }), "False AssetNotFound", nil},
		"a supplier":               {asset(func(e *isms.RegisterEntry) { e.Spec.Register = isms.RegisterSupplier }), "False AssetNotFound", nil},
		"an asset elsewhere":       {asset(func(e *isms.RegisterEntry) { e.Spec.ScopeRef.Name = "other" }), "False AssetNotFound", nil},
	})
}

func TestTreated(t *testing.T) {
	treatment := func(change func(*isms.RiskTreatment)) *riskInput {
		return written(func(s *isms.RiskSpec) { change(s.Treatment) })
	}
	controls := func(list ...isms.Control) *riskInput {
		in := aRisk()
		in.Controls = list
		return in
	}
	good := named("A.8.3", metav1.ConditionTrue)
	retained := func(change func(*isms.RiskTreatment)) *riskInput {
		return treatment(func(r *isms.RiskTreatment) {
			*r = isms.RiskTreatment{Option: isms.TreatmentRetain}
			change(r)
		})
	}
	changed := func(c isms.Control, change func(*isms.Control)) isms.Control {
		change(&c)
		return c
	}
	runRiskCases(t, isms.ConditionTreated, map[string]riskCase{
		"in order":                     {aRisk(), "True Treated", nil},
		"undecided":                    {written(func(s *isms.RiskSpec) { s.Treatment = nil }), "False Missing", []string{"spec.treatment"}},
		"unapproved":                   {treatment(func(r *isms.RiskTreatment) { r.Approval = nil }), "False NotApproved", []string{"spec.treatment.approval"}},
		"approved tomorrow":            {treatment(func(r *isms.RiskTreatment) { r.Approval.ApprovedOn = "2026-11-22" }), "False DateInFuture", nil},
		"approved by another":          {treatment(func(r *isms.RiskTreatment) { r.Approval.ApprovedBy = platform }), "False NotByOwner", nil},
		"approved by a name":           {treatment(func(r *isms.RiskTreatment) { r.Approval.ApprovedBy = nameless }), "Unknown OwnerNotVerifiable", nil},
		"done late":                    {treatment(func(r *isms.RiskTreatment) { r.CompletedOn = "2026-11-01" }), "True Treated", nil},
		"due today":                    {treatment(func(r *isms.RiskTreatment) { r.CompletedOn, r.DueDate = "", "2026-11-21" }), "False InProgress", nil},
		"overdue":                      {treatment(func(r *isms.RiskTreatment) { r.CompletedOn, r.DueDate = "", "2026-11-20" }), "False Overdue", nil},
		"done tomorrow":                {treatment(func(r *isms.RiskTreatment) { r.CompletedOn, r.DueDate = "2026-11-22", "2026-12-31" }), "False DateInFuture", nil},
		"overdue, and done tomorrow":   {treatment(func(r *isms.RiskTreatment) { r.CompletedOn = "2026-11-22" }), "False Overdue", nil},
		"retained":                     {retained(func(*isms.RiskTreatment) {}), "True Treated", nil},
		"retained with an unread plan": {retained(func(r *isms.RiskTreatment) { r.Plan = "Replace it." }), "False NotApproved", []string{"spec.treatment.approval"}},
		"retained until it is replaced": {retained(func(r *isms.RiskTreatment) {
			r.Plan, r.DueDate, r.Approval = "Replace it.", "2027-02-26", &isms.Approval{ApprovedBy: roe, ApprovedOn: "2026-05-10"}
		}), "True Treated", nil},
		"retained for too long":      {retained(func(r *isms.RiskTreatment) { r.DueDate = "2026-11-20" }), "False Overdue", nil},
		"no such control":            {controls(good), "False ControlsMissing", nil},
		"a control of another scope": {controls(good, changed(named("A.8.22", metav1.ConditionTrue), func(c *isms.Control) { c.Spec.ScopeRef.Name = "other" })), "False ControlsMissing", nil},
		"an excluded control": {controls(good, changed(named("A.8.22", metav1.ConditionUnknown), func(c *isms.Control) {
			c.Spec.Applicability.Decision = isms.DecisionExcluded
		})), "False ControlsNotApplicable", nil},
		"a control fails":             {controls(good, named("A.8.22", metav1.ConditionFalse)), "False ControlsNotSatisfied", nil},
		"a control is not known":      {controls(good, named("A.8.22", metav1.ConditionUnknown)), "Unknown ControlsUnknown", nil},
		"a control is not looked at":  {controls(good, changed(named("A.8.22", metav1.ConditionTrue), func(c *isms.Control) { c.Status.Conditions = nil })), "Unknown ControlsUnknown", nil},
		"one fails, one is not known": {controls(named("A.8.3", metav1.ConditionUnknown), named("A.8.22", metav1.ConditionFalse)), "False ControlsNotSatisfied", nil},
	})
}

func TestTreatedNamesTheControls(t *testing.T) {
	in := aRisk().edit(func(s *isms.RiskSpec) { s.Treatment.Controls = []isms.ControlID{"A.8.22", "A.5.30", "A.8.3", "A.5.9"} })
	for _, id := range []string{"A.5.9", "A.5.30"} {
		in.Controls = append(in.Controls, named(id, metav1.ConditionFalse))
	}
	in.Controls[0], in.Controls[1] = named("A.8.22", metav1.ConditionFalse), named("A.8.3", metav1.ConditionFalse)
	want := "The residual risk rests on controls that are not satisfied: A.5.9, A.5.30, A.8.3 and 1 more."
	if got := conditions.Get(in.assess(t).Status.Conditions, isms.ConditionTreated).Message; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestTheFirstOfTwoControlsIsTaken whatever the order of a list from a cache is.
func TestTheFirstOfTwoControlsIsTaken(t *testing.T) {
	one, other := named("A.8.22", metav1.ConditionFalse), named("A.8.22", metav1.ConditionUnknown)
	other.Name = "z"
	for _, list := range [][]isms.Control{{one, other}, {other, one}} {
		in := aRisk()
		in.Controls = slices.Concat(list, []isms.Control{named("A.8.3", metav1.ConditionTrue)})
		if got := state(in.assess(t).Status.Conditions, isms.ConditionTreated); got != "False ControlsNotSatisfied" {
			t.Errorf("got %s", got)
		}
	}
}

func TestResidualAccepted(t *testing.T) {
	acceptance := func(change func(*isms.RiskAcceptance)) *riskInput {
		return written(func(s *isms.RiskSpec) { change(s.Acceptance) })
	}
	retained := func(change func(*isms.RiskSpec)) *riskInput {
		return written(func(s *isms.RiskSpec) {
			s.Treatment, s.Residual = &isms.RiskTreatment{Option: isms.TreatmentRetain}, nil
			s.Assessment.Likelihood, s.Acceptance.AcceptedLevel = "RatherUnlikely", "Medium"
			change(s)
		})
	}
	high := func(s *isms.RiskSpec) { s.Residual.Likelihood, s.Acceptance.AcceptedLevel = "Likely", "High" }
	losing := func(change func(*isms.RiskSpec)) *riskInput { return fair().edit(change) }
	runRiskCases(t, isms.ConditionResidualAccepted, map[string]riskCase{
		"in order":                     {aRisk(), "True ResidualAccepted", nil},
		"not assessed":                 {written(func(s *isms.RiskSpec) { s.Residual = nil }), "False Missing", []string{"spec.residual"}},
		"assessed tomorrow":            {written(func(s *isms.RiskSpec) { s.Residual.AssessedOn = "2026-11-22" }), "False DateInFuture", nil},
		"assessed without words":       {written(func(s *isms.RiskSpec) { s.Residual.Likelihood, s.Residual.Consequence = "", "" }), "False Incomplete", []string{"spec.residual.likelihood", "spec.residual.consequence"}},
		"not accepted":                 {written(func(s *isms.RiskSpec) { s.Acceptance = nil }), "False Missing", []string{"spec.acceptance"}},
		"accepted tomorrow":            {acceptance(func(x *isms.RiskAcceptance) { x.AcceptedOn = "2026-11-22" }), "False DateInFuture", nil},
		"accepted by another":          {acceptance(func(x *isms.RiskAcceptance) { x.AcceptedBy = platform }), "False NotByOwner", nil},
		"accepted by a name":           {acceptance(func(x *isms.RiskAcceptance) { x.AcceptedBy = nameless }), "Unknown OwnerNotVerifiable", nil},
		"another level":                {written(func(s *isms.RiskSpec) { s.Residual.Likelihood = "RatherUnlikely" }), "False ResidualChanged", nil},
		"a lower level":                {acceptance(func(x *isms.RiskAcceptance) { x.AcceptedLevel = "Medium" }), "False ResidualChanged", nil},
		"residual assessed since":      {written(func(s *isms.RiskSpec) { s.Residual.AssessedOn = "2026-10-01" }), "False ResidualChanged", nil},
		"risk assessed since":          {written(func(s *isms.RiskSpec) { s.Assessment.AssessedOn = "2026-10-01" }), "False ResidualChanged", nil},
		"risk to be assessed tomorrow": {written(func(s *isms.RiskSpec) { s.Assessment.AssessedOn = "2026-11-22" }), "True ResidualAccepted", nil},
		"above the criteria":           {written(high), "False CriteriaExceeded", []string{"spec.acceptance.exceedsCriteria"}},
		"above the criteria, justified": {written(func(s *isms.RiskSpec) {
			high(s)
			s.Acceptance.ExceedsCriteria = &isms.ExceedsCriteria{Justification: "Until the new platform.", ApprovedBy: platform}
		}), "True ResidualAccepted", nil},
		"retained":                  {retained(func(*isms.RiskSpec) {}), "True ResidualAccepted", nil},
		"retained, at another":      {retained(func(s *isms.RiskSpec) { s.Acceptance.AcceptedLevel = "Low" }), "False ResidualChanged", nil},
		"retained, not assessed":    {retained(func(s *isms.RiskSpec) { s.Assessment = nil }), "False Missing", []string{"spec.assessment"}},
		"retained, assessed since":  {retained(func(s *isms.RiskSpec) { s.Assessment.AssessedOn = "2026-10-01" }), "False ResidualChanged", nil},
		"OCTAVE, above":             {octave().frame(func(f *isms.RiskManagement) { f.Criteria.Acceptance.MaxLevel = "Pool4" }), "False CriteriaExceeded", []string{"spec.acceptance.exceedsCriteria"}},
		"NIST, above":               {nist().frame(func(f *isms.RiskManagement) { f.Criteria.Acceptance.MaxLevel = "Low" }), "False CriteriaExceeded", []string{"spec.acceptance.exceedsCriteria"}},
		"FAIR":                      {fair(), "True ResidualAccepted", nil},
		"FAIR, more than accepted":  {losing(func(s *isms.RiskSpec) { s.Acceptance.AcceptedAnnualLoss = "33k" }), "False ResidualChanged", nil},
		"FAIR, as much as accepted": {losing(func(s *isms.RiskSpec) { s.Acceptance.AcceptedAnnualLoss = "33.7k" }), "True ResidualAccepted", nil},
		"FAIR, above": {losing(func(s *isms.RiskSpec) {
			s.ResidualQuantitative, s.Acceptance.AcceptedAnnualLoss = nil, "1M"
		}), "False CriteriaExceeded", []string{"spec.acceptance.exceedsCriteria"}},
		"FAIR, without figures": {losing(func(s *isms.RiskSpec) {
			s.Quantitative, s.ResidualQuantitative = nil, nil
		}), "False Incomplete", []string{"spec.quantitative"}},
	})
}

func TestReviewCurrentOfARisk(t *testing.T) {
	for name, tc := range map[string]struct {
		in   *riskInput
		want string
		due  isms.Date
	}{
		"by the scope's interval":        {aRisk(), "True ReviewCurrent", "2027-05-02"},
		"by a shorter one":               {written(func(s *isms.RiskSpec) { s.ReviewIntervalDays = 203 }), "True ReviewCurrent", "2026-11-21"},
		"over":                           {written(func(s *isms.RiskSpec) { s.ReviewIntervalDays = 202 }), "False Expired", "2026-11-20"},
		"a longer one does not count":    {written(func(s *isms.RiskSpec) { s.ReviewIntervalDays = 1000 }), "True ReviewCurrent", "2027-05-02"},
		"the residual risk is no review": {written(func(s *isms.RiskSpec) { s.Assessment.AssessedOn = "2025-11-20" }), "False Expired", "2026-11-20"},
		"never":                          {written(func(s *isms.RiskSpec) { s.Assessment = nil }), "False Missing", ""},
		"tomorrow":                       {written(func(s *isms.RiskSpec) { s.Assessment.AssessedOn = "2026-11-22" }), "False DateInFuture", ""},
	} {
		s := tc.in.assess(t).Status
		if got := state(s.Conditions, isms.ConditionReviewCurrent); got != tc.want || s.ReviewDueOn != tc.due {
			t.Errorf("%s: %s, due on %q; want %s, %q", name, got, s.ReviewDueOn, tc.want, tc.due)
		}
	}
}

// TestARiskTurnsWithItsControl and says so in an event.
func TestARiskTurnsWithItsControl(t *testing.T) {
	in := aRisk()
	first := in.assess(t)
	if len(first.Events) > 0 {
		t.Errorf("first assessment: %+v", first.Events)
	}
	in = in.again(first)
	in.Controls = []isms.Control{named("A.8.22", metav1.ConditionFalse), named("A.8.3", metav1.ConditionTrue)}
	second := in.assess(t)
	want := []Event{{
		Type: EventWarning, Reason: isms.ReasonControlsNotSatisfied,
		Message: "Treated is False: The residual risk rests on controls that are not satisfied: A.8.22.",
	}}
	if diff := cmp.Diff(want, second.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if second.Status.ResidualLevel != "Low" || state(second.Status.Conditions, isms.ConditionResidualAccepted) != "True ResidualAccepted" {
		t.Errorf("what the owner claimed and accepted has changed: %+v", second.Status)
	}
}

// risks are risks with records of any day.
var risks = rapid.Custom(func(t *rapid.T) *riskInput {
	in := rapid.SampledFrom([]func() *riskInput{aRisk, nist, octave}).Draw(t, "method")()
	return in.edit(func(s *isms.RiskSpec) {
		s.ReviewIntervalDays = rapid.Int32Range(1, 60).Draw(t, "interval")
		s.Assessment.AssessedOn = dates.Draw(t, "assessed")
		s.Residual.AssessedOn = dates.Draw(t, "residual assessed")
		s.Acceptance.AcceptedOn = dates.Draw(t, "accepted")
		s.Treatment.Option = rapid.SampledFrom([]isms.TreatmentOption{isms.TreatmentModify, isms.TreatmentRetain}).Draw(t, "option")
		s.Treatment.DueDate = dates.Draw(t, "due")
		s.Treatment.Approval.ApprovedOn = dates.Draw(t, "approved")
		s.Treatment.CompletedOn = ""
		if rapid.Bool().Draw(t, "completed") {
			s.Treatment.CompletedOn = dates.Draw(t, "completed on")
		}
		if rapid.Bool().Draw(t, "no residual assessment") {
			s.Residual = nil
		}
	})
})

// TestRiskChangesOnlyWhenItSays: until the moment that an outcome names, no other outcome is possible.
func TestRiskChangesOnlyWhenItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := risks.Draw(t, "risk")
		unchangedUntil(t, func(at time.Time) (any, time.Time) {
			out := Risk(in.at(at).RiskInput)
			return out.Status, out.RequeueAt
		})
	})
}

// TestARiskIsFollowedToItsEnd as for Controls.
func TestARiskIsFollowedToItsEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := risks.Draw(t, "risk")
		current := Risk(in.RiskInput)
		for at := now; at.Before(now.AddDate(0, 0, 110)); at = at.Truncate(day).Add(day) {
			if !current.RequeueAt.IsZero() && !at.Before(current.RequeueAt) {
				current = Risk(in.at(current.RequeueAt).RiskInput)
			}
			if diff := cmp.Diff(Risk(in.at(at).RiskInput).Status, current.Status, stamps); diff != "" {
				t.Fatalf("on %s (-daily +followed):\n%s", at, diff)
			}
		}
	})
}

// TestMissingIsBounded: a Risk of which nothing is written names what is missing, within the bound of the status.
func TestMissingIsBounded(t *testing.T) {
	s := written(func(s *isms.RiskSpec) { s.Assessment, s.Treatment, s.Residual, s.Acceptance = nil, nil, nil, nil }).assess(t).Status
	if diff := cmp.Diff([]string{"spec.assessment", "spec.treatment", "spec.residual", "spec.acceptance"}, s.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if got := fmt.Sprint(s.InherentLevel, s.ResidualLevel, s.ReviewDueOn); got != "" {
		t.Errorf("computed of nothing: %s", got)
	}
}
