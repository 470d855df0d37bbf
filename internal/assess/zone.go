// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// NewClockIn stands still at now and counts days in a time zone.
func NewClockIn(now time.Time, zone *time.Location) *Clock {
	return &Clock{now: now.UTC(), zone: zone}
}

// begins is the first moment of the day that holds a date, moved by days, in the clock's zone. Where the clocks are
// changed at midnight, a day may begin at one o'clock, and midnight may come twice.
func (c *Clock) begins(d isms.Date, days int) (time.Time, error) {
	t, err := d.Time()
	if err != nil || c.zone == nil {
		return t.AddDate(0, 0, days), err
	}
	t = t.AddDate(0, 0, days)
	at := func(hour int) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), hour, 0, 0, 0, c.zone) }
	begin := at(0)
	if earlier := begin.Add(-time.Hour); earlier.Day() == t.Day() {
		begin = earlier
	}
	if begin.Day() != t.Day() {
		begin = at(1)
	}
	return begin.UTC(), nil
}

// Begins is the first moment of a day in the clock's zone; zero for what is not a date.
func (c *Clock) Begins(d isms.Date) time.Time {
	t, err := c.begins(d, 0)
	if err != nil {
		return time.Time{}
	}
	return t
}

// AddMonths moves a date by calendar months. Where the month is shorter, it is its last day: twelve months after
// February 29 is February 28. It is empty for what is not a date.
func AddMonths(d isms.Date, months int) isms.Date { return addMonths(d, months) }

// DaysBetween counts the days from one date to another, negative where the other is earlier; zero if either is no date.
func DaysBetween(from, to isms.Date) int { return daysBetween(from, to) }
