// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// surveillanceSays is what an element of a surveillance says of facts.
func surveillanceSays(in CycleInput, element string) string {
	gates := newCycleAssessment(in).surveillanceElements()
	g := gates[slices.IndexFunc(gates, func(g gate) bool { return g.name == element })].answer
	return string(g.Status) + " " + g.Reason + ": " + g.Message
}

// TestIncidentsOfASurveillance: each is resolved, or has a day that has not passed; and something shows that they are met at all.
func TestIncidentsOfASurveillance(t *testing.T) {
	const how = "Record the incidents as RegisterEntries, or, if there was none, that as an Attestation on one of A.5.24 to A.5.27."
	resolved := func(on isms.Date) isms.RegisterEntry {
		return incident("old", on, metav1.ConditionTrue, isms.ReasonResolved)
	}
	open := func(due isms.Date, reason string) isms.RegisterEntry {
		e := incident("leak", "", metav1.ConditionFalse, reason)
		e.Spec.Incident.DueDate = due
		return e
	}
	none := func(on isms.Date, changes ...func(*isms.Attestation)) []isms.Attestation {
		t := attestation("none", "IncidentReview", on, changes...)
		if t.Spec.Controls == nil {
			t.Spec.Controls = []isms.ControlID{"A.8.1", "A.5.27"}
		}
		return []isms.Attestation{t}
	}
	for name, tc := range map[string]struct {
		entries []isms.RegisterEntry
		records []isms.Attestation
		want    string
	}{
		"nothing":                        {nil, nil, "Unknown NothingDeclared: " + how},
		"one that was resolved":          {[]isms.RegisterEntry{resolved("2026-05-04")}, nil, "True : "},
		"one of 365 days ago":            {[]isms.RegisterEntry{resolved("2025-11-21")}, nil, "True : "},
		"one of 366 days ago":            {[]isms.RegisterEntry{resolved("2025-11-20")}, nil, "Unknown NothingDeclared: " + how},
		"none, as somebody recorded":     {nil, none("2026-05-04"), "True : "},
		"none, recorded long ago":        {nil, none("2025-11-20"), "False Expired: " + how},
		"none, recorded for tomorrow":    {nil, none("2026-11-22"), "Unknown NothingDeclared: " + how},
		"a record that failed":           {nil, none("2026-05-04", func(t *isms.Attestation) { t.Spec.Outcome = isms.OutcomeFail }), "False OutcomeFailed: " + how},
		"a record on something else":     {nil, none("2026-05-04", func(t *isms.Attestation) { t.Spec.Controls = []isms.ControlID{"A.5.28"} }), "Unknown NothingDeclared: " + how},
		"one that is open shows nothing": {[]isms.RegisterEntry{open("2026-11-30", isms.ReasonOpen)}, nil, "Unknown NothingDeclared: " + how},
		"one that is open until a day":   {[]isms.RegisterEntry{resolved("2026-05-04"), open("2026-11-30", isms.ReasonOpen)}, nil, "True : "},
		"one that is open for good": {
			[]isms.RegisterEntry{resolved("2026-05-04"), open("", isms.ReasonOpen)}, nil, "Unknown Incomplete: Give the dueDate of the incident: leak.",
		},
		"one that is overdue": {
			[]isms.RegisterEntry{resolved("2026-05-04"), open("2026-11-20", isms.ReasonOverdue)}, none("2026-05-04"), "False Overdue: Resolve the incident: leak.",
		},
		"one that was not looked at": {
			[]isms.RegisterEntry{resolved("2026-05-04"), func() isms.RegisterEntry { e := open("2026-11-30", isms.ReasonOpen); e.Generation++; return e }()},
			nil, "Unknown NotYetAssessed: Resolve the incident: leak.",
		},
		"one of another scope": {
			[]isms.RegisterEntry{resolved("2026-05-04"), func() isms.RegisterEntry {
				e := open("2026-11-20", isms.ReasonOverdue)
				e.Spec.ScopeRef.Name = "other"
				return e
			}()}, nil, "True : ",
		},
		"a change that is overdue is none": {
			[]isms.RegisterEntry{resolved("2026-05-04"), func() isms.RegisterEntry {
				e := open("2026-11-20", isms.ReasonOverdue)
				e.Spec.Register = isms.RegisterChange
				return e
			}()}, nil, "True : ",
		},
	} {
		in := readyInput()
		in.Entries, in.Attestations = tc.entries, tc.records
		if got := surveillanceSays(in, elementIncidents); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

// TestExternalCommunicationsOfASurveillance: how the organization speaks, and that its management listens.
func TestExternalCommunicationsOfASurveillance(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*CycleInput)
		want   string
	}{
		"both": {func(*CycleInput) {}, "True : "},
		"nothing says how": {func(in *CycleInput) {
			in.Scope.Status.Requirements[3] = isms.RequirementStatus{
				ID: "7.4", Status: isms.RequirementNotEvidenced, Reason: isms.ReasonMissing, Message: "Name clause 7.4 in a Document.",
			}
		}, "False Missing: Name clause 7.4 in a Document."},
		"nobody listens": {func(in *CycleInput) {
			r := &in.Cycle.Spec.ManagementReviews[0]
			r.Inputs = slices.DeleteFunc(r.Inputs, func(i isms.ReviewInput) bool { return i == isms.InputInterestedPartyFeedback })
		}, "False Incomplete: Consider InterestedPartyFeedback in the management review."},
		"no review": {
			func(in *CycleInput) { in.Cycle.Spec.ManagementReviews = nil },
			"Unknown NothingDeclared: Consider InterestedPartyFeedback in the management review.",
		},
	} {
		in := readyInput()
		tc.change(&in)
		if got := surveillanceSays(in, elementExternal); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

// TestMarksOfASurveillance: a review of marks counts for a year, and no longer than until the scope is reduced (R11).
func TestMarksOfASurveillance(t *testing.T) {
	const missing, again = "False Missing: Review the use of certificate and marks.",
		"False Incomplete: Review the use of certificate and marks again: the scope was reduced since."
	for name, tc := range map[string]struct {
		reviewed isms.Date
		events   []isms.CertificateEvent
		want     string
	}{
		"a year ago":                    {"2025-11-21", nil, "True : "},
		"longer ago":                    {"2025-11-20", nil, missing},
		"tomorrow":                      {"2026-11-22", nil, missing},
		"before a reduction":            {"2026-06-01", []isms.CertificateEvent{{Type: isms.CertificateScopeReduced, DecidedOn: "2026-06-02"}}, again},
		"on the day of a reduction":     {"2026-06-02", []isms.CertificateEvent{{Type: isms.CertificateScopeReduced, DecidedOn: "2026-06-02"}}, "True : "},
		"before a reduction to come":    {"2026-06-01", []isms.CertificateEvent{{Type: isms.CertificateScopeReduced, DecidedOn: "2026-11-22"}}, "True : "},
		"before the scope was extended": {"2026-06-01", []isms.CertificateEvent{{Type: isms.CertificateScopeExtended, DecidedOn: "2026-06-02"}}, "True : "},
		"before the last reduction": {"2026-07-01", []isms.CertificateEvent{
			{Type: isms.CertificateScopeReduced, DecidedOn: "2026-06-02"}, {Type: isms.CertificateScopeReduced, DecidedOn: "2026-08-02"},
		}, again},
	} {
		in := readyInput()
		in.Cycle.Spec.Maintenance.UseOfMarks.ReviewedOn = tc.reviewed
		in.Cycle.Spec.Certificate.Events = append(in.Cycle.Spec.Certificate.Events, tc.events...)
		if got := surveillanceSays(in, elementMarks); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

// TestLegalComplianceOfASurveillance: what the evaluation names exists, as a Document or as an Attestation.
func TestLegalComplianceOfASurveillance(t *testing.T) {
	record := func(name string, on isms.Date, scope isms.ObjectName) []isms.Attestation {
		return []isms.Attestation{attestation(name, "LegalEvaluation", on, func(t *isms.Attestation) { t.Spec.ScopeRef.Name = scope })}
	}
	const lost = "False ReferenceNotFound: Name the Document or the Attestation of the evaluation in maintenance.legalCompliance.ref."
	for name, tc := range map[string]struct {
		ref     isms.ObjectName
		records []isms.Attestation
		want    string
	}{
		"a document":              {"legal", nil, "True : "},
		"a record":                {"law", record("law", "2026-06-01", "acme"), "True : "},
		"nothing":                 {"law", nil, lost},
		"another record":          {"law", record("laws", "2026-06-01", "acme"), lost},
		"a record of tomorrow":    {"law", record("law", "2026-11-22", "acme"), lost},
		"a record of other scope": {"law", record("law", "2026-06-01", "other"), lost},
	} {
		in := readyInput()
		in.Cycle.Spec.Maintenance.LegalCompliance.Ref.Name, in.Attestations = tc.ref, tc.records
		if got := surveillanceSays(in, elementLegal); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

// TestReportsOfTheCertificationBody: what an audit that is over names as its report exists.
func TestReportsOfTheCertificationBody(t *testing.T) {
	lost := func(ended isms.Date) isms.Audit {
		return isms.Audit{
			Name: "s-1", Type: isms.AuditSurveillance, PlannedOn: "2026-11-01", LastDayOn: ended, ReportRef: &isms.LocalRef{Name: "lost"},
		}
	}
	kept := lost("2026-11-01")
	kept.ReportRef = &isms.LocalRef{Name: "d-InternalAuditResults"}
	for name, tc := range map[string]struct {
		audit isms.Audit
		want  string
	}{
		"kept":                {kept, "True NoKnownBlockers"},
		"lost":                {lost("2026-11-01"), "False Blocked"},
		"of an audit to come": {lost("2026-11-22"), "True NoKnownBlockers"},
	} {
		in := readyInput()
		in.Cycle.Spec.Audits = append(in.Cycle.Spec.Audits, tc.audit)
		list := assessCycle(t, in).Status.Conditions
		if got := state(list, recertified); got != tc.want {
			t.Errorf("%s: RecertificationReady is %s, want %s", name, got, tc.want)
		}
		const why = "SurveillanceDone (Name in reportRef the Document of the report of the audit: s-1)."
		if tc.want == "False Blocked" && message(list, recertified) != why {
			t.Errorf("%s: got %q", name, message(list, recertified))
		}
	}
}

// TestReviewBeforeATransfer, R14: whoever takes a certificate over has reviewed it, and did so before the decision.
func TestReviewBeforeATransfer(t *testing.T) {
	const engaged = "Have the certification body review the transfer, and state transfer.preTransferReviewOn."
	for name, tc := range map[string]struct {
		reviewed isms.Date
		decided  bool
		want     string
	}{
		"none":                   {"", false, "False Incomplete: " + engaged},
		"none, and decided":      {"", true, "False Incomplete: " + engaged},
		"tomorrow":               {"2026-11-22", false, "False DateInFuture: " + engaged},
		"today":                  {"2026-11-21", false, "True CertificationBodyEngaged: "},
		"on the day of decision": {"2026-02-10", true, "True CertificationBodyEngaged: "},
		"the day after decision": {"2026-02-11", true, "False Incomplete: Correct transfer.preTransferReviewOn: the review comes before the decision on the transfer."},
	} {
		in := readyInput()
		in.Cycle.Spec.Origin, in.Cycle.Spec.Transfer = isms.OriginTransfer, &isms.Transfer{FromBody: "Other Cert", PreTransferReviewOn: tc.reviewed}
		if !tc.decided {
			in.Cycle.Spec.Certificate = nil
		}
		list := assessCycle(t, in).Status.Conditions
		if got := state(list, isms.ConditionCertificationBodyEngaged) + ": " + message(list, isms.ConditionCertificationBodyEngaged); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}
