// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package register_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/register"
	"github.com/isms-operator/isms-operator/test/fixture"
)

func lines(t register.Table) []string {
	list := make([]string, 0, len(t.Rows))
	for _, row := range t.Rows {
		list = append(list, strings.Join(row, " | "))
	}
	return list
}

func TestPlan(t *testing.T) {
	in := fixture.Sample(t, fixture.Drift)
	got := lines(register.Plan(&in.Cycles[0]))
	for _, want := range []string{
		"RiskAssessment | Done | 2026-05-31 | R. Roe | Scope | RisksAssessed | ",
		"Stage2 | NotStarted | 2027-01-18 |  |  | Missing | The audit has not taken place.",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no line %q in\n%s", want, strings.Join(got, "\n"))
		}
	}
}

// TestCalendar: each thing that is due stands there once, on its day; what is done does not.
func TestCalendar(t *testing.T) {
	in := fixture.Sample(t, nil)
	cycle := &in.Cycles[0]
	review := &cycle.Spec.ManagementReviews[0]
	review.Decisions = append(review.Decisions, isms.ReviewDecision{
		Kind: isms.DecisionKindImprovement, Text: "Done by now.", Owner: review.Chair, DueDate: "2026-11-30", DoneOn: "2026-11-20",
	})
	cycle.Spec.InternalAudits = append(cycle.Spec.InternalAudits, isms.InternalAudit{Name: "late", PlannedOn: "2026-11-20"})
	cycle.Spec.Audits[1].Requests = []isms.AuditRequest{{ID: "R1", Text: "List of assets", Owner: *review.Chair, DueDate: "2026-11-21"}}
	cycle.Spec.Certificate = &isms.Certificate{Number: "7", ExpiresOn: "2030-01-31"}
	in.Controls[0].Spec.Exceptions = []isms.Exception{{Name: "old", ApprovedBy: *review.Chair, ExpiresOn: "2026-12-01"}}
	in.Controls[1].Spec.Implementation.State, in.Controls[1].Spec.Implementation.TargetDate = isms.StatePlanned, "2026-12-02"
	id0, id1 := string(in.Controls[0].Spec.ID), string(in.Controls[1].Spec.ID)

	got := lines(register.Calendar(in))
	for _, want := range []string{
		"2026-11-20 | Overdue | Internal audit late | auditcycle/acme-2026 |  | ",
		"2026-11-21 | Due | Answer to request R1 of stage-2: List of assets | auditcycle/acme-2026 | J. Doe | ",
		"2026-12-01 | Due | Exception old of " + id0 + " ends | control/" + in.Controls[0].Name + " | J. Doe | ",
		"2026-12-02 | Due | " + id1 + " implemented | control/" + in.Controls[1].Name + " | " + string(in.Controls[1].Spec.Owner.Name) + " | ",
		"2026-12-04 | Due | Attestation EndpointCompliance, for A.6.7, A.7.9, A.8.1 |  | I. Brandt | ",
		"2026-12-18 | Due | Finding (Observation): Runbooks link to a list of channels that is kept in one place. | finding/ia-2026-02 | Platform team | ",
		"2027-01-18 | Due | Stage2 audit stage-2 | auditcycle/acme-2026 |  | ",
		"2027-03-31 | Due | Decision of mr-2026: Hardware keys for everybody. | auditcycle/acme-2026 | R. Roe | ",
		"2027-03-31 | Due | Objective mfa: 100 % | ismsscope/acme-platform | R. Roe | ",
		"2027-05-04 | Due | Review of the risk: Access to another tenant's data through the pod network | risk/pod-network | R. Roe | ",
		"2027-05-11 | Due | Deadline Stage2 | auditcycle/acme-2026 |  | Practice: stage2WithinMonths",
		"2030-01-31 | Due | Certificate 7 expires | auditcycle/acme-2026 |  | ",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no line %q in\n%s", want, strings.Join(got, "\n"))
		}
	}
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Error("the lines are not sorted, or one is there twice")
	}
	for _, line := range got {
		if strings.Contains(line, "Done by now") || strings.Contains(line, "ia-2026-01") || strings.Contains(line, "stage-1") {
			t.Errorf("it is done: %s", line)
		}
	}
}

// TestDaysOfACycle: a day of a cycle is over when it is over where the cycle counts its days.
func TestDaysOfACycle(t *testing.T) {
	in := fixture.Sample(t, nil)
	in.Cycles[0].Spec.InternalAudits = []isms.InternalAudit{{Name: "today", PlannedOn: "2026-11-21"}}
	for zone, want := range map[string]string{"": "Due", "Pacific/Kiritimati": "Overdue", "Nowhere/Unknown": "Due"} {
		in.Cycles[0].Spec.TimeZone = zone
		if got := lines(register.Calendar(in)); !slices.Contains(got, "2026-11-21 | "+want+" | Internal audit today | auditcycle/acme-2026 |  | ") {
			t.Errorf("in %q it is not %s:\n%s", zone, want, got[0])
		}
	}
}

