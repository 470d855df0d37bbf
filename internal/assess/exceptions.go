// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// exceptions says what each exception does. One whose objects are still being listed says what it last did; one whose
// objects can't be known says nothing, so that no count is left of what may no longer be read.
func (a *assessment) exceptions() []isms.ExceptionStatus {
	var list []isms.ExceptionStatus
	for i := range a.control.Spec.Exceptions {
		if status, known := a.exception(&a.control.Spec.Exceptions[i]); known {
			list = append(list, status)
		}
	}
	return list
}

func (a *assessment) exception(e *isms.Exception) (isms.ExceptionStatus, bool) {
	status := isms.ExceptionStatus{Name: string(e.Name), State: isms.ExceptionExpired}
	if a.clock.Over(e.ExpiresOn) {
		return status, true
	}
	matched, failures, why := a.exceptionCounts(e)
	switch why {
	case "":
	case isms.ReasonNotSynced:
		return a.earlierException(e)
	default:
		return isms.ExceptionStatus{}, false
	}
	status.Objects = count(matched)
	switch {
	case failures > 0:
		status.State = isms.ExceptionWaiving
	case matched > 0:
		status.State = isms.ExceptionIdle
	default:
		status.State = isms.ExceptionNoMatch
	}
	return status, true
}

// exceptionCounts adds up what an exception matches over the items that it applies to. Where one of them can't be
// counted it returns why: NotSynced only where nothing else stands against it.
func (a *assessment) exceptionCounts(e *isms.Exception) (matched, failures int, why string) {
	for _, item := range e.Evidence {
		if !a.isRule(item) {
			continue // nothing to waive: a missing item or a person's record
		}
		snapshot := a.snapshot(item)
		if snapshot.Unavailable != "" && (why == "" || why == isms.ReasonNotSynced) {
			why = snapshot.Unavailable
		}
		for _, c := range snapshot.Counts.Exceptions {
			if c.Name == string(e.Name) {
				matched += c.Matched
				failures += c.Failures
			}
		}
	}
	return matched, failures, why
}

func (a *assessment) isRule(name isms.ItemName) bool {
	return slices.ContainsFunc(a.control.Spec.Evidence, func(item isms.EvidenceItem) bool {
		return item.Name == name && item.Resources != nil
	})
}

func (a *assessment) earlierException(e *isms.Exception) (isms.ExceptionStatus, bool) {
	for _, before := range a.control.Status.Exceptions {
		if before.Name == string(e.Name) && before.State != isms.ExceptionExpired {
			return before, true
		}
	}
	return isms.ExceptionStatus{}, false
}

// exceptedRisks says whether the Risks that exceptions in force name exist, and whether their owners have accepted what
// remains of them; false where none is named. Whether the control is satisfied does not rest on it: an exception need not
// name a Risk, and one that does must not count for less than one that doesn't.
func (a *assessment) exceptedRisks() (j judgement, named bool) {
	r := &references{}
	var open, unknowns []string
	for i := range a.control.Spec.Exceptions {
		e := &a.control.Spec.Exceptions[i]
		if e.RiskRef == nil || a.clock.Over(e.ExpiresOn) {
			continue
		}
		name := string(e.RiskRef.Name)
		risk := a.risk(name)
		r.want("Risk "+name, risk != nil)
		if risk == nil {
			continue
		}
		switch c := conditions.Get(risk.Status.Conditions, isms.ConditionResidualAccepted); {
		case c == nil || c.Status == metav1.ConditionUnknown || c.ObservedGeneration != risk.Generation:
			unknowns = append(unknowns, name)
		case c.Status == metav1.ConditionFalse:
			open = append(open, name)
		}
	}
	switch {
	case r.named == 0:
		return judgement{}, false
	case len(r.missing) > 0:
		return r.judgement(), true
	case len(open) > 0:
		return no(isms.ReasonNotAccepted, "An exception rests on a risk that is not accepted: "+distinct(open)+"."), true
	case len(unknowns) > 0:
		return unknown(isms.ReasonNotYetAssessed, "It is not known whether the risk of an exception is accepted: "+distinct(unknowns)+"."), true
	}
	return r.judgement(), true
}

func distinct(names []string) string {
	slices.Sort(names)
	return conditions.Names(slices.Compact(names))
}

func (a *assessment) risk(name string) *isms.Risk {
	for i := range a.in.Risks {
		if r := &a.in.Risks[i]; r.Name == name && r.Spec.ScopeRef == a.control.Spec.ScopeRef {
			return r
		}
	}
	return nil
}

// unverifiedWaivers names the exceptions that waive a failure of a passing item without showing that somebody else
// approved them. What passes only thanks to them is not known to be effective.
func (a *assessment) unverifiedWaivers(evidence []isms.EvidenceStatus) []string {
	waived := map[isms.ItemName]bool{}
	for _, e := range evidence {
		waived[isms.ItemName(e.Name)] = e.Result == isms.EvidencePass && e.Waived > 0
	}
	var names []string
	for i := range a.control.Spec.Exceptions {
		e := &a.control.Spec.Exceptions[i]
		if differentPeople(e.RequestedBy, e.ApprovedBy) || a.clock.Over(e.ExpiresOn) {
			continue
		}
		if a.waives(e, waived) {
			names = append(names, string(e.Name))
		}
	}
	return names
}

func (a *assessment) waives(e *isms.Exception, waived map[isms.ItemName]bool) bool {
	for _, item := range e.Evidence {
		if !waived[item] {
			continue
		}
		for _, c := range a.snapshot(item).Counts.Exceptions {
			if c.Name == string(e.Name) && c.Failures > 0 {
				return true
			}
		}
	}
	return false
}
