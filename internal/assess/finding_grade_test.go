// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestDowngradeNeedsTheBody: what the certification body graded, nobody grades down without it.
func TestDowngradeNeedsTheBody(t *testing.T) {
	down := isms.Regrading{From: isms.SeverityMajor, To: isms.SeverityMinor, RegradedOn: "2026-11-10"}
	for name, tc := range map[string]struct {
		change func(*isms.FindingSpec)
		want   bool
	}{
		"graded down":                     {func(*isms.FindingSpec) {}, true},
		"never regraded":                  {func(s *isms.FindingSpec) { s.Regrading = nil }, false},
		"graded up":                       {func(s *isms.FindingSpec) { s.Regrading[0].From, s.Regrading[0].To = down.To, down.From }, false},
		"graded down from tomorrow on":    {func(s *isms.FindingSpec) { s.Regrading[0].RegradedOn = "2026-11-22" }, false},
		"of an internal audit":            {func(s *isms.FindingSpec) { s.Source = isms.FindingFromInternalAudit }, false},
		"the plan was accepted before":    {func(s *isms.FindingSpec) { s.CertificationBody = &isms.BodyVerification{PlanAcceptedOn: "2026-11-09"} }, true},
		"the plan was accepted then":      {func(s *isms.FindingSpec) { s.CertificationBody = &isms.BodyVerification{PlanAcceptedOn: "2026-11-10"} }, false},
		"the action was verified since":   {func(s *isms.FindingSpec) { s.CertificationBody = &isms.BodyVerification{VerifiedOn: "2026-11-20"} }, false},
		"the action is verified tomorrow": {func(s *isms.FindingSpec) { s.CertificationBody = &isms.BodyVerification{VerifiedOn: "2026-11-22"} }, true},
		"graded down again after the plan": {func(s *isms.FindingSpec) {
			s.CertificationBody = &isms.BodyVerification{PlanAcceptedOn: "2026-11-10"}
			s.Regrading = append(s.Regrading, isms.Regrading{From: isms.SeverityMinor, To: isms.SeverityObservation, RegradedOn: "2026-11-15"})
		}, true},
	} {
		f := &isms.Finding{Spec: isms.FindingSpec{
			Severity: isms.SeverityMinor, Source: isms.FindingFromCertificationBody, Regrading: []isms.Regrading{down},
		}}
		tc.change(&f.Spec)
		if got := DowngradeUnconfirmed(f, NewClock(now)); got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
		if !DownFromMajor(f) && name == "graded down" || DownFromMajor(f) && name == "never regraded" {
			t.Errorf("%s: down from Major: %t", name, DownFromMajor(f))
		}
	}
}

// TestCorrectionIsOfTheSameType: a record of another type takes nothing away.
func TestCorrectionIsOfTheSameType(t *testing.T) {
	records := []isms.Attestation{
		{ObjectMeta: metav1.ObjectMeta{Name: "review"}, Spec: isms.AttestationSpec{Type: "FirewallReview"}},
		{ObjectMeta: metav1.ObjectMeta{Name: "drill"}, Spec: isms.AttestationSpec{Type: "Drill", Supersedes: &isms.LocalRef{Name: "review"}}},
	}
	if got := supersededBy(records, ""); len(got) != 0 {
		t.Errorf("superseded: %v", got)
	}
	records[1].Spec.Type = "FirewallReview"
	if got := supersededBy(records, ""); got["review"] != "drill" {
		t.Errorf("superseded: %v", got)
	}
}
