// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package register

import (
	"strconv"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
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
		{"Estimate", Prose},
		{"Inherent level", State},
		{"Treatment", Text},
		{"Controls", List},
		{"Plan", Prose},
		{"Due", Date},
		{"Completed on", Date},
		{"Residual estimate", Prose},
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
		before, after := estimates(in, r)
		condition := func(conditionType string) string { return said(r.Status.Conditions, r.Generation, conditionType) }
		t.add(r.Name, string(s.Title), asset, string(s.Threat), string(s.Vulnerability), list(s.Properties), person(s.Owner),
			string(assessment.AssessedOn), before.text, before.level, string(treatment.Option), list(treatment.Controls),
			string(treatment.Plan), string(treatment.DueDate), string(treatment.CompletedOn), after.text, after.level,
			person(acceptance.AcceptedBy), string(acceptance.AcceptedOn), condition(isms.ConditionAssessed),
			condition(isms.ConditionTreated), condition(isms.ConditionResidualAccepted), condition(isms.ConditionReviewCurrent),
			string(r.Status.ReviewDueOn))
	}
	t.sort()
	return t
}

// estimate is how high a risk is: what was estimated, in words, and the level that the method makes of it; with FAIR, which
// has no levels, the mean loss per year.
type estimate struct{ text, level string }

// estimates of a risk without its treatment and with it. The figures are those of the status. What is retained remains as it
// is, and an estimate without the treatment holds for the rest where there is none with it.
func estimates(in readiness.ScopeInput, r *isms.Risk) (before, after estimate) {
	s, status := &r.Spec, &r.Status
	residual, rest, known := s.Residual, s.ResidualQuantitative, status.ResidualAnnualLoss
	if residual == nil && s.Treatment != nil && s.Treatment.Option == isms.TreatmentRetain {
		residual = s.Assessment
	}
	if residual != nil && rest == nil {
		rest, known = s.Quantitative, status.AnnualLoss
	}
	lossBefore, lossAfter := loss(s.Quantitative, status.AnnualLoss), loss(rest, known)
	before = estimate{words(s.Assessment, status.InherentScore, lossBefore), string(status.InherentLevel)}
	after = estimate{words(residual, status.ResidualScore, lossAfter), string(status.ResidualLevel)}
	if m := in.Scope.Spec.RiskManagement; m != nil && m.Method == isms.MethodFAIR {
		clock := assess.NewClock(in.Now)
		if s.Assessment != nil && clock.Come(s.Assessment.AssessedOn) {
			before.level = lossBefore
		}
		if residual != nil && clock.Come(residual.AssessedOn) {
			after.level = lossAfter
		}
	}
	return before, after
}

// loss is the mean loss per year, such as "150k EUR a year"; empty where there is none.
func loss(q *isms.QuantitativeRisk, l *isms.AnnualLoss) string {
	if q == nil || l == nil {
		return ""
	}
	return string(l.Mean) + " " + string(q.Currency) + " a year"
}

// words are those of an assessment, by whatever method, such as "likelihood Likely, consequence Critical".
func words(a *isms.RiskAssessment, score int32, loss string) string {
	if a == nil {
		return ""
	}
	said := []fact{
		{"likelihood", string(a.Likelihood)}, {"impact likelihood", string(a.ImpactLikelihood)}, {"consequence", string(a.Consequence)},
	}
	if v := a.Scores; v != nil {
		said = append(said, fact{"likelihood", figure(v.Likelihood)}, fact{"impact likelihood", figure(v.ImpactLikelihood)},
			fact{"impact", figure(v.Impact)})
	}
	for _, i := range a.Impacts {
		said = append(said, fact{string(i.Area), string(i.Value)})
	}
	if score > 0 {
		said = append(said, fact{"score", strconv.Itoa(int(score))})
	}
	return facts(", ", append(said, fact{"probability", string(a.Probability)}, fact{"mean loss", loss})...)
}

func figure(v *int32) string {
	if v == nil {
		return ""
	}
	return strconv.Itoa(int(*v))
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
