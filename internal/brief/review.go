// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/register"
)

// audits are the internal audits of the cycle.
func (p *preparation) audits() export.Section {
	var rows [][]string
	for _, a := range p.cycle.Spec.InternalAudits {
		var auditors []string
		for _, x := range a.Auditors {
			auditors = append(auditors, person(x.Person))
		}
		rows = append(rows, []string{
			string(a.Name), string(a.PlannedOn), string(a.PerformedOn), strings.Join(auditors, ", "), string(a.ControlCoverage),
		})
	}
	return section("Audits of the cycle", "", "None is planned: add one to spec.internalAudits.", []register.Column{
		text("Audit"), {Name: "Planned on", Kind: register.Date}, {Name: "Performed on", Kind: register.Date}, text("Auditors"), text("Controls"),
	}, rows)
}

// independence says who must not audit what: nobody audits their own work (clause 9.2.2).
func (p *preparation) independence() export.Section {
	controls, clauses := map[string][]string{}, map[string][]string{}
	for _, c := range p.applicable() {
		controls[person(c.Spec.Owner)] = append(controls[person(c.Spec.Owner)], string(c.Spec.ID))
	}
	for _, r := range p.in.Scope.Spec.Requirements {
		clauses[person(r.Owner)] = append(clauses[person(r.Owner)], string(r.ID))
	}
	everyone := sortedKeys(controls)
	for _, who := range sortedKeys(clauses) {
		if !slices.Contains(everyone, who) {
			everyone = append(everyone, who)
		}
	}
	slices.Sort(everyone)
	var rows [][]string
	for _, who := range everyone {
		rows = append(rows, []string{who, strings.Join(controls[who], ", "), strings.Join(clauses[who], ", ")})
	}
	return section("Who must not audit what", "Nobody audits what they own.", "No control and no clause has an owner.",
		[]register.Column{text("Owner"), {Name: "Controls", Kind: register.List}, {Name: "Clauses", Kind: register.List}}, rows)
}

// changes are those that were planned, and those of which the certification body must hear.
func (p *preparation) changes() export.Section {
	var rows [][]string
	if m := p.cycle.Spec.Maintenance; m != nil {
		for _, c := range m.Changes {
			rows = append(rows, []string{string(c.ChangedOn), string(c.Kind), "certification body told on " + cmp.Or(string(c.NotifiedBodyOn), "-")})
		}
	}
	for i := range p.in.Entries {
		e := &p.in.Entries[i]
		if c := e.Spec.Change; c != nil && p.ours(e.Spec.ScopeRef) {
			rows = append(rows, []string{string(cmp.Or(c.CompletedOn, c.PlannedOn)), string(e.Spec.Title), string(c.Purpose)})
		}
	}
	slices.SortFunc(rows, slices.Compare[[]string])
	s := section("Changes", "", "None is recorded.",
		[]register.Column{{Name: "On", Kind: register.Date}, text("Change"), prose("Purpose")}, rows)
	if soa := p.in.Scope.Status.StatementOfApplicability; soa != nil && len(soa.CoverageChanged) > 0 {
		ids := make([]string, len(soa.CoverageChanged))
		for i, id := range soa.CoverageChanged {
			ids[i] = string(id)
		}
		s.Text = append(s.Text,
			"Applicability changed since the approval, of which the certification body must hear: "+strings.Join(ids, ", ")+".")
	}
	return s
}

func (p *preparation) complaints() export.Section {
	var rows [][]string
	if m := p.cycle.Spec.Maintenance; m != nil {
		for _, c := range m.Complaints {
			rows = append(rows, []string{string(c.ReceivedOn), string(c.Summary), string(c.ResolvedOn)})
		}
	}
	return section("Complaints", "", "None is recorded.", []register.Column{
		{Name: "Received on", Kind: register.Date}, prose("Complaint"), {Name: "Resolved on", Kind: register.Date},
	}, rows)
}

