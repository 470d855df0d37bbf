// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

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
	want := []Event{{Type: EventWarning, Reason: isms.ReasonExpired, Message: "ReviewCurrent is False: The review is overdue."}}
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
		"deviations without their finding": {
			AttestationInput{Attestation: ptr(attested("a", "Review", "2026-11-01", deviating)), Scope: acme()}, "Unknown ReferenceNotFound", "0001-01-01",
		},
		"deviations with their finding": {
			AttestationInput{Attestation: ptr(attested("a", "Review", "2026-11-01", deviating)), Scope: acme(), Findings: []isms.Finding{nc01("acme")}}, "True Current", "0001-01-01",
		},
		"deviations with a finding of another scope": {
			AttestationInput{Attestation: ptr(attested("a", "Review", "2026-11-01", deviating)), Scope: acme(), Findings: []isms.Finding{nc01("other")}}, "Unknown ReferenceNotFound", "0001-01-01",
		},
		"deviations without their finding, and expired": {
			AttestationInput{Attestation: ptr(attested("a", "Review", "2026-11-01", deviating)), Scope: acme(), Controls: asks(10, 0)}, "False Expired", "0001-01-01",
		},
		"95 of 100 took part": {AttestationInput{Attestation: ptr(attested("a", "Review", "2026-11-01", took(100, 95))), Scope: acme()}, "True Current", "0001-01-01"},
		"94 of 100 took part": {AttestationInput{Attestation: ptr(attested("a", "Review", "2026-11-01", took(100, 94))), Scope: acme()}, "False BelowThreshold", "0001-01-01"},
		"94 of 100 took part, and the scope asks for 90": {
			AttestationInput{Attestation: ptr(attested("a", "Review", "2026-11-01", took(100, 94))), Scope: participation(90)}, "True Current", "0001-01-01",
		},
		"9 of 10 million took part":  {AttestationInput{Attestation: ptr(attested("a", "Review", "2026-11-01", took(10_000_000, 9_000_000))), Scope: acme()}, "False BelowThreshold", "0001-01-01"},
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
			for _, problem := range conditions.Violations(out.Status.Conditions, 1, AttestationConditions...) {
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

// deviating is a sample with a deviation that nc-01 follows up.
func deviating(a *isms.Attestation) {
	a.Spec.Sample = &isms.Sample{Population: 40, Size: 10, Deviations: ptr[int32](1)}
	a.Spec.FindingRef = &isms.LocalRef{Name: "nc-01"}
}

func nc01(scope string) isms.Finding {
	return isms.Finding{ObjectMeta: metav1.ObjectMeta{Name: "nc-01"}, Spec: isms.FindingSpec{ScopeRef: isms.LocalRef{Name: isms.ObjectName(scope)}}}
}

func took(expected, completed int32) func(*isms.Attestation) {
	return func(a *isms.Attestation) {
		a.Spec.Participants = &isms.Participants{Expected: expected, Completed: &completed}
	}
}

func participation(percent int32) *isms.ISMSScope {
	s := acme()
	s.Spec.Practice = &isms.Practice{MinParticipationPercent: percent}
	return s
}

func TestReferencesOfAnAttestation(t *testing.T) {
	full := attested("a", "Review", "2026-11-01", deviating, superseding("b"), func(a *isms.Attestation) {
		a.Spec.DocumentRef = &isms.LocalRef{Name: "p"}
		a.Spec.Objective = &isms.ObjectiveMeasurement{Name: "mfa", Value: "97 %", Met: isms.No}
	})
	everything := func() AttestationInput {
		scope := acme()
		scope.Spec.Objectives = []isms.Objective{{Name: "mfa"}}
		return AttestationInput{
			Attestation: &full, Scope: scope, Now: now, Controls: []isms.Control{*control().Control}, Findings: []isms.Finding{nc01("acme")},
			Others: []isms.Attestation{attested("b", "Review", "2026-11-01")}, Documents: []isms.Document{policy("p", "2026-06-01")},
		}
	}
	for name, tc := range map[string]struct {
		change func(*AttestationInput)
		want   string
	}{
		"all there":    {func(*AttestationInput) {}, "True ReferencesResolved: "},
		"no control":   {func(in *AttestationInput) { in.Controls = nil }, "False ReferenceNotFound: Not in this scope: Control A.8.22."},
		"no finding":   {func(in *AttestationInput) { in.Findings = nil }, "False ReferenceNotFound: Not in this scope: Finding nc-01."},
		"no other":     {func(in *AttestationInput) { in.Others = nil }, "False ReferenceNotFound: Not in this scope: Attestation b."},
		"no document":  {func(in *AttestationInput) { in.Documents = nil }, "False ReferenceNotFound: Not in this scope: Document p."},
		"no objective": {func(in *AttestationInput) { in.Scope = acme() }, "False ReferenceNotFound: Not in this scope: objective mfa."},
		"names nothing": {func(in *AttestationInput) {
			in.Attestation = ptr(attested("a", "Review", "2026-11-01", func(a *isms.Attestation) { a.Spec.Controls = nil }))
		}, "Unknown NothingDeclared: Nothing else is named."},
		"all missing": {
			func(in *AttestationInput) { *in = AttestationInput{Attestation: &full, Scope: acme(), Now: now} },
			"False ReferenceNotFound: Not in this scope: Attestation b, Control A.8.22, Document p and 2 more.",
		},
	} {
		in := everything()
		tc.change(&in)
		c := conditions.Get(Attestation(in).Status.Conditions, isms.ConditionReferencesResolved)
		if got := string(c.Status) + " " + c.Reason + ": " + c.Message; got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

// TestRecordsOfControls: what an attestation lacks fails the item that rests on it, or makes it Unknown.
func TestRecordsOfControls(t *testing.T) {
	for name, tc := range map[string]struct {
		attestation isms.Attestation
		findings    []isms.Finding
		want        string
	}{
		"too few took part":                 {attested("a", "Review", "2026-11-01", took(100, 94)), nil, "Fail BelowThreshold: Attestation a: Fewer than 95 percent of the expected people completed it."},
		"too few took part, long ago":       {attested("a", "Review", "2024-11-01", took(100, 94)), nil, "Fail BelowThreshold"},
		"enough took part":                  {attested("a", "Review", "2026-11-01", took(100, 95)), nil, "Pass Current: Attestation a."},
		"deviations nobody follows up":      {attested("a", "Review", "2026-11-01", deviating), nil, "Unknown ReferenceNotFound"},
		"deviations nobody follows up, old": {attested("a", "Review", "2026-07-01", deviating), nil, "Fail Expired"},
		"deviations that are followed up":   {attested("a", "Review", "2026-11-01", deviating), []isms.Finding{nc01("acme")}, "Pass Current: Attestation a. The sample has deviations, which Finding nc-01 follows up."},
		"deviations, and did not pass": {attested("a", "Review", "2026-11-01", func(a *isms.Attestation) {
			deviating(a)
			failed(a)
			a.Spec.FindingRef = nil
		}), nil, "Fail OutcomeFailed: The latest Review did not pass."},
	} {
		in := control(wantsAttestation("r", "Review", 92, 14)).attestations(tc.attestation)
		in.Findings = tc.findings
		e := in.assess(t).Status.Evidence[0]
		if got := fmt.Sprintf("%s %s: %s", e.Result, e.Reason, e.Message); !strings.HasPrefix(got, tc.want) {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

func TestOwnersReviewWithDeviationsNeedsItsFinding(t *testing.T) {
	in := control(partial(rule("r", isms.QuantifierEvery))).counts("r", passing).attestations(attested("a", "ControlReview", "2026-11-01", deviating))
	if got := state(in.assess(t).Status.Conditions, isms.ConditionEffective); got != "Unknown PartialEvidence" {
		t.Errorf("without its finding: %s", got)
	}
	in.Findings = []isms.Finding{nc01("acme")}
	if got := state(in.assess(t).Status.Conditions, isms.ConditionEffective); got != "True EvidencePassed" {
		t.Errorf("with its finding: %s", got)
	}
}

func TestComputedDocument(t *testing.T) {
	statement := func(digest isms.Digest) *isms.ISMSScope {
		s := acme()
		s.Status.StatementOfApplicability = &isms.StatementOfApplicabilityStatus{Digest: digest}
		return s
	}
	d := edited(policy("p", "2026-06-01"), func(d *isms.Document) {
		d.Spec.Type, d.Spec.Source = "StatementOfApplicability", isms.DocumentSource{Computed: isms.ComputedStatementOfApplicability}
		d.Status.Digest = digestA
	})
	for name, tc := range map[string]struct {
		scope  *isms.ISMSScope
		want   string
		digest isms.Digest
	}{
		"as approved":      {statement(digestA), "True Approved", digestA},
		"changed since":    {statement(digestB), "False ChangedSinceApproval", digestB},
		"not computed yet": {statement(""), "Unknown NotYetAssessed", ""},
		"never assessed":   {acme(), "Unknown NotYetAssessed", ""},
		"no scope":         {nil, "Unknown ScopeNotFound", ""},
	} {
		out := Document(DocumentInput{Document: &d, Scope: tc.scope, Digest: digestB, Now: now})
		if got := state(out.Status.Conditions, isms.ConditionApproved); got != tc.want || out.Status.Digest != tc.digest {
			t.Errorf("%s: got %s, digest %q; want %s, digest %q", name, got, out.Status.Digest, tc.want, tc.digest)
		}
	}
}

// TestRegister: a register kept elsewhere is in review while an Attestation says that it is complete.
func TestRegister(t *testing.T) {
	register := edited(policy("p", "2026-06-01"), func(d *isms.Document) { d.Spec.Class = isms.ClassRegister })
	naming := func(name string) func(*isms.Attestation) {
		return func(a *isms.Attestation) { a.Spec.DocumentRef = &isms.LocalRef{Name: isms.ObjectName(name)} }
	}
	elsewhere := func(a *isms.Attestation) { a.Spec.ScopeRef.Name = "other" }
	old := attested("a", "Completeness", "2025-11-20", naming("p"))
	for name, tc := range map[string]struct {
		attestations []isms.Attestation
		want         string
		due          isms.Date
	}{
		"never attested":              {nil, "False Missing", ""},
		"of another one":              {[]isms.Attestation{attested("a", "Completeness", "2026-11-01", naming("q"))}, "False Missing", ""},
		"in another scope":            {[]isms.Attestation{attested("a", "Completeness", "2026-11-01", naming("p"), elsewhere)}, "False Missing", ""},
		"of tomorrow":                 {[]isms.Attestation{attested("a", "Completeness", "2026-11-22", naming("p"))}, "False Missing", ""},
		"complete":                    {[]isms.Attestation{attested("a", "Completeness", "2025-11-21", naming("p"))}, "True ReviewCurrent", "2026-11-21"},
		"complete a year ago":         {[]isms.Attestation{old}, "False Expired", "2026-11-20"},
		"the latest counts":           {[]isms.Attestation{attested("b", "Completeness", "2026-11-01", naming("p"), failed), old}, "False OutcomeFailed", "2027-11-01"},
		"corrected":                   {[]isms.Attestation{attested("b", "Completeness", "2026-11-01", superseding("a")), old}, "False Missing", ""},
		"deviations nobody follows":   {[]isms.Attestation{attested("a", "Completeness", "2026-11-01", naming("p"), deviating)}, "Unknown ReferenceNotFound", "2027-11-01"},
		"deviations nobody, long ago": {[]isms.Attestation{attested("a", "Completeness", "2025-11-01", naming("p"), deviating)}, "False Expired", "2026-11-01"},
	} {
		out := Document(DocumentInput{Document: &register, Scope: acme(), Digest: digestA, Attestations: tc.attestations, Now: now})
		if got := state(out.Status.Conditions, isms.ConditionReviewCurrent); got != tc.want || out.Status.ReviewDueOn != tc.due {
			t.Errorf("%s: got %s, due %q; want %s, due %q", name, got, out.Status.ReviewDueOn, tc.want, tc.due)
		}
		// A Control goes by what the Document says of itself.
		after := edited(register, func(d *isms.Document) { d.Status = out.Status })
		e := control(wantsDocument("d", "Policy")).documents(after).assess(t).Status.Evidence[0]
		wanted := map[string]string{"True ReviewCurrent": "Pass Approved"}[tc.want]
		if wanted == "" {
			wanted = strings.NewReplacer("False", "Fail").Replace(tc.want)
		}
		if got := fmt.Sprintf("%s %s", e.Result, e.Reason); got != wanted {
			t.Errorf("%s: the control says %s, want %s", name, got, wanted)
		}
		after.Generation++
		e = control(wantsDocument("d", "Policy")).documents(after).assess(t).Status.Evidence[0]
		if got := fmt.Sprintf("%s %s", e.Result, e.Reason); got != "Unknown NotYetAssessed" {
			t.Errorf("%s, edited since: the control says %s", name, got)
		}
	}
}

// TestRecordsChangeOnlyWhenTheySay: until the moment that an outcome names, no other outcome is possible.
func TestRecordsChangeOnlyWhenTheySay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var changes []func(*isms.Attestation)
		if rapid.Bool().Draw(t, "failed") {
			changes = append(changes, failed)
		}
		changes = append(changes, func(a *isms.Attestation) { a.Spec.DocumentRef = &isms.LocalRef{Name: "p"} })
		a := attested("a", "Review", dates.Draw(t, "performed"), changes...)
		asks := *control(wantsAttestation("r", "Review", rapid.Int32Range(1, 60).Draw(t, "every"), rapid.Int32Range(0, 30).Draw(t, "grace"))).Control
		unchangedUntil(t, func(at time.Time) (any, time.Time) {
			out := Attestation(AttestationInput{Attestation: &a, Scope: acme(), Controls: []isms.Control{asks}, Now: at})
			return out.Status, out.RequeueAt
		})
		d := edited(policy("p", dates.Draw(t, "approved")), func(d *isms.Document) {
			d.Spec.Class = rapid.SampledFrom([]isms.DocumentClass{isms.ClassDocument, isms.ClassRegister}).Draw(t, "class")
			d.Spec.ReviewIntervalDays = rapid.Int32Range(1, 60).Draw(t, "interval")
		})
		unchangedUntil(t, func(at time.Time) (any, time.Time) {
			out := Document(DocumentInput{Document: &d, Scope: acme(), Digest: digestA, Attestations: []isms.Attestation{a}, Now: at})
			return out.Status, out.RequeueAt
		})
	})
}

func TestUnreadableDocumentSaysWhatHelps(t *testing.T) {
	d := policy("p", "2026-06-01")
	out := Document(DocumentInput{Document: &d, Scope: acme(), Unreadable: "Grant it.", Now: now})
	c := conditions.Get(out.Status.Conditions, isms.ConditionApproved)
	if c.Reason != isms.ReasonSourceNotReadable || c.Message != "Grant it." || out.Status.Digest != "" {
		t.Errorf("got %s: %s, digest %q", c.Reason, c.Message, out.Status.Digest)
	}
	d.Spec.Version = "3.2" // what is not approved at all is not made better by reading it
	out = Document(DocumentInput{Document: &d, Scope: acme(), Unreadable: "Grant it.", Now: now})
	if got := state(out.Status.Conditions, isms.ConditionApproved); got != "False NotApproved" {
		t.Errorf("got %s", got)
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
