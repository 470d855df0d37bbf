// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package samples

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/readiness"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// referenceDay is the one that the sample scope names.
var referenceDay = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// sampleISMS reads the sample ISMS as the operator sees it on its day, when each control is satisfied that is applicable.
func sampleISMS(t *testing.T) readiness.ScopeInput {
	t.Helper()
	in := readiness.ScopeInput{Now: referenceDay, Namespaces: tally.Namespaces{InScope: []string{"shop"}, Complete: true}}
	for _, m := range manifests(t, "config/samples") {
		switch m.object.GetKind() {
		case "ISMSScope":
			in.Scope = as[isms.ISMSScope](t, m)
		case "Control":
			in.Controls = append(in.Controls, *as[isms.Control](t, m))
		case "Risk":
			in.Risks = append(in.Risks, *as[isms.Risk](t, m))
		case "Document":
			in.Documents = append(in.Documents, *as[isms.Document](t, m))
		case "Attestation":
			in.Attestations = append(in.Attestations, *as[isms.Attestation](t, m))
		case "RegisterEntry":
			in.Entries = append(in.Entries, *as[isms.RegisterEntry](t, m))
		case "Finding":
			in.Findings = append(in.Findings, *as[isms.Finding](t, m))
		case "AuditCycle":
			in.Cycles = append(in.Cycles, *as[isms.AuditCycle](t, m))
		}
	}
	for i := range in.Controls {
		if in.Controls[i].Spec.Applicability.Decision == isms.DecisionApplicable {
			for _, c := range []string{isms.ConditionEvidenceCurrent, isms.ConditionSatisfied} {
				in.Controls[i].Status.Conditions = append(in.Controls[i].Status.Conditions, metav1.Condition{Type: c, Status: metav1.ConditionTrue, Reason: c})
			}
		}
	}
	assessRecords(&in)
	return in
}

func as[T any](t *testing.T, m manifest) *T {
	t.Helper()
	var object T
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(m.object.Object, &object, true); err != nil {
		t.Fatalf("%s: %v", m.source, err)
	}
	return &object
}

// assessRecords gives the risks, findings, entries and documents their status.
func assessRecords(in *readiness.ScopeInput) {
	for i := range in.Findings {
		in.Findings[i].Status = assess.Finding(assess.FindingInput{
			Finding: &in.Findings[i], Scope: in.Scope, Cycle: &in.Cycles[0], Others: in.Findings, Controls: in.Controls, Now: in.Now,
		}).Status
	}
	for i := range in.Entries {
		in.Entries[i].Status = assess.RegisterEntry(assess.RegisterEntryInput{
			Entry: &in.Entries[i], Scope: in.Scope, Controls: in.Controls, Risks: in.Risks, Findings: in.Findings,
			Attestations: in.Attestations, Now: in.Now,
		}).Status
	}
	for i := range in.Risks {
		risk := assess.RiskInput{Risk: &in.Risks[i], Scope: in.Scope, Controls: in.Controls, Now: in.Now}
		for j := range in.Entries {
			if ref := in.Risks[i].Spec.AssetRef; ref != nil && in.Entries[j].Name == string(ref.Name) {
				risk.Asset = &in.Entries[j]
			}
		}
		in.Risks[i].Status = assess.Risk(risk).Status
	}
	in.Scope.Status.StatementOfApplicability = &isms.StatementOfApplicabilityStatus{Digest: readiness.StatementDigest(*in)}
	for i := range in.Documents {
		in.Documents[i].Status = assess.Document(assess.DocumentInput{Document: &in.Documents[i], Scope: in.Scope, Now: in.Now}).Status
	}
}

// TestSampleISMS: on its day, each requirement of the sample ISMS is evidenced and no gate of its scope is closed. Its
// Statement of Applicability is approved as the Controls declare it.
func TestSampleISMS(t *testing.T) {
	in := sampleISMS(t)
	out := readiness.Scope(in)
	for _, r := range out.Status.Requirements {
		if r.Status != isms.RequirementEvidenced {
			t.Errorf("clause %s is %s, %s: %s", r.ID, r.Status, r.Reason, r.Message)
		}
	}
	for _, c := range out.Status.Conditions {
		if c.Status != metav1.ConditionTrue {
			t.Errorf("%s is %s, %s: %s", c.Type, c.Status, c.Reason, c.Message)
		}
	}
	if diff := cmp.Diff(&isms.GapCounts{}, out.Status.Gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	for _, d := range in.Documents {
		if present := readiness.StatementDigest(in); d.Spec.Source.Computed != "" && d.Spec.Approval.Digest != present {
			t.Errorf("Document %s approves %s, but what the Controls declare has the digest %s", d.Name, d.Spec.Approval.Digest, present)
		}
	}
}
