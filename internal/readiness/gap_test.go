// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

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

// complete is a scope without a gap.
func complete() ScopeInput {
	in := scopeInput()
	for id, set := range smallest() {
		if id != "6.1.3" { // whose controls are there
			in.Documents = append(in.Documents, set.Documents...)
		}
		in.Entries, in.Findings = append(in.Entries, set.Entries...), append(in.Findings, set.Findings...)
	}
	in.Entries = append(in.Entries, objects{}.entry(isms.RegisterEntrySpec{Register: isms.RegisterSupplier}, isms.ConditionReviewCurrent).Entries...)
	for i := range in.Controls {
		in.Controls[i].Spec.Owner = roe
		in.Controls[i].Status.Conditions = holding(1, isms.ConditionEvidenceCurrent, isms.ConditionSatisfied)
	}
	audit := smallest()["9.2.2"].Cycles[0].Spec.InternalAudits[0]
	audit.Auditors[0].Person = doe
	review := isms.ManagementReview{
		PerformedOn: "2026-09-21", Chair: &doe, Inputs: inputs, MinutesRef: &isms.LocalRef{Name: "minutes"},
		Decisions: []isms.ReviewDecision{{Kind: isms.DecisionKindImprovement, Text: "Keys."}},
	}
	in.Cycles = objects{}.cycle(isms.AuditCycleSpec{
		InternalAudits: []isms.InternalAudit{audit}, ManagementReviews: []isms.ManagementReview{review},
	}).Cycles
	in.Attestations = append(in.Attestations, attestation("reviewed", "ControlReview", "2026-10-01", func(t *isms.Attestation) {
		t.Spec.Controls = []isms.ControlID{"A.5.1"}
	}))
	return in
}

// TestNoGap: an ISMS of which everything is recorded has none, and all its requirements are evidenced.
func TestNoGap(t *testing.T) {
	in := complete()
	if gaps := Gaps(in); len(gaps) > 0 {
		t.Errorf("%d gaps: %+v", len(gaps), gaps)
	}
	out := Scope(in)
	if diff := cmp.Diff(&isms.GapCounts{}, out.Status.Gaps); diff != "" {
		t.Error(diff)
	}
	for _, r := range out.Status.Requirements {
		if r.Status != isms.RequirementEvidenced {
			t.Errorf("%+v", r)
		}
	}
}

func implementation(change func(*isms.Implementation)) func(*isms.Control) {
	return func(c *isms.Control) {
		i := *c.Spec.Implementation
		change(&i)
		c.Spec.Implementation = &i
	}
}

