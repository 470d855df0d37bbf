// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// now is the moment at which most tests assess.
var now = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

var (
	platform = isms.Person{Name: "Platform team", Email: "platform@example.com"}
	roe      = isms.Person{Name: "R. Roe", Email: "r.roe@example.com"}
)

// input builds the input of an assessment, by default of an implemented control without evidence in a scope that has
// two systems.
type input struct{ Input }

func control(items ...isms.EvidenceItem) *input {
	return &input{Input{
		Control: &isms.Control{
			ObjectMeta: metav1.ObjectMeta{Name: "a-8-22", Generation: 3},
			Spec: isms.ControlSpec{
				ScopeRef: isms.LocalRef{Name: "acme"}, Source: isms.SourceAnnexA, ID: "A.8.22", Owner: platform,
				Applicability:  isms.Applicability{Decision: isms.DecisionApplicable, Justification: "Tenants share a cluster."},
				Implementation: &isms.Implementation{State: isms.StateImplemented},
				Evidence:       items,
			},
		},
		Scope: &isms.ISMSScope{
			ObjectMeta: metav1.ObjectMeta{Name: "acme"},
			Spec: isms.ISMSScopeSpec{Boundaries: &isms.Boundaries{
				Systems: []isms.System{{Name: "prod"}, {Name: "laptops"}},
			}},
		},
		Evidence: map[string]tally.Snapshot{},
		Now:      now,
	}}
}

func (in *input) counts(item string, c tally.Counts) *input {
	return in.snapshot(item, tally.Snapshot{Counts: c})
}

func (in *input) snapshot(item string, s tally.Snapshot) *input {
	in.Evidence[item] = s
	return in
}

func (in *input) edit(change func(*isms.Control)) *input {
	change(in.Control)
	return in
}

func (in *input) at(t time.Time) *input {
	in.Now = t
	return in
}

func (in *input) documents(list ...isms.Document) *input {
	in.Documents = list
	return in
}

func (in *input) attestations(list ...isms.Attestation) *input {
	in.Attestations = list
	return in
}

// assess runs the assessment and checks what must hold of every outcome.
func (in *input) assess(t *testing.T) Outcome {
	t.Helper()
	out := Control(in.Input)
	if !out.Hold {
		for _, problem := range conditions.Violations(out.Status.Conditions, in.Control.Generation, controlConditions...) {
			t.Errorf("conditions: %s", problem)
		}
	}
	return out
}

// again is the input after the outcome was written.
func (in *input) again(out Outcome) *input {
	next := *in
	next.Control = in.Control.DeepCopy()
	next.Control.Status = out.Status
	return &next
}

func rule(name string, q isms.Quantifier) isms.EvidenceItem {
	return isms.EvidenceItem{
		Name: isms.ItemName(name), Strength: isms.StrengthSubstantial,
		Resources: &isms.ResourceRule{APIVersion: "apps/v1", Kind: "Deployment", Quantifier: q, Expect: "true"},
	}
}

func partial(item isms.EvidenceItem) isms.EvidenceItem {
	item.Strength = ""
	return item
}

func covering(item isms.EvidenceItem, systems ...isms.ItemName) isms.EvidenceItem {
	item.Covers = systems
	return item
}

func wantsDocument(name, documentType string) isms.EvidenceItem {
	return isms.EvidenceItem{
		Name: isms.ItemName(name), Strength: isms.StrengthSubstantial,
		Document: &isms.DocumentEvidence{Type: isms.TypeName(documentType)},
	}
}

func wantsAttestation(name, attestationType string, every, grace int32) isms.EvidenceItem {
	return isms.EvidenceItem{
		Name: isms.ItemName(name), Strength: isms.StrengthSubstantial,
		Attestation: &isms.AttestationEvidence{Type: isms.TypeName(attestationType), EveryDays: every, GraceDays: grace},
	}
}

// policy is a Document of type Policy, version 3.1, approved on the day.
func policy(name string, approvedOn isms.Date) isms.Document {
	return isms.Document{
		ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 1},
		Spec: isms.DocumentSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Type: "Policy", Version: "3.1", Owner: roe,
			Approval: &isms.DocumentApproval{
				Version: "3.1", Digest: digestA, Approval: isms.Approval{ApprovedBy: roe, ApprovedOn: approvedOn},
			},
			Source: isms.DocumentSource{ConfigMapKeyRef: &isms.ConfigMapKeyRef{Name: "policy", Key: "text"}},
		},
		Status: isms.DocumentStatus{Digest: digestA},
	}
}

const (
	digestA isms.Digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	digestB isms.Digest = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func edited(d isms.Document, change func(*isms.Document)) isms.Document {
	change(&d)
	return d
}

// attested is a passing attestation for A.8.22, recorded on the day on which it was performed.
func attested(name, attestationType string, on isms.Date, changes ...func(*isms.Attestation)) isms.Attestation {
	created, _ := on.Time()
	a := isms.Attestation{
		ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 1, CreationTimestamp: metav1.NewTime(created)},
		Spec: isms.AttestationSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Type: isms.TypeName(attestationType), Controls: []isms.ControlID{"A.8.22"},
			Outcome: isms.OutcomePass, PerformedOn: on, PerformedBy: platform,
		},
	}
	for _, change := range changes {
		change(&a)
	}
	return a
}

func failed(a *isms.Attestation) { a.Spec.Outcome = isms.OutcomeFail }

func superseding(name string) func(*isms.Attestation) {
	return func(a *isms.Attestation) { a.Spec.Supersedes = &isms.LocalRef{Name: isms.ObjectName(name)} }
}

// state is what of a condition the tables compare.
func state(list []metav1.Condition, conditionType string) string {
	c := conditions.Get(list, conditionType)
	if c == nil {
		return "absent"
	}
	return string(c.Status) + " " + c.Reason
}
