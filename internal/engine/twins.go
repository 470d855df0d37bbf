// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"
	"sync"

	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// twins are the verdicts about objects of one plan that were evaluated last. The pods of a Deployment or a DaemonSet differ
// in nothing that rules commonly read, and a list brings them one after another: one of them is evaluated for all.
//
// Only plain verdicts are kept. What has more to say of an object (an error, what `now` or a Set needs of it, a rule
// that was left out or put off) is evaluated for each.
type twins struct {
	mu    sync.Mutex
	known map[twin][]tally.Mark
}

// twin is what two objects have in common. The namespace, because rules look at their scope's, and may read its Namespace.
type twin struct {
	print     uint64
	namespace string
}

// maxTwins bounds what is kept, a few hundred bytes each. Replicas are neighbours in a list, so that few are enough.
const maxTwins = 256

func newTwins() *twins { return &twins{known: map[twin][]tally.Mark{}} }

// marks are the verdicts about an object by those about its twin, with the exceptions that match this one. It is nil where
// no twin is known.
func (t *twins) marks(r *record, labels map[string]string) []tally.Mark {
	t.mu.Lock()
	known := t.known[twin{r.print, r.key.Namespace}]
	t.mu.Unlock()
	if known == nil {
		return nil
	}
	out := slices.Clone(known)
	for i := range r.plan.columns {
		if c := &r.plan.columns[i]; len(c.exceptions) > 0 && c.key.Exceptions != "" {
			out[i].Waives = rule.Waives(c.exceptions, r.key, labelSet(labels))
		}
	}
	return out
}

// keep remembers the verdicts about an object for its twins.
func (t *twins) keep(r *record) {
	if r.print == 0 || len(r.notes) > 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) >= maxTwins {
		clear(t.known)
	}
	t.known[twin{r.print, r.key.Namespace}] = r.marks
}
