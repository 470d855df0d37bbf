// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// implemented repeats what the spec declares.
func (a *assessment) implemented() judgement {
	state := isms.StateNotStarted
	if i := a.control.Spec.Implementation; i != nil && i.State != "" {
		state = i.State
	}
	if state == isms.StateImplemented {
		return yes(isms.ReasonImplemented, "")
	}
	return no(string(state), "The control is not declared as implemented.")
}

// evidenceCurrent judges whether there is fresh evidence, whatever it says: an item that passes or fails on present
// facts is current, a record of people that is missing or has run out is not. Items are joined as for Effective, so
// that with the policy Any one current item is enough.
func (a *assessment) evidenceCurrent(evidence []isms.EvidenceStatus) judgement {
	fresh := make([]isms.EvidenceStatus, 0, len(evidence))
	for _, e := range evidence {
		if e.Result == isms.EvidenceFail && !staleReasons[e.Reason] {
			e.Result = isms.EvidencePass
		}
		fresh = append(fresh, e)
	}
	j := combine(a.control.Spec.EvidencePolicy, fresh)
	if j.Status == metav1.ConditionTrue {
		return yes(isms.ReasonEvidenceCurrent, "")
	}
	return j
}

// staleReasons are the failures that speak of the record, not of what it records.
var staleReasons = map[string]bool{
	isms.ReasonMissing: true, isms.ReasonExpired: true, isms.ReasonMissed: true, isms.ReasonNotApproved: true,
	isms.ReasonChangedSinceApproval: true, isms.ReasonDateInFuture: true,
}

// effective judges whether the evidence shows that the control works. The items must hold; then what they cover, how
// strong they are and who approved their exceptions decide whether that is enough to know it.
func (a *assessment) effective(evidence []isms.EvidenceStatus) judgement {
	j := combine(a.control.Spec.EvidencePolicy, evidence)
	if j.Status != metav1.ConditionTrue {
		return j
	}
	passing := withResult(evidence, isms.EvidencePass)
	for _, find := range []func([]isms.EvidenceStatus) *judgement{a.uncovered, a.weak, a.selfApproved} {
		if doubt := find(passing); doubt != nil {
			return *doubt
		}
	}
	return yes(isms.ReasonEvidencePassed, a.basis(passing))
}

// combine joins the items by the policy. NotApplicable items are left out; without any other item nothing is known.
func combine(policy isms.EvidencePolicy, evidence []isms.EvidenceStatus) judgement {
	failing := withResult(evidence, isms.EvidenceFail)
	unclear := withResult(evidence, isms.EvidenceUnknown)
	passing := withResult(evidence, isms.EvidencePass)
	switch {
	case len(evidence) == 0:
		return unknown(isms.ReasonNothingDeclared, "No evidence is declared.")
	case len(failing)+len(unclear)+len(passing) == 0:
		return unknown(isms.ReasonNothingApplicable, "No evidence item is applicable.")
	case policy == isms.EvidencePolicyAny && len(passing) > 0:
		return yes(isms.ReasonEvidencePassed, "")
	case policy == isms.EvidencePolicyAny && len(unclear) > 0:
		return unknown(unclear[0].Reason, causes(unclear))
	case len(failing) > 0:
		return no(failing[0].Reason, causes(failing))
	case len(unclear) > 0:
		return unknown(unclear[0].Reason, causes(unclear))
	}
	return yes(isms.ReasonEvidencePassed, "")
}

// uncovered: each system that the control applies to must be one of the scope and covered by a passing item.
func (a *assessment) uncovered(passing []isms.EvidenceStatus) *judgement {
	if a.control.Spec.Implementation == nil {
		return nil
	}
	var open, strangers []string
	for _, system := range a.control.Spec.Implementation.AppliesTo {
		switch {
		case !a.inScope(system):
			strangers = append(strangers, string(system))
		case !a.covered(system, passing):
			open = append(open, string(system))
		}
	}
	slices.Sort(open)
	slices.Sort(strangers)
	switch {
	case len(strangers) > 0:
		j := unknown(isms.ReasonCoverageIncomplete, "Not a system of the scope: "+conditions.Names(strangers)+".")
		return &j
	case len(open) > 0:
		j := unknown(isms.ReasonCoverageIncomplete, "No passing item covers "+conditions.Names(open)+".")
		return &j
	}
	return nil
}

func (a *assessment) inScope(system isms.ItemName) bool {
	b := a.in.Scope.Spec.Boundaries
	return b != nil && slices.ContainsFunc(b.Systems, func(s isms.System) bool { return s.Name == system })
}

func (a *assessment) covered(system isms.ItemName, passing []isms.EvidenceStatus) bool {
	return slices.ContainsFunc(a.itemsOf(passing), func(item isms.EvidenceItem) bool {
		return slices.Contains(item.Covers, system)
	})
}

// weak: items that pass show a control to be effective only if one of them is Substantial, or if the control's owner
// confirms it.
func (a *assessment) weak(passing []isms.EvidenceStatus) *judgement {
	substantial := slices.ContainsFunc(a.itemsOf(passing), func(item isms.EvidenceItem) bool {
		return item.Strength == isms.StrengthSubstantial
	})
	if substantial || a.reviewedByOwner() {
		return nil
	}
	j := unknown(isms.ReasonPartialEvidence, "Every passing item is Partial, and there is no current ControlReview by the control's owner.")
	return &j
}

func (a *assessment) selfApproved(passing []isms.EvidenceStatus) *judgement {
	names := a.unverifiedWaivers(passing)
	if len(names) == 0 {
		return nil
	}
	j := unknown(isms.ReasonIndependenceNotVerifiable,
		"By email or id, requester and approver are not shown to be two people: "+conditions.Names(names)+".")
	return &j
}

// basis says how much of the evidence is declared by people rather than seen in the cluster.
func (a *assessment) basis(passing []isms.EvidenceStatus) string {
	declared := 0
	for _, item := range a.itemsOf(passing) {
		if item.Resources == nil {
			declared++
		}
	}
	verb := "rest"
	if declared == 1 {
		verb = "rests"
	}
	return fmt.Sprintf("%s, of which %d %s on declarations.", conditions.Count(len(passing), "passing item"), declared, verb)
}

// itemsOf finds the items of the spec to which statuses belong.
func (a *assessment) itemsOf(evidence []isms.EvidenceStatus) []isms.EvidenceItem {
	var items []isms.EvidenceItem
	for _, item := range a.control.Spec.Evidence {
		if slices.ContainsFunc(evidence, func(e isms.EvidenceStatus) bool { return e.Name == string(item.Name) }) {
			items = append(items, item)
		}
	}
	return items
}
