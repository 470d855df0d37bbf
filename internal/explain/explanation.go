// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// Explanation is why a control is as it is.
type Explanation struct {
	Namespace     string                     `json:"namespace"`
	Name          string                     `json:"name"`
	ID            string                     `json:"id"`
	Title         string                     `json:"title"`
	Owner         string                     `json:"owner"`
	Decision      isms.ApplicabilityDecision `json:"decision"`
	Justification string                     `json:"justification,omitempty"`
	Result        isms.ControlResult         `json:"result"`
	Conditions    []Condition                `json:"conditions"`
	// Fix says how a control is declared as implemented; empty where it is.
	Fix        string      `json:"fix,omitempty"`
	Evidence   []Item      `json:"evidence"`
	Exceptions []Exception `json:"exceptions,omitempty"`
	// Findings are the open nonconformities on the control. Risks are those whose treatment rests on it.
	Findings []string `json:"findings,omitempty"`
	Risks    []string `json:"risks,omitempty"`
}

// Condition is one of the control's status.
type Condition struct {
	Type    string                 `json:"type"`
	Status  metav1.ConditionStatus `json:"status"`
	Reason  string                 `json:"reason"`
	Message string                 `json:"message,omitempty"`
}

// Item is one piece of evidence.
type Item struct {
	Name        string                `json:"name"`
	Strength    isms.EvidenceStrength `json:"strength"`
	Description string                `json:"description,omitempty"`
	Limitation  string                `json:"limitation,omitempty"`
	// Asks says in words what must hold; Where and Expect are the expressions of a rule.
	Asks   string `json:"asks"`
	Where  string `json:"where,omitempty"`
	Expect string `json:"expect,omitempty"`
	// Parameters are those of the scope that the expressions read.
	Parameters []Parameter `json:"parameters,omitempty"`
	// Result, Reason and Message are those of the status.
	Result  isms.EvidenceResult `json:"result"`
	Reason  string              `json:"reason"`
	Message string              `json:"message,omitempty"`
	DueOn   isms.Date           `json:"dueOn,omitempty"`
	// Now is what the rule says of the objects that the caller may read; nil where it was not evaluated, and NotNow says why.
	Now    *Result `json:"now,omitempty"`
	NotNow string  `json:"notNow,omitempty"`
	// Records are the documents or attestations of the type that is asked for, the newest first.
	Records []Record `json:"records,omitempty"`
	// Fix says what to do; empty where there is nothing to do.
	Fix string `json:"fix,omitempty"`
}

// Parameter is one of the scope's, with its values.
type Parameter struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Record is a document or an attestation.
type Record struct {
	Name string `json:"name"`
	// What it is: its version or its day, and what the operator says of it.
	What string `json:"what"`
}

// Exception is one of the control's.
type Exception struct {
	Name      string              `json:"name"`
	State     isms.ExceptionState `json:"state,omitempty"`
	ExpiresOn isms.Date           `json:"expiresOn"`
	Reason    string              `json:"reason"`
}

// Find is the control with an id, such as A.8.22, or with a name, whatever the case.
func Find(in readiness.ScopeInput, what string) (*isms.Control, bool) {
	var named *isms.Control
	for i := range in.Controls {
		c := &in.Controls[i]
		switch {
		case string(c.Spec.ScopeRef.Name) != in.Scope.Name:
		case strings.EqualFold(string(c.Spec.ID), what):
			return c, true
		case c.Name == what:
			named = c
		}
	}
	return named, named != nil
}

// Unsatisfied are the controls of the scope that apply and are not known to be satisfied, in the order of the standard.
func Unsatisfied(in readiness.ScopeInput) []*isms.Control {
	var found []*isms.Control
	for i := range in.Controls {
		c := &in.Controls[i]
		satisfied := conditions.Get(c.Status.Conditions, isms.ConditionSatisfied)
		known := satisfied != nil && satisfied.ObservedGeneration == c.Generation && satisfied.Status == metav1.ConditionTrue
		if string(c.Spec.ScopeRef.Name) == in.Scope.Name && c.Spec.Applicability.Decision == isms.DecisionApplicable && !known {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *isms.Control) int {
		return cmp.Or(catalogue.CompareIDs(string(a.Spec.ID), string(b.Spec.ID)), cmp.Compare(a.Name, b.Name))
	})
	return found
}

