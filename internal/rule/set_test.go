// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"reflect"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// TestSetRulesAndTheOperatorsOwn: the operator's own objects satisfy no rule over a list, not even one that holds of an
// empty list; nor do they hide that another object fails it.
func TestSetRulesAndTheOperatorsOwn(t *testing.T) {
	r := New(isms.EvidenceItem{Name: "set", Resources: &isms.ResourceRule{
		APIVersion: "example.com/v1", Kind: "Thing", Quantifier: isms.QuantifierSet, Expect: "objects.all(o, o.good == 'yes')",
	}}, nil, nil, check.Options{})
	if r.Invalid != "" {
		t.Fatal(r.Invalid)
	}
	thing := func(good string) check.Subject { return check.MapSubject(map[string]any{"good": good}) }
	own, good, bad := thing("yes"), thing("yes"), thing("no")
	for name, c := range map[string]struct {
		all, others []check.Subject
		want        tally.Counts
	}{
		"nothing but its own":       {[]check.Subject{own}, nil, tally.Counts{}},
		"nothing but its own fails": {[]check.Subject{bad}, nil, tally.Counts{Subjects: 1, Failing: 1}},
		"others as well":            {[]check.Subject{own, good}, []check.Subject{good}, tally.Counts{Subjects: 1, Passing: 1}},
		"another fails":             {[]check.Subject{own, bad}, []check.Subject{bad}, tally.Counts{Subjects: 1, Failing: 1}},
	} {
		v, err := EvaluateSet(r.Program, c.all, c.others, check.Env{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := SetCounts(v); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
