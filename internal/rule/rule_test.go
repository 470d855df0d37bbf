// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/tally"
)

func item(kind, expect string) isms.EvidenceItem {
	return isms.EvidenceItem{Name: "rule", Resources: &isms.ResourceRule{
		APIVersion: "v1", Kind: kind, Quantifier: isms.QuantifierEvery, Expect: expect,
	}}
}

func TestNewSaysWhyARuleIsInvalid(t *testing.T) {
	badException := []isms.Exception{{Name: "odd", Evidence: []isms.ItemName{"rule"}, Objects: []isms.ExceptionObject{
		{LabelSelector: &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Odd"}}}},
	}}}
	tests := map[string]struct {
		item       isms.EvidenceItem
		exceptions []isms.Exception
		want       string
	}{
		"good":                      {item("Pod", "has(object.spec)"), nil, ""},
		"does not compile":          {item("Pod", "object."), nil, "expect:1:8"},
		"data of a Secret":          {item("Secret", "has(object.data.key)"), nil, "data.key can't be read"},
		"annotations of a Secret":   {item("Secret", "has(object.metadata.annotations)"), nil, "metadata.annotations can't be read"},
		"a Secret as a whole":       {item("Secret", "object == {}"), nil, "reads the whole object"},
		"labels of a Secret":        {item("Secret", "has(object.metadata.labels)"), nil, ""},
		"an exception out of order": {item("Pod", "has(object.spec)"), badException, "exception odd: its labelSelector"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := New(tt.item, nil, tt.exceptions, check.Options{})
			if tt.want == "" && r.Invalid != "" || !strings.Contains(r.Invalid, tt.want) {
				t.Errorf("invalid: %q, want %q", r.Invalid, tt.want)
			}
		})
	}
}

func TestExceptions(t *testing.T) {
	selector := &metav1.LabelSelector{MatchLabels: map[string]string{"tier": "old"}}
	r := New(item("Pod", "has(object.spec)"), nil, []isms.Exception{
		{Name: "by-name", Evidence: []isms.ItemName{"rule"}, ExpiresOn: "2026-11-21", Objects: []isms.ExceptionObject{{Namespace: "a", Name: "legacy-*"}}},
		{Name: "elsewhere", Evidence: []isms.ItemName{"other"}, Objects: []isms.ExceptionObject{{Namespace: "a"}}},
		{Name: "by-label", Evidence: []isms.ItemName{"rule"}, ExpiresOn: "2027-01-01", Objects: []isms.ExceptionObject{{LabelSelector: selector}}},
	}, check.Options{})
	old := labels.Set{"tier": "old"}
	tests := map[string]struct {
		key    tally.Key
		labels labels.Set
		want   uint32
	}{
		"prefix":          {tally.Key{Namespace: "a", Name: "legacy-1"}, nil, 1},
		"other namespace": {tally.Key{Namespace: "b", Name: "legacy-1"}, nil, 0},
		"both":            {tally.Key{Namespace: "a", Name: "legacy-1"}, old, 3},
		"label":           {tally.Key{Namespace: "b", Name: "x"}, old, 2},
	}
	for name, tt := range tests {
		if got := Waives(r.Exceptions, tt.key, tt.labels); got != tt.want {
			t.Errorf("%s: %b, want %b", name, got, tt.want)
		}
	}
	lastMoment := time.Date(2026, 11, 21, 23, 59, 59, 0, time.UTC)
	mask, names := r.Active(lastMoment)
	if after, _ := r.Active(lastMoment.Add(time.Second)); mask != 3 || after != 2 {
		t.Errorf("active %b and then %b, want 11 and 10: an exception waives to the end of its day", mask, after)
	}
	if d := cmp.Diff([]string{"by-name", "by-label"}, names); d != "" {
		t.Error(d)
	}
}

func TestPartition(t *testing.T) {
	frame := NewFrame(isms.ScopeEvidence{
		NamespaceSelector:  &metav1.LabelSelector{MatchLabels: map[string]string{"in": "yes"}},
		ExcludedNamespaces: []isms.ExcludedNamespaces{{Name: "provider", Names: []isms.NamespaceName{"kube-system"}}},
	})
	got := frame.Partition([]Namespace{
		{Name: "kube-system", Labels: labels.Set{"in": "yes"}}, {Name: "other"}, {Name: "shop", Labels: labels.Set{"in": "yes"}},
	})
	want := tally.Namespaces{InScope: []string{"shop"}, Excluded: []string{"kube-system"}, Unaccounted: []string{"other"}, Complete: true}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("by selector (-want +got):\n%s", d)
	}
	frame = NewFrame(isms.ScopeEvidence{Namespaces: []isms.NamespaceName{"shop", "later"}})
	got = frame.Partition([]Namespace{{Name: "other"}, {Name: "shop"}})
	want = tally.Namespaces{InScope: []string{"later", "shop"}, Unaccounted: []string{"other"}, Complete: true}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("by name (-want +got):\n%s", d)
	}
}

func TestOwnObjectsNeverSatisfy(t *testing.T) {
	for v, want := range map[check.Verdict]tally.Code{
		check.Satisfied: tally.NotSelected, check.Unsatisfied: tally.Failing, check.Errored: tally.Errored, check.NotSelected: tally.NotSelected,
	} {
		if got := Code(v, false, true); got != want {
			t.Errorf("%s: %d, want %d", v, got, want)
		}
	}
	if got := Code(check.Unsatisfied, true, false); got != tally.Passing {
		t.Errorf("None, and the expression is false: %d, want passing", got)
	}
}
