// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

func acme() *isms.ISMSScope { return &isms.ISMSScope{ObjectMeta: metav1.ObjectMeta{Name: "acme"}} }

func TestDocument(t *testing.T) {
	good := policy("p", "2026-06-01")
	type want struct {
		ready, approved, reviewed string
		due                       isms.Date
		again                     string
	}
	for name, tc := range map[string]struct {
		in   DocumentInput
		want want
	}{
		"in force": {
			DocumentInput{Document: &good, Scope: acme(), Digest: digestA},
			want{"True Assessed", "True Approved", "True ReviewCurrent", "2027-06-01", "2027-06-02"},
		},
		"the content changed": {
			DocumentInput{Document: &good, Scope: acme(), Digest: digestB},
			want{"True Assessed", "False ChangedSinceApproval", "True ReviewCurrent", "2027-06-01", "2027-06-02"},
		},
		"the earlier digest is not the present one": {
			DocumentInput{Document: &good, Scope: acme()},
			want{"True Assessed", "Unknown SourceNotReadable", "True ReviewCurrent", "2027-06-01", "2027-06-02"},
		},
		"approved tomorrow": {
			DocumentInput{Document: ptr(policy("p", "2026-11-22")), Scope: acme(), Digest: digestA},
			want{"True Assessed", "False DateInFuture", "Unknown NotApproved", "", "2026-11-22"},
		},
		"no scope": {
			DocumentInput{Document: &good, Digest: digestA},
			want{"Unknown ScopeNotFound", "Unknown ScopeNotFound", "Unknown ScopeNotFound", "", "0001-01-01"},
		},
		"suspended": {
			DocumentInput{Document: ptr(edited(good, func(d *isms.Document) {
				d.Annotations = map[string]string{SuspendAnnotation: "true"}
			})), Scope: acme(), Digest: digestA},
			want{"True Suspended", "Unknown Suspended", "Unknown Suspended", "", "0001-01-01"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tc.in.Now = now
			out := Document(tc.in)
			list := out.Status.Conditions
			for _, problem := range conditions.Violations(list, 1, isms.ConditionApproved, isms.ConditionReviewCurrent) {
				t.Error(problem)
			}
			got := want{
				state(list, isms.ConditionReady), state(list, isms.ConditionApproved),
				state(list, isms.ConditionReviewCurrent), out.Status.ReviewDueOn, out.RequeueAt.Format(time.DateOnly),
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(want{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if out.Status.Digest != tc.in.Digest {
				t.Errorf("digest %q, want %q", out.Status.Digest, tc.in.Digest)
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestDocumentDeclaresTheDigestOfAURL(t *testing.T) {
	d := edited(policy("p", "2026-06-01"), func(d *isms.Document) {
		d.Spec.Source = isms.DocumentSource{URL: "https://git.example.com/policy.md", Digest: digestA}
	})
	if got := Document(DocumentInput{Document: &d, Scope: acme(), Now: now}).Status.Digest; got != digestA {
		t.Errorf("digest %q", got)
	}
}

func TestDocumentExpires(t *testing.T) {
	d := policy("p", "2026-06-01")
	in := DocumentInput{Document: &d, Scope: acme(), Digest: digestA, Now: now}
	first := Document(in)
	d.Status, in.Now = first.Status, first.RequeueAt
	second := Document(in)
	want := []Event{{EventWarning, isms.ReasonExpired, "ReviewCurrent is False: The review is overdue."}}
	if diff := cmp.Diff(want, second.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if !second.RequeueAt.IsZero() {
		t.Errorf("looks again at %s, though nothing is to come", second.RequeueAt)
	}
}

func TestAttestation(t *testing.T) {
	review := attested("a", "Review", "2026-11-01")
	asks := func(every, grace int32, change ...func(*isms.Control)) []isms.Control {
		c := *control(wantsAttestation("r", "Review", every, grace)).Control
		for _, edit := range change {
			edit(&c)
		}
		return []isms.Control{c}
	}
	late := attested("a", "Review", "2026-09-01", func(a *isms.Attestation) { a.CreationTimestamp = metav1.NewTime(now) })
	for name, tc := range map[string]struct {
		in    AttestationInput
		want  string
		again string
	}{
		"counts":                     {AttestationInput{Attestation: &review, Scope: acme()}, "True Current", "0001-01-01"},
		"asked for every 92 days":    {AttestationInput{Attestation: &review, Scope: acme(), Controls: asks(92, 8)}, "True Current", "2027-02-10"},
		"asked for every 10 days":    {AttestationInput{Attestation: &review, Scope: acme(), Controls: asks(10, 0)}, "False Expired", "0001-01-01"},
		"the longest demand decides": {AttestationInput{Attestation: &review, Scope: acme(), Controls: append(asks(10, 0), asks(30, 0)...)}, "True Current", "2026-12-02"},
		"the longest demand decides in any order": {
			AttestationInput{Attestation: &review, Scope: acme(), Controls: append(asks(30, 0), asks(10, 0)...)}, "True Current", "2026-12-02",
		},
		"asked for by another scope":                   {AttestationInput{Attestation: &review, Scope: acme(), Controls: asks(10, 0, func(c *isms.Control) { c.Spec.ScopeRef.Name = "other" })}, "True Current", "0001-01-01"},
		"asked for by a control that it does not list": {AttestationInput{Attestation: &review, Scope: acme(), Controls: asks(10, 0, func(c *isms.Control) { c.Spec.ID = "A.8.1" })}, "True Current", "0001-01-01"},
		"an owner's review":                            {AttestationInput{Attestation: ptr(attested("a", "ControlReview", "2025-11-20")), Scope: acme()}, "False Expired", "0001-01-01"},
		"tomorrow":                                     {AttestationInput{Attestation: ptr(attested("a", "Review", "2026-11-22")), Scope: acme()}, "False DateInFuture", "2026-11-22"},
		"did not pass":                                 {AttestationInput{Attestation: ptr(attested("a", "Review", "2026-11-01", failed)), Scope: acme()}, "False OutcomeFailed", "0001-01-01"},
		"recorded late":                                {AttestationInput{Attestation: &late, Scope: acme()}, "True RecordedLate", "0001-01-01"},
		"superseded":                                   {AttestationInput{Attestation: &review, Scope: acme(), Others: []isms.Attestation{attested("b", "Review", "2026-11-02", superseding("a"))}}, "False Superseded", "0001-01-01"},
		"superseded in another scope": {AttestationInput{Attestation: &review, Scope: acme(), Others: []isms.Attestation{
			attested("b", "Review", "2026-11-02", superseding("a"), func(a *isms.Attestation) { a.Spec.ScopeRef.Name = "other" }),
		}}, "True Current", "0001-01-01"},
		"no scope": {AttestationInput{Attestation: &review}, "Unknown ScopeNotFound", "0001-01-01"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.in.Now = now
			out := Attestation(tc.in)
			for _, problem := range conditions.Violations(out.Status.Conditions, 1, isms.ConditionCurrent) {
				t.Error(problem)
			}
			if got := state(out.Status.Conditions, isms.ConditionCurrent); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if got := out.RequeueAt.Format(time.DateOnly); got != tc.again {
				t.Errorf("looks again on %s, want %s", got, tc.again)
			}
		})
	}
}

func TestFirstSeenIsKept(t *testing.T) {
	a := attested("a", "Review", "2026-11-01")
	in := AttestationInput{Attestation: &a, Scope: acme(), Now: now}
	first := Attestation(in)
	if !first.Status.FirstSeenTime.Equal(&a.CreationTimestamp) {
		t.Errorf("first seen at %s, created at %s", first.Status.FirstSeenTime, a.CreationTimestamp)
	}
	// The object is created anew from a backup with its status: it was seen before.
	a.Status, a.CreationTimestamp, in.Now = first.Status, metav1.NewTime(now.AddDate(1, 0, 0)), now.AddDate(1, 0, 0)
	second := Attestation(in)
	if !second.Status.FirstSeenTime.Equal(first.Status.FirstSeenTime) {
		t.Errorf("first seen moved to %s", second.Status.FirstSeenTime)
	}
	if got := state(second.Status.Conditions, isms.ConditionCurrent); got != "True Current" {
		t.Errorf("got %s", got)
	}
}
