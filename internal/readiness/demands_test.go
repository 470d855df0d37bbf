// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/readiness"
	"github.com/isms-operator/isms-operator/test/fixture"
)

// TestDemandsAgreeWithReadiness: what an audit asks for sums up to the condition that the cycle has for it.
func TestDemandsAgreeWithReadiness(t *testing.T) {
	for _, failing := range []fixture.Failing{nil, fixture.Drift} {
		in := fixture.Sample(t, failing)
		cycle := &in.Cycles[0]
		for auditType, condition := range map[isms.AuditType]string{
			isms.AuditStage1: isms.ConditionStage1Ready, isms.AuditStage2: isms.ConditionStage2Ready,
			isms.AuditSurveillance: isms.ConditionSurveillanceReady, isms.AuditRecertification: isms.ConditionRecertificationReady,
		} {
			worst := metav1.ConditionTrue
			for _, d := range readiness.Demands(fixture.CycleInput(in, cycle), auditType) {
				switch {
				case d.Advisory || d.Status == metav1.ConditionTrue || worst == metav1.ConditionFalse:
				default:
					worst = d.Status
				}
			}
			if want := conditions.Get(cycle.Status.Conditions, condition); want.Status != worst {
				t.Errorf("%s sums up to %s, but %s is %s", auditType, worst, condition, want.Status)
			}
		}
	}
	in := fixture.Sample(t, nil)
	in.Cycles[0].Generation++
	for _, d := range readiness.Demands(fixture.CycleInput(in, &in.Cycles[0]), isms.AuditStage1)[:3] {
		if d.Status != metav1.ConditionUnknown {
			t.Errorf("%s is %s by a status about an earlier generation", d.Name, d.Status)
		}
	}
}
