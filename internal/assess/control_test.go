// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/tally"
)

var (
	passing = tally.Counts{Subjects: 2, Passing: 2}
	failing = tally.Counts{Subjects: 2, Passing: 1, Failing: 1, Failures: []tally.Name{{Namespace: "shop"}}}
	errored = tally.Counts{Subjects: 2, Passing: 1, Errors: 1}
	nothing = tally.Counts{}
)

func TestControl(t *testing.T) {
	every := rule("r", isms.QuantifierEvery)
	notApplicable := rule("n", isms.QuantifierEvery)
	notApplicable.Resources.OnNoMatch = isms.NoMatchNotApplicable
	anyOf := func(c *isms.Control) { c.Spec.EvidencePolicy = isms.EvidencePolicyAny }
	appliesTo := func(systems ...isms.ItemName) func(*isms.Control) {
		return func(c *isms.Control) { c.Spec.Implementation.AppliesTo = systems }
	}
	type want struct {
		result                                   isms.ControlResult
		implemented, current, effective, overall string
	}
	for name, tc := range map[string]struct {
		in   *input
		want want
	}{
		"all items pass": {
			control(every).counts("r", passing),
			want{isms.ResultEffective, "True Implemented", "True EvidenceCurrent", "True EvidencePassed", "True Satisfied"},
		},
		"a failing object": {
			control(every).counts("r", failing),
			want{isms.ResultIneffective, "True Implemented", "True EvidenceCurrent", "False ObjectsFailed", "False ObjectsFailed"},
		},
		"an expression that errs": {
			control(every).counts("r", errored),
			want{isms.ResultUnknown, "True Implemented", "Unknown ExpressionError", "Unknown ExpressionError", "Unknown ExpressionError"},
		},
		"nothing matches": {
			control(every).counts("r", nothing),
			want{isms.ResultUnknown, "True Implemented", "Unknown NoMatch", "Unknown NoMatch", "Unknown NoMatch"},
		},
		"access denied": {
			control(every).snapshot("r", tally.Snapshot{Unavailable: isms.ReasonAccessDenied}),
			want{isms.ResultUnknown, "True Implemented", "Unknown AccessDenied", "Unknown AccessDenied", "Unknown AccessDenied"},
		},
		"the engine does not know the rule": {
			control(every),
			want{isms.ResultUnknown, "True Implemented", "Unknown NotSynced", "Unknown NotSynced", "Unknown NotSynced"},
		},
		"no evidence": {
			control(),
			want{isms.ResultUnknown, "True Implemented", "Unknown NothingDeclared", "Unknown NothingDeclared", "Unknown NothingDeclared"},
		},
		"an item that names nothing": {
			control(isms.EvidenceItem{Name: "r"}),
			want{isms.ResultUnknown, "True Implemented", "Unknown NothingDeclared", "Unknown NothingDeclared", "Unknown NothingDeclared"},
		},
		"nothing applicable": {
			control(notApplicable).counts("n", nothing),
			want{isms.ResultUnknown, "True Implemented", "Unknown NothingApplicable", "Unknown NothingApplicable", "Unknown NothingApplicable"},
		},
		"what is not applicable is left out": {
			control(every, notApplicable).counts("r", passing).counts("n", nothing),
			want{isms.ResultEffective, "True Implemented", "True EvidenceCurrent", "True EvidencePassed", "True Satisfied"},
		},
		"All: Fail over Unknown": {
			control(rule("a", isms.QuantifierEvery), rule("b", isms.QuantifierEvery)).counts("a", errored).counts("b", failing),
			want{isms.ResultIneffective, "True Implemented", "Unknown ExpressionError", "False ObjectsFailed", "False ObjectsFailed"},
		},
		"All: Unknown over Pass": {
			control(rule("a", isms.QuantifierEvery), rule("b", isms.QuantifierEvery)).counts("a", passing).counts("b", errored),
			want{isms.ResultUnknown, "True Implemented", "Unknown ExpressionError", "Unknown ExpressionError", "Unknown ExpressionError"},
		},
		"Any: Pass over Unknown and Fail": {
			control(rule("a", isms.QuantifierEvery), rule("b", isms.QuantifierEvery), rule("c", isms.QuantifierEvery)).
				counts("a", failing).counts("b", errored).counts("c", passing).edit(anyOf),
			want{isms.ResultEffective, "True Implemented", "True EvidenceCurrent", "True EvidencePassed", "True Satisfied"},
		},
		"Any: Unknown over Fail": {
			control(rule("a", isms.QuantifierEvery), rule("b", isms.QuantifierEvery)).counts("a", failing).counts("b", errored).edit(anyOf),
			want{isms.ResultUnknown, "True Implemented", "True EvidenceCurrent", "Unknown ExpressionError", "Unknown ExpressionError"},
		},
		"Any: all fail": {
			control(rule("a", isms.QuantifierEvery), wantsDocument("b", "Policy")).counts("a", failing).edit(anyOf),
			want{isms.ResultIneffective, "True Implemented", "True EvidenceCurrent", "False ObjectsFailed", "False ObjectsFailed"},
		},
		"a missing document is not current": {
			control(every, wantsDocument("d", "Policy")).counts("r", passing),
			want{isms.ResultIneffective, "True Implemented", "False Missing", "False Missing", "False Missing"},
		},
		"not implemented": {
			control(every).counts("r", passing).edit(func(c *isms.Control) { c.Spec.Implementation.State = isms.StateInProgress }),
			want{isms.ResultNotImplemented, "False InProgress", "True EvidenceCurrent", "True EvidencePassed", "False InProgress"},
		},
		"no implementation": {
			control(every).counts("r", passing).edit(func(c *isms.Control) { c.Spec.Implementation = nil }),
			want{isms.ResultNotImplemented, "False NotStarted", "True EvidenceCurrent", "True EvidencePassed", "False NotStarted"},
		},
		"excluded": {
			control().edit(func(c *isms.Control) { c.Spec.Applicability.Decision = isms.DecisionExcluded }),
			want{isms.ResultExcluded, "Unknown Excluded", "Unknown Excluded", "Unknown Excluded", "Unknown Excluded"},
		},
		"partial evidence": {
			control(partial(every)).counts("r", passing),
			want{isms.ResultUnknown, "True Implemented", "True EvidenceCurrent", "Unknown PartialEvidence", "Unknown PartialEvidence"},
		},
		"a Substantial item that is not applicable does not count": {
			control(partial(every), notApplicable).counts("r", passing).counts("n", nothing),
			want{isms.ResultUnknown, "True Implemented", "True EvidenceCurrent", "Unknown PartialEvidence", "Unknown PartialEvidence"},
		},
		"a Substantial item that fails does not count": {
			control(partial(every), rule("s", isms.QuantifierEvery)).counts("r", passing).counts("s", failing).edit(anyOf),
			want{isms.ResultUnknown, "True Implemented", "True EvidenceCurrent", "Unknown PartialEvidence", "Unknown PartialEvidence"},
		},
		"partial evidence that fails": {
			control(partial(every)).counts("r", failing),
			want{isms.ResultIneffective, "True Implemented", "True EvidenceCurrent", "False ObjectsFailed", "False ObjectsFailed"},
		},
		"a system that no item covers": {
			control(covering(every, "prod")).counts("r", passing).edit(appliesTo("prod", "laptops")),
			want{isms.ResultUnknown, "True Implemented", "True EvidenceCurrent", "Unknown CoverageIncomplete", "Unknown CoverageIncomplete"},
		},
		"coverage is asked before strength": {
			control(partial(every)).counts("r", passing).edit(appliesTo("prod")),
			want{isms.ResultUnknown, "True Implemented", "True EvidenceCurrent", "Unknown CoverageIncomplete", "Unknown CoverageIncomplete"},
		},
		"every system covered": {
			control(covering(every, "prod", "laptops")).counts("r", passing).edit(appliesTo("prod", "laptops")),
			want{isms.ResultEffective, "True Implemented", "True EvidenceCurrent", "True EvidencePassed", "True Satisfied"},
		},
		"only a passing item covers": {
			control(rule("a", isms.QuantifierEvery), covering(rule("b", isms.QuantifierEvery), "prod")).
				counts("a", passing).counts("b", failing).edit(anyOf).edit(appliesTo("prod")),
			want{isms.ResultUnknown, "True Implemented", "True EvidenceCurrent", "Unknown CoverageIncomplete", "Unknown CoverageIncomplete"},
		},
		"a system that is not the scope's": {
			control(covering(every, "mainframe")).counts("r", passing).edit(appliesTo("mainframe")),
			want{isms.ResultUnknown, "True Implemented", "True EvidenceCurrent", "Unknown CoverageIncomplete", "Unknown CoverageIncomplete"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := tc.in.assess(t)
			list := out.Status.Conditions
			got := want{
				out.Status.Result, state(list, isms.ConditionImplemented), state(list, isms.ConditionEvidenceCurrent),
				state(list, isms.ConditionEffective), state(list, isms.ConditionSatisfied),
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(want{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			ready := "True Assessed"
			if tc.want.effective == "Unknown NotSynced" {
				ready = "Unknown NotSynced"
			}
			if got := state(list, isms.ConditionReady); got != ready {
				t.Errorf("Ready: got %s, want %s; evidence must not break the machinery", got, ready)
			}
			if out.Status.Title != "Segregation of networks" || out.Status.Theme != isms.ThemeTechnological {
				t.Errorf("title and theme: %q, %q", out.Status.Title, out.Status.Theme)
			}
		})
	}
}

func TestMessagesNameCauses(t *testing.T) {
	many := tally.Counts{Subjects: 9, Failing: 5, Failures: []tally.Name{
		{Namespace: "a", Name: "x"}, {Namespace: "a", Name: "y"}, {Name: "node"}, {Namespace: "b"}, {Namespace: "c"},
	}}
	items := []isms.EvidenceItem{
		rule("r1", isms.QuantifierEvery), rule("r2", isms.QuantifierNone), rule("r3", isms.QuantifierAnyPerNamespace),
		rule("r4", isms.QuantifierAny), rule("r5", isms.QuantifierSet),
	}
	in := control(items...).counts("r1", many).counts("r2", many).counts("r3", failing).
		counts("r4", tally.Counts{Failing: 3}).counts("r5", tally.Counts{Failing: 1})
	out := in.assess(t)
	want := "r1: The expression does not hold for a/x, a/y, node and 2 more. " +
		"r2: The expression holds, but must not, for a/x, a/y, node and 2 more. " +
		"r3: No object satisfies the expression in shop. And 2 more items."
	if got := conditions.Get(out.Status.Conditions, isms.ConditionEffective).Message; got != want {
		t.Errorf("message:\ngot  %s\nwant %s", got, want)
	}
}

func TestBasisOfWhatPasses(t *testing.T) {
	in := control(rule("r", isms.QuantifierEvery), wantsDocument("d", "Policy")).counts("r", passing).
		documents(policy("p", "2026-06-01"))
	got := conditions.Get(in.assess(t).Status.Conditions, isms.ConditionSatisfied).Message
	if want := "2 passing items, of which 1 rests on declarations."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOwnersReviewMakesPartialEvidenceEnough(t *testing.T) {
	byOwner := func(a *isms.Attestation) {}
	for name, tc := range map[string]struct {
		review isms.Attestation
		want   string
	}{
		"current":         {attested("r", "ControlReview", "2026-06-01", byOwner), "True EvidencePassed"},
		"on its last day": {attested("r", "ControlReview", "2025-11-21", byOwner), "True EvidencePassed"},
		"too old":         {attested("r", "ControlReview", "2025-11-20", byOwner), "Unknown PartialEvidence"},
		"of tomorrow":     {attested("r", "ControlReview", "2026-11-22", byOwner), "Unknown PartialEvidence"},
		"failed":          {attested("r", "ControlReview", "2026-06-01", failed), "Unknown PartialEvidence"},
		"another type":    {attested("r", "FirewallReview", "2026-06-01", byOwner), "Unknown PartialEvidence"},
		"by another person": {attested("r", "ControlReview", "2026-06-01", func(a *isms.Attestation) {
			a.Spec.PerformedBy = roe
		}), "Unknown PartialEvidence"},
		"by a person of the same name": {attested("r", "ControlReview", "2026-06-01", func(a *isms.Attestation) {
			a.Spec.PerformedBy = isms.Person{Name: platform.Name}
		}), "Unknown PartialEvidence"},
		"email in another case": {attested("r", "ControlReview", "2026-06-01", func(a *isms.Attestation) {
			a.Spec.PerformedBy = isms.Person{Email: "Platform@Example.com"}
		}), "True EvidencePassed"},
		"of another control": {attested("r", "ControlReview", "2026-06-01", func(a *isms.Attestation) {
			a.Spec.Controls = []isms.ControlID{"A.8.21"}
		}), "Unknown PartialEvidence"},
		"of no control in particular": {attested("r", "ControlReview", "2026-06-01", func(a *isms.Attestation) {
			a.Spec.Controls = nil
		}), "Unknown PartialEvidence"},
		"of another scope": {attested("r", "ControlReview", "2026-06-01", func(a *isms.Attestation) {
			a.Spec.ScopeRef.Name = "other"
		}), "Unknown PartialEvidence"},
		"suspended": {attested("r", "ControlReview", "2026-06-01", func(a *isms.Attestation) {
			a.Annotations = map[string]string{SuspendAnnotation: "true"}
		}), "Unknown PartialEvidence"},
	} {
		in := control(partial(rule("r", isms.QuantifierEvery))).counts("r", passing).attestations(tc.review)
		if got := state(in.assess(t).Status.Conditions, isms.ConditionEffective); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

func TestObstacles(t *testing.T) {
	good := func() *input { return control(rule("r", isms.QuantifierEvery)).counts("r", passing) }
	for name, tc := range map[string]struct {
		in                                *input
		ready, stalled, reconciling, said string
	}{
		"suspended": {
			good().edit(func(c *isms.Control) { c.Annotations = map[string]string{SuspendAnnotation: "true"} }),
			"True Suspended", "absent", "absent", "Unknown Suspended",
		},
		"suspension says something else": {
			good().edit(func(c *isms.Control) { c.Annotations = map[string]string{SuspendAnnotation: "no"} }),
			"True Assessed", "absent", "absent", "True Satisfied",
		},
		"unknown id": {
			good().edit(func(c *isms.Control) { c.Spec.ID = "A.8.99" }),
			"False UnknownControlID", "True UnknownControlID", "absent", "Unknown UnknownControlID",
		},
		"a free id of another source": {
			good().edit(func(c *isms.Control) { c.Spec.ID, c.Spec.Source = "SOC-1", isms.SourceOther }),
			"True Assessed", "absent", "absent", "True Satisfied",
		},
		"duplicate id": {
			func() *input { in := good(); in.Duplicates = []string{"z", "b"}; return in }(),
			"False DuplicateID", "True DuplicateID", "absent", "Unknown DuplicateID",
		},
		"no scope": {
			func() *input { in := good(); in.Scope = nil; return in }(),
			"Unknown ScopeNotFound", "absent", "True ScopeNotFound", "Unknown ScopeNotFound",
		},
		"rule not synced": {
			good().snapshot("r", tally.Snapshot{Unavailable: isms.ReasonNotSynced}),
			"Unknown NotSynced", "absent", "True NotSynced", "Unknown NotSynced",
		},
		"rule invalid": {
			good().snapshot("r", tally.Snapshot{Unavailable: isms.ReasonRuleInvalid, Message: "expect, 1:8: undeclared reference"}),
			"False RuleInvalid", "True RuleInvalid", "absent", "Unknown RuleInvalid",
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := tc.in.assess(t)
			got := []string{
				state(out.Status.Conditions, isms.ConditionReady), state(out.Status.Conditions, isms.ConditionStalled),
				state(out.Status.Conditions, isms.ConditionReconciling), state(out.Status.Conditions, isms.ConditionSatisfied),
			}
			if diff := cmp.Diff([]string{tc.ready, tc.stalled, tc.reconciling, tc.said}, got); diff != "" {
				t.Errorf("Ready, Stalled, Reconciling, Satisfied (-want +got):\n%s", diff)
			}
			if judged := out.Status.Evidence != nil; judged != (out.Status.Operation != nil) {
				t.Errorf("operation %+v, though judged is %v", out.Status.Operation, judged)
			}
			observed := int64(3)
			if tc.reconciling != "absent" {
				observed = 0
			}
			if out.Status.ObservedGeneration != observed {
				t.Errorf("observed generation %d, want %d", out.Status.ObservedGeneration, observed)
			}
		})
	}
}

func TestRuleInvalidNamesItemAndPosition(t *testing.T) {
	in := control(rule("r", isms.QuantifierEvery)).
		snapshot("r", tally.Snapshot{Unavailable: isms.ReasonRuleInvalid, Message: "expect, 1:8: undeclared reference"})
	got := conditions.Get(in.assess(t).Status.Conditions, isms.ConditionStalled).Message
	if want := "r: expect, 1:8: undeclared reference."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOpenNonconformity(t *testing.T) {
	finding := func(change func(*isms.Finding)) isms.Finding {
		f := isms.Finding{ObjectMeta: metav1.ObjectMeta{Name: "nc"}, Spec: isms.FindingSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Severity: isms.SeverityMinor, Source: isms.FindingFromInternalAudit,
			Requirement: "A.8.22", RaisedOn: "2026-09-01",
		}}
		change(&f)
		return f
	}
	resolved := func(by isms.Person, on isms.Date, outcome isms.EffectivenessOutcome) func(*isms.Finding) {
		return func(f *isms.Finding) {
			f.Spec.Correction, f.Spec.RootCause, f.Spec.SimilarCasesReviewed = "Mended.", "Nobody knew.", "Two more."
			f.Spec.CorrectiveAction = &isms.CorrectiveAction{Owner: platform, DueDate: "2026-10-31", CompletedOn: "2026-10-01"}
			f.Spec.EffectivenessReview = &isms.EffectivenessReview{ReviewedOn: on, By: by, Outcome: outcome}
		}
	}
	byBody := func(verified isms.Date) func(*isms.Finding) {
		return func(f *isms.Finding) {
			f.Spec.Source = isms.FindingFromCertificationBody
			f.Spec.CertificationBody = &isms.BodyVerification{VerifiedOn: verified}
		}
	}
	const open, closed = "False OpenNonconformity", "True Satisfied"
	for name, tc := range map[string]struct {
		change func(*isms.Finding)
		want   string
	}{
		"minor":                           {func(*isms.Finding) {}, open},
		"major":                           {func(f *isms.Finding) { f.Spec.Severity = isms.SeverityMajor }, open},
		"suspended":                       {func(f *isms.Finding) { f.Annotations = map[string]string{SuspendAnnotation: "true"} }, open},
		"observation":                     {func(f *isms.Finding) { f.Spec.Severity = isms.SeverityObservation }, closed},
		"an observation from tomorrow on": {func(f *isms.Finding) { regraded(isms.SeverityObservation, "2026-11-22")(&f.Spec) }, open},
		"an observation from tomorrow on, said to have been one before": {func(f *isms.Finding) {
			f.Spec.Regrading = []isms.Regrading{{From: isms.SeverityObservation, To: isms.SeverityMinor, RegradedOn: "2026-11-22"}}
			regraded(isms.SeverityObservation, "2026-11-22")(&f.Spec)
		}, open},
		"an observation since today": {func(f *isms.Finding) { regraded(isms.SeverityObservation, "2026-11-21")(&f.Spec) }, closed},
		"another control":            {func(f *isms.Finding) { f.Spec.Requirement = "A.8.21" }, closed},
		"another scope":              {func(f *isms.Finding) { f.Spec.ScopeRef.Name = "other" }, closed},
		"resolved":                   {resolved(roe, "2026-11-21", isms.ActionEffective), closed},
		"resolved without a cause": {func(f *isms.Finding) {
			resolved(roe, "2026-11-21", isms.ActionEffective)(f)
			f.Spec.RootCause = ""
		}, open},
		"without effect":                       {resolved(roe, "2026-11-21", isms.ActionNotEffective), open},
		"resolved tomorrow":                    {resolved(roe, "2026-11-22", isms.ActionEffective), open},
		"verified by the performer":            {resolved(platform, "2026-11-01", isms.ActionEffective), open},
		"verified by nobody who can be told":   {resolved(isms.Person{Name: "R. Roe"}, "2026-11-01", isms.ActionEffective), open},
		"the body's, verified by it":           {byBody("2026-11-21"), closed},
		"the body's, verification of tomorrow": {byBody("2026-11-22"), open},
		"the body's, verified by us only": {func(f *isms.Finding) {
			resolved(roe, "2026-11-01", isms.ActionEffective)(f)
			f.Spec.Source = isms.FindingFromCertificationBody
		}, open},
		"dated in the future": {func(f *isms.Finding) { f.Spec.RaisedOn = "2027-01-01" }, open},
	} {
		in := control(rule("r", isms.QuantifierEvery)).counts("r", passing)
		in.Findings = []isms.Finding{finding(tc.change)}
		out := in.assess(t)
		if got := state(out.Status.Conditions, isms.ConditionSatisfied); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
		if out.Status.Result != isms.ResultEffective {
			t.Errorf("%s: a finding changed the result to %s", name, out.Status.Result)
		}
	}
}

// TestMoreEvidenceNeverImproves: with the policy All, an item that does not pass takes away what the others show.
func TestMoreEvidenceNeverImproves(t *testing.T) {
	rank := map[metav1.ConditionStatus]int{metav1.ConditionFalse: 0, metav1.ConditionUnknown: 1, metav1.ConditionTrue: 2}
	few := rapid.IntRange(0, 2)
	rapid.Check(t, func(t *rapid.T) {
		in := control()
		add := func(name string) {
			in.Control.Spec.Evidence = append(in.Control.Spec.Evidence, rule(name, rapid.SampledFrom([]isms.Quantifier{
				isms.QuantifierEvery, isms.QuantifierAny, isms.QuantifierNone,
			}).Draw(t, name)))
			in.counts(name, tally.Counts{Passing: few.Draw(t, "passing"), Failing: few.Draw(t, "failing"), Errors: few.Draw(t, "errors")})
		}
		for i := range rapid.IntRange(1, 3).Draw(t, "items") {
			add(fmt.Sprint("r", i))
		}
		before := Control(in.Input)
		add("added")
		after := Control(in.Input)
		if after.Status.Evidence[len(after.Status.Evidence)-1].Result == isms.EvidencePass {
			return
		}
		for _, c := range []string{isms.ConditionEvidenceCurrent, isms.ConditionEffective, isms.ConditionSatisfied} {
			was, is := conditions.Get(before.Status.Conditions, c).Status, conditions.Get(after.Status.Conditions, c).Status
			if rank[is] > rank[was] {
				t.Fatalf("%s rose from %s to %s by %+v", c, was, is, after.Status.Evidence)
			}
		}
	})
}
