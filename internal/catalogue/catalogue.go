// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package catalogue knows ISO/IEC 27001:2022 (with Amd 1:2024): its 30 clause requirements, the 93 controls of
// Annex A and the documented information that they name. It holds identifiers, short titles and attribute tags,
// never the text of the standard.
package catalogue

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Stage is the part of a certification audit that looks for a document.
type Stage string

const (
	// Stage1 reviews the documents: policies, processes, plans, programmes, inventories.
	Stage1 Stage = "Stage1"
	// Stage2 samples the records of operation: results of assessments, audits, reviews and corrections.
	Stage2 Stage = "Stage2"
)

// Clause is one requirement of clauses 4 to 10.
type Clause struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Control is one control of Annex A with its attribute tags of ISO/IEC 27002:2022, Table A.1.
type Control struct {
	ID           string            `json:"id"`
	Title        string            `json:"title"`
	Theme        isms.ControlTheme `json:"theme"`
	NewIn2022    bool              `json:"newIn2022,omitempty"`
	ControlTypes []string          `json:"controlTypes"`
	Properties   []string          `json:"properties"`
	Concepts     []string          `json:"concepts"`
	Capabilities []string          `json:"capabilities"`
	Domains      []string          `json:"domains"`
}

// DocumentType is one item of documented information that the standard names.
type DocumentType struct {
	// Type is what a Document's spec.type says, such as RiskTreatmentPlan.
	Type string `json:"type"`
	// Requirement is the clause that names it, or the Annex A control, where it is mandatory only if the control is
	// applicable.
	Requirement string `json:"requirement"`
	// Stage is when an auditor first looks for it.
	Stage Stage `json:"stage"`
	// Title is a short description in our own words.
	Title string `json:"title"`
	// AcceptSuffix lets any type that the catalogue does not name itself, and that ends so, serve as this one.
	AcceptSuffix string `json:"acceptSuffix,omitempty"`
}

// OfControl says whether the document is mandatory only where its Annex A control is applicable.
func (d DocumentType) OfControl() bool { return strings.HasPrefix(d.Requirement, "A.") }

// Accepts says whether a Document of the given type serves as this one.
func (d DocumentType) Accepts(documentType string) bool {
	if documentType == d.Type {
		return true
	}
	if d.AcceptSuffix == "" || !strings.HasSuffix(documentType, d.AcceptSuffix) {
		return false
	}
	return !slices.ContainsFunc(load().Documents, func(other DocumentType) bool { return other.Type == documentType })
}

// Controls returns the 93 controls of Annex A in the order of the standard. The caller owns the slice, but must not
// change the attributes of its elements.
func Controls() []Control { return slices.Clone(load().Controls) }

// Clauses returns the 30 clause requirements in the order of the standard.
func Clauses() []Clause { return slices.Clone(load().Clauses) }

// Documents returns every type of documented information that the standard names: first the clauses', which are
// always mandatory, then those of Annex A.
func Documents() []DocumentType { return slices.Clone(load().Documents) }

// ControlByID finds a control by its id, such as A.8.22.
func ControlByID(id string) (Control, bool) {
	c, ok := load().byControl[id]
	return c, ok
}

// ClauseByID finds a clause requirement by its id, such as 9.2.2.
func ClauseByID(id string) (Clause, bool) {
	c, ok := load().byClause[id]
	return c, ok
}

type catalogue struct {
	Framework isms.Framework `json:"framework"`
	Clauses   []Clause       `json:"clauses"`
	Documents []DocumentType `json:"documents"`
	Controls  []Control      `json:"controls"`

	byControl map[string]Control
	byClause  map[string]Clause
}

//go:embed iso27001-2022.yaml
var source []byte

// load parses the embedded catalogue once. The file is part of the program and its tests, so a failure to parse it is
// a defect of the build.
var load = sync.OnceValue(func() catalogue {
	c, err := parse(source)
	if err != nil {
		panic(err)
	}
	return c
})

func parse(data []byte) (catalogue, error) {
	var c catalogue
	if err := yaml.UnmarshalStrict(data, &c); err != nil {
		return catalogue{}, fmt.Errorf("parse the catalogue: %w", err)
	}
	slices.SortStableFunc(c.Controls, func(a, b Control) int { return CompareIDs(a.ID, b.ID) })
	slices.SortStableFunc(c.Clauses, func(a, b Clause) int { return CompareIDs(a.ID, b.ID) })
	c.byControl = make(map[string]Control, len(c.Controls))
	for _, control := range c.Controls {
		c.byControl[control.ID] = control
	}
	c.byClause = make(map[string]Clause, len(c.Clauses))
	for _, clause := range c.Clauses {
		c.byClause[clause.ID] = clause
	}
	return c, nil
}
