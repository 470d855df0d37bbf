// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/operation"
)

// TestWatchTellsOfBreaks has a process look every five seconds, and says which gaps it tells of, in seconds since it began.
func TestWatchTellsOfBreaks(t *testing.T) {
	const end = 1500
	began := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	at := func(second int) time.Time { return began.Add(time.Duration(second) * time.Second) }
	type gap struct {
		from, to int
		reason   string
	}
	between := func(second, from, to int) bool { return second >= from && second < to }
	for name, tc := range map[string]struct {
		// looks is why not all is observed at a second, and whether the process runs then.
		looks func(second int) (reason string, runs bool)
		// tries: a status is to be written, and tried again every five seconds.
		tries bool
		want  []gap
	}{
		"all is well": {func(int) (string, bool) { return "", true }, false, nil},
		"a moment": {func(s int) (string, bool) {
			if between(s, 600, 610) {
				return isms.ReasonServerAway, true
			}
			return "", true
		}, false, nil},
		"the API server is away for half a minute": {func(s int) (string, bool) {
			if between(s, 600, 630) {
				return isms.ReasonServerAway, true
			}
			return "", true
		}, false, []gap{{595, 635, isms.ReasonServerAway}}}, // until it has answered twice
		"and what can't be written is tried again": {func(s int) (string, bool) {
			if between(s, 600, 660) {
				return isms.ReasonServerAway, true
			}
			return "", true
		}, true, []gap{{600, 665, isms.ReasonServerAway}}},
		"a kind is not synced": {func(s int) (string, bool) {
			if between(s, 600, 700) {
				return isms.ReasonNotSynced, true
			}
			return "", true
		}, false, []gap{{595, 700, isms.ReasonNotSynced}}},
		"the machine stands still": {func(s int) (string, bool) { return "", !between(s, 600, 650) }, false, []gap{{595, 650, isms.ReasonServerAway}}},
		"it comes and goes": {func(s int) (string, bool) {
			if s >= 600 && s < 1200 && s/50%2 == 0 {
				return isms.ReasonServerAway, true
			}
			return "", true
		}, false, []gap{{595, 655, isms.ReasonServerAway}, {695, 955, isms.ReasonServerAway}, {995, 1255, isms.ReasonServerAway}}},
	} {
		var w watch
		book := &operation.Book{}
		book.Take(ledger.Key{Series: isms.SeriesScope}, &isms.LogEntry{Sequence: 1, Type: isms.LogOperatorChanged, ObservedTime: metav1.NewTime(began)})
		w.looked(true, false, began)
		var got []gap
		for second := 5; second < end; second += 5 {
			reason, runs := tc.looks(second)
			now := at(second)
			if tc.tries && runs && !w.waits(now) && w.gap(book, &isms.ISMSScope{}, time.Minute, now) == nil {
				w.looked(true, false, now)
			}
			if !runs || !w.pulse(reason, now) || w.waits(now) {
				continue
			}
			entries := w.gap(book, &isms.ISMSScope{}, time.Minute, now)
			for _, e := range entries {
				got = append(got, gap{int(e.From.Sub(began).Seconds()), second, e.Reason})
			}
			w.looked(true, len(entries) > 0, now)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: told of %v, want %v", name, got, tc.want)
		}
	}
}

// TestWatchOfAnotherProcess: time since the last heartbeat of a process that is gone is told however short, with that for
// which it may have held something back, but none from before the log.
func TestWatchOfAnotherProcess(t *testing.T) {
	began := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	book := &operation.Book{}
	var w watch
	scope := &isms.ISMSScope{}
	scope.CreationTimestamp = metav1.NewTime(began.Add(-time.Minute))
	if told := w.gap(book, scope, time.Minute, began); told != nil {
		t.Errorf("before the log begins told is %v", told)
	}
	book.Take(ledger.Key{Series: isms.SeriesScope}, &isms.LogEntry{Sequence: 1, Type: isms.LogOperatorChanged, ObservedTime: metav1.NewTime(began)})
	for beat, from := range map[time.Duration]time.Duration{time.Hour: 59 * time.Minute, 30 * time.Second: 0} {
		heartbeat := metav1.NewTime(began.Add(beat))
		scope.Status.HeartbeatTime = &heartbeat
		told := w.gap(book, scope, time.Minute, heartbeat.Add(2*time.Second))
		if len(told) != 1 || told[0].Reason != isms.ReasonOperatorDown || !told[0].From.Time.Equal(began.Add(from)) {
			t.Errorf("after a heartbeat at %s told is %+v", beat, told)
		}
	}
	// Without a heartbeat the log alone says when somebody was there: the process ended before its first one, or the scope
	// was deleted since.
	scope.Status.HeartbeatTime = nil
	for created, reason := range map[time.Duration]string{-time.Minute: isms.ReasonOperatorDown, time.Hour: isms.ReasonScopeRecreated} {
		scope.CreationTimestamp = metav1.NewTime(began.Add(created))
		told := w.gap(book, scope, time.Minute, began.Add(2*time.Hour))
		if len(told) != 1 || told[0].Reason != reason || !told[0].From.Time.Equal(began) {
			t.Errorf("of a scope made %s after the log told is %+v", created, told)
		}
	}
}