// TestGapOrder: criticality, then effort, then date, then kind and id; what is not stated comes last.
func TestGapOrder(t *testing.T) {
	in := complete()
	change := func(id string, f func(*isms.Implementation)) {
		for i := range in.Controls {
			if string(in.Controls[i].Spec.ID) == id {
				satisfied(metav1.ConditionFalse, isms.ReasonObjectsFailed, time.Hour)(&in.Controls[i])
				in.Controls[i].Status.Conditions = append(in.Controls[i].Status.Conditions, holding(1, isms.ConditionEvidenceCurrent)...)
				implementation(f)(&in.Controls[i])
			}
		}
	}
	change("A.5.1", func(i *isms.Implementation) { i.Criticality, i.EffortDays = isms.CriticalityLow, 1 })
	change("A.5.2", func(i *isms.Implementation) { i.Criticality = isms.CriticalityHigh })
	change("A.5.3", func(i *isms.Implementation) {
		i.Criticality, i.EffortDays, i.TargetDate = isms.CriticalityHigh, 3, "2027-02-01"
	})
	change("A.5.4", func(i *isms.Implementation) {
		i.Criticality, i.EffortDays, i.TargetDate = isms.CriticalityHigh, 3, "2027-01-01"
	})
	change("A.5.5", func(i *isms.Implementation) { i.Criticality, i.EffortDays = isms.CriticalityHigh, 3 })
	change("A.5.6", func(i *isms.Implementation) { i.Criticality, i.EffortDays = isms.CriticalityCritical, 30 })
	change("A.5.10", func(*isms.Implementation) {})
	change("A.5.9", func(*isms.Implementation) {})
	in.Scope.Spec.Leadership.Resources = "" // 7.1
	in.Scope.Spec.Requirements = []isms.ClauseRequirement{{ID: "7.1", Owner: roe, Criticality: isms.CriticalityHigh, EffortDays: 3}}
	var got []string
	for _, g := range Gaps(in) {
		got = append(got, g.ID)
	}
	if diff := cmp.Diff([]string{"A.5.6", "A.5.4", "A.5.3", "7.1", "A.5.5", "A.5.2", "A.5.1", "A.5.9", "A.5.10"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&isms.GapCounts{Total: 9, Critical: 1, High: 5, Low: 1}, Scope(in).Status.Gaps); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// TestGapsOfControls: what is missing and what to do, by what is wrong.
func TestGapsOfControls(t *testing.T) {
	fails := func(reason string) func(*isms.Control) {
		return satisfied(metav1.ConditionFalse, reason, time.Hour)
	}
	for name, tc := range map[string]struct {
		controls []isms.Control
		want     string
	}{
		"satisfied":            {nil, ""},
		"no Control":           {[]isms.Control{}, "A.8.1 ControlsMissing | There is no Control. | Decide whether the control is applicable, and record the decision as a Control."},
		"twice":                {[]isms.Control{control("A.8.1"), control("A.8.1")}, "A.8.1 DuplicateID | More than one Control has this id. | Delete all Controls of this id but one."},
		"excluded":             {[]isms.Control{control("A.8.1", excluded, notImplemented)}, ""},
		"planned":              {[]isms.Control{control("A.8.1", implementation(func(i *isms.Implementation) { i.State = isms.StatePlanned }))}, "A.8.1 Planned | The control is not implemented: Planned. | Implement the control."},
		"not implemented":      {[]isms.Control{control("A.8.1", notImplemented)}, "A.8.1 NotStarted | The control is not implemented: NotStarted. | Implement the control."},
		"never looked at":      {[]isms.Control{control("A.8.1", func(c *isms.Control) { c.Status.Conditions = nil })}, "A.8.1 NotYetAssessed | The control is not assessed yet. | See that the operator runs."},
		"objects fail":         {[]isms.Control{control("A.8.1", fails(isms.ReasonObjectsFailed))}, "A.8.1 ObjectsFailed | ObjectsFailed | Correct the objects that fail, or record an exception with its expiry."},
		"a record ran out":     {[]isms.Control{control("A.8.1", fails(isms.ReasonExpired))}, "A.8.1 Expired | Expired | Do again what the record asks for, and record it."},
		"a document changed":   {[]isms.Control{control("A.8.1", fails(isms.ReasonNotApproved))}, "A.8.1 NotApproved | NotApproved | Have the document approved as it stands."},
		"an open finding":      {[]isms.Control{control("A.8.1", fails(isms.ReasonOpenNonconformity))}, "A.8.1 OpenNonconformity | OpenNonconformity | Close the findings on the control."},
		"evidence is partial":  {[]isms.Control{control("A.8.1", satisfied(metav1.ConditionUnknown, isms.ReasonPartialEvidence, 0))}, "A.8.1 PartialEvidence | PartialEvidence | Declare evidence that shows that the control works."},
		"evidence is unknown":  {[]isms.Control{control("A.8.1", satisfied(metav1.ConditionUnknown, isms.ReasonAccessDenied, 0))}, "A.8.1 AccessDenied | AccessDenied | Remove what keeps the evidence from being known."},
		"something else fails": {[]isms.Control{control("A.8.1", fails("Other"))}, "A.8.1 Other | Other | Correct what the evidence shows."},
	} {
		in := scopeInput()
		if tc.controls != nil {
			in.Controls = append(annexA("A.8.1"), tc.controls...)
		}
		var got string
		for _, g := range Gaps(in) {
			if g.Kind == GapControl {
				got += fmt.Sprintf("%s %s | %s | %s", g.ID, g.Reason, g.Missing, g.Action)
			}
		}
		if got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

// TestGapsAddressed: each gap needs an owner and a date to come; a deviation of an implemented control does not.
func TestGapsAddressed(t *testing.T) {
	for name, tc := range map[string]struct {
		change     func(*ScopeInput)
		want, says string
	}{
		"no gap":          {func(*ScopeInput) {}, "True GapsAddressed", ""},
		"a gap with plan": {func(in *ScopeInput) { in.Scope.Spec.Leadership.Resources = "" }, "True GapsAddressed", ""},
		"a gap without plan": {func(in *ScopeInput) {
			in.Scope.Spec.Leadership.Resources, in.Scope.Spec.Requirements = "", nil
		}, "False Incomplete", "State owner and date for the gap: 7.1."},
		"what is not known, without plan": {func(in *ScopeInput) {
			in.Risks[0].Generation++
			in.Scope.Spec.Requirements = nil
		}, "Unknown NothingDeclared", "Not known, and without owner and date: 6.1.2, 6.1.3, 8.2 and 1 more."},
		"what is not known, with plan": {func(in *ScopeInput) { in.Risks[0].Generation++ }, "True GapsAddressed", ""},
		"a gap whose date has passed": {func(in *ScopeInput) {
			in.Scope.Spec.Leadership.Resources = ""
			in.Scope.Spec.Requirements = []isms.ClauseRequirement{{ID: "7.1", Owner: roe, TargetDate: "2026-11-20"}}
		}, "False Overdue", "Close the gap, or decide on another date: 7.1."},
		"a gap whose date is today": {func(in *ScopeInput) {
			in.Scope.Spec.Leadership.Resources = ""
			in.Scope.Spec.Requirements = []isms.ClauseRequirement{{ID: "7.1", Owner: roe, TargetDate: "2026-11-21"}}
		}, "True GapsAddressed", ""},
		"a control that fails":        {func(in *ScopeInput) { satisfied(metav1.ConditionFalse, "ObjectsFailed", 0)(&in.Controls[0]) }, "True GapsAddressed", ""},
		"a control to be implemented": {func(in *ScopeInput) { notImplemented(&in.Controls[0]) }, "False Incomplete", "State owner and date for the gap: A.5.1."},
	} {
		in := complete()
		tc.change(&in)
		out := Scope(in).Status.Conditions
		if got := state(out, isms.ConditionGapsAddressed); got != tc.want || message(out, isms.ConditionGapsAddressed) != tc.says {
			t.Errorf("%s: got %s %q, want %s %q", name, got, message(out, isms.ConditionGapsAddressed), tc.want, tc.says)
		}
	}
}

var ranks = map[metav1.ConditionStatus]int{metav1.ConditionFalse: 0, metav1.ConditionUnknown: 1, metav1.ConditionTrue: 2}

// TestAddingANeedNeverImproves: whatever a requirement asks for besides, it is not better for it, and no better than what
// was added.
func TestAddingANeedNeverImproves(t *testing.T) {
	some := rapid.Custom(func(t *rapid.T) need {
		status := rapid.SampledFrom([]metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown, metav1.ConditionTrue, ""}).Draw(t, "status")
		if status == metav1.ConditionTrue {
			return want(true, "", "")
		}
		return need{status, rapid.SampledFrom([]string{"Missing", "Expired", "Incomplete"}).Draw(t, "reason"), "Do it."}
	})
	rapid.Check(t, func(t *rapid.T) {
		needs := rapid.SliceOfN(some, 1, 8).Draw(t, "needs")
		added := some.Draw(t, "added")
		before, after := join(needs, "Fine"), join(append(slices.Clone(needs), added), "Fine")
		if ranks[after.Status] > ranks[before.Status] || ranks[after.Status] > ranks[normal(added.status)] {
			t.Fatalf("adding %+v turned %+v into %+v", added, before, after)
		}
		if holds := after.Status == metav1.ConditionTrue; holds != (after.Message == "") || holds != (after.Reason == "Fine") {
			t.Fatalf("%+v", after)
		}
	})
	if got := join(nil, "Fine"); got.Status != metav1.ConditionUnknown {
		t.Errorf("nothing is %+v", got)
	}
}

// TestMoreTroubleNeverImproves adds trouble to a complete scope: no condition and no requirement becomes better.
func TestMoreTroubleNeverImproves(t *testing.T) {
	trouble := map[string]func(*ScopeInput){
		"a Minor": func(in *ScopeInput) { in.Findings = append(in.Findings, minor("9")) },
		"a failing risk": func(in *ScopeInput) {
			in.Risks = append(in.Risks, risk("x", riskIs(isms.ConditionAssessed, metav1.ConditionFalse, "Missing")))
		},
		"an unseen risk":    func(in *ScopeInput) { in.Risks = append(in.Risks, risk("y", func(r *isms.Risk) { r.Generation++ })) },
		"a draft":           func(in *ScopeInput) { in.Documents = append(in.Documents, document("New", "2027-01-01")) },
		"a failing control": func(in *ScopeInput) { satisfied(metav1.ConditionFalse, "ObjectsFailed", time.Hour)(&in.Controls[0]) },
		"a second Control":  func(in *ScopeInput) { in.Controls = append(in.Controls, control("A.5.1")) },
		"an objective": func(in *ScopeInput) {
			in.Scope.Spec.Objectives = append(in.Scope.Spec.Objectives, isms.Objective{Name: "x"})
		},
		"an overdue audit": func(in *ScopeInput) {
			in.Cycles = append(in.Cycles, *cycle(func(c *isms.AuditCycle) {
				c.Spec.InternalAudits = []isms.InternalAudit{{Name: "x", PlannedOn: "2026-01-01"}}
			}))
		},
		"a namespace": func(in *ScopeInput) { in.Namespaces.Unaccounted = []string{"x"} },
	}
	var names []string
	for name := range trouble {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		in := complete()
		before := Scope(in).Status
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 4, rapid.ID[string]).Draw(t, "trouble") {
			trouble[name](&in)
			after := Scope(in).Status
			for i, r := range after.Requirements {
				if states[r.Status] > states[before.Requirements[i].Status] {
					t.Fatalf("%s turned %+v into %+v", name, before.Requirements[i], r)
				}
			}
			for _, c := range scopeConditions {
				b, a := conditions.Get(before.Conditions, c), conditions.Get(after.Conditions, c)
				if ranks[a.Status] > ranks[b.Status] {
					t.Fatalf("%s turned %+v into %+v", name, b, a)
				}
			}
			if after.Gaps.Total < before.Gaps.Total {
				t.Fatalf("%s has closed gaps: %d, %d", name, before.Gaps.Total, after.Gaps.Total)
			}
			before = after
		}
	})
}

var states = map[isms.RequirementState]int{isms.RequirementNotEvidenced: 0, isms.RequirementUnknown: 1, isms.RequirementEvidenced: 2}

func minor(requirement isms.ControlID) isms.Finding {
	return isms.Finding{
		ObjectMeta: metav1.ObjectMeta{Name: "nc-" + string(requirement)},
		Spec:       isms.FindingSpec{ScopeRef: inAcme, Severity: isms.SeverityMinor, Requirement: requirement},
	}
}

// TestNothingChangesBeforeRequeueAt looks at a scope at every midnight of two years: what it says changes at no other
// moment than the one that it named.
func TestNothingChangesBeforeRequeueAt(t *testing.T) {
	in := complete()
	in.Alive = false
	out := Scope(in)
	for at := now; at.Before(now.AddDate(2, 0, 0)); at = at.Add(12 * time.Hour).Truncate(12 * time.Hour) {
		in.Now = at
		again := Scope(in)
		due := !out.RequeueAt.IsZero() && !at.Before(out.RequeueAt)
		if !due && !cmp.Equal(meaning(out.Status), meaning(again.Status)) {
			t.Fatalf("at %s it says something else, though it was to look again at %s:\n%s", at, out.RequeueAt,
				cmp.Diff(meaning(out.Status), meaning(again.Status)))
		}
		if due {
			out = again
		}
	}
	if last := meaning(out.Status); cmp.Equal(last, meaning(Scope(complete()).Status)) {
		t.Error("two years change nothing")
	}
}

// meaning is a status without the times of its transitions.
func meaning(s isms.ISMSScopeStatus) isms.ISMSScopeStatus {
	s.Conditions = slices.Clone(s.Conditions)
	for i := range s.Conditions {
		s.Conditions[i].LastTransitionTime = metav1.Time{}
	}
	return s
}
