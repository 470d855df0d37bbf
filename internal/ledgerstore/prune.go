// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledgerstore

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// Prune deletes the logs of a scope whose last entry is from before a time, and that a checkpoint seals. It announces them
// in the scope's series first; where it is cut off, the next call goes on. A log that does not verify is left as it is:
// what is wrong with it is not to go with it. It needs an Audit before.
func (s *Store) Prune(ctx context.Context, key ledger.Scope, now, before time.Time) error {
	sc := s.scope(key)
	if first := sc.begin(); first.IsZero() || !first.Before(before) || s.State(key).Problem != "" {
		return nil
	}
	logs, err := s.Logs(ctx, key)
	if err != nil {
		return err
	}
	pruning := ledger.Prune(logs, before)
	if len(pruning.Delete) == 0 {
		return nil
	}
	own := ledger.Key{Scope: key, Series: isms.SeriesScope}
	err = s.Append(ctx, own, func(context.Context, *View) ([]isms.LogEntry, error) {
		for i := range pruning.Announce {
			pruning.Announce[i].ObservedTime = metav1.NewTime(now)
		}
		return pruning.Announce, nil
	})
	if err != nil {
		return err
	}
	for _, restated := range pruning.Restate {
		err := s.Append(ctx, restated.Key, func(context.Context, *View) ([]isms.LogEntry, error) {
			for i := range restated.Entries {
				restated.Entries[i].ObservedTime = metav1.NewTime(now)
			}
			return restated.Entries, nil
		})
		if err != nil {
			return err
		}
	}
	for _, log := range pruning.Delete {
		// As it was read: what was changed in between stays.
		err := s.Writer.Delete(ctx, log, client.Preconditions{UID: &log.UID, ResourceVersion: &log.ResourceVersion})
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("prune evidence log %s: %w", log.Name, err)
		}
	}
	sc.forget()
	return nil
}

// forget has what was read of old logs read again.
func (sc *scope) forget() {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.texts, sc.allTexts = map[isms.Digest]bool{}, false
}
