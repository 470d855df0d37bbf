// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package brief joins what the operator says of a scope and its cycle into answers for people: the state at a glance, and
// what to have at hand for an audit or a review. It is pure, and judges nothing that the operator has not judged.
package brief

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/readiness"
	"github.com/isms-operator/isms-operator/internal/register"
)

// dueSoon bounds what a status names of the calendar.
const dueSoon = 5

// Status is a scope and its cycle at a glance.
type Status struct {
	Namespace     string       `json:"namespace"`
	Scope         string       `json:"scope"`
	Organization  string       `json:"organization"`
	HeartbeatTime *metav1.Time `json:"heartbeatTime,omitempty"`
	Cycle         *CycleStatus `json:"cycle,omitempty"`
	// Ready is what the cycle says of the next audit; without a cycle it is Unknown.
	Ready Answer `json:"ready"`
	// Missing are the things that the next audit asks for and that are not there, or not known to be: False before Unknown.
	// Without a cycle it is what the scope lacks.
	Missing                  []Answer                             `json:"missing"`
	Clauses                  Clauses                              `json:"clauses"`
	StatementOfApplicability *isms.StatementOfApplicabilityStatus `json:"statementOfApplicability,omitempty"`
	// Blanks counts the controls of Annex A that are declared, but whose justification is a blank.
	Blanks int             `json:"blankJustifications"`
	Gaps   *isms.GapCounts `json:"gaps,omitempty"`
	// Due are the first few things of the calendar.
	Due []Due `json:"due"`

	now time.Time
}

// CycleStatus is what the status of a cycle says.
type CycleStatus struct {
	Name               string               `json:"name"`
	Stage              isms.CycleStage      `json:"stage"`
	NextAudit          *isms.NextAudit      `json:"nextAudit,omitempty"`
	DaysUntilNextAudit *int32               `json:"daysUntilNextAudit,omitempty"`
	Controls           *isms.CycleControls  `json:"controls,omitempty"`
	Findings           *isms.CycleFindings  `json:"findings,omitempty"`
	Operation          *isms.CycleOperation `json:"operation,omitempty"`
}

// Answer is a condition, or something like it.
type Answer struct {
	Name    string                 `json:"name,omitempty"`
	Status  metav1.ConditionStatus `json:"status"`
	Reason  string                 `json:"reason"`
	Message string                 `json:"message,omitempty"`
}

// Clauses counts the clause requirements.
type Clauses struct {
	Evidenced    int32 `json:"evidenced"`
	NotEvidenced int32 `json:"notEvidenced"`
	Unknown      int32 `json:"unknown"`
}

// Due is a line of the calendar.
type Due struct {
	Due    string `json:"due"`
	State  string `json:"state"`
	What   string `json:"what"`
	Object string `json:"object,omitempty"`
	Owner  string `json:"owner,omitempty"`
}

// StatusOf sums up a scope and one of its cycles; nil where it has none.
func StatusOf(in readiness.ScopeInput, cycle *isms.AuditCycle) Status {
	scope := in.Scope
	s := Status{
		Namespace: scope.Namespace, Scope: scope.Name, Organization: string(scope.Spec.Organization),
		HeartbeatTime: scope.Status.HeartbeatTime, Clauses: clauses(in), Gaps: scope.Status.Gaps, Missing: []Answer{}, Due: []Due{},
		Blanks: blanks(in),
		Ready:  Answer{Name: isms.ConditionAuditReady, Status: metav1.ConditionUnknown, Reason: isms.ReasonNothingDeclared}, now: in.Now,
	}
	if soa := scope.Status.StatementOfApplicability; soa != nil {
		s.StatementOfApplicability = soa.DeepCopy()
		s.StatementOfApplicability.ApprovedControls = nil
	}
	if cycle == nil {
		s.Ready.Message = "There is no AuditCycle."
		s.missing(ofScope(scope))
	} else {
		s.cycle(in, cycle)
	}
	for i, row := range register.Calendar(in).Pick("Due", "State", "What", "Object", "Owner").Rows {
		if i < dueSoon {
			s.Due = append(s.Due, Due{row[0], row[1], row[2], row[3], row[4]})
		}
	}
	return s
}

func (s *Status) cycle(in readiness.ScopeInput, cycle *isms.AuditCycle) {
	status := cycle.Status
	s.Cycle = &CycleStatus{
		Name: cycle.Name, Stage: status.Stage, NextAudit: status.NextAudit, DaysUntilNextAudit: status.DaysUntilNextAudit,
		Controls: status.Controls, Findings: status.Findings, Operation: status.Operation,
	}
	s.Ready.Reason = isms.ReasonNotYetAssessed
	if c := conditions.Get(status.Conditions, isms.ConditionAuditReady); c != nil && c.ObservedGeneration == cycle.Generation {
		s.Ready = Answer{Name: c.Type, Status: c.Status, Reason: c.Reason, Message: c.Message}
	}
	if status.NextAudit != nil {
		s.missing(readiness.Demands(CycleInput(in, cycle), status.NextAudit.Type))
	}
}