// Failing is the explanation without the evidence that passes or does not apply, by the status as by what was evaluated
// now.
func (x Explanation) Failing() Explanation {
	fine := func(r isms.EvidenceResult) bool { return r == isms.EvidencePass || r == isms.EvidenceNotApplicable }
	x.Evidence = slices.DeleteFunc(slices.Clone(x.Evidence), func(i Item) bool {
		return fine(i.Result) && (i.Now == nil || fine(i.Now.Result))
	})
	return x
}

// Of explains a control from its status. What its rules say now is added by the caller, who can read the objects.
func Of(in readiness.ScopeInput, c *isms.Control) Explanation {
	x := Explanation{
		Namespace: c.Namespace, Name: c.Name, ID: string(c.Spec.ID), Title: string(c.Spec.Title), Owner: person(c.Spec.Owner),
		Decision: c.Spec.Applicability.Decision, Justification: string(c.Spec.Applicability.Justification),
		Result: cmp.Or(c.Status.Result, isms.ResultUnknown), Conditions: []Condition{}, Evidence: []Item{},
	}
	if known, ok := catalogue.ControlByID(x.ID); ok && c.Spec.Source == isms.SourceAnnexA {
		x.Title = known.Title
	}
	for _, t := range []string{isms.ConditionImplemented, isms.ConditionEvidenceCurrent, isms.ConditionEffective, isms.ConditionSatisfied} {
		known := conditions.Get(c.Status.Conditions, t)
		if known == nil || known.ObservedGeneration != c.Generation {
			known = &metav1.Condition{Type: t, Status: metav1.ConditionUnknown, Reason: isms.ReasonNotYetAssessed}
		}
		x.Conditions = append(x.Conditions, Condition{known.Type, known.Status, known.Reason, known.Message})
	}
	if !implemented(c) && x.Decision == isms.DecisionApplicable {
		x.Fix = "When it is in place, say so in spec.implementation: state Implemented, with a description of how."
	}
	for _, item := range c.Spec.Evidence {
		x.Evidence = append(x.Evidence, explained(in, c, item))
	}
	for _, e := range c.Spec.Exceptions {
		exception := Exception{Name: string(e.Name), ExpiresOn: e.ExpiresOn, Reason: string(e.Reason)}
		for _, s := range c.Status.Exceptions {
			if s.Name == exception.Name {
				exception.State = s.State
			}
		}
		x.Exceptions = append(x.Exceptions, exception)
	}
	x.related(in)
	return x
}

func (x *Explanation) related(in readiness.ScopeInput) {
	clock := assess.NewClock(in.Now)
	for i := range in.Findings {
		f := &in.Findings[i]
		if f.Spec.ScopeRef.Name == isms.ObjectName(in.Scope.Name) && string(f.Spec.Requirement) == x.ID &&
			assess.Nonconformity(assess.Graded(f, clock)) && assess.FindingOpen(f, clock) {
			x.Findings = append(x.Findings, f.Name)
		}
	}
	for i := range in.Risks {
		r := &in.Risks[i]
		if t := r.Spec.Treatment; r.Spec.ScopeRef.Name == isms.ObjectName(in.Scope.Name) && t != nil &&
			slices.Contains(t.Controls, isms.ControlID(x.ID)) {
			x.Risks = append(x.Risks, r.Name)
		}
	}
	slices.Sort(x.Findings)
	slices.Sort(x.Risks)
}

