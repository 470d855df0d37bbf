// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// life is how a control fared in truth, second by second, and when somebody watched.
type life struct {
	truth   []state
	watched []bool
	// ends says how unwatched time begins: with the end of a process, or with one that does not see everything.
	ends []bool
	// limits with which the log is damped.
	limits ledger.Limits
}

// undamped limits hold nothing back.
var undamped = ledger.Limits{PerHour: 1 << 30}

func randomLife(r *rand.Rand, seconds int) life {
	l := life{
		truth: make([]state, seconds), watched: make([]bool, seconds), ends: make([]bool, seconds),
		limits: []ledger.Limits{undamped, {Dwell: 10 * time.Second, PerHour: 60}, {Dwell: time.Minute, PerHour: 40}}[r.IntN(3)],
	}
	now, restless := effective, []int{200, 200, 30}[r.IntN(3)]
	for i := range seconds {
		if r.IntN(restless) == 0 {
			now = []state{effective, effective, effective, ineffective, unknown, excluded}[r.IntN(6)]
		}
		l.truth[i], l.watched[i] = now, true
	}
	for range r.IntN(3) { // none for a third of them
		l = l.unwatched(r.IntN(seconds), r.IntN(400), r.IntN(2) == 0)
	}
	return l
}

// unwatched is the life with nobody watching for a while, because the operator is stopped, or because it does not see
// everything.
func (l life) unwatched(from, seconds int, stopped bool) life {
	l.watched, l.ends = slices.Clone(l.watched), slices.Clone(l.ends)
	for i := from; i < min(from+seconds, len(l.watched)); i++ {
		l.watched[i], l.ends[i] = false, l.ends[i] || stopped
	}
	return l
}

// always is the life with somebody watching all the time.
func (l life) always() life {
	l.watched = slices.Clone(l.watched)
	for i := range l.watched {
		l.watched[i] = true
	}
	return l
}

// failing is the life with the control failing for a while.
func (l life) failing(from, seconds int) life {
	l.truth = slices.Clone(l.truth)
	for i := from; i < min(from+seconds, len(l.truth)); i++ {
		l.truth[i] = ineffective
	}
	return l
}

// writer is an operator that writes what it sees, damped as the real one does it.
type writer struct {
	*logs
	limits  ledger.Limits
	watch   ledger.Watch
	written []isms.LogEntry
}

func (w *writer) sees(second int64, s state) {
	watch := w.watch
	if watch == nil { // a process that has just begun
		watch = ledger.Watch{}
		watch.ResumeResult(w.limits, w.written)
	}
	var due []isms.LogEntry
	w.watch, due, _ = watch.ObserveResult(w.limits, at(second), s.result(), nil, nil)
	for _, entry := range due {
		w.add(control("A.8.22"), entry)
	}
	w.written = append(w.written, due...)
}

// lost is for how many seconds before the end of a process it may have held something back.
func (l life) lost() int64 { return int64(l.limits.Held() / time.Second) }

// book is what an operator writes that sees what is watched. It is told of the end, as by a heartbeat.
func (l life) book(t testing.TB) (*Book, int64) {
	w := &writer{logs: newLogs(t), limits: l.limits}
	gap, alive := int64(-1), int64(0)
	for i := range l.truth {
		if !l.watched[i] {
			if gap < 0 {
				gap = int64(i)
			}
			if l.ends[i] { // and with the process what it has held back
				gap, w.watch = max(0, min(gap, alive-l.lost())), nil
			}
			continue
		}
		if gap >= 0 {
			w.gap(gap, int64(i))
			gap = -1
		}
		w.sees(int64(i), l.truth[i])
		alive = int64(i + 1)
	}
	return w.logs.book(), alive
}

func (l life) figures(t testing.TB) Figures {
	book, alive := l.book(t)
	return book.Figures(span(0, int64(len(l.truth))), at(alive-l.lost()))
}

func eachLife(t *testing.T, check func(t *testing.T, r *rand.Rand, l life)) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // reproducible, no secret
		check(t, r, randomLife(r, 2000))
	}
}

// shares are the figures of the one control; those of one that was excluded all along are nil.
func shares(f Figures) ControlFigures {
	if len(f.Controls) == 0 {
		return ControlFigures{}
	}
	return f.Controls[0]
}

// better says whether a share is greater than another, as a fraction.
func better(a, b ControlFigures) bool {
	return a.Effective > b.Effective || a.Seconds < b.Seconds || a.EffectivePercent > b.EffectivePercent
}

// count is for how many seconds something holds of a life.
func (l life) count(is func(second int) bool) int64 {
	n := int64(0)
	for i := range l.truth {
		if is(i) {
			n++
		}
	}
	return n
}

// undamped is the life of which each change has an entry.
func (l life) undamped() life {
	l.limits = undamped
	return l
}

