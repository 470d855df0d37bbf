// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledgerstore_test

import (
	"testing"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
)

// TestFigures: how far the log goes is known once it was read, follows what is written, and is the same to a process that
// reads the log anew.
func TestFigures(t *testing.T) {
	w := newWorld(t)
	s := w.store()
	begin := time.Now()
	w.record(s, "A.8.22", 0, isms.EvidencePass)
	if f, read := s.Figures(w.scope); read {
		t.Errorf("of a log that nobody has read the figures are %+v", f)
	}
	w.seal(s, 0)
	if f := w.figures(s); !f.Sealed.IsZero() || f.Verified.Before(begin) {
		t.Errorf("before a checkpoint the figures are %+v", f)
	}
	w.record(s, "A.8.9", 60, isms.EvidenceFail)
	w.figures(s)
	w.seal(s, 1)
	w.record(s, "A.8.22", 25*60, isms.EvidenceFail)
	again := w.store()
	w.seal(again, 1)
	for _, f := range []ledgerstore.Figures{w.figures(s), w.figures(again)} {
		if !f.Sealed.Equal(start.AddDate(0, 0, 1)) {
			t.Errorf("after a checkpoint the figures are %+v", f)
		}
	}
}

// figures are those of a store, which counts the entries that are there.
func (w *world) figures(s *ledgerstore.Store) ledgerstore.Figures {
	w.Helper()
	var there int64
	for _, log := range w.logs() {
		there += int64(len(log.Spec.Entries))
	}
	f, read := s.Figures(w.scope)
	if !read || f.Entries != there || there == 0 {
		w.Errorf("the figures are %+v, there are %d entries", f, there)
	}
	return f
}
