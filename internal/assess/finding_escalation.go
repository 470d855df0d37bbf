// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"cmp"
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// severityAdequate judges whether what is known asks for a higher grade. A Minor that is not closed at the next audit, and
// one that comes again, are graded up in practice; several on one requirement may show a systemic failure, which is a
// Major (ISO/IEC 17021-1, 3.12). The operator flags it and regrades nothing: that takes a person and a reason.
func (a *findingAssessment) severityAdequate() judgement {
	switch {
	case DowngradeUnconfirmed(a.in.Finding, a.clock):
		return no(isms.ReasonNotConfirmed, "It was graded down, and nothing of the certification body, which raised it, confirms that since.")
	case !nonconformity(a.in.Finding):
		return unknown(isms.ReasonNotRequired, "Only a Minor can be flagged for a higher grade.")
	case a.major(), a.isClosed():
		return yes(isms.ReasonSeverityAdequate, "")
	}
	var flags []judgement
	for _, find := range []func() *judgement{a.outlivedAudit, a.outlivedPractice, a.repeated, a.accumulated} {
		if flag := find(); flag != nil {
			flags = append(flags, *flag)
		}
	}
	if len(flags) == 0 {
		return yes(isms.ReasonSeverityAdequate, "")
	}
	messages := make([]string, 0, len(flags))
	for _, flag := range flags {
		messages = append(messages, flag.Message)
	}
	return no(flags[0].Reason, strings.Join(messages, " "))
}

// verifying are the audits of the certification body that look at what earlier ones found.
var verifying = []isms.AuditType{isms.AuditStage2, isms.AuditSurveillance, isms.AuditRecertification, isms.AuditFollowUp}

// outlivedAudit: the next audit of the cycle, by the certification body for what the body raised, else an internal one,
// has taken place.
func (a *findingAssessment) outlivedAudit() *judgement {
	if a.in.Cycle == nil || a.spec.AuditRef == nil {
		return nil
	}
	type held struct {
		name     isms.ItemName
		from, to isms.Date
	}
	var audits []held
	if byBody(a.in.Finding) {
		for i := range a.in.Cycle.Spec.Audits {
			x := &a.in.Cycle.Spec.Audits[i]
			if slices.Contains(verifying, x.Type) {
				audits = append(audits, held{x.Name, cmp.Or(x.FirstDayOn, x.LastDayOn), x.LastDayOn})
			}
		}
	} else {
		for i := range a.in.Cycle.Spec.InternalAudits {
			x := &a.in.Cycle.Spec.InternalAudits[i]
			audits = append(audits, held{x.Name, x.PerformedOn, x.PerformedOn})
		}
	}
	slices.SortFunc(audits, func(x, y held) int { return cmp.Or(cmp.Compare(x.to, y.to), cmp.Compare(x.name, y.name)) })
	for _, x := range audits {
		later := x.to != "" && x.name != a.spec.AuditRef.Audit && x.from > a.spec.RaisedOn
		if later && a.clock.Come(x.to) {
			return flag(isms.ReasonNotClosedByNextAudit, "The next audit, "+string(x.name)+", has taken place, and it is still open.")
		}
	}
	return nil
}

func (a *findingAssessment) outlivedPractice() *judgement {
	if a.clock.Over(addDays(a.spec.RaisedOn, practice(a.in.Scope).MinorClosureDays)) {
		return flag(isms.ReasonNotClosedInTime, "It is open for longer than the scope's practice allows.")
	}
	return nil
}

// repeated: there was a nonconformity on the same requirement before, closed or not.
func (a *findingAssessment) repeated() *judgement {
	days := practice(a.in.Scope).RepeatedWithinDays
	earlier := a.onSameRequirement(func(raised isms.Date) bool {
		return raised < a.spec.RaisedOn && addDays(raised, days) >= a.spec.RaisedOn
	})
	if len(earlier) == 0 {
		return nil
	}
	return flag(isms.ReasonRepeated, "Raised on the same requirement before: "+conditions.Names(earlier)+".")
}

func (a *findingAssessment) accumulated() *judgement {
	same := a.onSameRequirement(func(raised isms.Date) bool { return raised == a.spec.RaisedOn })
	if len(same) == 0 {
		return nil
	}
	return flag(isms.ReasonAccumulated, "Raised on the same requirement on the same day: "+conditions.Names(same)+".")
}

// onSameRequirement names the other nonconformities of the scope on the requirement, by the day on which they were
// raised.
func (a *findingAssessment) onSameRequirement(when func(raised isms.Date) bool) []string {
	var names []string
	for i := range a.in.Others {
		f := &a.in.Others[i]
		same := f.Name != a.in.Finding.Name && f.Spec.ScopeRef == a.spec.ScopeRef && f.Spec.Requirement == a.spec.Requirement
		if same && nonconformity(Graded(f, a.clock)) && when(f.Spec.RaisedOn) {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

func flag(reason, message string) *judgement {
	j := no(reason, message)
	return &j
}
