// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// page is docs/starter.md.
func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "starter.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPageShowsTheTemplate: the control that the page shows is the one that is rendered.
func TestPageShowsTheTemplate(t *testing.T) {
	_, rest, _ := strings.Cut(page(t), "```yaml\n")
	block, _, _ := strings.Cut(rest, "```")
	var shown isms.Control
	if err := yaml.UnmarshalStrict([]byte(block), &shown); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(Controls(), func(c Template) bool { return c.ID == shown.Spec.ID })
	rendered := Controls()[i].Control(Values{
		Scope: shown.Spec.ScopeRef.Name, Namespace: shown.Namespace, Owner: func(string) isms.Person { return shown.Spec.Owner },
	})
	if diff := cmp.Diff(rendered, &shown); diff != "" {
		t.Errorf("docs/starter.md shows another control (-rendered +shown):\n%s", diff)
	}
}

// TestPageFigures: the figures on the page are those of the data.
func TestPageFigures(t *testing.T) {
	machine, builtin := 0, 0
	for _, c := range Controls() {
		if slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return e.Check != nil }) {
			machine++
		}
		if slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return e.Check != nil && e.Check.Companion == "" }) {
			builtin++
		}
	}
	text := page(t)
	for _, want := range []string{
		fmt.Sprintf("| %d controls |", len(Controls())), fmt.Sprintf("| %d of them |", machine),
		fmt.Sprintf("; %d without any companion", builtin), fmt.Sprintf("The other %d rest", len(Controls())-machine),
		fmt.Sprintf("| %d checks |", len(Checks())), fmt.Sprintf("| %d types of records |", len(Attestations())),
		fmt.Sprintf("| %d parameters |", len(Parameters())), fmt.Sprintf("the starter has %d with every companion", len(Kinds())),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("docs/starter.md does not say %q", want)
		}
	}
}
