// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package assess decides what the operator says about Controls and about people's records. It is pure: everything
// that an answer depends on, the time included, is in its input, and the same input gives the same bytes.
package assess

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// SuspendAnnotation, with the value "true", suspends the assessment of an object. What is suspended is Unknown.
const SuspendAnnotation = "isms-operator.io/suspend"

// HoldFor is how long an earlier status stands while the engine lists the objects of a rule again.
const HoldFor = 10 * time.Minute

// Input is everything that the assessment of one Control reads. Documents, Attestations and Findings may be those of
// the whole namespace; the ones of other scopes are left out.
type Input struct {
	Control *isms.Control
	// Scope is the Control's scope; nil where there is none of that name.
	Scope *isms.ISMSScope
	// Duplicates names the other Controls of the scope that have the same id.
	Duplicates []string
	// Evidence holds, by item name, what the engine knows about the Control's rules. A rule without an entry is NotSynced.
	Evidence map[string]tally.Snapshot
	// UnsyncedSince is when the engine began to list what it has not synced yet; zero where that is not known.
	UnsyncedSince time.Time

	Documents    []isms.Document
	Attestations []isms.Attestation
	Findings     []isms.Finding
	// Risks may hold those that exceptions name.
	Risks []isms.Risk
	// Logged is what the evidence log says of the Control; nil where it was not read.
	Logged *Logged
	Now    time.Time
}

// Logged are times from the evidence log, each zero where the log has none.
type Logged struct {
	// ObservedSince is when the Control's series begins.
	ObservedSince time.Time
	// EffectiveSince is when the control, effective by the last entry, became so.
	EffectiveSince time.Time
	// CriteriaChanged is when what is asked of the control last changed.
	CriteriaChanged time.Time
}

// Outcome is what the assessment of a Control says.
type Outcome struct {
	// Status is the new status, complete. With Hold it is the earlier one.
	Status isms.ControlStatus
	// Hold says that the earlier status is to stand, because the engine is still listing: nothing is to be written.
	Hold bool
	// RequeueAt is the earliest moment at which the outcome may change by time alone; zero where it never does.
	RequeueAt time.Time
	// Events tell of transitions since the earlier status.
	Events []Event
}

// assessment is the state of one run.
type assessment struct {
	in         Input
	control    *isms.Control
	clock      *Clock
	superseded map[string]string
	named      int // failing subjects that are named so far
}

// Control assesses one Control: either something keeps it from being assessed at all, or the earlier status stands
// while objects are listed, or each evidence item is judged and the judgements are joined.
func Control(in Input) Outcome {
	a := &assessment{in: in, control: in.Control, clock: NewClock(in.Now)}
	a.superseded = supersededBy(in.Attestations, a.scopeName())
	for _, find := range obstacles {
		if o := find(a); o != nil {
			return a.obstructed(o)
		}
	}
	if a.holds() {
		return Outcome{Status: in.Control.Status, Hold: true, RequeueAt: a.clock.Next()}
	}
	return a.judged(a.evidence())
}

func (a *assessment) scopeName() string { return string(a.control.Spec.ScopeRef.Name) }

// holds says whether the earlier status stands: a rule is not synced, but was judged before, and the scope's heartbeat
// is young enough that what it said then may still be said. What rested on a right that is lost may not.
func (a *assessment) holds() bool {
	beat := a.in.Scope.Status.HeartbeatTime
	if a.control.Status.ObservedGeneration == 0 || beat == nil || !a.unsynced() || a.lostRight() {
		return false
	}
	since := beat.Time
	if u := a.in.UnsyncedSince; !u.IsZero() && u.Before(since) {
		since = u
	}
	return !a.clock.Reached(since.Add(HoldFor))
}

func (a *assessment) unsynced() bool {
	for _, item := range a.control.Spec.Evidence {
		if item.Resources != nil && a.snapshot(item.Name).Unavailable == isms.ReasonNotSynced {
			return true
		}
	}
	return false
}

// lostRight says whether the earlier status shows what may not be read any more.
func (a *assessment) lostRight() bool {
	for _, e := range a.control.Status.Evidence {
		reason := a.snapshot(isms.ItemName(e.Name)).Unavailable
		if (reason == isms.ReasonAccessDenied || reason == isms.ReasonOperatorForbidden) && e.Reason != reason {
			return true
		}
	}
	return false
}

// evidence judges every item, in the order of the spec.
func (a *assessment) evidence() []isms.EvidenceStatus {
	list := make([]isms.EvidenceStatus, 0, len(a.control.Spec.Evidence))
	for _, item := range a.control.Spec.Evidence {
		status := a.item(item)
		status.Message = conditions.Truncate(status.Message)
		status.LastTransitionTime = a.transition(status)
		list = append(list, status)
	}
	return list
}

func (a *assessment) item(item isms.EvidenceItem) isms.EvidenceStatus {
	switch {
	case item.Resources != nil:
		return a.resources(item)
	case item.Document != nil:
		return a.document(item)
	case item.Attestation != nil:
		return a.attestation(item)
	}
	return isms.EvidenceStatus{
		Name: string(item.Name), Result: isms.EvidenceUnknown, Reason: isms.ReasonNothingDeclared,
		Message: "The item names no resources, document or attestation.",
	}
}

// transition keeps the time of an item's last transition while its result and reason stay the same.
func (a *assessment) transition(status isms.EvidenceStatus) metav1.Time {
	for _, before := range a.control.Status.Evidence {
		same := before.Name == status.Name && before.Result == status.Result && before.Reason == status.Reason
		if same && !before.LastTransitionTime.IsZero() {
			return before.LastTransitionTime
		}
	}
	return metav1.NewTime(a.clock.Now().Truncate(time.Second))
}

// title and theme come from the catalogue for Annex A, else from the spec.
func (a *assessment) title() (string, isms.ControlTheme) {
	if a.control.Spec.Source == isms.SourceAnnexA {
		known, _ := catalogue.ControlByID(string(a.control.Spec.ID))
		return known.Title, known.Theme
	}
	return string(a.control.Spec.Title), ""
}
