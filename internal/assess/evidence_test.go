// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
)

var withoutTimeAndMessage = cmpopts.IgnoreFields(isms.EvidenceStatus{}, "LastTransitionTime", "Message")

func TestResourceEvidence(t *testing.T) {
	sample := []tally.Name{{Namespace: "a", Name: "x"}}
	refs := []isms.SubjectRef{{Namespace: "a", Name: "x"}}
	for name, tc := range map[string]struct {
		quantifier isms.Quantifier
		snapshot   tally.Snapshot
		want       isms.EvidenceStatus
	}{
		"counts and names": {
			isms.QuantifierEvery,
			tally.Snapshot{Counts: tally.Counts{Subjects: 6, Passing: 2, Failing: 1, Errors: 1, Waived: 2, Failures: sample}},
			isms.EvidenceStatus{Result: isms.EvidenceFail, Reason: "ObjectsFailed", Subjects: 6, Failing: 1, Errors: 1, Waived: 2, Failures: refs},
		},
		"no counts of what cannot be counted": {
			isms.QuantifierEvery,
			tally.Snapshot{Unavailable: "TooManyObjects", Counts: tally.Counts{Subjects: 6, Failing: 1, Failures: sample}},
			isms.EvidenceStatus{Result: isms.EvidenceUnknown, Reason: "TooManyObjects"},
		},
		"Any that passes has no failing objects": {
			isms.QuantifierAny,
			tally.Snapshot{Counts: tally.Counts{Subjects: 6, Passing: 1, Failing: 5, Failures: sample}},
			isms.EvidenceStatus{Result: isms.EvidencePass, Reason: "ObjectsPassed", Subjects: 6},
		},
		"Any that fails names none": {
			isms.QuantifierAny,
			tally.Snapshot{Counts: tally.Counts{Subjects: 5, Failing: 5, Failures: sample}},
			isms.EvidenceStatus{Result: isms.EvidenceFail, Reason: "ObjectsFailed", Subjects: 5, Failing: 5},
		},
		"Set names none": {
			isms.QuantifierSet,
			tally.Snapshot{Counts: tally.Counts{Subjects: 1, Failing: 1, Failures: sample}},
			isms.EvidenceStatus{Result: isms.EvidenceFail, Reason: "ObjectsFailed", Subjects: 1, Failing: 1},
		},
		"all waived": {
			isms.QuantifierEvery,
			tally.Snapshot{Counts: tally.Counts{Subjects: 2, Waived: 2}},
			isms.EvidenceStatus{Result: isms.EvidencePass, Reason: "Waived", Subjects: 2, Waived: 2},
		},
		"a count beyond the API's range": {
			isms.QuantifierEvery,
			tally.Snapshot{Counts: tally.Counts{Subjects: math.MaxInt, Passing: 1}},
			isms.EvidenceStatus{Result: isms.EvidencePass, Reason: "ObjectsPassed", Subjects: math.MaxInt32},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := control(rule("r", tc.quantifier)).snapshot("r", tc.snapshot).assess(t)
			tc.want.Name = "r"
			if diff := cmp.Diff(tc.want, out.Status.Evidence[0], withoutTimeAndMessage); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryUnknownHasAMessage: also where the engine says nothing more.
func TestEveryUnknownHasAMessage(t *testing.T) {
	for _, reason := range []string{
		isms.ReasonNotSynced, isms.ReasonKindNotServed, isms.ReasonAccessDenied, isms.ReasonOperatorForbidden,
		isms.ReasonRuleInvalid, isms.ReasonCostExceeded, isms.ReasonTooManyObjects, isms.ReasonScopeNotResolved,
	} {
		out := control(rule("r", isms.QuantifierEvery)).snapshot("r", tally.Snapshot{Unavailable: reason}).assess(t)
		if e := out.Status.Evidence[0]; e.Message == "" || e.Reason != reason || e.Result != isms.EvidenceUnknown {
			t.Errorf("%s: %+v", reason, e)
		}
	}
}

func TestAtMostTenFailuresPerControl(t *testing.T) {
	counts := tally.Counts{Subjects: 8, Failing: 8}
	for i := range 8 {
		counts.Failures = append(counts.Failures, tally.Name{Namespace: "n", Name: fmt.Sprint(i)})
	}
	items := []isms.EvidenceItem{rule("a", isms.QuantifierEvery), rule("b", isms.QuantifierEvery), rule("c", isms.QuantifierEvery)}
	out := control(items...).counts("a", counts).counts("b", counts).counts("c", counts).assess(t)
	var got []int
	for _, e := range out.Status.Evidence {
		got = append(got, len(e.Failures))
	}
	if diff := cmp.Diff([]int{8, 2, 0}, got); diff != "" {
		t.Errorf("named failures (-want +got):\n%s", diff)
	}
}

func TestTransitionTimeMovesWithResultAndReason(t *testing.T) {
	in := control(rule("r", isms.QuantifierEvery)).counts("r", failing)
	first := in.assess(t)
	moreFail := tally.Counts{Subjects: 3, Failing: 3, Failures: []tally.Name{{Namespace: "x"}}}
	same := in.again(first).counts("r", moreFail).at(now.Add(time.Hour)).assess(t)
	if got := same.Status.Evidence[0].LastTransitionTime.Time; !got.Equal(now) {
		t.Errorf("more failures moved the transition to %s", got)
	}
	other := in.again(same).counts("r", nothing).at(now.Add(2 * time.Hour)).assess(t)
	if got := other.Status.Evidence[0].LastTransitionTime.Time; !got.Equal(now.Add(2 * time.Hour)) {
		t.Errorf("another result left the transition at %s", got)
	}
}

func TestSummaryCounts(t *testing.T) {
	gone := rule("n", isms.QuantifierEvery)
	gone.Resources.OnNoMatch = isms.NoMatchNotApplicable
	out := control(rule("p", isms.QuantifierEvery), rule("f", isms.QuantifierEvery), rule("u", isms.QuantifierEvery), gone).
		counts("p", passing).counts("f", failing).counts("u", errored).counts("n", nothing).assess(t)
	want := &isms.EvidenceSummary{Total: 4, Passing: 1, Failing: 1, Unknown: 1, NotApplicable: 1}
	if diff := cmp.Diff(want, out.Status.Summary); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExceptions(t *testing.T) {
	exception := func(expires isms.Date, change ...func(*isms.Exception)) func(*isms.Control) {
		e := isms.Exception{
			Name: "legacy", Evidence: []isms.ItemName{"r"}, RequestedBy: platform, ApprovedBy: roe, ExpiresOn: expires,
		}
		for _, c := range change {
			c(&e)
		}
		return func(c *isms.Control) { c.Spec.Exceptions = []isms.Exception{e} }
	}
	counted := func(matched, failures, waived int) tally.Counts {
		return tally.Counts{
			Subjects: 3, Passing: 3 - waived, Waived: waived,
			Exceptions: []tally.ExceptionCount{{Name: "legacy", Matched: matched, Failures: failures}},
		}
	}
	same := func(e *isms.Exception) { e.ApprovedBy = e.RequestedBy }
	nameless := func(e *isms.Exception) { e.ApprovedBy = isms.Person{Name: "R. Roe"} }
	status := func(state isms.ExceptionState, objects int32) []isms.ExceptionStatus {
		return []isms.ExceptionStatus{{Name: "legacy", State: state, Objects: objects}}
	}
	for name, tc := range map[string]struct {
		snapshot  tally.Snapshot
		exception func(*isms.Control)
		want      []isms.ExceptionStatus
		effective string
	}{
		"waiving":                   {tally.Snapshot{Counts: counted(2, 1, 1)}, exception("2027-02-28"), status(isms.ExceptionWaiving, 2), "True EvidencePassed"},
		"idle":                      {tally.Snapshot{Counts: counted(2, 0, 0)}, exception("2027-02-28"), status(isms.ExceptionIdle, 2), "True EvidencePassed"},
		"no match":                  {tally.Snapshot{Counts: counted(0, 0, 0)}, exception("2027-02-28"), status(isms.ExceptionNoMatch, 0), "True EvidencePassed"},
		"its last day":              {tally.Snapshot{Counts: counted(2, 1, 1)}, exception("2026-11-21"), status(isms.ExceptionWaiving, 2), "True EvidencePassed"},
		"expired":                   {tally.Snapshot{Counts: counted(2, 1, 0)}, exception("2026-11-20"), status(isms.ExceptionExpired, 0), "True EvidencePassed"},
		"not countable":             {tally.Snapshot{Unavailable: isms.ReasonAccessDenied}, exception("2027-02-28"), nil, "Unknown AccessDenied"},
		"approved by the requester": {tally.Snapshot{Counts: counted(2, 1, 1)}, exception("2027-02-28", same), status(isms.ExceptionWaiving, 2), "Unknown IndependenceNotVerifiable"},
		"approved by nobody who can be told apart": {tally.Snapshot{Counts: counted(2, 1, 1)}, exception("2027-02-28", nameless), status(isms.ExceptionWaiving, 2), "Unknown IndependenceNotVerifiable"},
		"approved by the requester, but idle":      {tally.Snapshot{Counts: counted(2, 0, 0)}, exception("2027-02-28", same), status(isms.ExceptionIdle, 2), "True EvidencePassed"},
		"expired, approved by the requester, while another one waives": {
			tally.Snapshot{Counts: counted(2, 1, 1)},
			exception("2026-11-20", same),
			status(isms.ExceptionExpired, 0), "True EvidencePassed",
		},
		"also of an item that is no rule": {
			tally.Snapshot{Counts: counted(2, 1, 1)},
			exception("2027-02-28", func(e *isms.Exception) { e.Evidence = append(e.Evidence, "gone") }),
			status(isms.ExceptionWaiving, 2), "True EvidencePassed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := control(rule("r", isms.QuantifierEvery)).snapshot("r", tc.snapshot).edit(tc.exception).assess(t)
			if diff := cmp.Diff(tc.want, out.Status.Exceptions); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := state(out.Status.Conditions, isms.ConditionEffective); got != tc.effective {
				t.Errorf("Effective: got %s, want %s", got, tc.effective)
			}
		})
	}
}

func TestExceptionExpires(t *testing.T) {
	counts := tally.Counts{Subjects: 1, Waived: 1, Exceptions: []tally.ExceptionCount{{Name: "legacy", Matched: 1, Failures: 1}}}
	in := control(rule("r", isms.QuantifierEvery)).counts("r", counts).edit(func(c *isms.Control) {
		c.Spec.Exceptions = []isms.Exception{{
			Name: "legacy", Evidence: []isms.ItemName{"r"}, RequestedBy: platform, ApprovedBy: roe, ExpiresOn: "2026-11-30",
		}}
	})
	first := in.assess(t)
	if want := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC); !first.RequeueAt.Equal(want) {
		t.Fatalf("looks again at %s, want %s", first.RequeueAt, want)
	}
	hidden := in.again(first).snapshot("r", tally.Snapshot{Unavailable: isms.ReasonNotSynced}).assess(t)
	if diff := cmp.Diff(first.Status.Exceptions, hidden.Status.Exceptions); diff != "" {
		t.Errorf("what is not countable does not say what it last did (-want +got):\n%s", diff)
	}
	counts = tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Namespace: "billing"}}}
	second := in.again(first).counts("r", counts).at(first.RequeueAt).assess(t)
	if len(second.Events) != 2 || second.Events[0].Reason != isms.ReasonExpired || second.Events[1].Reason != isms.ReasonObjectsFailed {
		t.Errorf("events: %+v", second.Events)
	}
	prolonged := in.again(second).snapshot("r", tally.Snapshot{Unavailable: isms.ReasonKindNotServed}).
		edit(func(c *isms.Control) { c.Spec.Exceptions[0].ExpiresOn = "2027-11-30" }).assess(t)
	if len(prolonged.Status.Exceptions) != 0 {
		t.Errorf("a prolonged exception that cannot be counted says %+v", prolonged.Status.Exceptions)
	}
	if third := in.again(second).assess(t); len(third.Events) != 0 && third.Events[0].Reason == isms.ReasonExpired {
		t.Errorf("the expiry is told twice: %+v", third.Events)
	}
}

