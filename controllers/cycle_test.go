// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestRecordsReachTheCycle: findings and documents count in the cycle as they come and go.
func TestRecordsReachTheCycle(t *testing.T) {
	w := newWorld(t)
	scope, cycle, finding := w.scope(), w.cycle(), w.finding("nc-1", "9.2", w.day(-3))
	finding.Spec.Severity = isms.SeverityMajor
	w.create(scope, cycle)
	w.want(cycle, "NoOpenMajorFindings True NoOpenMajorFindings", "CertificateValid Unknown NothingDeclared")
	w.create(finding)
	w.want(cycle, "NoOpenMajorFindings False OpenNonconformity", "Stage2Ready False Blocked")
	w.eventually(func() string {
		w.refresh(cycle)
		if f := cycle.Status.Findings; f == nil || f.OpenMajor != 1 {
			return "the cycle does not count the Major"
		}
		return ""
	})
	w.eventually(func() string { // What goes before it was recorded was never seen.
		for _, log := range w.logs() {
			for _, e := range log.Spec.Entries {
				if e.Type == isms.LogRecordSeen && e.Item == "Finding/nc-1" {
					return ""
				}
			}
		}
		return "the log does not know the finding"
	})
	w.delete(finding)
	w.want(cycle, "NoOpenMajorFindings False RecordRemoved", "CorrectiveActionsOnTime False RecordRemoved")
	w.merge(scope, `{"spec":{"removedRecords":[{"record":"Finding/nc-1","justification":"Raised against the wrong scope.",
		"approvedBy":{"name":"A. Smith"},"approvedOn":"`+string(w.day(0))+`"}]}}`)
	w.want(cycle, "NoOpenMajorFindings True NoOpenMajorFindings")

	const programme = "InternalAuditProgramme"
	asked := func() bool { return strings.Contains(message(cycle, isms.ConditionInternalAuditComplete), programme) }
	w.refresh(cycle)
	if !asked() {
		t.Errorf("the cycle does not ask for the programme: %q", message(cycle, isms.ConditionInternalAuditComplete))
	}
	w.create(w.document("programme", programme, w.day(-3), 365))
	w.eventually(func() string {
		w.refresh(cycle)
		if asked() {
			return "the cycle still asks for the programme"
		}
		return ""
	})
}

// TestDeadlinesOnTheServer: the status holds what the calendar says, and the columns of a certified cycle what is next.
func TestDeadlinesOnTheServer(t *testing.T) {
	w := newWorld(t)
	cycle := w.cycle()
	cycle.Spec.TimeZone = "Europe/Berlin"
	cycle.Spec.Certificate = &isms.Certificate{
		Number: "EC-1", Edition: "ISO/IEC 27001:2022", SoAVersion: "1.0", ScopeStatement: "Everything.",
		EffectiveOn: w.day(-30), ExpiresOn: w.day(900),
		Events: []isms.CertificateEvent{{Type: isms.CertificateGranted, DecidedOn: w.day(-30)}},
	}
	w.create(w.scope(), cycle)
	w.want(cycle, "CertificateValid True CertificateValid", "SurveillanceReady False Blocked", "AuditReady False Blocked")
	w.refresh(cycle)
	if n := cycle.Status.NextAudit; n == nil || n.Type != isms.AuditSurveillance || n.Latest == "" || n.Basis != isms.BasisAccreditation {
		t.Errorf("next audit: %+v", n)
	}
	if d := cycle.Status.Deadlines; len(d) == 0 || d[0].Name != "FirstSurveillance" || d[0].State != isms.DeadlineDue {
		t.Errorf("deadlines: %+v", d)
	}
	days := func(zone string) int32 {
		w.merge(cycle, `{"spec":{"timeZone":"`+zone+`"}}`)
		w.want(cycle, "Ready True Assessed") // of the generation before or after
		w.eventually(func() string {
			if w.refresh(cycle); cycle.Status.ObservedGeneration != cycle.Generation {
				return "the zone is not looked at"
			}
			return ""
		})
		return *cycle.Status.DaysUntilNextAudit
	}
	if east, west := days("Pacific/Kiritimati"), days("Pacific/Pago_Pago"); east >= west { // a day ahead, and more
		t.Errorf("%d days to the next audit in the east, %d in the west", east, west)
	}
	w.merge(cycle, `{"spec":{"timeZone":"Europe/Atlantis"}}`)
	w.want(cycle, "Stalled True UnknownTimeZone", "AuditReady Unknown UnknownTimeZone")
}