func explained(in readiness.ScopeInput, c *isms.Control, item isms.EvidenceItem) Item {
	x := Item{
		Name: string(item.Name), Strength: cmp.Or(item.Strength, isms.StrengthPartial), Description: string(item.Description),
		Limitation: string(item.Limitation), Result: isms.EvidenceUnknown, Reason: isms.ReasonNotYetAssessed,
	}
	for _, s := range c.Status.Evidence {
		if s.Name == x.Name && c.Status.ObservedGeneration == c.Generation {
			x.Result, x.Reason, x.Message, x.DueOn = s.Result, s.Reason, s.Message, s.DueOn
		}
	}
	switch {
	case item.Resources != nil:
		x.Asks, x.Where, x.Expect = asks(item.Resources), item.Resources.Where, item.Resources.Expect
		x.Parameters = parameters(in.Scope.Spec.Parameters, x.Where+" "+x.Expect)
		x.Fix = remedy(item.Resources, x)
	case item.Document != nil:
		x.Asks = fmt.Sprintf("A Document of type %s, approved as it stands and in review.", item.Document.Type)
		x.Records = documents(in, item.Document.Type)
		if x.Result != isms.EvidencePass {
			x.Fix = "Have the document approved in its present version, and its review recorded: spec.approval and spec.reviews."
			if len(x.Records) == 0 {
				x.Fix = fmt.Sprintf("Write the document, and a Document of type %s that says who approved it.", item.Document.Type)
			}
		}
	case item.Attestation != nil:
		a := item.Attestation
		x.Asks = fmt.Sprintf("An Attestation of type %s every %s, with %s of grace.", a.Type,
			conditions.Count(int(a.EveryDays), "day"), conditions.Count(int(a.GraceDays), "day"))
		x.Records = attestations(in, a.Type)
		if x.Result != isms.EvidencePass {
			x.Fix = fmt.Sprintf("Do what is asked for, and record it as an Attestation of type %s with outcome Pass.", a.Type)
		}
	}
	return x
}

// asks says in words what a rule wants.
func asks(r *isms.ResourceRule) string {
	kind, which := r.Kind+" ("+r.APIVersion+")", ""
	if r.Where != "" || r.LabelSelector != nil || r.SecretType != "" {
		which = " that is selected"
	}
	switch r.Quantifier {
	case isms.QuantifierEvery:
		return "Every " + kind + which + " satisfies the expression."
	case isms.QuantifierNone:
		return "No " + kind + which + " satisfies the expression."
	case isms.QuantifierAny:
		return "At least one " + kind + which + " satisfies the expression."
	case isms.QuantifierAnyPerNamespace:
		return "In every namespace in scope at least one " + kind + which + " satisfies the expression."
	case isms.QuantifierSet:
		return "All " + kind + which + " together satisfy the expression."
	}
	return ""
}

// remedy says what to do about a rule that does not pass, by its reason.
func remedy(r *isms.ResourceRule, x Item) string {
	if x.Result == isms.EvidencePass || x.Result == isms.EvidenceNotApplicable {
		return ""
	}
	switch x.Reason {
	case isms.ReasonObjectsFailed:
		const otherwise = ", or record why not, approved and until when, in spec.exceptions."
		switch r.Quantifier {
		case isms.QuantifierAny:
			return "Create an object that satisfies the expression."
		case isms.QuantifierAnyPerNamespace:
			return "Create an object that satisfies the expression in each namespace named" + otherwise
		case isms.QuantifierNone:
			return "Change or delete the objects named, so that the expression no longer holds" + otherwise
		case isms.QuantifierSet:
			return "Change the objects so that they satisfy the expression together."
		case isms.QuantifierEvery:
		}
		return "Change the objects named, so that the expression holds" + otherwise
	case isms.ReasonNoMatch:
		return "Create what the rule looks for, correct what it selects, or say in onNoMatch what it means that there is none."
	case isms.ReasonKindNotServed:
		return "Install what serves the kind, or say in onKindNotServed what it means that there is none."
	case isms.ReasonAccessDenied:
		return "Grant the scope's service account the right to list and watch the kind."
	case isms.ReasonOperatorForbidden:
		return "Grant the operator the right with a ClusterRole that has the label isms-operator.io/aggregate-to-evidence: \"true\"."
	case isms.ReasonRuleInvalid, isms.ReasonExpressionError, isms.ReasonCostExceeded, isms.ReasonTooManyObjects:
		return "Correct the rule."
	}
	return "See that the operator runs and has assessed the control as it stands."
}

