// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
)

var (
	roe   = isms.Person{Name: "R. Roe", Email: "r.roe@example.com"}
	smith = isms.Person{Name: "A. Smith", Email: "a.smith@example.com"}
)

const scopeName = "acme"

// day is the date so many days from now, by the world's clock.
func (w *world) day(days int) isms.Date { return isms.NewDate(w.clock.Now().UTC().AddDate(0, 0, days)) }

// scope is a scope that states everything. Namespaces with the label scope=<home> are in it, all others excluded.
func (w *world) scope(change ...func(*isms.ISMSScope)) *isms.ISMSScope {
	s := &isms.ISMSScope{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: scopeName},
		Spec: isms.ISMSScopeSpec{
			Organization: "Acme GmbH", Statement: "Operation of the Acme platform.", Framework: isms.FrameworkISO27001,
			Boundaries: &isms.Boundaries{
				Included:   &isms.Inclusion{Units: []isms.ShortText{"Engineering"}},
				Systems:    []isms.System{{Name: "prod", Kind: "Cluster"}},
				Interfaces: []isms.ScopeInterface{{Name: "Cloud provider", Type: "Supplier"}},
			},
			Context: &isms.OrganizationContext{
				Issues:            []isms.Issue{{Name: "Growth", Origin: "External"}},
				ClimateChange:     &isms.ClimateChange{Relevance: "NotRelevant", Rationale: "No site in an exposed region."},
				InterestedParties: []isms.InterestedParty{{Name: "Customers"}},
			},
			Leadership: &isms.Leadership{
				Sponsor: &isms.Sponsor{Person: smith, Role: "CEO"}, Resources: "Two posts.",
				Roles: []isms.RoleAssignment{{Role: "CISO", Holder: roe}},
			},
			Requirements: w.plans(),
			Evidence: &isms.ScopeEvidence{
				ServiceAccountName: "reader",
				NamespaceSelector:  &metav1.LabelSelector{MatchLabels: map[string]string{"scope": w.home}},
				ExcludedNamespaces: []isms.ExcludedNamespaces{{
					Name: "others", Justification: "Belong to somebody else.",
					Selector: &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
						{Key: "scope", Operator: metav1.LabelSelectorOpNotIn, Values: []string{w.home}},
					}},
				}},
			},
		},
	}
	for _, f := range change {
		f(s)
	}
	return s
}

// plans give each clause requirement an owner and a date.
func (w *world) plans() []isms.ClauseRequirement {
	var list []isms.ClauseRequirement
	for _, c := range catalogue.Clauses() {
		list = append(list, isms.ClauseRequirement{ID: isms.ClauseID(c.ID), Owner: roe, TargetDate: w.day(100)})
	}
	return list
}

// nameOf is the name of the Control for an id, such as a-8-22.
func nameOf(id string) string { return strings.ToLower(strings.ReplaceAll(id, ".", "-")) }

// control is an implemented Control with evidence.
func (w *world) control(id string, evidence ...isms.EvidenceItem) *isms.Control {
	return &isms.Control{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: nameOf(id)},
		Spec: isms.ControlSpec{
			ScopeRef: isms.LocalRef{Name: scopeName}, Source: isms.SourceAnnexA, ID: isms.ControlID(id), Owner: roe,
			Applicability: isms.Applicability{
				Decision: isms.DecisionApplicable, Reasons: []isms.InclusionReason{isms.InclusionRiskTreatment}, Justification: "Needed.",
			},
			Implementation: &isms.Implementation{State: isms.StateImplemented, Description: "In place."},
			Evidence:       evidence,
		},
	}
}

// excluded is a Control that the Statement of Applicability leaves out.
func (w *world) excluded(id string) *isms.Control {
	c := w.control(id)
	c.Spec.Applicability = isms.Applicability{Decision: isms.DecisionExcluded, Justification: "Nothing of the kind is done."}
	c.Spec.Implementation = nil
	return c
}

