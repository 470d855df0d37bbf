// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/operation"
)

// operatingPeriodOf are the figures of a cycle's operating period, each with its default. No standard prescribes them.
func operatingPeriodOf(cycle *isms.AuditCycle) isms.OperatingPeriod {
	var given isms.OperatingPeriod
	if p := cycle.Spec.OperatingPeriod; p != nil {
		given = *p
	}
	given.Days = cmp.Or(given.Days, 90)
	given.MinCoveragePercent = cmp.Or(given.MinCoveragePercent, 90)
	given.MinEffectivePercent = cmp.Or(given.MinEffectivePercent, 95)
	return given
}

// settled is how long after a day everything about it is in the log: a control that flaps is written down within an hour
// (ledger.Damper).
const settled = 65 * time.Minute

// operatingPeriod is a period of whole days that ended yesterday, or the day before while yesterday is not settled, and how
// much of it the evidence log is there for.
type operatingPeriod struct {
	// from and to are the first and the last day.
	from, to isms.Date
	// observedFrom is the first day since which there is a log: the first of the period, or a later one.
	observedFrom isms.Date
	// asserted is the number of days before, which prior records assert; missing is the number of those that none does.
	asserted, missing int32
}

func periodOf(cycle *isms.AuditCycle, observedSince time.Time, clock *assess.Clock) operatingPeriod {
	wanted := operatingPeriodOf(cycle)
	today := clock.Today()
	if !clock.Reached(clock.Begins(today).Add(settled)) {
		today = assess.AddDays(today, -1)
	}
	p := operatingPeriod{from: assess.AddDays(today, -wanted.Days), to: assess.AddDays(today, -1), observedFrom: today}
	zone, _ := zoneOf(cycle)
	p.observedFrom = min(today, max(p.from, isms.NewDate(observedSince.In(zone))))
	for day := p.from; day < p.observedFrom; day = assess.AddDays(day, 1) { // full-dates sort as text
		if slices.ContainsFunc(wanted.PriorRecords, func(r isms.PriorRecord) bool {
			return r.From <= day && day <= r.To && clock.Over(r.To)
		}) {
			p.asserted++
		} else {
			p.missing++
		}
	}
	return p
}

// ObservedPeriod is the part of a cycle's operating period since which there is a log, as whole days of the cycle's time zone;
// empty where that is no whole day. Of it the evidence log has to show the figures.
func ObservedPeriod(cycle *isms.AuditCycle, observedSince, now time.Time) operation.Span {
	if observedSince.IsZero() {
		return operation.Span{}
	}
	zone, _ := zoneOf(cycle)
	clock := assess.NewClockIn(now, zone)
	p := periodOf(cycle, observedSince, clock)
	return operation.Span{From: clock.Begins(p.observedFrom), To: clock.Begins(assess.AddDays(p.to, 1))}
}

// operatingPeriodMet: the controls operated for some time before Stage 2, as the evidence log shows: for so many days, observed
// for so great a share, and each effective for so great a share. Days from before the log count where prior records assert
// them. Practice: certification bodies want some weeks to three months of records, no standard says so.
func (c *cycleAssessment) operatingPeriodMet() conditions.Summary {
	if c.in.ObservedSince.IsZero() {
		return unknown(isms.ReasonNotYetAssessed, "There is no evidence log of the scope.")
	}
	wanted, p := operatingPeriodOf(c.cycle), periodOf(c.cycle, c.in.ObservedSince, c.clock)
	needs := []need{want(p.missing == 0, isms.ReasonOperatingPeriodTooShort, fmt.Sprintf(
		"Operate for %s: the evidence log begins later, and no prior record asserts the rest.", conditions.Count(int(wanted.Days), "day")))}
	if f := c.in.Operation; f == nil {
		needs = append(needs, from(unknown(isms.ReasonNotYetAssessed, "The evidence log shows no whole day of operation yet.")))
	} else {
		below := c.belowShare(wanted.MinEffectivePercent)
		needs = append(needs,
			want(f.CoveragePercent >= wanted.MinCoveragePercent, isms.ReasonBelowThreshold,
				fmt.Sprintf("Less than %d %% of the period was observed.", wanted.MinCoveragePercent)),
			want(len(below) == 0, isms.ReasonBelowThreshold,
				fmt.Sprintf("Not seen to be effective for %d %% of the period: %s.", wanted.MinEffectivePercent, conditions.Names(below))),
			declared(len(c.records.applicable()) > 0, "The scope has no applicable control."))
	}
	met := join(needs, isms.ReasonOperatingPeriodMet)
	if met.Reason == isms.ReasonOperatingPeriodMet && p.asserted > 0 {
		met.Message = "Part of the period is asserted by prior records, and not observed."
	}
	return met
}

// share is for how great a part of the period a control was seen to be effective, in percent: a lower bound. One that the
// log does not know was not.
func (c *cycleAssessment) share(id isms.ControlID) int32 {
	for _, f := range c.in.Operation.Controls {
		if f.ID == id {
			return f.EffectivePercent
		}
	}
	return 0
}

// belowShare are the controls that are applicable today and were effective for a smaller share.
func (c *cycleAssessment) belowShare(least int32) []string {
	var ids []string
	for _, control := range c.records.applicable() {
		if c.share(control.Spec.ID) < least && !slices.Contains(ids, controlID(control)) {
			ids = append(ids, controlID(control))
		}
	}
	return catalogue.SortIDs(ids)
}

// operation shows the operating period; nil where the log shows no whole day of it.
func (c *cycleAssessment) operation() *isms.CycleOperation {
	f := c.in.Operation
	if f == nil {
		return nil
	}
	wanted, p := operatingPeriodOf(c.cycle), periodOf(c.cycle, c.in.ObservedSince, c.clock)
	o := &isms.CycleOperation{
		From: p.from, To: p.to, ObservedFrom: p.observedFrom, AssertedDays: p.asserted, CoveragePercent: f.CoveragePercent,
		Signed: answer(f.Signed), Anchored: answer(c.anchored()),
	}
	for i, control := range c.records.applicable() {
		if share := c.share(control.Spec.ID); i == 0 || share < o.EffectivePercent {
			o.EffectivePercent = share
		}
	}
	for _, id := range c.belowShare(wanted.MinEffectivePercent) {
		if len(o.BelowThreshold) < belowNames {
			o.BelowThreshold = append(o.BelowThreshold, isms.ControlID(id))
		}
	}
	return o
}

// anchorType is the type of attestation by which somebody says that checkpoints are kept outside of the cluster: its
// artifacts have the digests of their entries. That they are there, nothing in a cluster can show.
const anchorType isms.TypeName = "CheckpointAnchor"

// anchored says whether somebody attests that a checkpoint over all of the period is kept outside of the cluster.
func (c *cycleAssessment) anchored() bool {
	kept := assess.Records(c.in.Attestations, c.in.Scope.Name, c.clock, func(a *isms.Attestation) bool {
		return a.Spec.Type == anchorType && a.Spec.Outcome == isms.OutcomePass
	})
	return slices.ContainsFunc(kept, func(a *isms.Attestation) bool {
		return slices.ContainsFunc(a.Spec.Artifacts, func(x isms.Artifact) bool { return slices.Contains(c.in.Operation.Seals, x.Digest) })
	})
}

func answer(yes bool) isms.YesNo {
	if yes {
		return isms.Yes
	}
	return isms.No
}

// belowNames is how many controls a status names.
const belowNames = 200
