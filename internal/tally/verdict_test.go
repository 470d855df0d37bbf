// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"testing"

	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestJudge goes through the verdict table of the API row by row.
func TestJudge(t *testing.T) {
	var (
		passed  = Verdict{isms.EvidencePass, isms.ReasonObjectsPassed}
		failed  = Verdict{isms.EvidenceFail, isms.ReasonObjectsFailed}
		errored = Verdict{isms.EvidenceUnknown, isms.ReasonExpressionError}
		waived  = Verdict{isms.EvidencePass, isms.ReasonWaived}
	)
	for _, row := range []struct {
		name        string
		quantifiers []isms.Quantifier
		counts      Counts
		want        Verdict
	}{
		{"all pass", all, Counts{Subjects: 3, Passing: 3}, passed},
		{"all pass", []isms.Quantifier{isms.QuantifierAny}, Counts{Subjects: 3, Passing: 3}, passed},
		{"any failing: Fail", all, Counts{Subjects: 3, Passing: 2, Failing: 1}, failed},
		{"any failing beats errors", all, Counts{Subjects: 3, Passing: 1, Failing: 1, Errors: 1}, failed},
		{"else any error: Unknown", all, Counts{Subjects: 3, Passing: 2, Errors: 1}, errored},
		{"an error beats a waiver", all, Counts{Subjects: 2, Errors: 1, Waived: 1}, errored},
		{"a waived failure is not a failure", all, Counts{Subjects: 3, Passing: 2, Waived: 1}, passed},
		{"a waiver spares nobody else", all, Counts{Subjects: 3, Failing: 1, Waived: 2}, failed},
		{"all waived: Pass, Waived", all, Counts{Subjects: 3, Waived: 3}, waived},

		{"any true: Pass", []isms.Quantifier{isms.QuantifierAny}, Counts{Subjects: 3, Passing: 1, Failing: 1, Errors: 1}, passed},
		{"else any error: Unknown", []isms.Quantifier{isms.QuantifierAny}, Counts{Subjects: 2, Failing: 1, Errors: 1}, errored},
		{"else Fail", []isms.Quantifier{isms.QuantifierAny}, Counts{Subjects: 2, Failing: 2}, failed},
		{"no exception", []isms.Quantifier{isms.QuantifierAny}, Counts{Subjects: 1, Waived: 1}, failed},

		{"true: Pass", []isms.Quantifier{isms.QuantifierSet}, Counts{Subjects: 1, Passing: 1}, passed},
		{"false: Fail", []isms.Quantifier{isms.QuantifierSet}, Counts{Subjects: 1, Failing: 1}, failed},
		{"error: Unknown", []isms.Quantifier{isms.QuantifierSet}, Counts{Subjects: 1, Errors: 1}, errored},
		{"no exception", []isms.Quantifier{isms.QuantifierSet}, Counts{Subjects: 1, Waived: 1}, failed},

		{
			"no such quantifier",
			[]isms.Quantifier{"", "Most"},
			Counts{Subjects: 1, Passing: 1},
			Verdict{isms.EvidenceUnknown, isms.ReasonRuleInvalid},
		},
	} {
		for _, q := range row.quantifiers {
			if got := Judge(Policy{Quantifier: q}, Snapshot{Counts: row.counts}); got != row.want {
				t.Errorf("%s, %s, %+v: got %v, want %v", q, row.name, row.counts, got, row.want)
			}
		}
	}
}

// all are the quantifiers that hold when no subject fails.
var all = []isms.Quantifier{isms.QuantifierEvery, isms.QuantifierNone, isms.QuantifierAnyPerNamespace}

var quantifiers = append([]isms.Quantifier{isms.QuantifierAny, isms.QuantifierSet}, all...)

func TestJudgeNoSubjects(t *testing.T) {
	for policy, want := range map[isms.NoMatchPolicy]isms.EvidenceResult{
		isms.NoMatchPass: isms.EvidencePass, isms.NoMatchFail: isms.EvidenceFail,
		isms.NoMatchUnknown: isms.EvidenceUnknown, isms.NoMatchNotApplicable: isms.EvidenceNotApplicable,
	} {
		for _, q := range quantifiers {
			got := Judge(Policy{Quantifier: q, OnNoMatch: policy}, Snapshot{})
			if got != (Verdict{want, isms.ReasonNoMatch}) {
				t.Errorf("%s, onNoMatch %s: got %v", q, policy, got)
			}
		}
	}
	for _, q := range quantifiers {
		want := Verdict{isms.EvidenceUnknown, isms.ReasonNoMatch}
		if q == isms.QuantifierNone {
			want.Result = isms.EvidencePass
		}
		if got := Judge(Policy{Quantifier: q}, Snapshot{}); got != want {
			t.Errorf("%s without onNoMatch: got %v, want %v", q, got, want)
		}
	}
}

