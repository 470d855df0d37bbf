// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
)

//go:embed controls/*.yaml checks/*.yaml attestations.yaml kinds.yaml parameters.yaml roles.yaml
var files embed.FS

type content struct {
	templates    []Template
	checks       []Check
	kinds        []Kind
	attestations []Attestation
	parameters   []Parameter
	roles        []Role
}

// load reads the embedded data once. It is part of the program and its tests, so a failure to read it is a defect of the
// build.
var load = sync.OnceValue(func() content {
	c, err := read(files)
	if err != nil {
		panic(err)
	}
	return c
})

// source is one control as its file has it.
type source struct {
	ID            isms.ControlID         `json:"id"`
	Owner         string                 `json:"owner"`
	Objective     isms.Text              `json:"objective"`
	Guidance      isms.Text              `json:"guidance"`
	Reasons       []isms.InclusionReason `json:"reasons"`
	Justification isms.Text              `json:"justification"`
	Criticality   isms.Criticality       `json:"criticality"`
	EffortDays    int32                  `json:"effortDays"`
	Evidence      []evidenceSource       `json:"evidence"`
}

// evidenceSource names a check, a type of document or a type of attestation, and may say of it what holds for this
// control alone.
type evidenceSource struct {
	Check       isms.ItemName         `json:"check,omitempty"`
	Document    isms.TypeName         `json:"document,omitempty"`
	Attestation isms.TypeName         `json:"attestation,omitempty"`
	Description isms.Text             `json:"description,omitempty"`
	Limitation  isms.Text             `json:"limitation,omitempty"`
	Strength    isms.EvidenceStrength `json:"strength,omitempty"`
}

func read(from fs.FS) (content, error) {
	var c content
	var sources []source
	for name, into := range map[string]any{
		"attestations.yaml": &c.attestations, "kinds.yaml": &c.kinds, "parameters.yaml": &c.parameters, "roles.yaml": &c.roles,
	} {
		if err := readFile(from, name, into); err != nil {
			return content{}, err
		}
	}
	if err := readAll(from, "checks", &c.checks); err != nil {
		return content{}, err
	}
	if err := readAll(from, "controls", &sources); err != nil {
		return content{}, err
	}
	for i := range c.checks {
		if err := c.place(&c.checks[i]); err != nil {
			return content{}, err
		}
	}
	slices.SortStableFunc(c.checks, func(a, b Check) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(c.attestations, func(a, b Attestation) int { return cmp.Compare(a.Type, b.Type) })
	slices.SortStableFunc(c.parameters, func(a, b Parameter) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(sources, func(a, b source) int { return catalogue.CompareIDs(string(a.ID), string(b.ID)) })
	for _, s := range sources {
		t, err := c.template(s)
		if err != nil {
			return content{}, fmt.Errorf("control %s: %w", s.ID, err)
		}
		c.templates = append(c.templates, t)
	}
	return c, nil
}

// place completes a check with what its kind says about where it belongs.
func (c *content) place(k *Check) error {
	r := k.Resources
	i := slices.IndexFunc(c.kinds, func(x Kind) bool { return x.APIVersion == r.APIVersion && x.Kind == r.Kind })
	if i < 0 {
		return fmt.Errorf("check %s: kinds.yaml lacks %s %s", k.Name, r.APIVersion, r.Kind)
	}
	k.Companion = cmp.Or(k.Companion, c.kinds[i].Companion)
	if k.When == "" && c.kinds[i].Companion != "" {
		k.When = WhenServed
	}
	k.When = cmp.Or(k.When, WhenAlways)
	return nil
}

func readFile(from fs.FS, name string, into any) error {
	data, err := fs.ReadFile(from, name)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(data, into); err != nil {
		return fmt.Errorf("parse %s: %w", name, err)
	}
	return nil
}

// readAll joins the lists of all files of a directory.
func readAll[T any](from fs.FS, dir string, into *[]T) error {
	entries, err := fs.ReadDir(from, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		var list []T
		if err := readFile(from, path.Join(dir, e.Name()), &list); err != nil {
			return err
		}
		*into = append(*into, list...)
	}
	return nil
}

func (c *content) template(s source) (Template, error) {
	t := Template{
		ID: s.ID, Owner: s.Owner, Objective: s.Objective, Guidance: s.Guidance, Reasons: s.Reasons, Justification: s.Justification,
		Criticality: s.Criticality, EffortDays: s.EffortDays,
	}
	for _, e := range s.Evidence {
		evidence, err := c.evidence(e)
		if err != nil {
			return Template{}, err
		}
		t.Evidence = append(t.Evidence, evidence)
	}
	return t, nil
}

func (c *content) evidence(s evidenceSource) (Evidence, error) {
	var e Evidence
	switch {
	case s.Check != "":
		i := slices.IndexFunc(c.checks, func(k Check) bool { return k.Name == s.Check })
		if i < 0 {
			return Evidence{}, fmt.Errorf("no check %s", s.Check)
		}
		k := &c.checks[i]
		e.Check = k
		e.Item = isms.EvidenceItem{
			Name: k.Name, Description: k.Description, Limitation: k.Limitation, Strength: k.Strength, Resources: &k.Resources,
		}
	case s.Attestation != "":
		i := slices.IndexFunc(c.attestations, func(a Attestation) bool { return a.Type == s.Attestation })
		if i < 0 {
			return Evidence{}, fmt.Errorf("no attestation %s", s.Attestation)
		}
		a := c.attestations[i]
		e.Item = isms.EvidenceItem{
			Name: itemName(s.Attestation), Description: a.Record,
			Attestation: &isms.AttestationEvidence{Type: a.Type, EveryDays: a.EveryDays, GraceDays: a.GraceDays},
		}
	case s.Document != "":
		e.Item = isms.EvidenceItem{Name: itemName(s.Document), Document: &isms.DocumentEvidence{Type: s.Document}}
	default:
		return Evidence{}, fmt.Errorf("evidence that names no check, document or attestation")
	}
	e.Item.Description = cmp.Or(s.Description, e.Item.Description)
	e.Item.Limitation = cmp.Or(s.Limitation, e.Item.Limitation)
	e.Item.Strength = cmp.Or(s.Strength, e.Item.Strength)
	return e, nil
}

// itemName writes a PascalCase type as the name of an item: AccessReview as access-review.
func itemName(t isms.TypeName) isms.ItemName {
	var b strings.Builder
	for i, r := range string(t) {
		if r >= 'A' && r <= 'Z' && i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return isms.ItemName(b.String())
}
