// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/operation"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// watch is since when this process observes a scope without a break.
type watch struct {
	// seen is when it last saw that all of the scope is observed; zero before the first time.
	seen time.Time
	// unsynced says that it has seen since that something is not.
	unsynced bool
}

// Breaks that are told. What is shorter lies within the time in which the log sums changes up anyway.
const (
	// shortestUnsynced is how long not everything was seen, by this process.
	shortestUnsynced = time.Minute
	// longestBeat is how long no heartbeat could be written, by this process: each is tried after half of it.
	longestBeat = 2 * readiness.HeartbeatEvery
)

// gap is the entry about the time before now in which nobody observed the scope, or not all of it; none where there is no
// such time. beat is the last heartbeat that was written, by whichever process, and held the longest time for which a
// change that was seen is held back.
//
// A process that has not observed yet tells of all time since the last heartbeat, however short: another one may have
// ended at any moment since. What that one had seen and held back is lost with it, so that the time in which it may have
// seen it belongs to the gap.
func (w *watch) gap(book *operation.Book, beat *metav1.Time, held time.Duration, now time.Time) []isms.LogEntry {
	from, reason := w.seen, ""
	switch away := now.Sub(w.seen); {
	case book.ObservedSince().IsZero(): // the log begins
		return nil
	case w.seen.IsZero():
		reason, from = isms.ReasonOperatorDown, book.Last()
		if beat != nil && !beat.After(now) {
			from = beat.Time
		}
		from = latest(from.Add(-held), book.ObservedSince())
	case w.unsynced && away >= shortestUnsynced:
		reason = isms.ReasonNotSynced
	case away >= longestBeat:
		reason = isms.ReasonServerAway
	}
	if reason == "" || now.Sub(from) < time.Second {
		return nil
	}
	since := metav1.NewTime(from)
	return []isms.LogEntry{{Type: isms.LogObservationGap, From: &since, Reason: reason}}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// looked notes what was seen, once the gap before it is told.
func (w *watch) looked(alive bool, now time.Time) {
	if alive {
		w.seen, w.unsynced = now, false
	} else {
		w.unsynced = true
	}
}

// unbroken says that this process has observed since it told of the last gap, and that no other is to be told.
func (w *watch) unbroken(now time.Time) bool {
	return !w.seen.IsZero() && !w.unsynced && now.Sub(w.seen) < longestBeat
}
