// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"fmt"
	"path"
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/starter"
)

// maxText is the length of an isms.Text.
const maxText = 4096

// controls writes a Control for each template. Whether it applies, and why, is for people to decide, so the proposal is
// marked as a blank; nothing is said to be implemented.
func (r *rendering) controls() error {
	values := starter.Values{
		Scope: r.in.Answers.Scope, Namespace: string(r.in.Answers.Namespace), Owner: r.in.person, Include: r.in.includes,
	}
	read := map[string]bool{}
	for _, t := range starter.Controls() {
		c := t.Control(values)
		proposal := "confirm or replace: " + string(t.Justification)
		c.Spec.Applicability.Justification = isms.Text(starter.Blank(proposal))
		if len(c.Spec.Applicability.Justification) > maxText {
			return fmt.Errorf("the justification of %s is too long", t.ID)
		}
		known, _ := catalogue.ControlByID(string(t.ID))
		head := fmt.Sprintf("%s %s", t.ID, known.Title)
		if err := r.manifest(path.Join("controls", t.Name()+".yaml"), c, head, nil); err != nil {
			return err
		}
		r.written = append(r.written, c)
		for _, item := range c.Spec.Evidence {
			if item.Resources != nil {
				read[KindName(item.Resources.APIVersion, item.Resources.Kind)] = true
			}
		}
	}
	r.kinds = slices.DeleteFunc(slices.Clone(starter.Kinds()), func(k starter.Kind) bool { return !read[KindName(k.APIVersion, k.Kind)] })
	r.kustomization("controls", "")
	return nil
}

// leftOut is evidence that the cluster can't give today.
type leftOut struct {
	// Companion that would give it, or the kind of which there is no object.
	Needs    string
	Checks   []string
	Controls []string
}

// leftOut lists what is missing for more evidence, sorted.
func (r *rendering) leftOut() []leftOut {
	var list []leftOut
	for _, t := range starter.Controls() {
		for _, e := range t.Evidence {
			if r.in.includes(e) {
				continue
			}
			needs := e.Check.Companion
			if needs == "" {
				needs = "objects of the kind " + e.Check.Resources.Kind
			}
			i := slices.IndexFunc(list, func(l leftOut) bool { return l.Needs == needs })
			if i < 0 {
				i = len(list)
				list = append(list, leftOut{Needs: needs})
			}
			list[i].Checks = append(list[i].Checks, string(e.Check.Name))
			list[i].Controls = append(list[i].Controls, string(t.ID))
		}
	}
	for i := range list {
		slices.Sort(list[i].Checks)
		list[i].Checks = slices.Compact(list[i].Checks)
		list[i].Controls = catalogue.SortIDs(list[i].Controls)
	}
	slices.SortFunc(list, func(a, b leftOut) int { return strings.Compare(strings.ToLower(a.Needs), strings.ToLower(b.Needs)) })
	return list
}
