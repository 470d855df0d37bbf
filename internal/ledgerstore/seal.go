// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledgerstore

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// PublishedKeys is the name of the ConfigMap, in the namespace of each scope, with the public keys of all that has signed.
const PublishedKeys = "isms-operator-signing-keys"

// fieldOwner of what the store applies.
const fieldOwner = "isms-operator"

// Audit reads all logs of a scope and holds them against their chains and checkpoints. The result shows in State. It is
// for the start of a process and once a day; it reads everything.
func (s *Store) Audit(ctx context.Context, key ledger.Scope) error {
	logs, err := s.Logs(ctx, key)
	if err != nil {
		return err
	}
	var report ledger.Report
	if reports := ledger.Verify(logs, ledger.Options{}); len(reports) == 1 {
		report = reports[0]
	}
	sc := s.scope(key)
	last := map[ledger.Key]*isms.EvidenceLog{}
	for i := range logs {
		k := ledger.KeyOf(&logs[i])
		sc.get(k)
		sc.learn(logs[i].Spec.Entries)
		if last[k] == nil || last[k].Spec.Number < logs[i].Spec.Number {
			last[k] = &logs[i]
		}
	}
	for k, log := range last {
		if n := len(log.Spec.Entries); n > 0 {
			sc.get(k).reach(log.Spec.Entries[n-1].Sequence)
		}
	}
	changed, err := s.compare(ctx, sc, last)
	if err != nil {
		return err
	}
	sc.mu.Lock()
	sc.allTexts = true
	sc.first, sc.verified = first(logs), s.Clock.Now()
	sc.mu.Unlock()
	problem := changed
	if len(report.Problems) > 0 {
		problem = report.Problems[0].String()
	}
	s.turn(key, func(st *State) { st.Read, st.Problem = true, problem })
	return nil
}

// first is the time of the first entry in logs, zero where there is none.
func first(logs []isms.EvidenceLog) time.Time {
	var first time.Time
	for i := range logs {
		if entries := logs[i].Spec.Entries; len(entries) > 0 && (first.IsZero() || entries[0].ObservedTime.Time.Before(first)) {
			first = entries[0].ObservedTime.Time
		}
	}
	return first
}

// compare holds the ends of series in memory against those that were read, and says which one somebody else has changed.
func (s *Store) compare(ctx context.Context, sc *scope, last map[ledger.Key]*isms.EvidenceLog) (changed string, err error) {
	for _, ser := range sc.all() {
		ser.mu.Lock()
		log := last[ser.key]
		if have := ser.tail.Log; have != nil && (log == nil || log.Name != have.Name || log.ResourceVersion != have.ResourceVersion) {
			ser.stale = true
			err = s.load(ctx, ser)
		}
		if ser.tail.Broken && changed == "" {
			changed = ser.key.String() + " does not end any more with what was written last"
		}
		ser.mu.Unlock()
		if err != nil {
			return "", err
		}
	}
	return changed, nil
}

// Seal writes the checkpoint of a scope where a day has ended since the one before, and returns when the next is due; zero
// while the scope has no entries. It needs an Audit before.
//
// Once a checkpoint was signed, all after it need a signature, or the log would not verify. So without a key it waits.
func (s *Store) Seal(ctx context.Context, key ledger.Scope, now time.Time) (time.Time, error) {
	sc := s.scope(key)
	signers, problem := s.keys.read()
	own := sc.get(ledger.Key{Scope: key, Series: isms.SeriesScope})
	last, err := s.lastCheckpoint(ctx, own)
	if err != nil {
		return time.Time{}, err
	}
	s.turn(key, func(st *State) { st.seal(last, len(signers), problem) })
	since := sc.begin()
	if last != nil {
		since = last.ObservedTime.Time
	}
	if since.IsZero() {
		return time.Time{}, nil
	}
	if due := ledger.SealAt(since); now.Before(due) {
		return due, nil
	}
	if last != nil && len(last.Checkpoint.Signatures) > 0 && len(signers) == 0 {
		return time.Time{}, nil
	}
	entry, err := s.seal(ctx, sc, own, since, ledger.Seal{Time: now, OperatorVersion: s.Version, Signers: signers})
	s.refused(own.key, err)
	if err != nil {
		return time.Time{}, err
	}
	s.turn(key, func(st *State) { st.seal(entry, len(signers), problem) })
	return ledger.SealAt(now), nil
}

// seal appends the checkpoint; nothing else is appended to the scope meanwhile.
func (s *Store) seal(ctx context.Context, sc *scope, own *series, since time.Time, seal ledger.Seal) (*isms.LogEntry, error) {
	sc.sealing.Lock()
	defer sc.sealing.Unlock()
	epoch, err := s.epoch(ctx, sc, own.key.Scope)
	if err != nil {
		return nil, err
	}
	seal.Epoch = epoch
	if s.Observed != nil {
		seal.ObservedSeconds = s.Observed(own.key.Scope, since, seal.Time)
	}
	var heads []ledger.Head
	for _, ser := range sc.all() {
		ser.mu.Lock()
		err := s.load(ctx, ser)
		heads = append(heads, ser.tail.Head)
		ser.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
	entry, _, err := ledger.AppendCheckpoint(own.key.Scope, heads, seal)
	if err != nil {
		return nil, fmt.Errorf("evidence log: %w", err)
	}
	own.mu.Lock()
	defer own.mu.Unlock()
	if err := s.write(ctx, own, []isms.LogEntry{entry}); err != nil {
		return nil, err
	}
	sc.begun(epoch + 1)
	return &entry, nil
}

func (s *Store) lastCheckpoint(ctx context.Context, own *series) (*isms.LogEntry, error) {
	own.mu.Lock()
	defer own.mu.Unlock()
	if err := s.load(ctx, own); err != nil {
		return nil, err
	}
	return s.find(ctx, own, subject{family: ledger.FamilyCheckpoint})
}

// Publish puts the public keys of the signers into the ConfigMap PublishedKeys of a namespace. Keys that are there stay:
// what an old key has signed still has to be verified.
func (s *Store) Publish(ctx context.Context, namespace string) error {
	signers, _ := s.keys.read()
	if len(signers) == 0 {
		return nil
	}
	var there corev1.ConfigMap
	err := s.Reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: PublishedKeys}, &there)
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("publish the signing keys: %w", err)
	}
	data, missing := map[string]string{}, false
	for name, text := range there.Data {
		data[name] = text
	}
	for _, signer := range signers {
		text, err := signer.Public()
		if err != nil {
			return fmt.Errorf("publish the signing keys: %w", err)
		}
		name := string(signer.ID())[len("sha256:"):][:16] + ".pub"
		missing = missing || data[name] != string(text)
		data[name] = string(text)
	}
	if !missing {
		return nil
	}
	apply := corev1ac.ConfigMap(PublishedKeys, namespace).WithData(data)
	if err := s.Writer.Apply(ctx, apply, client.FieldOwner(fieldOwner), client.ForceOwnership); err != nil {
		return fmt.Errorf("publish the signing keys: %w", err)
	}
	return nil
}
