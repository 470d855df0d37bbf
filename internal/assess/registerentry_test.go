// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// entered is the input for an entry of a register, reviewed three weeks before now, that names nothing.
func entered(register isms.Register, changes ...func(*isms.RegisterEntrySpec)) RegisterEntryInput {
	e := &isms.RegisterEntry{
		ObjectMeta: metav1.ObjectMeta{Name: "e", Generation: 1},
		Spec: isms.RegisterEntrySpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Register: register, Title: "Entry", Owner: roe, ReviewedOn: "2026-11-01", ReviewIntervalDays: 30,
		},
	}
	for _, change := range changes {
		change(&e.Spec)
	}
	return RegisterEntryInput{Entry: e, Scope: acme(), Now: now}
}

func assessEntry(t *testing.T, in RegisterEntryInput) RegisterEntryOutcome {
	t.Helper()
	out := RegisterEntry(in)
	for _, problem := range conditions.Violations(out.Status.Conditions, 1, EntryConditions(in.Entry.Spec.Register)...) {
		t.Errorf("conditions: %s", problem)
	}
	return out
}

func asset(a isms.AssetEntry) func(*isms.RegisterEntrySpec) {
	return func(s *isms.RegisterEntrySpec) { s.Asset = &a }
}

func supplier(x isms.SupplierEntry) func(*isms.RegisterEntrySpec) {
	return func(s *isms.RegisterEntrySpec) { s.Supplier = &x }
}

func incident(x isms.IncidentEntry) func(*isms.RegisterEntrySpec) {
	return func(s *isms.RegisterEntrySpec) { s.Incident = &x }
}

func competence(x isms.CompetenceEntry) func(*isms.RegisterEntrySpec) {
	return func(s *isms.RegisterEntrySpec) { s.Competence = &x }
}

func evaluated(on isms.Date, outcome isms.ComplianceOutcome) func(*isms.RegisterEntrySpec) {
	return func(s *isms.RegisterEntrySpec) {
		s.LegalRequirement = &isms.LegalRequirementEntry{Evaluation: &isms.ComplianceEvaluation{EvaluatedOn: on, By: roe, Outcome: outcome}}
	}
}

func change(approved, planned, completed isms.Date) func(*isms.RegisterEntrySpec) {
	return func(s *isms.RegisterEntrySpec) {
		s.Change = &isms.ChangeEntry{PlannedOn: planned, CompletedOn: completed}
		if approved != "" {
			s.Change.Approval = &isms.Approval{ApprovedBy: roe, ApprovedOn: approved}
		}
	}
}

func effect(on isms.Date, outcome isms.EffectivenessOutcome) func(*isms.RegisterEntrySpec) {
	return func(s *isms.RegisterEntrySpec) {
		s.Change.EffectReview = &isms.EffectivenessReview{ReviewedOn: on, By: roe, Outcome: outcome}
	}
}

