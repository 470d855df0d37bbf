// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// conforming judges whether a Major or Minor finding on the control is open. A finding counts from the moment it is
// recorded, also if its date is wrong, and also while it is suspended: an annotation must not hide a nonconformity.
func (a *assessment) conforming() judgement {
	var open []string
	for i := range a.in.Findings {
		f := &a.in.Findings[i]
		onControl := string(f.Spec.ScopeRef.Name) == a.scopeName() && f.Spec.Requirement == a.control.Spec.ID
		if onControl && nonconformity(Graded(f, a.clock)) && FindingOpen(f, a.clock) {
			open = append(open, f.Name)
		}
	}
	if len(open) == 0 {
		return yes(isms.ReasonSatisfied, "")
	}
	slices.Sort(open)
	return no(isms.ReasonOpenNonconformity, "Open nonconformities: "+conditions.Names(open)+".")
}

// nonconformity says whether a finding is a nonconformity (ISO/IEC 17021-1, 3.11 to 3.13). The other severities demand no
// corrective action.
func nonconformity(f *isms.Finding) bool {
	return f.Spec.Severity == isms.SeverityMajor || f.Spec.Severity == isms.SeverityMinor
}

// advisory says whether a finding demands no answer at all.
func advisory(f *isms.Finding) bool {
	return f.Spec.Severity == isms.SeverityObservation || f.Spec.Severity == isms.SeverityOpportunityForImprovement
}

func byBody(f *isms.Finding) bool { return f.Spec.Source == isms.FindingFromCertificationBody }

// FindingOpen says whether a finding still waits for whoever must verify that it is resolved. It reads the spec alone,
// so that it does not depend on whether the Finding was assessed already.
func FindingOpen(f *isms.Finding, clock *Clock) bool {
	return findingClosed(f, clock).Status != metav1.ConditionTrue
}

// findingClosed judges whether a finding is resolved. What the certification body raised only the body closes, whatever
// the severity (ISO/IEC 17021-1, 9.4.10). A nonconformity of the organization's own is closed by a review that found the
// action effective, by somebody other than its performer (27001, 10.2 d), with the record that 10.2 f and g ask for.
func findingClosed(f *isms.Finding, clock *Clock) judgement {
	f = Graded(f, clock)
	switch {
	case byBody(f):
		return closedByBody(f.Spec.CertificationBody, clock)
	case advisory(f) && f.Spec.EffectivenessReview == nil:
		return closedByDecision(f, clock)
	}
	return closedByReview(f, clock)
}

func closedByBody(c *isms.BodyVerification, clock *Clock) judgement {
	switch {
	case c == nil || c.VerifiedOn == "":
		return no(isms.ReasonOpen, "The certification body has not verified it.")
	case !clock.Come(c.VerifiedOn):
		return no(isms.ReasonDateInFuture, "The certification body's verification is dated in the future.")
	}
	return yes(isms.ReasonClosed, "The certification body has verified it.")
}

// closedByDecision closes an observation or an opportunity for improvement: declined with a reason, or adopted and done.
// Neither is a nonconformity, so nobody else has to verify it.
func closedByDecision(f *isms.Finding, clock *Clock) judgement {
	d := f.Spec.Decision
	switch {
	case d == nil:
		return no(isms.ReasonOpen, "It is neither adopted nor declined.")
	case !clock.Come(d.DecidedOn):
		return no(isms.ReasonDateInFuture, "The decision is dated in the future.")
	case d.Outcome == isms.FindingDeclined:
		return yes(isms.ReasonClosed, "Declined with a reason.")
	case !actionDone(f, clock):
		return no(isms.ReasonOpen, "What was adopted is not done yet.")
	}
	return yes(isms.ReasonClosed, "Adopted and done.")
}

func closedByReview(f *isms.Finding, clock *Clock) judgement {
	r, action := f.Spec.EffectivenessReview, f.Spec.CorrectiveAction
	switch {
	case !actionDone(f, clock):
		return no(isms.ReasonOpen, "The corrective action is not done yet.")
	case r == nil:
		return no(isms.ReasonOpen, "Nobody has reviewed whether the corrective action was effective.")
	case !clock.Come(r.ReviewedOn):
		return no(isms.ReasonDateInFuture, "The review of the effect is dated in the future.")
	case r.Outcome != isms.ActionEffective:
		return no(isms.ReasonNotEffective, "The corrective action had no effect.")
	}
	if missing := planMissing(f); nonconformity(f) && len(missing) > 0 {
		return no(isms.ReasonIncomplete, "The effect is reviewed, but the record lacks "+conditions.Names(missing)+".")
	}
	performer := action.Owner
	if action.PerformedBy != nil {
		performer = *action.PerformedBy
	}
	if !differentPeople(performer, r.By) {
		return unknown(isms.ReasonIndependenceNotVerifiable,
			"By email or id, who performed the action and who reviewed its effect are not shown to be two people.")
	}
	return yes(isms.ReasonClosed, "Somebody else found the corrective action effective.")
}

// actionDone says whether there is a corrective action that is done.
func actionDone(f *isms.Finding, clock *Clock) bool {
	action := f.Spec.CorrectiveAction
	return action != nil && clock.Come(action.CompletedOn)
}

// planMissing names what the answer to a nonconformity lacks (27001, 10.2 a to c; ISO/IEC 17021-1, 9.4.9).
func planMissing(f *isms.Finding) []string {
	var missing []string
	for _, part := range []struct {
		name  string
		given bool
	}{
		{"correction", f.Spec.Correction != ""},
		{"rootCause", f.Spec.RootCause != ""},
		{"similarCasesReviewed", f.Spec.SimilarCasesReviewed != ""},
		{"correctiveAction", f.Spec.CorrectiveAction != nil},
	} {
		if !part.given {
			missing = append(missing, part.name)
		}
	}
	return missing
}
