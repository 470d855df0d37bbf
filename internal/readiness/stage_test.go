// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

func audit(auditType isms.AuditType, planned, first, last isms.Date, outcome isms.AuditOutcome) isms.Audit {
	return isms.Audit{
		Name: isms.ItemName("audit-" + string(auditType)), Type: auditType, PlannedOn: planned, FirstDayOn: first, LastDayOn: last, Outcome: outcome,
	}
}

func TestStage(t *testing.T) {
	granted := isms.CertificateEvent{Type: isms.CertificateGranted, DecidedOn: "2026-01-10"}
	event := func(eventType isms.CertificateEventType, on isms.Date) isms.CertificateEvent {
		return isms.CertificateEvent{Type: eventType, DecidedOn: on}
	}
	for name, tc := range map[string]struct {
		audits  []isms.Audit
		events  []isms.CertificateEvent
		expires isms.Date
		want    isms.CycleStage
	}{
		"nothing recorded":         {nil, nil, "", isms.StagePreparation},
		"a plan moves nothing":     {[]isms.Audit{audit("Stage1", "2026-11-01", "", "", "")}, nil, "", isms.StagePreparation},
		"Stage 1 of tomorrow":      {[]isms.Audit{audit("Stage1", "2026-11-22", "2026-11-22", "", "")}, nil, "", isms.StagePreparation},
		"Stage 1 has begun":        {[]isms.Audit{audit("Stage1", "2026-11-21", "2026-11-21", "", "")}, nil, "", isms.StageStage1},
		"Stage 1, not ready":       {[]isms.Audit{audit("Stage1", "2026-10-01", "2026-10-01", "2026-10-02", isms.OutcomeNotReadyForStage2)}, nil, "", isms.StageStage1},
		"Stage 1, ready":           {[]isms.Audit{audit("Stage1", "2026-10-01", "", "2026-10-02", isms.OutcomeReadyForStage2)}, nil, "", isms.StageStage2},
		"an outcome of the future": {[]isms.Audit{audit("Stage1", "2026-11-20", "2026-11-20", "2026-11-23", isms.OutcomeReadyForStage2)}, nil, "", isms.StageStage1},
		"Stage 2 recommended": {[]isms.Audit{
			audit("Stage2", "2026-11-01", "2026-11-01", "2026-11-05", isms.OutcomeRecommendedAfterCorrection),
			audit("Stage1", "2026-10-01", "", "2026-10-02", isms.OutcomeReadyForStage2),
		}, nil, "", isms.StageDecision},
		"Stage 2 not recommended":     {[]isms.Audit{audit("Stage2", "2026-11-01", "2026-11-01", "2026-11-05", isms.OutcomeNotRecommended)}, nil, "", isms.StageStage2},
		"recertification has begun":   {[]isms.Audit{audit("Recertification", "2026-11-01", "2026-11-01", "", "")}, nil, "", isms.StageRecertification},
		"recertification recommended": {[]isms.Audit{audit("Recertification", "2026-11-01", "2026-11-01", "2026-11-02", isms.OutcomeRecommended)}, nil, "", isms.StageDecision},
		"a surveillance alone":        {[]isms.Audit{audit("Surveillance", "2026-11-01", "2026-11-01", "2026-11-02", isms.OutcomeMaintained)}, nil, "", isms.StagePreparation},
		"granted":                     {nil, []isms.CertificateEvent{granted}, "2029-01-09", isms.StageCertified},
		"granted, effective tomorrow": {nil, []isms.CertificateEvent{granted}, "2029-01-09", isms.StagePreparation},
		"granted tomorrow":            {nil, []isms.CertificateEvent{event(isms.CertificateGranted, "2026-11-22")}, "2029-01-09", isms.StagePreparation},
		"suspended":                   {nil, []isms.CertificateEvent{granted, event(isms.CertificateSuspended, "2026-06-01")}, "2029-01-09", isms.StageSuspended},
		"to be suspended":             {nil, []isms.CertificateEvent{granted, event(isms.CertificateSuspended, "2026-12-01")}, "2029-01-09", isms.StageCertified},
		"restored":                    {nil, []isms.CertificateEvent{granted, event(isms.CertificateSuspended, "2026-06-01"), event(isms.CertificateRestored, "2026-08-01")}, "2029-01-09", isms.StageCertified},
		"withdrawn":                   {nil, []isms.CertificateEvent{granted, event(isms.CertificateWithdrawn, "2026-06-01")}, "2026-10-01", isms.StageWithdrawn},
		"its last day":                {nil, []isms.CertificateEvent{granted}, "2026-11-21", isms.StageCertified},
		"expired":                     {nil, []isms.CertificateEvent{granted}, "2026-11-20", isms.StageExpired},
		"certified, recertification has begun": {
			[]isms.Audit{audit("Recertification", "2026-11-01", "2026-11-01", "", "")}, []isms.CertificateEvent{granted}, "2027-01-09", isms.StageRecertification,
		},
	} {
		c := cycle(func(c *isms.AuditCycle) { c.Spec.Audits = tc.audits })
		if tc.events != nil {
			c.Spec.Certificate = &isms.Certificate{EffectiveOn: "2026-01-10", ExpiresOn: tc.expires, Events: tc.events}
		}
		if name == "granted, effective tomorrow" {
			c.Spec.Certificate.EffectiveOn = "2026-11-22"
		}
		if got := stage(c, assess.NewClock(now)); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

func TestNextAudit(t *testing.T) {
	days := func(n int32) *int32 { return &n }
	for name, tc := range map[string]struct {
		audits []isms.Audit
		want   *isms.NextAudit
		days   *int32
	}{
		"none, so Stage 1": {nil, &isms.NextAudit{Type: isms.AuditStage1}, nil},
		"the earlier of two": {
			[]isms.Audit{audit("Stage2", "2026-12-21", "", "", ""), audit("Stage1", "2026-11-23", "", "", "")},
			&isms.NextAudit{Name: "audit-Stage1", Type: isms.AuditStage1, PlannedOn: "2026-11-23"}, days(2),
		},
		"its first day is known": {
			[]isms.Audit{audit("Stage1", "2026-11-23", "2026-11-30", "", "")},
			&isms.NextAudit{Name: "audit-Stage1", Type: isms.AuditStage1, PlannedOn: "2026-11-23"}, days(9),
		},
		"today": {
			[]isms.Audit{audit("Stage1", "2026-11-21", "", "", "")},
			&isms.NextAudit{Name: "audit-Stage1", Type: isms.AuditStage1, PlannedOn: "2026-11-21"}, days(0),
		},
		"overdue": {
			[]isms.Audit{audit("Stage1", "2026-11-11", "", "", "")},
			&isms.NextAudit{Name: "audit-Stage1", Type: isms.AuditStage1, PlannedOn: "2026-11-11"}, days(-10),
		},
		"over, so Stage 2": {
			[]isms.Audit{audit("Stage1", "2026-11-11", "2026-11-11", "2026-11-20", "")},
			&isms.NextAudit{Type: isms.AuditStage2, Earliest: "2026-12-04", Latest: "2027-05-20", Basis: isms.BasisPractice}, days(180),
		},
		"its last day, decided": {
			[]isms.Audit{audit("Stage1", "2026-11-20", "2026-11-20", "2026-11-21", isms.OutcomeReadyForStage2)},
			&isms.NextAudit{Type: isms.AuditStage2, Earliest: "2026-12-05", Latest: "2027-05-21", Basis: isms.BasisPractice}, days(181),
		},
		"its last day, still on": {
			[]isms.Audit{audit("Stage1", "2026-11-20", "2026-11-20", "2026-11-21", "")},
			&isms.NextAudit{Name: "audit-Stage1", Type: isms.AuditStage1, PlannedOn: "2026-11-20"}, days(-1),
		},
	} {
		c := cycle(func(c *isms.AuditCycle) { c.Spec.Audits = tc.audits })
		next, until := newCalendar(c, nil, nil, assess.NewClock(now)).nextAudit()
		if diff := cmp.Diff(tc.want, next); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(tc.days, until); diff != "" {
			t.Errorf("%s, days (-want +got):\n%s", name, diff)
		}
	}
}
