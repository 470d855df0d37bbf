// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"testing"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestDaysBeginInTheirZone: also where the clocks are changed, and where they are changed at midnight.
func TestDaysBeginInTheirZone(t *testing.T) {
	for _, tc := range []struct {
		zone         string
		day          isms.Date
		begins, ends string
	}{
		{"UTC", "2027-03-28", "2027-03-28T00:00:00Z", "2027-03-29T00:00:00Z"},
		{"Europe/Berlin", "2027-03-28", "2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z"},
		{"Europe/Berlin", "2027-10-31", "2027-10-30T22:00:00Z", "2027-10-31T23:00:00Z"},
		{"Asia/Tokyo", "2027-01-01", "2026-12-31T15:00:00Z", "2027-01-01T15:00:00Z"},
		// The day has no midnight: it begins at one o'clock.
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
		// Midnight comes twice: the day begins with the first.
		{"Atlantic/Azores", "2027-10-31", "2027-10-31T00:00:00Z", "2027-11-01T01:00:00Z"},
	} {
		zone, err := time.LoadLocation(tc.zone)
		if err != nil {
			t.Fatal(err)
		}
		at := func(text string, offset time.Duration) *Clock {
			moment, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			return NewClockIn(moment.Add(offset), zone)
		}
		if at(tc.begins, -1).Come(tc.day) || !at(tc.begins, 0).Come(tc.day) {
			t.Errorf("%s does not begin at %s in %s", tc.day, tc.begins, tc.zone)
		}
		if at(tc.ends, -1).Over(tc.day) || !at(tc.ends, 0).Over(tc.day) {
			t.Errorf("%s does not end at %s in %s", tc.day, tc.ends, tc.zone)
		}
		last := at(tc.ends, -1)
		if today := last.Today(); today != tc.day {
			t.Errorf("the last moment of %s in %s is on %s", tc.day, tc.zone, today)
		}
		if next := last.Next().Format(time.RFC3339); next != tc.ends {
			t.Errorf("after %s in %s looks again at %s, want %s", tc.day, tc.zone, next, tc.ends)
		}
	}
}
