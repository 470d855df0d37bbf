// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"slices"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// RegisterEntryInput is everything that the assessment of one RegisterEntry reads. The lists may be those of the whole
// namespace.
type RegisterEntryInput struct {
	Entry *isms.RegisterEntry
	// Scope is the entry's scope; nil where there is none of that name.
	Scope        *isms.ISMSScope
	Controls     []isms.Control
	Risks        []isms.Risk
	Findings     []isms.Finding
	Attestations []isms.Attestation
	Now          time.Time
}

// RegisterEntryOutcome is what the assessment of a RegisterEntry says.
type RegisterEntryOutcome struct {
	Status isms.RegisterEntryStatus
	// RequeueAt is the earliest moment at which the outcome may change by time alone; zero where it never does.
	RequeueAt time.Time
	Events    []Event
}

type entryAssessment struct {
	in    RegisterEntryInput
	spec  *isms.RegisterEntrySpec
	clock *Clock
}

// question is one condition with how it is answered.
type question struct {
	condition string
	answer    func() judgement
}

// EntryConditions are the domain conditions of an entry of a register, in the order in which they are written.
func EntryConditions(register isms.Register) []string {
	a := &entryAssessment{}
	var list []string
	for _, q := range a.questions(register) {
		list = append(list, q.condition)
	}
	return list
}

// questions are what is asked of every entry, and what its register demands.
func (a *entryAssessment) questions(register isms.Register) []question {
	common := []question{
		{isms.ConditionReviewCurrent, func() judgement { j, _ := a.review(); return j }},
		{isms.ConditionReferencesResolved, func() judgement { return a.references().judgement() }},
	}
	return append(common, map[isms.Register][]question{
		isms.RegisterAsset: {{isms.ConditionClassified, a.classified}},
		isms.RegisterSupplier: {
			{isms.ConditionAgreementInPlace, a.agreement}, {isms.ConditionAssuranceCurrent, a.assurance},
		},
		isms.RegisterLegalRequirement: {{isms.ConditionComplianceEvaluated, a.compliance}},
		isms.RegisterIncident:         {{isms.ConditionResolved, a.resolved}},
		isms.RegisterCompetence:       {{isms.ConditionCompetenceCurrent, a.competence}},
		isms.RegisterChange:           {{isms.ConditionChangeControlled, a.change}},
	}[register]...)
}

// RegisterEntry assesses one entry of a register: whether it was reviewed in time, whether what it names exists, and
// what its register demands.
func RegisterEntry(in RegisterEntryInput) RegisterEntryOutcome {
	a := &entryAssessment{in: in, spec: &in.Entry.Spec, clock: NewClock(in.Now)}
	before := in.Entry.Status
	w := conditions.NewWriter(before.Conditions, in.Entry.Generation, in.Now)
	var status isms.RegisterEntryStatus
	o := recordObstacle(in.Entry, in.Scope, a.spec.ScopeRef)
	if o != nil {
		o.show(w, o.reason, o.message)
	} else {
		w.Ready(isms.ReasonAssessed, "")
		_, status.ReviewDueOn = a.review()
	}
	for _, q := range a.questions(a.spec.Register) {
		if o != nil {
			w.SetTo(q.condition, unknown(o.reason, o.message))
			continue
		}
		w.SetTo(q.condition, q.answer())
	}
	status.Conditions, status.ObservedGeneration = w.List(), w.ObservedGeneration(before.ObservedGeneration)
	return RegisterEntryOutcome{
		Status: status, RequeueAt: a.clock.Next(),
		Events: Transitions(before.Conditions, status.Conditions, EntryConditions(a.spec.Register)...),
	}
}

// keptCurrent are the registers whose entries describe the present, and which the standard wants kept so (A.5.9, A.5.22,
// A.5.31). An incident, a competence and a change end by themselves. The year is practice.
var keptCurrent = []isms.Register{isms.RegisterAsset, isms.RegisterSupplier, isms.RegisterLegalRequirement}

// review judges whether the entry was reviewed within its interval, and by when it must be again.
func (a *entryAssessment) review() (judgement, isms.Date) {
	interval := a.spec.ReviewIntervalDays
	if interval == 0 && slices.Contains(keptCurrent, a.spec.Register) {
		interval = defaultReviewDays
	}
	switch {
	case interval == 0:
		return unknown(isms.ReasonNotRequired, "The entry has no reviewIntervalDays, and its register asks for no review."), ""
	case a.spec.ReviewedOn == "":
		return no(isms.ReasonMissing, "No review is recorded: give reviewedOn."), ""
	case !a.clock.Come(a.spec.ReviewedOn):
		return no(isms.ReasonDateInFuture, "The review is dated in the future."), ""
	}
	due := addDays(a.spec.ReviewedOn, interval)
	if a.clock.Over(due) {
		return no(isms.ReasonExpired, "The review is overdue."), due
	}
	return yes(isms.ReasonReviewCurrent, ""), due
}

// references: controls, risks, findings and attestations that are named must be of the scope.
func (a *entryAssessment) references() *references {
	r := &references{}
	for _, id := range a.spec.Controls {
		r.want("Control "+string(id), hasControl(a.in.Controls, a.spec.ScopeRef, id))
	}
	for _, name := range a.spec.Risks {
		r.want("Risk "+string(name), slices.ContainsFunc(a.in.Risks, func(x isms.Risk) bool {
			return x.Name == string(name) && x.Spec.ScopeRef == a.spec.ScopeRef
		}))
	}
	if ref := a.findingRef(); ref != nil {
		r.want("Finding "+string(ref.Name), findFinding(a.in.Findings, a.spec.ScopeRef, *ref) != nil)
	}
	if c := a.spec.Competence; c != nil && c.AttestationRef != nil {
		r.want("Attestation "+string(c.AttestationRef.Name), findAttestation(a.in.Attestations, a.spec.ScopeRef, *c.AttestationRef) != nil)
	}
	return r
}

func (a *entryAssessment) findingRef() *isms.LocalRef {
	switch {
	case a.spec.Incident != nil:
		return a.spec.Incident.FindingRef
	case a.spec.LegalRequirement != nil && a.spec.LegalRequirement.Evaluation != nil:
		return a.spec.LegalRequirement.Evaluation.FindingRef
	}
	return nil
}

// findFinding finds a Finding of a scope; nil where there is none.
func findFinding(findings []isms.Finding, scope, ref isms.LocalRef) *isms.Finding {
	for i := range findings {
		if findings[i].Name == string(ref.Name) && findings[i].Spec.ScopeRef == scope {
			return &findings[i]
		}
	}
	return nil
}

// findAttestation finds an Attestation of a scope; nil where there is none.
func findAttestation(attestations []isms.Attestation, scope, ref isms.LocalRef) *isms.Attestation {
	for i := range attestations {
		if attestations[i].Name == string(ref.Name) && attestations[i].Spec.ScopeRef == scope {
			return &attestations[i]
		}
	}
	return nil
}
