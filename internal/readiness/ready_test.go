// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// smith audits and owns nothing.
var smith = isms.Person{Name: "A. Smith", Email: "a.smith@example.com"}

// readyInput is the smallest set of facts with which every type of audit can be taken, except that two of them exclude
// each other in one cycle: a certificate is in force, and Stage 1 was passed. The operating period is advisory.
func readyInput() CycleInput {
	in := CycleInput{Cycle: readyCycle(), Scope: acme(), Now: now}
	for _, c := range []string{"A.5.1", "A.8.22"} {
		in.Controls = append(in.Controls, control(c, func(c *isms.Control) { c.Spec.Owner = roe }))
	}
	for _, t := range []string{"InternalAuditProgramme", "InternalAuditResults", "ManagementReviewResults"} {
		in.Documents = append(in.Documents, document(t, "2026-06-01"))
	}
	law := document("LegalEvaluation", "2026-06-01")
	law.Name = "legal"
	in.Documents = append(in.Documents, law)
	in.Entries = []isms.RegisterEntry{incident("phishing", "2026-05-04", metav1.ConditionTrue, isms.ReasonResolved)}
	in.Scope.Status.Conditions = holding(in.Scope.Generation, scopeConditions...)
	in.Scope.Status.ObservedGeneration = in.Scope.Generation
	in.Scope.Status.Requirements = []isms.RequirementStatus{
		{ID: requirementTreatment, Status: isms.RequirementEvidenced, Basis: isms.BasisComputed},
		{ID: requirementImproving, Status: isms.RequirementEvidenced, Basis: isms.BasisRecorded},
		{ID: "4.1", Status: isms.RequirementEvidenced, Basis: isms.BasisDeclared},
		{ID: requirementTelling, Status: isms.RequirementEvidenced, Basis: isms.BasisDeclared},
	}
	return in
}

// incident is one that was resolved on a day; on none, it is open. The operator has said of it what is given.
func incident(name string, resolvedOn isms.Date, status metav1.ConditionStatus, reason string) isms.RegisterEntry {
	e := isms.RegisterEntry{}
	e.Name, e.Generation = name, 1
	e.Spec = isms.RegisterEntrySpec{
		ScopeRef: inAcme, Register: isms.RegisterIncident, Incident: &isms.IncidentEntry{DetectedOn: "2026-05-02", ResolvedOn: resolvedOn},
	}
	e.Status.Conditions = []metav1.Condition{{Type: isms.ConditionResolved, Status: status, Reason: reason, ObservedGeneration: 1}}
	return e
}

func readyCycle() *isms.AuditCycle {
	return cycle(func(c *isms.AuditCycle) {
		c.Spec.Gates = []isms.Gate{{Name: isms.ConditionOperatingPeriodMet, Enforcement: isms.EnforcementAdvisory, Rationale: "Agreed."}}
		c.Spec.CertificationBody = &isms.CertificationBody{
			Name: "Example Cert", EngagedOn: "2025-07-01",
			Accreditation: &isms.Accreditation{Body: "DAkkS", Number: "D-ZM-0000", CheckedOn: "2025-06-20"},
		}
		c.Spec.InternalAudits = []isms.InternalAudit{{
			Name: "ia-1", PlannedOn: "2026-09-01", PerformedOn: "2026-09-03", Criteria: []isms.ShortText{"ISO27001-2022"},
			Auditors: []isms.Auditor{{Person: smith, Organization: "Internal Audit"}}, Clauses: []isms.ClauseID{"4", "5", "6", "7", "8", "9", "10"},
			ControlCoverage: isms.CoverageAll, Findings: isms.FindingsNone, ReportedTo: &doe, ReportedOn: "2026-09-10",
			ReportRef: &isms.LocalRef{Name: "d-InternalAuditResults"},
		}}
		c.Spec.ManagementReviews = []isms.ManagementReview{{
			Name: "mr-1", PlannedOn: "2026-09-20", PerformedOn: "2026-09-21", Chair: &doe, Inputs: slices.Clone(inputs),
			Decisions:  []isms.ReviewDecision{{Kind: isms.DecisionKindImprovement, Text: "Keys."}},
			MinutesRef: &isms.LocalRef{Name: "d-ManagementReviewResults"},
		}}
		c.Spec.Audits = []isms.Audit{
			{Name: "stage-1", Type: isms.AuditStage1, PlannedOn: "2025-10-12", LastDayOn: "2025-10-13", Outcome: isms.OutcomeReadyForStage2},
			{Name: "surveillance-1", Type: isms.AuditSurveillance, PlannedOn: "2027-01-11"},
		}
		c.Spec.Certificate = granted("2026-02-10", "2029-02-09")
		c.Spec.Maintenance = &isms.Maintenance{
			UseOfMarks:      &isms.UseOfMarks{ReviewedOn: "2026-06-01", Outcome: "Fine."},
			LegalCompliance: &isms.LegalCompliance{EvaluatedOn: "2026-06-01", Ref: isms.LocalRef{Name: "legal"}},
		}
	})
}