// How an expression reads a parameter: params.name, or params.?name of one that may be absent.
var parameter = regexp.MustCompile(`\bparams\.\??(\w+)`)

// parameters are those that an expression reads, in the order of the scope.
func parameters(all []isms.Parameter, expression string) []Parameter {
	read := map[string]bool{}
	for _, match := range parameter.FindAllStringSubmatch(expression, -1) {
		read[match[1]] = true
	}
	var found []Parameter
	for _, p := range all {
		if read[p.Name] {
			found = append(found, Parameter{p.Name, p.Values})
		}
	}
	return found
}

func implemented(c *isms.Control) bool {
	return c.Spec.Implementation != nil && c.Spec.Implementation.State == isms.StateImplemented
}

func documents(in readiness.ScopeInput, documentType isms.TypeName) []Record {
	var found []Record
	for i := range in.Documents {
		d := &in.Documents[i]
		if d.Spec.Type != documentType || string(d.Spec.ScopeRef.Name) != in.Scope.Name {
			continue
		}
		what := "version " + string(d.Spec.Version)
		for _, t := range []string{isms.ConditionApproved, isms.ConditionReviewCurrent} {
			if c := conditions.Get(d.Status.Conditions, t); c != nil {
				what += fmt.Sprintf("; %s %s", t, c.Status)
				if c.Status != metav1.ConditionTrue {
					what += fmt.Sprintf(", %s: %s", c.Reason, strings.TrimSuffix(c.Message, "."))
				}
			}
		}
		found = append(found, Record{d.Name, what})
	}
	slices.SortFunc(found, func(a, b Record) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

// lastRecords bounds the attestations that are named.
const lastRecords = 3

func attestations(in readiness.ScopeInput, attestationType isms.TypeName) []Record {
	var own []*isms.Attestation
	for i := range in.Attestations {
		if a := &in.Attestations[i]; a.Spec.Type == attestationType && string(a.Spec.ScopeRef.Name) == in.Scope.Name {
			own = append(own, a)
		}
	}
	slices.SortFunc(own, func(a, b *isms.Attestation) int {
		return cmp.Or(cmp.Compare(b.Spec.PerformedOn, a.Spec.PerformedOn), cmp.Compare(a.Name, b.Name))
	})
	var found []Record
	for _, a := range own[:min(len(own), lastRecords)] {
		found = append(found, Record{a.Name, fmt.Sprintf("%s on %s by %s", a.Spec.Outcome, a.Spec.PerformedOn, person(a.Spec.PerformedBy))})
	}
	return found
}

func person(p isms.Person) string { return cmp.Or(string(p.Name), string(p.ID)) }

// Evaluated notes what the rule of an item says now; without a result, why it was not evaluated.
func (x *Explanation) Evaluated(item string, result *Result, why string) {
	for i := range x.Evidence {
		if x.Evidence[i].Name == item {
			x.Evidence[i].Now, x.Evidence[i].NotNow = result, why
		}
	}
}

// NotEvaluated notes why no rule was evaluated.
func (x *Explanation) NotEvaluated(why string) {
	for i := range x.Evidence {
		if x.Evidence[i].Expect != "" {
			x.Evidence[i].NotNow = why
		}
	}
}

// Satisfied says whether the control is satisfied, by its status and by each rule that was evaluated now.
func (x *Explanation) Satisfied() bool {
	fails := func(i Item) bool { return i.Now != nil && i.Now.Result == isms.EvidenceFail }
	at := slices.IndexFunc(x.Conditions, func(c Condition) bool { return c.Type == isms.ConditionSatisfied })
	return x.Conditions[at].Status == metav1.ConditionTrue && !slices.ContainsFunc(x.Evidence, fails)
}
