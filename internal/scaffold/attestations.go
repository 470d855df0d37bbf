// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"fmt"
	"path"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/starter"
)

// due is a record that people have to make, and for which Controls.
type due struct {
	starter.Attestation
	File     string
	Controls []string
	Owners   []string
}

// toAttest lists the records that the Controls ask for, by type.
func (r *rendering) toAttest() []due {
	var list []due
	for _, a := range starter.Attestations() {
		d := due{Attestation: a, File: path.Join("templates", "attestations", fileName(a.Type))}
		for _, c := range r.written {
			if slices.ContainsFunc(c.Spec.Evidence, func(e isms.EvidenceItem) bool { return e.Attestation != nil && e.Attestation.Type == a.Type }) {
				d.Controls = append(d.Controls, string(c.Spec.ID))
				d.Owners = append(d.Owners, string(c.Spec.Owner.Name))
			}
		}
		if len(d.Controls) == 0 {
			continue
		}
		d.Controls = catalogue.SortIDs(d.Controls)
		slices.Sort(d.Owners)
		d.Owners = slices.Compact(d.Owners)
		list = append(list, d)
	}
	return list
}

// fileName writes AccessReview as access-review.yaml.
func fileName(t isms.TypeName) string { return kebab(t) + ".yaml" }

func kebab(t isms.TypeName) string {
	var b strings.Builder
	for i, c := range string(t) {
		if c >= 'A' && c <= 'Z' && i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(strings.ToLower(string(c)))
	}
	return b.String()
}

// What belongs into some records, in numbers, which no blank can stand for.
const formNote = `Of a training: participants: {expected: , completed: }. Of a sample: sample: {population: , size: , deviations: }.`

// attestations writes a form for each record that people have to make. The API server refuses a form whose blanks are
// not filled: it is no record.
func (r *rendering) attestations() error {
	person := isms.Person{Name: isms.ShortText(starter.Blank("who")), Email: isms.Email(starter.Blank("address"))}
	for _, d := range r.toAttest() {
		reviewer := person
		form := &isms.Attestation{
			TypeMeta: metav1.TypeMeta{APIVersion: isms.GroupVersion.String(), Kind: "Attestation"},
			ObjectMeta: metav1.ObjectMeta{
				Name: kebab(d.Type) + "-" + starter.Blank("year and month"), Namespace: string(r.in.Answers.Namespace), Annotations: keep,
			},
			Spec: isms.AttestationSpec{
				ScopeRef: isms.LocalRef{Name: r.in.Answers.Scope}, Type: d.Type,
				Outcome: isms.AttestationOutcome(starter.Blank("Pass or Fail")), PerformedOn: isms.Date(starter.Blank("the day, YYYY-MM-DD")),
				PerformedBy: person, ReviewedBy: &reviewer, Summary: isms.Text(starter.Blank(string(d.Record))),
				Artifacts: []isms.Artifact{{URL: isms.URL(starter.Blank("https://, where the record is kept; or remove artifacts"))}},
			},
		}
		for _, id := range d.Controls {
			form.Spec.Controls = append(form.Spec.Controls, isms.ControlID(id))
		}
		head := fmt.Sprintf("%s. Every %d days, with %d days of grace. Copy it into records/, fill it in, and add the file to "+
			"records/kustomization.yaml. A record is never edited: a new one that names it in supersedes corrects it.",
			d.Title, d.EveryDays, d.GraceDays)
		above := comments{"spec.artifacts": formNote}
		if err := r.manifest(d.File, form, strings.Join(wrap(head, width-2), "\n"), above); err != nil {
			return err
		}
	}
	return nil
}