// TestWhatIsDoneIsNotInTheCalendar: an objective that was reached, and all that a cycle had planned which another one renews,
// else a pipeline that asks for what is overdue never passes again.
func TestWhatIsDoneIsNotInTheCalendar(t *testing.T) {
	in := fixture.Sample(t, nil)
	in.Now = in.Now.AddDate(10, 0, 0)
	object, objective := "ismsscope/"+in.Scope.Name, in.Scope.Spec.Objectives[0]
	late := string(objective.DueDate) + " | Overdue | Objective mfa: 100 % | " + object + " | R. Roe | "
	if got := lines(register.Calendar(in)); !slices.Contains(got, late) {
		t.Errorf("an objective that was not reached is not overdue:\n%s", strings.Join(got, "\n"))
	}
	in.Attestations = append(in.Attestations, isms.Attestation{
		ObjectMeta: metav1.ObjectMeta{Name: "reached"},
		Spec: isms.AttestationSpec{
			ScopeRef: isms.LocalRef{Name: isms.ObjectName(in.Scope.Name)}, Type: "Measurement", Outcome: isms.OutcomePass, PerformedOn: "2036-11-20",
			Objective: &isms.ObjectiveMeasurement{Name: objective.Name, Value: "100 %", Met: isms.Yes},
		},
	})
	got := lines(register.Calendar(in))
	if slices.Contains(got, late) {
		t.Error("it is reached: " + late)
	}
	if again := "2037-11-20 | Due | Measurement of the objective mfa | " + object + " | R. Roe | "; !slices.Contains(got, again) {
		t.Errorf("no line %q in\n%s", again, strings.Join(got, "\n"))
	}

	former := &in.Cycles[0]
	former.Spec.Certificate = &isms.Certificate{Number: "7", ExpiresOn: "2030-01-31"}
	former.Status.Deadlines = nil
	former.Spec.InternalAudits = append(former.Spec.InternalAudits, isms.InternalAudit{Name: "never-held", PlannedOn: "2028-11-20"})
	next := former.DeepCopy()
	next.Name = "acme-2029"
	next.Spec = isms.AuditCycleSpec{ScopeRef: former.Spec.ScopeRef, PreviousCycleRef: &isms.LocalRef{Name: isms.ObjectName(former.Name)}}
	in.Cycles = append(in.Cycles, *next)
	about := func(cell string) func(string) bool {
		return func(line string) bool { return strings.Contains(line, cell) }
	}
	for _, planned := range []string{"Certificate 7 expires", "Internal audit never-held", "Stage2 audit stage-2"} {
		if !slices.ContainsFunc(lines(register.Calendar(in)), about(planned)) {
			t.Errorf("without a new certificate there is no line %q", planned)
		}
	}
	in.Cycles[1].Spec.Certificate = &isms.Certificate{Number: "8", ExpiresOn: "2039-01-31"}
	got = lines(register.Calendar(in))
	for _, line := range got {
		if strings.Contains(line, "auditcycle/"+former.Name) && !strings.Contains(line, "Decision of mr-2026") {
			t.Errorf("another cycle has renewed this one: %s", line)
		}
	}
	for _, wanted := range []string{"Decision of mr-2026: Hardware keys", "Certificate 8 expires"} {
		if !slices.ContainsFunc(got, about(wanted)) {
			t.Errorf("there is no line %q", wanted)
		}
	}
}

// TestCalendarOfTheRegisters: what each register asks for by a day.
func TestCalendarOfTheRegisters(t *testing.T) {
	in := fixture.Sample(t, nil)
	owner := isms.Person{Name: "R. Roe"}
	in.Entries = nil
	for name, s := range map[string]isms.RegisterEntrySpec{
		"law":      {LegalRequirement: &isms.LegalRequirementEntry{Evaluation: &isms.ComplianceEvaluation{EvaluatedOn: "2026-01-01"}}, ReviewIntervalDays: 100},
		"contract": {LegalRequirement: &isms.LegalRequirementEntry{}},
		"outage":   {Incident: &isms.IncidentEntry{DueDate: "2026-11-20"}},
		"theft":    {Incident: &isms.IncidentEntry{DueDate: "2026-11-20", ResolvedOn: "2026-11-21"}},
		"auditor":  {Competence: &isms.CompetenceEntry{ExpiresOn: "2026-12-31"}},
		"move":     {Change: &isms.ChangeEntry{PlannedOn: "2026-12-01"}},
		"moved":    {Change: &isms.ChangeEntry{PlannedOn: "2026-12-01", CompletedOn: "2026-11-01"}},
		"cloud":    {Supplier: &isms.SupplierEntry{AssuranceExpiresOn: "2026-12-02"}},
	} {
		s.ScopeRef, s.Title, s.Owner = isms.LocalRef{Name: isms.ObjectName(in.Scope.Name)}, isms.ShortText(name), owner
		in.Entries = append(in.Entries, isms.RegisterEntry{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: s})
	}
	var got []string
	for _, line := range lines(register.Calendar(in)) {
		if strings.Contains(line, "registerentry/") {
			got = append(got, line)
		}
	}
	want := []string{
		"2026-04-11 | Overdue | Evaluation of compliance: law | registerentry/law | R. Roe | ",
		"2026-11-20 | Overdue | Incident resolved: outage | registerentry/outage | R. Roe | ",
		"2026-12-01 | Due | Change: move | registerentry/move | R. Roe | ",
		"2026-12-02 | Due | Assurance of the supplier ends: cloud | registerentry/cloud | R. Roe | ",
		"2026-12-31 | Due | Competence ends: auditor | registerentry/auditor | R. Roe | ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
