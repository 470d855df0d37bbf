// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
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
