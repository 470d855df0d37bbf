// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
)

// declaredControls are Controls whose text is as awkward as text can be.
func declaredControls() []isms.Control {
	awkward := control("A.8.22", func(c *isms.Control) {
		c.Spec.Applicability.Reasons = []isms.InclusionReason{isms.InclusionRiskTreatment, isms.InclusionBestPractice}
		c.Spec.Applicability.Justification = "Tenants share a cluster.\nTab:\there, back\\slash, \"quotes\", <angles> & Übergröße\r\n"
		c.Spec.Implementation.Description = "Default deny."
	})
	other := control("C5-OPS-01", func(c *isms.Control) {
		c.Spec.Source, c.Spec.SourceName, c.Spec.Title = isms.SourceOther, "C5", "Capacity"
		c.Spec.Implementation = nil
		c.Spec.Applicability.Reasons = []isms.InclusionReason{isms.InclusionContractualObligation}
	})
	out := control("A.7.1", excluded, notImplemented, func(c *isms.Control) { c.Spec.Applicability.Justification = "No site." })
	return []isms.Control{awkward, other, out, control("A.5.1", elsewhere)}
}

const canonicalStatement = "A.7.1\tAnnexA\t\t\tExcluded\t\tNo site.\t\t\n" +
	"A.8.22\tAnnexA\t\t\tApplicable\tBestPractice,RiskTreatment\tTenants share a cluster.\\nTab:\\there, back\\\\slash, \"quotes\", <angles> & Übergröße\\r\\n\tImplemented\tDefault deny.\n" +
	"C5-OPS-01\tOther\tC5\tCapacity\tApplicable\tContractualObligation\t\t\t\n"

func TestStatementDigest(t *testing.T) {
	in := ScopeInput{Scope: acme(), Controls: declaredControls(), Now: now}
	if diff := cmp.Diff(canonicalStatement, canonical(newScopeAssessment(in).controls, contentColumns)); diff != "" {
		t.Errorf("canonical form (-want +got):\n%s", diff)
	}
	const want = "sha256:e3857dfb73d16f44628a5cf61d05a706204044afd5c4a5a398ed137f4c189bda"
	if got := StatementDigest(in); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
	slices.Reverse(in.Controls)
	in.Controls[3].Spec.Applicability.Reasons = []isms.InclusionReason{isms.InclusionBestPractice, isms.InclusionRiskTreatment}
	in.Controls[3].Status = isms.ControlStatus{Result: isms.ResultIneffective}
	if got := StatementDigest(in); got != want {
		t.Errorf("another order, and another result of the evidence, give %s", got)
	}
	if got := StatementDigest(ScopeInput{Scope: acme(), Now: now}); got != "" {
		t.Errorf("no Control has the digest %s", got)
	}
}

// recipe is that of docs/registers.md, which recomputes the canonical form with standard tools.
const recipe = `jq -r --arg scope "$1" '.items[].spec | select(.scopeRef.name == $scope)
  | [.id, .source, .sourceName, .title, .applicability.decision, (.applicability.reasons // [] | sort | join(",")),
     .applicability.justification, .implementation.state, .implementation.description] | map(. // "") | @tsv' |
LC_ALL=C sort`

// TestRecipe runs the recipe of the docs, where jq is installed, on what kubectl prints.
func TestRecipe(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed")
	}
	raw, err := json.Marshal(isms.ControlList{Items: declaredControls()})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", recipe, "sh", "acme")
	command.Stdin = strings.NewReader(string(raw))
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if diff := cmp.Diff(canonicalStatement, string(out)); diff != "" {
		t.Errorf("the recipe gives other bytes (-want +got):\n%s", diff)
	}
}

// TestDigestOfEachColumn changes one declared field at a time: each changes the digest, and is told as coverage or as
// wording.
func TestDigestOfEachColumn(t *testing.T) {
	for name, tc := range map[string]struct {
		change            func(*isms.Control)
		coverage, wording bool
	}{
		"decision":      {func(c *isms.Control) { c.Spec.Applicability.Decision = isms.DecisionExcluded }, true, false},
		"source":        {func(c *isms.Control) { c.Spec.Source = isms.SourceOther }, true, false},
		"justification": {func(c *isms.Control) { c.Spec.Applicability.Justification = "x" }, false, true},
		"reasons":       {func(c *isms.Control) { c.Spec.Applicability.Reasons = []isms.InclusionReason{"LegalRequirement"} }, false, true},
		"state":         {func(c *isms.Control) { c.Spec.Implementation.State = isms.StatePlanned }, false, true},
		"description":   {func(c *isms.Control) { c.Spec.Implementation.Description = "x" }, false, true},
		"title":         {func(c *isms.Control) { c.Spec.Title = "x" }, false, true},
		"sourceName":    {func(c *isms.Control) { c.Spec.SourceName = "x" }, false, true},
		"owner":         {func(c *isms.Control) { c.Spec.Owner.Name = "x" }, false, false},
		"result":        {func(c *isms.Control) { c.Status.Result = isms.ResultIneffective }, false, false},
	} {
		before := ScopeInput{Scope: acme(), Controls: []isms.Control{control("A.5.1"), control("A.5.2")}, Now: now}
		after := ScopeInput{Scope: acme(), Controls: []isms.Control{control("A.5.1", tc.change), control("A.5.2")}, Now: now}
		coverage, wording := changes(newScopeAssessment(before).inShort(), newScopeAssessment(after).inShort())
		want := func(changed bool) []string {
			if changed {
				return []string{"A.5.1"}
			}
			return nil
		}
		if diff := cmp.Diff([][]string{want(tc.coverage), want(tc.wording)}, [][]string{slices.Clip(coverage), wording}, equateEmpty); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if changed := StatementDigest(before) != StatementDigest(after); changed != (tc.coverage || tc.wording) {
			t.Errorf("%s: the digest changed: %t", name, changed)
		}
	}
}

