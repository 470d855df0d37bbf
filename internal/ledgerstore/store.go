// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ledgerstore keeps the evidence log in EvidenceLog objects: it appends to the last object of a series under
// optimistic lock, begins another when that is full, seals all series once a day, and prunes what retention lets go.
//
// There is one writer, the leader. It reads the last object of each series when it first appends to it, and older ones
// only to find out how an item stood. What to append is always decided against what the log says, never against a status:
// a process that dies between the two repeats the question, and finds the answer already there.
package ledgerstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// Options of a store.
type Options struct {
	// Reader reads from the API server, past any cache: a stale tail would only cost a conflict, but a cache would hold all
	// logs.
	Reader client.Reader
	Writer client.Client
	// Version of the operator, for the entries.
	Version isms.Version
	Limits  ledger.Limits
	Clock   clock.PassiveClock
	// Appended, where it is given, is told of entries that were written, series by series in their order. It must not call
	// the store.
	Appended func(key ledger.Key, entries []isms.LogEntry)
	// Reread, where it is given, is told that somebody else may have written the logs of a scope: what was computed from
	// them is to be computed anew.
	Reread func(scope ledger.Scope)
	// Observed, where it is given, is the number of seconds that somebody was watching between two times, for the
	// checkpoint at the end.
	Observed func(scope ledger.Scope, from, to time.Time) int32
	// KeyDir is the directory of the signing keys; empty where checkpoints are not signed.
	KeyDir string
}

// Store is the evidence log of all scopes. Its methods may be called from many goroutines.
type Store struct {
	Options
	keys      *keyring
	mu        sync.Mutex
	scopes    map[ledger.Scope]*scope
	listeners []func(ledger.Scope)
}

// New makes a store; it reads and writes nothing yet.
func New(o Options) *Store {
	if o.Limits == (ledger.Limits{}) {
		o.Limits = ledger.DefaultLimits()
	}
	return &Store{Options: o, keys: &keyring{dir: o.KeyDir}, scopes: map[ledger.Scope]*scope{}}
}

// scope is what the store knows of one scope.
type scope struct {
	// sealing is held for writing while a checkpoint is made: no entry of its epoch may come after it has looked.
	sealing sync.RWMutex

	// names of logs as they were listed for the first load of each series.
	listing sync.Mutex
	listed  bool
	names   []string

	mu     sync.Mutex
	epoch  int64
	series map[ledger.Key]*series
	// texts are the digests of which the scope's logs have the text; allTexts says that older logs were read for them.
	texts    map[isms.Digest]bool
	allTexts bool
	// first is the time of the first entry.
	first time.Time
	// verified is that of the last audit.
	verified time.Time
	state    State
	// refusals are the classes of error with which the API server does not take entries of a series.
	refusals map[ledger.Key]string
}

func (s *Store) scope(key ledger.Scope) *scope {
	s.mu.Lock()
	defer s.mu.Unlock()
	sc, ok := s.scopes[key]
	if !ok {
		sc = &scope{
			series: map[ledger.Key]*series{},
			texts:  map[isms.Digest]bool{}, refusals: map[ledger.Key]string{},
		}
		s.scopes[key] = sc
	}
	return sc
}

func (sc *scope) get(key ledger.Key) *series {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	ser, ok := sc.series[key]
	if !ok {
		ser = newSeries(key)
		sc.series[key] = ser
	}
	return ser
}

// begun takes the epoch that a tail of the scope's own series shows; it never goes back.
func (sc *scope) begun(epoch int64) int64 {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.epoch = max(sc.epoch, epoch)
	return sc.epoch
}

// Decide says what is to be appended to a series, given what it says. It may be called more than once, and must not call
// the store.
type Decide func(ctx context.Context, v *View) ([]isms.LogEntry, error)

// attempts at one append, where somebody else has written in between.
const attempts = 3