func TestReviewOfAnEntry(t *testing.T) {
	reviewed := func(on isms.Date, days int32) func(*isms.RegisterEntrySpec) {
		return func(s *isms.RegisterEntrySpec) { s.ReviewedOn, s.ReviewIntervalDays = on, days }
	}
	for name, tc := range map[string]struct {
		register isms.Register
		change   func(*isms.RegisterEntrySpec)
		want     string
		due      isms.Date
		again    string
	}{
		"on the last day":           {isms.RegisterIncident, reviewed("2026-11-01", 20), "True ReviewCurrent", "2026-11-21", "2026-11-22"},
		"a day too late":            {isms.RegisterIncident, reviewed("2026-11-01", 19), "False Expired", "2026-11-20", "0001-01-01"},
		"never":                     {isms.RegisterIncident, reviewed("", 30), "False Missing", "", "0001-01-01"},
		"tomorrow":                  {isms.RegisterIncident, reviewed("2026-11-22", 30), "False DateInFuture", "", "2026-11-22"},
		"an incident needs none":    {isms.RegisterIncident, reviewed("2026-11-01", 0), "Unknown NotRequired", "", "0001-01-01"},
		"a competence needs none":   {isms.RegisterCompetence, reviewed("", 0), "Unknown NotRequired", "", "0001-01-01"},
		"a change needs none":       {isms.RegisterChange, reviewed("", 0), "Unknown NotRequired", "", "0001-01-01"},
		"an asset within a year":    {isms.RegisterAsset, reviewed("2025-11-21", 0), "True ReviewCurrent", "2026-11-21", "2026-11-22"},
		"a supplier within a year":  {isms.RegisterSupplier, reviewed("2025-11-20", 0), "False Expired", "2026-11-20", "0001-01-01"},
		"a requirement, never":      {isms.RegisterLegalRequirement, reviewed("", 0), "False Missing", "", "0001-01-01"},
		"an asset, its own half":    {isms.RegisterAsset, reviewed("2026-06-01", 180), "True ReviewCurrent", "2026-11-28", "2026-11-29"},
		"what is no register":       {"Other", reviewed("", 0), "Unknown NotRequired", "", "0001-01-01"},
		"a date that is no date":    {isms.RegisterAsset, reviewed("soon", 0), "False DateInFuture", "", "0001-01-01"},
		"an incident with interval": {isms.RegisterIncident, reviewed("2026-11-20", 1), "True ReviewCurrent", "2026-11-21", "2026-11-22"},
	} {
		out := assessEntry(t, entered(tc.register, tc.change))
		if got := state(out.Status.Conditions, isms.ConditionReviewCurrent); got != tc.want || out.Status.ReviewDueOn != tc.due {
			t.Errorf("%s: got %s, due %q; want %s, due %q", name, got, out.Status.ReviewDueOn, tc.want, tc.due)
		}
		if got := out.RequeueAt.Format(time.DateOnly); got != tc.again {
			t.Errorf("%s: looks again on %s, want %s", name, got, tc.again)
		}
	}
}