// item is substantial evidence by a rule.
func item(name string, rule isms.ResourceRule) isms.EvidenceItem {
	return isms.EvidenceItem{Name: isms.ItemName(name), Strength: isms.StrengthSubstantial, Resources: &rule}
}

// approved asks that every pod in scope has the label approved=yes.
func approved() isms.EvidenceItem {
	return item("approved", isms.ResourceRule{
		APIVersion: "v1", Kind: "Pod", Quantifier: isms.QuantifierEvery,
		Expect: `object.metadata.?labels[?"approved"].orValue("") == "yes"`,
	})
}

// somePod is a pod, approved or not.
func somePod(namespace, name, approved string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"approved": approved}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "registry.example.com/app:1"}}},
	}
}

// approve sets the label that approved asks for.
func (w *world) approve(namespace, name, approved string) {
	w.Helper()
	w.merge(somePod(namespace, name, ""), `{"metadata":{"labels":{"approved":"`+approved+`"}}}`)
}

// cycle is an initial cycle in which a failure blocks at once.
func (w *world) cycle() *isms.AuditCycle {
	return &isms.AuditCycle{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "acme-2026"},
		Spec: isms.AuditCycleSpec{
			ScopeRef: isms.LocalRef{Name: scopeName}, Origin: isms.OriginInitial, DeviationGraceDays: ptr.To[int32](0),
		},
	}
}

// document is approved in its version, and to be reviewed within some days.
func (w *world) document(name, documentType string, approvedOn isms.Date, reviewDays int32) *isms.Document {
	return &isms.Document{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: name},
		Spec: isms.DocumentSpec{
			ScopeRef: isms.LocalRef{Name: scopeName}, Type: isms.TypeName(documentType), Class: isms.ClassDocument,
			Title: "A document", Version: "1.0", Owner: roe, ReviewIntervalDays: reviewDays,
			Approval: &isms.DocumentApproval{Version: "1.0", Approval: isms.Approval{ApprovedBy: smith, ApprovedOn: approvedOn}},
			Source:   isms.DocumentSource{URL: "https://git.example.com/isms/document.md"},
		},
	}
}

// attestation records that something was done and passed.
func (w *world) attestation(name, attestationType string, performedOn isms.Date) *isms.Attestation {
	return &isms.Attestation{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: name},
		Spec: isms.AttestationSpec{
			ScopeRef: isms.LocalRef{Name: scopeName}, Type: isms.TypeName(attestationType), Outcome: isms.OutcomePass,
			PerformedOn: performedOn, PerformedBy: smith, Summary: "Done.",
		},
	}
}

// restOfISMS completes the ISMS around one applicable control: the other 92 are excluded, every document that an auditor
// reviews in Stage 1 is approved, and people were trained.
func (w *world) restOfISMS(id string) {
	w.Helper()
	for _, c := range catalogue.Controls() {
		if c.ID != id {
			w.create(w.excluded(c.ID))
		}
	}
	for _, d := range catalogue.Documents() {
		if d.Stage == catalogue.Stage1 && (!d.OfControl() || d.Requirement == id) {
			w.create(w.document(strings.ToLower(d.Type), d.Type, w.day(-30), 365))
		}
	}
	training := w.attestation("awareness", "AwarenessTraining", w.day(-30))
	training.Spec.Participants = &isms.Participants{Expected: 20, Completed: ptr.To[int32](20)}
	w.create(training)
}

// exception waives objects of an evidence item for a month.
func (w *world) exception(name, item string, objects ...isms.ExceptionObject) isms.Exception {
	return isms.Exception{
		Name: isms.ItemName(name), Evidence: []isms.ItemName{isms.ItemName(item)}, Objects: objects,
		Reason: "Migration.", RequestedBy: roe, ApprovedBy: smith, ExpiresOn: w.day(30),
	}
}