// Append writes what decide returns behind the end of a series; nothing, where it returns nothing. Sequence, epoch,
// version and digests of the entries are set here. When it returns without an error, they are written.
//
// What an error leaves behind is not known: the entries may have been written. The next call reads the series again, so
// that decide sees it.
func (s *Store) Append(ctx context.Context, key ledger.Key, decide Decide) error {
	return s.append(ctx, key, func(ctx context.Context, ser *series) ([]isms.LogEntry, func(), error) {
		ser.standing = ""
		entries, err := decide(ctx, &View{store: s, series: ser})
		return entries, func() {}, err
	})
}

// Sight is what a Control says of its evidence at a moment.
type Sight struct {
	Time     time.Time
	Verdicts []ledger.Verdict
	// Absent is what is to be said of items that were seen before and are not among the verdicts.
	Absent ledger.Observation
	// Result of the control as a whole.
	Result isms.ControlResult
	// Matched, where it is given, is the digest of the set of subjects that a resource rule has matched, for the entries that
	// are due; empty where that is not known.
	Matched func(item string) isms.Digest
	// Ahead, where it is given, decides what is to be written before the verdicts, such as what is asked; it is as Decide, and
	// is told of which items there will be verdicts.
	Ahead func(ctx context.Context, verdicts []string) ([]isms.LogEntry, error)
	// Before names items that a status has had; they may be in logs that nobody has read yet.
	Before []string
}

// Record appends what the sight of a control's evidence makes due, and returns when to call again though nothing changes,
// zero for never.
func (s *Store) Record(ctx context.Context, key ledger.Key, sight Sight) (time.Time, error) {
	var wake time.Time
	err := s.append(ctx, key, func(ctx context.Context, ser *series) ([]isms.LogEntry, func(), error) {
		err := s.resumeAll(ctx, ser, sight)
		if err != nil {
			return nil, nil, err
		}
		var next ledger.Watch
		var entries []isms.LogEntry
		next, entries, wake = ser.watch.Observe(s.Limits, sight.Time, sight.Verdicts, sight.Absent)
		sight.complete(entries)
		var soon time.Time
		next, entries, soon = next.ObserveResult(s.Limits, sight.Time, sight.Result, sight.Verdicts, entries)
		if wake.IsZero() || !soon.IsZero() && soon.Before(wake) {
			wake = soon
		}
		if entries, err = sight.before(ctx, entries); err != nil {
			return nil, nil, err
		}
		ser.standing = next.Result()
		return entries, func() { ser.watch = next }, nil
	})
	return wake, err
}

// complete fills in of verdicts that are due which set they are on.
func (s Sight) complete(entries []isms.LogEntry) {
	for i := range entries {
		if s.Matched != nil && entries[i].Counts != nil {
			entries[i].MatchedDigest = s.Matched(entries[i].Item)
		}
	}
}

// before puts what is to be written ahead of verdicts before them.
func (s Sight) before(ctx context.Context, entries []isms.LogEntry) ([]isms.LogEntry, error) {
	if s.Ahead == nil {
		return entries, nil
	}
	var verdicts []string
	for i := range entries {
		if entries[i].Item != "" {
			verdicts = append(verdicts, entries[i].Item)
		}
	}
	ahead, err := s.Ahead(ctx, verdicts)
	return append(ahead, entries...), err
}

// resumeAll makes the dampers of all items that a sight is about.
func (s *Store) resumeAll(ctx context.Context, ser *series, sight Sight) error {
	items := slices.Clone(sight.Before)
	for _, v := range sight.Verdicts {
		items = append(items, v.Item)
	}
	for key := range ser.last {
		if key.family == ledger.FamilyEvidence {
			items = append(items, key.item)
		}
	}
	for _, item := range items {
		if err := s.resume(ctx, ser, item); err != nil {
			return err
		}
	}
	if _, err := s.find(ctx, ser, result); err != nil {
		return err
	}
	if ser.watch == nil {
		ser.watch = ledger.Watch{}
	}
	ser.watch.ResumeResult(s.Limits, ser.last[result])
	return nil
}

