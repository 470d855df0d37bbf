// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// StatementRow is one line of the Statement of Applicability (clause 6.1.3 d): a control of Annex A, whether or not it
// has a Control, or a control of another source.
type StatementRow struct {
	ID, Title string
	Theme     isms.ControlTheme
	// Control is the name of the Control; empty where the id has none. Then all that is declared is empty as well.
	Control       string
	Source        isms.ControlSource
	SourceName    string
	Decision      isms.ApplicabilityDecision
	Reasons       []isms.InclusionReason
	Justification string
	// State is empty for an excluded control.
	State       isms.ImplementationState
	Description string
	References  []isms.URL
	Owner       isms.Person
	// Risks names the Risks whose treatment names the control, sorted.
	Risks []string
	// Result and Reason are what the evidence says.
	Result isms.ControlResult
	Reason string
}

// Missing says that the id has no Control: nobody has decided.
func (r StatementRow) Missing() bool { return r.Control == "" }

// Statement returns the rows of a scope's Statement of Applicability: the 93 controls of Annex A in the order of the
// standard, then those of other sources by id. Controls that share an id are a row each.
func Statement(in ScopeInput) []StatementRow { return newScopeAssessment(in).statement() }

func (s *scopeAssessment) statement() []StatementRow {
	treated := s.risksByControl()
	var rows []StatementRow
	declared := map[string]bool{}
	for _, c := range s.controls {
		rows = append(rows, rowOf(c, treated[controlID(c)]))
		declared[controlID(c)] = true
	}
	for _, known := range catalogue.Controls() {
		if !declared[known.ID] {
			rows = append(rows, StatementRow{
				ID: known.ID, Title: known.Title, Theme: known.Theme, Source: isms.SourceAnnexA,
				Risks: treated[known.ID], Result: isms.ResultUnknown, Reason: isms.ReasonControlsMissing,
			})
		}
	}
	slices.SortFunc(rows, func(a, b StatementRow) int {
		return cmp.Or(
			cmp.Compare(a.Source, b.Source), // AnnexA before Other
			catalogue.CompareIDs(a.ID, b.ID),
			cmp.Compare(a.Control, b.Control))
	})
	return rows
}

func rowOf(c *isms.Control, risks []string) StatementRow {
	row := StatementRow{
		ID: controlID(c), Control: c.Name, Source: c.Spec.Source, SourceName: string(c.Spec.SourceName), Title: string(c.Spec.Title),
		Decision: c.Spec.Applicability.Decision, Reasons: slices.Sorted(slices.Values(c.Spec.Applicability.Reasons)),
		Justification: string(c.Spec.Applicability.Justification), Owner: c.Spec.Owner, Risks: risks,
		Result: cmp.Or(c.Status.Result, isms.ResultUnknown), Reason: isms.ReasonNotYetAssessed,
	}
	if c.Spec.Source == isms.SourceAnnexA {
		known, _ := catalogue.ControlByID(row.ID)
		row.Title, row.Theme = known.Title, known.Theme
	}
	if row.Decision == isms.DecisionApplicable {
		row.State = isms.StateNotStarted
	}
	if i := c.Spec.Implementation; i != nil {
		row.State, row.Description, row.References = i.State, string(i.Description), i.References
	}
	if known := conditions.Get(c.Status.Conditions, isms.ConditionSatisfied); known != nil {
		row.Reason = known.Reason
	}
	return row
}

// risksByControl names, for each control, the Risks whose treatment names it.
func (s *scopeAssessment) risksByControl() map[string][]string {
	treated := map[string][]string{}
	for _, r := range s.risks {
		if r.Spec.Treatment == nil {
			continue
		}
		for _, id := range r.Spec.Treatment.Controls {
			treated[string(id)] = append(treated[string(id)], r.Name)
		}
	}
	return treated
}