// TestJudgeUnavailable: what could not be counted is Unknown for its own reason, whatever the counts and onNoMatch say.
func TestJudgeUnavailable(t *testing.T) {
	reasons := []string{
		isms.ReasonNotSynced, isms.ReasonAccessDenied, isms.ReasonOperatorForbidden, isms.ReasonRuleInvalid,
		isms.ReasonCostExceeded, isms.ReasonTooManyObjects, isms.ReasonKindNotServed,
	}
	for _, reason := range reasons {
		for _, q := range quantifiers {
			for _, counts := range []Counts{{}, {Subjects: 1, Passing: 1}, {Subjects: 1, Failing: 1}} {
				p := Policy{Quantifier: q, OnNoMatch: isms.NoMatchPass, OnKindNotServed: isms.KindNotServedUnknown}
				got := Judge(p, Snapshot{Unavailable: reason, Counts: counts})
				if got != (Verdict{isms.EvidenceUnknown, reason}) {
					t.Errorf("%s, %s: got %v", q, reason, got)
				}
			}
		}
	}
}

func TestJudgeKindNotServed(t *testing.T) {
	for policy, want := range map[isms.KindNotServedPolicy]isms.EvidenceResult{
		"": isms.EvidenceUnknown, isms.KindNotServedUnknown: isms.EvidenceUnknown,
		isms.KindNotServedFail: isms.EvidenceFail, isms.KindNotServedNotApplicable: isms.EvidenceNotApplicable,
	} {
		p := Policy{Quantifier: isms.QuantifierEvery, OnKindNotServed: policy}
		got := Judge(p, Snapshot{Unavailable: isms.ReasonKindNotServed})
		if got != (Verdict{want, isms.ReasonKindNotServed}) {
			t.Errorf("onKindNotServed %q: got %v, want %s", policy, got, want)
		}
		if got := Judge(p, Snapshot{Unavailable: isms.ReasonNotSynced}); got.Result != isms.EvidenceUnknown {
			t.Errorf("onKindNotServed %q: NotSynced became %v", policy, got)
		}
	}
}

// TestJudgeNeverImproves: one more failing or erroring subject never turns a verdict into a better one, except that
// a first subject takes the place of onNoMatch.
func TestJudgeNeverImproves(t *testing.T) {
	rank := map[isms.EvidenceResult]int{isms.EvidenceFail: 0, isms.EvidenceUnknown: 1, isms.EvidencePass: 2}
	few := rapid.IntRange(0, 3)
	rapid.Check(t, func(t *rapid.T) {
		before := Counts{
			Passing: few.Draw(t, "passing"), Failing: few.Draw(t, "failing"),
			Errors: few.Draw(t, "errors"), Waived: few.Draw(t, "waived"),
		}
		if before.Passing+before.Failing+before.Errors+before.Waived == 0 {
			return
		}
		for _, q := range all {
			after := before
			after.Failing++
			if Judge(Policy{Quantifier: q}, Snapshot{Counts: after}).Result != isms.EvidenceFail {
				t.Fatalf("%s: a failing subject in %+v did not fail", q, after)
			}
			after = before
			after.Errors++
			was, is := Judge(Policy{Quantifier: q}, Snapshot{Counts: before}), Judge(Policy{Quantifier: q}, Snapshot{Counts: after})
			if rank[is.Result] > rank[was.Result] {
				t.Fatalf("%s: one more error turned %v into %v", q, was, is)
			}
		}
	})
}

func TestPolicyOf(t *testing.T) {
	rule := &isms.ResourceRule{Quantifier: isms.QuantifierAny, OnNoMatch: isms.NoMatchFail, OnKindNotServed: isms.KindNotServedFail}
	want := Policy{isms.QuantifierAny, isms.NoMatchFail, isms.KindNotServedFail}
	if got := PolicyOf(rule); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
