// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import "time"

// silence notes which streams have not been heard for so long that their verdicts no longer stand. It comes with time
// alone, so no event asks for a judgement.
type silence map[*stream]bool

// look has the rules of each stream judged that has fallen silent, or is heard again, and forgets those that are gone.
func (x silence) look(streams []*stream, now time.Time) silence {
	next := make(silence, len(streams))
	for _, s := range streams {
		next[s] = now.Sub(s.source.LastContact()) > stalled
		if x[s] != next[s] {
			s.judgeAnew()
		}
	}
	return next
}

// judgeAnew has all rules of a stream judged.
func (s *stream) judgeAnew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.columns {
		s.dirty[key] = true
	}
	s.judge.raise()
}
