// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"math/rand/v2"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// life is how a control fared in truth, second by second, and when somebody watched.
type life struct {
	truth   []state
	watched []bool
}

func randomLife(r *rand.Rand, seconds int) life {
	l := life{truth: make([]state, seconds), watched: make([]bool, seconds)}
	now := effective
	for i := range seconds {
		if r.IntN(200) == 0 {
			now = []state{effective, effective, ineffective, unknown}[r.IntN(4)]
		}
		l.truth[i], l.watched[i] = now, true
	}
	for range r.IntN(3) { // none for a third of them
		l = l.unwatched(r.IntN(seconds), r.IntN(400))
	}
	return l
}

// unwatched is the life with nobody watching for a while.
func (l life) unwatched(from, seconds int) life {
	watched := append([]bool{}, l.watched...)
	for i := from; i < min(from+seconds, len(watched)); i++ {
		watched[i] = false
	}
	return life{l.truth, watched}
}

// failing is the life with the control failing for a while.
func (l life) failing(from, seconds int) life {
	truth := append([]state{}, l.truth...)
	for i := from; i < min(from+seconds, len(truth)); i++ {
		truth[i] = ineffective
	}
	return life{truth, l.watched}
}

// book is what an operator writes that sees what is watched. It is told of the end, as by a heartbeat.
func (l life) book(t testing.TB) (*Book, int64) {
	w := newLogs(t)
	known, gap, alive := state(-1), -1, int64(0)
	for i := range l.truth {
		switch {
		case !l.watched[i] && gap < 0:
			gap = i
		case l.watched[i] && gap >= 0:
			w.gap(int64(gap), int64(i))
			gap = -1
		}
		if l.watched[i] {
			alive = int64(i + 1)
			if l.truth[i] != known {
				known = l.truth[i]
				w.turn("A.8.22", int64(i), known.result())
			}
		}
	}
	return w.book(), alive
}

func (l life) figures(t testing.TB) Figures {
	book, alive := l.book(t)
	return book.Figures(span(0, int64(len(l.truth))), at(alive))
}

func eachLife(t *testing.T, check func(t *testing.T, r *rand.Rand, l life)) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // reproducible, no secret
		check(t, r, randomLife(r, 2000))
	}
}

func effectiveSeconds(f Figures) int64 {
	if len(f.Controls) == 0 {
		return 0
	}
	return f.Controls[0].Effective
}

// TestStoppingTheOperatorNeverHelps: whoever stops the operator loses coverage for each second. The effective share can
// rise only where the control fared well on both sides of the gap, by no more than the gap hides, and so never by more than
// what is not covered. A failure that was seen on either side is not shortened.
func TestStoppingTheOperatorNeverHelps(t *testing.T) {
	raised := 0
	eachLife(t, func(t *testing.T, r *rand.Rand, l life) {
		before := l.figures(t)
		from, seconds := r.IntN(len(l.truth)), 1+r.IntN(600)
		stopped := l.unwatched(from, seconds)
		after := stopped.figures(t)
		if after.Observed > before.Observed || after.CoveragePercent > before.CoveragePercent {
			t.Fatalf("coverage rose from %d to %d seconds", before.Observed, after.Observed)
		}
		seen, hidden := stopped.seenEffective(), l.hiddenBy(stopped)
		if e := effectiveSeconds(after); e > seen+after.Seconds-after.Observed {
			t.Fatalf("%d effective seconds, with %d seen and %d unobserved", e, seen, after.Seconds-after.Observed)
		}
		gained := effectiveSeconds(after) - effectiveSeconds(before)
		if gained > 0 {
			raised++
		}
		if before.Observed == before.Seconds && gained > hidden {
			t.Fatalf("%d effective seconds more by hiding %d", gained, hidden)
		}
		if gained > 0 && stopped.failsBeside(from) {
			t.Fatalf("%d effective seconds more, though the control failed beside the gap", gained)
		}
	})
	if raised == 0 {
		t.Error("no life had a failure that a gap hides: this tests nothing")
	}
}

func (l life) seenEffective() int64 {
	n := int64(0)
	for i, s := range l.truth {
		if l.watched[i] && s == effective {
			n++
		}
	}
	return n
}

// hiddenBy are the seconds in which the control did not fare well, and which are not watched any more.
func (l life) hiddenBy(stopped life) int64 {
	n := int64(0)
	for i, s := range l.truth {
		if l.watched[i] && !stopped.watched[i] && s != effective {
			n++
		}
	}
	return n
}

// failsBeside says whether, on either side of the unwatched time around a moment, the control was seen to fail, or there
// is no side.
func (l life) failsBeside(moment int) bool {
	first, last := moment, moment
	for first >= 0 && !l.watched[first] {
		first--
	}
	for last < len(l.truth) && !l.watched[last] {
		last++
	}
	return first < 0 || l.truth[first] != effective || last < len(l.truth) && l.truth[last] != effective
}

// TestFailingMoreNeverHelps: a control that failed for longer never has the better figures.
func TestFailingMoreNeverHelps(t *testing.T) {
	eachLife(t, func(t *testing.T, r *rand.Rand, l life) {
		before, after := l.figures(t), l.failing(r.IntN(len(l.truth)), 1+r.IntN(600)).figures(t)
		if effectiveSeconds(after) > effectiveSeconds(before) || after.EffectivePercent > before.EffectivePercent {
			t.Fatalf("effective seconds rose from %d to %d", effectiveSeconds(before), effectiveSeconds(after))
		}
		if after.Observed != before.Observed {
			t.Fatalf("what is observed changed from %d to %d seconds", before.Observed, after.Observed)
		}
	})
}

// TestPartsAddUp: the seconds of a period are those of its parts.
func TestPartsAddUp(t *testing.T) {
	eachLife(t, func(t *testing.T, r *rand.Rand, l life) {
		book, alive := l.book(t)
		end := int64(len(l.truth))
		cut := r.Int64N(end)
		whole := book.Figures(span(0, end), at(alive))
		first, second := book.Figures(span(0, cut), at(alive)), book.Figures(span(cut, end), at(alive))
		if whole.Seconds != first.Seconds+second.Seconds || whole.Observed != first.Observed+second.Observed ||
			effectiveSeconds(whole) != effectiveSeconds(first)+effectiveSeconds(second) {
			t.Fatalf("%+v is not %+v and %+v", whole, first, second)
		}
	})
}

// TestWatchedTimeIsTold: with nobody away, the figures are the truth.
func TestWatchedTimeIsTold(t *testing.T) {
	eachLife(t, func(t *testing.T, _ *rand.Rand, l life) {
		for i := range l.watched {
			l.watched[i] = true
		}
		want := int64(0)
		for _, s := range l.truth {
			if s == effective {
				want++
			}
		}
		f := l.figures(t)
		if effectiveSeconds(f) != want || f.Observed != int64(len(l.truth)) || f.CoveragePercent != 100 {
			t.Fatalf("effective for %d seconds, the truth is %d; observed %d", effectiveSeconds(f), want, f.Observed)
		}
	})
}

// TestExcludedTimeIsLeftOut: it counts neither for nor against.
func TestExcludedTimeIsLeftOut(t *testing.T) {
	w := newLogs(t)
	w.turn("A.8.22", 0, isms.ResultIneffective)
	w.turn("A.8.22", 500, isms.ResultExcluded)
	w.turn("A.8.22", 1500, isms.ResultEffective)
	if got := w.book().Figures(span(0, 2000), at(2000)).EffectivePercent; got != 50 {
		t.Errorf("effective for %d %% of the time in which it was applicable", got)
	}
}
