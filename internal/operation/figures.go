// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"slices"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Span is a stretch of time, half open, in whole seconds.
type Span struct{ From, To time.Time }

func (s Span) interval() interval { return interval{s.From.Unix(), s.To.Unix()} }

// Figures are what the log shows of a period.
type Figures struct {
	Period Span
	// Seconds of the period, and how many of them were observed and synced.
	Seconds, Observed int64
	// CoveragePercent is the observed share, rounded down: 100 only where nothing is missing.
	CoveragePercent int32
	// EffectivePercent is the lowest share of a control; 0 where there is none.
	EffectivePercent int32
	// Controls that were applicable at some time of the period, sorted by id.
	Controls []ControlFigures
	// Seals are the digests of the checkpoints that are over all of the period; Signed says that one of them is signed.
	Seals  []isms.Digest
	Signed bool
}

// ControlFigures are what the log shows of a control in a period.
type ControlFigures struct {
	ID isms.ControlID
	// Seconds in which the control was not excluded, and how many of them it was effective.
	Seconds, Effective int64
	// EffectivePercent is the effective share, rounded down.
	EffectivePercent int32
}

// Figures computes the figures of a period. alive is until when the operator vouches for what it saw, such as the
// scope's heartbeat: time after it is unobserved, and so is the time before the log begins. A control of which the log
// did not know yet was not effective.
func (b *Book) Figures(period Span, alive time.Time) Figures {
	p := period.interval()
	gaps := slices.DeleteFunc(b.gaps(alive), func(g interval) bool { return g.within(p).seconds() == 0 })
	f := Figures{Period: period, Seconds: p.seconds(), Observed: observed(p, gaps)}
	f.CoveragePercent = percent(f.Observed, f.Seconds)
	for _, id := range b.controlIDs() {
		c := ControlFigures{ID: id}
		for _, s := range unobserved(near(stretches(b.controls[id].turns), p, gaps), gaps) {
			seconds := s.within(p).seconds()
			if s.state != excluded {
				c.Seconds += seconds
			}
			if s.state == effective {
				c.Effective += seconds
			}
		}
		if c.Seconds == 0 {
			continue
		}
		c.EffectivePercent = percent(c.Effective, c.Seconds)
		if len(f.Controls) == 0 || c.EffectivePercent < f.EffectivePercent {
			f.EffectivePercent = c.EffectivePercent
		}
		f.Controls = append(f.Controls, c)
	}
	for _, c := range b.own.checkpoints {
		if c.at >= p.to {
			f.Seals, f.Signed = append(f.Seals, c.digest), f.Signed || c.signed
		}
	}
	return f
}

// near are the stretches that a period, or a gap in it, can touch.
func near(list []stretch, period interval, gaps []interval) []stretch {
	if len(gaps) > 0 {
		period = interval{min(period.from, gaps[0].from), max(period.to, gaps[len(gaps)-1].to)}
	}
	return slices.DeleteFunc(list, func(s stretch) bool { return s.to < period.from || s.from > period.to+settle })
}

// Below are the controls that were effective for a smaller share than asked, sorted.
func (f Figures) Below(least int32) []isms.ControlID {
	var ids []isms.ControlID
	for _, c := range f.Controls {
		if c.EffectivePercent < least {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Observed is how many seconds of a span were observed, by what the operator vouches for until alive: what a checkpoint
// says of its day.
func (b *Book) Observed(span Span, alive time.Time) int64 {
	return observed(span.interval(), b.gaps(alive))
}

// gaps are all the time that nobody observed.
func (b *Book) gaps(alive time.Time) []interval {
	if b.own.first == 0 {
		return []interval{{never, forever}}
	}
	return apart(append([]interval{{never, b.own.first}, {max(alive.Unix(), b.own.first), forever}}, b.own.gaps...))
}

func observed(period interval, gaps []interval) int64 {
	seconds := period.seconds()
	for _, gap := range gaps {
		seconds -= gap.within(period).seconds()
	}
	return seconds
}

func percent(part, whole int64) int32 {
	if whole <= 0 {
		return 0
	}
	return int32(part * 100 / whole) //nolint:gosec // at most 100
}
