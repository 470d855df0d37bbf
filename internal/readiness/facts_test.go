// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/operation"
)

// facts are everything from which the gates of a cycle are computed, those of its scope as well.
type facts struct {
	scope ScopeInput
	cycle CycleInput
}

// allFacts are facts by which every gate is open: those of a scope without a gap, and those of a cycle that is ready for each
// type of audit. Nothing is said of a gate but what the assessment says itself.
func allFacts() facts {
	f := facts{complete(), operatedInput()}
	f.scope.Cycles = []isms.AuditCycle{*f.cycle.Cycle}
	f.scope.Documents = append(f.scope.Documents, f.cycle.Documents[1:]...)
	soa := document("StatementOfApplicability", "2026-11-01")
	soa.Spec.Source, soa.Spec.Approval.Digest = isms.DocumentSource{Computed: isms.ComputedStatementOfApplicability}, StatementDigest(f.scope)
	f.scope.Documents = append(f.scope.Documents, soa)
	f.scope.Entries = append(f.scope.Entries, f.cycle.Entries...)
	f.cycle.Operation.Controls = nil
	for _, c := range f.scope.Controls {
		f.cycle.Operation.Controls = append(f.cycle.Operation.Controls, operation.ControlFigures{ID: c.Spec.ID, EffectivePercent: 100})
	}
	return f
}

// assess computes the scope, and from it the cycle.
func (f facts) assess() isms.AuditCycleStatus { return Cycle(f.joined()).Status }

// joined is what the cycle is computed from: its own facts, and what the scope says.
func (f facts) joined() CycleInput {
	f.scope.Scope.Status = isms.ISMSScopeStatus{}
	f.scope.Scope.Status = Scope(f.scope).Status
	f.scope.Scope.Status.ObservedGeneration = f.scope.Scope.Generation
	f.cycle.Scope, f.cycle.Controls, f.cycle.Documents = f.scope.Scope, f.scope.Controls, f.scope.Documents
	f.cycle.Findings, f.cycle.Risks, f.cycle.Cycle.Spec = f.scope.Findings, f.scope.Risks, f.scope.Cycles[0].Spec
	f.cycle.Entries, f.cycle.Attestations = f.scope.Entries, f.scope.Attestations
	return f.cycle
}

// everyGate are all conditions of a cycle that a fact can close.
var everyGate = slices.Concat(cycleConditions, []string{stage1, stage2, surveillance, recertified, next, isms.ConditionCertificateValid})

// TestAllFactsOpenEveryGate.
func TestAllFactsOpenEveryGate(t *testing.T) {
	status := allFacts().assess()
	for _, name := range closed(status, everyGate) {
		t.Errorf("%s is %s: %s", name, state(status.Conditions, name), message(status.Conditions, name))
	}
}

