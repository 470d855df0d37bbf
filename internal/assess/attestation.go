// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

const (
	// ControlReview is the type of attestation by which a control's owner confirms that the control works.
	ControlReview isms.TypeName = "ControlReview"

	// controlReviewDays is how long such a review is current: practice, once a year.
	controlReviewDays = 365

	// lateRecordDays is how long after the fact a record may first be seen without being flagged.
	lateRecordDays = 30
)

// attestation judges an item that asks for an attestation in each period.
func (a *assessment) attestation(item isms.EvidenceItem) isms.EvidenceStatus {
	want := item.Attestation
	series, future := a.series(func(t *isms.Attestation) bool {
		listed := slices.Contains(t.Spec.Controls, a.control.Spec.ID)
		return t.Spec.Type == want.Type && (listed || len(t.Spec.Controls) == 0)
	})
	status := isms.EvidenceStatus{Name: string(item.Name), Result: isms.EvidenceFail}
	switch {
	case len(series) > 0:
	case future:
		status.Reason = isms.ReasonDateInFuture
		status.Message = fmt.Sprintf("Every %s is dated in the future.", want.Type)
		return status
	default:
		status.Reason = isms.ReasonMissing
		status.Message = fmt.Sprintf("There is no %s for this control.", want.Type)
		return status
	}
	latest := series[len(series)-1]
	j := a.latestJudgement(latest, want)
	periods := countPeriods(series, want, a.clock)
	status.Result, status.Reason = evidenceResult(j.Status), j.Reason
	status.Message = strings.Join(append([]string{j.Message}, remarks(latest, periods)...), " ")
	status.DueOn = addDays(speaksUntil(latest), want.EveryDays)
	status.Periods = &periods
	return status
}

// series returns the attestations that count, the oldest first, and whether there are others dated in the future. A
// superseded attestation does not count, even if its correction is dated in the future or suspended.
func (a *assessment) series(counts func(*isms.Attestation) bool) (series []*isms.Attestation, future bool) {
	for i := range a.in.Attestations {
		t := &a.in.Attestations[i]
		switch {
		case string(t.Spec.ScopeRef.Name) != a.scopeName() || a.superseded[t.Name] != "" || Suspended(t) || !counts(t):
		case !a.clock.Come(t.Spec.PerformedOn):
			future = true
		default:
			series = append(series, t)
		}
	}
	slices.SortFunc(series, func(x, y *isms.Attestation) int {
		return cmp.Or(
			cmp.Compare(speaksUntil(x), speaksUntil(y)),
			cmp.Compare(x.Spec.PerformedOn, y.Spec.PerformedOn),
			x.CreationTimestamp.Compare(y.CreationTimestamp.Time),
			cmp.Compare(x.Name, y.Name))
	})
	return series, future
}

// supersededBy maps the name of each superseded attestation of a scope to the one that corrects it. A record corrects one of
// its own type: what is of another type can't take it away.
func supersededBy(attestations []isms.Attestation, scope string) map[string]string {
	corrections, types := map[string]string{}, map[string]isms.TypeName{}
	for i := range attestations {
		if t := &attestations[i]; string(t.Spec.ScopeRef.Name) == scope {
			types[t.Name] = t.Spec.Type
		}
	}
	for i := range attestations {
		t := &attestations[i]
		if t.Spec.Supersedes == nil || string(t.Spec.ScopeRef.Name) != scope {
			continue
		}
		name := string(t.Spec.Supersedes.Name)
		if of, there := types[name]; there && of != t.Spec.Type {
			continue
		}
		if known, ok := corrections[name]; !ok || t.Name < known {
			corrections[name] = t.Name
		}
	}
	return corrections
}

// speaksUntil is the last day that an attestation speaks for: the end of its period, if that lies before the day on
// which it was performed. So a record made now for a long past period is not current.
func speaksUntil(t *isms.Attestation) isms.Date {
	if p := t.Spec.Period; p != nil {
		return min(p.To, t.Spec.PerformedOn)
	}
	return t.Spec.PerformedOn
}

// latestJudgement judges the latest attestation of a series by what it says and by its age.
func (a *assessment) latestJudgement(t *isms.Attestation, want *isms.AttestationEvidence) judgement {
	said := attestedOutcome(t, a.in.Scope, a.in.Findings)
	until, every, grace := speaksUntil(t), max(want.EveryDays, 1), want.GraceDays
	switch {
	case said.Reason == isms.ReasonOutcomeFailed:
		return no(said.Reason, fmt.Sprintf("The latest %s did not pass.", want.Type))
	case said.Status == metav1.ConditionFalse:
		return no(said.Reason, fmt.Sprintf("Attestation %s: %s", t.Name, said.Message))
	case a.clock.Over(addDays(until, 2*every+grace)):
		return no(isms.ReasonMissed, fmt.Sprintf("The latest %s has expired, and since then a whole period was missed.", want.Type))
	case a.clock.Over(addDays(until, every+grace)):
		return no(isms.ReasonExpired, fmt.Sprintf("The latest %s has expired.", want.Type))
	case said.Status != metav1.ConditionTrue:
		return unknown(said.Reason, fmt.Sprintf("Attestation %s: %s", t.Name, said.Message))
	case a.clock.Over(addDays(until, every)):
		return yes(isms.ReasonDue, fmt.Sprintf("The next %s is due; the grace days are running.", want.Type))
	}
	return yes(isms.ReasonCurrent, fmt.Sprintf("Attestation %s.", t.Name))
}

