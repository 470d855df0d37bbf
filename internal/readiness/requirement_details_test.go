// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// TestOpenNonconformity: an open Major or Minor on a clause, or on one above it, makes it NotEvidenced, whatever else
// there is; an observation does not, nor does one that is closed.
func TestOpenNonconformity(t *testing.T) {
	for id, set := range smallest() {
		parts := strings.Split(id, ".")
		for _, tc := range []struct {
			requirement string
			severity    isms.Severity
			want        isms.RequirementState
		}{
			{id, isms.SeverityMajor, isms.RequirementNotEvidenced},
			{id, isms.SeverityMinor, isms.RequirementNotEvidenced},
			{parts[0], isms.SeverityMinor, isms.RequirementNotEvidenced},
			{id + ".f", isms.SeverityMinor, isms.RequirementNotEvidenced},
			{id, isms.SeverityObservation, isms.RequirementEvidenced},
			{id + "9", isms.SeverityObservation, isms.RequirementEvidenced},
			{"A.5.1", isms.SeverityObservation, isms.RequirementEvidenced},
		} {
			set := set
			set.Findings = append(slices.Clone(set.Findings), isms.Finding{
				ObjectMeta: metav1.ObjectMeta{Name: "nc"},
				Spec:       isms.FindingSpec{ScopeRef: inAcme, Severity: tc.severity, Requirement: isms.ControlID(tc.requirement)},
			})
			got := evaluate(t, set.input(), id)
			if got.Status != tc.want {
				t.Errorf("%s with a %s on %s: %+v", id, tc.severity, tc.requirement, got)
			}
			if tc.want == isms.RequirementNotEvidenced && (got.Reason != isms.ReasonOpenNonconformity || !strings.HasPrefix(got.Message, "Close the findings on the clause: nc.")) {
				t.Errorf("%s: %+v", id, got)
			}
		}
	}
}

