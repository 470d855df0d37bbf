// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/operation"
)

func gone(kind, name string, record isms.LogRecord) operation.Removed {
	return operation.Removed{Record: operation.Record{Kind: kind, Name: name, LogRecord: record}}
}

// closedByRemoval are the conditions of scope and cycle that say that a record is missing.
func closedByRemoval(t *testing.T, removed operation.Removed, change func(*ScopeInput)) []string {
	t.Helper()
	in := scopeInput()
	asks := func(i isms.EvidenceItem) func(*isms.Control) {
		return func(c *isms.Control) { c.Spec.Evidence = []isms.EvidenceItem{i} }
	}
	in.Controls = []isms.Control{
		control("A.8.20", asks(isms.EvidenceItem{Name: "review", Attestation: &isms.AttestationEvidence{Type: "FirewallReview"}})),
		control("A.5.1", asks(isms.EvidenceItem{Name: "policy", Document: &isms.DocumentEvidence{Type: "Handbook"}})),
	}
	in.Removed = []operation.Removed{removed}
	change(&in)
	in.Scope.Status = Scope(in).Status
	cycle := CycleInput{
		Cycle: cycle(), Scope: in.Scope, Controls: in.Controls, Documents: in.Documents, Attestations: in.Attestations,
		Findings: in.Findings, Removed: in.Removed, Now: in.Now,
	}
	var closed []string
	for _, c := range assessCycle(t, cycle).Status.Conditions {
		if c.Reason != isms.ReasonRecordRemoved {
			continue
		}
		closed = append(closed, c.Type)
		if c.Status != metav1.ConditionFalse || !strings.Contains(c.Message, removed.Item()) {
			t.Errorf("%s is %s: %s", c.Type, c.Status, c.Message)
		}
	}
	for _, name := range scopeConditions { // A gate that is the scope's is closed there as well.
		own := conditions.Get(in.Scope.Status.Conditions, name)
		if (own.Reason == isms.ReasonRecordRemoved) != slices.Contains(closed, name) {
			t.Errorf("the scope says %s of %s", own.Reason, name)
		}
	}
	slices.Sort(closed)
	return closed
}

