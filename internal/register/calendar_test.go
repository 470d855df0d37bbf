// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package register_test

import (
	"slices"
	"strings"
	"testing"

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
