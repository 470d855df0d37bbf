// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// TestRisksOfExceptions: an exception in force whose Risk is not there, or not accepted, is flagged, whatever it waives; the
// result does not rest on it.
func TestRisksOfExceptions(t *testing.T) {
	risk := func(name string, accepted metav1.ConditionStatus, change ...func(*isms.Risk)) isms.Risk {
		r := isms.Risk{ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 2}}
		r.Spec.ScopeRef.Name = "acme"
		r.Status.Conditions = []metav1.Condition{{Type: isms.ConditionResidualAccepted, Status: accepted, ObservedGeneration: 2}}
		for _, f := range change {
			f(&r)
		}
		return r
	}
	const yes, no, unknown = metav1.ConditionTrue, metav1.ConditionFalse, metav1.ConditionUnknown
	for name, tc := range map[string]struct {
		named   []isms.ObjectName
		expires isms.Date
		risks   []isms.Risk
		want    string
	}{
		"none is named":       {want: "absent", expires: "2027-02-28"},
		"accepted":            {[]isms.ObjectName{"r"}, "2027-02-28", []isms.Risk{risk("r", yes)}, "True ReferencesResolved: "},
		"not there":           {[]isms.ObjectName{"r", "r"}, "2027-02-28", nil, "False ReferenceNotFound: Not in this scope: Risk r."},
		"of another scope":    {[]isms.ObjectName{"r"}, "2027-02-28", []isms.Risk{risk("r", yes, func(r *isms.Risk) { r.Spec.ScopeRef.Name = "other" })}, "False ReferenceNotFound: Not in this scope: Risk r."},
		"not accepted":        {[]isms.ObjectName{"r", "s"}, "2027-02-28", []isms.Risk{risk("r", no), risk("s", unknown)}, "False NotAccepted: An exception rests on a risk that is not accepted: r."},
		"not known":           {[]isms.ObjectName{"r"}, "2027-02-28", []isms.Risk{risk("r", unknown)}, "Unknown NotYetAssessed: It is not known whether the risk of an exception is accepted: r."},
		"edited since":        {[]isms.ObjectName{"r"}, "2027-02-28", []isms.Risk{risk("r", yes, func(r *isms.Risk) { r.Generation = 3 })}, "Unknown NotYetAssessed: It is not known whether the risk of an exception is accepted: r."},
		"not looked at":       {[]isms.ObjectName{"r"}, "2027-02-28", []isms.Risk{risk("r", yes, func(r *isms.Risk) { r.Status.Conditions = nil })}, "Unknown NotYetAssessed: It is not known whether the risk of an exception is accepted: r."},
		"missing beats open":  {[]isms.ObjectName{"r", "s"}, "2027-02-28", []isms.Risk{risk("r", no)}, "False ReferenceNotFound: Not in this scope: Risk s."},
		"of one that expired": {[]isms.ObjectName{"r"}, "2026-11-20", nil, "absent"},
	} {
		in := control()
		for _, n := range tc.named {
			in.Control.Spec.Exceptions = append(in.Control.Spec.Exceptions, isms.Exception{Name: "e", RiskRef: &isms.LocalRef{Name: n}, ExpiresOn: tc.expires})
		}
		before := control().assess(t)
		in.Risks = tc.risks
		out := in.assess(t)
		got := "absent"
		if c := conditions.Get(out.Status.Conditions, isms.ConditionReferencesResolved); c != nil {
			got = string(c.Status) + " " + c.Reason + ": " + c.Message
		}
		if got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
		if out.Status.Result != before.Status.Result {
			t.Errorf("%s: the result is %s, without exceptions %s", name, out.Status.Result, before.Status.Result)
		}
	}
}
