// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// person is whoever has a role in these tests.
func person(role string) isms.Person {
	return isms.Person{Name: isms.ShortText(role), Email: "someone@example.com"}
}

// implemented is the rendered control as its owner declares it once it is in place, with evidence that all passes.
func implemented(template Template) assess.Input {
	control := template.Control(Values{Scope: "acme", Namespace: "isms", Owner: person})
	control.Spec.Implementation.State = isms.StateImplemented
	control.Spec.Implementation.Description = "As the guidance says."
	in := assess.Input{
		Control: control, Scope: &isms.ISMSScope{ObjectMeta: metav1.ObjectMeta{Name: "acme", Namespace: "isms"}},
		Evidence: map[string]tally.Snapshot{}, Now: noon,
	}
	yesterday := isms.NewDate(noon.AddDate(0, 0, -1))
	record := metav1.ObjectMeta{Namespace: "isms", CreationTimestamp: metav1.Time{Time: noon.AddDate(0, 0, -1)}}
	for _, item := range control.Spec.Evidence {
		record.Name = string(item.Name)
		switch {
		case item.Resources != nil:
			in.Evidence[string(item.Name)] = tally.Snapshot{Counts: tally.Counts{Subjects: 3, Passing: 3}}
		case item.Document != nil:
			in.Documents = append(in.Documents, isms.Document{ObjectMeta: record, Spec: isms.DocumentSpec{
				ScopeRef: control.Spec.ScopeRef, Type: item.Document.Type, Title: "Title", Version: "1", Owner: person("x"),
				Approval: &isms.DocumentApproval{Version: "1", Approval: isms.Approval{ApprovedBy: person("x"), ApprovedOn: yesterday}},
				Source:   isms.DocumentSource{URL: "https://git.example.com/isms/document.md"},
			}})
		default:
			in.Attestations = append(in.Attestations, isms.Attestation{ObjectMeta: record, Spec: isms.AttestationSpec{
				ScopeRef: control.Spec.ScopeRef, Type: item.Attestation.Type, Outcome: isms.OutcomePass, PerformedOn: yesterday,
				PerformedBy: person("x"), Summary: "Done.",
			}})
		}
	}
	return in
}

func satisfied(in assess.Input) metav1.ConditionStatus {
	status := assess.Control(in).Status
	return meta.FindStatusCondition(status.Conditions, isms.ConditionSatisfied).Status
}

// gone are the ways in which a rule's evidence goes.
var gone = map[string]tally.Snapshot{
	"an object fails":        {Counts: tally.Counts{Subjects: 3, Passing: 2, Failing: 1, Failures: []tally.Name{{Name: "one"}}}},
	"no object is left":      {},
	"an expression fails":    {Counts: tally.Counts{Subjects: 1, Errors: 1}},
	"the kind is not served": {Unavailable: isms.ReasonKindNotServed},
	"the right is gone":      {Unavailable: isms.ReasonAccessDenied},
	"it is not synced":       {Unavailable: isms.ReasonNotSynced},
}

// TestTakingEvidenceAwayTurnsTheControl: with all of its evidence each control is satisfied; without any one piece of it, in
// whichever way that goes, it is not.
func TestTakingEvidenceAwayTurnsTheControl(t *testing.T) {
	for _, template := range Controls() {
		if got := satisfied(implemented(template)); got != metav1.ConditionTrue {
			t.Fatalf("%s with all of its evidence is %s", template.ID, got)
		}
		for _, e := range template.Evidence {
			for how, in := range without(template, e) {
				if got := satisfied(in); got == metav1.ConditionTrue {
					t.Errorf("%s is still satisfied when of %s %s", template.ID, e.Item.Name, how)
				}
			}
		}
	}
}

// without gives the inputs in which one item's evidence is gone, by how.
func without(template Template, e Evidence) map[string]assess.Input {
	out := map[string]assess.Input{}
	if e.Check == nil {
		in := implemented(template)
		in.Documents = slices.DeleteFunc(in.Documents, func(d isms.Document) bool { return d.Name == string(e.Item.Name) })
		in.Attestations = slices.DeleteFunc(in.Attestations, func(a isms.Attestation) bool { return a.Name == string(e.Item.Name) })
		out["the record is deleted"] = in
		return out
	}
	for how, snapshot := range gone {
		in := implemented(template)
		if e.Check.Resources.Quantifier == isms.QuantifierAny {
			snapshot.Counts.Passing = 0 // for one good object is enough
		}
		in.Evidence[string(e.Item.Name)] = snapshot
		out[how] = in
	}
	return out
}
