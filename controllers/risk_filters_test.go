// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func satisfiedControl(status metav1.ConditionStatus, change ...func(*isms.Control)) *isms.Control {
	c := &isms.Control{Spec: isms.ControlSpec{Applicability: isms.Applicability{Decision: isms.DecisionApplicable}}}
	c.Status.Conditions = []metav1.Condition{{Type: isms.ConditionSatisfied, Status: status, Reason: "Some"}}
	for _, f := range change {
		f(c)
	}
	return c
}

// TestWhatWakesARisk: of a Control only that it turns or changes its decision, of a scope only its method.
func TestWhatWakesARisk(t *testing.T) {
	good := satisfiedControl(metav1.ConditionTrue)
	for name, tc := range map[string]struct {
		after *isms.Control
		want  bool
	}{
		"nothing":          {satisfiedControl(metav1.ConditionTrue), false},
		"fails":            {satisfiedControl(metav1.ConditionFalse), true},
		"is not known":     {satisfiedControl(metav1.ConditionUnknown), true},
		"has no condition": {satisfiedControl(metav1.ConditionTrue, func(c *isms.Control) { c.Status.Conditions = nil }), true},
		"another reason":   {satisfiedControl(metav1.ConditionTrue, func(c *isms.Control) { c.Status.Conditions[0].Reason = "Other" }), false},
		"other counts":     {satisfiedControl(metav1.ConditionTrue, func(c *isms.Control) { c.Status.Summary = &isms.EvidenceSummary{Total: 3} }), false},
		"another owner":    {satisfiedControl(metav1.ConditionTrue, func(c *isms.Control) { c.Spec.Owner.Name = "Other" }), false},
		"is excluded": {satisfiedControl(metav1.ConditionTrue, func(c *isms.Control) {
			c.Spec.Applicability.Decision = isms.DecisionExcluded
		}), true},
	} {
		if got := supportChanged.Update(event.UpdateEvent{ObjectOld: good, ObjectNew: tc.after}); got != tc.want {
			t.Errorf("a control, %s: %t", name, got)
		}
	}
	frame := func(change func(*isms.ISMSScope)) *isms.ISMSScope {
		s := &isms.ISMSScope{Spec: isms.ISMSScopeSpec{RiskManagement: &isms.RiskManagement{Method: isms.MethodISO27005}}}
		change(s)
		return s
	}
	for name, tc := range map[string]struct {
		after *isms.ISMSScope
		want  bool
	}{
		"nothing":        {frame(func(*isms.ISMSScope) {}), false},
		"a heartbeat":    {frame(func(s *isms.ISMSScope) { s.Status.HeartbeatTime = &metav1.Time{} }), false},
		"another name":   {frame(func(s *isms.ISMSScope) { s.Spec.Organization = "Acme SE" }), false},
		"another method": {frame(func(s *isms.ISMSScope) { s.Spec.RiskManagement.Method = isms.MethodFAIR }), true},
		"no method":      {frame(func(s *isms.ISMSScope) { s.Spec.RiskManagement = nil }), true},
	} {
		before := frame(func(*isms.ISMSScope) {})
		if got := methodChanged.Update(event.UpdateEvent{ObjectOld: before, ObjectNew: tc.after}); got != tc.want {
			t.Errorf("a scope, %s: %t", name, got)
		}
	}
	if !methodChanged.Create(event.CreateEvent{Object: good}) || !supportChanged.Delete(event.DeleteEvent{Object: good}) {
		t.Error("what comes or goes wakes nobody")
	}
}