// TestDemandsOfRegisters asks for the conditions of the register alone.
func TestDemandsOfRegisters(t *testing.T) {
	agreement := &isms.RecordRef{URL: "https://contracts.example.com/17"}
	record := &isms.RecordRef{URL: "https://hr.example.com/9"}
	course := &isms.LocalRef{Name: "course"}
	for name, tc := range map[string]struct {
		in   RegisterEntryInput
		want []string
	}{
		"asset, classified": {entered(isms.RegisterAsset, asset(isms.AssetEntry{Classification: "Internal"})), []string{"True Classified"}},
		"asset, not":        {entered(isms.RegisterAsset, asset(isms.AssetEntry{})), []string{"False Missing"}},

		"supplier, all there": {
			entered(isms.RegisterSupplier, supplier(isms.SupplierEntry{Criticality: isms.CriticalityHigh, AgreementRef: agreement, AssuranceExpiresOn: "2026-11-21"})),
			[]string{"True AgreementInPlace", "True AssuranceCurrent"},
		},
		"supplier, assurance expired":  {entered(isms.RegisterSupplier, supplier(isms.SupplierEntry{Criticality: isms.CriticalityLow, AssuranceExpiresOn: "2026-11-20"})), []string{"False Missing", "False Expired"}},
		"supplier, critical, nothing":  {entered(isms.RegisterSupplier, supplier(isms.SupplierEntry{Criticality: isms.CriticalityCritical, AgreementRef: agreement})), []string{"True AgreementInPlace", "False Missing"}},
		"supplier, high, nothing":      {entered(isms.RegisterSupplier, supplier(isms.SupplierEntry{Criticality: isms.CriticalityHigh, AgreementRef: agreement})), []string{"True AgreementInPlace", "False Missing"}},
		"supplier, medium, needs none": {entered(isms.RegisterSupplier, supplier(isms.SupplierEntry{Criticality: isms.CriticalityMedium, AgreementRef: agreement})), []string{"True AgreementInPlace", "Unknown NotRequired"}},

		"law, never evaluated":     {entered(isms.RegisterLegalRequirement, func(s *isms.RegisterEntrySpec) { s.LegalRequirement = &isms.LegalRequirementEntry{} }), []string{"False Missing"}},
		"law, met":                 {entered(isms.RegisterLegalRequirement, evaluated("2026-10-22", isms.Compliant)), []string{"True ComplianceEvaluated"}},
		"law, met long ago":        {entered(isms.RegisterLegalRequirement, evaluated("2026-10-21", isms.Compliant)), []string{"False Expired"}},
		"law, met within the year": {entered(isms.RegisterLegalRequirement, evaluated("2025-11-21", isms.Compliant), func(s *isms.RegisterEntrySpec) { s.ReviewIntervalDays = 0 }), []string{"True ComplianceEvaluated"}},
		"law, not met":             {entered(isms.RegisterLegalRequirement, evaluated("2026-10-22", isms.NotCompliant)), []string{"False NotCompliant"}},
		"law, to be evaluated":     {entered(isms.RegisterLegalRequirement, evaluated("2026-11-22", isms.Compliant)), []string{"False DateInFuture"}},

		"incident, open":              {entered(isms.RegisterIncident, incident(isms.IncidentEntry{})), []string{"False Open"}},
		"incident, due today":         {entered(isms.RegisterIncident, incident(isms.IncidentEntry{DueDate: "2026-11-21"})), []string{"False Open"}},
		"incident, overdue":           {entered(isms.RegisterIncident, incident(isms.IncidentEntry{DueDate: "2026-11-20"})), []string{"False Overdue"}},
		"incident, resolved":          {entered(isms.RegisterIncident, incident(isms.IncidentEntry{DueDate: "2026-11-01", ResolvedOn: "2026-11-21"})), []string{"True Resolved"}},
		"incident, resolved tomorrow": {entered(isms.RegisterIncident, incident(isms.IncidentEntry{ResolvedOn: "2026-11-22"})), []string{"False DateInFuture"}},

		"competence, no evidence":   {entered(isms.RegisterCompetence, competence(isms.CompetenceEntry{AcquiredOn: "2026-01-01"})), []string{"False Missing"}},
		"competence, a record":      {entered(isms.RegisterCompetence, competence(isms.CompetenceEntry{AcquiredOn: "2026-01-01", ExpiresOn: "2026-11-21", RecordRef: record})), []string{"True CompetenceCurrent"}},
		"competence, expired":       {entered(isms.RegisterCompetence, competence(isms.CompetenceEntry{AcquiredOn: "2026-01-01", ExpiresOn: "2026-11-20", RecordRef: record})), []string{"False Expired"}},
		"competence, from tomorrow": {entered(isms.RegisterCompetence, competence(isms.CompetenceEntry{AcquiredOn: "2026-11-22", RecordRef: record})), []string{"False DateInFuture"}},
		"competence, attested":      {with(entered(isms.RegisterCompetence, competence(isms.CompetenceEntry{AcquiredOn: "2026-01-01", AttestationRef: course})), attested("course", "Course", "2024-01-01")), []string{"True CompetenceCurrent"}},
		"competence, attested by nothing": {
			entered(isms.RegisterCompetence, competence(isms.CompetenceEntry{AcquiredOn: "2026-01-01", AttestationRef: course})), []string{"Unknown ReferenceNotFound"},
		},
		"competence, the course was failed": {
			with(entered(isms.RegisterCompetence, competence(isms.CompetenceEntry{AcquiredOn: "2026-01-01", AttestationRef: course})), attested("course", "Course", "2026-01-01", failed)), []string{"False OutcomeFailed"},
		},
		"competence, the record is suspended": {
			with(entered(isms.RegisterCompetence, competence(isms.CompetenceEntry{AcquiredOn: "2026-01-01", AttestationRef: course})),
				attested("course", "Course", "2026-01-01", func(a *isms.Attestation) { a.Annotations = map[string]string{SuspendAnnotation: "true"} })),
			[]string{"Unknown Suspended"},
		},
		"competence, the record was corrected": {
			with(entered(isms.RegisterCompetence, competence(isms.CompetenceEntry{AcquiredOn: "2026-01-01", AttestationRef: course})),
				attested("course", "Course", "2026-01-01"), attested("other", "Course", "2026-01-02", superseding("course"))), []string{"False Superseded"},
		},
		"competence, attested in another scope": {
			with(entered(isms.RegisterCompetence, competence(isms.CompetenceEntry{AcquiredOn: "2026-01-01", AttestationRef: course})),
				attested("course", "Course", "2026-01-01", func(a *isms.Attestation) { a.Spec.ScopeRef.Name = "other" })), []string{"Unknown ReferenceNotFound"},
		},

		"change, not approved":         {entered(isms.RegisterChange, change("", "2026-12-01", "")), []string{"False NotApproved"}},
		"change, approved tomorrow":    {entered(isms.RegisterChange, change("2026-11-22", "2026-12-01", "")), []string{"False DateInFuture"}},
		"change, approved":             {entered(isms.RegisterChange, change("2026-11-20", "2026-11-21", "")), []string{"True ChangeControlled"}},
		"change, late":                 {entered(isms.RegisterChange, change("2026-11-20", "2026-11-20", "")), []string{"False Overdue"}},
		"change, done tomorrow":        {entered(isms.RegisterChange, change("2026-11-19", "2026-11-20", "2026-11-22")), []string{"False Overdue"}},
		"change, done":                 {entered(isms.RegisterChange, change("2026-11-19", "2026-11-20", "2026-11-21")), []string{"True ChangeControlled"}},
		"change, with unwanted effect": {entered(isms.RegisterChange, change("2026-11-01", "2026-11-02", "2026-11-03"), effect("2026-11-20", isms.ActionNotEffective)), []string{"False NotEffective"}},
		"change, with its effect":      {entered(isms.RegisterChange, change("2026-11-01", "2026-11-02", "2026-11-03"), effect("2026-11-20", isms.ActionEffective)), []string{"True ChangeControlled"}},
		"change, effect of tomorrow":   {entered(isms.RegisterChange, change("2026-11-01", "2026-11-02", "2026-11-03"), effect("2026-11-22", isms.ActionNotEffective)), []string{"True ChangeControlled"}},
	} {
		list := assessEntry(t, tc.in).Status.Conditions
		var got []string
		for _, c := range EntryConditions(tc.in.Entry.Spec.Register)[2:] {
			got = append(got, state(list, c))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func with(in RegisterEntryInput, attestations ...isms.Attestation) RegisterEntryInput {
	in.Attestations = attestations
	return in
}

func TestReferencesOfAnEntry(t *testing.T) {
	everything := func() RegisterEntryInput {
		in := entered(isms.RegisterIncident, incident(isms.IncidentEntry{FindingRef: &isms.LocalRef{Name: "nc-01"}}), func(s *isms.RegisterEntrySpec) {
			s.Controls, s.Risks = []isms.ControlID{"A.8.22"}, []isms.ObjectName{"r"}
		})
		in.Controls, in.Findings = []isms.Control{*control().Control}, []isms.Finding{nc01("acme")}
		in.Risks = []isms.Risk{{ObjectMeta: metav1.ObjectMeta{Name: "r"}, Spec: isms.RiskSpec{ScopeRef: isms.LocalRef{Name: "acme"}}}}
		return in
	}
	for name, tc := range map[string]struct {
		change func(*RegisterEntryInput)
		want   string
	}{
		"all there":               {func(*RegisterEntryInput) {}, "True ReferencesResolved: "},
		"no control":              {func(in *RegisterEntryInput) { in.Controls = nil }, "False ReferenceNotFound: Not in this scope: Control A.8.22."},
		"no risk":                 {func(in *RegisterEntryInput) { in.Risks = nil }, "False ReferenceNotFound: Not in this scope: Risk r."},
		"a risk of another scope": {func(in *RegisterEntryInput) { in.Risks[0].Spec.ScopeRef.Name = "other" }, "False ReferenceNotFound: Not in this scope: Risk r."},
		"no finding":              {func(in *RegisterEntryInput) { in.Findings = nil }, "False ReferenceNotFound: Not in this scope: Finding nc-01."},
		"no finding of an evaluation": {func(in *RegisterEntryInput) {
			*in = entered(isms.RegisterLegalRequirement, evaluated("2026-11-01", isms.NotCompliant))
			in.Entry.Spec.LegalRequirement.Evaluation.FindingRef = &isms.LocalRef{Name: "nc-02"}
		}, "False ReferenceNotFound: Not in this scope: Finding nc-02."},
		"no attestation": {func(in *RegisterEntryInput) {
			*in = entered(isms.RegisterCompetence, competence(isms.CompetenceEntry{AttestationRef: &isms.LocalRef{Name: "course"}}))
		}, "False ReferenceNotFound: Not in this scope: Attestation course."},
		"names nothing": {func(in *RegisterEntryInput) { *in = entered(isms.RegisterAsset, asset(isms.AssetEntry{})) }, "Unknown NothingDeclared: Nothing else is named."},
	} {
		in := everything()
		tc.change(&in)
		c := conditions.Get(assessEntry(t, in).Status.Conditions, isms.ConditionReferencesResolved)
		if got := string(c.Status) + " " + c.Reason + ": " + c.Message; got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

func TestObstructedEntry(t *testing.T) {
	for want, edit := range map[string]func(*RegisterEntryInput){
		"Unknown ScopeNotFound": func(in *RegisterEntryInput) { in.Scope = nil },
		"Unknown Suspended":     func(in *RegisterEntryInput) { in.Entry.Annotations = map[string]string{SuspendAnnotation: "true"} },
	} {
		for _, register := range registers {
			in := entered(register)
			edit(&in)
			out := assessEntry(t, in)
			for _, c := range EntryConditions(register) {
				if got := state(out.Status.Conditions, c); got != want {
					t.Errorf("%s, %s: got %s, want %s", register, c, got, want)
				}
			}
			if !out.RequeueAt.IsZero() || out.Status.ReviewDueOn != "" {
				t.Errorf("%s: looks again at %s, review due on %q", register, out.RequeueAt, out.Status.ReviewDueOn)
			}
		}
	}
}

var registers = []isms.Register{
	isms.RegisterAsset, isms.RegisterSupplier, isms.RegisterLegalRequirement, isms.RegisterIncident, isms.RegisterCompetence, isms.RegisterChange,
}

func TestEachRegisterHasADemand(t *testing.T) {
	for _, register := range registers {
		if list := EntryConditions(register); len(list) < 3 || len(slices.Compact(slices.Sorted(slices.Values(list)))) != len(list) {
			t.Errorf("%s: conditions %v", register, list)
		}
	}
}

// TestEntryChangesOnlyWhenItSays: until the moment that an outcome names, no other outcome is possible.
func TestEntryChangesOnlyWhenItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		date := func(label string) isms.Date { return dates.Draw(t, label) }
		in := entered(rapid.SampledFrom(registers).Draw(t, "register"),
			func(s *isms.RegisterEntrySpec) {
				s.ReviewedOn, s.ReviewIntervalDays = date("reviewed"), rapid.Int32Range(0, 60).Draw(t, "interval")
			},
			supplier(isms.SupplierEntry{AssuranceExpiresOn: date("assurance")}), evaluated(date("evaluated"), isms.Compliant),
			incident(isms.IncidentEntry{DueDate: date("due"), ResolvedOn: date("resolved")}),
			competence(isms.CompetenceEntry{AcquiredOn: date("acquired"), ExpiresOn: date("expires"), AttestationRef: &isms.LocalRef{Name: "course"}}),
			change(date("approved"), date("planned"), date("completed")), effect(date("effect"), isms.ActionNotEffective))
		in.Attestations = []isms.Attestation{attested("course", "Course", date("performed"))}
		unchangedUntil(t, func(at time.Time) (any, time.Time) {
			in.Now = at
			out := RegisterEntry(in)
			return out.Status, out.RequeueAt
		})
	})
}
