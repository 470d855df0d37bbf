// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// found is the input for a Minor of the internal audit ia-1, raised 51 days before now, with nothing done about it yet.
// The cycle has two internal audits and three of the certification body, of which the first of each has taken place.
func found(changes ...func(*FindingInput)) FindingInput {
	in := FindingInput{
		Finding: &isms.Finding{
			ObjectMeta: metav1.ObjectMeta{Name: "f", Generation: 2},
			Spec: isms.FindingSpec{
				ScopeRef: isms.LocalRef{Name: "acme"}, Severity: isms.SeverityMinor, Source: isms.FindingFromInternalAudit,
				AuditRef: &isms.AuditRef{Cycle: "c", Audit: "ia-1"}, Requirement: "A.8.13", RaisedOn: "2026-10-01",
			},
		},
		Scope: acme(),
		Cycle: &isms.AuditCycle{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Spec: isms.AuditCycleSpec{
			ScopeRef:       isms.LocalRef{Name: "acme"},
			InternalAudits: []isms.InternalAudit{{Name: "ia-1", PerformedOn: "2026-09-30"}, {Name: "ia-2", PlannedOn: "2027-09-01"}},
			Audits: []isms.Audit{
				{Name: "s1", Type: isms.AuditStage1, LastDayOn: "2026-10-01"},
				{Name: "s2", Type: isms.AuditStage2, PlannedOn: "2026-12-01"},
				{Name: "sv", Type: isms.AuditSurveillance, PlannedOn: "2027-12-01"},
			},
		}},
		Now: now,
	}
	for _, change := range changes {
		change(&in)
	}
	return in
}

type edit = func(*FindingInput)

func severity(s isms.Severity) edit { return func(in *FindingInput) { in.Finding.Spec.Severity = s } }

// regraded gives another severity from a day on.
func regraded(to isms.Severity, on isms.Date) func(*isms.FindingSpec) {
	return func(s *isms.FindingSpec) {
		s.Regrading = append(s.Regrading, isms.Regrading{From: s.Severity, To: to, RegradedOn: on, By: roe, Reason: "Because."})
		s.Severity = to
	}
}

func raised(on isms.Date) edit { return func(in *FindingInput) { in.Finding.Spec.RaisedOn = on } }

// raisedBody makes it a finding of the certification body's audit.
func raisedBody(audit isms.ItemName) edit {
	return func(in *FindingInput) {
		in.Finding.Spec.Source, in.Finding.Spec.AuditRef.Audit = isms.FindingFromCertificationBody, audit
	}
}

func body(accepted, verified isms.Date) edit {
	return func(in *FindingInput) {
		in.Finding.Spec.CertificationBody = &isms.BodyVerification{PlanAcceptedOn: accepted, VerifiedOn: verified}
	}
}

// plan states the whole answer, with an action that is due on a day.
func plan(due isms.Date) edit {
	return func(in *FindingInput) {
		s := &in.Finding.Spec
		s.Correction, s.RootCause, s.SimilarCasesReviewed = "Mended.", "Nobody knew.", "Two more."
		s.CorrectiveAction = &isms.CorrectiveAction{Description: "Alarm.", Owner: platform, DueDate: due}
	}
}

func done(on isms.Date) edit {
	return func(in *FindingInput) {
		in.Finding.Spec.CorrectiveAction.CompletedOn, in.Finding.Spec.CorrectiveAction.PerformedBy = on, &platform
	}
}

func reviewed(on isms.Date, by isms.Person, outcome isms.EffectivenessOutcome) edit {
	return func(in *FindingInput) {
		in.Finding.Spec.EffectivenessReview = &isms.EffectivenessReview{ReviewedOn: on, By: by, Outcome: outcome}
	}
}

func decided(outcome isms.FindingDecisionOutcome, on isms.Date) edit {
	return func(in *FindingInput) {
		in.Finding.Spec.Decision = &isms.FindingDecision{Outcome: outcome, DecidedOn: on, Reason: "Because.", By: roe}
	}
}

// other adds a finding of the scope.
func other(name string, on isms.Date, changes ...func(*isms.Finding)) edit {
	return func(in *FindingInput) {
		f := *in.Finding.DeepCopy()
		f.Name, f.Spec.RaisedOn = name, on
		for _, change := range changes {
			change(&f)
		}
		in.Others = append(in.Others, f)
	}
}

