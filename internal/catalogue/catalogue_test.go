// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func TestSize(t *testing.T) {
	perTheme := map[isms.ControlTheme]int{}
	for _, c := range Controls() {
		perTheme[c.Theme]++
	}
	want := map[isms.ControlTheme]int{
		isms.ThemeOrganizational: 37, isms.ThemePeople: 8, isms.ThemePhysical: 14, isms.ThemeTechnological: 34,
	}
	if diff := cmp.Diff(want, perTheme); diff != "" {
		t.Errorf("controls per theme (-want +got):\n%s", diff)
	}
	if got := len(Clauses()); got != 30 {
		t.Errorf("clauses: got %d, want 30", got)
	}
	if got := load().Framework; got != isms.FrameworkISO27001 {
		t.Errorf("framework: got %q, want %q", got, isms.FrameworkISO27001)
	}
}

func TestOrderOfTheStandard(t *testing.T) {
	ids := make([]string, 0, 93)
	for _, c := range Controls() {
		ids = append(ids, c.ID)
	}
	if i, j := slices.Index(ids, "A.5.9"), slices.Index(ids, "A.5.10"); i+1 != j {
		t.Errorf("A.5.9 stands at %d and A.5.10 at %d, want neighbours", i, j)
	}
	if ids[0] != "A.5.1" || ids[92] != "A.8.34" {
		t.Errorf("first and last: %s, %s", ids[0], ids[92])
	}
}

func TestLookup(t *testing.T) {
	control, ok := ControlByID("A.8.22")
	if !ok || control.Title != "Segregation of networks" || control.Theme != isms.ThemeTechnological {
		t.Errorf("A.8.22: %v, %+v", ok, control)
	}
	if _, ok := ControlByID("A.8.99"); ok {
		t.Error("A.8.99 was found")
	}
	clause, ok := ClauseByID("9.2.2")
	if !ok || clause.Title != "Internal audit programme" {
		t.Errorf("9.2.2: %v, %+v", ok, clause)
	}
	if _, ok := ClauseByID("9.2"); ok {
		t.Error("9.2 was found")
	}
}

func TestDocumentTypes(t *testing.T) {
	pascal := regexp.MustCompile(`^[A-Z][A-Za-z0-9]+$`)
	seen := map[string]bool{}
	for _, d := range Documents() {
		if !pascal.MatchString(d.Type) || seen[d.Type] {
			t.Errorf("%s: not PascalCase, or twice", d.Type)
		}
		seen[d.Type] = true
		_, isClause := ClauseByID(d.Requirement)
		_, isControl := ControlByID(d.Requirement)
		if isClause == isControl || isControl != d.OfControl() {
			t.Errorf("%s: requirement %q is not one clause or control", d.Type, d.Requirement)
		}
		if d.Stage != Stage1 && d.Stage != Stage2 {
			t.Errorf("%s: stage %q", d.Type, d.Stage)
		}
		if d.Title == "" {
			t.Errorf("%s: no title", d.Type)
		}
	}
}

func TestAccepts(t *testing.T) {
	find := func(name string) DocumentType {
		i := slices.IndexFunc(Documents(), func(d DocumentType) bool { return d.Type == name })
		return Documents()[i]
	}
	for _, tc := range []struct {
		of, given string
		want      bool
	}{
		{"RiskTreatmentPlan", "RiskTreatmentPlan", true},
		{"RiskTreatmentPlan", "AnnualRiskTreatmentPlan", false},
		{"TopicSpecificPolicies", "TopicSpecificPolicies", true},
		{"TopicSpecificPolicies", "NetworkSecurityPolicy", true},
		{"TopicSpecificPolicies", "InformationSecurityPolicy", false},
		{"TopicSpecificPolicies", "Handbook", false},
	} {
		if got := find(tc.of).Accepts(tc.given); got != tc.want {
			t.Errorf("%s accepts %s: got %v, want %v", tc.of, tc.given, got, tc.want)
		}
	}
}