// TestRequirementDetails is about what a removal does not show: dates, people, and what is there but wrong.
func TestRequirementDetails(t *testing.T) {
	sets := smallest()
	audit := func(o *objects) *isms.InternalAudit { return &o.Cycles[0].Spec.InternalAudits[0] }
	review := func(o *objects) *isms.ManagementReview { return &o.Cycles[0].Spec.ManagementReviews[0] }
	owned := func(owner isms.Person) func(*objects) {
		return func(o *objects) {
			o.Controls = []isms.Control{control("A.8.1", func(c *isms.Control) { c.Spec.Owner = owner })}
		}
	}
	for name, tc := range map[string]struct {
		id     string
		change func(*objects)
		want   string
	}{
		"a boundary that is not complete": {"4.3", func(o *objects) { o.Scope.Spec.Evidence = &isms.ScopeEvidence{} }, "Evidenced ScopeDocumented"},
		"a record instead of a document": {"4.4", func(o *objects) {
			o.Documents = nil
			*o = o.attested(isms.AttestationSpec{Outcome: isms.OutcomePass, Clauses: []isms.DeclaredClause{"4.4"}})
		}, "Evidenced ClauseDocumented"},
		"a record of another clause": {"4.4", func(o *objects) {
			o.Documents = nil
			*o = o.attested(isms.AttestationSpec{Outcome: isms.OutcomePass, Clauses: []isms.DeclaredClause{"7.4"}})
		}, "NotEvidenced Missing"},
		"a record that did not pass": {"7.4", func(o *objects) {
			o.Documents = nil
			*o = o.attested(isms.AttestationSpec{Outcome: isms.OutcomeFail, Clauses: []isms.DeclaredClause{"7.4"}})
		}, "NotEvidenced Missing"},
		"a document that is overdue":  {"7.4", func(o *objects) { o.Documents[0].Spec.Approval.ApprovedOn = "2025-06-01" }, "NotEvidenced Expired"},
		"the sponsor was not there":   {"5.1", func(o *objects) { review(o).Chair = &isms.Person{ID: "8"} }, "NotEvidenced Incomplete"},
		"the sponsor attended":        {"5.1", func(o *objects) { review(o).Chair, review(o).Attendees = nil, []isms.Person{{ID: "7"}} }, "Evidenced LeadershipShown"},
		"a risk that nobody has seen": {"8.3", func(o *objects) { o.Risks[0].Status.Conditions = nil }, "Unknown NotYetAssessed"},
		"a risk edited since":         {"8.3", func(o *objects) { o.Risks[0].Generation = 2 }, "Unknown NotYetAssessed"},
		"one risk of two is overdue": {"8.3", func(o *objects) {
			o.Risks = append(o.Risks, risk("late", riskIs(isms.ConditionTreated, metav1.ConditionFalse, isms.ReasonOverdue)))
		}, "NotEvidenced Overdue"},
		"its control fails": {"8.3", func(o *objects) {
			o.Risks = []isms.Risk{risk("network", riskIs(isms.ConditionTreated, metav1.ConditionFalse, isms.ReasonControlsNotSatisfied))}
		}, "Evidenced TreatmentImplemented"},
		"its control fails, and who approved is not known": {"8.3", func(o *objects) {
			o.Risks = []isms.Risk{risk("network", riskIs(isms.ConditionTreated, metav1.ConditionFalse, isms.ReasonControlsNotSatisfied), func(r *isms.Risk) { r.Spec.Owner = doe })}
		}, "Unknown OwnerNotVerifiable"},
		"an approval of tomorrow":      {"6.1.3", func(o *objects) { o.Risks[0].Spec.Treatment.Approval.ApprovedOn = "2026-11-22" }, "NotEvidenced NotApproved"},
		"an approval by somebody else": {"6.1.3", func(o *objects) { o.Risks[0].Spec.Treatment.Approval.ApprovedBy.ID = "8" }, "NotEvidenced NotByOwner"},
		"an approval by whoever it is": {"6.1.3", func(o *objects) {
			o.Risks[0].Spec.Treatment.Approval.ApprovedBy = isms.Person{Name: "R. Roe"}
		}, "Unknown OwnerNotVerifiable"},
		"a risk retained without a plan": {"6.1.3", func(o *objects) {
			o.Risks = append(o.Risks, risk("retained", func(r *isms.Risk) { r.Spec.Treatment = &isms.RiskTreatment{Option: isms.TreatmentRetain} }))
		}, "Evidenced TreatmentPlanned"},
		"a risk without a treatment": {"6.1.3", func(o *objects) {
			o.Risks = append(o.Risks, risk("new", func(r *isms.Risk) { r.Spec.Treatment = nil }))
		}, "NotEvidenced Missing"},
		"FAIR accepts a loss": {"6.1.2", func(o *objects) {
			o.Scope.Spec.RiskManagement.Criteria.Acceptance = isms.RiskAcceptanceCriteria{MaxAnnualLoss: "1"}
		}, "Evidenced RisksAssessed"},
		"a change out of control":     {"6.3", func(o *objects) { o.Entries[0].Status.Conditions[0].Status = metav1.ConditionFalse }, "NotEvidenced NotYetAssessed"},
		"another person's competence": {"7.2", func(o *objects) { o.Entries[0].Spec.Competence.Person.Email = "x@example.com" }, "NotEvidenced Missing"},
		"a role without competence": {"7.2", func(o *objects) {
			o.Scope.Spec.Leadership.Roles = append(slices.Clone(oneRole), isms.RoleAssignment{Role: "DPO", Holder: doe})
		}, "NotEvidenced Missing"},
		"a second, expired competence": {"7.2", func(o *objects) {
			o.Entries = append(slices.Clone(o.Entries), o.Entries[0])
			o.Entries[1].Status.Conditions = nil
		}, "Evidenced CompetenceShown"},
		"too few participants":         {"7.3", func(o *objects) { took(20, 18)(&o.Attestations[0]) }, "NotEvidenced BelowThreshold"},
		"a training of last year":      {"7.3", func(o *objects) { o.Attestations[0].Spec.PerformedOn = "2025-11-20" }, "NotEvidenced Expired"},
		"a training a year ago":        {"7.3", func(o *objects) { o.Attestations[0].Spec.PerformedOn = "2025-11-21" }, "Evidenced AwarenessMaintained"},
		"a type with a draft only":     {"7.5.2", func(o *objects) { *o = o.documents("Draft"); o.Documents[1].Spec.Approval = nil }, "NotEvidenced NotApproved"},
		"a draft beside what is valid": {"7.5.2", func(o *objects) { *o = o.documents("AnyPolicy"); o.Documents[1].Spec.Approval = nil }, "Evidenced DocumentsReviewed"},
		"an interface to a supplier":   {"8.1", func(o *objects) { supplied(o) }, "NotEvidenced Missing"},
		"a supplier in review": {"8.1", func(o *objects) {
			supplied(o)
			*o = o.entry(isms.RegisterEntrySpec{Register: isms.RegisterSupplier}, isms.ConditionReviewCurrent)
		}, "Evidenced ProcessesOperated"},
		"a supplier not in review": {"8.1", func(o *objects) { supplied(o); *o = o.entry(isms.RegisterEntrySpec{Register: isms.RegisterSupplier}) }, "Unknown NotYetAssessed"},
		"an excluded control":      {"8.1", func(o *objects) { o.Controls = append(o.Controls, control("A.8.1", excluded, notImplemented)) }, "Evidenced ProcessesOperated"},
		"a target that is not met yet": {"9.1", func(o *objects) {
			o.Attestations[0].Spec.Objective.Met, o.Scope.Spec.Objectives[0].DueDate = isms.No, "2026-11-21"
		}, "Evidenced PerformanceEvaluated"},
		"a target that was not met": {"9.1", func(o *objects) {
			o.Attestations[0].Spec.Objective.Met, o.Scope.Spec.Objectives[0].DueDate = isms.No, "2026-11-20"
		}, "NotEvidenced Overdue"},
		"measured too seldom":          {"9.1", func(o *objects) { o.Scope.Spec.Objectives[0].MeasureEveryDays = 50 }, "NotEvidenced Expired"},
		"measured often enough":        {"9.1", func(o *objects) { o.Scope.Spec.Objectives[0].MeasureEveryDays = 51 }, "Evidenced PerformanceEvaluated"},
		"an audit last year":           {"9.2.1", func(o *objects) { audit(o).PerformedOn = "2025-11-20" }, "NotEvidenced Expired"},
		"an audit of tomorrow":         {"9.2.1", func(o *objects) { audit(o).PerformedOn = "2026-11-22"; audit(o).PlannedOn = "2026-11-22" }, "NotEvidenced Missing"},
		"an audit that did not happen": {"9.2.1", func(o *objects) { also(o, isms.InternalAudit{Name: "ia-2", PlannedOn: "2026-11-20"}) }, "NotEvidenced Overdue"},
		"an audit that is planned":     {"9.2.1", func(o *objects) { also(o, isms.InternalAudit{Name: "ia-2", PlannedOn: "2026-11-21"}) }, "Evidenced InternalAuditPerformed"},
		"an auditor of their own work": {"9.2.2", func(o *objects) { audit(o).Auditors[0].Person = roe; owned(roe)(o) }, "NotEvidenced NotIndependent"},
		"an auditor without an email":  {"9.2.2", owned(roe), "Unknown IndependenceNotVerifiable"},
		"an auditor of others' work":   {"9.2.2", func(o *objects) { audit(o).Auditors[0].Person = doe; owned(roe)(o) }, "Evidenced InternalAuditComplete"},
		"a second auditor":             {"9.2.2", func(o *objects) { audit(o).Auditors = []isms.Auditor{{Person: roe}, {Person: doe}}; owned(roe)(o) }, "Evidenced InternalAuditComplete"},
		"an auditor of their own clause": {"9.2.2", func(o *objects) {
			audit(o).Auditors[0].Person = roe
			o.Scope.Spec.Requirements = []isms.ClauseRequirement{{ID: "7.2", Owner: roe}}
		}, "NotEvidenced NotIndependent"},
		"an auditor of a clause, without an email": {"9.2.2", func(o *objects) {
			o.Scope.Spec.Requirements = []isms.ClauseRequirement{{ID: "7.2", Owner: roe}}
		}, "Unknown IndependenceNotVerifiable"},
		"an auditor of others' clauses": {"9.2.2", func(o *objects) {
			audit(o).Auditors[0].Person = doe
			o.Scope.Spec.Requirements = []isms.ClauseRequirement{{ID: "7.2", Owner: roe}}
		}, "Evidenced InternalAuditComplete"},
		"another auditor of the clause": {"9.2.2", func(o *objects) {
			audit(o).Auditors[0].Person = roe
			o.Scope.Spec.Requirements = []isms.ClauseRequirement{{ID: "7.2", Owner: roe}}
			also(o, isms.InternalAudit{
				Name: "ia-2", PerformedOn: "2026-10-01", Criteria: audit(o).Criteria, Clauses: []isms.ClauseID{"7"}, Findings: isms.FindingsNone,
				Auditors: []isms.Auditor{{Person: doe}}, ReportedOn: "2026-10-02", ReportRef: audit(o).ReportRef,
			})
		}, "Evidenced InternalAuditComplete"},
		"controls that are not covered": {"9.2.2", func(o *objects) {
			audit(o).ControlCoverage, audit(o).Controls = isms.CoverageListed, []isms.ControlID{"A.5.1"}
			owned(roe)(o)
		}, "NotEvidenced Incomplete"},
		"parts of a clause": {"9.2.2", func(o *objects) {
			audit(o).Clauses = []isms.ClauseID{"4", "5", "6", "7", "8", "9.1", "9.2.1", "9.2.2", "9.3", "10"}
		}, "Evidenced InternalAuditComplete"},
		"findings that are not there": {"9.2.2", func(o *objects) { audit(o).Findings = isms.FindingsRefs }, "NotEvidenced Incomplete"},
		"findings that are there": {"9.2.2", func(o *objects) {
			audit(o).Name, audit(o).Findings = "ia", isms.FindingsRefs
			o.Findings = []isms.Finding{{Spec: isms.FindingSpec{ScopeRef: inAcme, AuditRef: &isms.AuditRef{Cycle: "acme-2026", Audit: "ia"}}}}
		}, "Evidenced InternalAuditComplete"},
		"a programme that is named":        {"9.2.2", programme("internalauditprogramme"), "Evidenced InternalAuditComplete"},
		"a programme that is not there":    {"9.2.2", programme("lost"), "NotEvidenced ReferenceNotFound"},
		"a programme that is no programme": {"9.2.2", programme("report"), "NotEvidenced ReferenceNotFound"},
		"a programme of another scope": {"9.2.2", func(o *objects) {
			programme("other")(o)
			other := *o.Documents[0].DeepCopy()
			other.Name, other.Spec.ScopeRef.Name = "other", "other"
			o.Documents = append(o.Documents, other)
		}, "NotEvidenced ReferenceNotFound"},
		"a named programme that nobody approved": {"9.2.2", func(o *objects) {
			programme("draft")(o)
			draft := *o.Documents[0].DeepCopy()
			draft.Name, draft.Spec.Approval = "draft", nil
			o.Documents = append(o.Documents, draft)
		}, "NotEvidenced NotApproved"},
		"a lost programme of a cycle that another follows": {"9.2.2", func(o *objects) {
			programme("lost")(o)
			follow(o)
		}, "Evidenced InternalAuditComplete"},
		"a lost programme of the cycle that follows": {"9.2.2", func(o *objects) {
			follow(o).AuditProgrammeRef = &isms.LocalRef{Name: "lost"}
		}, "NotEvidenced ReferenceNotFound"},
		"a competence of the auditor":     {"9.2.2", competence(doe, "2026-09-03", "2026-09-03", "True Current"), "Evidenced InternalAuditComplete"},
		"a competence that expired since": {"9.2.2", competence(doe, "2026-01-01", "2026-10-01", "False Expired"), "Evidenced InternalAuditComplete"},
		"a competence that had expired":   {"9.2.2", competence(doe, "2026-01-01", "2026-09-02", "False Expired"), "NotEvidenced Expired"},
		"a competence of the day after":   {"9.2.2", competence(doe, "2026-09-04", "", "True Current"), "NotEvidenced DateInFuture"},
		"a competence that nothing shows": {"9.2.2", competence(doe, "2026-01-01", "", "False Missing"), "NotEvidenced Missing"},
		"a competence that is not known":  {"9.2.2", competence(doe, "2026-01-01", "", "Unknown Suspended"), "Unknown Suspended"},
		"a competence of somebody else":   {"9.2.2", competence(roe, "2026-01-01", "", "True Current"), "NotEvidenced ReferenceNotFound"},
		"a competence that is not there":  {"9.2.2", competent("lost"), "NotEvidenced ReferenceNotFound"},
		"a competence that is a change": {"9.2.2", func(o *objects) {
			competence(doe, "2026-01-01", "", "True Current")(o)
			o.Entries[0].Spec.Register = isms.RegisterChange
		}, "NotEvidenced ReferenceNotFound"},
		"a training of the auditor":  {"9.2.2", trained("2026-09-03", isms.OutcomePass), "Evidenced InternalAuditComplete"},
		"a training after the audit": {"9.2.2", trained("2026-09-04", isms.OutcomePass), "NotEvidenced DateInFuture"},
		"a training that was failed": {"9.2.2", trained("2026-09-03", isms.OutcomeFail), "NotEvidenced OutcomeFailed"},
		"a training that was corrected": {"9.2.2", func(o *objects) {
			trained("2026-09-03", isms.OutcomePass)(o)
			*o = o.attested(isms.AttestationSpec{Type: "AuditorTraining", Supersedes: &isms.LocalRef{Name: "training"}})
		}, "NotEvidenced ReferenceNotFound"},
		"a second auditor of no competence": {"9.2.2", func(o *objects) {
			trained("2026-09-03", isms.OutcomePass)(o)
			audit(o).Auditors = append(audit(o).Auditors, isms.Auditor{Person: roe, CompetenceRef: &isms.LocalRef{Name: "lost"}})
		}, "NotEvidenced ReferenceNotFound"},
		"an audit of four years ago": {"9.2.2", func(o *objects) { audit(o).PerformedOn = "2022-11-21" }, "NotEvidenced Missing"},
		"a review last year":         {"9.3.1", func(o *objects) { review(o).PerformedOn = "2025-11-20" }, "NotEvidenced Expired"},
		"a decision not carried out": {"9.3.3", func(o *objects) { review(o).Decisions[0].DueDate = "2026-11-20" }, "NotEvidenced Overdue"},
		"a decision carried out":     {"9.3.3", func(o *objects) { d := &review(o).Decisions[0]; d.DueDate, d.DoneOn = "2026-11-20", "2026-11-21" }, "Evidenced ManagementReviewRecorded"},
		"an improvement of a finding": {"10.1", func(o *objects) {
			o.Cycles = nil
			o.Findings = opportunity("2026-11-21", nil)
		}, "Evidenced ImprovementDecided"},
		"an improvement of tomorrow": {"10.1", func(o *objects) { o.Cycles, o.Findings = nil, opportunity("2026-11-22", nil) }, "NotEvidenced Missing"},
		"an improvement that is declined": {"10.1", func(o *objects) {
			o.Cycles, o.Findings = nil, opportunity("2026-11-21", &isms.FindingDecision{Outcome: isms.FindingDeclined})
		}, "NotEvidenced Missing"},
		"a closed nonconformity": {"10.2", func(o *objects) {
			o.Findings[0].Status.Conditions = nil
			spec := &o.Findings[0].Spec
			spec.Correction, spec.RootCause, spec.SimilarCasesReviewed = "Tested.", "No owner.", "Two more."
			spec.CorrectiveAction = &isms.CorrectiveAction{PerformedBy: &doe, CompletedOn: "2026-10-01"}
			spec.EffectivenessReview = &isms.EffectivenessReview{ReviewedOn: "2026-11-01", By: roe, Outcome: isms.ActionEffective}
		}, "Evidenced NonconformitiesHandled"},
		"observations alone": {"10.2", func(o *objects) { o.Findings[0].Spec.Severity = isms.SeverityObservation }, "Unknown NothingDeclared"},
		"a nonconformity that is an observation from tomorrow on": {"7.1", func(o *objects) { o.Findings = regradedOn("2026-11-22") }, "NotEvidenced OpenNonconformity"},
		"a nonconformity that is an observation since today":      {"7.1", func(o *objects) { o.Findings = regradedOn("2026-11-21") }, "Evidenced ResourcesStated"},
		"a suspended scope":                           {"7.1", func(o *objects) { o.Scope.Annotations = map[string]string{assess.SuspendAnnotation: "true"} }, "Unknown Suspended"},
		"a record whose deviations nobody follows up": {"8.1", deviating, "Unknown ReferenceNotFound"},
		"a record whose deviations a finding follows up": {"8.1", func(o *objects) {
			deviating(o)
			o.Findings = []isms.Finding{{ObjectMeta: metav1.ObjectMeta{Name: "nc"}, Spec: isms.FindingSpec{ScopeRef: inAcme}}}
		}, "Evidenced ProcessesOperated"},
		"too few people in a record of a clause": {"7.4", func(o *objects) {
			o.Documents = nil
			*o = o.attested(isms.AttestationSpec{Outcome: isms.OutcomePass, Clauses: []isms.DeclaredClause{"7.4"}})
			took(20, 18)(&o.Attestations[0])
		}, "NotEvidenced Missing"},
		"a record of a clause with deviations": {"7.4", func(o *objects) {
			o.Documents = nil
			*o = o.attested(isms.AttestationSpec{Outcome: isms.OutcomePass, Clauses: []isms.DeclaredClause{"7.4"}})
			deviating(o)
		}, "Unknown ReferenceNotFound"},
		"a superseded record": {"8.1", func(o *objects) { *o = o.attested(isms.AttestationSpec{Supersedes: &isms.LocalRef{Name: "record"}}) }, "NotEvidenced Missing"},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := json.Marshal(sets[tc.id])
			if err != nil {
				t.Fatal(err)
			}
			var o objects
			if err := json.Unmarshal(raw, &o); err != nil {
				t.Fatal(err)
			}
			tc.change(&o)
			got := evaluate(t, o.input(), tc.id)
			if s := fmt.Sprintf("%s %s", got.Status, got.Reason); s != tc.want {
				t.Errorf("%s: got %s, want %s (%s)", tc.id, s, tc.want, got.Message)
			}
		})
	}
}

