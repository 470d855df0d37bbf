// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// stage reads from what is recorded where a cycle stands. A plan moves nothing, nor does a record of the future.
func stage(cycle *isms.AuditCycle, clock *assess.Clock) isms.CycleStage {
	if certified, ok := certificateStage(cycle, clock); ok {
		return certified
	}
	at := isms.StagePreparation
	for _, audit := range cycle.Spec.Audits {
		if reached := auditStage(audit, clock); order[reached] > order[at] {
			at = reached
		}
	}
	return at
}

// order of the stages before a certificate.
var order = map[isms.CycleStage]int{
	isms.StagePreparation: 0, isms.StageStage1: 1, isms.StageStage2: 2, isms.StageRecertification: 3, isms.StageDecision: 4,
}

// auditStage is how far one audit has brought the cycle: begun, or over with an outcome that opens the next stage.
func auditStage(audit isms.Audit, clock *assess.Clock) isms.CycleStage {
	begun := clock.Come(audit.FirstDayOn) || clock.Come(audit.LastDayOn)
	recommended := audit.Outcome == isms.OutcomeRecommended || audit.Outcome == isms.OutcomeRecommendedAfterCorrection
	over := clock.Come(audit.LastDayOn)
	switch {
	case !begun:
		return isms.StagePreparation
	case audit.Type == isms.AuditStage1 && over && audit.Outcome == isms.OutcomeReadyForStage2:
		return isms.StageStage2
	case audit.Type == isms.AuditStage1:
		return isms.StageStage1
	case audit.Type == isms.AuditStage2 && over && recommended, audit.Type == isms.AuditRecertification && over && recommended:
		return isms.StageDecision
	case audit.Type == isms.AuditStage2:
		return isms.StageStage2
	case audit.Type == isms.AuditRecertification:
		return isms.StageRecertification
	}
	return isms.StagePreparation
}

// certificateStage is the stage of a cycle that has a certificate; false where none is in effect.
func certificateStage(cycle *isms.AuditCycle, clock *assess.Clock) (isms.CycleStage, bool) {
	state := certificateState(cycle, clock)
	if state == isms.StageCertified && recertifying(cycle, clock) {
		return isms.StageRecertification, true
	}
	return state, state != ""
}

// recertifying says whether a recertification audit has begun since the certificate was decided on.
func recertifying(cycle *isms.AuditCycle, clock *assess.Clock) bool {
	decided := decidedOn(cycle, clock)
	return slices.ContainsFunc(cycle.Spec.Audits, func(a isms.Audit) bool {
		return a.Type == isms.AuditRecertification && firstDay(a) > decided && auditStage(a, clock) != isms.StagePreparation
	})
}

// overlap names the other live cycles of the scope. A cycle is live until its certificate has ended or another cycle
// names it in previousCycleRef.
func (c *cycleAssessment) overlap() []string {
	live := func(cycle *isms.AuditCycle) bool {
		at := stage(cycle, c.clock)
		return at != isms.StageExpired && at != isms.StageWithdrawn && !c.followed(cycle.Name)
	}
	if !live(c.cycle) {
		return nil
	}
	var names []string
	for i := range c.in.Others {
		other := &c.in.Others[i]
		if other.Name != c.cycle.Name && other.Spec.ScopeRef == c.cycle.Spec.ScopeRef && live(other) {
			names = append(names, other.Name)
		}
	}
	slices.Sort(names)
	return names
}

// followed says whether a cycle of the scope names this one as its previous one.
func (c *cycleAssessment) followed(name string) bool {
	follows := func(cycle *isms.AuditCycle) bool {
		p := cycle.Spec.PreviousCycleRef
		return p != nil && string(p.Name) == name && cycle.Name != name && cycle.Spec.ScopeRef == c.cycle.Spec.ScopeRef
	}
	return follows(c.cycle) || slices.ContainsFunc(c.in.Others, func(o isms.AuditCycle) bool { return follows(&o) })
}
