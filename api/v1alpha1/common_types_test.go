// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"testing"
	"time"
)

func TestDateTime(t *testing.T) {
	tests := []struct {
		date Date
		want string
	}{
		{"2026-11-24", "2026-11-24T00:00:00Z"},
		{"2028-02-29", "2028-02-29T00:00:00Z"},
		{"2026-02-29", ""},
		{"2026-1-2", ""},
		{"2026-11-24T00:00:00Z", ""},
		{"", ""},
	}
	for _, tt := range tests {
		t.Run(string(tt.date), func(t *testing.T) {
			got, err := tt.date.Time()
			if tt.want == "" {
				if err == nil {
					t.Fatalf("%s is taken for %s", tt.date, got)
				}
				return
			}
			if err != nil || got.Format(time.RFC3339) != tt.want {
				t.Errorf("got %s, %v, want %s", got.Format(time.RFC3339), err, tt.want)
			}
		})
	}
}

func TestNewDateIsTheDayInTheZoneOfTheTime(t *testing.T) {
	at := time.Date(2026, 11, 24, 23, 30, 0, 0, time.UTC)
	if got := NewDate(at); got != "2026-11-24" {
		t.Errorf("in UTC: %s", got)
	}
	if got := NewDate(at.In(time.FixedZone("CET", 3600))); got != "2026-11-25" {
		t.Errorf("an hour east: %s", got)
	}
}

func TestNewDateIsAFullDate(t *testing.T) {
	for want, at := range map[Date]time.Time{
		"9999-12-31": time.Date(10000, 1, 30, 0, 0, 0, 0, time.UTC),
		"9999-12-30": time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC),
		"0000-01-01": time.Date(-1, 12, 31, 0, 0, 0, 0, time.UTC),
	} {
		if got := NewDate(at); got != want {
			t.Errorf("%s is the day %s, want %s", at, got, want)
		}
	}
}
