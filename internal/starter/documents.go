// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template"

	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Document is one piece of documented information of a new ISMS. Who approves it, and when, is nobody's to propose.
type Document struct {
	// Name of the Document.
	Name isms.ObjectName `json:"name"`
	// Type is one of the catalogue's, or a policy that Controls ask for.
	Type  isms.TypeName  `json:"type"`
	Title isms.ShortText `json:"title"`
	// Owner is the name of the Role that typically owns it.
	Owner          string                `json:"owner"`
	Classification isms.ShortText        `json:"classification"`
	Clauses        []isms.DeclaredClause `json:"clauses,omitempty"`
	// Text is the name of the template of its text, without ending; empty where the document is Computed.
	Text     string                `json:"text,omitempty"`
	Computed isms.ComputedDocument `json:"computed,omitempty"`
}

// TextValues are what differs from one organization to another in a text before anybody has filled its blanks.
type TextValues struct {
	Organization, Statement, Scope, Namespace string
}

//go:embed documents.yaml documents/*.md
var documentFiles embed.FS

type documentContent struct {
	documents []Document
	texts     map[string]*template.Template
}

var loadDocuments = sync.OnceValue(func() documentContent {
	c, err := readDocuments()
	if err != nil {
		panic(err) // A defect of the build, as in load.
	}
	return c
})

func readDocuments() (documentContent, error) {
	c := documentContent{texts: map[string]*template.Template{}}
	data, err := documentFiles.ReadFile("documents.yaml")
	if err != nil {
		return c, err
	}
	if err := yaml.UnmarshalStrict(data, &c.documents); err != nil {
		return c, fmt.Errorf("parse documents.yaml: %w", err)
	}
	entries, err := documentFiles.ReadDir("documents")
	if err != nil {
		return c, err
	}
	for _, e := range entries {
		data, err := documentFiles.ReadFile(path.Join("documents", e.Name()))
		if err != nil {
			return c, err
		}
		name := strings.TrimSuffix(e.Name(), ".md")
		if c.texts[name], err = template.New(name).Option("missingkey=error").Parse(string(data)); err != nil {
			return c, fmt.Errorf("parse %s: %w", e.Name(), err)
		}
	}
	return c, nil
}

// Documents returns the documents of a new ISMS: those that clauses name, those of Annex A, then policies and plans.
func Documents() []Document { return slices.Clone(loadDocuments().documents) }

// Texts returns the names of the templates of texts, sorted.
func Texts() []string {
	var names []string
	for name := range loadDocuments().texts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Text renders a template of Texts, as Markdown.
func Text(name string, v TextValues) ([]byte, error) {
	t := loadDocuments().texts[name]
	if t == nil {
		return nil, fmt.Errorf("no text %s", name)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("render the text %s: %w", name, err)
	}
	return out.Bytes(), nil
}
