// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// defaultMeasureDays is the longest time between two measurements of an objective that states none: practice.
const defaultMeasureDays = 365

// objectivesMeasured asks for objectives, each with a measurement in time (clauses 6.2 and 9.1). A target that is not
// met yet is no failure before its date.
func (s *scopeAssessment) objectivesMeasured() []need {
	objectives := s.scope.Spec.Objectives
	return append(
		[]need{declared(len(objectives) > 0, "State objectives in the ISMSScope.")},
		each(objectives, func(o isms.Objective) string { return string(o.Name) }, s.measured, func(reason string) string {
			switch reason {
			case isms.ReasonOverdue:
				return "Reach the target of the objective, or decide on it anew"
			case isms.ReasonExpired:
				return "Measure the objective again"
			}
			return "Record a measurement of the objective as an Attestation"
		})...,
	)
}

// Measurement is what the latest measurement of an objective says.
type Measurement struct {
	// Met says that the target was met then.
	Met bool
	// NextOn is the last day for the next measurement; empty where there was none yet.
	NextOn isms.Date
}

// LastMeasurement looks for the latest measurement of an objective among the records that count.
func LastMeasurement(in ScopeInput, o isms.Objective, clock *assess.Clock) Measurement {
	records := assess.Records(in.Attestations, in.Scope.Name, clock,
		func(t *isms.Attestation) bool { return t.Spec.Objective != nil && t.Spec.Objective.Name == o.Name })
	if len(records) == 0 {
		return Measurement{}
	}
	last := records[len(records)-1]
	return Measurement{
		Met:    last.Spec.Objective.Met == isms.Yes,
		NextOn: assess.AddDays(assess.SpeaksUntil(last), cmp.Or(o.MeasureEveryDays, defaultMeasureDays)),
	}
}

// measured judges one objective by its latest measurement.
func (s *scopeAssessment) measured(o isms.Objective) (metav1.ConditionStatus, string) {
	last := LastMeasurement(s.in, o, s.clock)
	switch {
	case last.NextOn == "":
		return metav1.ConditionFalse, isms.ReasonMissing
	case s.clock.Over(last.NextOn):
		return metav1.ConditionFalse, isms.ReasonExpired
	case !last.Met && s.clock.Over(o.DueDate):
		return metav1.ConditionFalse, isms.ReasonOverdue
	}
	return metav1.ConditionTrue, ""
}
