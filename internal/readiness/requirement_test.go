// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// objects are the parts of a ScopeInput that stand in manifests.
type objects struct {
	Scope        isms.ISMSScope       `json:"scope"`
	Controls     []isms.Control       `json:"controls"`
	Risks        []isms.Risk          `json:"risks"`
	Documents    []isms.Document      `json:"documents"`
	Attestations []isms.Attestation   `json:"attestations"`
	Entries      []isms.RegisterEntry `json:"entries"`
	Findings     []isms.Finding       `json:"findings"`
	Cycles       []isms.AuditCycle    `json:"cycles"`
}

func (o objects) input() ScopeInput {
	return ScopeInput{
		Scope: &o.Scope, Controls: o.Controls, Risks: o.Risks, Documents: o.Documents, Attestations: o.Attestations,
		Entries: o.Entries, Findings: o.Findings, Cycles: o.Cycles, Now: now,
		Namespaces: tally.Namespaces{InScope: []string{"shop"}, Complete: true},
	}
}

// evaluate answers one requirement.
func evaluate(t *testing.T, in ScopeInput, id string) isms.RequirementStatus {
	t.Helper()
	for _, c := range checks {
		if c.id == id {
			return newScopeAssessment(in).requirement(c)
		}
	}
	t.Fatalf("no requirement %s", id)
	return isms.RequirementStatus{}
}

var (
	inAcme  = isms.LocalRef{Name: "acme"}
	url     = isms.DocumentSource{URL: "https://git.example.com/d.md"}
	oneRole = []isms.RoleAssignment{{Role: "CISO", Holder: isms.Person{Email: "r.roe@example.com"}}}
)

// minimal is a scope that states nothing but what a test adds.
func minimal(spec isms.ISMSScopeSpec) objects {
	return objects{Scope: isms.ISMSScope{ObjectMeta: metav1.ObjectMeta{Name: "acme"}, Spec: spec}}
}

func (o objects) with(change func(*objects)) objects {
	change(&o)
	return o
}

func (o objects) documents(types ...isms.TypeName) objects {
	for _, t := range types {
		o.Documents = append(o.Documents, isms.Document{
			ObjectMeta: metav1.ObjectMeta{Name: strings.ToLower(string(t))},
			Spec: isms.DocumentSpec{
				ScopeRef: inAcme, Type: t, Version: "1.0", Source: url,
				Approval: &isms.DocumentApproval{Version: "1.0", Approval: isms.Approval{ApprovedOn: "2026-06-01"}},
			},
		})
	}
	return o
}

// naming lets the documents name a clause. Their type is of no matter then.
func (o objects) naming(clause isms.DeclaredClause) objects {
	for i := range o.Documents {
		o.Documents[i].Spec.Clauses, o.Documents[i].Spec.Type = []isms.DeclaredClause{clause}, ""
	}
	return o
}

// risk adds a Risk whose conditions are True.
func (o objects) risk(spec isms.RiskSpec, conditions ...string) objects {
	spec.ScopeRef = inAcme
	r := isms.Risk{ObjectMeta: metav1.ObjectMeta{Name: "network"}, Spec: spec}
	r.Status.Conditions = bare(conditions...)
	o.Risks = append(o.Risks, r)
	return o
}

func (o objects) entry(spec isms.RegisterEntrySpec, conditions ...string) objects {
	spec.ScopeRef = inAcme
	e := isms.RegisterEntry{ObjectMeta: metav1.ObjectMeta{Name: "entry"}, Spec: spec}
	e.Status.Conditions = bare(conditions...)
	o.Entries = append(o.Entries, e)
	return o
}

func (o objects) attested(spec isms.AttestationSpec) objects {
	spec.ScopeRef, spec.PerformedOn = inAcme, "2026-10-01"
	o.Attestations = append(o.Attestations, isms.Attestation{ObjectMeta: metav1.ObjectMeta{Name: "record"}, Spec: spec})
	return o
}

// bare are conditions that are True, without anything that no requirement reads.
func bare(types ...string) []metav1.Condition {
	var list []metav1.Condition
	for _, t := range types {
		list = append(list, metav1.Condition{Type: t, Status: metav1.ConditionTrue})
	}
	return list
}

