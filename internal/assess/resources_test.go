// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{
		"service account reader may not list pods": "Service account reader may not list pods.",
		"the operator may not get this.":           "The operator may not get this.",
		"expect:1:14: NoSuchKey":                   "expect:1:14: NoSuchKey.",
		"apps/v1 Deployment is not served":         "apps/v1 Deployment is not served.",
		"metadata.annotations can't be read":       "metadata.annotations can't be read.",
		"waits":                                    "Waits.",
	} {
		if got := sentence(in); got != want {
			t.Errorf("sentence(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestEventTypes: only a step down is a warning.
func TestEventTypes(t *testing.T) {
	of := func(s metav1.ConditionStatus) *metav1.Condition {
		return &metav1.Condition{Type: "Effective", Status: s}
	}
	for _, tc := range []struct {
		before, after *metav1.Condition
		want          string
	}{
		{nil, of(metav1.ConditionFalse), EventWarning},
		{of(metav1.ConditionTrue), of(metav1.ConditionFalse), EventWarning},
		{of(metav1.ConditionTrue), of(metav1.ConditionUnknown), EventWarning},
		{of(metav1.ConditionUnknown), of(metav1.ConditionFalse), EventWarning},
		{of(metav1.ConditionFalse), of(metav1.ConditionUnknown), EventNormal},
		{of(metav1.ConditionFalse), of(metav1.ConditionTrue), EventNormal},
	} {
		if got := event(tc.before, tc.after).Type; got != tc.want {
			t.Errorf("%v to %s: %s, want %s", tc.before, tc.after.Status, got, tc.want)
		}
	}
}