// judged are the conditions that a loss can close: the gates that the cycle judges itself, and all readiness.
var judged = []string{
	isms.ConditionControlsImplemented, isms.ConditionControlsSatisfied, isms.ConditionInternalAuditComplete,
	isms.ConditionManagementReviewComplete, isms.ConditionCertificationBodyEngaged, isms.ConditionNoOpenMajorFindings,
	isms.ConditionCorrectiveActionsOnTime, isms.ConditionStage1Ready, isms.ConditionStage2Ready, isms.ConditionSurveillanceReady,
	isms.ConditionRecertificationReady, isms.ConditionAuditReady,
}

// closed are the conditions of a list that are not True.
func closed(status isms.AuditCycleStatus, types []string) []string {
	var names []string
	for _, t := range types {
		if !conditions.IsTrue(status.Conditions, t) {
			names = append(names, t)
		}
	}
	return names
}

const (
	stage1, stage2, surveillance, recertified, next = isms.ConditionStage1Ready, isms.ConditionStage2Ready,
		isms.ConditionSurveillanceReady, isms.ConditionRecertificationReady, isms.ConditionAuditReady
)

// TestTheSmallestFactsOpenEveryGate, and say that this is no judgement.
func TestTheSmallestFactsOpenEveryGate(t *testing.T) {
	out := assessCycle(t, readyInput())
	for _, name := range closed(out.Status, judged) {
		t.Errorf("%s is %s: %s", name, state(out.Status.Conditions, name), message(out.Status.Conditions, name))
	}
	want := "No blocker is known to the operator. Of 4 clause requirements 2 rest on declarations."
	if got := message(out.Status.Conditions, next); got != want {
		t.Errorf("AuditReady says %q, want %q", got, want)
	}
	if diff := cmp.Diff(&isms.CycleFindings{}, out.Status.Findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// operated are the kinds of audit that look at operation; AuditReady is about the one that is next, a surveillance.
var operated = []string{stage2, surveillance, recertified, next}

// losses are single facts that are removed, or single troubles that are added, each with what it closes.
func losses() map[string]struct {
	change func(*CycleInput)
	closes []string
} {
	type loss = struct {
		change func(*CycleInput)
		closes []string
	}
	spec := func(change func(*isms.AuditCycleSpec), closes ...string) loss {
		return loss{func(in *CycleInput) { change(&in.Cycle.Spec) }, closes}
	}
	audit := func(change func(*isms.InternalAudit), more ...string) loss {
		return spec(func(s *isms.AuditCycleSpec) { change(&s.InternalAudits[0]) },
			slices.Concat([]string{isms.ConditionInternalAuditComplete}, more, operated)...)
	}
	review := func(change func(*isms.ManagementReview), more ...string) loss {
		return spec(func(s *isms.AuditCycleSpec) { change(&s.ManagementReviews[0]) },
			slices.Concat([]string{isms.ConditionManagementReviewComplete}, more, operated)...)
	}
	body := func(change func(*isms.AuditCycleSpec)) loss {
		return spec(change, append([]string{isms.ConditionCertificationBodyEngaged, stage1}, operated...)...)
	}
	found := func(f isms.Finding, closes ...string) loss {
		return loss{func(in *CycleInput) { in.Findings = append(in.Findings, f) }, append(closes, operated...)}
	}
	held := func(change func(*isms.AuditCycleSpec)) loss { return spec(change, surveillance, recertified, next) }
	onTimeSays := func(status metav1.ConditionStatus, reason string) isms.Finding {
		f := raised("nc-1", "s1", isms.SeverityMinor, "2026-11-01")
		f.Status.Conditions = []metav1.Condition{{Type: isms.ConditionCorrectiveActionOnTime, Status: status, Reason: reason, ObservedGeneration: 1}}
		return f
	}
	reviewed := isms.ConditionManagementReviewComplete
	return map[string]loss{
		"no certification body": body(func(s *isms.AuditCycleSpec) { s.CertificationBody = nil }),
		"not engaged":           body(func(s *isms.AuditCycleSpec) { s.CertificationBody.EngagedOn = "" }),
		"engaged tomorrow":      body(func(s *isms.AuditCycleSpec) { s.CertificationBody.EngagedOn = "2026-11-22" }),
		"not accredited":        body(func(s *isms.AuditCycleSpec) { s.CertificationBody.Accreditation = nil }),
		"to be looked up":       body(func(s *isms.AuditCycleSpec) { s.CertificationBody.Accreditation.CheckedOn = "2026-11-22" }),
		"the body helps": body(func(s *isms.AuditCycleSpec) {
			s.PreparationPartners = []isms.PreparationPartner{{Name: "example  CERT", Role: "Training"}}
		}),
		"the body helped lately": body(func(s *isms.AuditCycleSpec) {
			s.PreparationPartners = []isms.PreparationPartner{{Name: "Example Cert", Role: "Training", EndedOn: "2023-07-02"}}
		}),
		"the body audits":         body(func(s *isms.AuditCycleSpec) { s.InternalAudits[0].Auditors[0].Organization = "Example Cert" }),
		"no audit":                spec(func(s *isms.AuditCycleSpec) { s.InternalAudits = nil }, slices.Concat([]string{isms.ConditionInternalAuditComplete, reviewed, stage1}, operated)...),
		"an audit of tomorrow":    audit(func(a *isms.InternalAudit) { a.PerformedOn, a.PlannedOn = "2026-11-22", "2026-11-22" }, reviewed),
		"an audit of last year":   audit(func(a *isms.InternalAudit) { a.PerformedOn = "2025-11-01" }),
		"a clause is not audited": audit(func(a *isms.InternalAudit) { a.Clauses = a.Clauses[1:] }, reviewed),
		"a control is not audited": audit(func(a *isms.InternalAudit) {
			a.ControlCoverage, a.Controls = isms.CoverageListed, []isms.ControlID{"A.8.22"}
		}, reviewed),
		"the owner audits":     audit(func(a *isms.InternalAudit) { a.Auditors[0].Person = roe }),
		"somebody audits":      audit(func(a *isms.InternalAudit) { a.Auditors[0].Person = isms.Person{Name: "A. Smith"} }),
		"no criteria":          audit(func(a *isms.InternalAudit) { a.Criteria = nil }),
		"results not recorded": audit(func(a *isms.InternalAudit) { a.Findings = "" }),
		"no finding named":     audit(func(a *isms.InternalAudit) { a.Findings = isms.FindingsRefs }),
		"not reported":         audit(func(a *isms.InternalAudit) { a.ReportedOn = "" }),
		"no report":            audit(func(a *isms.InternalAudit) { a.ReportRef.Name = "lost" }),
		"no review": spec(func(s *isms.AuditCycleSpec) { s.ManagementReviews = nil },
			slices.Concat([]string{reviewed, stage1}, operated)...),
		"a review before the audit": review(func(r *isms.ManagementReview) { r.PerformedOn = "2026-09-02" }),
		"a review of last year":     review(func(r *isms.ManagementReview) { r.PerformedOn = "2025-11-01" }),
		"an input is missing":       review(func(r *isms.ManagementReview) { r.Inputs = r.Inputs[1:] }),
		"no decision":               review(func(r *isms.ManagementReview) { r.Decisions = nil }),
		"no minutes":                review(func(r *isms.ManagementReview) { r.MinutesRef = nil }),
		"no chair":                  review(func(r *isms.ManagementReview) { r.Chair = nil }),
		"a decision is overdue":     review(func(r *isms.ManagementReview) { r.Decisions[0].DueDate = "2026-11-20" }),
		"an open Major": found(func() isms.Finding {
			f := onTimeSays(metav1.ConditionTrue, isms.ReasonCorrectiveActionOnTime)
			f.Spec.Severity = isms.SeverityMajor
			return f
		}(), isms.ConditionNoOpenMajorFindings),
		"a Major graded down by somebody": found(func() isms.Finding {
			f := onTimeSays(metav1.ConditionTrue, isms.ReasonCorrectiveActionOnTime)
			f.Spec.Regrading = []isms.Regrading{{From: isms.SeverityMajor, To: isms.SeverityMinor, RegradedOn: "2026-11-10"}}
			return f
		}(), isms.ConditionNoOpenMajorFindings),
		"an overdue action":        found(onTimeSays(metav1.ConditionFalse, isms.ReasonOverdue), isms.ConditionCorrectiveActionsOnTime),
		"an action without a plan": found(onTimeSays(metav1.ConditionUnknown, isms.ReasonMissing), isms.ConditionCorrectiveActionsOnTime),
		"a finding not assessed":   found(raised("nc-1", "s1", isms.SeverityMinor, "2026-11-01"), isms.ConditionCorrectiveActionsOnTime),
		"an open area of concern": {func(in *CycleInput) {
			in.Findings = []isms.Finding{raised("aoc-1", "stage-1", isms.SeverityAreaOfConcern, "2025-10-13")}
		}, []string{stage2}},
		"no Stage 1":               spec(func(s *isms.AuditCycleSpec) { s.Audits = s.Audits[1:] }, stage2),
		"Stage 1 failed":           spec(func(s *isms.AuditCycleSpec) { s.Audits[0].Outcome = isms.OutcomeNotReadyForStage2 }, stage2),
		"required period":          spec(func(s *isms.AuditCycleSpec) { s.Gates = nil }, stage2),
		"a lost report of Stage 1": spec(func(s *isms.AuditCycleSpec) { s.Audits[0].ReportRef = &isms.LocalRef{Name: "lost"} }, stage2, recertified),
		"withdrawn":                spec(func(s *isms.AuditCycleSpec) { s.Certificate.Events[0].Type = isms.CertificateWithdrawn }, surveillance, recertified, next),
		"marks not reviewed":       held(func(s *isms.AuditCycleSpec) { s.Maintenance.UseOfMarks = nil }),
		"marks long ago":           held(func(s *isms.AuditCycleSpec) { s.Maintenance.UseOfMarks.ReviewedOn = "2025-11-20" }),
		"law not evaluated":        held(func(s *isms.AuditCycleSpec) { s.Maintenance.LegalCompliance = nil }),
		"law to be evaluated":      held(func(s *isms.AuditCycleSpec) { s.Maintenance.LegalCompliance.EvaluatedOn = "2026-11-22" }),
		"an old complaint":         held(func(s *isms.AuditCycleSpec) { s.Maintenance.Complaints = []isms.Complaint{{ReceivedOn: "2026-10-21"}} }),
		"a change nobody told of": held(func(s *isms.AuditCycleSpec) {
			s.Maintenance.Changes = []isms.NotifiedChange{{Kind: "Sites", ChangedOn: "2026-11-20"}}
		}),
		"a missed surveillance": spec(func(s *isms.AuditCycleSpec) { s.Certificate = granted("2025-11-01", "2028-10-31") },
			recertified),
		"marks reviewed before the scope was reduced": held(func(s *isms.AuditCycleSpec) {
			s.Certificate.Events = append(s.Certificate.Events, isms.CertificateEvent{Type: isms.CertificateScopeReduced, DecidedOn: "2026-06-02"})
		}),
		"an evaluation that is not kept":      held(func(s *isms.AuditCycleSpec) { s.Maintenance.LegalCompliance.Ref.Name = "lost" }),
		"nothing shows how incidents are met": {func(in *CycleInput) { in.Entries = nil }, []string{surveillance, recertified, next}},
		"an overdue incident": {func(in *CycleInput) {
			in.Entries = append(in.Entries, incident("leak", "", metav1.ConditionFalse, isms.ReasonOverdue))
		}, []string{surveillance, recertified, next}},
		"no plan of communication": {func(in *CycleInput) { in.Scope.Status.Requirements[3].Status = isms.RequirementNotEvidenced }, []string{surveillance, recertified, next}},
		"a programme that is lost": spec(func(s *isms.AuditCycleSpec) { s.AuditProgrammeRef = &isms.LocalRef{Name: "lost"} },
			append([]string{isms.ConditionInternalAuditComplete}, operated...)...),
		"a competence that is lost": audit(func(a *isms.InternalAudit) { a.Auditors[0].CompetenceRef = &isms.LocalRef{Name: "lost"} }),
		"a transfer without a review": body(func(s *isms.AuditCycleSpec) {
			s.Transfer = &isms.Transfer{FromBody: "Other Cert"}
		}),
		"no improvement": {func(in *CycleInput) { in.Scope.Status.Requirements[1].Status = isms.RequirementUnknown }, []string{surveillance, recertified, next}},
		"no treatment":   {func(in *CycleInput) { in.Scope.Status.Requirements[0].Status = isms.RequirementNotEvidenced }, []string{stage1}},
		"a scope not assessed as it stands": {
			func(in *CycleInput) { in.Scope.Status.ObservedGeneration-- },
			[]string{stage1, surveillance, recertified, next},
		},
		"a control fails": {func(in *CycleInput) {
			satisfied(metav1.ConditionFalse, isms.ReasonObjectsFailed, 8*24*time.Hour)(&in.Controls[0])
		}, append([]string{isms.ConditionControlsSatisfied}, operated...)},
		"a control is not implemented": {
			func(in *CycleInput) { notImplemented(&in.Controls[0]) },
			append([]string{isms.ConditionControlsImplemented, isms.ConditionControlsSatisfied}, operated...),
		},
		"no programme": {
			func(in *CycleInput) { in.Documents = in.Documents[1:] },
			append([]string{isms.ConditionInternalAuditComplete}, operated...),
		},
	}
}

// TestEachLossClosesWhatNeedsIt: a single removal closes exactly the gates that need it.
func TestEachLossClosesWhatNeedsIt(t *testing.T) {
	for name, loss := range losses() {
		in := readyInput()
		loss.change(&in)
		got, want := closed(assessCycle(t, in).Status, judged), slices.Clone(loss.closes)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s closes (-want +got):\n%s", name, diff)
		}
	}
}

// TestEachGateOfTheScopeIsNeeded: False and Unknown close the types of audit that ask for it, and no others.
func TestEachGateOfTheScopeIsNeeded(t *testing.T) {
	for _, gate := range scopeConditions {
		want := slices.Clone(operated)
		if slices.Contains(documented, gate) {
			want = append(want, stage1)
		}
		for _, status := range []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown} {
			in := readyInput()
			told := conditions.Get(in.Scope.Status.Conditions, gate)
			told.Status, told.Message = status, "Something is missing."
			got := closed(assessCycle(t, in).Status, judged)
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s closes (-want +got):\n%s", gate, status, diff)
			}
			if answer := state(assessCycle(t, in).Status.Conditions, stage2); !strings.HasPrefix(answer, string(status)) {
				t.Errorf("%s is %s, but Stage2Ready %s", gate, status, answer)
			}
		}
	}
}

