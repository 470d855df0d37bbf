// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"slices"
	"strings"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func person(name isms.ShortText) isms.Person {
	return isms.Person{Name: name, Email: "who@example.com"}
}

func network() (*isms.Control, *isms.ISMSScope) {
	c := &isms.Control{Spec: isms.ControlSpec{
		ID: "A.8.22", Owner: person("Platform team"),
		Applicability: isms.Applicability{
			Decision: isms.DecisionApplicable, Reasons: []isms.InclusionReason{isms.InclusionRiskTreatment}, Justification: "J. Doe wants it.",
		},
		Implementation: &isms.Implementation{State: isms.StateImplemented, Description: "By J. Doe."},
		Evidence: []isms.EvidenceItem{
			{Name: "default-deny", Description: "By J. Doe.", Resources: &isms.ResourceRule{
				APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Quantifier: isms.QuantifierAnyPerNamespace,
				Expect: "object.metadata.name in params.names",
			}},
			{Name: "review", Attestation: &isms.AttestationEvidence{Type: "FirewallReview", EveryDays: 92}},
		},
		Exceptions: []isms.Exception{{
			Name: "legacy", Evidence: []isms.ItemName{"default-deny"}, Objects: []isms.ExceptionObject{{Namespace: "billing"}},
			Reason: "J. Doe needs it.", RequestedBy: person("J. Doe"), ApprovedBy: person("R. Roe"), ExpiresOn: "2027-02-28",
		}},
	}}
	s := &isms.ISMSScope{Spec: isms.ISMSScopeSpec{
		Parameters: []isms.Parameter{{Name: "names", Values: []string{"default-deny"}}, {Name: "registries", Values: []string{"registry.example.com"}}},
		Evidence: &isms.ScopeEvidence{
			ServiceAccountName: "evidence-reader", Namespaces: []isms.NamespaceName{"shop"},
			ExcludedNamespaces: []isms.ExcludedNamespaces{{Name: "provider", Names: []isms.NamespaceName{"kube-system"}, Justification: "J. Doe runs it."}},
		},
		RiskManagement: &isms.RiskManagement{Method: "ISO27005"},
	}}
	return c, s
}

// asked are the criteria of a control by item.
func asked(t *testing.T, c *isms.Control, s *isms.ISMSScope) map[string]Criterion {
	t.Helper()
	list, err := CriteriaOf(c, s)
	if err != nil {
		t.Fatal(err)
	}
	byItem := map[string]Criterion{}
	for _, x := range list {
		byItem[x.Item] = x
	}
	return byItem
}

// TestEditsAreCriteria: an edit of what is asked changes the digest of the items that it concerns, and of no others; an
// edit of who is in charge, or of what is said about it, changes none.
func TestEditsAreCriteria(t *testing.T) {
	tests := map[string]struct {
		edit  func(*isms.Control, *isms.ISMSScope)
		items []string
	}{
		"rule":         {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Evidence[0].Resources.Expect = "true" }, []string{"default-deny"}},
		"quantifier":   {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Evidence[0].Resources.Quantifier = isms.QuantifierAny }, []string{"default-deny"}},
		"strength":     {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Evidence[1].Strength = isms.StrengthSubstantial }, []string{"review"}},
		"interval":     {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Evidence[1].Attestation.EveryDays = 365 }, []string{"review"}},
		"item removed": {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Evidence = c.Spec.Evidence[:1] }, []string{"review"}},
		"parameter":    {func(_ *isms.Control, s *isms.ISMSScope) { s.Spec.Parameters[0].Values = []string{"any"} }, []string{"default-deny"}},
		"own parameter": {func(c *isms.Control, _ *isms.ISMSScope) {
			c.Spec.Parameters = []isms.Parameter{{Name: "names", Values: []string{"any"}}}
		}, []string{"default-deny"}},
		"unused":         {func(_ *isms.Control, s *isms.ISMSScope) { s.Spec.Parameters[1].Values = []string{"any"} }, nil},
		"account":        {func(_ *isms.Control, s *isms.ISMSScope) { s.Spec.Evidence.ServiceAccountName = "blind" }, []string{"default-deny"}},
		"exception":      {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Exceptions[0].ExpiresOn = "2028-02-28" }, []string{"exception/legacy"}},
		"waived objects": {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Exceptions[0].Objects[0].Namespace = "shop" }, []string{"exception/legacy"}},
		"applicability":  {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Applicability.Decision = isms.DecisionExcluded }, []string{"Control"}},
		"policy":         {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.EvidencePolicy = isms.EvidencePolicyAny }, []string{"Control"}},
		"state":          {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Implementation.State = isms.StatePlanned }, []string{"Control"}},
		"owner":          {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Owner = person("R. Roe") }, nil},
		"description":    {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Evidence[0].Description = "Other words." }, nil},
		"approver":       {func(c *isms.Control, _ *isms.ISMSScope) { c.Spec.Exceptions[0].ApprovedBy = person("A. Smith") }, nil},
	}
	for name, test := range tests {
		c, s := network()
		before := asked(t, c, s)
		test.edit(c, s)
		after := asked(t, c, s)
		var changed []string
		for item, criterion := range before {
			if after[item] != criterion {
				changed = append(changed, item)
			}
		}
		slices.Sort(changed)
		if !slices.Equal(changed, test.items) {
			t.Errorf("%s: changed are %v, want %v", name, changed, test.items)
		}
	}
}

