// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"slices"
	"strings"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
)

// TestControls: each control of Annex A has one template, in the order of the standard.
func TestControls(t *testing.T) {
	var want, got []string
	for _, c := range catalogue.Controls() {
		want = append(want, c.ID)
	}
	for _, c := range Controls() {
		got = append(got, string(c.ID))
	}
	if !slices.Equal(want, got) {
		t.Errorf("templates for %v, want %v", got, want)
	}
}

// sentences counts the ends of sentences.
func sentences(text isms.Text) int {
	n := 0
	for _, end := range []string{". ", "? ", "! "} {
		n += strings.Count(string(text)+" ", end)
	}
	return n
}

// TestTexts: everything is said, in the space that there is, by sentences that end.
func TestTexts(t *testing.T) {
	titles := map[string]bool{}
	for _, c := range catalogue.Controls() {
		titles[strings.ToLower(c.Title)] = true
	}
	for _, c := range Controls() {
		for name, text := range map[string]isms.Text{"objective": c.Objective, "guidance": c.Guidance, "justification": c.Justification} {
			if !strings.ContainsAny(string(text[len(text)-1:]), ".?") || len(text) > 800 {
				t.Errorf("%s: %s of %d characters: %q", c.ID, name, len(text), text)
			}
		}
		if n := sentences(c.Guidance); n < 2 || n > 5 {
			t.Errorf("%s: the guidance has %d sentences", c.ID, n)
		}
		if titles[strings.ToLower(strings.TrimSuffix(string(c.Objective), "."))] {
			t.Errorf("%s: the objective is the title", c.ID)
		}
		if c.Criticality == "" || c.EffortDays < 1 || len(c.Reasons) == 0 {
			t.Errorf("%s: criticality %q, %d days, reasons %v", c.ID, c.Criticality, c.EffortDays, c.Reasons)
		}
		if !slices.ContainsFunc(Roles(), func(r Role) bool { return r.Name == c.Owner }) {
			t.Errorf("%s: no role %q", c.ID, c.Owner)
		}
	}
	for _, k := range Checks() {
		for name, text := range map[string]isms.Text{"description": k.Description, "limitation": k.Limitation} {
			if !strings.HasSuffix(string(text), ".") || len(text) > 400 {
				t.Errorf("%s: %s of %d characters: %q", k.Name, name, len(text), text)
			}
		}
	}
}

// TestEvidence: every item says what it shows, and what it does not unless it is a document, which shows nothing but itself. Each
// control has something that can show, in any cluster, that it works.
func TestEvidence(t *testing.T) {
	for _, c := range Controls() {
		names, carried := map[isms.ItemName]bool{}, false
		for _, e := range c.Evidence {
			if names[e.Item.Name] {
				t.Errorf("%s: %s twice", c.ID, e.Item.Name)
			}
			names[e.Item.Name] = true
			if e.Item.Description == "" || e.Item.Limitation == "" && e.Item.Document == nil {
				t.Errorf("%s/%s: description %q, limitation %q", c.ID, e.Item.Name, e.Item.Description, e.Item.Limitation)
			}
			if e.Item.Document != nil && e.Item.Strength == isms.StrengthSubstantial {
				t.Errorf("%s/%s: paper does not show that a control works", c.ID, e.Item.Name)
			}
			everywhere := e.Check == nil || e.Check.When == WhenAlways
			carried = carried || everywhere && e.Item.Strength == isms.StrengthSubstantial
		}
		if !carried {
			t.Errorf("%s: nothing substantial that every cluster has", c.ID)
		}
	}
}

// TestEverythingIsUsed: no check, record, parameter, role or kind that no control needs.
func TestEverythingIsUsed(t *testing.T) {
	used := map[string]bool{}
	for _, c := range Controls() {
		used["role "+c.Owner] = true
		for _, e := range c.Evidence {
			used["item "+string(e.Item.Name)] = true
		}
	}
	rules := ""
	for _, k := range Checks() {
		rules += k.Resources.Where + " " + k.Resources.Expect + " "
		used["kind "+k.Resources.APIVersion+" "+k.Resources.Kind] = true
		if !used["item "+string(k.Name)] {
			t.Errorf("no control rests on check %s", k.Name)
		}
	}
	for _, a := range Attestations() {
		if !used["item "+string(itemName(a.Type))] {
			t.Errorf("no control rests on attestation %s", a.Type)
		}
	}
	for _, p := range Parameters() {
		if !strings.Contains(rules, "params."+p.Name) {
			t.Errorf("no check reads parameter %s", p.Name)
		}
	}
	for _, r := range Roles() {
		if !used["role "+r.Name] {
			t.Errorf("role %s owns nothing", r.Name)
		}
	}
	for _, k := range Kinds() {
		if !used["kind "+k.APIVersion+" "+k.Kind] {
			t.Errorf("no check reads %s %s", k.APIVersion, k.Kind)
		}
	}
}

// maxOnPeopleAlone is what the project promises: the other controls have a machine's evidence as well.
const maxOnPeopleAlone = 41

func TestControlsOnPeopleAlone(t *testing.T) {
	people := 0
	for _, c := range Controls() {
		if !slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return e.Check != nil }) {
			people++
		}
	}
	if people > maxOnPeopleAlone {
		t.Errorf("%d controls rest on people's evidence alone, more than %d", people, maxOnPeopleAlone)
	}
	if kinds := len(Kinds()); kinds > 64 {
		t.Errorf("the checks read %d kinds, and a scope may read 64", kinds)
	}
}