func spec(change func(*isms.FindingSpec)) edit {
	return func(in *FindingInput) { change(&in.Finding.Spec) }
}

func cycle(change func(*isms.AuditCycleSpec)) edit {
	return func(in *FindingInput) { change(&in.Cycle.Spec) }
}

func findingPractice(p isms.FindingPractice) edit {
	return func(in *FindingInput) { in.Scope.Spec.Practice = &isms.Practice{Findings: &p} }
}

// assessFinding runs the assessment and checks what must hold of every outcome.
func assessFinding(t *testing.T, in FindingInput) FindingOutcome {
	t.Helper()
	out := Finding(in)
	for _, problem := range conditions.Violations(out.Status.Conditions, in.Finding.Generation, FindingConditions...) {
		t.Errorf("conditions: %s", problem)
	}
	if closed := state(out.Status.Conditions, isms.ConditionClosed); in.Scope != nil && !Suspended(in.Finding) &&
		(closed == "True Closed") == FindingOpen(in.Finding, NewClock(in.Now)) {
		t.Errorf("Closed is %s, but FindingOpen says otherwise", closed)
	}
	return out
}

// TestFinding asks for the conditions that each case names, in the order of FindingConditions without Reference.
func TestFinding(t *testing.T) {
	const (
		none     = "Unknown NotRequired"
		planned  = "True CorrectiveActionPlanned"
		inTime   = "True CorrectiveActionOnTime"
		overdue  = "False Overdue"
		open     = "False Open"
		closed   = "True Closed"
		adequate = "True SeverityAdequate"
	)
	type want struct {
		planned, onTime, accepted, closed, adequate string
		due                                         isms.Date
	}
	for name, tc := range map[string]struct {
		changes []edit
		want    want
	}{
		// The plan.
		"nothing done, and the plan is overdue": {nil, want{overdue, overdue, none, open, adequate, "2026-10-31"}},
		"nothing done on the last day":          {[]edit{raised("2026-10-22")}, want{"False Missing", "Unknown Missing", none, open, adequate, "2026-11-21"}},
		"nothing done, a day of its own": {
			[]edit{spec(func(s *isms.FindingSpec) { s.ResponseDueOn = "2026-12-01" })}, want{"False Missing", "Unknown Missing", none, open, adequate, "2026-12-01"},
		},
		"declined as what it is graded to tomorrow": {
			[]edit{raised("2026-10-22"), spec(regraded(isms.SeverityObservation, "2026-11-22")), decided(isms.FindingDeclined, "2026-11-01")},
			want{"False Incomplete", "Unknown Missing", none, open, adequate, "2026-11-21"},
		},
		"graded up tomorrow, and down a day after": {
			[]edit{raised("2026-10-22"), spec(regraded(isms.SeverityMajor, "2026-11-22")), spec(regraded(isms.SeverityObservation, "2026-11-23"))},
			want{"False Missing", "Unknown Missing", none, open, adequate, "2026-11-21"},
		},
		"the scope allows 60 days": {[]edit{findingPractice(isms.FindingPractice{PlanDays: 60})}, want{"False Missing", "Unknown Missing", none, open, adequate, "2026-11-30"}},
		"corrected only":           {[]edit{raised("2026-11-01"), spec(func(s *isms.FindingSpec) { s.Correction = "Mended." })}, want{"False Incomplete", "Unknown Missing", none, open, adequate, "2026-12-01"}},
		"similar cases not looked at": {
			[]edit{raised("2026-11-01"), plan("2026-12-20"), spec(func(s *isms.FindingSpec) { s.SimilarCasesReviewed = "" })},
			want{"False Incomplete", inTime, none, open, adequate, "2026-12-01"},
		},
		// The action.
		"planned":                          {[]edit{plan("2026-11-21")}, want{planned, inTime, none, open, adequate, "2026-11-21"}},
		"not done in time":                 {[]edit{plan("2026-11-20")}, want{planned, overdue, none, open, adequate, "2026-11-20"}},
		"done":                             {[]edit{plan("2026-11-20"), done("2026-11-19")}, want{planned, inTime, none, open, adequate, ""}},
		"done late":                        {[]edit{plan("2026-11-18"), done("2026-11-20")}, want{planned, inTime, none, open, adequate, ""}},
		"done tomorrow":                    {[]edit{plan("2026-11-20"), done("2026-11-22")}, want{planned, overdue, none, open, adequate, "2026-11-20"}},
		"a major: planned":                 {[]edit{severity(isms.SeverityMajor), plan("2026-12-30")}, want{planned, inTime, none, open, adequate, "2026-12-30"}},
		"a major: planned too late":        {[]edit{severity(isms.SeverityMajor), plan("2026-12-31")}, want{"False DueTooLate", inTime, none, open, adequate, "2026-12-30"}},
		"a major: evidence overdue":        {[]edit{severity(isms.SeverityMajor), raised("2026-08-22"), plan("2026-12-01")}, want{"False DueTooLate", overdue, none, open, adequate, "2026-11-20"}},
		"a major: evidence done":           {[]edit{severity(isms.SeverityMajor), raised("2026-08-01"), plan("2026-12-01"), done("2026-11-20")}, want{planned, inTime, none, open, adequate, ""}},
		"a major: the scope allows longer": {[]edit{severity(isms.SeverityMajor), findingPractice(isms.FindingPractice{MajorEvidenceDays: 120}), plan("2027-01-29")}, want{planned, inTime, none, open, adequate, "2027-01-29"}},
		// The effect, verified by somebody else.
		"effective":                      {[]edit{plan("2026-11-20"), done("2026-11-01"), reviewed("2026-11-21", roe, isms.ActionEffective)}, want{planned, inTime, none, closed, adequate, ""}},
		"effective as of tomorrow":       {[]edit{plan("2026-11-20"), done("2026-11-01"), reviewed("2026-11-22", roe, isms.ActionEffective)}, want{planned, inTime, none, "False DateInFuture", adequate, ""}},
		"no effect":                      {[]edit{plan("2026-11-20"), done("2026-11-01"), reviewed("2026-11-20", roe, isms.ActionNotEffective)}, want{planned, "False NotEffective", none, "False NotEffective", adequate, ""}},
		"reviewed by the performer":      {[]edit{plan("2026-11-20"), done("2026-11-01"), reviewed("2026-11-20", platform, isms.ActionEffective)}, want{planned, inTime, none, "Unknown IndependenceNotVerifiable", adequate, ""}},
		"reviewed by a name":             {[]edit{plan("2026-11-20"), done("2026-11-01"), reviewed("2026-11-20", isms.Person{Name: "R. Roe"}, isms.ActionEffective)}, want{planned, inTime, none, "Unknown IndependenceNotVerifiable", adequate, ""}},
		"effective, but without a cause": {[]edit{plan("2026-11-20"), done("2026-11-01"), reviewed("2026-11-21", roe, isms.ActionEffective), spec(func(s *isms.FindingSpec) { s.RootCause = "" })}, want{overdue, inTime, none, "False Incomplete", adequate, "2026-10-31"}},
		"a major is closed likewise":     {[]edit{severity(isms.SeverityMajor), raised("2026-06-01"), plan("2026-08-20"), done("2026-08-01"), reviewed("2026-11-21", roe, isms.ActionEffective)}, want{planned, inTime, none, closed, adequate, ""}},
		// The certification body.
		"the body's minor":                               {[]edit{raisedBody("s1"), plan("2026-12-20")}, want{planned, inTime, "False NotAccepted", open, adequate, "2026-12-20"}},
		"the body's minor, plan accepted":                {[]edit{raisedBody("s1"), plan("2026-12-20"), body("2026-11-20", "")}, want{planned, inTime, "True PlanAccepted", open, adequate, "2026-12-20"}},
		"the body's minor, plan accepted tomorrow":       {[]edit{raisedBody("s1"), plan("2026-12-20"), body("2026-11-22", "")}, want{planned, inTime, "False DateInFuture", open, adequate, "2026-12-20"}},
		"the body's minor, verified":                     {[]edit{raisedBody("s1"), plan("2026-12-20"), body("2026-11-01", "2026-11-21")}, want{planned, inTime, "True Verified", closed, adequate, ""}},
		"the body's minor, found effective by ourselves": {[]edit{raisedBody("s1"), plan("2026-11-20"), done("2026-11-01"), reviewed("2026-11-21", roe, isms.ActionEffective)}, want{planned, inTime, "False NotAccepted", open, adequate, ""}},
		"the body's major, plan accepted":                {[]edit{severity(isms.SeverityMajor), raisedBody("s1"), plan("2026-12-20"), body("2026-11-20", "")}, want{planned, inTime, "False NotVerified", open, adequate, "2026-12-20"}},
		"the body's major, verified":                     {[]edit{severity(isms.SeverityMajor), raisedBody("s1"), plan("2026-12-20"), body("2026-11-01", "2026-11-20")}, want{planned, inTime, "True Verified", closed, adequate, ""}},
		"the body's major, verified tomorrow":            {[]edit{severity(isms.SeverityMajor), raisedBody("s1"), plan("2026-12-20"), body("", "2026-11-22")}, want{planned, inTime, "False DateInFuture", "False DateInFuture", adequate, "2026-12-20"}},
		"verified, though we recorded no plan":           {[]edit{raisedBody("s1"), body("", "2026-11-20")}, want{"False Missing", inTime, "True Verified", closed, adequate, ""}},
		"an area of concern, to be resolved by Stage 2":  {[]edit{severity(isms.SeverityAreaOfConcern), raisedBody("s1")}, want{"False Missing", "Unknown Missing", none, open, none, "2026-11-30"}},
		"an area of concern, answered":                   {[]edit{severity(isms.SeverityAreaOfConcern), raisedBody("s1"), spec(func(s *isms.FindingSpec) { s.Correction = "Mended." })}, want{planned, inTime, none, open, none, ""}},
		"an area of concern, Stage 2 has begun":          {[]edit{severity(isms.SeverityAreaOfConcern), raisedBody("s1"), cycle(func(s *isms.AuditCycleSpec) { s.Audits[1].FirstDayOn = "2026-11-21" })}, want{overdue, overdue, none, open, none, "2026-11-20"}},
		"an area of concern, verified":                   {[]edit{severity(isms.SeverityAreaOfConcern), raisedBody("s1"), spec(func(s *isms.FindingSpec) { s.Correction = "Mended." }), body("", "2026-11-20")}, want{planned, inTime, none, closed, none, ""}},
		"the body's observation":                         {[]edit{severity(isms.SeverityObservation), raisedBody("s1"), decided(isms.FindingDeclined, "2026-11-20")}, want{planned, none, none, open, none, ""}},
		"the body's observation, looked at again":        {[]edit{severity(isms.SeverityObservation), raisedBody("s1"), body("", "2026-11-20")}, want{none, none, none, closed, none, ""}},
		// What demands no answer.
		"an observation":                  {[]edit{severity(isms.SeverityObservation)}, want{none, none, none, open, none, ""}},
		"an observation, an answer asked": {[]edit{severity(isms.SeverityObservation), spec(func(s *isms.FindingSpec) { s.ResponseDueOn = "2026-11-20" })}, want{overdue, overdue, none, open, none, "2026-11-20"}},
		"an improvement, declined":        {[]edit{severity(isms.SeverityOpportunityForImprovement), decided(isms.FindingDeclined, "2026-11-21")}, want{planned, none, none, closed, none, ""}},
		"an improvement, declined tomorrow": {
			[]edit{severity(isms.SeverityOpportunityForImprovement), decided(isms.FindingDeclined, "2026-11-22")}, want{planned, none, none, "False DateInFuture", none, ""},
		},
		"an improvement, adopted":          {[]edit{severity(isms.SeverityOpportunityForImprovement), plan("2026-12-01"), decided(isms.FindingAdopted, "2026-11-02")}, want{planned, inTime, none, open, none, "2026-12-01"}},
		"an improvement, adopted and late": {[]edit{severity(isms.SeverityOpportunityForImprovement), plan("2026-11-20"), decided(isms.FindingAdopted, "2026-11-02")}, want{planned, overdue, none, open, none, "2026-11-20"}},
		"an improvement, adopted and done": {[]edit{severity(isms.SeverityOpportunityForImprovement), plan("2026-11-20"), done("2026-11-20"), decided(isms.FindingAdopted, "2026-11-02")}, want{planned, inTime, none, closed, none, ""}},
		"an observation, found effective":  {[]edit{severity(isms.SeverityObservation), plan("2026-11-20"), done("2026-11-01"), reviewed("2026-11-20", roe, isms.ActionEffective)}, want{planned, inTime, none, closed, none, ""}},
		"an observation, without effect":   {[]edit{severity(isms.SeverityObservation), plan("2026-11-20"), done("2026-11-01"), reviewed("2026-11-20", roe, isms.ActionNotEffective)}, want{planned, "False NotEffective", none, "False NotEffective", none, ""}},
		// Nothing to go by.
		"no scope": {[]edit{func(in *FindingInput) { in.Scope = nil }}, want{"Unknown ScopeNotFound", "Unknown ScopeNotFound", "Unknown ScopeNotFound", "Unknown ScopeNotFound", "Unknown ScopeNotFound", ""}},
		"suspended": {
			[]edit{func(in *FindingInput) { in.Finding.Annotations = map[string]string{SuspendAnnotation: "true"} }},
			want{"Unknown Suspended", "Unknown Suspended", "Unknown Suspended", "Unknown Suspended", "Unknown Suspended", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := assessFinding(t, found(tc.changes...))
			list := out.Status.Conditions
			got := want{
				state(list, isms.ConditionCorrectiveActionPlanned), state(list, isms.ConditionCorrectiveActionOnTime),
				state(list, isms.ConditionAcceptedForDecision), state(list, isms.ConditionClosed),
				state(list, isms.ConditionSeverityAdequate), out.Status.DueOn,
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(want{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSeverityAdequate(t *testing.T) {
	const adequate = "True SeverityAdequate"
	elsewhere := func(f *isms.Finding) { f.Spec.Requirement = "A.8.14" }
	observed := func(f *isms.Finding) { f.Spec.Severity = isms.SeverityObservation }
	otherScope := func(f *isms.Finding) { f.Spec.ScopeRef.Name = "other" }
	isClosed := func(f *isms.Finding) {
		f.Spec.Source, f.Spec.CertificationBody = isms.FindingFromCertificationBody, &isms.BodyVerification{VerifiedOn: "2026-09-01"}
	}
	second := func(on isms.Date) edit {
		return cycle(func(s *isms.AuditCycleSpec) { s.InternalAudits[1].PerformedOn = on })
	}
	stage2 := func(first, last isms.Date) edit {
		return cycle(func(s *isms.AuditCycleSpec) { s.Audits[1].FirstDayOn, s.Audits[1].LastDayOn = first, last })
	}
	for name, tc := range map[string]struct {
		changes []edit
		want    string
		message string
	}{
		"alone":                                {nil, adequate, ""},
		"repeated":                             {[]edit{other("old", "2025-10-01")}, "False Repeated", "before: old."},
		"repeated, the earlier one is closed":  {[]edit{other("old", "2025-10-01", isClosed)}, "False Repeated", "before: old."},
		"repeated after more than three years": {[]edit{other("old", "2023-10-01")}, adequate, ""},
		"repeated after three years":           {[]edit{other("old", "2023-10-02")}, "False Repeated", "old"},
		"the scope forgets after a year":       {[]edit{other("old", "2025-09-30"), findingPractice(isms.FindingPractice{RepeatedWithinDays: 365})}, adequate, ""},
		"the later one repeats the earlier":    {[]edit{other("new", "2026-10-02")}, adequate, ""},
		"on another requirement":               {[]edit{other("old", "2025-10-01", elsewhere)}, adequate, ""},
		"an observation before":                {[]edit{other("old", "2025-10-01", observed)}, adequate, ""},
		"in another scope":                     {[]edit{other("old", "2025-10-01", otherScope)}, adequate, ""},
		"two on one day":                       {[]edit{other("g", "2026-10-01")}, "False Accumulated", "same day: g."},
		"itself among the others":              {[]edit{other("f", "2026-10-01")}, adequate, ""},
		"a major cannot be graded up":          {[]edit{severity(isms.SeverityMajor), other("old", "2025-10-01")}, adequate, ""},
		"closed": {
			[]edit{other("old", "2025-10-01"), plan("2026-11-20"), done("2026-11-01"), reviewed("2026-11-20", roe, isms.ActionEffective)}, adequate, "",
		},
		"the next internal audit has passed":          {[]edit{second("2026-11-21")}, "False NotClosedByNextAudit", "ia-2"},
		"the next internal audit is tomorrow":         {[]edit{second("2026-11-22")}, adequate, ""},
		"the next audit was before it was raised":     {[]edit{second("2026-10-01")}, adequate, ""},
		"an audit of the body is not ours":            {[]edit{stage2("2026-11-10", "2026-11-12")}, adequate, ""},
		"the body's, Stage 2 has passed":              {[]edit{raisedBody("s1"), stage2("2026-11-10", "2026-11-12")}, "False NotClosedByNextAudit", "s2"},
		"the body's, Stage 2 goes on":                 {[]edit{raisedBody("s1"), stage2("2026-11-20", "2026-11-22")}, adequate, ""},
		"the body's, raised in the midst of that one": {[]edit{raisedBody("s2"), raised("2026-11-11"), stage2("2026-11-10", "2026-11-12")}, adequate, ""},
		"the body's, an extension is no check": {
			[]edit{raisedBody("s1"), stage2("2026-11-10", "2026-11-12"), cycle(func(s *isms.AuditCycleSpec) { s.Audits[1].Type = isms.AuditScopeExtension })}, adequate, "",
		},
		"the cycle is not there":       {[]edit{second("2026-11-20"), func(in *FindingInput) { in.Cycle = nil }}, adequate, ""},
		"open for a year":              {[]edit{raised("2025-11-21")}, adequate, ""},
		"open for more than a year":    {[]edit{raised("2025-11-20")}, "False NotClosedInTime", "longer than"},
		"the scope allows half a year": {[]edit{raised("2026-05-01"), findingPractice(isms.FindingPractice{MinorClosureDays: 180})}, "False NotClosedInTime", ""},
		"more than one flag":           {[]edit{second("2026-11-20"), other("old", "2025-10-01")}, "False NotClosedByNextAudit", "before: old."},
	} {
		t.Run(name, func(t *testing.T) {
			list := assessFinding(t, found(tc.changes...)).Status.Conditions
			if got := state(list, isms.ConditionSeverityAdequate); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if m := conditions.Get(list, isms.ConditionSeverityAdequate).Message; !strings.Contains(m, tc.message) {
				t.Errorf("message %q does not contain %q", m, tc.message)
			}
		})
	}
}

func TestFindingDays(t *testing.T) {
	major := severity(isms.SeverityMajor)
	limited := findingPractice(isms.FindingPractice{MajorEvidenceDays: 365})
	for name, tc := range map[string]struct {
		changes        []edit
		plan, evidence isms.Date
	}{
		"a minor":                      {nil, "2026-10-31", ""},
		"a major":                      {[]edit{major}, "2026-10-31", "2026-12-30"},
		"a major of Stage 2":           {[]edit{major, limited, raisedBody("s2"), cycle(func(s *isms.AuditCycleSpec) { s.Audits[1].LastDayOn = "2026-08-31" })}, "2026-10-31", "2027-02-28"},
		"a major of Stage 2, no end":   {[]edit{major, limited, raisedBody("s2")}, "2026-10-31", "2027-10-01"},
		"practice is shorter":          {[]edit{major, raisedBody("s2"), cycle(func(s *isms.AuditCycleSpec) { s.Audits[1].LastDayOn = "2026-08-31" })}, "2026-10-31", "2026-12-30"},
		"a major of a recertification": {[]edit{major, raisedBody("sv"), recertification("2026-09-01", "2026-12-20")}, "2026-10-31", "2026-12-20"},
		"renewed by the cycle before":  {[]edit{major, raisedBody("sv"), recertification("2026-11-30", "2029-12-20")}, "2026-10-31", "2026-11-30"},
		"no certificate is known":      {[]edit{major, raisedBody("sv"), recertification("", "")}, "2026-10-31", "2026-12-30"},
		"a Stage 2 of another scope":   {[]edit{major, limited, raisedBody("s2"), cycle(func(s *isms.AuditCycleSpec) { s.ScopeRef.Name, s.Audits[1].LastDayOn = "other", "2026-08-31" })}, "2026-10-31", "2027-10-01"},
		"on the last day of all":       {[]edit{major, raised("9999-12-31")}, "9999-12-31", "9999-12-31"},
		"an observation":               {[]edit{severity(isms.SeverityObservation)}, "", ""},
		"a concern without a Stage 2":  {[]edit{severity(isms.SeverityAreaOfConcern), raisedBody("s1"), cycle(func(s *isms.AuditCycleSpec) { s.Audits = s.Audits[:1] })}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := assessFinding(t, found(tc.changes...)).Status
			if s.PlanDueOn != tc.plan || s.EvidenceDueOn != tc.evidence {
				t.Errorf("plan %q, evidence %q; want %q and %q", s.PlanDueOn, s.EvidenceDueOn, tc.plan, tc.evidence)
			}
		})
	}
}

// recertification makes the last audit one, with a certificate of the cycle before and one of this cycle.
func recertification(before, own isms.Date) edit {
	return cycle(func(s *isms.AuditCycleSpec) {
		s.Audits[2].Type = isms.AuditRecertification
		s.PreviousCertificate, s.Certificate = &isms.PreviousCertificate{ExpiresOn: before}, &isms.Certificate{ExpiresOn: own}
	})
}

func TestReferencesOfAFinding(t *testing.T) {
	for name, tc := range map[string]struct {
		changes []edit
		want    string
	}{
		"all there":                     {nil, "True ReferencesResolved: "},
		"a clause":                      {[]edit{spec(func(s *isms.FindingSpec) { s.Requirement = "9.2.2" })}, "True ReferencesResolved: "},
		"a clause above":                {[]edit{spec(func(s *isms.FindingSpec) { s.Requirement = "9.2" })}, "True ReferencesResolved: "},
		"half a clause":                 {[]edit{spec(func(s *isms.FindingSpec) { s.Requirement = "9.2.2.1" })}, "False ReferenceNotFound: Not in this scope: requirement 9.2.2.1."},
		"no such control":               {[]edit{spec(func(s *isms.FindingSpec) { s.Requirement = "A.5.99" })}, "False ReferenceNotFound: Not in this scope: requirement A.5.99."},
		"no cycle":                      {[]edit{func(in *FindingInput) { in.Cycle = nil }}, "False ReferenceNotFound: Not in this scope: AuditCycle c."},
		"a cycle of another scope":      {[]edit{cycle(func(s *isms.AuditCycleSpec) { s.ScopeRef.Name = "other" })}, "False ReferenceNotFound: Not in this scope: AuditCycle c."},
		"no such audit":                 {[]edit{spec(func(s *isms.FindingSpec) { s.AuditRef.Audit = "s1" })}, "False ReferenceNotFound: Not in this scope: audit s1 of AuditCycle c."},
		"an audit of the body":          {[]edit{raisedBody("s1")}, "True ReferencesResolved: "},
		"no audit of the body":          {[]edit{raisedBody("ia-1")}, "False ReferenceNotFound: Not in this scope: audit ia-1 of AuditCycle c."},
		"an incident, told at an audit": {[]edit{spec(func(s *isms.FindingSpec) { s.Source, s.AuditRef.Audit = isms.FindingFromIncident, "s1" })}, "True ReferencesResolved: "},
		"no audit at all":               {[]edit{spec(func(s *isms.FindingSpec) { s.Source, s.AuditRef = isms.FindingFromOperation, nil })}, "True ReferencesResolved: "},
		"a control of another source": {[]edit{spec(func(s *isms.FindingSpec) { s.Requirement = "AC-2" }), func(in *FindingInput) {
			in.Controls = []isms.Control{{Spec: isms.ControlSpec{ScopeRef: isms.LocalRef{Name: "acme"}, ID: "AC-2"}}}
		}}, "True ReferencesResolved: "},
	} {
		c := conditions.Get(assessFinding(t, found(tc.changes...)).Status.Conditions, isms.ConditionReferencesResolved)
		if got := string(c.Status) + " " + c.Reason + ": " + c.Message; got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

func TestAddMonths(t *testing.T) {
	for d, want := range map[isms.Date]isms.Date{
		"2026-08-31": "2027-02-28", "2027-08-31": "2028-02-29", "2026-11-26": "2027-05-26", "2026-06-30": "2026-12-30", "soon": "",
	} {
		if got := addMonths(d, 6); got != want {
			t.Errorf("six months after %s: %s, want %s", d, got, want)
		}
	}
}

func TestFindingTellsWhenItIsOverdue(t *testing.T) {
	in := found(plan("2026-11-21"))
	first := Finding(in)
	in.Finding.Status, in.Now = first.Status, first.RequeueAt
	second := Finding(in)
	want := []Event{{Type: EventWarning, Reason: isms.ReasonOverdue, Message: "CorrectiveActionOnTime is False: The corrective action is overdue."}}
	if diff := cmp.Diff(want, second.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if got := first.RequeueAt.Format(time.DateOnly); got != "2026-11-22" {
		t.Errorf("looks again on %s", got)
	}
}

var findings = rapid.Custom(func(t *rapid.T) FindingInput {
	date := func(label string) isms.Date {
		if rapid.IntRange(0, 3).Draw(t, label+" is absent") == 0 {
			return ""
		}
		return dates.Draw(t, label)
	}
	in := found(
		severity(rapid.SampledFrom([]isms.Severity{isms.SeverityMajor, isms.SeverityMinor, isms.SeverityObservation, isms.SeverityAreaOfConcern}).Draw(t, "severity")),
		raised(dates.Draw(t, "raised")),
		findingPractice(isms.FindingPractice{PlanDays: rapid.Int32Range(1, 60).Draw(t, "plan"), MajorEvidenceDays: 60, MinorClosureDays: rapid.Int32Range(1, 90).Draw(t, "closure")}),
		cycle(func(s *isms.AuditCycleSpec) {
			s.Audits[1].FirstDayOn, s.Audits[1].LastDayOn = date("first day"), date("last day")
			s.InternalAudits[1].PerformedOn = date("performed")
		}))
	s := &in.Finding.Spec
	if rapid.Bool().Draw(t, "of the body") {
		raisedBody("s1")(&in)
		body(date("accepted"), date("verified"))(&in)
	}
	s.ResponseDueOn = date("response")
	if rapid.Bool().Draw(t, "regraded") {
		to := rapid.SampledFrom([]isms.Severity{isms.SeverityMajor, isms.SeverityMinor, isms.SeverityObservation}).Draw(t, "to")
		regraded(to, dates.Draw(t, "regraded on"))(s)
	}
	if rapid.Bool().Draw(t, "planned") {
		plan(dates.Draw(t, "due"))(&in)
		done(date("done"))(&in)
		reviewed(dates.Draw(t, "reviewed"), roe, rapid.SampledFrom([]isms.EffectivenessOutcome{isms.ActionEffective, isms.ActionNotEffective}).Draw(t, "effect"))(&in)
	} else if rapid.Bool().Draw(t, "decided") {
		decided(isms.FindingDeclined, dates.Draw(t, "decided on"))(&in)
	}
	return in
})

// TestFindingChangesOnlyWhenItSays: until the moment that an outcome names, no other outcome is possible.
func TestFindingChangesOnlyWhenItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := findings.Draw(t, "finding")
		unchangedUntil(t, func(at time.Time) (any, time.Time) {
			in.Now = at
			out := Finding(in)
			return out.Status, out.RequeueAt
		})
	})
}

// unchangedUntil holds an assessment against a look at every midnight up to the moment that it names itself.
func unchangedUntil(t *rapid.T, assess func(at time.Time) (status any, again time.Time)) {
	start, end := assess(now)
	if end.IsZero() {
		end = now.AddDate(2, 0, 0)
	} else if !end.After(now) {
		t.Fatalf("looks again at %s, which is not later than %s", end, now)
	}
	moments := []time.Time{end.Add(-1)}
	for at := now.Truncate(day).Add(day); at.Before(end); at = at.Add(day) {
		moments = append(moments, at)
	}
	for _, at := range moments {
		later, _ := assess(at)
		if diff := cmp.Diff(start, later, stamps); diff != "" {
			t.Fatalf("changed at %s, but the outcome named %s:\n%s", at, end, diff)
		}
	}
}
