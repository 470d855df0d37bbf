// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"cmp"
	"math"
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// state is how a control fares, the worst first.
type state int

const (
	ineffective state = iota
	unknown
	// excluded is better than unknown and worse than effective: its time is left out, which raises no share.
	excluded
	effective
)

func stateOf(result isms.ControlResult) state {
	switch result {
	case isms.ResultEffective:
		return effective
	case isms.ResultExcluded:
		return excluded
	case isms.ResultIneffective, isms.ResultNotImplemented:
		return ineffective
	}
	return unknown
}

func (s state) result() isms.ControlResult {
	return [...]isms.ControlResult{
		ineffective: isms.ResultIneffective, unknown: isms.ResultUnknown, excluded: isms.ResultExcluded, effective: isms.ResultEffective,
	}[s]
}

// turn is an entry that says how a control fares from then on.
type turn struct {
	// at is a Unix time in seconds, as all times here.
	at    int64
	state state
	// flaps are how the control fared since the turn before, where it changed too fast for entries.
	flaps *spent
}

// spent are seconds in each state.
type spent struct{ ineffective, unknown, excluded, effective int64 }

// interval is half open.
type interval struct{ from, to int64 }

const (
	never   = math.MinInt64 / 4
	forever = math.MaxInt64 / 4
)

func (i interval) seconds() int64 { return max(0, i.to-i.from) }

func (i interval) within(o interval) interval {
	return interval{max(i.from, o.from), min(i.to, o.to)}
}

// stretch is an interval in which a control fared in one way, or, where it flapped, in several ways of which only the seconds
// are known.
type stretch struct {
	interval
	state state
	flaps *spent
}

// stretches are how a control fared through all time, in order and without a hole. Before its first turn nothing is known
// of it; after the last, that stands.
func stretches(turns []turn) []stretch {
	list := []stretch{{interval: interval{never, forever}, state: unknown}}
	for _, t := range turns {
		last := &list[len(list)-1]
		last.to = max(t.at, last.from) // A clock that was set back does not undo what was seen.
		if last.from != never {
			last.flaps = t.flaps
		}
		list = append(list, stretch{interval: interval{last.to, forever}, state: t.state})
	}
	return list
}

// shown is for how many seconds of a period the log shows that the control was effective, and excluded. Of unseen time,
// in order and apart, it shows nothing.
func (s stretch) shown(period interval, unseen []interval) (good, left int64) {
	seen := int64(0)
	for _, part := range s.without(unseen) {
		seen += part.within(period).seconds()
	}
	switch {
	case seen == 0:
	case s.flaps != nil:
		return s.flaps.shown(s.seconds(), seen)
	case s.state == effective:
		good = seen
	case s.state == excluded:
		left = seen
	}
	return good, left
}

// shown is as that of a stretch, for one of which a part was seen. Which of its seconds came when is not in the log, so
// that those that were not seen, or lie outside of the period, may be any of them. Seconds that are missing from the sum
// count as ineffective.
func (s *spent) shown(whole, seen int64) (good, left int64) {
	lost, room := whole-seen, max(0, whole-s.ineffective-s.unknown)
	good, left = min(s.effective, max(0, room-s.excluded)), min(s.excluded, room)
	return max(0, good-lost), max(0, left-lost)
}

// without is what other intervals, in order and apart, leave of one.
func (i interval) without(others []interval) []interval {
	var left []interval
	for _, o := range others {
		if before := (interval{i.from, min(i.to, o.from)}); before.seconds() > 0 {
			left = append(left, before)
		}
		i.from = max(i.from, o.to)
	}
	if i.seconds() > 0 {
		left = append(left, i)
	}
	return left
}

// apart sorts intervals and joins those that touch.
func apart(list []interval) []interval {
	list = slices.DeleteFunc(slices.Clone(list), func(i interval) bool { return i.seconds() == 0 })
	slices.SortFunc(list, func(a, b interval) int { return cmp.Compare(a.from, b.from) })
	var out []interval
	for _, i := range list {
		if n := len(out); n > 0 && i.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, i.to)
			continue
		}
		out = append(out, i)
	}
	return out
}