var equateEmpty = cmp.Transformer("empty", func(list []string) string { return strings.Join(list, " ") })

// TestStatementRows: 93 rows and those of other sources; what nobody declared is a row that says so.
func TestStatementRows(t *testing.T) {
	in := ScopeInput{Scope: acme(), Controls: declaredControls(), Risks: []isms.Risk{risk("b"), risk("a"), risk("elsewhere", func(r *isms.Risk) {
		r.Spec.ScopeRef.Name = "other"
	})}, Now: now}
	rows := Statement(in)
	if len(rows) != 94 {
		t.Fatalf("%d rows, want 94", len(rows))
	}
	missing := 0
	for i, row := range rows {
		if row.Missing() {
			missing++
		}
		if i > 0 && i < 93 && catalogue.CompareIDs(rows[i-1].ID, row.ID) >= 0 {
			t.Errorf("%s comes after %s", row.ID, rows[i-1].ID)
		}
	}
	if missing != 91 {
		t.Errorf("%d rows are missing, want 91", missing)
	}
	get := func(id string) StatementRow {
		return rows[slices.IndexFunc(rows, func(r StatementRow) bool { return r.ID == id })]
	}
	if got := get("A.8.22"); !slices.Equal(got.Risks, []string{"a", "b"}) || got.Title != "Segregation of networks" || got.State != isms.StateImplemented {
		t.Errorf("%+v", got)
	}
	if got := get("A.5.1"); got.Decision != "" || got.Reason != isms.ReasonControlsMissing || got.Title == "" {
		t.Errorf("%+v", got)
	}
	if got := rows[93]; got.ID != "C5-OPS-01" || got.State != isms.StateNotStarted || got.SourceName != "C5" {
		t.Errorf("%+v", got)
	}
}