// append runs one decision under the locks. done is called once the entries are written.
func (s *Store) append(
	ctx context.Context, key ledger.Key, decide func(context.Context, *series) (entries []isms.LogEntry, done func(), err error),
) error {
	err := s.try(ctx, s.scope(key.Scope), key, decide)
	s.refused(key, err)
	return err
}

func (s *Store) try(
	ctx context.Context, sc *scope, key ledger.Key, decide func(context.Context, *series) (entries []isms.LogEntry, done func(), err error),
) error {
	sc.sealing.RLock()
	defer sc.sealing.RUnlock()
	epoch, err := s.epoch(ctx, sc, key.Scope)
	if err != nil {
		return err
	}
	ser := sc.get(key)
	ser.mu.Lock()
	defer ser.mu.Unlock()
	for range attempts {
		if err = s.load(ctx, ser); err != nil {
			return err
		}
		var entries []isms.LogEntry
		var done func()
		if entries, done, err = decide(ctx, ser); err != nil {
			return err
		}
		for i := range entries {
			entries[i].Epoch, entries[i].OperatorVersion = epoch, s.Version
		}
		if err = s.write(ctx, ser, entries); err == nil {
			done()
			return nil
		}
		if !apierrors.IsConflict(err) && !apierrors.IsAlreadyExists(err) && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return err
}

// epoch is the present one of a scope, from the end of its own series.
func (s *Store) epoch(ctx context.Context, sc *scope, key ledger.Scope) (int64, error) {
	own := sc.get(ledger.Key{Scope: key, Series: isms.SeriesScope})
	own.mu.Lock()
	defer own.mu.Unlock()
	if err := s.load(ctx, own); err != nil {
		return 0, err
	}
	return sc.begun(own.tail.Epoch()), nil
}

// write writes entries behind the tail. The caller holds the series' lock.
func (s *Store) write(ctx context.Context, ser *series, entries []isms.LogEntry) error {
	if len(entries) == 0 {
		return nil
	}
	logs, _, err := ser.tail.Extend(entries, ser.standing)
	if err != nil {
		return fmt.Errorf("evidence log: %w", err)
	}
	for i := range logs {
		log := &logs[i]
		from := 0
		if log.ResourceVersion == "" {
			err = s.Writer.Create(ctx, log)
		} else {
			from = len(ser.tail.Log.Spec.Entries)
			unnoted(log)
			err = s.Writer.Update(ctx, log)
		}
		if err != nil {
			ser.stale = true
			return fmt.Errorf("evidence log %s: %w", log.Name, err)
		}
		ser.wrote(log, from)
		s.scope(ser.key.Scope).wrote(log.Spec.Entries[from:])
		if s.Appended != nil {
			s.Appended(ser.key, log.Spec.Entries[from:])
		}
		if err := s.summarize(ctx, ser); err != nil {
			return err
		}
	}
	return nil
}

// summarize writes the status of the last log. It is for display alone, so that nothing depends on whether it is there:
// what does not succeed is made good with the next entry.
func (s *Store) summarize(ctx context.Context, ser *series) error {
	log := ser.tail.Log.DeepCopy()
	last := log.Spec.Entries[len(log.Spec.Entries)-1]
	log.Status = isms.EvidenceLogStatus{
		Entries:          int32(len(log.Spec.Entries)), //nolint:gosec // at most ledger.MaxEntries
		LastObservedTime: last.ObservedTime.DeepCopy(), HeadDigest: last.Digest,
	}
	err := s.Writer.Status().Update(ctx, log)
	switch {
	case err == nil:
		ser.tail.Log = log
		return nil
	case apierrors.IsConflict(err), apierrors.IsNotFound(err):
		ser.stale = true
		return nil
	}
	ser.stale = true
	return fmt.Errorf("status of evidence log %s: %w", log.Name, err)
}

// Refused says that the API server does not take the log, and that trying again soon is no use.
func Refused(err error) bool {
	return apierrors.IsForbidden(err) || apierrors.IsInvalid(err) || apierrors.IsUnauthorized(err) || errors.Is(err, errUnfit)
}
