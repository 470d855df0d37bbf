// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// Demand is one thing that an audit asks for, and whether it is there.
type Demand struct {
	// Name of a gate of the cycle, or of what is asked for besides.
	Name            string
	Status          metav1.ConditionStatus
	Reason, Message string
	// Advisory says that the demand closes nothing, as the cycle says of a gate that is practice.
	Advisory bool
}

// Demands are all that an audit of a type asks for: the gates as the cycle's status has them, where that is about the
// cycle as it stands, then what is asked for besides. The condition AuditReady of the next audit sums them up, and names
// three at most.
func Demands(in CycleInput, auditType isms.AuditType) []Demand {
	c := newCycleAssessment(in)
	if in.Scope == nil || assess.Suspended(in.Cycle) {
		return nil
	}
	c.records = c.ofRecords()
	asked := c.readinessFor(auditType)
	rule := readinesses[slices.IndexFunc(readinesses, func(r readinessRule) bool { return r.condition == asked })]
	demands := make([]Demand, 0, len(rule.gates)+5)
	for _, name := range rule.gates {
		d := Demand{Name: name, Status: metav1.ConditionUnknown, Reason: isms.ReasonNotYetAssessed, Advisory: c.advisory(name)}
		if known := conditions.Get(in.Cycle.Status.Conditions, name); known != nil && known.ObservedGeneration == in.Cycle.Generation {
			d.Status, d.Reason, d.Message = known.Status, known.Reason, known.Message
		}
		demands = append(demands, d)
	}
	for _, g := range rule.elements(c) {
		demands = append(demands, Demand{Name: g.name, Status: g.answer.Status, Reason: g.answer.Reason, Message: g.answer.Message})
	}
	return demands
}