func TestNoNamesInCriteria(t *testing.T) {
	c, s := network()
	list, err := CriteriaOfScope(s)
	if err != nil {
		t.Fatal(err)
	}
	var items []string
	for _, x := range list {
		items = append(items, x.Item)
	}
	if want := []string{ItemEvidence, ItemRiskManagement}; !slices.Equal(items, want) {
		t.Errorf("asked of the scope are %v, want %v", items, want)
	}
	for _, x := range asked(t, c, s) {
		list = append(list, x)
	}
	for _, x := range list {
		for _, name := range []string{"Doe", "Roe", "team", "example.com"} {
			if strings.Contains(x.Text, name) {
				t.Errorf("%s names %s: %s", x.Item, name, x.Text)
			}
		}
	}
	if got := asked(t, c, nil); got["default-deny"].Text == "" {
		t.Error("without a scope nothing is asked")
	}
}

// TestCriteriaChanges: the first time everything is Recorded, later each change is told, with a text once.
func TestCriteriaChanges(t *testing.T) {
	c, s := network()
	l, texts, now := newLogs(t), map[isms.Digest]bool{}, int64(0)
	step := func() []string {
		t.Helper()
		list, err := CriteriaOf(c, s)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, e := range l.book().CriteriaChanges(control("A.8.22"), list) {
			now++
			e.ObservedTime = stamp(now)
			l.add(control("A.8.22"), e)
			what := e.Item + " " + e.Reason
			if e.Criteria != "" {
				what += " text"
				if texts[e.CriteriaDigest] {
					t.Errorf("the text of %s is told twice", e.Item)
				}
				texts[e.CriteriaDigest] = true
			}
			told = append(told, what)
		}
		return told
	}
	expect := func(when string, want ...string) {
		t.Helper()
		if got := step(); !slices.Equal(got, want) {
			t.Errorf("%s: told is %q, want %q", when, got, want)
		}
	}
	expect("at first", "Control Recorded text", "default-deny Recorded text", "exception/legacy Recorded text", "review Recorded text")
	expect("again")
	rule := c.Spec.Evidence[0].Resources.Expect
	c.Spec.Evidence[0].Resources.Expect = "true"
	expect("edited", "default-deny Edited text")
	c.Spec.Evidence[0].Resources.Expect = rule
	expect("edited back", "default-deny Edited")
	exception := c.Spec.Exceptions
	c.Spec.Exceptions = nil
	expect("removed", "exception/legacy Removed")
	expect("still removed")
	c.Spec.Exceptions = exception
	expect("added again", "exception/legacy Added")
	c.Spec.Evidence[0].Resources.Expect = "'" + strings.Repeat("x", maxText) + "' == ''"
	expect("too long for a text", "default-deny Edited")
	other, err := CriteriaOf(c, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range l.book().CriteriaChanges(control("A.8.20"), other) {
		if e.Reason != isms.ReasonRecorded || e.Criteria != "" {
			t.Errorf("another control is asked the same; told is %s %s with the text %q", e.Item, e.Reason, e.Criteria)
		}
	}
	for _, e := range l.book().CriteriaChanges(own, other) {
		if e.Reason != isms.ReasonRecorded {
			t.Errorf("the scope's series tells %s %s", e.Item, e.Reason)
		}
	}
}