// annexA maps the ids of Annex A that have a Control to whether one of them is applicable, and lists the ids that
// have more than one, be they of Annex A or not.
func (s *scopeAssessment) annexA() (declared map[string]bool, twice []string) {
	declared = map[string]bool{}
	seen := map[string]int{}
	for _, c := range s.controls {
		id := controlID(c)
		if seen[id]++; seen[id] == 2 {
			twice = append(twice, id)
		}
		if _, known := catalogue.ControlByID(id); known && c.Spec.Source == isms.SourceAnnexA {
			declared[id] = declared[id] || c.Spec.Applicability.Decision == isms.DecisionApplicable
		}
	}
	return declared, catalogue.SortIDs(twice)
}

// statementComplete judges whether each control of Annex A has one decision (clause 6.1.3 d), and nothing known
// contradicts an exclusion. That the decision is justified is asked at admission, but a blank justifies nothing.
func (s *scopeAssessment) statementComplete() conditions.Summary {
	if len(s.controls) == 0 {
		return unknown(isms.ReasonNothingDeclared, "The scope has no Control.")
	}
	declared, twice := s.annexA()
	var missing []string
	for _, c := range catalogue.Controls() {
		if _, ok := declared[c.ID]; !ok {
			missing = append(missing, c.ID)
		}
	}
	treated, failing := s.contradictions()
	var needs []need
	for _, problem := range []struct {
		what, reason string
		names        []string
	}{
		{"More than one Control", isms.ReasonDuplicateID, twice},
		{"No Control", isms.ReasonControlsMissing, missing},
		{"The justification is a blank", isms.ReasonIncomplete, s.unjustified()},
		{"Excluded, but named by the treatment of a risk", isms.ReasonExclusionContradicted, treated},
		{"Excluded, but there is failing evidence", isms.ReasonExclusionContradicted, failing},
	} {
		needs = append(needs, want(len(problem.names) == 0, problem.reason,
			fmt.Sprintf("%s: %s.", problem.what, conditions.Names(problem.names))))
	}
	return join(needs, isms.ReasonStatementOfApplicabilityComplete)
}

// unjustified names the controls whose justification nobody has filled in.
func (s *scopeAssessment) unjustified() []string {
	var names []string
	for _, c := range s.controls {
		if blank(c.Spec.Applicability.Justification) {
			names = append(names, controlID(c))
		}
	}
	return catalogue.SortIDs(names)
}

// contradictions names the excluded controls that the treatment of a risk rests on, with the risk, and those of which
// something shows that they are needed and fail: an open nonconformity, or a failed record.
func (s *scopeAssessment) contradictions() (treated, failing []string) {
	risks := s.risksByControl()
	for _, row := range s.statement() {
		if row.Decision != isms.DecisionExcluded {
			continue
		}
		if named := risks[row.ID]; len(named) > 0 {
			treated = append(treated, fmt.Sprintf("%s (%s)", row.ID, conditions.Names(named)))
		}
		if by := s.failing(isms.ControlID(row.ID)); by != "" {
			failing = append(failing, fmt.Sprintf("%s (%s)", row.ID, by))
		}
	}
	return treated, failing
}

// failing names what shows that a control fails: the first open Major or Minor finding on it, or else the latest record
// of some type about it, where that did not pass.
func (s *scopeAssessment) failing(id isms.ControlID) string {
	for _, f := range s.findings {
		if f.Spec.Requirement == id && assess.Nonconformity(f) && assess.FindingOpen(f, s.clock) {
			return f.Name
		}
	}
	latest := map[isms.TypeName]*isms.Attestation{}
	for _, t := range assess.Records(s.in.Attestations, s.scope.Name, s.clock,
		func(t *isms.Attestation) bool { return slices.Contains(t.Spec.Controls, id) }) {
		latest[t.Spec.Type] = t
	}
	var failed []string
	for _, t := range latest {
		if assess.Said(t, s.scope, s.in.Findings).Status == metav1.ConditionFalse {
			failed = append(failed, t.Name)
		}
	}
	if len(failed) == 0 {
		return ""
	}
	return slices.Min(failed)
}
