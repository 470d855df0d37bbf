// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/readiness"
	"github.com/isms-operator/isms-operator/internal/register"
)

func text(name string) register.Column  { return register.Column{Name: name} }
func prose(name string) register.Column { return register.Column{Name: name, Kind: register.Prose} }

// section is one with a table; without rows it says so.
func section(title, text, empty string, columns []register.Column, rows [][]string) export.Section {
	s := export.Section{Title: title, Rows: export.Records{Columns: columns, Rows: rows}}
	if text != "" {
		s.Text = append(s.Text, text)
	}
	if len(rows) == 0 {
		s.Text = append(s.Text, empty)
	}
	return s
}

func compareControls(a, b *isms.Control) int {
	return cmp.Or(catalogue.CompareIDs(string(a.Spec.ID), string(b.Spec.ID)), cmp.Compare(a.Name, b.Name))
}

func person(p isms.Person) string { return cmp.Or(string(p.Name), string(p.ID)) }

// demands is what an audit asks for.
func (p *preparation) demands(auditType isms.AuditType) export.Section {
	var rows [][]string
	for _, d := range readiness.Demands(CycleInput(p.in, p.cycle), auditType) {
		status := string(d.Status)
		if d.Advisory {
			status += " (advisory)"
		}
		rows = append(rows, []string{d.Name, status, cmp.Or(d.Message, d.Reason)})
	}
	return section("What the audit asks for", "", "The operator has not assessed the cycle.",
		[]register.Column{text("Condition"), text("Status"), prose("Message")}, rows)
}

// statement is the state of the Statement of Applicability, and what it excludes.
func (p *preparation) statement() export.Section {
	lead := "Not computed yet."
	if soa := p.in.Scope.Status.StatementOfApplicability; soa != nil {
		lead = statement(soa, blanks(p.in)) + "."
	}
	var rows [][]string
	for _, r := range register.Statement(p.in).Pick("Control", "Title", "Decision", "Justification").Rows {
		if r[2] != string(isms.DecisionApplicable) {
			rows = append(rows, r)
		}
	}
	return section("Statement of Applicability", lead+" kubectl isms soa lists it. Excluded or not decided:", "None.",
		[]register.Column{text("Control"), text("Title"), text("Decision"), prose("Justification")}, rows)
}

// documents is the index of the documented information that the standard names; of a stage, or all.
func (p *preparation) documents(title, stage string) export.Section {
	applicable := map[string]bool{}
	for _, c := range p.applicable() {
		applicable[string(c.Spec.ID)] = true
	}
	var rows [][]string
	for _, d := range catalogue.Documents() {
		if stage != "" && string(d.Stage) != stage || d.OfControl() && !applicable[d.Requirement] {
			continue
		}
		found := false
		for i := range p.in.Documents {
			x := &p.in.Documents[i]
			if p.ours(x.Spec.ScopeRef) && d.Accepts(string(x.Spec.Type)) {
				found = true
				rows = append(rows, []string{
					d.Requirement, d.Title, x.Name, string(x.Spec.Version), status(x.Status.Conditions, x.Generation, isms.ConditionApproved),
					string(x.Status.ReviewDueOn), person(x.Spec.Owner),
				})
			}
		}
		if !found {
			rows = append(rows, []string{d.Requirement, d.Title, "missing: " + d.Type, "", "", "", ""})
		}
	}
	return section(title, "", "None.", []register.Column{
		text("Requirement"), text("What"), text("Document"), text("Version"), text("Approved"), text("Review due"), text("Owner"),
	}, rows)
}

// clauses is the checklist of the 30 clause requirements.
func (p *preparation) clauses() export.Section {
	var rows [][]string
	for _, r := range register.Requirements(p.in).Pick("Clause", "Title", "Status", "Satisfied by", "To do").Rows {
		rows = append(rows, append(r, "", ""))
	}
	const lead = "Status is what the operator finds, which is no judgement of conformity. Result and notes are for the auditor."
	return section("Checklist of the clauses", lead, "", []register.Column{
		text("Clause"), text("Title"), text("Status"), prose("Look for"), prose("Missing"), text("Result"), text("Notes"),
	}, rows)
}

// controls is the checklist of the applicable controls, with what to look at.
func (p *preparation) controls() export.Section {
	var rows [][]string
	for _, c := range p.applicable() {
		var evidence []string
		for _, item := range c.Spec.Evidence {
			evidence = append(evidence, lookAt(item))
		}
		title := string(c.Spec.Title)
		if known, ok := catalogue.ControlByID(string(c.Spec.ID)); ok && c.Spec.Source == isms.SourceAnnexA {
			title = known.Title
		}
		rows = append(rows, []string{
			string(c.Spec.ID), title, person(c.Spec.Owner), cmp.Or(string(c.Status.Result), string(isms.ResultUnknown)),
			strings.Join(evidence, "; "), "", "",
		})
	}
	return section("Checklist of the controls",
		"kubectl isms explain CONTROL evaluates the evidence of one again. Result and notes are for the auditor.", "No control is applicable.",
		[]register.Column{
			text("Control"), text("Title"), text("Owner"), text("Status"), prose("Look at"), text("Result"), text("Notes"),
		}, rows)
}

func lookAt(item isms.EvidenceItem) string {
	switch {
	case item.Resources != nil:
		return fmt.Sprintf("%s: %s objects", item.Name, item.Resources.Kind)
	case item.Document != nil:
		return fmt.Sprintf("%s: document %s", item.Name, item.Document.Type)
	case item.Attestation != nil:
		return fmt.Sprintf("%s: attestations %s", item.Name, item.Attestation.Type)
	}
	return string(item.Name)
}