// programme names the document of the programme.
func programme(name isms.ObjectName) func(*objects) {
	return func(o *objects) { o.Cycles[0].Spec.AuditProgrammeRef = &isms.LocalRef{Name: name} }
}

// follow adds a cycle that follows the first one.
func follow(o *objects) *isms.AuditCycleSpec {
	next := isms.AuditCycle{Spec: isms.AuditCycleSpec{
		ScopeRef: inAcme, Origin: isms.OriginRecertification, PreviousCycleRef: &isms.LocalRef{Name: isms.ObjectName(o.Cycles[0].Name)},
	}}
	next.Name = "acme-2029"
	o.Cycles = append(o.Cycles, next)
	return &o.Cycles[1].Spec
}

// competent names what shows the competence of the auditor, doe.
func competent(name isms.ObjectName) func(*objects) {
	return func(o *objects) {
		o.Cycles[0].Spec.InternalAudits[0].Auditors = []isms.Auditor{{Person: doe, CompetenceRef: &isms.LocalRef{Name: name}}}
	}
}

// competence names an entry of the register of competences, of which the operator says a status and a reason.
func competence(person isms.Person, from, until isms.Date, said string) func(*objects) {
	status, reason, _ := strings.Cut(said, " ")
	return func(o *objects) {
		competent("iso-27001-auditor")(o)
		e := isms.RegisterEntry{Spec: isms.RegisterEntrySpec{
			ScopeRef: inAcme, Register: isms.RegisterCompetence,
			Competence: &isms.CompetenceEntry{Person: person, Role: "Auditor", AcquiredOn: from, ExpiresOn: until},
		}}
		e.Name = "iso-27001-auditor"
		e.Status.Conditions = []metav1.Condition{{Type: isms.ConditionCompetenceCurrent, Status: metav1.ConditionStatus(status), Reason: reason}}
		o.Entries = append(o.Entries, e)
	}
}