// TestContradictions: what an exclusion stands against is named.
func TestContradictions(t *testing.T) {
	without := func(id string) []isms.Control { return append(annexA(id), control(id, excluded, notImplemented)) }
	for name, tc := range map[string]struct {
		change func(*ScopeInput)
		want   string
	}{
		"none": {func(in *ScopeInput) { in.Controls = without("A.7.1") }, "True StatementOfApplicabilityComplete "},
		"blanks": {
			func(in *ScopeInput) {
				blank := func(c *isms.Control) { c.Spec.Applicability.Justification = "[FILL: confirm or replace: Needed.]" }
				in.Controls = append(annexA("A.5.9", "A.5.10"), control("A.5.10", blank), control("A.5.9", blank))
			},
			"False Incomplete The justification is a blank: A.5.9, A.5.10.",
		},
		"a treatment": {
			func(in *ScopeInput) { in.Controls = without("A.8.22") },
			"False ExclusionContradicted Excluded, but named by the treatment of a risk: A.8.22 (network).",
		},
		"a finding": {
			func(in *ScopeInput) {
				in.Controls = without("A.7.1")
				in.Findings = []isms.Finding{{ObjectMeta: metav1.ObjectMeta{Name: "nc"}, Spec: isms.FindingSpec{ScopeRef: inAcme, Severity: isms.SeverityMinor, Requirement: "A.7.1"}}}
			},
			"False ExclusionContradicted Excluded, but there is failing evidence: A.7.1 (nc).",
		},
		"a failed record": {
			func(in *ScopeInput) {
				in.Controls = without("A.7.1")
				in.Attestations = append(in.Attestations, attestation("visit", "SiteInspection", "2026-10-01", func(t *isms.Attestation) {
					t.Spec.Controls, t.Spec.Outcome = []isms.ControlID{"A.7.1"}, isms.OutcomeFail
				}))
			},
			"False ExclusionContradicted Excluded, but there is failing evidence: A.7.1 (visit).",
		},
		"a failed record, and a later one that passed": {
			func(in *ScopeInput) {
				in.Controls = without("A.7.1")
				for i, outcome := range []isms.AttestationOutcome{isms.OutcomeFail, isms.OutcomePass} {
					in.Attestations = append(in.Attestations, attestation(fmt.Sprint("visit-", i), "SiteInspection", isms.Date(fmt.Sprintf("2026-10-0%d", i+1)),
						func(t *isms.Attestation) { t.Spec.Controls, t.Spec.Outcome = []isms.ControlID{"A.7.1"}, outcome }))
				}
			},
			"True StatementOfApplicabilityComplete ",
		},
		"all at once": {
			func(in *ScopeInput) {
				in.Controls = append(annexA("A.5.1", "A.8.22"), control("A.5.2"), control("A.8.22", excluded))
			},
			"False DuplicateID More than one Control: A.5.2. No Control: A.5.1. Excluded, but named by the treatment of a risk: A.8.22 (network).",
		},
	} {
		in := scopeInput()
		tc.change(&in)
		s := newScopeAssessment(in).statementComplete()
		if got := fmt.Sprintf("%s %s %s", s.Status, s.Reason, s.Message); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

// TestStatementApproved follows a statement from one approval to the next.
func TestStatementApproved(t *testing.T) {
	in := scopeInput()
	in.Documents = nil
	soa := document("StatementOfApplicability", "2026-11-01")
	soa.Spec.Source = isms.DocumentSource{Computed: isms.ComputedStatementOfApplicability}
	look := func(want, says string) *isms.StatementOfApplicabilityStatus {
		t.Helper()
		in.Documents = []isms.Document{soa}
		out := Scope(in)
		in.Scope.Status = out.Status
		if got := state(out.Status.Conditions, isms.ConditionStatementOfApplicabilityApproved); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := message(out.Status.Conditions, isms.ConditionStatementOfApplicabilityApproved); got != says {
			t.Errorf("says %q, want %q", got, says)
		}
		return out.Status.StatementOfApplicability
	}
	look("False NotApproved", "Approve the present version, with the digest of the scope's status.")
	soa.Spec.Approval.Digest = "sha256:0"
	look("False ChangedSinceApproval", "The approval names another digest than the scope's status, and what it approved was never seen.")
	soa.Spec.Approval.Digest, soa.Spec.Approval.ApprovedOn = StatementDigest(in), "2026-11-22"
	look("False DateInFuture", "The approval is dated in the future.")
	soa.Spec.Approval.ApprovedOn, soa.Spec.Version = "2026-11-20", "2.0"
	look("False NotApproved", "Approve the present version, with the digest of the scope's status.")
	soa.Spec.Approval.Version = "2.0"
	approved := look("True Approved", "")
	if approved.ApprovedVersion != "2.0" || approved.ApprovedDigest != approved.Digest || len(approved.ApprovedControls) != 93 {
		t.Errorf("%s, %s, %d controls", approved.ApprovedVersion, approved.ApprovedDigest, len(approved.ApprovedControls))
	}

	in.Controls = append(annexA("A.5.1", "A.5.2"), control("A.5.2", excluded), control("X-1", func(c *isms.Control) { c.Spec.Source = isms.SourceOther }))
	in.Controls[0].Spec.Applicability.Justification = "Otherwise."
	const changed = "Coverage has changed, so tell the certification body: A.5.1, A.5.2, X-1. Declared otherwise: A.5.3."
	for range 2 { // the baseline stands
		got := look("False ChangedSinceApproval", changed)
		if want := []isms.ControlID{"A.5.1", "A.5.2", "A.5.3", "X-1"}; !slices.Equal(got.ChangedSinceApproval, want) || len(got.CoverageChanged) != 3 {
			t.Errorf("changed %v, coverage %v", got.ChangedSinceApproval, got.CoverageChanged)
		}
	}
	soa.Spec.Approval.Digest = ""
	look("False ChangedSinceApproval", changed)
	soa.Annotations = map[string]string{assess.SuspendAnnotation: "true"}
	look("False NotApproved", "There is no Document with source.computed StatementOfApplicability.")
	soa.Annotations, soa.Spec.Approval.Digest = nil, StatementDigest(in)
	if got := look("True Approved", ""); got.ChangedSinceApproval != nil || got.CoverageChanged != nil {
		t.Errorf("still changed: %v", got.ChangedSinceApproval)
	}
}

// TestApprovedControlsAreBounded: a statement of more controls than the status holds is approved all the same.
func TestApprovedControlsAreBounded(t *testing.T) {
	in := scopeInput()
	for i := range 500 {
		in.Controls = append(in.Controls, control(fmt.Sprintf("X-%d", i), func(c *isms.Control) { c.Spec.Source = isms.SourceOther }))
	}
	soa := document("StatementOfApplicability", "2026-11-01")
	soa.Spec.Source, soa.Spec.Approval.Digest = isms.DocumentSource{Computed: isms.ComputedStatementOfApplicability}, StatementDigest(in)
	in.Documents = []isms.Document{soa}
	in.Scope.Status = Scope(in).Status
	if got := in.Scope.Status.StatementOfApplicability; got.ApprovedDigest == "" || got.ApprovedControls != nil {
		t.Errorf("%s, %d controls", got.ApprovedDigest, len(got.ApprovedControls))
	}
	in.Controls = in.Controls[:90]
	out := Scope(in).Status
	if got := message(out.Conditions, isms.ConditionStatementOfApplicabilityApproved); got != "The Statement of Applicability is not the one that was approved last." {
		t.Errorf("says %q", got)
	}
}
