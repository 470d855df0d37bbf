// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/starter"
)

// account is the service account whose rights bound what rules count.
const account = "evidence-reader"

const scopeHead = `The boundary of the ISMS and the frame of its management system: docs/ismsscope.md of isms-operator.
What nobody has stated yet stands here as a comment. Remove the # and say how it is: until then the conditions of the
scope name it as missing.`

// toState is what the scope has to state and only people know.
const toState = `sites:
- {name: "[FILL: place]", central: "Yes"}
boundaries:
  included:
    units: ["[FILL: unit]"]
    products: ["[FILL: service that customers buy]"]
    assets: ["[FILL: kind of information]"]
  systems:                       # their names are for implementation.appliesTo of Controls
  - {name: cluster, kind: Cluster}
  excluded:
  - {name: "[FILL: part of the organization]", justification: "[FILL: why it is outside]"}
  interfaces:                    # what is on the other side is treated as a third party
  - {name: "[FILL: provider]", type: Supplier, controls: [A.5.21, A.5.23]}
context:
  issues:
  - {name: "[FILL: what changes around you]", origin: External}
  - {name: "[FILL: what changes within]", origin: Internal}
  climateChange: {relevance: "[FILL: Relevant or NotRelevant]", rationale: "[FILL: why]"}
  interestedParties:
  - {name: "[FILL: who]", requirements: ["[FILL: what they ask of you]"]}
`

const toLead = `leadership:
  sponsor: {name: "[FILL: who in top management]", email: "[FILL: address]", role: "[FILL: CEO]"}
  roles:
  - {role: ISMS manager, holder: {name: "[FILL: who]", email: "[FILL: address]"}}
  resources: "[FILL: people, budget and tools that are granted]"
`

const toAim = `objectives:
- name: patch-time
  measure: "[FILL: what is measured]"
  target: "[FILL: its value]"
  actions: "[FILL: what is done to reach it]"
  owner: {name: "[FILL: who]", email: "[FILL: address]"}
  dueDate: "[FILL: the day, YYYY-MM-DD]"
riskManagement:
  method: ISO27005               # or NIST80030, OCTAVEAllegro, FAIR: docs/risk.md
  criteria:
    performedWhen: "[FILL: yearly and on significant change]"
    acceptance: {maxLevel: "[FILL: VeryLow, Low, Medium, High or VeryHigh]"}
  assessmentIntervalDays: 365
`

func (r *rendering) scope() error {
	a := r.in.Answers
	scope := &isms.ISMSScope{
		TypeMeta:   metav1.TypeMeta{APIVersion: isms.GroupVersion.String(), Kind: "ISMSScope"},
		ObjectMeta: metav1.ObjectMeta{Name: string(a.Scope), Namespace: string(a.Namespace)},
		Spec: isms.ISMSScopeSpec{
			Organization: a.Organization, Statement: r.in.statement(), Framework: isms.FrameworkISO27001, Leadership: r.in.leadership(),
			Evidence: &isms.ScopeEvidence{ServiceAccountName: account},
		},
	}
	above := comments{"spec.evidence": "Whose rights count, and which namespaces."}
	r.namespaces(scope.Spec.Evidence, above)
	for i, p := range starter.Parameters() {
		scope.Spec.Parameters = append(scope.Spec.Parameters, p.Parameter)
		note := string(p.Description)
		if p.Local == isms.Yes {
			note += " Put your own in the place of this example."
		}
		above[fmt.Sprintf("spec.parameters.%d", i)] = strings.Join(wrap(note, width-4), "\n")
	}
	above["spec.parameters"] = "What the rules of Controls read as params.NAME. A Control may override a value.\n"
	state := toState
	if scope.Spec.Leadership == nil {
		state += toLead
	} else {
		above["spec.leadership"] = `Add resources: "[FILL: people, budget and tools that are granted]".`
	}
	above["spec.parameters"] = state + toAim + "\n" + above["spec.parameters"]
	return r.manifest("scope.yaml", scope, scopeHead, above)
}

// leadership names the people that are known. That they hold the roles is what somebody has answered.
func (in Input) leadership() *isms.Leadership {
	var l isms.Leadership
	for _, role := range starter.Roles() {
		p, known := in.Answers.People[role.Name]
		switch {
		case !known:
		case role.Name == roleSponsor:
			l.Sponsor = &isms.Sponsor{Person: p}
		default:
			l.Roles = append(l.Roles, isms.RoleAssignment{Role: role.Title, Holder: p})
		}
	}
	if l.Sponsor == nil && l.Roles == nil {
		return nil
	}
	return &l
}

// namespaces says which are in scope. None is left out: that takes a reason, which only people have.
func (r *rendering) namespaces(e *isms.ScopeEvidence, above comments) {
	field := "spec.evidence.namespaces"
	if e.Namespaces = r.in.Answers.Namespaces; len(e.Namespaces) == 0 {
		key, value := r.in.Answers.ScopeLabel()
		e.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{key: value}}
		field = "spec.evidence.namespaceSelector"
	}
	names := []string{"kube-system"}
	if others := r.in.Cluster.Others; len(others) > 0 {
		names = nil
		for _, n := range others {
			names = append(names, string(n))
		}
	}
	above[field] = fmt.Sprintf(`Each other namespace has to be left out with a reason; the operator names those that are neither.
excludedNamespaces:
- name: provider
  names: [%s]
  justification: "[FILL: who runs them, and under which agreement]"`, strings.Join(names, ", "))
}
