// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// notice is the shortest notice whose day has come for a deadline; zero before the first.
func (k *calendar) notice(on isms.Date) isms.NoticeDays {
	var given isms.NoticeDays
	for _, days := range k.practice.NoticeDays { // the longest first
		if k.clock.Come(assess.AddDays(on, -int32(days))) {
			given = days
		}
	}
	return given
}

// passed tells of each deadline that has become overdue.
func passed(before, after []isms.Deadline) []assess.Event {
	var events []assess.Event
	for _, d := range after {
		known := slices.ContainsFunc(before, func(b isms.Deadline) bool {
			return b.Name == d.Name && b.DueOn == d.DueOn && b.State == isms.DeadlineOverdue
		})
		if d.State == isms.DeadlineOverdue && !known {
			why := strings.TrimPrefix(d.Rule+", ", ", ") + d.Source
			events = append(events, assess.Event{
				Type: assess.EventWarning, Reason: isms.ReasonOverdue, Message: fmt.Sprintf("%s is overdue (%s).", d.Name, why),
				Action: d.Name,
			})
		}
	}
	return events
}

// announced tells of each notice that is given now. What was told is in the status before, so that a restart tells nothing
// twice. Where several notices have come at once, the shortest is told.
func announced(before, after []isms.Deadline) []assess.Event {
	var events []assess.Event
	for _, d := range after {
		known := slices.ContainsFunc(before, func(b isms.Deadline) bool {
			return b.Name == d.Name && b.DueOn == d.DueOn && b.NoticeDays > 0 && b.NoticeDays <= d.NoticeDays
		})
		if d.NoticeDays > 0 && !known {
			events = append(events, assess.Event{
				Type: assess.EventNormal, Reason: isms.ReasonDueSoon, Action: d.Name,
				Message: fmt.Sprintf("%s is due on %s, in at most %s.", d.Name, d.DueOn, conditions.Count(int(d.NoticeDays), "day")),
			})
		}
	}
	return events
}

// deadlinesMet sums deadlines up: what is overdue, else what was announced, the nearest notice first.
func deadlinesMet(list []isms.Deadline) conditions.Summary {
	var late, parts []string
	near := map[isms.NoticeDays][]string{}
	var notices []isms.NoticeDays
	for _, d := range list {
		switch {
		case d.State == isms.DeadlineOverdue:
			late = append(late, d.Name)
		case d.NoticeDays > 0:
			if near[d.NoticeDays] == nil {
				notices = append(notices, d.NoticeDays)
			}
			near[d.NoticeDays] = append(near[d.NoticeDays], d.Name)
		}
	}
	slices.Sort(notices)
	if len(late) > 0 {
		parts = append(parts, "Overdue: "+conditions.Names(late)+".")
	}
	for _, n := range notices {
		parts = append(parts, fmt.Sprintf("Within %s: %s.", conditions.Count(int(n), "day"), conditions.Names(near[n])))
	}
	message := strings.Join(parts, " ")
	switch {
	case len(list) == 0:
		return unknown(isms.ReasonNothingDeclared, "No deadline is running.")
	case len(late) > 0:
		return no(isms.ReasonOverdue, message)
	case len(notices) > 0:
		return yes(isms.ReasonDueSoon, message)
	}
	return yes(isms.ReasonDeadlinesMet, "")
}
