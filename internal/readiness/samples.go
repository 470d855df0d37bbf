// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/sampling"
)

const (
	// sampleMethod is the method of internal/sampling.
	sampleMethod = "SHA256Order"
	// sampleLimit is how many records a status names of one sample.
	sampleLimit = 100
)

// LogsWanted says whether a cycle asks for a sample of log entries that can be drawn and is not: reading logs is dear.
func LogsWanted(cycle *isms.AuditCycle, now time.Time) bool {
	clock := assess.NewClock(now)
	return slices.ContainsFunc(cycle.Spec.Samples, func(r isms.SampleRequest) bool {
		return r.Population.Kind == isms.SampleLogEntries && clock.Over(r.Period.To) && drawnBefore(cycle, &r) == nil
	})
}

// drawnBefore is the sample that the status holds for a request; nil where it holds none, or one for another request.
func drawnBefore(cycle *isms.AuditCycle, r *isms.SampleRequest) *isms.SampleStatus {
	for i := range cycle.Status.Samples {
		s := &cycle.Status.Samples[i]
		if s.Name == r.Name && s.State == isms.SampleDrawn && s.RequestDigest == requestDigest(r) {
			return s
		}
	}
	return nil
}

func requestDigest(r *isms.SampleRequest) isms.Digest {
	text, err := json.Marshal(r)
	if err != nil {
		return "" // of strings and numbers alone there is no error
	}
	sum := sha256.Sum256(text)
	return isms.Digest("sha256:" + hex.EncodeToString(sum[:]))
}

// samples are the samples that the cycle asks for (ISO 19011, A.6). One is drawn when its period is over, so that the
// population is complete. Of Attestations the draw is over those that there are: a record that comes or goes later shows in
// the digest of the population. Log entries of a past period do not change, so their draw stands.
func (c *cycleAssessment) samples() []isms.SampleStatus {
	var list []isms.SampleStatus
	for i := range c.cycle.Spec.Samples {
		list = append(list, c.sample(&c.cycle.Spec.Samples[i]))
	}
	return list
}

// DrawAgain draws the samples of a cycle from the Attestations and Logs of the input, as if none had been drawn: what somebody
// else draws who holds these records. Nil Logs leave samples of log entries pending.
func DrawAgain(in CycleInput) []isms.SampleStatus {
	in.Cycle = in.Cycle.DeepCopy()
	in.Cycle.Status.Samples = nil
	return newCycleAssessment(in).samples()
}

func (c *cycleAssessment) sample(r *isms.SampleRequest) isms.SampleStatus {
	pending := isms.SampleStatus{Name: r.Name, State: isms.SamplePending}
	var population []sampling.Item
	switch before := drawnBefore(c.cycle, r); {
	case r.Population.Kind == isms.SampleAttestations:
		if !c.clock.Over(r.Period.To) {
			return pending
		}
		population = c.attestationsOf(r)
	case before != nil:
		return *before
	case !c.overInUTC(r.Period.To) || c.in.Logs == nil:
		return pending
	default:
		population = c.entriesOf(r)
	}
	size := count(len(population))
	return isms.SampleStatus{
		Name: r.Name, State: isms.SampleDrawn, Method: sampleMethod, Seed: r.Seed, RequestDigest: requestDigest(r),
		PopulationSize: &size, PopulationDigest: sampling.Digest(population), Drawn: draw(r, population),
	}
}

// draw takes as many as the request asks for; of an automated control one entry of each configuration.
func draw(r *isms.SampleRequest, population []sampling.Item) []string {
	switch {
	case r.Frequency == isms.FrequencyAutomated:
		return sampling.DrawEach(r.Seed, population, min(sampling.SizeByFrequency(r.Frequency, sampling.Groups(population)), sampleLimit))
	case r.Frequency != "":
		return sampling.Draw(r.Seed, population, sampling.SizeByFrequency(r.Frequency, len(population)))
	case r.Confidence != nil:
		size := sampling.SizeByConfidence(int(r.Confidence.ConfidencePercent), int(r.Confidence.TolerablePercent), len(population))
		return sampling.Draw(r.Seed, population, min(size, sampleLimit))
	}
	return sampling.Draw(r.Seed, population, int(r.Size))
}

// attestationsOf are the Attestations of a population: all that were performed in the period, whatever they say, also those
// that another one corrects.
func (c *cycleAssessment) attestationsOf(r *isms.SampleRequest) []sampling.Item {
	var items []sampling.Item
	for i := range c.in.Attestations {
		t := &c.in.Attestations[i].Spec
		within := r.Period.From <= t.PerformedOn && t.PerformedOn <= r.Period.To // full-dates sort as text
		if t.ScopeRef == c.cycle.Spec.ScopeRef && within && ofType(r, string(t.Type)) && ofControls(r, t.Controls...) {
			items = append(items, sampling.Item{ID: c.in.Attestations[i].Name})
		}
	}
	return items
}

// entriesOf are the log entries of a population, grouped by the criteria that were in force.
func (c *cycleAssessment) entriesOf(r *isms.SampleRequest) []sampling.Item {
	var items []sampling.Item
	for i := range c.in.Logs {
		log := &c.in.Logs[i]
		if log.Spec.ScopeRef != c.cycle.Spec.ScopeRef || !ofControls(r, log.Spec.ControlID) {
			continue
		}
		for _, e := range log.Spec.Entries {
			on := isms.NewDate(e.ObservedTime.UTC())
			if r.Period.From <= on && on <= r.Period.To && ofType(r, string(e.Type)) {
				group := string(log.Spec.ControlID) + " " + string(e.CriteriaDigest)
				items = append(items, sampling.Item{ID: fmt.Sprintf("%s/%d", log.Name, e.Sequence), Group: group})
			}
		}
	}
	return items
}

func ofType(r *isms.SampleRequest, is string) bool {
	return r.Population.Type == "" || string(r.Population.Type) == is
}

func ofControls(r *isms.SampleRequest, ids ...isms.ControlID) bool {
	return len(r.Population.Controls) == 0 || slices.ContainsFunc(ids, func(id isms.ControlID) bool {
		return slices.Contains(r.Population.Controls, id)
	})
}

// overInUTC says whether a day of the log has ended.
func (c *cycleAssessment) overInUTC(day isms.Date) bool {
	begins, err := day.Time()
	return err != nil || c.clock.Reached(begins.AddDate(0, 0, 1))
}

// drawn tells of each sample that was drawn, and of each whose population is not the one of which it was drawn before.
func drawn(before, after []isms.SampleStatus) []assess.Event {
	var events []assess.Event
	for _, s := range after {
		i := slices.IndexFunc(before, func(b isms.SampleStatus) bool {
			return b.Name == s.Name && b.State == isms.SampleDrawn && b.RequestDigest == s.RequestDigest
		})
		e := assess.Event{Type: assess.EventNormal, Reason: isms.ReasonSampleDrawn, Action: string(s.Name)}
		switch {
		case s.State != isms.SampleDrawn || i >= 0 && before[i].PopulationDigest == s.PopulationDigest:
			continue
		case i < 0:
			e.Message = fmt.Sprintf("The sample %s is drawn: %d of %d.", s.Name, len(s.Drawn), *s.PopulationSize)
		default:
			e.Type, e.Reason = assess.EventWarning, isms.ReasonPopulationChanged
			e.Message = fmt.Sprintf("Records of the period of sample %s came or went after it was drawn: it is drawn anew.", s.Name)
		}
		events = append(events, e)
	}
	return events
}
