// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"cmp"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// classified: an asset is classified in the organization's scheme (A.5.12); its owner and its kind are asked at admission.
func (a *entryAssessment) classified() judgement {
	if asset := a.spec.Asset; asset == nil || asset.Classification == "" {
		return no(isms.ReasonMissing, "The asset is not classified: give asset.classification.")
	}
	return yes(isms.ReasonClassified, "")
}

// agreement: security requirements are agreed with each supplier (A.5.20).
func (a *entryAssessment) agreement() judgement {
	if s := a.spec.Supplier; s == nil || s.AgreementRef == nil {
		return no(isms.ReasonMissing, "No agreement is recorded: give supplier.agreementRef.")
	}
	return yes(isms.ReasonAgreementInPlace, "")
}

// assurance: the certificate or the report on which the organization relies counts today (A.5.22). That a supplier of
// high criticality needs one is practice.
func (a *entryAssessment) assurance() judgement {
	s := a.spec.Supplier
	switch {
	case s != nil && s.AssuranceExpiresOn != "" && a.clock.Over(s.AssuranceExpiresOn):
		return no(isms.ReasonExpired, "The supplier's assurance has expired.")
	case s != nil && s.AssuranceExpiresOn != "":
		return yes(isms.ReasonAssuranceCurrent, "")
	case s != nil && (s.Criticality == isms.CriticalityCritical || s.Criticality == isms.CriticalityHigh):
		return no(isms.ReasonMissing,
			fmt.Sprintf("A supplier of %s criticality needs an assurance: give supplier.assuranceExpiresOn.", s.Criticality))
	}
	return unknown(isms.ReasonNotRequired, "No assurance is recorded, and the supplier's criticality asks for none.")
}

// compliance: what the law, a contract or a standard asks for was evaluated in the review interval, and is met (A.5.31;
// ISO/IEC 27006-1, 9.6.2).
func (a *entryAssessment) compliance() judgement {
	l := a.spec.LegalRequirement
	if l == nil || l.Evaluation == nil {
		return no(isms.ReasonMissing, "Compliance was never evaluated: give legalRequirement.evaluation.")
	}
	due := EvaluationDueOn(a.spec)
	switch {
	case !a.clock.Come(l.Evaluation.EvaluatedOn):
		return no(isms.ReasonDateInFuture, "The evaluation is dated in the future.")
	case l.Evaluation.Outcome != isms.Compliant:
		return no(isms.ReasonNotCompliant, "The last evaluation found that the requirement is not met.")
	case a.clock.Over(due):
		return no(isms.ReasonExpired, "The last evaluation is older than reviewIntervalDays allow.")
	}
	return yes(isms.ReasonComplianceEvaluated, "")
}

// EvaluationDueOn is the last day by which compliance with a legal requirement must be evaluated again; empty where it never
// was.
func EvaluationDueOn(spec *isms.RegisterEntrySpec) isms.Date {
	if spec.LegalRequirement == nil || spec.LegalRequirement.Evaluation == nil {
		return ""
	}
	return addDays(spec.LegalRequirement.Evaluation.EvaluatedOn, cmp.Or(spec.ReviewIntervalDays, defaultReviewDays))
}

// resolved: an incident is over. What was learned is asked at admission (A.5.27).
func (a *entryAssessment) resolved() judgement {
	i := a.spec.Incident
	switch {
	case i == nil:
		return no(isms.ReasonOpen, "The incident is open.")
	case a.clock.Come(i.ResolvedOn):
		return yes(isms.ReasonResolved, "")
	case i.DueDate != "" && a.clock.Over(i.DueDate):
		return no(isms.ReasonOverdue, "The incident is open, and its dueDate has passed.")
	case i.ResolvedOn != "":
		return no(isms.ReasonDateInFuture, "The incident is resolved on a day in the future.")
	}
	return no(isms.ReasonOpen, "The incident is open.")
}

// competence: there is evidence of it, and it holds today (clause 7.2 d).
func (a *entryAssessment) competence() judgement {
	c := a.spec.Competence
	switch {
	case c == nil || c.RecordRef == nil && c.AttestationRef == nil:
		return no(isms.ReasonMissing, "There is no evidence: give competence.recordRef or competence.attestationRef.")
	case !a.clock.Come(c.AcquiredOn):
		return no(isms.ReasonDateInFuture, "The competence holds from a day in the future on.")
	case c.ExpiresOn != "" && a.clock.Over(c.ExpiresOn):
		return no(isms.ReasonExpired, "The competence has expired.")
	case c.AttestationRef != nil:
		if j := a.attestedCompetence(*c.AttestationRef); j.Status != metav1.ConditionTrue {
			return j
		}
	}
	return yes(isms.ReasonCompetenceCurrent, "")
}

// attestedCompetence judges the Attestation that shows a competence. How long it counts says the entry's expiresOn, not
// the interval at which a Control may ask for the type.
func (a *entryAssessment) attestedCompetence(ref isms.LocalRef) judgement {
	t := findAttestation(a.in.Attestations, a.spec.ScopeRef, ref)
	if t == nil {
		return unknown(isms.ReasonReferenceNotFound, fmt.Sprintf("There is no Attestation %s in this scope.", ref.Name))
	}
	if Suspended(t) {
		return unknown(isms.ReasonSuspended, fmt.Sprintf("Attestation %s is suspended.", ref.Name))
	}
	return attestationCounts(t, AttestationInput{
		Scope: a.in.Scope, Others: a.in.Attestations, Findings: a.in.Findings,
	}, a.clock)
}

// change: approved before it is done, done when it was planned, and without effects that were not wanted (clauses 6.3
// and 8.1).
func (a *entryAssessment) change() judgement {
	c := a.spec.Change
	switch {
	case c == nil || c.Approval == nil:
		return no(isms.ReasonNotApproved, "The change is not approved: give change.approval.")
	case !a.clock.Come(c.Approval.ApprovedOn):
		return no(isms.ReasonDateInFuture, "The approval is dated in the future.")
	case c.EffectReview != nil && a.clock.Come(c.EffectReview.ReviewedOn) && c.EffectReview.Outcome != isms.ActionEffective:
		return no(isms.ReasonNotEffective, "The review found that the change did not have the effect that was wanted.")
	case a.clock.Come(c.CompletedOn):
		return yes(isms.ReasonChangeControlled, "The change is done.")
	case a.clock.Over(c.PlannedOn):
		return no(isms.ReasonOverdue, "The change is approved, but not done on the day that was planned.")
	}
	return yes(isms.ReasonChangeControlled, "The change is approved, and not due yet.")
}