// TestOnlyPracticeIsAdvisory: of what a standard requires nothing is relaxed, whatever the spec says.
func TestOnlyPracticeIsAdvisory(t *testing.T) {
	for _, gate := range scopeConditions {
		in := readyInput()
		told := conditions.Get(in.Scope.Status.Conditions, gate)
		told.Status, told.Message = metav1.ConditionFalse, "Something is missing."
		in.Cycle.Spec.Gates = append(in.Cycle.Spec.Gates, isms.Gate{Name: isms.GateName(gate), Enforcement: isms.EnforcementAdvisory})
		ready := conditions.IsTrue(assessCycle(t, in).Status.Conditions, stage2)
		if want := gate == isms.ConditionGapsAddressed; ready != want {
			t.Errorf("advisory %s: ready is %t", gate, ready)
		}
	}
}

// TestAuditReadyIsAboutTheNextAudit in the order in which audits come.
func TestAuditReadyIsAboutTheNextAudit(t *testing.T) {
	for auditType, want := range map[isms.AuditType]string{
		isms.AuditStage1: stage1, isms.AuditStage2: stage2, isms.AuditSurveillance: surveillance, isms.AuditRecertification: recertified,
		isms.AuditShortNotice: surveillance, isms.AuditFollowUp: surveillance, isms.AuditScopeExtension: surveillance,
	} {
		in := readyInput()
		in.Cycle.Spec.Audits[1].Type, in.Cycle.Spec.Audits[1].PlannedOn = auditType, "2026-12-01"
		c := newCycleAssessment(in)
		answers := map[string]conditions.Summary{}
		for _, r := range readinesses {
			answers[r.condition] = yes(r.condition, "")
		}
		if got := c.auditReady(answers).Reason; got != want {
			t.Errorf("%s is next: AuditReady is %s, want %s", auditType, got, want)
		}
	}
	in := readyInput()
	in.Cycle.Spec.Certificate.Events = append(in.Cycle.Spec.Certificate.Events, isms.CertificateEvent{Type: isms.CertificateWithdrawn, DecidedOn: "2026-11-01"})
	in.Cycle.Spec.Audits = nil
	if got := state(assessCycle(t, in).Status.Conditions, next); got != "Unknown NothingDeclared" {
		t.Errorf("nothing is ahead: AuditReady is %s", got)
	}
}

