// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
	"github.com/isms-operator/isms-operator/internal/operation"
)

// Logbook is what the evidence logs say, in short, in the memory of the leader: read once, then followed as entries are
// written. What is written besides verdicts on evidence is decided by comparing with it, never with a status.
type Logbook struct {
	client.Reader
	Log      *ledgerstore.Store
	evidence Evidence
	// version and image are those of this operator.
	version isms.Version
	image   string

	mu     sync.Mutex
	scopes map[ledger.Scope]*scopeBook
	onGap  []func(ledger.Scope)
}

// scopeBook is what is known of one scope.
type scopeBook struct {
	mu sync.Mutex
	// book is nil where the logs are to be read.
	book *operation.Book
	// digests of records as they were last seen.
	digests map[string]recordDigest

	// scope is the object that the watch is about.
	scope types.UID
	watch watch
}

// about notes which object is looked at. What was seen of one that is gone still was; what came then was no break of ours.
func (s *scopeBook) about(scope types.UID) {
	if s.scope != "" && s.scope != scope {
		s.watch.broken = isms.ReasonScopeRecreated
	}
	s.scope = scope
}

// NewLogbook makes the logbook, and the store that it follows, which has to be written through alone.
func NewLogbook(c client.Reader, evidence Evidence, o ledgerstore.Options, image string) *Logbook {
	l := &Logbook{Reader: c, evidence: evidence, version: o.Version, image: image, scopes: map[ledger.Scope]*scopeBook{}}
	o.Appended, o.Reread, o.Observed = l.appended, l.reread, l.seconds
	l.Log = ledgerstore.New(o)
	return l
}

func (l *Logbook) scope(key ledger.Scope) *scopeBook {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.scopes[key]
	if !ok {
		s = &scopeBook{digests: map[string]recordDigest{}}
		l.scopes[key] = s
	}
	return s
}

// appended follows entries that were written. One that is missing in between was written by somebody else.
func (l *Logbook) appended(key ledger.Key, entries []isms.LogEntry) {
	s := l.scope(key.Scope)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range entries {
		if s.book != nil && !s.book.Take(key, &entries[i]) {
			s.book = nil
		}
	}
}

// reread forgets what somebody else has changed.
func (l *Logbook) reread(key ledger.Scope) {
	s := l.scope(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book = nil
}

// with calls a function with the book of a scope, which it must not keep.
func (l *Logbook) with(ctx context.Context, key ledger.Scope, f func(*scopeBook)) error {
	s := l.scope(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.book == nil {
		// Whoever appends meanwhile waits for the lock, to tell of it: nothing falls between reading and following.
		logs, err := l.Log.Logs(ctx, key)
		if err != nil {
			return err
		}
		s.book = operation.BookOf(key, logs)
	}
	f(s)
	return nil
}

// decide is a function that finds what is to be told, given the book. It may be called more than once.
type decide func(*scopeBook) []isms.LogEntry

// due is what is to be told at a moment, and when to ask again for what is held back (operation.Book.Pace).
func (l *Logbook) due(
	ctx context.Context, key ledger.Key, now time.Time, decide decide, needed []string,
) (entries []isms.LogEntry, again time.Time, err error) {
	err = l.with(ctx, key.Scope, func(s *scopeBook) { entries, again = s.book.Pace(key, l.Log.Limits, now, decide(s), needed) })
	for i := range entries {
		entries[i].ObservedTime = metav1.NewTime(now)
	}
	return entries, again, err
}

// append writes what is to be told, and says when to do so again for what is held back, zero for never.
func (l *Logbook) append(ctx context.Context, key ledger.Key, now time.Time, decide decide) (time.Time, error) {
	if entries, again, err := l.due(ctx, key, now, decide, nil); err != nil || len(entries) == 0 {
		return again, err
	}
	var again time.Time
	err := l.Log.Append(ctx, key, func(ctx context.Context, _ *ledgerstore.View) ([]isms.LogEntry, error) {
		entries, then, err := l.due(ctx, key, now, decide, nil)
		again = then
		return entries, err
	})
	return again, err
}

// since is what the log says of a Control.
func (l *Logbook) since(ctx context.Context, c *isms.Control) (*assess.Logged, error) {
	var since operation.Since
	key := controlKey(c)
	err := l.with(ctx, key.Scope, func(s *scopeBook) { since = s.book.Since(c.Spec.ID) })
	return &assess.Logged{ObservedSince: since.Observed, EffectiveSince: since.Effective, CriteriaChanged: since.CriteriaChanged}, err
}

// scopeSight is what a scope's series is told of, besides records.
type scopeSight struct {
	scope *isms.ISMSScope
	// alive says that all of the scope is observed, as for its heartbeat.
	alive bool
	// namespaces in scope; nil where they are not known.
	namespaces []string
}

// observed writes down who observes the scope, since when nobody did, what is asked through it, and which namespaces are
// in it. It comes before the heartbeat moves: a gap can't be closed without being told. Until a process has seen all of the
// scope once, it tells of nothing. It says whether the heartbeat may move: not while a gap waits to be told.
func (l *Logbook) observed(ctx context.Context, in scopeSight, now time.Time) (bool, error) {
	criteria, err := operation.CriteriaOfScope(in.scope)
	if err != nil {
		return false, fmt.Errorf("scope %s: %w", in.scope.Name, err)
	}
	scope := logScope(in.scope)
	waits := false
	err = l.with(ctx, scope, func(s *scopeBook) {
		s.about(in.scope.UID)
		waits = s.watch.waits(now)
	})
	if err != nil {
		return false, err
	}
	told := false
	key := ledger.Key{Scope: scope, Series: isms.SeriesScope}
	_, err = l.append(ctx, key, now, func(s *scopeBook) []isms.LogEntry { // what is held back is told with a heartbeat
		if !in.alive && s.watch.seen.IsZero() {
			return nil
		}
		entries := s.book.OperatorChange(l.version, l.image)
		if in.alive && !waits {
			gap := s.watch.gap(s.book, in.scope, l.Log.Limits.Held(), now)
			entries, told = append(entries, gap...), len(gap) > 0
		}
		entries = append(entries, s.book.CriteriaChanges(key, criteria)...)
		if in.namespaces != nil {
			entries = append(entries, s.book.NamespaceChanges(in.namespaces)...)
		}
		return entries
	})
	if err != nil || waits {
		return false, err
	}
	return in.alive, l.with(ctx, scope, func(s *scopeBook) { s.watch.looked(in.alive, told, now) })
}

// seconds is how many seconds between two times were observed, for a checkpoint at the later one.
func (l *Logbook) seconds(key ledger.Scope, from, to time.Time) int32 {
	ctx := context.Background()
	var alive time.Time
	var scope isms.ISMSScope
	name := client.ObjectKey{Namespace: key.Namespace, Name: key.Name}
	if err := l.Get(ctx, name, &scope); err == nil && scope.Status.HeartbeatTime != nil {
		alive = scope.Status.HeartbeatTime.Time
	}
	synced := l.evidence.Synced(name, assess.HoldFor)
	var observed int64
	err := l.with(ctx, key, func(s *scopeBook) {
		if synced && s.watch.unbroken(to) {
			alive = to
		}
		observed = s.book.Observed(operation.Span{From: from, To: to}, alive)
	})
	if err != nil {
		return 0
	}
	return int32(min(observed, maxObserved)) //nolint:gosec // bounded
}

// maxObserved is the most that a checkpoint says (api/v1alpha1).
const maxObserved = 90000
