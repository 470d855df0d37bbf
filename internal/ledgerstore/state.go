// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledgerstore

import (
	"maps"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// State is how the evidence log of a scope stands.
type State struct {
	// Read says that this process has read and verified the log.
	Read bool
	// Problem says where and why the log does not verify; empty where it does.
	Problem string
	// Refused is the class of error with which the API server does not take an entry; empty where it does.
	Refused string
	// Sealed is the time of the last checkpoint, zero where there is none; Signed says that it is signed.
	Sealed time.Time
	Signed bool
	// Keys is the number of keys that sign; KeyProblem says what is wrong with a file of a key.
	Keys       int
	KeyProblem string
}

func (st *State) seal(last *isms.LogEntry, keys int, problem string) {
	st.Keys, st.KeyProblem = keys, problem
	st.Sealed, st.Signed = time.Time{}, false
	if last != nil {
		st.Sealed, st.Signed = last.ObservedTime.Time, len(last.Checkpoint.Signatures) > 0
	}
}

// State of the log of a scope.
func (s *Store) State(key ledger.Scope) State {
	sc := s.scope(key)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	return sc.state
}

// OnTurn has a listener called when the state of a log has turned. It must not call the store.
func (s *Store) OnTurn(f func(ledger.Scope)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners = append(s.listeners, f)
}

func (s *Store) turn(key ledger.Scope, change func(*State)) {
	sc := s.scope(key)
	sc.mu.Lock()
	before := sc.state
	change(&sc.state)
	turned := sc.state != before
	sc.mu.Unlock()
	if !turned {
		return
	}
	s.mu.Lock()
	listeners := slices.Clone(s.listeners)
	s.mu.Unlock()
	for _, f := range listeners {
		f(key)
	}
}

// refused takes down how a write to a series has ended.
func (s *Store) refused(key ledger.Key, err error) {
	sc := s.scope(key.Scope)
	sc.mu.Lock()
	switch {
	case err == nil:
		delete(sc.refusals, key)
	case Refused(err):
		sc.refusals[key] = Problem(err)
	}
	all := slices.Sorted(maps.Values(sc.refusals))
	sc.mu.Unlock()
	s.turn(key.Scope, func(st *State) {
		st.Refused = ""
		if len(all) > 0 {
			st.Refused = all[0]
		}
	})
}

// Problem is the class of an error of the API server, without the names and values in its text.
func Problem(err error) string {
	if reason := apierrors.ReasonForError(err); reason != "" {
		return string(reason)
	}
	return "an object of that name is not the log"
}

// all are the series of a scope that are known.
func (sc *scope) all() []*series {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	return slices.Collect(maps.Values(sc.series))
}

// begin is the time of the scope's first entry.
func (sc *scope) begin() time.Time {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	return sc.first
}

// Controls are the ids of the controls that have a series in a scope, as far as it was read.
func (s *Store) Controls(key ledger.Scope) []isms.ControlID {
	var ids []isms.ControlID
	for _, ser := range s.scope(key).all() {
		if ser.key.Series == isms.SeriesControl {
			ids = append(ids, ser.key.ControlID)
		}
	}
	slices.Sort(ids)
	return ids
}