// CycleInput is what the assessment of a cycle reads, from what that of its scope reads.
func CycleInput(in readiness.ScopeInput, cycle *isms.AuditCycle) readiness.CycleInput {
	return readiness.CycleInput{
		Cycle: cycle, Scope: in.Scope, Controls: in.Controls, Risks: in.Risks, Documents: in.Documents, Findings: in.Findings,
		Attestations: in.Attestations, Entries: in.Entries, Others: in.Cycles, Now: in.Now,
	}
}

func ofScope(scope *isms.ISMSScope) []readiness.Demand {
	var list []readiness.Demand
	for _, c := range scope.Status.Conditions {
		switch c.Type {
		case isms.ConditionReady, isms.ConditionStalled, isms.ConditionReconciling:
		default:
			list = append(list, readiness.Demand{Name: c.Type, Status: c.Status, Reason: c.Reason, Message: c.Message})
		}
	}
	return list
}

// missing takes what is not True of what is asked for, and asked for in earnest.
func (s *Status) missing(demands []readiness.Demand) {
	for _, d := range demands {
		if d.Status != metav1.ConditionTrue && !d.Advisory {
			s.Missing = append(s.Missing, Answer{d.Name, d.Status, d.Reason, d.Message})
		}
	}
	slices.SortStableFunc(s.Missing, func(a, b Answer) int { return cmp.Compare(a.Status, b.Status) }) // False, Unknown
}

func clauses(in readiness.ScopeInput) Clauses {
	var n Clauses
	for _, row := range register.Requirements(in).Pick("Status").Rows {
		switch isms.RequirementState(row[0]) {
		case isms.RequirementEvidenced:
			n.Evidenced++
		case isms.RequirementNotEvidenced:
			n.NotEvidenced++
		case isms.RequirementUnknown:
			n.Unknown++
		}
	}
	return n
}