func (o objects) cycle(spec isms.AuditCycleSpec) objects {
	spec.ScopeRef = inAcme
	o.Cycles = append(o.Cycles, isms.AuditCycle{ObjectMeta: metav1.ObjectMeta{Name: "acme-2026"}, Spec: spec})
	return o
}

func (o objects) review(r isms.ManagementReview) objects {
	r.PerformedOn = "2026-09-21"
	return o.cycle(isms.AuditCycleSpec{ManagementReviews: []isms.ManagementReview{r}})
}

func (o objects) measured() objects {
	o.Scope.Spec.Objectives = append(o.Scope.Spec.Objectives, isms.Objective{Name: "mfa"})
	return o.attested(isms.AttestationSpec{Objective: &isms.ObjectiveMeasurement{Name: "mfa", Met: isms.Yes}})
}

// smallest is, for each requirement, the smallest set of objects that evidences it.
func smallest() map[string]objects {
	empty := minimal(isms.ISMSScopeSpec{})
	issues := []isms.Issue{{Name: "Growth", Origin: isms.IssueExternal}, {Name: "Turnover", Origin: isms.IssueInternal}}
	parties := []isms.InterestedParty{{Name: "Customers", Requirements: []isms.ShortText{"Annex"}}}
	sets := map[string]objects{
		"4.1": minimal(isms.ISMSScopeSpec{Context: &isms.OrganizationContext{
			Issues: issues, ClimateChange: &isms.ClimateChange{Relevance: "NotRelevant"},
		}}),
		"4.2": minimal(isms.ISMSScopeSpec{Context: &isms.OrganizationContext{InterestedParties: parties}}),
		"4.3": minimal(isms.ISMSScopeSpec{Statement: "Operation.", Boundaries: &isms.Boundaries{
			Included: &isms.Inclusion{Units: []isms.ShortText{"Engineering"}}, Interfaces: []isms.ScopeInterface{{Name: "Cloud"}},
		}}).documents("ScopeStatement"),
		"4.4": empty.documents("ManagementSystemManual").naming("4.4"),
		"5.1": minimal(isms.ISMSScopeSpec{Leadership: &isms.Leadership{Sponsor: &isms.Sponsor{Person: isms.Person{ID: "7"}}}}).
			review(isms.ManagementReview{Chair: &isms.Person{ID: "7"}}),
		"5.2": empty.documents("InformationSecurityPolicy"),
		"5.3": minimal(isms.ISMSScopeSpec{Leadership: &isms.Leadership{Roles: []isms.RoleAssignment{{Role: "CISO", Holder: isms.Person{ID: "8"}}}}}),
		"6.1.1": minimal(isms.ISMSScopeSpec{Context: &isms.OrganizationContext{
			Issues: []isms.Issue{{Name: "Growth"}}, InterestedParties: []isms.InterestedParty{{Name: "Customers"}},
		}}).risk(isms.RiskSpec{Treatment: &isms.RiskTreatment{Option: isms.TreatmentAvoid}}),
		"6.1.2": minimal(isms.ISMSScopeSpec{RiskManagement: &isms.RiskManagement{
			Method: isms.MethodISO27005, AssessmentIntervalDays: 365,
			Criteria: isms.RiskCriteria{PerformedWhen: "Yearly.", Acceptance: isms.RiskAcceptanceCriteria{MaxLevel: "Low"}},
		}}).documents("RiskAssessmentProcess").risk(isms.RiskSpec{}, isms.ConditionAssessed),
		"6.1.3": empty.documents("RiskTreatmentProcess", "RiskTreatmentPlan").
			risk(isms.RiskSpec{Owner: isms.Person{ID: "9"}, Treatment: &isms.RiskTreatment{
				Approval: &isms.Approval{ApprovedBy: isms.Person{ID: "9"}, ApprovedOn: "2026-05-10"},
			}}, isms.ConditionResidualAccepted).
			with(func(o *objects) {
				for _, c := range catalogue.Controls() {
					o.Controls = append(o.Controls, isms.Control{
						ObjectMeta: metav1.ObjectMeta{Name: "c-" + c.ID},
						Spec:       isms.ControlSpec{ScopeRef: inAcme, Source: isms.SourceAnnexA, ID: isms.ControlID(c.ID)},
					})
				}
			}),
		"6.2": empty.documents("InformationSecurityObjectives").measured().
			with(func(o *objects) { o.Scope.Spec.Objectives[0].Actions = "Keys." }),
		"6.3": empty.entry(isms.RegisterEntrySpec{Register: isms.RegisterChange}, isms.ConditionChangeControlled),
		"7.1": minimal(isms.ISMSScopeSpec{Leadership: &isms.Leadership{Resources: "Two posts."}}),
		"7.2": minimal(isms.ISMSScopeSpec{Leadership: &isms.Leadership{Roles: oneRole}}).entry(isms.RegisterEntrySpec{
			Register: isms.RegisterCompetence, Competence: &isms.CompetenceEntry{Role: "CISO", Person: isms.Person{Email: "R.Roe@example.com"}},
		}, isms.ConditionCompetenceCurrent),
		"7.3": empty.attested(isms.AttestationSpec{Type: awarenessTraining, Outcome: isms.OutcomePass}).with(func(o *objects) { took(20, 19)(&o.Attestations[0]) }),
		"7.4": empty.documents("CommunicationPlan").naming("7.4"),
		"7.5.1": empty.with(func(o *objects) {
			for _, d := range catalogue.Documents() {
				if d.Stage == catalogue.Stage1 && !d.OfControl() {
					*o = o.documents(isms.TypeName(d.Type))
				}
			}
		}),
		"7.5.2": empty.documents("AnyPolicy"),
		"7.5.3": empty.documents("DocumentControl").naming("7.5.3"),
		"8.1": empty.attested(isms.AttestationSpec{Outcome: isms.OutcomePass, Controls: []isms.ControlID{"A.8.22"}}).with(func(o *objects) {
			o.Controls = []isms.Control{{Spec: isms.ControlSpec{ScopeRef: inAcme, Implementation: &isms.Implementation{State: isms.StateImplemented}}}}
		}),
		"8.2": empty.risk(isms.RiskSpec{}, isms.ConditionAssessed, isms.ConditionReviewCurrent),
		"8.3": empty.risk(isms.RiskSpec{}, isms.ConditionTreated),
		"9.1": empty.measured().with(func(o *objects) {
			o.Controls = []isms.Control{{
				Spec: isms.ControlSpec{ScopeRef: inAcme}, Status: isms.ControlStatus{Conditions: bare(isms.ConditionEvidenceCurrent)},
			}}
		}),
		"9.2.1": empty.cycle(isms.AuditCycleSpec{InternalAudits: []isms.InternalAudit{{PerformedOn: "2026-09-03"}}}),
		"9.2.2": empty.documents("InternalAuditProgramme", "").cycle(isms.AuditCycleSpec{InternalAudits: []isms.InternalAudit{{
			PerformedOn: "2026-09-03", Criteria: []isms.ShortText{"ISO27001-2022"}, Clauses: []isms.ClauseID{"4", "5", "6", "7", "8", "9", "10"},
			Auditors: []isms.Auditor{{Person: isms.Person{Name: "A. Smith"}}}, ControlCoverage: isms.CoverageAll,
			Findings: isms.FindingsNone, ReportedOn: "2026-09-10", ReportRef: &isms.LocalRef{Name: "report"},
		}}}).with(func(o *objects) {
			o.Documents[1] = isms.Document{ObjectMeta: metav1.ObjectMeta{Name: "report"}, Spec: isms.DocumentSpec{ScopeRef: inAcme}}
		}),
		"9.3.1": empty.review(isms.ManagementReview{Chair: &isms.Person{Name: "J. Doe"}}),
		"9.3.2": empty.review(isms.ManagementReview{Inputs: slices.Clone(inputs)}),
		"9.3.3": empty.review(isms.ManagementReview{
			Decisions: []isms.ReviewDecision{{Text: "Hardware keys."}}, MinutesRef: &isms.LocalRef{Name: "minutes"},
		}).with(func(o *objects) {
			o.Documents = []isms.Document{{ObjectMeta: metav1.ObjectMeta{Name: "minutes"}, Spec: isms.DocumentSpec{ScopeRef: inAcme}}}
		}),
		"10.1": empty.review(isms.ManagementReview{Decisions: []isms.ReviewDecision{{Kind: isms.DecisionKindImprovement}}}),
		"10.2": empty.with(func(o *objects) {
			o.Findings = []isms.Finding{{Spec: isms.FindingSpec{ScopeRef: inAcme, Severity: isms.SeverityMinor}, Status: isms.FindingStatus{
				Conditions: bare(isms.ConditionCorrectiveActionPlanned, isms.ConditionCorrectiveActionOnTime),
			}}}
		}),
	}
	return sets
}