// TestNoCountOfWhatMayNotBeRead: with the right goes every number and every name that it had shown, in whatever field.
func TestNoCountOfWhatMayNotBeRead(t *testing.T) {
	counts := tally.Counts{
		Subjects: 7341, Passing: 7339, Failing: 1, Waived: 1, Failures: []tally.Name{{Namespace: "shop", Name: "web"}},
		Exceptions: []tally.ExceptionCount{{Name: "legacy", Matched: 4711, Failures: 1}},
	}
	items := []isms.EvidenceItem{rule("r", isms.QuantifierEvery), rule("s", isms.QuantifierEvery)}
	in := control(items...).counts("r", counts).counts("s", passing).edit(func(c *isms.Control) {
		c.Spec.Exceptions = []isms.Exception{{
			Name: "legacy", Evidence: []isms.ItemName{"s", "r"}, RequestedBy: platform, ApprovedBy: roe, ExpiresOn: "2027-11-30",
		}}
	})
	first := in.assess(t)
	if got := first.Status.Exceptions; len(got) != 1 || got[0].Objects != 4711 {
		t.Fatalf("exceptions before: %+v", got)
	}
	for _, reason := range []string{
		isms.ReasonAccessDenied, isms.ReasonOperatorForbidden, isms.ReasonScopeNotResolved, isms.ReasonRuleInvalid,
		isms.ReasonKindNotServed, isms.ReasonCostExceeded, isms.ReasonTooManyObjects,
	} {
		for _, other := range []tally.Snapshot{{Counts: passing}, {Unavailable: isms.ReasonNotSynced}} {
			out := in.again(first).snapshot("r", tally.Snapshot{Unavailable: reason}).snapshot("s", other).assess(t)
			raw, err := json.Marshal(out.Status)
			if err != nil {
				t.Fatal(err)
			}
			for _, known := range []string{"7341", "7339", "4711", "shop", "web"} {
				if strings.Contains(string(raw), known) {
					t.Errorf("%s: %s is left in %s", reason, known, raw)
				}
			}
			if back := in.again(out).snapshot("r", tally.Snapshot{Unavailable: isms.ReasonNotSynced}).snapshot("s", other).assess(t); len(back.Status.Exceptions) != 0 {
				t.Errorf("%s, then NotSynced: %+v", reason, back.Status.Exceptions)
			}
		}
	}
}