// TestStage1NeedsOnlyDates: audit and review may still be ahead, if they are planned before Stage 2.
func TestStage1NeedsOnlyDates(t *testing.T) {
	for name, tc := range map[string]struct {
		audit, review isms.Date
		want          bool
	}{
		"before Stage 2": {"2026-12-01", "2026-12-10", true},
		"audit too late": {"2027-01-18", "2026-12-10", false}, "review too late": {"2026-12-01", "2027-01-18", false},
		"audit overdue": {"2026-11-20", "2026-12-10", false}, "audit today": {"2026-11-21", "2026-12-10", true},
	} {
		in := readyInput()
		s := &in.Cycle.Spec
		s.Certificate = nil
		s.Audits = []isms.Audit{
			{Name: "stage-1", Type: isms.AuditStage1, PlannedOn: "2026-12-01"}, {Name: "stage-2", Type: isms.AuditStage2, PlannedOn: "2027-01-18"},
		}
		s.InternalAudits = []isms.InternalAudit{{Name: "ia-1", PlannedOn: tc.audit}}
		s.ManagementReviews = []isms.ManagementReview{{Name: "mr-1", PlannedOn: tc.review}}
		list := assessCycle(t, in).Status.Conditions
		if got := conditions.IsTrue(list, stage1); got != tc.want || conditions.IsTrue(list, next) != got {
			t.Errorf("%s: ready is %t (%s)", name, got, message(list, stage1))
		}
	}
}

