// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package register

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

var (
	here  = isms.LocalRef{Name: "acme"}
	there = isms.LocalRef{Name: "other"}
	roe   = isms.Person{Name: "R. Roe", Email: "r.roe@example.com"}
)

func named(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name, Generation: 2} }

func holding(conditionType, reason string, generation int64) []metav1.Condition {
	return []metav1.Condition{{Type: conditionType, Status: metav1.ConditionTrue, Reason: reason, ObservedGeneration: generation}}
}

func input() readiness.ScopeInput {
	in := readiness.ScopeInput{Scope: &isms.ISMSScope{ObjectMeta: named("acme")}, Now: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)}
	in.Scope.Spec.Requirements = []isms.ClauseRequirement{{ID: "9.2.2", Owner: roe, Criticality: "High", EffortDays: 5, TargetDate: "2027-01-31"}}
	in.Controls = []isms.Control{
		{ObjectMeta: named("a-8-22"), Spec: isms.ControlSpec{
			ScopeRef: here, Source: isms.SourceAnnexA, ID: "A.8.22", Owner: roe,
			Applicability: isms.Applicability{
				Decision: isms.DecisionApplicable, Reasons: []isms.InclusionReason{"RiskTreatment", "BestPractice"}, Justification: "Tenants share.",
			},
			Implementation: &isms.Implementation{
				State: isms.StateImplemented, Description: "Default deny.", References: []isms.URL{"https://git.example.com/p"},
			},
		}, Status: isms.ControlStatus{Result: isms.ResultEffective, Conditions: holding(isms.ConditionSatisfied, "Satisfied", 2)}},
		{ObjectMeta: named("x"), Spec: isms.ControlSpec{ScopeRef: there, Source: isms.SourceAnnexA, ID: "A.5.1"}},
		{ObjectMeta: named("ops"), Spec: isms.ControlSpec{
			ScopeRef: here, Source: isms.SourceOther, SourceName: "C5", ID: "OPS-01", Title: "Capacity",
			Applicability: isms.Applicability{Decision: isms.DecisionExcluded, Justification: "None."},
		}},
	}
	in.Risks = []isms.Risk{
		{ObjectMeta: named("tenants"), Spec: isms.RiskSpec{
			ScopeRef: here, Title: "Access", AssetRef: &isms.LocalRef{Name: "data"}, Threat: "Workload", Owner: roe,
			Treatment: &isms.RiskTreatment{Option: isms.TreatmentModify, Controls: []isms.ControlID{"A.8.22"}, DueDate: "2026-08-31"},
		}, Status: isms.RiskStatus{InherentLevel: "High", ResidualLevel: "Low", Conditions: holding(isms.ConditionTreated, "Treated", 2)}},
		{ObjectMeta: named("elsewhere"), Spec: isms.RiskSpec{ScopeRef: there}},
		{ObjectMeta: named("fire"), Spec: isms.RiskSpec{ScopeRef: here, Title: "Fire", Asset: "Office"}, Status: isms.RiskStatus{
			Conditions: holding(isms.ConditionTreated, "Treated", 1),
		}},
	}
	in.Documents = []isms.Document{{ObjectMeta: named("policy"), Spec: isms.DocumentSpec{
		ScopeRef: here, Type: "CommunicationPlan", Title: "Plan", Version: "2", Owner: roe, Clauses: []isms.DeclaredClause{"7.4"},
		Source:   isms.DocumentSource{ConfigMapKeyRef: &isms.ConfigMapKeyRef{Name: "plan", Key: "plan.md"}},
		Approval: &isms.DocumentApproval{Version: "1", Approval: isms.Approval{ApprovedBy: roe, ApprovedOn: "2026-01-01"}},
	}}}
	in.Entries = []isms.RegisterEntry{{ObjectMeta: named("data"), Spec: isms.RegisterEntrySpec{ScopeRef: here, Register: isms.RegisterAsset, Title: "Data"}}}
	in.Attestations = []isms.Attestation{{ObjectMeta: named("q3"), Spec: isms.AttestationSpec{
		ScopeRef: here, Type: "Measurement", PerformedOn: "2026-10-01", Outcome: isms.OutcomePass, PerformedBy: roe, Summary: "Counted.",
		Objective: &isms.ObjectiveMeasurement{Name: "mfa", Value: "97 %", Met: isms.No},
	}}}
	in.Findings = []isms.Finding{{ObjectMeta: named("nc-1"), Spec: isms.FindingSpec{
		ScopeRef: here, Severity: isms.SeverityMinor, Source: isms.FindingFromInternalAudit, AuditRef: &isms.AuditRef{Cycle: "c", Audit: "ia"},
		Requirement: "A.8.13", RaisedOn: "2026-09-03", Statement: "No restore.", CorrectiveAction: &isms.CorrectiveAction{Description: "Owner.", Owner: roe},
	}}}
	return in
}