// TestRemovedRecordsCloseGates: a gate is closed by what it rested on, and by nothing else.
func TestRemovedRecordsCloseGates(t *testing.T) {
	const satisfied, objectives, awareness = isms.ConditionControlsSatisfied, isms.ConditionObjectivesMonitored, isms.ConditionAwarenessMaintained
	review := isms.LogRecord{Type: "FirewallReview", State: isms.ReasonCurrent}
	major := isms.LogRecord{Type: "Major", Requirement: "A.8.20", State: isms.ReasonOpen}
	with := func(r isms.LogRecord, change func(*isms.LogRecord)) isms.LogRecord { change(&r); return r }
	state := func(s string) func(*isms.LogRecord) { return func(r *isms.LogRecord) { r.State = s } }
	approved := func(of isms.TypeName) isms.LogRecord { return isms.LogRecord{Type: of, State: isms.ReasonApproved} }
	none := func(*ScopeInput) {}
	superseding := func(name isms.ObjectName, of isms.ObjectName) func(*ScopeInput) {
		return func(in *ScopeInput) {
			in.Attestations = append(in.Attestations, attestation("later", "FirewallReview", "2026-11-01", func(a *isms.Attestation) {
				a.Spec.ScopeRef.Name, a.Spec.Supersedes = of, &isms.LocalRef{Name: name}
			}))
		}
	}
	explaining := func(record string, on isms.Date) func(*ScopeInput) {
		return func(in *ScopeInput) {
			in.Scope.Spec.RemovedRecords = []isms.RemovedRecord{{Record: record, Justification: "A test.", ApprovedBy: roe, ApprovedOn: on}}
		}
	}
	for name, tc := range map[string]struct {
		removed operation.Removed
		change  func(*ScopeInput)
		want    []string
	}{
		"a risk":                   {gone(operation.Risk, "r", isms.LogRecord{State: "ResidualAccepted"}), none, []string{isms.ConditionRiskAssessed, isms.ConditionRiskTreated}},
		"an open Major":            {gone(operation.Finding, "f", major), none, []string{satisfied, isms.ConditionCorrectiveActionsOnTime, isms.ConditionNoOpenMajorFindings}},
		"on a clause":              {gone(operation.Finding, "f", with(major, func(r *isms.LogRecord) { r.Requirement = "9.2" })), none, []string{isms.ConditionCorrectiveActionsOnTime, isms.ConditionNoOpenMajorFindings}},
		"an open Minor":            {gone(operation.Finding, "f", with(major, func(r *isms.LogRecord) { r.Type = "Minor" })), none, []string{satisfied, isms.ConditionCorrectiveActionsOnTime}},
		"an observation":           {gone(operation.Finding, "f", with(major, func(r *isms.LogRecord) { r.Type = "Observation" })), none, nil},
		"a closed Major":           {gone(operation.Finding, "f", with(major, state(isms.ReasonClosed))), none, nil},
		"evidence of a control":    {gone(operation.Attestation, "a", review), none, []string{satisfied}},
		"a failure":                {gone(operation.Attestation, "a", with(review, state(isms.ReasonOutcomeFailed))), none, []string{satisfied}},
		"a review by an owner":     {gone(operation.Attestation, "a", with(review, func(r *isms.LogRecord) { r.Type = "ControlReview" })), none, []string{satisfied}},
		"what nothing asks for":    {gone(operation.Attestation, "a", with(review, func(r *isms.LogRecord) { r.Type = "Lunch" })), none, nil},
		"what was corrected":       {gone(operation.Attestation, "a", with(review, state(isms.ReasonSuperseded))), none, nil},
		"what is superseded":       {gone(operation.Attestation, "a", review), superseding("a", "acme"), nil},
		"another is superseded":    {gone(operation.Attestation, "a", review), superseding("b", "acme"), []string{satisfied}},
		"superseded elsewhere":     {gone(operation.Attestation, "a", review), superseding("a", "other"), []string{satisfied}},
		"what is explained":        {gone(operation.Attestation, "a", review), explaining("Attestation/a", "2026-11-21"), nil},
		"to be explained tomorrow": {gone(operation.Attestation, "a", review), explaining("Attestation/a", "2026-11-22"), []string{satisfied}},
		"another is explained":     {gone(operation.Attestation, "a", review), explaining("Document/a", "2026-11-21"), []string{satisfied}},
		"an awareness training":    {gone(operation.Attestation, "a", with(review, func(r *isms.LogRecord) { r.Type = "AwarenessTraining" })), none, []string{awareness}},
		"a measurement":            {gone(operation.Attestation, "a", isms.LogRecord{Type: "Measurement", Objective: "mfa", State: isms.ReasonCurrent}), none, []string{objectives}},
		"of no objective":          {gone(operation.Attestation, "a", isms.LogRecord{Type: "Measurement", Objective: "old", State: isms.ReasonCurrent}), none, nil},
		"the policy of a control":  {gone(operation.Document, "d", approved("Handbook")), none, []string{satisfied}},
		"another one is approved": {gone(operation.Document, "d", approved("Handbook")), func(in *ScopeInput) {
			in.Documents = append(in.Documents, document("Handbook", "2026-06-01"))
		}, nil},
		"a draft":              {gone(operation.Document, "d", with(approved("Handbook"), state(isms.ReasonNotApproved))), none, nil},
		"a mandatory document": {gone(operation.Document, "d", approved("RiskAssessmentProcess")), func(in *ScopeInput) { in.Documents = documents("RiskAssessmentProcess") }, []string{isms.ConditionDocumentationComplete}},
		"its content at a URL": {gone(operation.Document, "d", with(approved("RiskAssessmentProcess"), state(isms.ReasonDigestNotVerified))), func(in *ScopeInput) { in.Documents = documents("RiskAssessmentProcess") }, []string{isms.ConditionDocumentationComplete}},
		"what is of no kind":   {gone("Secret", "s", review), none, nil},
	} {
		if got := closedByRemoval(t, tc.removed, tc.change); !slices.Equal(got, tc.want) {
			t.Errorf("%s: closed are %v, want %v", name, got, tc.want)
		}
	}
}
