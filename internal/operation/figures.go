// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
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
	// Controls that have a series, unless the log shows that they were excluded all along; sorted by id.
	Controls []ControlFigures
	// Seals are the digests of the checkpoints that are over all of the period; Signed says that one of them is signed.
	Seals  []isms.Digest
	Signed bool
}

// ControlFigures are what the log shows of a control in a period.
type ControlFigures struct {
	ID isms.ControlID
	// Seconds of the period but for those in which the log shows that the control was excluded, and how many of them it
	// shows it to be effective.
	Seconds, Effective int64
	// EffectivePercent is the share that is shown to be effective, rounded down.
	EffectivePercent int32
}

// Figures computes the figures of a period. alive is until when the operator vouches for what it saw, such as the
// scope's heartbeat: time after it is unobserved, and so is the time before the log begins. A control of which the log
// did not know yet was not effective, and in unobserved time none was.
func (b *Book) Figures(period Span, alive time.Time) Figures {
	p, gaps := period.interval(), b.gaps(alive)
	f := Figures{Period: period, Seconds: p.seconds(), Observed: observed(p, gaps)}
	f.CoveragePercent = percent(f.Observed, f.Seconds)
	for _, id := range b.controlIDs() {
		c := ControlFigures{ID: id, Seconds: f.Seconds}
		for _, s := range stretches(b.controls[id].turns) {
			good, left := s.shown(p, gaps)
			c.Effective, c.Seconds = c.Effective+good, c.Seconds-left
		}
		if c.Seconds == 0 {
			continue
		}
		c.EffectivePercent = percent(c.Effective, c.Seconds)
		f.Controls = append(f.Controls, c)
	}
	for _, c := range b.own.checkpoints {
		if c.at >= p.to {
			f.Seals, f.Signed = append(f.Seals, c.digest), f.Signed || c.signed
		}
	}
	return f
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
