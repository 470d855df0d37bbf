// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledgerstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// subject is what a series has a last entry of.
type subject struct {
	family ledger.Family
	item   string
}

// series is the end of one series, and how its items stand as far as that was asked.
type series struct {
	mu     sync.Mutex
	key    ledger.Key
	loaded bool
	// stale says that the cluster may have more than the tail, or something else.
	stale bool
	tail  ledger.Tail
	// head is the sequence of the last entry that is known, for those who must not wait for mu.
	head atomic.Int64
	// last entries of subjects, newest last: of evidence those within an hour of the newest, of others one.
	last map[subject][]isms.LogEntry
	// older is the log before those that are indexed; empty where there is none.
	older isms.ObjectName
	watch ledger.Watch
	// standing is the result of the control as a whole, where the log has nothing to add to it.
	standing isms.ControlResult
}

func newSeries(key ledger.Key) *series { return &series{key: key, last: map[subject][]isms.LogEntry{}} }

var errUnfit = errors.New("an object of this name is of another series")

// load reads the tail where it is not known, or not any more. The caller holds the lock.
func (s *Store) load(ctx context.Context, ser *series) error {
	if ser.loaded && !ser.stale {
		return nil
	}
	log, err := s.lastLog(ctx, ser)
	if err != nil {
		return fmt.Errorf("read the evidence log: %w", err)
	}
	if ser.loaded {
		before := ser.tail.Head.Sequence
		ser.tail = ser.tail.Read(log)
		if !ser.tail.Broken && ser.tail.Log != nil {
			ser.see(ser.tail.Log.Spec.Entries, before)
		}
		if s.Reread != nil && (ser.tail.Broken || ser.tail.Head.Sequence != before) {
			s.Reread(ser.key.Scope)
		}
		ser.stale = false
		return nil
	}
	ser.tail = ledger.TailOf(ser.key, log)
	if log != nil {
		ser.prepend(log)
		if err := s.lastHour(ctx, ser); err != nil {
			return err
		}
	}
	ser.loaded = true
	return nil
}

// lastLog reads the last log of a series; nil where there is none.
func (s *Store) lastLog(ctx context.Context, ser *series) (*isms.EvidenceLog, error) {
	if ser.tail.Log != nil {
		return s.lastFrom(ctx, ser, ser.tail.Log.Spec.Number)
	}
	for _, anew := range []bool{ser.stale, true} {
		names, err := s.names(ctx, ser.key.Scope, anew)
		if err != nil {
			return nil, err
		}
		number := ledger.LastNumber(ser.key, names)
		if number == 0 {
			break
		}
		// One that is gone since it was listed has others before it, perhaps.
		if log, err := s.lastFrom(ctx, ser, number); log != nil || err != nil {
			return log, err
		}
	}
	return nil, nil //nolint:nilnil // that there is none is an answer
}

// lastFrom reads the last log of a series whose number is not below one; nil where there is none.
func (s *Store) lastFrom(ctx context.Context, ser *series, number int64) (last *isms.EvidenceLog, err error) {
	for ; ; number++ {
		log, err := s.get(ctx, ser, isms.ObjectName(ledger.LogName(ser.key, number)))
		switch {
		case apierrors.IsNotFound(err):
			return last, nil
		case err != nil:
			return nil, err
		}
		last = log
	}
}

// names are those of the logs in the namespace of a scope. They are listed once for the first load of all series: a log that
// somebody has made since shows when it is made once more, and is then listed anew.
func (s *Store) names(ctx context.Context, key ledger.Scope, anew bool) ([]string, error) {
	sc := s.scope(key)
	sc.listing.Lock()
	defer sc.listing.Unlock()
	if sc.listed && !anew {
		return sc.names, nil
	}
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(isms.GroupVersion.WithKind("EvidenceLogList"))
	if err := s.Reader.List(ctx, list, client.InNamespace(key.Namespace)); err != nil {
		return nil, err
	}
	sc.names, sc.listed = make([]string, 0, len(list.Items)), true
	for i := range list.Items {
		sc.names = append(sc.names, list.Items[i].Name)
	}
	return sc.names, nil
}

func (s *Store) get(ctx context.Context, ser *series, name isms.ObjectName) (*isms.EvidenceLog, error) {
	log := &isms.EvidenceLog{}
	if err := s.Reader.Get(ctx, client.ObjectKey{Namespace: ser.key.Namespace, Name: string(name)}, log); err != nil {
		return nil, err
	}
	if ledger.KeyOf(log) != ser.key {
		return nil, fmt.Errorf("%s: %w: %s", name, errUnfit, ledger.KeyOf(log))
	}
	return log, nil
}

