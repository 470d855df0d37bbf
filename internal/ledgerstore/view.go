// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledgerstore

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// View is what a series says while something is decided about it.
type View struct {
	store  *Store
	series *series
}

// Last is the last entry of a family about an item, nil where there is none. Text of criteria is not in it.
func (v *View) Last(ctx context.Context, family ledger.Family, item string) (*isms.LogEntry, error) {
	found, err := v.store.find(ctx, v.series, subject{family, item})
	if found == nil || err != nil {
		return nil, err
	}
	return found.DeepCopy(), nil
}

// Items are all items that the series has entries of a family about, sorted. It reads the series to its beginning, once.
func (v *View) Items(ctx context.Context, family ledger.Family) ([]string, error) {
	for v.series.older != "" {
		if _, err := v.store.back(ctx, v.series); err != nil {
			return nil, err
		}
	}
	var items []string
	for key := range v.series.last {
		if key.family == family {
			items = append(items, key.item)
		}
	}
	slices.Sort(items)
	return items, nil
}

// page of logs, of which each may have half a megabyte.
const page = 20

// Logs are all logs of a scope, read from the API server: for computing and verifying, not for each reconcile.
func (s *Store) Logs(ctx context.Context, scope ledger.Scope) ([]isms.EvidenceLog, error) {
	var logs []isms.EvidenceLog
	for next := ""; ; {
		var list isms.EvidenceLogList
		if err := s.Reader.List(ctx, &list, client.InNamespace(scope.Namespace), client.Limit(page), client.Continue(next)); err != nil {
			return nil, fmt.Errorf("read the evidence logs of %s: %w", scope, err)
		}
		for i := range list.Items {
			if ledger.KeyOf(&list.Items[i]).Scope == scope {
				logs = append(logs, list.Items[i])
			}
		}
		if next = list.Continue; next == "" {
			return logs, nil
		}
	}
}

// KnowsCriteria says whether a log of the scope has the text behind a digest. The first question reads all logs.
func (s *Store) KnowsCriteria(ctx context.Context, scope ledger.Scope, digest isms.Digest) (bool, error) {
	sc := s.scope(scope)
	if known, all := sc.knows(digest); known || all {
		return known, nil
	}
	logs, err := s.Logs(ctx, scope)
	if err != nil {
		return false, err
	}
	for i := range logs {
		sc.learn(logs[i].Spec.Entries)
	}
	sc.mu.Lock()
	sc.allTexts = true
	sc.mu.Unlock()
	known, _ := sc.knows(digest)
	return known, nil
}

func (sc *scope) knows(digest isms.Digest) (known, all bool) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	return sc.texts[digest], sc.allTexts
}

// wrote takes over entries that were written.
func (sc *scope) wrote(entries []isms.LogEntry) {
	sc.learn(entries)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if sc.first.IsZero() {
		sc.first = entries[0].ObservedTime.Time
	}
}

// learn notes the texts of criteria in entries.
func (sc *scope) learn(entries []isms.LogEntry) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	for i := range entries {
		if entries[i].Criteria != "" {
			sc.texts[entries[i].CriteriaDigest] = true
		}
	}
}
