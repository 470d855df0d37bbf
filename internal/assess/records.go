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
	// Digest is that of the content, where the operator computed it; empty where it did not. It is not used for a URL.
	Digest isms.Digest
	Now    time.Time
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
	d.Status.Digest = in.Digest
	w := conditions.NewWriter(in.Document.Status.Conditions, d.Generation, in.Now)
	status := isms.DocumentStatus{Digest: contentDigest(d)}
	if o := recordObstacle(d, in.Scope, d.Spec.ScopeRef); o != nil {
		o.show(w, o.reason, o.message)
		w.SetTo(isms.ConditionApproved, unknown(o.reason, o.message))
		w.SetTo(isms.ConditionReviewCurrent, unknown(o.reason, o.message))
	} else {
		w.Ready(isms.ReasonAssessed, "")
		w.SetTo(isms.ConditionApproved, approval(d, clock))
		reviewed, due := review(d, clock)
		w.SetTo(isms.ConditionReviewCurrent, reviewed)
		status.ReviewDueOn = due
	}
	status.Conditions, status.ObservedGeneration = w.List(), w.ObservedGeneration(d.Status.ObservedGeneration)
	events := Transitions(in.Document.Status.Conditions, status.Conditions,
		isms.ConditionApproved, isms.ConditionReviewCurrent)
	return DocumentOutcome{Status: status, RequeueAt: clock.Next(), Events: events}
}

// recordObstacle keeps a Document or an Attestation from being assessed.
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
	Now      time.Time
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
	} else {
		w.Ready(isms.ReasonAssessed, "")
		w.SetTo(isms.ConditionCurrent, attestationCurrent(t, in, clock))
	}
	status := isms.AttestationStatus{
		Conditions: w.List(), ObservedGeneration: w.ObservedGeneration(t.Status.ObservedGeneration),
		FirstSeenTime: t.Status.FirstSeenTime,
	}
	events := Transitions(in.Attestation.Status.Conditions, status.Conditions, isms.ConditionCurrent)
	return AttestationOutcome{Status: status, RequeueAt: clock.Next(), Events: events}
}

func attestationCurrent(t *isms.Attestation, in AttestationInput, clock *Clock) judgement {
	if by := supersededBy(in.Others, string(t.Spec.ScopeRef.Name))[t.Name]; by != "" {
		return no(isms.ReasonSuperseded, fmt.Sprintf("Attestation %s corrects this one.", by))
	}
	validDays := longestDemand(t, in.Controls)
	switch {
	case !clock.Come(t.Spec.PerformedOn):
		return no(isms.ReasonDateInFuture, "The attestation is dated in the future.")
	case t.Spec.Outcome != isms.OutcomePass:
		return no(isms.ReasonOutcomeFailed, "What is attested did not pass.")
	case validDays > 0 && clock.Over(addDays(speaksUntil(t), validDays)):
		return no(isms.ReasonExpired, "Every evidence item that asks for this type wants a later one.")
	case recordedLate(t):
		return yes(isms.ReasonRecordedLate, fmt.Sprintf("The record was made more than %d days after the fact.", lateRecordDays))
	}
	return yes(isms.ReasonCurrent, "")
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