// TestReadinessProperties: trouble opens nothing, and neither does time while no record lies ahead.
func TestReadinessProperties(t *testing.T) {
	all := losses()
	names := slices.Sorted(maps.Keys(all))
	names = slices.DeleteFunc(names, func(n string) bool {
		return strings.Contains(n, "tomorrow") || strings.HasPrefix(n, "to be") || strings.HasPrefix(n, "law to be")
	})
	rapid.Check(t, func(t *rapid.T) {
		in := readyInput()
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 3, rapid.ID).Draw(t, "losses") {
			func() {
				defer func() { _ = recover() }() // one loss may have taken what another would change
				all[name].change(&in)
			}()
		}
		before := closed(Cycle(in).Status, judged)
		later := in
		later.Now = in.Now.AddDate(0, 0, rapid.IntRange(1, 1200).Draw(t, "days"))
		worse := in
		worse.Findings = append(slices.Clone(in.Findings), raised("another", "s1", isms.SeverityMajor, "2026-11-10"))
		for what, changed := range map[string]CycleInput{"time": later, "a Major": worse} {
			after := closed(Cycle(changed).Status, judged)
			for _, gate := range before {
				if gate != next && !slices.Contains(after, gate) {
					t.Fatalf("%s opened %s", what, gate)
				}
			}
		}
	})
}