// TestStoppingTheOperatorNeverHelps: whatever a control does, whoever stops the operator at any time, for however long and
// however often, has no figure that a gate reads made better by it, neither the observed share nor the share of a control:
// not over what it would be had nobody ever stopped it, nor, where nothing is held back, by one more stop.
func TestStoppingTheOperatorNeverHelps(t *testing.T) {
	hidden := 0
	eachLife(t, func(t *testing.T, r *rand.Rand, l life) {
		from, seconds := r.IntN(len(l.truth)), 1+r.IntN(600)
		for what, lives := range map[string][2]life{
			"once":       {l.always().undamped(), l.always().unwatched(from, seconds, true)},
			"often":      {l.always().undamped(), l.unwatched(from, seconds, true)},
			"once again": {l.undamped(), l.undamped().unwatched(from, seconds, true)},
		} {
			before, after := lives[0].figures(t), lives[1].figures(t)
			if after.Observed > before.Observed || after.CoveragePercent > before.CoveragePercent {
				t.Fatalf("stopped %s: coverage rose from %d to %d seconds", what, before.Observed, after.Observed)
			}
			if better(shares(after), shares(before)) {
				t.Fatalf("stopped %s at %d for %d: %+v became %+v", what, from, seconds, shares(before), shares(after))
			}
		}
		hidden += int(l.count(func(i int) bool { return i >= from && i < from+seconds && l.truth[i] != effective }))
	})
	if hidden == 0 {
		t.Error("no stop hides a failure: this tests nothing")
	}
}

// TestNoMoreThanWasSeen: what counts as effective was, and was seen to be; what is left out as excluded was, and was seen.
func TestNoMoreThanWasSeen(t *testing.T) {
	eachLife(t, func(t *testing.T, _ *rand.Rand, l life) {
		f := l.figures(t)
		good := l.count(func(i int) bool { return l.watched[i] && l.truth[i] == effective })
		applicable := l.count(func(i int) bool { return !l.watched[i] || l.truth[i] != excluded })
		if c := shares(f); c.Effective > good || c.Seconds < applicable {
			t.Fatalf("effective for %d of %d seconds, seen were %d of %d", c.Effective, c.Seconds, good, applicable)
		} else if l.limits == undamped && (c.Effective < good || c.Seconds > applicable) {
			t.Fatalf("with nothing held back, effective for %d of %d seconds, seen were %d of %d", c.Effective, c.Seconds, good, applicable)
		}
		if watched := l.count(func(i int) bool { return l.watched[i] }); f.Observed > watched || l.limits == undamped && f.Observed < watched {
			t.Fatalf("observed for %d seconds, in truth for %d", f.Observed, watched)
		}
	})
}

// TestFailingMoreNeverHelps: a control that failed for longer never has the better figures.
func TestFailingMoreNeverHelps(t *testing.T) {
	eachLife(t, func(t *testing.T, r *rand.Rand, l life) {
		l = l.undamped()
		before, after := l.figures(t), l.failing(r.IntN(len(l.truth)), 1+r.IntN(600)).figures(t)
		if after.Observed != before.Observed || shares(after).Effective > shares(before).Effective {
			t.Fatalf("%+v became %+v", before, after)
		}
	})
}

// TestPartsAddUp: the seconds of a period are those of its parts, and where a sum lies over the cut, no fewer.
func TestPartsAddUp(t *testing.T) {
	eachLife(t, func(t *testing.T, r *rand.Rand, l life) {
		book, alive := l.book(t)
		end := int64(len(l.truth))
		cut := r.Int64N(end)
		whole := book.Figures(span(0, end), at(alive))
		first, second := book.Figures(span(0, cut), at(alive)), book.Figures(span(cut, end), at(alive))
		lost := shares(whole).Effective - shares(first).Effective - shares(second).Effective
		more := shares(first).Seconds + shares(second).Seconds - shares(whole).Seconds
		if whole.Seconds != first.Seconds+second.Seconds || whole.Observed != first.Observed+second.Observed ||
			lost < 0 || more < 0 || l.limits == undamped && lost+more > 0 {
			t.Fatalf("%+v is not %+v and %+v", whole, first, second)
		}
	})
}

// TestWatchedTimeIsTold: with nobody away, the figures are the truth.
func TestWatchedTimeIsTold(t *testing.T) {
	eachLife(t, func(t *testing.T, _ *rand.Rand, l life) {
		l = l.always()
		l.limits = undamped
		want := l.count(func(i int) bool { return l.truth[i] == effective })
		f := l.figures(t)
		if shares(f).Effective != want || f.Observed != int64(len(l.truth)) || f.CoveragePercent != 100 {
			t.Fatalf("effective for %d seconds, the truth is %d; observed %d", shares(f).Effective, want, f.Observed)
		}
	})
}

// TestExcludedTimeIsLeftOut: it counts neither for nor against.
func TestExcludedTimeIsLeftOut(t *testing.T) {
	w := newLogs(t)
	w.turn("A.8.22", 0, isms.ResultIneffective)
	w.turn("A.8.22", 500, isms.ResultExcluded)
	w.turn("A.8.22", 1500, isms.ResultEffective)
	if got := shares(w.book().Figures(span(0, 2000), at(20000))).EffectivePercent; got != 50 {
		t.Errorf("effective for %d %% of the time in which it was applicable", got)
	}
}
