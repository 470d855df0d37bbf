// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

const day = 24 * time.Hour

// Clock answers questions about one moment and remembers the earliest later moment at which an answer would be
// another. An assessment that asks about time only through one Clock therefore cannot change by time alone before
// Next. The zero Clock is not usable.
type Clock struct {
	now  time.Time
	next time.Time
	// zone in which days are counted; nil is UTC.
	zone *time.Location
}

// NewClock stands still at now and counts days in UTC.
func NewClock(now time.Time) *Clock { return &Clock{now: now.UTC()} }

// Now is the moment at which the clock stands. It serves for timestamps, never for a decision.
func (c *Clock) Now() time.Time { return c.now }

// Next is the earliest moment at which an answer changes; zero where none ever does.
func (c *Clock) Next() time.Time { return c.next }

// Reached says whether the moment has come.
func (c *Clock) Reached(t time.Time) bool {
	if !c.now.Before(t) {
		return true
	}
	if c.next.IsZero() || t.Before(c.next) {
		c.next = t
	}
	return false
}

// Come says whether the day has begun. What is not a date never comes.
func (c *Clock) Come(d isms.Date) bool {
	t, err := c.begins(d, 0)
	return err == nil && c.Reached(t)
}

// Over says whether the day has ended. What is not a date is over, so that it never prolongs anything.
func (c *Clock) Over(d isms.Date) bool {
	t, err := c.begins(d, 1)
	return err != nil || c.Reached(t)
}

// Today is the present day. Unlike the other answers it changes every midnight.
func (c *Clock) Today() isms.Date {
	here := c.now
	if c.zone != nil {
		here = c.now.In(c.zone)
	}
	today := isms.Date(here.Format(time.DateOnly))
	c.Over(today)
	return today
}

// addDays moves a date; it is empty for what is not a date.
func addDays(d isms.Date, days int32) isms.Date {
	t, err := d.Time()
	if err != nil {
		return ""
	}
	return isms.NewDate(t.AddDate(0, 0, int(days)))
}

// daysBetween counts the days from one date to a later one; zero if either is no date.
func daysBetween(from, to isms.Date) int {
	a, errA := from.Time()
	b, errB := to.Time()
	if errA != nil || errB != nil {
		return 0
	}
	return int(b.Sub(a) / day)
}
