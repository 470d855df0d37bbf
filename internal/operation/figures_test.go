// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// TestEffectiveSeconds says of a period of 1000 seconds how many of them a control was effective, and out of how many.
func TestEffectiveSeconds(t *testing.T) {
	const from, to = 1000, 2000
	const good, bad = isms.ResultEffective, isms.ResultIneffective
	tests := map[string]struct {
		write         func(*logs)
		alive         int64
		effective, of int64
		observed      int64
	}{
		"effective all along":     {func(l *logs) { l.turn("A.8.22", 0, good) }, to, 1000, 1000, 1000},
		"never":                   {func(l *logs) { l.turn("A.8.22", 0, bad) }, to, 0, 1000, 1000},
		"not implemented":         {func(l *logs) { l.turn("A.8.22", 0, isms.ResultNotImplemented) }, to, 0, 1000, 1000},
		"unknown":                 {func(l *logs) { l.turn("A.8.22", 0, isms.ResultUnknown) }, to, 0, 1000, 1000},
		"excluded":                {func(l *logs) { l.turn("A.8.22", 0, isms.ResultExcluded) }, to, 0, 0, 1000},
		"failed for a while":      {func(l *logs) { l.turn("A.8.22", 0, good); l.turn("A.8.22", 1100, bad); l.turn("A.8.22", 1300, good) }, to, 800, 1000, 1000},
		"excluded in the middle":  {func(l *logs) { l.turn("A.8.22", 0, good); l.turn("A.8.22", 1400, isms.ResultExcluded) }, to, 400, 400, 1000},
		"known only since":        {func(l *logs) { l.turn("A.8.22", 1600, good) }, to, 400, 1000, 1000},
		"gap, fine on both sides": {func(l *logs) { l.turn("A.8.22", 0, good); l.gap(1200, 1400) }, to, 800, 1000, 800},
		"gap, found to fail":      {func(l *logs) { l.turn("A.8.22", 0, good); l.turn("A.8.22", 1400, bad); l.gap(1200, 1400) }, to, 200, 1000, 800},
		"gap, failed after it":    {func(l *logs) { l.turn("A.8.22", 0, good); l.gap(1200, 1400); l.turn("A.8.22", 1500, bad) }, to, 300, 1000, 800},
		"gap, failed before it":   {func(l *logs) { l.turn("A.8.22", 0, bad); l.turn("A.8.22", 1400, good); l.gap(1200, 1400) }, to, 600, 1000, 800},
		"gap, failed inside": {func(l *logs) {
			l.turn("A.8.22", 0, good)
			l.turn("A.8.22", 1250, bad)
			l.turn("A.8.22", 1260, good)
			l.gap(1200, 1400)
		}, to, 800, 1000, 800},
		"gap, unknown after it": {func(l *logs) {
			l.turn("A.8.22", 0, good)
			l.turn("A.8.22", 1400, isms.ResultUnknown)
			l.gap(1200, 1400)
		}, to, 200, 1000, 800},
		"gap, excluded after it": {func(l *logs) {
			l.turn("A.8.22", 0, good)
			l.turn("A.8.22", 1400, isms.ResultExcluded)
			l.gap(1200, 1400)
		}, to, 200, 400, 800},
		"gap, excluded on both sides": {func(l *logs) { l.turn("A.8.22", 0, isms.ResultExcluded); l.gap(1200, 1400) }, to, 0, 200, 800},
		"gaps that overlap":           {func(l *logs) { l.turn("A.8.22", 0, good); l.gap(1200, 1400); l.gap(1300, 1500) }, to, 700, 1000, 700},
		"gap over the beginning":      {func(l *logs) { l.turn("A.8.22", 0, good); l.gap(900, 1100) }, to, 900, 1000, 900},
		"the operator is dead":        {func(l *logs) { l.turn("A.8.22", 0, good) }, 1700, 700, 1000, 700},
		"dead while it failed":        {func(l *logs) { l.turn("A.8.22", 0, good); l.turn("A.8.22", 1690, bad) }, 1700, 690, 1000, 700},
		"set back clock":              {func(l *logs) { l.turn("A.8.22", 1500, good); l.turn("A.8.22", 1400, bad); l.turn("A.8.22", 1600, good) }, to, 400, 1000, 1000},
		"flaps between two entries":   {func(l *logs) { l.turn("A.8.22", 1000, good); l.flapped(1100, good, 90, 10) }, to, 990, 1000, 1000},
		"flaps that add up to less":   {func(l *logs) { l.turn("A.8.22", 1000, good); l.flapped(1100, good, 60, 10) }, to, 960, 1000, 1000},
		"flaps that add up to more":   {func(l *logs) { l.turn("A.8.22", 1000, good); l.flapped(1100, good, 190, 10) }, to, 990, 1000, 1000},
		"gap in an hour that flaps":   {func(l *logs) { l.turn("A.8.22", 1000, good); l.gap(1050, 1060); l.flapped(1100, good, 90, 10) }, to, 980, 1000, 990},
		"flaps of an item mean none":  {func(l *logs) { l.turn("A.8.22", 1000, good); l.itemFlapped(1100, good) }, to, 1000, 1000, 1000},
	}
	for name, test := range tests {
		l := newLogs(t)
		test.write(l)
		f := l.book().Figures(span(from, to), at(test.alive))
		var c ControlFigures
		if len(f.Controls) > 0 {
			c = f.Controls[0]
		}
		if c.Effective != test.effective || c.Seconds != test.of || f.Observed != test.observed || f.Seconds != to-from {
			t.Errorf("%s: effective %d of %d, observed %d; want %d of %d, observed %d",
				name, c.Effective, c.Seconds, f.Observed, test.effective, test.of, test.observed)
		}
	}
}

