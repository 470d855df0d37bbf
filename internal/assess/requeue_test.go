// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// stamps are the fields that say when something was assessed.
var stamps = cmp.Options{
	cmpopts.IgnoreFields(metav1.Condition{}, "LastTransitionTime"),
	cmpopts.IgnoreFields(isms.EvidenceStatus{}, "LastTransitionTime"),
	cmpopts.IgnoreFields(isms.ControlOperation{}, "ObservedSince", "EffectiveSince"),
}

var dates = rapid.Custom(func(t *rapid.T) isms.Date {
	return isms.NewDate(now.AddDate(0, 0, rapid.IntRange(-120, 40).Draw(t, "days from today")))
})

var worlds = rapid.Custom(func(t *rapid.T) *input {
	every := rapid.Int32Range(1, 40).Draw(t, "every")
	grace := rapid.Int32Range(0, 50).Draw(t, "grace")
	in := control(partial(rule("r", isms.QuantifierEvery)), wantsDocument("d", "Policy"), wantsAttestation("a", "Review", every, grace))
	in.counts("r", tally.Counts{Subjects: 2, Passing: 1, Waived: 1, Exceptions: []tally.ExceptionCount{{Name: "e", Matched: 1, Failures: 1}}})
	in.edit(func(c *isms.Control) {
		c.Spec.Evidence[1].Strength = ""
		c.Spec.Evidence[2].Strength = ""
		c.Spec.EvidencePolicy = rapid.SampledFrom([]isms.EvidencePolicy{"", isms.EvidencePolicyAny}).Draw(t, "policy")
		c.Spec.Exceptions = []isms.Exception{{
			Name: "e", Evidence: []isms.ItemName{"r"}, RequestedBy: platform, ExpiresOn: dates.Draw(t, "expires"),
			ApprovedBy: rapid.SampledFrom([]isms.Person{platform, roe}).Draw(t, "approver"),
		}}
	})
	for i := range rapid.IntRange(0, 2).Draw(t, "documents") {
		d := policy(fmt.Sprint("p", i), dates.Draw(t, "approved"))
		d.Spec.ReviewIntervalDays = rapid.Int32Range(1, 60).Draw(t, "interval")
		d.Spec.Reviews = []isms.DocumentReview{{ReviewedOn: dates.Draw(t, "reviewed"), Outcome: isms.ReviewNoChange}}
		in.Documents = append(in.Documents, d)
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "attestations") {
		kind := rapid.SampledFrom([]string{"Review", "ControlReview"}).Draw(t, "type")
		a := attested(fmt.Sprint("t", i), kind, dates.Draw(t, "performed"))
		a.Spec.Outcome = rapid.SampledFrom([]isms.AttestationOutcome{isms.OutcomePass, isms.OutcomeFail}).Draw(t, "outcome")
		in.Attestations = append(in.Attestations, a)
	}
	if rapid.Bool().Draw(t, "finding") {
		in.Findings = []isms.Finding{{Spec: isms.FindingSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Requirement: "A.8.22", Severity: isms.SeverityMajor,
			Source:            isms.FindingFromCertificationBody,
			CertificationBody: &isms.BodyVerification{VerifiedOn: dates.Draw(t, "verified")},
		}}}
	}
	return in
})

// TestNothingChangesBeforeRequeueAt: until the moment that an outcome names, no other outcome is possible, and if it
// names none, never. Every change of the rules falls on a midnight in UTC.
func TestNothingChangesBeforeRequeueAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := worlds.Draw(t, "world")
		unchangedUntil(t, func(at time.Time) (any, time.Time) {
			out := Control(in.at(at).Input)
			return out.Status, out.RequeueAt
		})
	})
}

// TestTimeIsFollowedToItsEnd looks again whenever an outcome says so, and compares with what a daily look would see.
func TestTimeIsFollowedToItsEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := worlds.Draw(t, "world")
		current := Control(in.Input)
		for at := now; at.Before(now.AddDate(0, 0, 90)); at = at.Truncate(day).Add(day) {
			if !current.RequeueAt.IsZero() && !at.Before(current.RequeueAt) {
				current = Control(in.at(current.RequeueAt).Input)
			}
			if diff := cmp.Diff(Control(in.at(at).Input).Status, current.Status, stamps); diff != "" {
				t.Fatalf("on %s (-daily +followed):\n%s", at, diff)
			}
		}
	})
}

func TestClock(t *testing.T) {
	c := NewClock(now)
	if !c.Come("2026-11-21") || c.Over("2026-11-21") || !c.Over("2026-11-20") || !c.Next().Equal(now.Truncate(day).Add(day)) {
		t.Errorf("today is not today: next is %s", c.Next())
	}
	if c.Come("soon") || !c.Over("soon") || c.Come("") {
		t.Error("what is no date counts")
	}
	c = NewClock(now)
	if c.Today() != "2026-11-21" || c.Next().IsZero() {
		t.Errorf("today is %s, until %s", c.Today(), c.Next())
	}
	if !NewClock(now).Reached(now) {
		t.Error("now is not reached")
	}
}