// Text writes the status for people.
func (s Status) Text(w io.Writer, x export.Text) error {
	var out strings.Builder
	out.WriteString(x.Tint(export.Strong, s.Organization) + ", scope " + s.Namespace + "/" + s.Scope + "\n")
	for _, f := range s.facts() {
		if err := x.Fact(&out, 0, 14, f.label, f.text, f.tone); err != nil {
			return err
		}
	}
	if len(s.Missing) > 0 {
		out.WriteString("\n" + x.Tint(export.Strong, s.missingTitle()) + "\n")
		if err := x.Table(&out, s.missingTable()); err != nil {
			return err
		}
	}
	if len(s.Due) > 0 {
		out.WriteString("\n" + x.Tint(export.Strong, "Due next") + "\n")
		if err := x.Table(&out, s.dueTable()); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (s Status) missingTitle() string {
	if s.Cycle == nil {
		return "Not in place yet"
	}
	next := s.Cycle.NextAudit
	return "Missing for " + cmp.Or(next.Name, string(next.Type))
}

func (s Status) missingTable() register.Table {
	t := register.Table{Name: "missing", Columns: []register.Column{
		{Name: "Condition"}, {Name: "Status", Kind: register.State}, {Name: "Message", Kind: register.Prose},
	}}
	for _, m := range s.Missing {
		t.Rows = append(t.Rows, []string{m.Name, string(m.Status), cmp.Or(m.Message, m.Reason)})
	}
	return t
}

func (s Status) dueTable() register.Table {
	t := register.Table{Name: "due", Columns: []register.Column{
		{Name: "Due", Kind: register.Date}, {Name: "State", Kind: register.State}, {Name: "What", Kind: register.Prose}, {Name: "Owner"},
	}}
	for _, d := range s.Due {
		t.Rows = append(t.Rows, []string{d.Due, d.State, d.What, d.Owner})
	}
	return t
}

// fact is one line of the status.
type fact struct {
	label, text string
	tone        export.Tone
}

func (s Status) facts() []fact {
	facts := []fact{}
	if c := s.Cycle; c != nil {
		facts = append(facts, fact{"Cycle", c.Name + ", stage " + cmp.Or(string(c.Stage), "not known yet"), export.Plain}, c.next())
	}
	ready := strings.TrimSuffix(string(s.Ready.Status)+", "+s.Ready.Reason, ", ")
	if s.Ready.Status == metav1.ConditionTrue || s.Cycle == nil {
		ready += ": " + s.Ready.Message
	}
	facts = append(facts, fact{"Ready", ready, export.ToneOf(string(s.Ready.Status))})
	if c := s.Cycle; c != nil && c.Controls != nil {
		n := c.Controls
		facts = append(facts, fact{"Controls", counted(fmt.Sprintf("%d of %d satisfied", n.Satisfied, n.Applicable),
			part{n.Blocking, "blocking"}, part{n.DeviationsHandled, "handled"},
			part{n.WithinGrace, "within the grace days"}, part{n.Unknown, "not known"}), export.Plain})
	}
	n := s.Clauses
	facts = append(facts, fact{"Clauses", counted(fmt.Sprintf("%d of %d evidenced", n.Evidenced, n.Evidenced+n.NotEvidenced+n.Unknown),
		part{n.NotEvidenced, "not evidenced"}, part{n.Unknown, "not known"}), export.Plain})
	if soa := s.StatementOfApplicability; soa != nil {
		facts = append(facts, fact{"Statement", statement(soa, s.Blanks), export.Plain})
	}
	if g := s.Gaps; g != nil {
		facts = append(facts, fact{"Gaps", counted(fmt.Sprint(g.Total), part{g.Critical, "critical"}, part{g.High, "high"},
			part{g.Medium, "medium"}, part{g.Low, "low"}, part{g.Total - g.Critical - g.High - g.Medium - g.Low, "not graded"}), export.Plain})
	}
	if c := s.Cycle; c != nil && c.Findings != nil {
		n := c.Findings
		facts = append(facts, fact{"Findings", counted(fmt.Sprintf("%d open", n.OpenMajor+n.OpenMinor+n.OpenOther), part{n.OpenMajor, "major"},
			part{n.OpenMinor, "minor"}, part{n.OpenOther, "other"}, part{n.Overdue, "overdue"}), export.Plain})
	}
	if c := s.Cycle; c != nil && c.Operation != nil {
		facts = append(facts, fact{"Operation", fmt.Sprintf("%s to %s: %d %% observed, the lowest control effective for %d %%",
			c.Operation.From, c.Operation.To, c.Operation.CoveragePercent, c.Operation.EffectivePercent), export.Plain})
	}
	return append(facts, s.heartbeat())
}

// part is one of the counts that stand behind a total.
type part struct {
	n    int32
	what string
}

// counted names the parts of a total that there are.
func counted(total string, parts ...part) string {
	var there []string
	for _, p := range parts {
		if p.n > 0 {
			there = append(there, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(there) == 0 {
		return total
	}
	return total + ": " + strings.Join(there, ", ")
}

// blanks counts the controls of Annex A whose justification is a blank that nobody has filled: nothing is decided of them.
func blanks(in readiness.ScopeInput) int {
	ids := map[string]bool{}
	for i := range in.Controls {
		c := &in.Controls[i].Spec
		if string(c.ScopeRef.Name) == in.Scope.Name && c.Source == isms.SourceAnnexA &&
			strings.Contains(string(c.Applicability.Justification), isms.BlankMark) {
			ids[string(c.ID)] = true
		}
	}
	return len(ids)
}

// statement says how far the Statement of Applicability is, of which so many justifications are blanks.
func statement(soa *isms.StatementOfApplicabilityStatus, blank int) string {
	text := fmt.Sprintf("%d of %d controls decided, ", max(0, int(soa.Declared)-blank), soa.Required)
	if blank > 0 {
		text += fmt.Sprintf("%d with a blank for their justification, ", blank)
	}
	text += fmt.Sprintf("%d excluded; ", soa.Excluded)
	switch {
	case soa.ApprovedVersion == "":
		return text + "not approved"
	case soa.ApprovedDigest != soa.Digest:
		ids := make([]string, len(soa.ChangedSinceApproval))
		for i, id := range soa.ChangedSinceApproval {
			ids[i] = string(id)
		}
		text += fmt.Sprintf("version %s approved, changed since", soa.ApprovedVersion)
		if len(ids) > 0 {
			text += ": " + conditions.Names(ids)
		}
		return text
	}
	return text + fmt.Sprintf("version %s approved", soa.ApprovedVersion)
}

func (c CycleStatus) next() fact {
	n := c.NextAudit
	if n == nil {
		return fact{"Next audit", "none is ahead", export.Plain}
	}
	text := string(n.Type)
	if n.Name != "" {
		text = n.Name + " (" + text + ")"
	}
	if n.PlannedOn != "" {
		text += " on " + string(n.PlannedOn)
	}
	if d := c.DaysUntilNextAudit; d != nil && *d < 0 {
		text += fmt.Sprintf(", %s overdue", conditions.Count(int(-*d), "day"))
	} else if d != nil {
		text += ", in " + conditions.Count(int(*d), "day")
	}
	var window []string
	if n.Earliest != "" {
		window = append(window, "not before "+string(n.Earliest))
	}
	if n.Latest != "" {
		window = append(window, "by "+string(n.Latest)+" at the latest")
	}
	if len(window) > 0 {
		text += "; " + strings.Join(window, ", ") + " (" + string(n.Basis) + ")"
	}
	return fact{"Next audit", text, export.Plain}
}

// heartbeat says when the operator was last heard. A status that is older than a control's may stand is no longer
// vouched for.
func (s Status) heartbeat() fact {
	if s.HeartbeatTime == nil {
		return fact{"Heartbeat", "none: the operator has not assessed the scope", export.Open}
	}
	age := s.now.Sub(s.HeartbeatTime.Time).Truncate(time.Second)
	if age > assess.HoldFor {
		return fact{
			"Heartbeat", s.HeartbeatTime.UTC().Format(time.RFC3339) + ": what stands here is as old, for the operator was not heard since",
			export.Open,
		}
	}
	return fact{"Heartbeat", s.HeartbeatTime.UTC().Format(time.RFC3339), export.Plain}
}
