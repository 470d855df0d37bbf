// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestHelpOfTwoYearsAgo no longer keeps a certification body from certifying (ISO/IEC 17021-1, 5.2.6 and 5.2.7), if it is known
// when it ended, and when the body was engaged.
func TestHelpOfTwoYearsAgo(t *testing.T) {
	for name, tc := range map[string]struct {
		ended, audited, engaged isms.Date
		want                    string
	}{
		"two years":                {"2023-07-01", "", "2025-07-01", "True CertificationBodyEngaged"},
		"a day less":               {"2023-07-02", "", "2025-07-01", "False NotIndependent"},
		"going on":                 {"", "", "2025-07-01", "False NotIndependent"},
		"engaged on no day":        {"2023-07-01", "", "", "False Incomplete"},
		"an audit two years ago":   {"2023-07-01", "2023-07-01", "2025-07-01", "True CertificationBodyEngaged"},
		"an audit, and a day less": {"2023-07-01", "2023-07-02", "2025-07-01", "False NotIndependent"},
	} {
		in := readyInput()
		s := &in.Cycle.Spec
		s.CertificationBody.EngagedOn = tc.engaged
		s.PreparationPartners = []isms.PreparationPartner{{Name: "Example Cert", Role: "Training", EndedOn: tc.ended}}
		if tc.audited != "" {
			s.InternalAudits = append(s.InternalAudits, isms.InternalAudit{
				Name: "ia-0", PerformedOn: tc.audited, Auditors: []isms.Auditor{{Person: smith, Organization: "Example Cert"}},
			})
		}
		if got := state(assessCycle(t, in).Status.Conditions, isms.ConditionCertificationBodyEngaged); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

// TestMessagesSayWhatToDo, which depends on the reason.
func TestMessagesSayWhatToDo(t *testing.T) {
	minor := func(status metav1.ConditionStatus, reason string) func(*CycleInput) {
		return func(in *CycleInput) {
			f := raised("nc-1", "s1", isms.SeverityMinor, "2026-11-01")
			f.Status.Conditions = []metav1.Condition{{Type: isms.ConditionCorrectiveActionOnTime, Status: status, Reason: reason, ObservedGeneration: 1}}
			in.Findings = append(in.Findings, f)
		}
	}
	auditor := func(who isms.Person) func(*CycleInput) {
		return func(in *CycleInput) { in.Cycle.Spec.InternalAudits[0].Auditors[0].Person = who }
	}
	programme := func(name isms.ObjectName) func(*CycleInput) {
		return func(in *CycleInput) { in.Cycle.Spec.AuditProgrammeRef = &isms.LocalRef{Name: name} }
	}
	for name, tc := range map[string]struct {
		change     func(*CycleInput)
		gate, says string
	}{
		"an overdue action":     {minor(metav1.ConditionFalse, isms.ReasonOverdue), isms.ConditionCorrectiveActionsOnTime, "What was due is overdue for the finding: nc-1."},
		"an action not planned": {minor(metav1.ConditionUnknown, isms.ReasonMissing), isms.ConditionCorrectiveActionsOnTime, "Plan the corrective action for the finding: nc-1."},
		"an owner who audits":   {auditor(roe), isms.ConditionInternalAuditComplete, "Have somebody audit who does not own the control: A.5.1, A.8.22. Have somebody audit who does not own the clause: 4.1, 4.2, 4.3 and 27 more."},
		"an auditor by name": {
			auditor(isms.Person{Name: "A. Smith"}), isms.ConditionInternalAuditComplete,
			"Give the emails or ids of the auditors and of the owner of the control: A.5.1, A.8.22. " +
				"Give the emails or ids of the auditors and of the owner of the clause: 4.1, 4.2, 4.3 and 27 more.",
		},
		"a lost programme": {
			programme("lost"), isms.ConditionInternalAuditComplete,
			"Name in auditProgrammeRef a Document of type InternalAuditProgramme, which is not: lost.",
		},
		"a programme that nobody approved": {func(in *CycleInput) {
			programme("d-InternalAuditProgramme")(in)
			in.Documents[0].Spec.Approval = nil
		}, isms.ConditionInternalAuditComplete, "Have the InternalAuditProgramme approved and in review: d-InternalAuditProgramme."},
		"a lost competence": {func(in *CycleInput) {
			in.Cycle.Spec.InternalAudits[0].Auditors[0].CompetenceRef = &isms.LocalRef{Name: "lost"}
		}, isms.ConditionInternalAuditComplete, "Name in competenceRef an Attestation, or the auditor's entry in the register of competences, for the audit: ia-1."},
		"a competence that was failed": {func(in *CycleInput) {
			in.Cycle.Spec.InternalAudits[0].Auditors[0].CompetenceRef = &isms.LocalRef{Name: "training"}
			in.Attestations = []isms.Attestation{attestation("training", "Training", "2026-09-01", func(t *isms.Attestation) { t.Spec.Outcome = isms.OutcomeFail })}
		}, isms.ConditionInternalAuditComplete, "Have competenceRef show that the auditor was competent on the day of the audit: ia-1."},
	} {
		in := readyInput()
		tc.change(&in)
		if got := message(assessCycle(t, in).Status.Conditions, tc.gate); got != tc.says {
			t.Errorf("%s: %s says %q, want %q", name, tc.gate, got, tc.says)
		}
	}
}
