// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package register

import (
	"cmp"
	"slices"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// Calendar has all that is to be done on a day or before it, by day: the deadlines of the cycles with the rule that sets
// them, what is planned and not done, and what people have promised. What is done is not in it. Days are counted in UTC,
// those of a cycle in its time zone.
func Calendar(in readiness.ScopeInput) Table {
	d := &diary{clock: assess.NewClock(in.Now), table: &Table{Name: "calendar", Columns: []Column{
		{"Due", Date}, {"State", State}, {"What", Prose}, {"Object", Text}, {"Owner", Text}, {"Rule", Text},
	}}}
	cycles := of(in, in.Cycles, func(c *isms.AuditCycle) isms.LocalRef { return c.Spec.ScopeRef })
	for _, c := range cycles {
		d.cycle(c, renewed(c, cycles), in.Now)
	}
	d.scope(in)
	d.evidence(in)
	d.records(in)
	d.table.sort()
	d.table.Rows = slices.CompactFunc(d.table.Rows, slices.Equal[[]string])
	return *d.table
}

// diary collects what is due.
type diary struct {
	clock *assess.Clock
	table *Table
}

// due notes what must be done on a day at the latest; nothing without a day.
func (d *diary) due(on isms.Date, what, object, owner string) { d.ruled(on, what, object, owner, "") }

func (d *diary) ruled(on isms.Date, what, object, owner, rule string) {
	if on == "" {
		return
	}
	state := isms.DeadlineDue
	if d.clock.Over(on) {
		state = isms.DeadlineOverdue
	}
	d.table.add(string(on), string(state), what, object, owner, rule)
}

// renewed says whether another cycle carries this one on and has a certificate of its own: then nobody waits for what this
// one had planned, nor for its certificate.
func renewed(c *isms.AuditCycle, all []*isms.AuditCycle) bool {
	return slices.ContainsFunc(all, func(o *isms.AuditCycle) bool {
		p := o.Spec.PreviousCycleRef
		return p != nil && string(p.Name) == c.Name && o.Name != c.Name && o.Spec.Certificate != nil
	})
}

// cycle notes the deadlines of a cycle, its plan, and what its audits and reviews have asked for.
func (d *diary) cycle(c *isms.AuditCycle, former bool, now time.Time) {
	zone, err := time.LoadLocation(c.Spec.TimeZone)
	if err != nil {
		zone = time.UTC // as the operator counts meanwhile
	}
	d = &diary{clock: assess.NewClockIn(now, zone), table: d.table}
	object := "auditcycle/" + c.Name
	for _, l := range c.Status.Deadlines {
		rule := l.Source
		if l.Rule != "" {
			rule = l.Rule + ", " + rule
		}
		d.ruled(l.DueOn, "Deadline "+l.Name, object, "", rule)
	}
	d.promises(c, object)
	if former {
		return
	}
	for _, s := range c.Status.Steps {
		if planned := slices.ContainsFunc(c.Spec.Milestones, func(m isms.Milestone) bool { return m.Step == s.Name }); planned &&
			s.State != isms.StepDone {
			d.due(s.DueDate, "Step "+string(s.Name), object, s.Owner)
		}
	}
	d.meetings(c, object)
	if x := c.Spec.Certificate; x != nil {
		d.due(x.ExpiresOn, "Certificate "+string(x.Number)+" expires", object, "")
	}
}

// meetings notes the audits and reviews that are planned.
func (d *diary) meetings(c *isms.AuditCycle, object string) {
	for _, a := range c.Spec.InternalAudits {
		if !d.clock.Come(a.PerformedOn) {
			d.due(a.PlannedOn, "Internal audit "+string(a.Name), object, "")
		}
	}
	for _, r := range c.Spec.ManagementReviews {
		if !d.clock.Come(r.PerformedOn) {
			d.due(r.PlannedOn, "Management review "+string(r.Name), object, "")
		}
	}
	for _, a := range c.Spec.Audits {
		if a.Outcome == "" {
			d.due(cmp.Or(a.FirstDayOn, a.PlannedOn), string(a.Type)+" audit "+string(a.Name), object, "")
		}
	}
}

// promises notes what reviews have decided and audits have asked for.
func (d *diary) promises(c *isms.AuditCycle, object string) {
	for _, r := range c.Spec.ManagementReviews {
		for _, x := range r.Decisions {
			if x.Owner != nil && !d.clock.Come(x.DoneOn) {
				d.due(x.DueDate, "Decision of "+string(r.Name)+": "+string(x.Text), object, person(*x.Owner))
			}
		}
	}
	for _, a := range c.Spec.Audits {
		for _, q := range a.Requests {
			if !d.clock.Come(q.AnsweredOn) {
				d.due(q.DueDate, "Answer to request "+q.ID+" of "+string(a.Name)+": "+string(q.Text), object, person(q.Owner))
			}
		}
	}
}

// scope notes objectives that are not reached yet, when each is to be measured again, and clauses with a date.
func (d *diary) scope(in readiness.ScopeInput) {
	s := in.Scope
	object := "ismsscope/" + s.Name
	for _, o := range s.Spec.Objectives {
		last := readiness.LastMeasurement(in, o, d.clock)
		if !last.Met {
			d.due(o.DueDate, "Objective "+string(o.Name)+": "+string(o.Target), object, person(o.Owner))
		}
		d.due(last.NextOn, "Measurement of the objective "+string(o.Name), object, person(o.Owner))
	}
	for _, r := range s.Spec.Requirements {
		evidenced := slices.ContainsFunc(s.Status.Requirements, func(x isms.RequirementStatus) bool {
			return x.ID == r.ID && x.Status == isms.RequirementEvidenced
		})
		if !evidenced {
			d.due(r.TargetDate, "Clause "+string(r.ID)+" evidenced", object, person(r.Owner))
		}
	}
}

// evidence notes what the controls ask for: attestations, each type once for all controls that rest on it, work that is
// planned, and the ends of exceptions.
func (d *diary) evidence(in readiness.ScopeInput) {
	type record struct {
		kind isms.TypeName
		on   isms.Date
	}
	type demand struct{ ids, owners []string }
	asked := map[record]demand{}
	for _, c := range of(in, in.Controls, func(c *isms.Control) isms.LocalRef { return c.Spec.ScopeRef }) {
		if c.Spec.Applicability.Decision != isms.DecisionApplicable {
			continue
		}
		object, owner := "control/"+c.Name, person(c.Spec.Owner)
		if i := c.Spec.Implementation; i != nil && i.State != isms.StateImplemented {
			d.due(i.TargetDate, string(c.Spec.ID)+" implemented", object, owner)
		}
		for _, x := range c.Spec.Exceptions {
			d.due(x.ExpiresOn, "Exception "+string(x.Name)+" of "+string(c.Spec.ID)+" ends", object, person(x.ApprovedBy))
		}
		for _, item := range c.Spec.Evidence {
			at := slices.IndexFunc(c.Status.Evidence, func(e isms.EvidenceStatus) bool { return e.Name == string(item.Name) })
			if item.Attestation != nil && at >= 0 {
				key := record{item.Attestation.Type, c.Status.Evidence[at].DueOn}
				asked[key] = demand{append(asked[key].ids, string(c.Spec.ID)), append(asked[key].owners, owner)}
			}
		}
	}
	for r, by := range asked {
		slices.Sort(by.owners)
		d.due(r.on, "Attestation "+string(r.kind)+", for "+conditions.Names(catalogue.SortIDs(by.ids)), "",
			conditions.Names(slices.Compact(by.owners)))
	}
}

// records notes reviews and actions of documents, risks, registers and findings.
func (d *diary) records(in readiness.ScopeInput) {
	for _, x := range of(in, in.Documents, func(x *isms.Document) isms.LocalRef { return x.Spec.ScopeRef }) {
		d.due(x.Status.ReviewDueOn, "Review of "+string(x.Spec.Title), "document/"+x.Name, person(x.Spec.Owner))
	}
	for _, x := range of(in, in.Risks, func(x *isms.Risk) isms.LocalRef { return x.Spec.ScopeRef }) {
		object, owner := "risk/"+x.Name, person(x.Spec.Owner)
		d.due(x.Status.ReviewDueOn, "Review of the risk: "+string(x.Spec.Title), object, owner)
		if t := x.Spec.Treatment; t != nil && !d.clock.Come(t.CompletedOn) {
			d.due(t.DueDate, "Treatment of the risk: "+string(x.Spec.Title), object, owner)
		}
	}
	for _, x := range of(in, in.Entries, func(x *isms.RegisterEntry) isms.LocalRef { return x.Spec.ScopeRef }) {
		object, owner := "registerentry/"+x.Name, person(x.Spec.Owner)
		d.due(x.Status.ReviewDueOn, "Review of "+string(x.Spec.Register)+": "+string(x.Spec.Title), object, owner)
		d.entry(x, object, owner)
	}
	for _, x := range of(in, in.Findings, func(x *isms.Finding) isms.LocalRef { return x.Spec.ScopeRef }) {
		d.finding(x)
	}
}

// entry notes what its register asks of an entry besides the review.
func (d *diary) entry(e *isms.RegisterEntry, object, owner string) {
	title := ": " + string(e.Spec.Title)
	if s := e.Spec.Supplier; s != nil {
		d.due(s.AssuranceExpiresOn, "Assurance of the supplier ends"+title, object, owner)
	}
	if e.Spec.LegalRequirement != nil {
		d.due(assess.EvaluationDueOn(&e.Spec), "Evaluation of compliance"+title, object, owner)
	}
	if i := e.Spec.Incident; i != nil && !d.clock.Come(i.ResolvedOn) {
		d.due(i.DueDate, "Incident resolved"+title, object, owner)
	}
	if c := e.Spec.Competence; c != nil {
		d.due(c.ExpiresOn, "Competence ends"+title, object, owner)
	}
	if c := e.Spec.Change; c != nil && !d.clock.Come(c.CompletedOn) {
		d.due(c.PlannedOn, "Change"+title, object, owner)
	}
}

func (d *diary) finding(f *isms.Finding) {
	if conditions.IsTrue(f.Status.Conditions, isms.ConditionClosed) {
		return
	}
	what, owner, on := string(f.Spec.Statement), "", f.Spec.ResponseDueOn
	if a := f.Spec.CorrectiveAction; a != nil {
		what, owner, on = string(a.Description), person(a.Owner), ""
		if !d.clock.Come(a.CompletedOn) {
			on = a.DueDate
		}
	}
	if f.Status.ObservedGeneration == f.Generation {
		on = f.Status.DueOn
	}
	d.due(on, "Finding ("+string(f.Spec.Severity)+"): "+what, "finding/"+f.Name, owner)
}