// line finds the row of a table that begins with the cells.
func line(t *testing.T, table Table, cells ...string) string {
	t.Helper()
	for _, row := range table.Rows {
		if cmp.Equal(row[:len(cells)], cells) {
			return strings.Join(row, " | ")
		}
	}
	t.Fatalf("%s has no row %v", table.Name, cells)
	return ""
}

func TestRows(t *testing.T) {
	in := input()
	for _, tc := range []struct {
		table Table
		row   []string
		want  string
	}{
		{Statement(in), []string{"A.8.22"}, "A.8.22 | Segregation of networks | Technological | AnnexA | Applicable | BestPractice, RiskTreatment | Tenants share. | " +
			"Implemented | Default deny. | https://git.example.com/p | R. Roe | tenants | Effective | Satisfied | "},
		{Statement(in), []string{"A.5.1"}, "A.5.1 | Policies for information security | Organizational | AnnexA | Missing |  |  |  |  |  |  |  | Unknown | ControlsMissing | "},
		{Statement(in), []string{"OPS-01"}, "OPS-01 | Capacity |  | C5 | Excluded |  | None. |  |  |  |  |  | Unknown | NotYetAssessed | "},
		{Requirements(in), []string{"7.1"}, "7.1 | Resources | Unknown | Declared | NotYetAssessed | The scope's leadership states the resources. | "},
		{Gaps(in), []string{"Requirement", "9.2.2"}, "Requirement | 9.2.2 | Internal audit programme | High | 5 | 2027-01-31 | R. Roe | Missing | NotEvidenced, Missing | " +
			"Have a Document of type InternalAuditProgramme approved and in review. Record an internal audit in the AuditCycle, with performedOn."},
		{Risks(in), []string{"tenants"}, "tenants | Access | data | Workload |  |  | R. Roe |  |  | High | Modify | A.8.22 |  | 2026-08-31 |  |  | Low |  |  | " +
			"Unknown, NotYetAssessed | True, Treated | Unknown, NotYetAssessed | Unknown, NotYetAssessed | "},
		{Risks(in), []string{"fire"}, "fire | Fire | Office |  |  |  |  |  |  |  |  |  |  |  |  |  |  |  |  | " +
			"Unknown, NotYetAssessed | Unknown, NotYetAssessed | Unknown, NotYetAssessed | Unknown, NotYetAssessed | "},
		{Documents(in), []string{"CommunicationPlan"}, "CommunicationPlan | policy | Plan | 2 | R. Roe |  | 7.4 | 1 | R. Roe | 2026-01-01 |  | " +
			"ConfigMap plan, key plan.md | Unknown, NotYetAssessed | Unknown, NotYetAssessed | "},
		{Entries(in), []string{"Asset"}, "Asset | data | Data |  |  |  |  | Unknown, NotYetAssessed |  | Unknown, NotYetAssessed | "},
		{Attestations(in), []string{"2026-10-01"}, "2026-10-01 | Measurement | q3 | Pass | R. Roe |  |  |  | mfa | 97 % | Counted. |  | Unknown, NotYetAssessed"},
		{Findings(in), []string{"2026-09-03"}, "2026-09-03 | nc-1 | Minor | InternalAudit | c/ia |  | A.8.13 | No restore. |  |  |  | Owner. | R. Roe |  |  | 0 | " +
			"Unknown, NotYetAssessed | Unknown, NotYetAssessed"},
	} {
		if diff := cmp.Diff(tc.want, line(t, tc.table, tc.row...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.table.Name, diff)
		}
	}
}