// agenda are the ten inputs of clause 9.3.2, in its order. A section belongs to each.
var agenda = []struct {
	input isms.ReviewInput
	of    func(*preparation) export.Section
}{
	{isms.InputPreviousActions, (*preparation).decisions},
	{isms.InputContextChanges, (*preparation).context},
	{isms.InputInterestedPartyChanges, (*preparation).parties},
	{isms.InputNonconformities, func(p *preparation) export.Section {
		return p.findings("Nonconformities and corrective actions", false)
	}},
	{isms.InputMonitoringResults, (*preparation).monitoring},
	{isms.InputAuditResults, (*preparation).auditResults},
	{isms.InputObjectivesFulfilment, (*preparation).objectives},
	{isms.InputInterestedPartyFeedback, (*preparation).complaints},
	{isms.InputRiskStatus, (*preparation).risks},
	{isms.InputImprovementOpportunities, (*preparation).improvement},
}

// review is the agenda, with what there is on each input, and the record to be filled in.
func (p *preparation) review() []export.Section {
	var sections []export.Section
	var names []string
	for i, a := range agenda {
		s := a.of(p)
		s.Title = fmt.Sprintf("%d. %s (%s)", i+1, s.Title, a.input)
		sections, names = append(sections, s), append(names, string(a.input))
	}
	return append(sections, export.Section{
		Title: "The record (clause 9.3.3)",
		Text:  []string{"Fill in what was considered and decided, and add it to spec.managementReviews of the AuditCycle."},
		Code: "- name: mr-" + p.in.Now.UTC().Format("2006-01") +
			"\n  plannedOn: \"\"\n  performedOn: \"\"\n  chair: {name: \"\", email: \"\"}\n" +
			"  attendees: []\n  inputs: [" + strings.Join(names, ", ") + "]\n" +
			"  decisions:\n  - {kind: Improvement, text: \"\", owner: {name: \"\", email: \"\"}, dueDate: \"\"}\n  minutesRef: {name: \"\"}\n",
	})
}

func (p *preparation) decisions() export.Section {
	var rows [][]string
	for i := range p.in.Cycles {
		c := &p.in.Cycles[i]
		if !p.ours(c.Spec.ScopeRef) {
			continue
		}
		for _, r := range c.Spec.ManagementReviews {
			for _, d := range r.Decisions {
				owner, state := "", "open"
				if d.Owner != nil {
					owner = person(*d.Owner)
				}
				switch {
				case p.clock.Come(d.DoneOn):
					state = "done on " + string(d.DoneOn)
				case d.DueDate != "" && p.clock.Over(d.DueDate):
					state = "overdue"
				}
				rows = append(rows, []string{string(r.PerformedOn), string(r.Name), string(d.Text), owner, string(d.DueDate), state})
			}
		}
	}
	slices.SortFunc(rows, slices.Compare[[]string])
	return section("Actions of earlier reviews", "", "There are none.", []register.Column{
		{Name: "Decided on", Kind: register.Date},
		text("Review"), prose("Decision"), text("Owner"),
		{Name: "Due", Kind: register.Date},
		text("State"),
	}, rows)
}

func (p *preparation) context() export.Section {
	s := p.changes()
	s.Title = "Changes of external and internal issues"
	if c := p.in.Scope.Spec.Context; c != nil {
		for _, i := range c.Issues {
			s.Text = append(s.Text, fmt.Sprintf("%s issue: %s.", i.Origin, strings.TrimSuffix(string(i.Name), ".")))
		}
		if k := c.ClimateChange; k != nil {
			s.Text = append(s.Text, fmt.Sprintf("Climate change: %s. %s", k.Relevance, k.Rationale))
		}
	}
	return s
}

