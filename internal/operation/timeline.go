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

// stretch is an interval in which a control fared in one way.
type stretch struct {
	interval
	state state
	// worst is how it fared at worst in the whole interval between two turns that the stretch is part of.
	worst state
}

// stretches are how a control fared through all time, in order and without a hole. Before its first turn nothing is known
// of it; after the last, that stands.
func stretches(turns []turn) []stretch {
	list := []stretch{{interval{never, forever}, unknown, unknown}}
	for _, t := range turns {
		last := &list[len(list)-1]
		t.at = max(t.at, last.from) // A clock that was set back does not undo what was seen.
		between, before := interval{last.from, t.at}, last.state
		list = list[:len(list)-1]
		if t.flaps != nil && between.from != never {
			list = append(list, t.flaps.over(between)...)
		} else {
			list = append(list, stretch{between, before, before})
		}
		list = append(list, stretch{interval{t.at, forever}, t.state, t.state})
	}
	return list
}

// over lays seconds out in an interval, the worst first: which of them came when is not in the log. Seconds that are
// missing from the sum count as ineffective.
func (s *spent) over(between interval) []stretch {
	left := between.seconds()
	take := func(seconds int64) int64 {
		seconds = min(max(seconds, 0), left)
		left -= seconds
		return seconds
	}
	parts := [...]int64{ineffective: take(s.ineffective), unknown: take(s.unknown), excluded: take(s.excluded), effective: take(s.effective)}
	parts[ineffective] += left
	worst := effective
	for st := effective; st >= ineffective; st-- {
		if parts[st] > 0 {
			worst = st
		}
	}
	var list []stretch
	from := between.from
	for st := ineffective; st <= effective; st++ {
		if parts[st] > 0 {
			list = append(list, stretch{interval{from, from + parts[st]}, st, worst})
			from += parts[st]
		}
	}
	return list
}

// settle is how long after a gap its end is not clear yet: what was found then may be written down a little later, for a
// change that follows another within the dwell time of the log waits (ledger.DefaultLimits).
const settle = 120

// unobserved lays gaps over stretches: in a gap the control fared as at its worse side, or as anything that was written
// down in between. Gaps must be in order and apart.
func unobserved(list []stretch, gaps []interval) []stretch {
	for _, gap := range gaps {
		var out []stretch
		worst := effective
		for _, s := range list {
			if s.from <= gap.to+settle && s.to >= gap.from {
				worst = min(worst, s.worst)
			}
		}
		laid := false
		for _, s := range list {
			if before := (interval{s.from, min(s.to, gap.from)}); before.seconds() > 0 {
				out = append(out, stretch{before, s.state, s.worst})
			}
			if s.to > gap.from && !laid {
				out, laid = append(out, stretch{gap, worst, worst}), true
			}
			if after := (interval{max(s.from, gap.to), s.to}); after.seconds() > 0 {
				out = append(out, stretch{after, s.state, s.worst})
			}
		}
		list = out
	}
	return list
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
