// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"cmp"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/operation"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// watch is until when this process observes a scope without a break.
type watch struct {
	// seen is when it last saw that all of the scope is observed; zero before the first time. It moves with each pulse, and
	// stands still from the beginning of a break until that is told.
	seen time.Time
	// broken is why not all is observed, or was not since seen; empty where there was no such time.
	broken string
	// back says that the API server has answered once since it was away: the streams may still be on their way.
	back bool
	// told is when it last told of a gap.
	told time.Time
}

const (
	// pulseEvery is the time between two looks at whether a scope is observed.
	pulseEvery = syncLook
	// shortestBreak is how long a break is that is told: six looks were missed. What is shorter lies within the time for
	// which the log sums changes up anyway.
	shortestBreak = 30 * time.Second
	// betweenBreaks is the shortest time between two gaps that one process tells of: breaks that come sooner are told as one,
	// with what lies between them, so that a connection that comes and goes does not fill the log.
	betweenBreaks = readiness.HeartbeatEvery
	// longestBeat is how long no heartbeat could be written: each is tried after half of it. Nobody knows then what else could
	// not be.
	longestBeat = 2 * readiness.HeartbeatEvery
)

// pulse notes at a moment whether all of a scope is observed, and if not, why. It says whether there is a gap to be told.
func (w *watch) pulse(reason string, now time.Time) bool {
	switch {
	case w.seen.IsZero():
	case reason != "":
		w.broken, w.back = cmp.Or(w.broken, reason), false
	case w.awaitsStreams():
		w.back = true
	case now.Sub(w.seen) >= shortestBreak:
		return true
	default:
		w.seen, w.broken, w.back = now, "", false
	}
	return false
}

// answered notes that the API server answers, where nothing else is known of the scope: what is to be told of a gap must not
// wait for that, since writing it may be what makes the rest known.
func (w *watch) answered() {
	if w.awaitsStreams() {
		w.back = true
	}
}

// awaitsStreams says that the API server was away and has not answered twice since. Streams try again within that time.
func (w *watch) awaitsStreams() bool { return w.broken == isms.ReasonServerAway && !w.back }

// waits says that there is a gap to be told, and that it is not to be told yet.
func (w *watch) waits(now time.Time) bool {
	if w.seen.IsZero() || now.Sub(w.seen) < shortestBreak {
		return false
	}
	return w.awaitsStreams() || now.Sub(w.told) < betweenBreaks
}

// gap is the entry about the time before now in which nobody observed the scope, or not all of it; none where there is no
// such time. The scope has the last heartbeat that was written, by whichever process; held is the longest time for which a
// change that was seen is held back.
//
// A process that has not observed yet tells of all time since the last heartbeat, however short: another one may have
// ended at any moment since. What that one had seen and held back is lost with it, so that the time in which it may have
// seen it belongs to the gap. A scope that was made after its log began was deleted before: there was nothing to observe.
// Later, where a process has missed its looks for no reason that it knows, it stood still.
func (w *watch) gap(book *operation.Book, scope *isms.ISMSScope, held time.Duration, now time.Time) []isms.LogEntry {
	from, reason := w.seen, cmp.Or(w.broken, isms.ReasonServerAway)
	beat := scope.Status.HeartbeatTime
	switch {
	case book.ObservedSince().IsZero(): // the log begins
		return nil
	case w.seen.IsZero():
		from, reason = book.Last(), isms.ReasonOperatorDown
		switch {
		case beat != nil && !beat.After(now):
			from = beat.Time
		case scope.CreationTimestamp.After(book.ObservedSince()):
			reason = isms.ReasonScopeRecreated
		}
		from = latest(from.Add(-held), book.ObservedSince())
	case now.Sub(w.seen) < shortestBreak:
		return nil
	}
	if now.Sub(from) < time.Second {
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

// looked notes what was seen, once the gap before it is told. What nobody has asked the API server about, such as that all is
// still synced, ends no time in which that was away.
func (w *watch) looked(alive, told bool, now time.Time) {
	switch {
	case !alive:
		w.broken = cmp.Or(w.broken, isms.ReasonNotSynced)
		return
	case !told && w.awaitsStreams():
		return
	}
	w.seen, w.broken, w.back = now, "", false
	if told {
		w.told = now
	}
}

// unbroken says that this process has observed since it told of the last gap, and that no other is to be told.
func (w *watch) unbroken(now time.Time) bool {
	return !w.seen.IsZero() && w.broken == "" && now.Sub(w.seen) < shortestBreak
}