// TestEachFactClosesTheGatesThatNeedIt: one fact is taken away, or one trouble added, and exactly the gates close that need it.
// Together with the facts of the cycle itself (losses), each gate is closed by one at least.
func TestEachFactClosesTheGatesThatNeedIt(t *testing.T) {
	all := []string{stage1, stage2, surveillance, recertified, next}
	without := func(documentType isms.TypeName) func(*facts) {
		return func(f *facts) {
			f.scope.Documents = slices.DeleteFunc(f.scope.Documents, func(d isms.Document) bool { return d.Spec.Type == documentType })
		}
	}
	riskIsNot := func(conditionType string) func(*facts) {
		return func(f *facts) { riskIs(conditionType, metav1.ConditionFalse, isms.ReasonMissing)(&f.scope.Risks[0]) }
	}
	cases := map[string]struct {
		change func(*facts)
		closes []string
	}{
		"no inclusion":           {func(f *facts) { f.scope.Scope.Spec.Boundaries.Included = nil }, append([]string{isms.ConditionScopeDefined}, all...)},
		"an unaccounted name":    {func(f *facts) { f.scope.Namespaces.Unaccounted = []string{"new"} }, append([]string{isms.ConditionBoundaryComplete}, operated...)},
		"namespaces not known":   {func(f *facts) { f.scope.Namespaces.Complete = false }, append([]string{isms.ConditionBoundaryComplete}, operated...)},
		"no resources":           {func(f *facts) { f.scope.Scope.Spec.Leadership.Resources = "" }, append([]string{isms.ConditionLeadershipEstablished}, all...)},
		"a risk is not assessed": {riskIsNot(isms.ConditionAssessed), append([]string{isms.ConditionRiskAssessed}, all...)},
		"a risk is not treated":  {riskIsNot(isms.ConditionTreated), append([]string{isms.ConditionRiskTreated}, operated...)},
		"no awareness": {func(f *facts) {
			f.scope.Attestations = slices.DeleteFunc(f.scope.Attestations, isOf("AwarenessTraining"))
		}, append([]string{isms.ConditionAwarenessMaintained}, operated...)},
		"no measurement":           {func(f *facts) { f.scope.Attestations = slices.DeleteFunc(f.scope.Attestations, isOf("Measurement")) }, append([]string{isms.ConditionObjectivesMonitored}, operated...)},
		"no policy":                {without("InformationSecurityPolicy"), append([]string{isms.ConditionDocumentationComplete, isms.ConditionLeadershipEstablished}, all...)},
		"no statement":             {without("StatementOfApplicability"), append([]string{isms.ConditionStatementOfApplicabilityApproved, isms.ConditionDocumentationComplete}, all...)},
		"a gap without an owner":   {func(f *facts) { f.scope.Scope.Spec.Requirements = nil; f.scope.Scope.Spec.Context.Issues = nil }, append([]string{isms.ConditionGapsAddressed, isms.ConditionScopeDefined}, all...)},
		"a day less of operation":  {func(f *facts) { f.cycle.ObservedSince = time.Date(2026, 8, 24, 0, 0, 0, 0, time.UTC) }, []string{isms.ConditionOperatingPeriodMet, stage2}},
		"less coverage":            {func(f *facts) { f.cycle.Operation.CoveragePercent = 89 }, []string{isms.ConditionOperatingPeriodMet, stage2}},
		"a control less effective": {func(f *facts) { f.cycle.Operation.Controls[0].EffectivePercent = 94 }, []string{isms.ConditionOperatingPeriodMet, stage2}},
		"no log":                   {func(f *facts) { f.cycle.Operation, f.cycle.ObservedSince = nil, time.Time{} }, []string{isms.ConditionOperatingPeriodMet, stage2}},
		"a control that nobody decided on": {
			func(f *facts) { f.scope.Controls = f.scope.Controls[1:] },
			append([]string{isms.ConditionStatementOfApplicabilityComplete, isms.ConditionStatementOfApplicabilityApproved, isms.ConditionGapsAddressed}, all...),
		},
		"a withdrawn certificate": {func(f *facts) { f.scope.Cycles[0].Spec.Certificate.Events[0].Type = isms.CertificateWithdrawn }, []string{isms.ConditionCertificateValid, surveillance, recertified, next}},
	}
	seen := map[string]bool{}
	for name, tc := range cases {
		f := allFacts()
		tc.change(&f)
		status := f.assess()
		got, want := closed(status, everyGate), slices.Clone(tc.closes)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s closes (-want +got):\n%s", name, diff)
		}
		for _, g := range got {
			seen[g] = true
		}
	}
	for _, loss := range losses() {
		for _, g := range loss.closes {
			seen[g] = true
		}
	}
	for _, g := range everyGate {
		if !seen[g] {
			t.Errorf("nothing closes %s; closed are %v", g, slices.Sorted(maps.Keys(seen)))
		}
	}
}

func isOf(attestationType isms.TypeName) func(isms.Attestation) bool {
	return func(a isms.Attestation) bool { return a.Spec.Type == attestationType }
}