// unread are the parts of an object that no requirement reads: its name serves others to name it.
const unread = "metadata"

// TestSmallestSets: each set evidences its requirement, with the basis and the reason of the table.
func TestSmallestSets(t *testing.T) {
	sets := smallest()
	for _, want := range Requirements() {
		set, ok := sets[want.ID]
		if !ok {
			t.Errorf("%s: no set", want.ID)
			continue
		}
		got := evaluate(t, set.input(), want.ID)
		if got.Status != isms.RequirementEvidenced || got.Basis != want.Basis || got.Reason != want.Reason || got.Message != "" {
			t.Errorf("%s: %+v", want.ID, got)
		}
	}
	if len(sets) != 30 || len(Requirements()) != 30 {
		t.Errorf("%d sets and %d requirements, want 30", len(sets), len(Requirements()))
	}
}

// TestEachRemovalBreaks removes each object, each field and each item of a list from each of the smallest sets, one at a
// time: then the requirement must not be evidenced any more, and must say what to do. So the sets hold nothing that is
// superfluous, and each thing that a requirement asks for is asked for.
func TestEachRemovalBreaks(t *testing.T) {
	for id, set := range smallest() {
		t.Run(id, func(t *testing.T) {
			raw, err := json.Marshal(set)
			if err != nil {
				t.Fatal(err)
			}
			removals := 0
			for _, path := range paths(decode(t, raw), nil) {
				tree := decode(t, raw)
				remove(tree, path)
				var left objects
				again, err := json.Marshal(tree)
				if err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal(again, &left); err != nil {
					t.Fatalf("without %v: %v", path, err)
				}
				removals++
				got := evaluate(t, left.input(), id)
				if got.Status == isms.RequirementEvidenced {
					t.Errorf("without %v it is still evidenced", path)
				} else if got.Reason == "" || !strings.HasSuffix(got.Message, ".") {
					t.Errorf("without %v: %+v", path, got)
				}
			}
			if removals == 0 {
				t.Error("nothing to remove")
			}
			t.Logf("%d removals", removals)
		})
	}
}