// countPeriods counts the periods that have ended, in the order in which the attestations were performed. The first one
// opens the first period. A period of E days begins where what was attested before ends; with G grace days it is done
// within E days, late within E+G, else missed, and then the next one runs.
//
// One period counts once: a further attestation within it, or within the grace days of one that was late, is no other
// period, and neither is one that speaks for no later day than those before it. What was missed stays so, whatever is
// attested for it afterwards.
func countPeriods(series []*isms.Attestation, want *isms.AttestationEvidence, clock *Clock) isms.PeriodCounts {
	performed := slices.SortedStableFunc(slices.Values(series), func(x, y *isms.Attestation) int {
		return cmp.Or(cmp.Compare(x.Spec.PerformedOn, y.Spec.PerformedOn), cmp.Compare(speaksUntil(x), speaksUntil(y)))
	})
	first := speaksUntil(performed[0])
	p := periods{every: int(max(want.EveryDays, 1)), grace: int(want.GraceDays)}
	for _, t := range performed[1:] {
		p.attest(daysBetween(first, t.Spec.PerformedOn), daysBetween(first, speaksUntil(t)))
	}
	missed, pending := openPeriods(addDays(first, int32(p.reach)), p.every, p.grace, clock) //nolint:gosec // days between two dates
	p.counts.Missed += count(missed)
	p.counts.Due = p.counts.Done + p.counts.Late + p.counts.Missed + count(pending)
	return p.counts
}

// periods are those of a series, in days since what its first attestation speaks for.
type periods struct {
	every, grace int
	counts       isms.PeriodCounts
	// reach is until when something is attested, or was missed.
	reach int
	// next is where the next period begins at the earliest, and closed the last day on which an attestation belongs to the
	// one before: what is done early must not leave room for a second one before its period has passed.
	next, closed int
}

// attest counts an attestation performed on a day, that speaks until a day, after those performed before.
func (p *periods) attest(performed, until int) {
	missed := max((performed-p.reach-p.grace-1)/p.every, 0)
	p.counts.Missed += count(missed)
	p.reach += missed * p.every
	p.next = max(p.next, p.reach)
	due := p.reach + p.every
	switch {
	case until <= p.reach:
		return
	case missed == 0 && performed <= p.closed:
	case performed > due:
		p.counts.Late++
		p.next = max(p.next+p.every, due, until)
		p.closed = max(p.next, due+p.grace)
	default:
		p.counts.Done++
		p.next += p.every
		p.closed = p.next
	}
	p.reach = until
}

// openPeriods counts the periods since the latest attestation that were missed, and the one, if any, that has ended
// while its grace days run.
func openPeriods(until isms.Date, every, grace int, clock *Clock) (missed, pending int) {
	start, err := until.Time()
	if err != nil {
		return 0, 0
	}
	end := func(period, grace int) time.Time { return start.AddDate(0, 0, period*every+grace+1) }
	if elapsed := int(clock.Now().Sub(start) / day); elapsed > grace {
		missed = (elapsed - grace - 1) / every
	}
	clock.Reached(end(missed+1, grace))
	if grace > 0 && clock.Reached(end(missed+1, 0)) {
		pending = 1
	}
	return missed, pending
}

// remarks are facts about a series that an auditor must see even while it is current.
func remarks(latest *isms.Attestation, periods isms.PeriodCounts) []string {
	var list []string
	if periods.Missed > 0 {
		list = append(list, fmt.Sprintf("Missed periods: %d.", periods.Missed))
	}
	if hasDeviations(latest) && latest.Spec.FindingRef != nil {
		list = append(list, "The sample has deviations, which Finding "+string(latest.Spec.FindingRef.Name)+" follows up.")
	}
	if recordedLate(latest) {
		list = append(list, fmt.Sprintf("The record was made more than %d days after the fact.", lateRecordDays))
	}
	return list
}

// recordedLate says whether a record was first seen long after what it records.
func recordedLate(t *isms.Attestation) bool {
	performed, err := t.Spec.PerformedOn.Time()
	return err == nil && !firstSeen(t).Before(performed.Add((lateRecordDays+1)*day))
}

// firstSeen is when the operator first saw the record, or else when it was created.
func firstSeen(t *isms.Attestation) time.Time {
	if t.Status.FirstSeenTime != nil {
		return t.Status.FirstSeenTime.Time
	}
	return t.CreationTimestamp.Time
}

// reviewedByOwner says whether the latest ControlReview by the control's owner names the control, passed and is
// current.
func (a *assessment) reviewedByOwner() bool {
	series, _ := a.series(func(t *isms.Attestation) bool {
		return t.Spec.Type == ControlReview && slices.Contains(t.Spec.Controls, a.control.Spec.ID) &&
			samePerson(t.Spec.PerformedBy, a.control.Spec.Owner)
	})
	if len(series) == 0 {
		return false
	}
	latest := series[len(series)-1]
	said := attestedOutcome(latest, a.in.Scope, a.in.Findings)
	return said.Status == metav1.ConditionTrue && !a.clock.Over(addDays(speaksUntil(latest), controlReviewDays))
}
