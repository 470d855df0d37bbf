// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/operation"
)

// recordDigest is the digest of a spec, which is not made anew while the spec is the same.
type recordDigest struct {
	uid        types.UID
	generation int64
	digest     isms.Digest
}

// removed writes down which records of a scope are new, have turned or are gone, and returns those that are gone. It comes
// before a status is computed from the records that are left. It says when to do so again for what the log holds back, zero
// for never.
func (l *Logbook) removed(ctx context.Context, scope *isms.ISMSScope, now time.Time) ([]operation.Removed, time.Time, error) {
	key := ledger.Key{Scope: logScope(scope), Series: isms.SeriesScope}
	records, err := l.records(ctx, key.Scope)
	if err != nil {
		return nil, time.Time{}, err
	}
	again, err := l.append(ctx, key, now, func(s *scopeBook) []isms.LogEntry {
		if s.book.ObservedSince().IsZero() { // The log begins with the first sight of the scope.
			return nil
		}
		return s.book.RecordChanges(records)
	})
	if err != nil {
		return nil, again, err
	}
	var removed []operation.Removed
	err = l.with(ctx, key.Scope, func(s *scopeBook) { removed = s.book.Removed(records, now) })
	return removed, again, err
}

// records of a scope, as they are.
func (l *Logbook) records(ctx context.Context, scope ledger.Scope) ([]operation.Record, error) {
	var attestations isms.AttestationList
	var documents isms.DocumentList
	var findings isms.FindingList
	var risks isms.RiskList
	for _, list := range []client.ObjectList{&attestations, &documents, &findings, &risks} {
		if err := listIn(ctx, l.Reader, list, scope.Namespace, scope.Name); err != nil {
			return nil, err
		}
	}
	s := l.scope(scope)
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []operation.Record
	var failed error
	known := s.digests
	s.digests = make(map[string]recordDigest, len(known))
	add := func(kind string, o client.Object, spec any, record isms.LogRecord, state *metav1.Condition) {
		r := operation.Record{Kind: kind, Name: o.GetName(), LogRecord: record}
		if r.Pending = state == nil || state.ObservedGeneration != o.GetGeneration(); !r.Pending {
			digest, err := specDigest(known[r.Item()], r.Item(), o, spec)
			s.digests[r.Item()] = digest
			r.State, r.Digest, failed = state.Reason, digest.digest, errors.Join(failed, err)
		}
		all = append(all, r)
	}
	for i := range attestations.Items {
		a := &attestations.Items[i]
		record := isms.LogRecord{Type: a.Spec.Type}
		if a.Spec.Objective != nil {
			record.Objective = a.Spec.Objective.Name
		}
		add(operation.Attestation, a, a.Spec, record, conditions.Get(a.Status.Conditions, isms.ConditionCurrent))
	}
	for i := range documents.Items {
		d := &documents.Items[i]
		add(operation.Document, d, d.Spec, isms.LogRecord{Type: d.Spec.Type}, conditions.Get(d.Status.Conditions, isms.ConditionApproved))
	}
	for i := range findings.Items {
		f := &findings.Items[i]
		record := isms.LogRecord{Type: isms.TypeName(f.Spec.Severity), Requirement: f.Spec.Requirement}
		add(operation.Finding, f, f.Spec, record, conditions.Get(f.Status.Conditions, isms.ConditionClosed))
	}
	for i := range risks.Items {
		r := &risks.Items[i]
		record := isms.LogRecord{}
		if r.Spec.Treatment != nil {
			record.Type = isms.TypeName(r.Spec.Treatment.Option)
		}
		add(operation.Risk, r, r.Spec, record, conditions.Get(r.Status.Conditions, isms.ConditionResidualAccepted))
	}
	return all, failed
}

// specDigest is the digest of a record's whole spec. Names of people are in it; a digest over all of a record is no digest of
// a name.
func specDigest(known recordDigest, item string, o client.Object, spec any) (recordDigest, error) {
	if known.uid == o.GetUID() && known.generation == o.GetGeneration() {
		return known, nil
	}
	_, digest, err := ledger.Text(spec)
	if err != nil {
		return recordDigest{}, fmt.Errorf("digest of %s: %w", item, err)
	}
	return recordDigest{o.GetUID(), o.GetGeneration(), digest}, nil
}