func TestDocumentEvidence(t *testing.T) {
	good := policy("p", "2026-06-01")
	for name, tc := range map[string]struct {
		documents []isms.Document
		want      isms.EvidenceStatus
	}{
		"approved and in review": {[]isms.Document{good}, isms.EvidenceStatus{Result: "Pass", Reason: "Approved", DueOn: "2027-06-01"}},
		"none":                   {nil, isms.EvidenceStatus{Result: "Fail", Reason: "Missing"}},
		"another type":           {[]isms.Document{edited(good, func(d *isms.Document) { d.Spec.Type = "Other" })}, isms.EvidenceStatus{Result: "Fail", Reason: "Missing"}},
		"another scope":          {[]isms.Document{edited(good, func(d *isms.Document) { d.Spec.ScopeRef.Name = "other" })}, isms.EvidenceStatus{Result: "Fail", Reason: "Missing"}},
		"no approval":            {[]isms.Document{edited(good, func(d *isms.Document) { d.Spec.Approval = nil })}, isms.EvidenceStatus{Result: "Fail", Reason: "NotApproved"}},
		"raised version":         {[]isms.Document{edited(good, func(d *isms.Document) { d.Spec.Version = "4.0" })}, isms.EvidenceStatus{Result: "Fail", Reason: "NotApproved", DueOn: "2027-06-01"}},
		"changed content":        {[]isms.Document{edited(good, func(d *isms.Document) { d.Status.Digest = digestB })}, isms.EvidenceStatus{Result: "Fail", Reason: "ChangedSinceApproval", DueOn: "2027-06-01"}},
		"content not read":       {[]isms.Document{edited(good, func(d *isms.Document) { d.Status.Digest = "" })}, isms.EvidenceStatus{Result: "Unknown", Reason: "SourceNotReadable", DueOn: "2027-06-01"}},
		"approved tomorrow":      {[]isms.Document{policy("p", "2026-11-22")}, isms.EvidenceStatus{Result: "Fail", Reason: "DateInFuture"}},
		"approved today":         {[]isms.Document{policy("p", "2026-11-21")}, isms.EvidenceStatus{Result: "Pass", Reason: "Approved", DueOn: "2027-11-21"}},
		"last day of its review": {[]isms.Document{policy("p", "2025-11-21")}, isms.EvidenceStatus{Result: "Pass", Reason: "Approved", DueOn: "2026-11-21"}},
		"review overdue":         {[]isms.Document{policy("p", "2025-11-20")}, isms.EvidenceStatus{Result: "Fail", Reason: "Expired", DueOn: "2026-11-20"}},
		"suspended": {[]isms.Document{edited(good, func(d *isms.Document) {
			d.Annotations = map[string]string{SuspendAnnotation: "true"}
		})}, isms.EvidenceStatus{Result: "Unknown", Reason: "Suspended", DueOn: "2027-06-01"}},
		"one of two is enough": {
			[]isms.Document{policy("a", "2025-01-01"), good, policy("z", "2025-02-01")},
			isms.EvidenceStatus{Result: "Pass", Reason: "Approved", DueOn: "2027-06-01"},
		},
		"the one with the most time counts": {
			[]isms.Document{policy("a", "2026-05-01"), good, policy("z", "2026-05-02")},
			isms.EvidenceStatus{Result: "Pass", Reason: "Approved", DueOn: "2027-06-01"},
		},
		"Unknown comes before Fail": {
			[]isms.Document{policy("a", "2025-01-01"), edited(good, func(d *isms.Document) { d.Status.Digest = "" })},
			isms.EvidenceStatus{Result: "Unknown", Reason: "SourceNotReadable", DueOn: "2027-06-01"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := control(wantsDocument("d", "Policy")).documents(tc.documents...).assess(t)
			tc.want.Name = "d"
			if diff := cmp.Diff(tc.want, out.Status.Evidence[0], withoutTimeAndMessage); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReviewsProlongADocument(t *testing.T) {
	reviewed := func(on isms.Date, outcome isms.ReviewOutcome) isms.Document {
		return edited(policy("p", "2025-01-10"), func(d *isms.Document) {
			d.Spec.Reviews = []isms.DocumentReview{{ReviewedOn: "2025-03-01", By: roe, Outcome: isms.ReviewNoChange}, {ReviewedOn: on, By: roe, Outcome: outcome}}
		})
	}
	for name, tc := range map[string]struct {
		document isms.Document
		want     string
		due      isms.Date
	}{
		"without change":               {reviewed("2026-10-01", isms.ReviewNoChange), "Pass Approved", "2027-10-01"},
		"of tomorrow":                  {reviewed("2026-11-22", isms.ReviewNoChange), "Fail Expired", "2026-03-01"},
		"that asks for a new revision": {reviewed("2026-10-01", isms.ReviewRevisionNeeded), "Fail Expired", "2026-03-01"},
		"at the document's own interval": {edited(reviewed("2026-10-01", isms.ReviewNoChange), func(d *isms.Document) {
			d.Spec.ReviewIntervalDays = 30
		}), "Fail Expired", "2026-10-31"},
	} {
		e := control(wantsDocument("d", "Policy")).documents(tc.document).assess(t).Status.Evidence[0]
		if got := fmt.Sprintf("%s %s", e.Result, e.Reason); got != tc.want || e.DueOn != tc.due {
			t.Errorf("a review %s: got %s, due %s, want %s, due %s", name, got, e.DueOn, tc.want, tc.due)
		}
	}
}

func TestApprovalOfASource(t *testing.T) {
	at := func(source isms.DocumentSource, change ...func(*isms.Document)) isms.Document {
		d := edited(policy("p", "2026-06-01"), func(d *isms.Document) { d.Spec.Source = source })
		for _, c := range change {
			c(&d)
		}
		return d
	}
	noDigest := func(d *isms.Document) { a := *d.Spec.Approval; a.Digest = ""; d.Spec.Approval = &a }
	url := isms.DocumentSource{URL: "https://git.example.com/policy.md"}
	declared := isms.DocumentSource{URL: url.URL, Digest: digestA}
	other := isms.DocumentSource{URL: url.URL, Digest: digestB}
	file := isms.DocumentSource{ConfigMapKeyRef: &isms.ConfigMapKeyRef{Name: "x", Key: "y"}}
	computed := isms.DocumentSource{Computed: isms.ComputedStatementOfApplicability}
	for name, tc := range map[string]struct {
		document isms.Document
		want     string
	}{
		"a URL":                             {at(url), "Pass DigestNotVerified"},
		"a URL with the approved digest":    {at(declared), "Pass DigestNotVerified"},
		"a URL with another digest":         {at(other), "Fail ChangedSinceApproval"},
		"a URL, approved without a digest":  {at(declared, noDigest), "Pass DigestNotVerified"},
		"a file":                            {at(file), "Pass Approved"},
		"a file, approved without a digest": {at(file, noDigest), "Fail NotApproved"},
		"computed":                          {at(computed), "Pass Approved"},
		"computed, approved without digest": {at(computed, noDigest), "Fail NotApproved"},
		"computed, and changed since":       {at(computed, func(d *isms.Document) { d.Status.Digest = digestB }), "Fail ChangedSinceApproval"},
		"not computed yet":                  {at(computed, func(d *isms.Document) { d.Status.Digest = "" }), "Unknown NotYetAssessed"},
		"a file that was not read":          {at(file, func(d *isms.Document) { d.Status.Digest = "" }), "Unknown SourceNotReadable"},
	} {
		e := control(wantsDocument("d", "Policy")).documents(tc.document).assess(t).Status.Evidence[0]
		if got := fmt.Sprintf("%s %s", e.Result, e.Reason); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

func TestRemarksStayVisible(t *testing.T) {
	late := attested("b", "Review", "2026-10-19", func(a *isms.Attestation) { a.CreationTimestamp = metav1.NewTime(now) })
	out := control(wantsAttestation("r", "Review", 92, 0)).attestations(attested("a", "Review", "2026-01-01"), late).assess(t)
	want := "Attestation b. Missed periods: 3. The record was made more than 30 days after the fact."
	if got := out.Status.Evidence[0].Message; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
