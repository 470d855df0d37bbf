// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// DocumentInput is everything that the assessment of one Document reads.
type DocumentInput struct {
	Document *isms.Document
	// Scope is the Document's scope; nil where there is none of that name.
	Scope *isms.ISMSScope
	// Digest is that of the content of a ConfigMap, where the operator could read it; empty where it could not. It is not
	// used for other sources.
	Digest isms.Digest
	// Unreadable says, where the operator could not read the content, why, and what helps. It holds no content.
	Unreadable string
	// Attestations may hold one that says that a register is complete, and Findings what follows up its deviations. They
	// are read for class Register alone.
	Attestations []isms.Attestation
	Findings     []isms.Finding
	Now          time.Time
}

// DocumentOutcome is what the assessment of a Document says.
type DocumentOutcome struct {
	Status isms.DocumentStatus
	// RequeueAt is the earliest moment at which the outcome may change by time alone; zero where it never does.
	RequeueAt time.Time
	Events    []Event
}

// Document assesses whether a document is approved in the version and content that are in force, and in review.
func Document(in DocumentInput) DocumentOutcome {
	d, clock := in.Document.DeepCopy(), NewClock(in.Now)
	d.Status.Digest = computedDigest(in)
	w := conditions.NewWriter(in.Document.Status.Conditions, d.Generation, in.Now)
	status := isms.DocumentStatus{Digest: contentDigest(d)}
	if o := recordObstacle(d, in.Scope, d.Spec.ScopeRef); o != nil {
		o.show(w, o.reason, o.message)
		w.SetTo(isms.ConditionApproved, unknown(o.reason, o.message))
		w.SetTo(isms.ConditionReviewCurrent, unknown(o.reason, o.message))
	} else {
		w.Ready(isms.ReasonAssessed, "")
		approved := approval(d, clock)
		if approved.Reason == isms.ReasonSourceNotReadable && in.Unreadable != "" {
			approved.Message = in.Unreadable
		}
		w.SetTo(isms.ConditionApproved, approved)
		reviewed, due := review(d, clock)
		if d.Spec.Class == isms.ClassRegister {
			reviewed, due = completeness(d, in, clock)
		}
		w.SetTo(isms.ConditionReviewCurrent, reviewed)
		status.ReviewDueOn = due
	}
	status.Conditions, status.ObservedGeneration = w.List(), w.ObservedGeneration(d.Status.ObservedGeneration)
	events := Transitions(in.Document.Status.Conditions, status.Conditions,
		isms.ConditionApproved, isms.ConditionReviewCurrent)
	return DocumentOutcome{Status: status, RequeueAt: clock.Next(), Events: events}
}

// computedDigest is the digest of what is not at a URL: of a ConfigMap's value, or of the Statement of Applicability as
// the scope declares it now.
func computedDigest(in DocumentInput) isms.Digest {
	if in.Document.Spec.Source.Computed != isms.ComputedStatementOfApplicability {
		return in.Digest
	}
	if in.Scope == nil || in.Scope.Status.StatementOfApplicability == nil {
		return ""
	}
	return in.Scope.Status.StatementOfApplicability.Digest
}

// recordObstacle keeps a record from being assessed.
func recordObstacle(object metav1.Object, scope *isms.ISMSScope, ref isms.LocalRef) *obstacle {
	if o := suspension(object); o != nil {
		return o
	}
	if scope == nil {
		return noScope(ref)
	}
	return nil
}

// AttestationInput is everything that the assessment of one Attestation reads. Others and Controls may be those of the
// whole namespace.
type AttestationInput struct {
	Attestation *isms.Attestation
	// Scope is the Attestation's scope; nil where there is none of that name.
	Scope *isms.ISMSScope
	// Others may hold an attestation that supersedes this one.
	Others []isms.Attestation
	// Controls may hold evidence items that ask for this type at an interval.
	Controls []isms.Control
	// Findings may hold the one that follows up deviations.
	Findings []isms.Finding
	// Documents may hold the one that the record speaks for.
	Documents []isms.Document
	Now       time.Time
}

// AttestationOutcome is what the assessment of an Attestation says.
type AttestationOutcome struct {
	Status isms.AttestationStatus
	// RequeueAt is the earliest moment at which the outcome may change by time alone; zero where it never does.
	RequeueAt time.Time
	Events    []Event
}

// Attestation assesses whether a record counts as evidence now.
func Attestation(in AttestationInput) AttestationOutcome {
	t, clock := in.Attestation.DeepCopy(), NewClock(in.Now)
	if t.Status.FirstSeenTime == nil {
		seen := metav1.NewTime(in.Now.UTC().Truncate(time.Second))
		if !t.CreationTimestamp.IsZero() {
			seen = t.CreationTimestamp
		}
		t.Status.FirstSeenTime = &seen
	}
	w := conditions.NewWriter(in.Attestation.Status.Conditions, t.Generation, in.Now)
	if o := recordObstacle(t, in.Scope, t.Spec.ScopeRef); o != nil {
		o.show(w, o.reason, o.message)
		w.SetTo(isms.ConditionCurrent, unknown(o.reason, o.message))
		w.SetTo(isms.ConditionReferencesResolved, unknown(o.reason, o.message))
	} else {
		w.Ready(isms.ReasonAssessed, "")
		w.SetTo(isms.ConditionCurrent, attestationCurrent(t, in, clock))
		w.SetTo(isms.ConditionReferencesResolved, attestationReferences(t, in).judgement())
	}
	status := isms.AttestationStatus{
		Conditions: w.List(), ObservedGeneration: w.ObservedGeneration(t.Status.ObservedGeneration),
		FirstSeenTime: t.Status.FirstSeenTime,
	}
	events := Transitions(in.Attestation.Status.Conditions, status.Conditions, AttestationConditions...)
	return AttestationOutcome{Status: status, RequeueAt: clock.Next(), Events: events}
}