// lastHour reads logs back until all entries of an hour before the last one are known: the dampers count them.
func (s *Store) lastHour(ctx context.Context, ser *series) error {
	entries := ser.tail.Log.Spec.Entries
	if len(entries) == 0 {
		return nil
	}
	hour := entries[len(entries)-1].ObservedTime.Add(-time.Hour)
	for first := entries[0]; first.ObservedTime.After(hour) && ser.older != ""; {
		log, err := s.back(ctx, ser)
		if err != nil {
			return err
		}
		if log == nil || len(log.Spec.Entries) == 0 {
			return nil
		}
		first = log.Spec.Entries[0]
	}
	return nil
}

// back indexes the log before those that are indexed, and returns it; nil where it is gone.
func (s *Store) back(ctx context.Context, ser *series) (*isms.EvidenceLog, error) {
	log, err := s.get(ctx, ser, ser.older)
	if apierrors.IsNotFound(err) {
		ser.older = ""  // Pruned, or removed by force: verification says which.
		return nil, nil //nolint:nilnil // that there is none is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("read the evidence log: %w", err)
	}
	ser.prepend(log)
	return log, nil
}

// prepend indexes a log before all that are indexed.
func (ser *series) prepend(log *isms.EvidenceLog) {
	ser.older = ""
	if log.Spec.Previous != nil {
		ser.older = log.Spec.Previous.Name
	}
	for _, e := range slices.Backward(log.Spec.Entries) {
		for _, key := range subjects(&e) {
			known := ser.last[key]
			if len(known) == 0 || key.damped() && e.ObservedTime.Add(time.Hour).After(known[len(known)-1].ObservedTime.Time) {
				ser.last[key] = slices.Insert(known, 0, brief(e))
			}
		}
	}
}

// see indexes entries behind all that are indexed, those after a sequence.
func (ser *series) see(entries []isms.LogEntry, after int64) {
	for _, e := range entries {
		if e.Sequence <= after {
			continue
		}
		for _, key := range subjects(&e) {
			known := slices.Concat(ser.last[key], []isms.LogEntry{brief(e)})
			from := len(known) - 1
			for from > 0 && key.damped() && known[from-1].ObservedTime.Add(time.Hour).After(e.ObservedTime.Time) {
				from--
			}
			ser.last[key] = slices.Clone(known[from:])
			if key.damped() {
				delete(ser.watch, key.item) // resumed from the entry when it is asked for
			}
		}
	}
}

// subjects are what an entry is the last one of: its own, and the control as a whole where it says how that fares.
func subjects(e *isms.LogEntry) []subject {
	own := subject{ledger.FamilyOf(e.Type), e.Item}
	if e.ControlResult == "" || own == result {
		return []subject{own}
	}
	return []subject{own, result}
}

// result is the control as a whole.
var result = subject{family: ledger.FamilyResult}

// damped says whether a damper counts the entries of the last hour.
func (s subject) damped() bool {
	return s.family == ledger.FamilyEvidence || s.family == ledger.FamilyResult
}

// brief is an entry without the text that it is not kept in memory for.
func brief(e isms.LogEntry) isms.LogEntry {
	e.Criteria = ""
	return e
}

// wrote takes over a log as it was written, with entries from an index on that are new.
func (ser *series) wrote(log *isms.EvidenceLog, from int) {
	ser.tail = ledger.TailOf(ser.key, log)
	ser.reach(ser.tail.Head.Sequence)
	ser.see(log.Spec.Entries[from:], 0)
	ser.loaded, ser.stale = true, false
}

// reach notes how far the series goes, which others may ask for at any time; it never goes back.
func (ser *series) reach(sequence int64) {
	for known := ser.head.Load(); known < sequence && !ser.head.CompareAndSwap(known, sequence); known = ser.head.Load() {
	}
}

// find is the last entry of a family about an item, nil where there is none. It reads older logs until it knows.
func (s *Store) find(ctx context.Context, ser *series, key subject) (*isms.LogEntry, error) {
	for {
		if known := ser.last[key]; len(known) > 0 {
			return &known[len(known)-1], nil
		}
		if ser.older == "" {
			return nil, nil //nolint:nilnil // that there is none is an answer
		}
		if _, err := s.back(ctx, ser); err != nil {
			return nil, err
		}
	}
}

// resume makes the damper of an item from the log, where there is none in memory.
func (s *Store) resume(ctx context.Context, ser *series, item string) error {
	if _, ok := ser.watch[item]; ok {
		return nil
	}
	key := subject{ledger.FamilyEvidence, item}
	if found, err := s.find(ctx, ser, key); err != nil || found == nil {
		return err
	}
	if ser.watch == nil {
		ser.watch = ledger.Watch{}
	}
	ser.watch[item] = ledger.ResumeItem(s.Limits, ser.last[key])
	return nil
}

// unnoted asks the API server to note no owners of fields: they would nearly double a log (docs/design/ledger.md).
func unnoted(log *isms.EvidenceLog) {
	if len(log.ManagedFields) > 0 {
		log.ManagedFields = []metav1.ManagedFieldsEntry{{}}
	}
}