// TestHowHighARiskIs: whatever the method, the register says what was estimated, and how high the risk is by that.
func TestHowHighARiskIs(t *testing.T) {
	score := func(n int32) *int32 { return &n }
	euros := func(mean isms.Amount) (*isms.QuantitativeRisk, *isms.AnnualLoss) {
		return &isms.QuantitativeRisk{Currency: "EUR"}, &isms.AnnualLoss{Mean: mean}
	}
	for name, tc := range map[string]struct {
		method isms.RiskMethod
		edit   func(*isms.Risk)
		want   string // estimate, inherent level, residual estimate, residual level
	}{
		"ISO/IEC 27005": {isms.MethodISO27005, func(r *isms.Risk) {
			r.Spec.Assessment = &isms.RiskAssessment{AssessedOn: "2026-05-02", Likelihood: "Likely", Consequence: "Critical"}
			r.Spec.Residual = &isms.RiskAssessment{AssessedOn: "2026-08-02", Likelihood: "Unlikely", Consequence: "Critical"}
			r.Status.InherentLevel, r.Status.ResidualLevel = "High", "Low"
		}, "likelihood Likely, consequence Critical | High | likelihood Unlikely, consequence Critical | Low"},
		"retained": {isms.MethodISO27005, func(r *isms.Risk) {
			r.Spec.Assessment = &isms.RiskAssessment{AssessedOn: "2026-05-02", Likelihood: "Unlikely", Consequence: "Minor"}
			r.Spec.Treatment.Option, r.Status.InherentLevel, r.Status.ResidualLevel = isms.TreatmentRetain, "VeryLow", "VeryLow"
		}, "likelihood Unlikely, consequence Minor | VeryLow | likelihood Unlikely, consequence Minor | VeryLow"},
		"NIST SP 800-30": {isms.MethodNIST80030, func(r *isms.Risk) {
			r.Spec.Assessment = &isms.RiskAssessment{AssessedOn: "2026-05-02", Likelihood: "High", ImpactLikelihood: "Moderate", Consequence: "VeryHigh"}
			r.Spec.Residual = &isms.RiskAssessment{
				AssessedOn: "2026-08-02", Scores: &isms.RiskScores{Likelihood: score(15), ImpactLikelihood: score(0), Impact: score(96)},
			}
			r.Status.InherentLevel, r.Status.ResidualLevel = "High", "Low"
		}, "likelihood High, impact likelihood Moderate, consequence VeryHigh | High | likelihood 15, impact likelihood 0, impact 96 | Low"},
		"OCTAVE Allegro": {isms.MethodOCTAVEAllegro, func(r *isms.Risk) {
			r.Spec.Assessment = &isms.RiskAssessment{
				AssessedOn: "2026-05-02", Impacts: []isms.AreaImpact{{Area: "Reputation", Value: "High"}, {Area: "Fines", Value: "Low"}}, Probability: "Medium",
			}
			r.Status.InherentLevel, r.Status.InherentScore = "Pool2", 30
		}, "Reputation High, Fines Low, score 30, probability Medium | Pool2 |  | "},
		"FAIR": {isms.MethodFAIR, func(r *isms.Risk) {
			r.Spec.Assessment, r.Spec.Residual = &isms.RiskAssessment{AssessedOn: "2026-05-02"}, &isms.RiskAssessment{AssessedOn: "2026-08-02"}
			r.Spec.Quantitative, r.Status.AnnualLoss = euros("150k")
			r.Spec.ResidualQuantitative, r.Status.ResidualAnnualLoss = euros("34.2k")
		}, "mean loss 150k EUR a year | 150k EUR a year | mean loss 34.2k EUR a year | 34.2k EUR a year"},
		"FAIR, one estimate, to be assessed again tomorrow": {isms.MethodFAIR, func(r *isms.Risk) {
			r.Spec.Assessment, r.Spec.Residual = &isms.RiskAssessment{AssessedOn: "2026-05-02"}, &isms.RiskAssessment{AssessedOn: "2026-11-22"}
			r.Spec.Quantitative, r.Status.AnnualLoss = euros("150k")
		}, "mean loss 150k EUR a year | 150k EUR a year | mean loss 150k EUR a year | "},
		"a loss beside a level": {isms.MethodISO27005, func(r *isms.Risk) {
			r.Spec.Assessment = &isms.RiskAssessment{AssessedOn: "2026-05-02", Likelihood: "Likely", Consequence: "Critical"}
			r.Spec.Quantitative, r.Status.AnnualLoss = euros("150k")
			r.Status.InherentLevel = "High"
		}, "likelihood Likely, consequence Critical, mean loss 150k EUR a year | High |  | "},
	} {
		in := input()
		in.Scope.Spec.RiskManagement = &isms.RiskManagement{Method: tc.method}
		in.Risks = in.Risks[:1]
		in.Risks[0].Status = isms.RiskStatus{}
		tc.edit(&in.Risks[0])
		got := strings.Join(Risks(in).Pick("Estimate", "Inherent level", "Residual estimate", "Residual level").Rows[0], " | ")
		if got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tc.want)
		}
	}
}