func decode(t *testing.T, raw []byte) any {
	t.Helper()
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	prune(tree)
	return tree
}

// prune drops what is empty, as an object in Git would not have it.
func prune(node any) bool {
	switch x := node.(type) {
	case nil:
		return true
	case map[string]any:
		maps.DeleteFunc(x, func(_ string, v any) bool { return prune(v) })
		return len(x) == 0
	case []any:
		for _, v := range x {
			prune(v)
		}
		return len(x) == 0
	case string:
		return x == ""
	case float64:
		return x == 0
	}
	return false
}

// paths are those of everything below a node that can be removed.
func paths(node any, at []string) [][]string {
	var list [][]string
	add := func(key string, child any) {
		path := append(slices.Clone(at), key)
		list = append(append(list, path), paths(child, path)...)
	}
	switch x := node.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(x)) {
			if key != unread && !(len(at) == 0 && key == "scope") {
				add(key, x[key])
			} else if key == "scope" { // without a scope there is nothing to assess
				list = append(list, paths(x[key], []string{key})...)
			}
		}
	case []any:
		for i, child := range x {
			add(fmt.Sprint(i), child)
		}
	}
	return list
}

// remove takes the thing at a path out of a tree.
func remove(node any, path []string) {
	parent := map[string]any{"": node}
	set := func(v any) { parent[""] = v }
	for _, key := range path[:len(path)-1] {
		switch x := node.(type) {
		case map[string]any:
			node, set = x[key], func(v any) { x[key] = v }
		case []any:
			i := index(key)
			node, set = x[i], func(v any) { x[i] = v }
		}
	}
	switch x := node.(type) {
	case map[string]any:
		delete(x, path[len(path)-1])
	case []any:
		i := index(path[len(path)-1])
		set(slices.Delete(x, i, i+1))
	}
}

func index(key string) int {
	var i int
	if _, err := fmt.Sscan(key, &i); err != nil {
		panic(err)
	}
	return i
}