// AttestationConditions are the domain conditions of an Attestation, in the order in which they are written.
var AttestationConditions = []string{isms.ConditionCurrent, isms.ConditionReferencesResolved}

// attestationCurrent judges whether a record counts as evidence now, for whoever asks for it at the longest interval.
func attestationCurrent(t *isms.Attestation, in AttestationInput, clock *Clock) judgement {
	j := attestationCounts(t, in, clock)
	if j.Status == metav1.ConditionFalse {
		return j
	}
	if days := longestDemand(t, in.Controls); days > 0 && clock.Over(addDays(speaksUntil(t), days)) {
		return no(isms.ReasonExpired, "Every evidence item that asks for this type wants a later one.")
	}
	return j
}

// attestationCounts judges a record whatever its age: that it stands, that it is not of the future, and what it says.
func attestationCounts(t *isms.Attestation, in AttestationInput, clock *Clock) judgement {
	if by := supersededBy(in.Others, string(t.Spec.ScopeRef.Name))[t.Name]; by != "" {
		return no(isms.ReasonSuperseded, fmt.Sprintf("Attestation %s corrects this one.", by))
	}
	if !clock.Come(t.Spec.PerformedOn) {
		return no(isms.ReasonDateInFuture, "The attestation is dated in the future.")
	}
	if j := attestedOutcome(t, in.Scope, in.Findings); j.Status != metav1.ConditionTrue {
		return j
	}
	if recordedLate(t) {
		return yes(isms.ReasonRecordedLate, fmt.Sprintf("The record was made more than %d days after the fact.", lateRecordDays))
	}
	return yes(isms.ReasonCurrent, "")
}

// attestedOutcome judges what a record says. Its author's Pass does not stand where too few people took part, nor where
// the sample has deviations that no Finding follows up: the Finding may be applied later, so that is Unknown.
func attestedOutcome(t *isms.Attestation, scope *isms.ISMSScope, findings []isms.Finding) judgement {
	spec := &t.Spec
	switch {
	case spec.Outcome != isms.OutcomePass:
		return no(isms.ReasonOutcomeFailed, "What is attested did not pass.")
	case belowThreshold(spec.Participants, MinParticipation(scope)):
		return no(isms.ReasonBelowThreshold,
			fmt.Sprintf("Fewer than %d percent of the expected people completed it.", MinParticipation(scope)))
	case hasDeviations(t) && !followedUp(t, findings):
		return unknown(isms.ReasonReferenceNotFound,
			"The sample has deviations, and the Finding that follows them up does not exist in this scope.")
	}
	return yes(isms.ReasonCurrent, "")
}

func belowThreshold(p *isms.Participants, percent int32) bool {
	if p == nil {
		return false
	}
	var completed int32
	if p.Completed != nil {
		completed = *p.Completed
	}
	return int64(completed)*100 < int64(p.Expected)*int64(percent)
}

func hasDeviations(t *isms.Attestation) bool {
	s := t.Spec.Sample
	return s != nil && s.Deviations != nil && *s.Deviations > 0
}

func followedUp(t *isms.Attestation, findings []isms.Finding) bool {
	return t.Spec.FindingRef != nil && findFinding(findings, t.Spec.ScopeRef, *t.Spec.FindingRef) != nil
}

// attestationReferences: what a record speaks for, corrects, measures and is followed up by must be of the scope.
func attestationReferences(t *isms.Attestation, in AttestationInput) *references {
	r, spec := &references{}, &t.Spec
	for _, id := range spec.Controls {
		r.want("Control "+string(id), hasControl(in.Controls, spec.ScopeRef, id))
	}
	if ref := spec.FindingRef; ref != nil {
		r.want("Finding "+string(ref.Name), findFinding(in.Findings, spec.ScopeRef, *ref) != nil)
	}
	if ref := spec.Supersedes; ref != nil {
		found := findAttestation(in.Others, spec.ScopeRef, *ref)
		r.want("Attestation "+string(ref.Name), found != nil && found.Spec.Type == spec.Type)
	}
	if ref := spec.DocumentRef; ref != nil {
		r.want("Document "+string(ref.Name), slices.ContainsFunc(in.Documents, func(d isms.Document) bool {
			return d.Name == string(ref.Name) && d.Spec.ScopeRef == spec.ScopeRef
		}))
	}
	if m := spec.Objective; m != nil {
		r.want("objective "+string(m.Name), slices.ContainsFunc(in.Scope.Spec.Objectives, func(o isms.Objective) bool {
			return o.Name == m.Name
		}))
	}
	return r
}

// longestDemand is the longest time, in days, for which an evidence item accepts the attestation; zero where none
// asks for it, so that it does not expire.
func longestDemand(t *isms.Attestation, controls []isms.Control) int32 {
	var days int32
	if t.Spec.Type == ControlReview {
		days = controlReviewDays
	}
	for i := range controls {
		spec := &controls[i].Spec
		listed := len(t.Spec.Controls) == 0 || slices.Contains(t.Spec.Controls, spec.ID)
		if spec.ScopeRef != t.Spec.ScopeRef || !listed {
			continue
		}
		for _, item := range spec.Evidence {
			if item.Attestation != nil && item.Attestation.Type == t.Spec.Type {
				days = max(days, item.Attestation.EveryDays+item.Attestation.GraceDays)
			}
		}
	}
	return days
}