// TestPick: a table with some columns, in another order, and with some rows.
func TestPick(t *testing.T) {
	got := Gaps(input()).Where("ID", func(cell string) bool { return cell == "9.2.2" }).Pick("Due", "ID")
	want := Table{Name: "gap-register", Columns: []Column{{"Due", Date}, {"ID", Text}}, Rows: [][]string{{"2027-01-31", "9.2.2"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(Gaps(input()).Rows); n < 90 {
		t.Errorf("the table that was picked from has %d rows left", n)
	}
}

// TestGapsAreThoseOfTheStatus: of the clauses the operator knows more than whoever reads its status.
func TestGapsAreThoseOfTheStatus(t *testing.T) {
	in := input()
	in.Scope.Status.Requirements = []isms.RequirementStatus{{ID: "4.3", Status: isms.RequirementUnknown, Reason: "AccessDenied", Message: "Ask."}}
	stale := len(Gaps(in).Rows)
	in.Scope.Status.ObservedGeneration = in.Scope.Generation
	if got := line(t, Gaps(in), "Requirement"); got != "Requirement | 4.3 | Determining the scope of the information security management system |  |  |  |  | AccessDenied | Unknown, AccessDenied | Ask." {
		t.Error(got)
	}
	if got := len(Gaps(in).Rows); got >= stale {
		t.Errorf("%d gaps, with a stale status %d", got, stale)
	}
}

// TestVersion: a row has the version that was approved, as long as what is declared is what was approved.
func TestVersion(t *testing.T) {
	in := input()
	in.Scope.Status.StatementOfApplicability = &isms.StatementOfApplicabilityStatus{ApprovedVersion: "2.0", ApprovedDigest: readiness.StatementDigest(in)}
	if got := line(t, Statement(in), "A.8.22"); !strings.HasSuffix(got, "| 2.0") {
		t.Error(got)
	}
	in.Controls[0].Spec.Applicability.Justification = "Otherwise."
	if got := line(t, Statement(in), "A.8.22"); strings.HasSuffix(got, "| 2.0") {
		t.Error(got)
	}
}

// TestTables: each row has its cells, no name is there twice, and the order of the objects does not matter.
func TestTables(t *testing.T) {
	want := All(input())
	names := map[string]bool{}
	for _, table := range want {
		if names[table.Name] || len(table.Rows) == 0 {
			t.Errorf("%s: twice, or %d rows", table.Name, len(table.Rows))
		}
		names[table.Name] = true
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Errorf("%s: %d cells in %d columns: %v", table.Name, len(row), len(table.Columns), row)
			}
		}
	}
	if n := len(Statement(input()).Rows); n != len(catalogue.Controls())+1 {
		t.Errorf("%d rows of the Statement of Applicability", n)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		in := input()
		random.Shuffle(len(in.Controls), func(i, j int) { in.Controls[i], in.Controls[j] = in.Controls[j], in.Controls[i] })
		random.Shuffle(len(in.Risks), func(i, j int) { in.Risks[i], in.Risks[j] = in.Risks[j], in.Risks[i] })
		if diff := cmp.Diff(want, All(in)); diff != "" {
			t.Fatalf("another order gives (-want +got):\n%s", diff)
		}
	}
}