// findings lists findings; those that are open, or all.
func (p *preparation) findings(title string, open bool) export.Section {
	t := register.Findings(p.in)
	if open {
		t = t.Where("Closed", func(cell string) bool { return !strings.HasPrefix(cell, "True") })
	}
	t = t.Pick("Finding", "Severity", "Requirement", "Statement", "Corrective action", "Owner", "Due", "Closed").Short()
	return section(title, "", "None.", t.Columns, t.Rows)
}

// people are those whom an auditor will want to speak to, with what they answer for.
func (p *preparation) people() export.Section {
	answers := map[string][]string{}
	add := func(who isms.Person, what string) {
		if name := person(who); name != "" && !slices.Contains(answers[name], what) {
			answers[name] = append(answers[name], what)
		}
	}
	if l := p.in.Scope.Spec.Leadership; l != nil {
		if l.Sponsor != nil {
			add(l.Sponsor.Person, "sponsor in top management")
		}
		for _, r := range l.Roles {
			add(r.Holder, string(r.Role))
		}
	}
	owned := map[string][]string{}
	for _, c := range p.applicable() {
		owned[person(c.Spec.Owner)] = append(owned[person(c.Spec.Owner)], string(c.Spec.ID))
	}
	for _, who := range sortedKeys(owned) {
		add(isms.Person{Name: isms.ShortText(who)}, "controls "+conditions.Names(owned[who]))
	}
	for i := range p.in.Risks {
		if r := &p.in.Risks[i]; p.ours(r.Spec.ScopeRef) {
			add(r.Spec.Owner, "risk "+r.Name)
		}
	}
	var rows [][]string
	for _, name := range sortedKeys(answers) {
		rows = append(rows, []string{name, strings.Join(answers[name], "; ")})
	}
	return section("Whom the auditor will want to speak to", "", "Nobody is named.",
		[]register.Column{text("Who"), prose("Answers for")}, rows)
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// samples are those that the cycle asks for, as they were drawn.
func (p *preparation) samples() export.Section {
	var rows [][]string
	for _, s := range p.cycle.Status.Samples {
		size := ""
		if s.PopulationSize != nil {
			size = strconv.Itoa(int(*s.PopulationSize))
		}
		rows = append(rows, []string{string(s.Name), string(s.State), size, s.Method, s.Seed, strings.Join(s.Drawn, ", ")})
	}
	return section("Samples", "", "The cycle asks for none yet: the auditor names period and seed in spec.samples, and the operator draws.",
		[]register.Column{
			text("Sample"), text("State"), {Name: "Of", Kind: register.Number}, text("Method"), text("Seed"), {Name: "Drawn", Kind: register.List},
		}, rows)
}

// populations are the records of the last year from which samples can be drawn.
func (p *preparation) populations() export.Section {
	type population struct {
		n           int
		first, last isms.Date
	}
	today := isms.NewDate(p.in.Now.UTC())
	found := map[string]population{}
	for i := range p.in.Attestations {
		a := &p.in.Attestations[i]
		on := a.Spec.PerformedOn
		if !p.ours(a.Spec.ScopeRef) || on > today || on < assess.AddDays(today, -365) {
			continue
		}
		x := found[string(a.Spec.Type)]
		if x.n++; x.first == "" || on < x.first {
			x.first = on
		}
		x.last = max(x.last, on)
		found[string(a.Spec.Type)] = x
	}
	var rows [][]string
	for _, name := range sortedKeys(found) {
		x := found[name]
		rows = append(rows, []string{name, strconv.Itoa(x.n), string(x.first), string(x.last)})
	}
	return section("Records to sample from", "Attestations of the last 365 days, by type.", "There are none.", []register.Column{
		text("Type"), {Name: "Records", Kind: register.Number}, {Name: "First", Kind: register.Date}, {Name: "Last", Kind: register.Date},
	}, rows)
}

// operation is what the evidence log shows of the operating period.
func (p *preparation) operation() export.Section {
	s := export.Section{Title: "Operating period"}
	o := p.cycle.Status.Operation
	if o == nil {
		s.Text = []string{"The operating period is not computed yet."}
		return s
	}
	const said = "%s to %s: %d %% of the time was observed, and the control that was effective the least was so for %d %% of it."
	s.Text = []string{fmt.Sprintf(said, o.From, o.To, o.CoveragePercent, o.EffectivePercent)}
	if len(o.BelowThreshold) > 0 {
		ids := make([]string, len(o.BelowThreshold))
		for i, id := range o.BelowThreshold {
			ids[i] = string(id)
		}
		s.Text = append(s.Text, "Effective for too small a share: "+strings.Join(ids, ", ")+".")
	}
	s.Text = append(s.Text, "kubectl isms verify proves the log; hand its export, the public keys and an anchor to the auditor.")
	return s
}

// requests are those of the auditors that wait for an answer.
func (p *preparation) requests() export.Section {
	var rows [][]string
	for _, a := range p.cycle.Spec.Audits {
		for _, r := range a.Requests {
			if !p.clock.Come(r.AnsweredOn) {
				rows = append(rows, []string{string(a.Name), r.ID, string(r.Text), person(r.Owner), string(r.DueDate)})
			}
		}
	}
	return section("Requests that wait for an answer", "", "None.", []register.Column{
		text("Audit"), text("Request"), prose("Asks for"), text("Owner"), {Name: "Due", Kind: register.Date},
	}, rows)
}

// status is that of a condition, with its reason where it is not True; Unknown where the object has changed since.
func status(list []metav1.Condition, generation int64, conditionType string) string {
	c := conditions.Get(list, conditionType)
	switch {
	case c == nil || c.ObservedGeneration != generation:
		return string(metav1.ConditionUnknown)
	case c.Status == metav1.ConditionTrue:
		return string(c.Status)
	}
	return string(c.Status) + ", " + c.Reason
}
