// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
)

var update = flag.Bool("update", false, "write the reference of the starter anew")

const referenceHead = `<!-- Copyright 2026 The isms-operator Authors. -->
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Generated from internal/starter by make docs: do not edit. -->
# Reference of the starter ISMS

What the starter proposes for each control of Annex A, and what it rests on. What it is and how to use it is in [docs/starter.md](../starter.md). The identifiers and
short titles are those of ISO/IEC 27001:2022; every other word is ours, and none replaces the standard.

- [Controls](#controls), [checks](#checks), [records of people](#records-of-people), [documents](#documents), [parameters](#parameters), [companions](#companions)
`

// TestReference holds docs/reference/starter.md against the data; -update writes it.
func TestReference(t *testing.T) {
	var b strings.Builder
	b.WriteString(referenceHead)
	writeControls(&b)
	writeChecks(&b)
	writeRecords(&b)
	writeParameters(&b)
	writeCompanions(&b)
	path := filepath.Join("..", "..", "docs", "reference", "starter.md")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Error("docs/reference/starter.md is not current: run make docs")
	}
}

func writeControls(b *strings.Builder) {
	titles := map[string]catalogue.Control{}
	for _, c := range catalogue.Controls() {
		titles[c.ID] = c
	}
	b.WriteString("\n## Controls\n\nEvidence without a mark is Partial; ● is Substantial: it can show alone that the control works.\n")
	theme := isms.ControlTheme("")
	for _, c := range Controls() {
		known := titles[string(c.ID)]
		if known.Theme != theme {
			theme = known.Theme
			fmt.Fprintf(b, "\n### %s\n", theme)
		}
		fmt.Fprintf(b, "\n#### %s %s\n\n%s\n\n%s\n\n", c.ID, known.Title, c.Objective, c.Guidance)
		fmt.Fprintf(b, "Owner: %s. While it is a gap: %s, %s of work. Why: %s (%s)\n\n", roleTitle(c.Owner), c.Criticality, days(c.EffortDays),
			c.Justification, joined(c.Reasons))
		b.WriteString("| evidence | is | shows | does not show |\n|---|---|---|---|\n")
		for _, e := range c.Evidence {
			mark := ""
			if e.Item.Strength == isms.StrengthSubstantial {
				mark = " ●"
			}
			fmt.Fprintf(b, "| `%s`%s | %s | %s | %s |\n", e.Item.Name, mark, nature(e), e.Item.Description,
				cmp.Or(string(e.Item.Limitation), "That what is written is done."))
		}
	}
}

func days(n int32) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

func joined[T ~string](list []T) string {
	var out []string
	for _, x := range list {
		out = append(out, string(x))
	}
	return strings.Join(out, ", ")
}

func roleTitle(name string) isms.ShortText {
	i := slices.IndexFunc(Roles(), func(r Role) bool { return r.Name == name })
	return Roles()[i].Title
}

// nature says what an item is, and where it is found.
func nature(e Evidence) string {
	switch {
	case e.Check != nil && e.Check.Companion != "":
		return fmt.Sprintf("%s of %s", e.Check.Resources.Kind, e.Check.Companion)
	case e.Check != nil:
		return e.Check.Resources.Kind
	case e.Item.Document != nil:
		return fmt.Sprintf("document %s", e.Item.Document.Type)
	}
	return fmt.Sprintf("record %s, every %s", e.Item.Attestation.Type, days(e.Item.Attestation.EveryDays))
}

// controlsOf are the controls that rest on an item, by its name.
func controlsOf(name isms.ItemName) string {
	var ids []isms.ControlID
	for _, c := range Controls() {
		if slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return e.Item.Name == name }) {
			ids = append(ids, c.ID)
		}
	}
	return joined(ids)
}

var parameterRead = regexp.MustCompile(`params\.([a-zA-Z]+)`)

func writeChecks(b *strings.Builder) {
	b.WriteString("\n## Checks\n\nThe expressions are in [internal/starter/checks](../../internal/starter/checks), what each passes and fails in " +
		"[internal/starter/testdata/checks](../../internal/starter/testdata/checks).\n\n")
	b.WriteString("| check | objects | belongs | reads parameters | controls |\n|---|---|---|---|---|\n")
	for _, k := range Checks() {
		var read []string
		for _, m := range parameterRead.FindAllStringSubmatch(k.Resources.Where+" "+k.Resources.Expect, -1) {
			read = append(read, "`"+m[1]+"`")
		}
		slices.Sort(read)
		read = slices.Compact(read)
		fmt.Fprintf(b, "| `%s` | %s %s, %s | %s | %s | %s |\n", k.Name, k.Resources.APIVersion, k.Resources.Kind, k.Resources.Quantifier, k.When,
			strings.Join(read, ", "), controlsOf(k.Name))
	}
}

func writeRecords(b *strings.Builder) {
	b.WriteString("\n## Records of people\n\nThe periods are practice. A record may be late by the days of grace; then it is missed.\n\n")
	b.WriteString("| record | every | grace | what it holds | controls |\n|---|---|---|---|---|\n")
	for _, a := range Attestations() {
		fmt.Fprintf(b, "| `%s`: %s | %s | %s | %s | %s |\n", a.Type, a.Title, days(a.EveryDays), days(a.GraceDays), a.Record, controlsOf(itemName(a.Type)))
	}
	b.WriteString("\n## Documents\n\n| document | controls |\n|---|---|\n")
	var types []isms.TypeName
	for _, c := range Controls() {
		for _, e := range c.Evidence {
			if e.Item.Document != nil {
				types = append(types, e.Item.Document.Type)
			}
		}
	}
	slices.Sort(types)
	for _, name := range slices.Compact(types) {
		fmt.Fprintf(b, "| `%s` | %s |\n", name, controlsOf(itemName(name)))
	}
}

func writeParameters(b *strings.Builder) {
	b.WriteString("\n## Parameters\n\nOf the scope, for all its controls; a Control may override one. What is marked with ▲ is yours to set.\n\n")
	b.WriteString("| parameter | default | means |\n|---|---|---|\n")
	for _, p := range Parameters() {
		mark := ""
		if p.Local == isms.Yes {
			mark = " ▲"
		}
		fmt.Fprintf(b, "| `%s`%s | %s | %s |\n", p.Name, mark, strings.Join(p.Values, ", "), p.Description)
	}
}

func writeCompanions(b *strings.Builder) {
	b.WriteString("\n## Companions\n\n| companion | checks |\n|---|---|\n")
	by := map[string][]string{}
	for _, k := range Checks() {
		if k.Companion != "" {
			by[k.Companion] = append(by[k.Companion], "`"+string(k.Name)+"`")
		}
	}
	var names []string
	for name := range by {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(b, "| %s | %s |\n", name, strings.Join(by[name], ", "))
	}
}
