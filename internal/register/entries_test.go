// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package register

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestWhatARegisterHolds: of each register the list says what is recorded, and whether what the register asks for holds.
func TestWhatARegisterHolds(t *testing.T) {
	said := func(conditionType, reason string, status metav1.ConditionStatus) metav1.Condition {
		return metav1.Condition{Type: conditionType, Status: status, Reason: reason, ObservedGeneration: 2}
	}
	contract := &isms.RecordRef{URL: "https://contracts.example.com/17", Commit: "abcdef0"}
	for name, tc := range map[string]struct {
		spec       isms.RegisterEntrySpec
		conditions []metav1.Condition
		want       string // details, holds
	}{
		"asset": {
			isms.RegisterEntrySpec{Register: isms.RegisterAsset, Asset: &isms.AssetEntry{Kind: "Information", Classification: "Confidential"}},
			[]metav1.Condition{said(isms.ConditionClassified, "Classified", metav1.ConditionTrue)},
			"kind Information; classification Confidential | True, Classified",
		},
		"supplier, with an agreement alone": {
			isms.RegisterEntrySpec{Register: isms.RegisterSupplier, Supplier: &isms.SupplierEntry{Criticality: "Low", AgreementRef: contract}},
			[]metav1.Condition{
				said(isms.ConditionAgreementInPlace, "AgreementInPlace", metav1.ConditionTrue),
				said(isms.ConditionAssuranceCurrent, isms.ReasonNotRequired, metav1.ConditionUnknown),
			},
			"criticality Low; agreement https://contracts.example.com/17 | True, AgreementInPlace",
		},
		"supplier, of whom something has expired": {
			isms.RegisterEntrySpec{Register: isms.RegisterSupplier, Supplier: &isms.SupplierEntry{Criticality: "High", AssuranceExpiresOn: "2026-01-01"}},
			[]metav1.Condition{
				said(isms.ConditionAgreementInPlace, "AgreementInPlace", metav1.ConditionTrue),
				said(isms.ConditionAssuranceCurrent, "Expired", metav1.ConditionFalse),
			},
			"criticality High; assurance until 2026-01-01 | False, Expired",
		},
		"legal requirement": {
			isms.RegisterEntrySpec{Register: isms.RegisterLegalRequirement, LegalRequirement: &isms.LegalRequirementEntry{
				Basis: "Law", Jurisdiction: "EU", Approach: "By the officer.",
				Evaluation: &isms.ComplianceEvaluation{EvaluatedOn: "2026-10-01", By: roe, Outcome: isms.Compliant, RecordRef: &isms.RecordRef{Commit: "abcdef0"}},
			}},
			nil,
			"basis Law; jurisdiction EU; approach: By the officer.; evaluated 2026-10-01 by R. Roe; outcome Compliant; record abcdef0 | Unknown, NotYetAssessed",
		},
		"incident": {
			isms.RegisterEntrySpec{Register: isms.RegisterIncident, Incident: &isms.IncidentEntry{
				Severity: "High", DetectedOn: "2026-10-01", ResolvedOn: "2026-10-02", LessonsLearned: "Alarm earlier.", FindingRef: &isms.LocalRef{Name: "nc-1"},
			}},
			[]metav1.Condition{said(isms.ConditionResolved, "Resolved", metav1.ConditionTrue)},
			"severity High; detected 2026-10-01; resolved 2026-10-02; lessons learned: Alarm earlier.; finding nc-1 | True, Resolved",
		},
		"competence": {
			isms.RegisterEntrySpec{Register: isms.RegisterCompetence, Competence: &isms.CompetenceEntry{
				Person: roe, Role: "Internal auditor", Basis: "Course.", AcquiredOn: "2025-06-12", AttestationRef: &isms.LocalRef{Name: "course"},
			}},
			nil,
			"person R. Roe; role Internal auditor; basis: Course.; from 2025-06-12; attestation course | Unknown, NotYetAssessed",
		},
		"change": {
			isms.RegisterEntrySpec{Register: isms.RegisterChange, Change: &isms.ChangeEntry{
				Purpose: "Second region.", PlannedOn: "2026-10-01", Approval: &isms.Approval{ApprovedBy: roe, ApprovedOn: "2026-09-01"}, CompletedOn: "2026-10-01",
				EffectReview: &isms.EffectivenessReview{ReviewedOn: "2026-11-01", By: roe, Outcome: isms.ActionEffective},
			}},
			[]metav1.Condition{said(isms.ConditionChangeControlled, "ChangeControlled", metav1.ConditionTrue)},
			"purpose: Second region.; planned 2026-10-01; approved 2026-09-01 by R. Roe; done 2026-10-01; effect Effective, reviewed 2026-11-01 by R. Roe | " +
				"True, ChangeControlled",
		},
	} {
		in := input()
		tc.spec.ScopeRef = here
		in.Entries = []isms.RegisterEntry{{ObjectMeta: named("e"), Spec: tc.spec, Status: isms.RegisterEntryStatus{Conditions: tc.conditions}}}
		if got := strings.Join(Entries(in).Pick("Details", "Holds").Rows[0], " | "); got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tc.want)
		}
	}
}