func (l *logs) flapped(seconds int64, result isms.ControlResult, pass, fail int64) {
	l.add(control("A.8.22"), isms.LogEntry{
		Type: isms.LogResultChanged, ObservedTime: stamp(seconds), ControlResult: result,
		Flaps: &isms.LogFlaps{Count: 9, PassSeconds: pass, FailSeconds: fail},
	})
}

// itemFlapped is an entry of an item that flapped; the seconds are the item's, not the control's.
func (l *logs) itemFlapped(seconds int64, result isms.ControlResult) {
	l.add(control("A.8.22"), isms.LogEntry{
		Type: isms.LogEvidenceChanged, Item: "policy", Result: isms.EvidencePass, ObservedTime: stamp(seconds), ControlResult: result,
		Flaps: &isms.LogFlaps{Count: 9, PassSeconds: 50, FailSeconds: 50},
	})
}

func TestFigures(t *testing.T) {
	l := newLogs(t)
	l.turn("A.8.13", 0, isms.ResultIneffective)
	l.turn("A.8.13", 60, isms.ResultEffective)
	l.turn("A.8.22", 0, isms.ResultEffective)
	l.turn("A.5.1", 0, isms.ResultExcluded)
	l.gap(100, 101)
	f := l.book().Figures(span(0, 1000), at(1000))
	want := Figures{
		Period: span(0, 1000), Seconds: 1000, Observed: 999, CoveragePercent: 99,
		Controls: []ControlFigures{
			{ID: "A.5.1", Seconds: 1}, // nobody can say that it was excluded in that second as well
			{ID: "A.8.13", Seconds: 1000, Effective: 939, EffectivePercent: 93},
			{ID: "A.8.22", Seconds: 1000, Effective: 999, EffectivePercent: 99},
		},
	}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
	if got := l.book().Observed(span(50, 200), at(200)); got != 149 {
		t.Errorf("observed are %d seconds of 150 with a gap of one", got)
	}
	if got := l.book().Observed(span(50, 200), at(150)); got != 99 {
		t.Errorf("observed are %d seconds of 100 with a gap of one", got)
	}
	if f := (&Book{}).Figures(span(0, 1000), at(1000)); f.Observed != 0 || f.CoveragePercent != 0 || len(f.Controls) != 0 {
		t.Errorf("without a log there are figures: %+v", f)
	}
}