// trained names a record of a training.
func trained(on isms.Date, outcome isms.AttestationOutcome) func(*objects) {
	return func(o *objects) {
		competent("training")(o)
		o.Attestations = append(o.Attestations, attestation("training", "AuditorTraining", on, func(t *isms.Attestation) { t.Spec.Outcome = outcome }))
	}
}

// deviating lets a record have deviations, and name a finding.
func deviating(o *objects) {
	spec, one := &o.Attestations[0].Spec, int32(1)
	spec.Sample, spec.FindingRef = &isms.Sample{Population: 9, Size: 9, Deviations: &one}, &isms.LocalRef{Name: "nc"}
}

// regradedOn is a Minor on clause 7.1 that is an Observation from a day on.
func regradedOn(day isms.Date) []isms.Finding {
	return []isms.Finding{{Spec: isms.FindingSpec{
		ScopeRef: inAcme, Severity: isms.SeverityObservation, Requirement: "7.1",
		Regrading: []isms.Regrading{{From: isms.SeverityMinor, To: isms.SeverityObservation, RegradedOn: day}},
	}}}
}

func opportunity(raisedOn isms.Date, decision *isms.FindingDecision) []isms.Finding {
	return []isms.Finding{{Spec: isms.FindingSpec{
		ScopeRef: inAcme, Severity: isms.SeverityOpportunityForImprovement, RaisedOn: raisedOn,
		CorrectiveAction: &isms.CorrectiveAction{}, Decision: decision,
	}}}
}

func supplied(o *objects) {
	o.Scope.Spec.Boundaries = &isms.Boundaries{Interfaces: []isms.ScopeInterface{{Name: "Cloud", Type: isms.InterfaceSupplier}}}
}

func also(o *objects, a isms.InternalAudit) {
	o.Cycles[0].Spec.InternalAudits = append(o.Cycles[0].Spec.InternalAudits, a)
}
