// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// expiring is a cycle of a scope without records, whose certificate ends on the last day of 2026.
func expiring(changes ...func(*isms.AuditCycle)) CycleInput {
	in := CycleInput{Scope: acme(), Cycle: cycle(changes...)}
	in.Cycle.Spec.Origin, in.Cycle.Spec.Certificate = isms.OriginTransfer, granted("2026-01-10", "2026-12-31")
	in.Cycle.Spec.Certificate.Events[0].Type = isms.CertificateTransferred
	return in
}

// noticesOf assesses a cycle at each moment that it names itself, with nothing but its status to remember, and returns the
// notices of the last day of its certificate: when and what.
func noticesOf(in CycleInput, from time.Time, days int) []string {
	var told []string
	for in.Now = from; !in.Now.IsZero() && in.Now.Before(from.AddDate(0, 0, days)); {
		out := Cycle(in)
		for _, e := range out.Events {
			if e.Action == deadlineRecertification {
				told = append(told, fmt.Sprintf("%s %s %s", in.Now.Format(time.DateTime), e.Type, e.Message))
			}
		}
		in.Cycle.Status, in.Now = out.Status, out.RequeueAt
	}
	return told
}

// TestNoticesAreGivenOnTheirDays: 90, 30 and 7 days ahead by default, on other days where the cycle says so, each once, when
// the day begins in the cycle's time zone. Late is told after the day.
func TestNoticesAreGivenOnTheirDays(t *testing.T) {
	from := time.Date(2026, 8, 1, 9, 0, 0, 0, time.UTC)
	notice := func(at string, days string) string {
		return at + " Normal RecertificationDecision is due on 2026-12-31, in at most " + days + "."
	}
	const late = " Warning RecertificationDecision is overdue (R6, ISO/IEC 17021-1, 9.6.3.1.1)."
	for name, tc := range map[string]struct {
		change func(*isms.AuditCycle)
		want   []string
	}{
		"by default": {func(*isms.AuditCycle) {}, []string{
			notice("2026-10-02 00:00:00", "90 days"), notice("2026-12-01 00:00:00", "30 days"), notice("2026-12-24 00:00:00", "7 days"),
			"2027-01-01 00:00:00" + late,
		}},
		"in its zone": {func(c *isms.AuditCycle) { c.Spec.TimeZone = "Europe/Berlin" }, []string{
			notice("2026-10-01 22:00:00", "90 days"), notice("2026-11-30 23:00:00", "30 days"), notice("2026-12-23 23:00:00", "7 days"),
			"2026-12-31 23:00:00" + late,
		}},
		"its own": {func(c *isms.AuditCycle) { c.Spec.Practice = &isms.CyclePractice{NoticeDays: []isms.NoticeDays{1, 60}} }, []string{
			notice("2026-11-01 00:00:00", "60 days"), notice("2026-12-30 00:00:00", "1 day"), "2027-01-01 00:00:00" + late,
		}},
	} {
		if diff := cmp.Diff(tc.want, noticesOf(expiring(tc.change), from, 180)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestOneNoticeAtOnce: whoever first looks a day ahead is told of the shortest notice that has come, and not of the longer ones.
func TestOneNoticeAtOnce(t *testing.T) {
	told := noticesOf(expiring(), time.Date(2026, 12, 30, 9, 0, 0, 0, time.UTC), 1)
	want := []string{"2026-12-30 09:00:00 Normal RecertificationDecision is due on 2026-12-31, in at most 7 days."}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDeadlinesMet sums up what is due.
func TestDeadlinesMet(t *testing.T) {
	due := func(name string, notice isms.NoticeDays) isms.Deadline {
		return isms.Deadline{Name: name, State: isms.DeadlineDue, NoticeDays: notice}
	}
	late := func(name string) isms.Deadline { return isms.Deadline{Name: name, State: isms.DeadlineOverdue} }
	for name, tc := range map[string]struct {
		list []isms.Deadline
		want conditions.Summary
	}{
		"none":    {nil, unknown(isms.ReasonNothingDeclared, "No deadline is running.")},
		"far off": {[]isms.Deadline{due("A", 0)}, yes(isms.ReasonDeadlinesMet, "")},
		"near": {
			[]isms.Deadline{due("A", 7), due("B", 90), due("C", 90), due("D", 0)},
			yes(isms.ReasonDueSoon, "Within 7 days: A. Within 90 days: B, C."),
		},
		"late": {[]isms.Deadline{late("A"), late("B"), due("C", 1)}, no(isms.ReasonOverdue, "Overdue: A, B. Within 1 day: C.")},
	} {
		if diff := cmp.Diff(tc.want, deadlinesMet(tc.list)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestEventsOfDeadlinesDiffer in what the recorder of events takes for one.
func TestEventsOfDeadlinesDiffer(t *testing.T) {
	list := []isms.Deadline{{Name: "A", DueOn: "2026-12-01", NoticeDays: 30}, {Name: "B", DueOn: "2026-12-02", NoticeDays: 30}}
	seen := map[assess.Event]bool{}
	for _, e := range announced(nil, list) {
		seen[assess.Event{Reason: e.Reason, Action: e.Action}] = true
	}
	if len(seen) != 2 {
		t.Errorf("%d events", len(seen))
	}
}