// TestSeals: checkpoints that are made when a period has ended are over all of it.
func TestSeals(t *testing.T) {
	l := newLogs(t)
	l.turn("A.8.22", 0, isms.ResultEffective)
	signer, err := ledger.NewSigner(make([]byte, 64))
	if err != nil {
		t.Fatal(err)
	}
	signed, unsigned := l.seal(100, 1, signer), l.seal(200, 2)
	book := l.book()
	for end, want := range map[int64][]isms.Digest{100: {signed, unsigned}, 101: {unsigned}, 200: {unsigned}, 201: nil} {
		f := book.Figures(span(0, end), at(end))
		if !slices.Equal(f.Seals, want) || f.Signed != slices.Contains(want, signed) {
			t.Errorf("a period that ends with second %d is sealed by %v, signed: %t", end, f.Seals, f.Signed)
		}
	}
}

func TestSince(t *testing.T) {
	l := newLogs(t)
	criteria := func(seconds int64, reason string) {
		l.add(control("A.8.22"), isms.LogEntry{Type: isms.LogCriteriaChanged, Item: "policy", ObservedTime: stamp(seconds), Reason: reason})
	}
	check := func(want Since) {
		t.Helper()
		if diff := cmp.Diff(want, l.book().Since("A.8.22")); diff != "" {
			t.Error(diff)
		}
	}
	check(Since{})
	criteria(10, isms.ReasonRecorded)
	check(Since{Observed: at(10)})
	l.turn("A.8.22", 20, isms.ResultEffective)
	check(Since{Observed: at(10), Effective: at(20)})
	criteria(30, isms.ReasonEdited)
	l.turn("A.8.22", 40, isms.ResultEffective)
	check(Since{Observed: at(10), Effective: at(20), CriteriaChanged: at(30)})
	l.flapped(50, isms.ResultEffective, 5, 5)
	check(Since{Observed: at(10), Effective: at(50), CriteriaChanged: at(30)})
	l.turn("A.8.22", 60, isms.ResultIneffective)
	check(Since{Observed: at(10), CriteriaChanged: at(30)})
	if l.book().Excluded("A.8.22") || l.book().Excluded("A.5.1") {
		t.Error("a control that failed, or is not known, is said to be excluded")
	}
	l.turn("A.8.22", 70, isms.ResultExcluded)
	if !l.book().Excluded("A.8.22") {
		t.Error("a control that was excluded last is said not to be")
	}
}

// TestTakenTwice: entries that are taken again change nothing, so that a book can be kept as entries are appended.
func TestTakenTwice(t *testing.T) {
	l := newLogs(t)
	for i := range int64(25) {
		l.turn("A.8.22", i*10, []isms.ControlResult{isms.ResultEffective, isms.ResultIneffective}[i%2])
	}
	l.gap(40, 50)
	recount, kept := l.book(), &Book{}
	for range 2 {
		for key, list := range l.list {
			for _, log := range list {
				for i := range log.Spec.Entries {
					if !kept.Take(key, &log.Spec.Entries[i]) {
						t.Fatal("an entry is said to be missing")
					}
				}
			}
		}
	}
	period, alive := span(0, 300), at(300)
	if diff := cmp.Diff(recount.Figures(period, alive), kept.Figures(period, alive)); diff != "" {
		t.Error(diff)
	}
	if !kept.ObservedSince().Equal(start) {
		t.Errorf("observed since %s", kept.ObservedSince().Format(time.RFC3339))
	}
	if !kept.Last().Equal(at(240)) {
		t.Errorf("the latest entry is of %s", kept.Last().Format(time.RFC3339))
	}
	for _, key := range []ledger.Key{own, control("A.8.22"), control("A.5.1")} {
		if kept.Take(key, &isms.LogEntry{Sequence: 1000, Type: isms.LogOperatorChanged}) {
			t.Errorf("it is not said that entries of %s are missing", key)
		}
	}
	other := isms.EvidenceLog{ObjectMeta: metav1.ObjectMeta{Namespace: "isms"}, Spec: isms.EvidenceLogSpec{
		ScopeRef: isms.LocalRef{Name: "other"}, Series: isms.SeriesControl, ControlID: "A.5.1",
		Entries: []isms.LogEntry{{Sequence: 1, Type: isms.LogResultChanged, ControlResult: isms.ResultEffective}},
	}}
	if got := BookOf(acme, []isms.EvidenceLog{other}).controlIDs(); len(got) > 0 {
		t.Errorf("the log of another scope counts: %v", got)
	}
}
