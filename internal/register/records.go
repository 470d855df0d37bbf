// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package register

import (
	"strconv"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// Risks is the risk register (clauses 6.1.2, 6.1.3, 8.2 and 8.3), by name.
func Risks(in readiness.ScopeInput) Table {
	t := Table{Name: "risk-register", Columns: []Column{
		{"Risk", Text},
		{"Title", Text},
		{"Asset", Text},
		{"Threat", Prose},
		{"Vulnerability", Prose},
		{"Properties", List},
		{"Owner", Text},
		{"Assessed on", Date},
		{"Inherent level", State},
		{"Treatment", Text},
		{"Controls", List},
		{"Plan", Prose},
		{"Due", Date},
		{"Completed on", Date},
		{"Residual level", State},
		{"Accepted by", Text},
		{"Accepted on", Date},
		{"Assessed", State},
		{"Treated", State},
		{"Residual accepted", State},
		{"Review", State},
		{"Review due", Date},
	}}
	for _, r := range of(in, in.Risks, func(r *isms.Risk) isms.LocalRef { return r.Spec.ScopeRef }) {
		s := r.Spec
		asset := string(s.Asset)
		if s.AssetRef != nil {
			asset = string(s.AssetRef.Name)
		}
		assessment, treatment, acceptance := isms.RiskAssessment{}, isms.RiskTreatment{}, isms.RiskAcceptance{}
		if s.Assessment != nil {
			assessment = *s.Assessment
		}
		if s.Treatment != nil {
			treatment = *s.Treatment
		}
		if s.Acceptance != nil {
			acceptance = *s.Acceptance
		}
		condition := func(conditionType string) string { return said(r.Status.Conditions, r.Generation, conditionType) }
		t.add(r.Name, string(s.Title), asset, string(s.Threat), string(s.Vulnerability), list(s.Properties), person(s.Owner),
			string(assessment.AssessedOn), string(r.Status.InherentLevel), string(treatment.Option), list(treatment.Controls),
			string(treatment.Plan), string(treatment.DueDate), string(treatment.CompletedOn), string(r.Status.ResidualLevel),
			person(acceptance.AcceptedBy), string(acceptance.AcceptedOn), condition(isms.ConditionAssessed),
			condition(isms.ConditionTreated), condition(isms.ConditionResidualAccepted), condition(isms.ConditionReviewCurrent),
			string(r.Status.ReviewDueOn))
	}
	t.sort()
	return t
}

// Documents is the master list of documented information (clause 7.5), by type and name.
func Documents(in readiness.ScopeInput) Table {
	t := Table{Name: "documents", Columns: []Column{
		{"Type", Text},
		{"Document", Text},
		{"Title", Text},
		{"Version", Text},
		{"Owner", Text},
		{"Classification", Text},
		{"Clauses", List},
		{"Approved version", Text},
		{"Approved by", Text},
		{"Approved on", Date},
		{"Digest", Text},
		{"Source", Text},
		{"Approved", State},
		{"Review", State},
		{"Review due", Date},
	}}
	for _, d := range of(in, in.Documents, func(d *isms.Document) isms.LocalRef { return d.Spec.ScopeRef }) {
		s, approval := d.Spec, isms.DocumentApproval{}
		if s.Approval != nil {
			approval = *s.Approval
		}
		t.add(string(s.Type), d.Name, string(s.Title), string(s.Version), person(s.Owner), string(s.Classification), list(s.Clauses),
			string(approval.Version), person(approval.ApprovedBy), string(approval.ApprovedOn), string(d.Status.Digest), source(s.Source),
			said(d.Status.Conditions, d.Generation, isms.ConditionApproved),
			said(d.Status.Conditions, d.Generation, isms.ConditionReviewCurrent), string(d.Status.ReviewDueOn))
	}
	t.sort()
	return t
}

func source(s isms.DocumentSource) string {
	switch {
	case s.ConfigMapKeyRef != nil:
		return "ConfigMap " + string(s.ConfigMapKeyRef.Name) + ", key " + s.ConfigMapKeyRef.Key
	case s.Computed != "":
		return "computed"
	}
	return string(s.URL)
}

// Entries are those of the other registers: assets, suppliers, legal requirements, incidents, competences and changes.
func Entries(in readiness.ScopeInput) Table {
	t := Table{Name: "registers", Columns: []Column{
		{"Register", Text},
		{"Entry", Text},
		{"Title", Text},
		{"Owner", Text},
		{"Controls", List},
		{"Reviewed on", Date},
		{"Review", State},
		{"Review due", Date},
	}}
	for _, e := range of(in, in.Entries, func(e *isms.RegisterEntry) isms.LocalRef { return e.Spec.ScopeRef }) {
		t.add(string(e.Spec.Register), e.Name, string(e.Spec.Title), person(e.Spec.Owner), list(e.Spec.Controls), string(e.Spec.ReviewedOn),
			said(e.Status.Conditions, e.Generation, isms.ConditionReviewCurrent), string(e.Status.ReviewDueOn))
	}
	t.sort()
	return t
}

// Attestations are the records of what was done, by day, type and name.
func Attestations(in readiness.ScopeInput) Table {
	t := Table{Name: "attestations", Columns: []Column{
		{"Performed on", Date},
		{"Type", Text},
		{"Attestation", Text},
		{"Outcome", State},
		{"Performed by", Text},
		{"Reviewed by", Text},
		{"Controls", List},
		{"Clauses", List},
		{"Objective", Text},
		{"Value", Text},
		{"Summary", Prose},
		{"Supersedes", Text},
		{"Current", State},
	}}
	for _, a := range of(in, in.Attestations, func(a *isms.Attestation) isms.LocalRef { return a.Spec.ScopeRef }) {
		s, reviewer, objective, supersedes := a.Spec, isms.Person{}, isms.ObjectiveMeasurement{}, isms.LocalRef{}
		if s.ReviewedBy != nil {
			reviewer = *s.ReviewedBy
		}
		if s.Objective != nil {
			objective = *s.Objective
		}
		if s.Supersedes != nil {
			supersedes = *s.Supersedes
		}
		t.add(string(s.PerformedOn), string(s.Type), a.Name, string(s.Outcome), person(s.PerformedBy), person(reviewer), list(s.Controls),
			list(s.Clauses), string(objective.Name), string(objective.Value), string(s.Summary), string(supersedes.Name),
			said(a.Status.Conditions, a.Generation, isms.ConditionCurrent))
	}
	t.sort()
	return t
}

// Findings is the register of findings and corrective actions (clause 10.2), by the day on which they were raised and by
// name.
func Findings(in readiness.ScopeInput) Table {
	t := Table{Name: "findings", Columns: []Column{
		{"Raised on", Date},
		{"Finding", Text},
		{"Severity", State},
		{"Source", Text},
		{"Audit", Text},
		{"Reference", Text},
		{"Requirement", Text},
		{"Statement", Prose},
		{"Evidence", Prose},
		{"Correction", Prose},
		{"Root cause", Prose},
		{"Corrective action", Prose},
		{"Owner", Text},
		{"Due", Date},
		{"Completed on", Date},
		{"Regraded", Number},
		{"Closed", State},
		{"On time", State},
	}}
	for _, f := range of(in, in.Findings, func(f *isms.Finding) isms.LocalRef { return f.Spec.ScopeRef }) {
		s, action, audit := f.Spec, isms.CorrectiveAction{}, ""
		if s.CorrectiveAction != nil {
			action = *s.CorrectiveAction
		}
		if s.AuditRef != nil {
			audit = string(s.AuditRef.Cycle) + "/" + string(s.AuditRef.Audit)
		}
		t.add(string(s.RaisedOn), f.Name, string(s.Severity), string(s.Source), audit, string(s.ExternalReference), string(s.Requirement),
			string(s.Statement), string(s.ObjectiveEvidence), string(s.Correction), string(s.RootCause), string(action.Description),
			person(action.Owner), string(action.DueDate), string(action.CompletedOn), strconv.Itoa(len(s.Regrading)),
			said(f.Status.Conditions, f.Generation, isms.ConditionClosed),
			said(f.Status.Conditions, f.Generation, isms.ConditionCorrectiveActionOnTime))
	}
	t.sort()
	return t
}