func (p *preparation) parties() export.Section {
	var rows [][]string
	if c := p.in.Scope.Spec.Context; c != nil {
		for _, i := range c.InterestedParties {
			needs := make([]string, len(i.Requirements))
			for j, r := range i.Requirements {
				needs[j] = string(r)
			}
			rows = append(rows, []string{string(i.Name), strings.Join(needs, "; ")})
		}
	}
	return section("Needs of interested parties", "Ask what has changed.", "None is named.",
		[]register.Column{text("Party"), prose("Requirements")}, rows)
}

func (p *preparation) monitoring() export.Section {
	s := p.operation()
	s.Title = "Monitoring and measurement"
	if n := p.cycle.Status.Controls; n != nil {
		s.Text = append(s.Text, fmt.Sprintf("Controls: %d of %d are satisfied; %d block, %d are not known.",
			n.Satisfied, n.Applicable, n.Blocking, n.Unknown))
	}
	var rows [][]string
	for _, c := range p.applicable() {
		if known := conditions.Get(c.Status.Conditions, isms.ConditionSatisfied); known == nil || known.Status != "True" {
			said := status(c.Status.Conditions, c.Generation, isms.ConditionSatisfied)
			rows = append(rows, []string{string(c.Spec.ID), person(c.Spec.Owner), said})
		}
	}
	s.Rows = export.Records{Columns: []register.Column{text("Control"), text("Owner"), text("Satisfied")}, Rows: rows}
	return s
}

func (p *preparation) auditResults() export.Section {
	s := p.audits()
	s.Title = "Results of audits"
	for _, a := range p.cycle.Spec.Audits {
		if a.Outcome != "" {
			s.Text = append(s.Text, fmt.Sprintf("%s of %s: %s.", a.Type, a.LastDayOn, a.Outcome))
		}
	}
	return s
}

// objectives with the last measurement of each.
func (p *preparation) objectives() export.Section {
	var rows [][]string
	for _, o := range p.in.Scope.Spec.Objectives {
		var last *isms.Attestation
		for i := range p.in.Attestations {
			a := &p.in.Attestations[i]
			measures := p.ours(a.Spec.ScopeRef) && a.Spec.Objective != nil && a.Spec.Objective.Name == o.Name
			if measures && p.clock.Come(a.Spec.PerformedOn) && (last == nil || a.Spec.PerformedOn > last.Spec.PerformedOn) {
				last = a
			}
		}
		row := []string{string(o.Name), string(o.Measure), string(o.Target), string(o.DueDate), "", "", "", person(o.Owner)}
		if last != nil {
			row[4], row[5], row[6] = string(last.Spec.Objective.Value), string(last.Spec.Objective.Met), string(last.Spec.PerformedOn)
		}
		rows = append(rows, row)
	}
	return section("Objectives", "", "None is stated.", []register.Column{
		text("Objective"), prose("Measure"), text("Target"),
		{Name: "Due", Kind: register.Date},
		text("Last value"), text("Met"),
		{Name: "Measured on", Kind: register.Date},
		text("Owner"),
	}, rows)
}

func (p *preparation) risks() export.Section {
	t := register.Risks(p.in).Pick("Risk", "Title", "Owner", "Inherent level", "Treatment", "Residual level", "Treated", "Residual accepted",
		"Review due").Short()
	return section("Risks and their treatment", "", "No risks are recorded.", t.Columns, t.Rows)
}

// improvement are opportunities that somebody has found, and the gaps.
func (p *preparation) improvement() export.Section {
	opportunities := register.Findings(p.in).Where("Severity", func(cell string) bool {
		return cell == string(isms.SeverityOpportunityForImprovement) || cell == string(isms.SeverityObservation)
	}).Pick("Finding", "Statement").Rows
	rows := slices.Clone(opportunities)
	for _, g := range register.Gaps(p.in).Pick("ID", "Missing").Rows {
		rows = append(rows, []string{"gap " + g[0], g[1]})
	}
	return section("Opportunities for improvement", "", "None is recorded.", []register.Column{text("What"), prose("Description")}, rows)
}
