// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
)

func texts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range Texts() {
		text, err := Text(name, TextValues{Organization: "Acme GmbH", Statement: "Operation of the shop.", Scope: "acme", Namespace: "isms"})
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	return all
}

// Every document that the standard names for Stage 1 has one, and nothing is there twice.
func TestDocumentsAreComplete(t *testing.T) {
	types, names := map[isms.TypeName]int{}, map[isms.ObjectName]int{}
	for _, d := range Documents() {
		types[d.Type]++
		names[d.Name]++
		if types[d.Type] > 1 || names[d.Name] > 1 {
			t.Errorf("%s of type %s is there twice", d.Name, d.Type)
		}
	}
	for _, wanted := range catalogue.Documents() {
		if wanted.Stage != catalogue.Stage1 {
			continue
		}
		if !slices.ContainsFunc(Documents(), func(d Document) bool { return wanted.Accepts(string(d.Type)) }) {
			t.Errorf("no document serves as %s", wanted.Type)
		}
	}
}

// What a Control asks for exists, and what exists has an owner.
func TestDocumentsServeTheControls(t *testing.T) {
	for _, c := range Controls() {
		for _, e := range c.Evidence {
			if e.Item.Document != nil && !slices.ContainsFunc(Documents(), func(d Document) bool { return d.Type == e.Item.Document.Type }) {
				t.Errorf("%s asks for a %s, which no document is", c.ID, e.Item.Document.Type)
			}
		}
	}
	for _, d := range Documents() {
		if !slices.ContainsFunc(Roles(), func(r Role) bool { return r.Name == d.Owner }) {
			t.Errorf("%s is owned by %s, which is no role", d.Name, d.Owner)
		}
	}
}

// A text belongs to a document and a document to a text, or it is computed.
func TestDocumentsHaveTexts(t *testing.T) {
	used := map[string]bool{}
	for _, d := range Documents() {
		if (d.Text == "") == (d.Computed == "") {
			t.Errorf("%s has a text and is computed, or neither", d.Name)
		}
		if d.Text != "" && !slices.Contains(Texts(), d.Text) {
			t.Errorf("%s: no text %s", d.Name, d.Text)
		}
		used[d.Text] = true
	}
	for _, name := range Texts() {
		if !used[name] {
			t.Errorf("the text %s belongs to no document", name)
		}
	}
	if n := len(Texts()); n < 15 || n > 25 {
		t.Errorf("there are %d texts", n)
	}
}

var mark = regexp.MustCompile(`\[FILL: [^\[\]]+\]`)

// Each text is one to two pages, says what it serves and which Documents it is, has blanks, and marks them in one way.
func TestTextsOfDocuments(t *testing.T) {
	for name, text := range texts(t) {
		lines := strings.Split(text, "\n")
		if !strings.HasPrefix(lines[0], "# ") || !strings.Contains(lines[2], "Acme GmbH. Serves ") {
			t.Errorf("%s begins with %q, %q", name, lines[0], lines[2])
		}
		for _, d := range Documents() {
			if d.Text == name && !strings.Contains(lines[2], fmt.Sprintf("`%s`", d.Name)) {
				t.Errorf("%s does not name its Document %s", name, d.Name)
			}
		}
		if words := len(strings.Fields(text)); words < 200 || words > 800 {
			t.Errorf("%s has %d words", name, words)
		}
		blanks := len(mark.FindAllString(text, -1))
		if blanks == 0 {
			t.Errorf("%s has no blank", name)
		}
		if rest := mark.ReplaceAllString(text, ""); strings.Contains(rest, "FILL") || strings.ContainsAny(rest, "{}") {
			t.Errorf("%s has a blank with another mark", name)
		}
		if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") || strings.ContainsAny(text, "\r\t") {
			t.Errorf("%s is not tidy", name)
		}
	}
}

// What a text says it serves exists in the standard.
func TestTextsServeKnownRequirements(t *testing.T) {
	id := regexp.MustCompile(`\bA\.\d\.\d+\b`)
	for name, text := range texts(t) {
		serves, _, _ := strings.Cut(strings.SplitN(text, "Serves ", 2)[1], ". Version")
		for _, found := range id.FindAllString(serves, -1) {
			if _, ok := catalogue.ControlByID(found); !ok {
				t.Errorf("%s serves %s", name, found)
			}
		}
	}
}

func TestTextOfNoDocument(t *testing.T) {
	if _, err := Text("nothing", TextValues{}); err == nil {
		t.Error("a text that does not exist is rendered")
	}
}

func TestBlank(t *testing.T) {
	if got := Blank("name"); !mark.MatchString(got) {
		t.Errorf("the mark is %s", got)
	}
}
