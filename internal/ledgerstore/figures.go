// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledgerstore

import (
	"time"

	"github.com/isms-operator/isms-operator/internal/ledger"
)

// Figures are how far the evidence log of a scope goes.
type Figures struct {
	// Entries were ever written, those that retention has let go included: the sequences at the heads of all series, summed up.
	Entries int64
	// Sealed is the time of the last checkpoint, zero where there is none.
	Sealed time.Time
	// Verified is when this process last read all logs and held them against their chains. State has what came of it.
	Verified time.Time
}

// Figures of the log of a scope; false while this process has not read it, which only the leader does. It waits for no
// write that is under way.
func (s *Store) Figures(key ledger.Scope) (Figures, bool) {
	s.mu.Lock()
	sc, ok := s.scopes[key]
	s.mu.Unlock()
	if !ok {
		return Figures{}, false
	}
	var f Figures
	for _, ser := range sc.all() {
		f.Entries += ser.head.Load()
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	f.Sealed, f.Verified = sc.state.Sealed, sc.verified
	return f, !f.Verified.IsZero()
}