func TestParseRefusesWhatItDoesNotKnow(t *testing.T) {
	if _, err := parse([]byte("controls:\n- {id: A.5.1, name: x}\n")); err == nil {
		t.Error("an unknown field was accepted")
	}
}

func TestSortIDs(t *testing.T) {
	got := SortIDs([]string{"X-2", "A.5.10", "10.2", "A.5.9", "9.2.2", "A.5.9", "A.5", "X-10", "9.2.1"})
	want := []string{"9.2.1", "9.2.2", "10.2", "A.5", "A.5.9", "A.5.10", "X-10", "X-2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestCompareIDsIsATotalOrder(t *testing.T) {
	id := rapid.StringMatching(`[A0-9.]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := id.Draw(t, "a"), id.Draw(t, "b"), id.Draw(t, "c")
		if CompareIDs(a, b) != -CompareIDs(b, a) {
			t.Fatalf("%q and %q: not antisymmetric", a, b)
		}
		if (CompareIDs(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q: equal without being the same", a, b)
		}
		if CompareIDs(a, b) <= 0 && CompareIDs(b, c) <= 0 && CompareIDs(a, c) > 0 {
			t.Fatalf("%q, %q, %q: not transitive", a, b, c)
		}
	})
}

// reference is the shape of the data set that the catalogue was made from.
type reference struct {
	NewIn2022 []string `json:"newIn2022"`
	Clauses   []struct {
		Clause
		DocumentedInformation []string `json:"documentedInformation"`
	} `json:"clauses"`
	AnnexA []struct {
		ID string `json:"id"`
	} `json:"annexADocumentedInformation"`
	Controls []struct {
		ID           string            `json:"id"`
		Title        string            `json:"title"`
		Theme        isms.ControlTheme `json:"theme"`
		ControlTypes []string          `json:"controlType"`
		Properties   []string          `json:"properties"`
		Concepts     []string          `json:"cybersecurityConcepts"`
		Capabilities []string          `json:"operationalCapabilities"`
		Domains      []string          `json:"securityDomains"`
	} `json:"controls"`
}

// TestAgainstReference runs where the shared data set lies beside the repository.
func TestAgainstReference(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "iso27001-2022.yaml"))
	if err != nil {
		t.Skipf("no reference data: %v", err)
	}
	var ref reference
	if err := yaml.Unmarshal(data, &ref); err != nil {
		t.Fatal(err)
	}
	want := make([]Control, 0, len(ref.Controls))
	for _, c := range ref.Controls {
		want = append(want, Control{
			ID: c.ID, Title: c.Title, Theme: c.Theme, NewIn2022: slices.Contains(ref.NewIn2022, c.ID),
			ControlTypes: c.ControlTypes, Properties: c.Properties, Concepts: c.Concepts,
			Capabilities: c.Capabilities, Domains: c.Domains,
		})
	}
	if diff := cmp.Diff(want, Controls()); diff != "" {
		t.Errorf("controls (-reference +catalogue):\n%s", diff)
	}
	compareDocuments(t, ref)
}

// compareDocuments checks that each requirement that names documented information has as many types as it names. The
// set of all Documents is itself what 7.5.1 and 7.5.3 ask for; 5.2 and A.5.1 share the policy.
func compareDocuments(t *testing.T, ref reference) {
	t.Helper()
	types := map[string]int{}
	for _, d := range Documents() {
		types[d.Requirement]++
	}
	want, clauses := map[string]int{}, make([]Clause, 0, 30)
	for _, c := range ref.Clauses {
		clauses = append(clauses, c.Clause)
		if n := len(c.DocumentedInformation); n > 0 && c.ID != "7.5.1" && c.ID != "7.5.3" {
			want[c.ID] = n
		}
	}
	for _, c := range ref.AnnexA {
		want[c.ID] = 1
	}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Errorf("document types per requirement (-reference +catalogue):\n%s", diff)
	}
	if diff := cmp.Diff(clauses, Clauses()); diff != "" {
		t.Errorf("clauses (-reference +catalogue):\n%s", diff)
	}
}
