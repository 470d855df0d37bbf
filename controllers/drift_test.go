// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestDrift follows one control of a complete ISMS from pass to fail and back, up to the cycle.
func TestDrift(t *testing.T) {
	w := newWorld(t)
	shop := w.namespace("shop")
	w.create(somePod(shop, "web", "yes"))
	scope, cycle, control := w.scope(byISO27005), w.cycle(), w.control("A.8.22", approved())
	w.create(scope, cycle, control)
	w.restOfISMS("A.8.22")

	inOrder := []string{
		"result Effective", "approved Pass ObjectsPassed", "Ready True Assessed", "Implemented True Implemented",
		"EvidenceCurrent True EvidenceCurrent", "Effective True EvidencePassed", "Satisfied True Satisfied",
	}
	steady := []string{
		"ScopeDefined True ScopeDefined", "BoundaryComplete True AllNamespacesAccounted",
		"StatementOfApplicabilityComplete True StatementOfApplicabilityComplete", "DocumentationComplete True DocumentationComplete",
		"ControlsImplemented True ControlsImplemented", "ControlsSatisfied True ControlsSatisfied",
		"RiskAssessed Unknown NothingDeclared", "NoOpenMajorFindings True NoOpenMajorFindings",
		// The next audit is Stage 1, which asks for no operation, so that the drift does not change AuditReady.
		"CertificationBodyEngaged False Missing", "Stage1Ready False Blocked", "AuditReady False Blocked",
	}
	w.want(control, inOrder...)
	w.want(cycle, steady...)
	w.wantStatement(scope, 1)
	w.wellFormed()

	w.approve(shop, "web", "no")
	w.want(control, "result Ineffective", "approved Fail ObjectsFailed "+shop+"/web", "Ready True Assessed",
		"EvidenceCurrent True EvidenceCurrent", "Effective False ObjectsFailed", "Satisfied False ObjectsFailed")
	w.want(cycle, "ControlsSatisfied False ControlsNotSatisfied", "Stage2Ready False Blocked", "ControlsImplemented True ControlsImplemented")
	if m := message(cycle, isms.ConditionControlsSatisfied); !strings.Contains(m, "A.8.22") {
		t.Errorf("the cycle does not name the control: %q", m)
	}
	w.wantEvent(control, "Warning ObjectsFailed Satisfied is False: approved: The expression does not hold for "+shop+"/web.")
	w.wantEvent(cycle, "Warning ControlsNotSatisfied ControlsSatisfied is False: ")
	w.wantStatement(scope, 0)
	w.wellFormed()

	w.approve(shop, "web", "yes")
	w.want(control, inOrder...)
	w.want(cycle, steady...)
	w.wantEvent(control, "Normal Satisfied Satisfied is True")
	w.wantStatement(scope, 1)
}

// wantStatement waits until the scope counts its Statement of Applicability: one control applies, 92 do not.
func (w *world) wantStatement(scope *isms.ISMSScope, satisfied int32) {
	w.Helper()
	w.eventually(func() string {
		w.refresh(scope)
		want := &isms.StatementOfApplicabilityStatus{Required: 93, Declared: 93, Applicable: 1, Excluded: 92, Satisfied: satisfied}
		if got := scope.Status.StatementOfApplicability; got != nil && got.Digest != "" { // whose bytes have tests of their own
			want.Digest = got.Digest
		}
		return cmp.Diff(want, scope.Status.StatementOfApplicability)
	})
}

// TestStatusIsPutRight: whatever makes a status wrong, also a write that overtook the operator's cache, is seen.
func TestStatusIsPutRight(t *testing.T) {
	w := newWorld(t)
	scope, cycle, control := w.scope(), w.cycle(), w.control("A.5.1", isms.EvidenceItem{
		Name: "policy", Strength: isms.StrengthSubstantial, Document: &isms.DocumentEvidence{Type: "Policy"},
	})
	document, attestation := w.document("policy", "Policy", w.day(-1), 365), w.attestation("training", "Training", w.day(-1))
	finding, entry := w.finding("nc-1", "A.8.13", w.day(-1)), w.entry("customer-data", isms.RegisterAsset)
	w.create(scope, cycle, control, document, attestation, finding, entry)
	w.want(control, "Satisfied True Satisfied")
	w.want(cycle, "ControlsSatisfied True ControlsSatisfied")
	w.settle()

	w.mergeStatus(control, `{"status":{"result":"Ineffective"}}`)
	w.mergeStatus(scope, `{"status":{"statementOfApplicability":{"satisfied":0}}}`)
	w.mergeStatus(cycle, `{"status":{"controls":{"satisfied":0}}}`)
	w.mergeStatus(document, `{"status":{"reviewDueOn":"2020-01-01"}}`)
	w.mergeStatus(attestation, `{"status":{"observedGeneration":0}}`)
	w.mergeStatus(finding, `{"status":{"dueOn":"2020-01-01"}}`)
	w.mergeStatus(entry, `{"status":{"reviewDueOn":"2020-01-01"}}`)
	w.want(control, "result Effective")
	w.eventually(func() string {
		for _, o := range []client.Object{finding, entry} {
			w.refresh(o)
		}
		w.refresh(scope)
		w.refresh(cycle)
		w.refresh(document)
		w.refresh(attestation)
		return cmp.Diff([]any{int32(1), int32(1), w.day(364), int64(1), w.day(7), w.day(29)}, []any{
			scope.Status.StatementOfApplicability.Satisfied, cycle.Status.Controls.Satisfied,
			document.Status.ReviewDueOn, attestation.Status.ObservedGeneration, finding.Status.DueOn, entry.Status.ReviewDueOn,
		})
	})
}