// TestFindingsAreCounted by severity; what is closed is not counted.
func TestFindingsAreCounted(t *testing.T) {
	in := readyInput()
	for i, severity := range []isms.Severity{
		isms.SeverityMajor, isms.SeverityMinor, isms.SeverityMinor, isms.SeverityObservation, isms.SeverityAreaOfConcern, isms.SeverityMinor,
	} {
		f := raised(string(rune('a'+i)), "s1", severity, "2026-11-01")
		in.Findings = append(in.Findings, f)
	}
	in.Findings[5].Spec.CertificationBody = &isms.BodyVerification{VerifiedOn: "2026-11-20"}
	in.Findings[1].Status.Conditions = []metav1.Condition{{
		Type: isms.ConditionCorrectiveActionOnTime, Status: metav1.ConditionFalse, Reason: isms.ReasonOverdue, ObservedGeneration: 1,
	}}
	in.Findings[0].Spec.ScopeRef.Name = "other"
	want := &isms.CycleFindings{OpenMajor: 0, OpenMinor: 2, OpenOther: 2, Overdue: 1}
	if diff := cmp.Diff(want, Cycle(in).Status.Findings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNoGateOpensOnUnknown: whatever the operator does not know of controls, findings and the scope, no readiness is True that
// asks for it.
func TestNoGateOpensOnUnknown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := readyInput()
		gate := rapid.SampledFrom(append([]string{"a control", "a finding", "a requirement", "operation"}, scopeConditions...)).Draw(t, "unknown")
		asks := operated
		switch gate {
		case "a control":
			in.Controls[0].Status.Conditions[0].Status = metav1.ConditionUnknown
			in.Findings = append(in.Findings, handledMinor())
		case "a finding":
			in.Findings = append(in.Findings, raised("nc-1", "s1", isms.SeverityMinor, "2026-11-01"))
		case "a requirement":
			in.Scope.Status.Requirements[1].Status, asks = isms.RequirementUnknown, []string{surveillance, recertified, next}
		case "operation":
			in.Cycle.Spec.Gates, asks = nil, []string{stage2}
		default:
			conditions.Get(in.Scope.Status.Conditions, gate).Status = metav1.ConditionUnknown
		}
		for _, name := range asks {
			if got := state(Cycle(in).Status.Conditions, name); !strings.HasPrefix(got, "Unknown") {
				t.Fatalf("%s is Unknown, and %s is %s", gate, name, got)
			}
		}
	})
}
