// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"
	"sync"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// twins are the verdicts about objects of one plan that were evaluated last. The pods of a Deployment or a DaemonSet differ
// in nothing that rules commonly read, and a list brings them one after another: one of them is evaluated for all.
//
// Only rules of the class plain have twins, and of these only what is a plain verdict: what has more to say of an object
// (an error, what `now` or a Set needs of it, a rule that was left out or put off) is evaluated for each, rule by rule.
type twins struct {
	mu    sync.Mutex
	known map[twin]*verdicts
}

// twin is what two objects have in common. The namespace, because rules look at their scope's, and may read its Namespace.
type twin struct {
	sum       uint64
	namespace string
}

// verdicts are those about one object, with unshared for what its twins do not have.
type verdicts struct {
	marks []tally.Mark
	whole bool // twins may have the marks as they are
	own   bool // they are the operator's own: twins have all labels in common
	// rest is what those rules read whose verdicts twins do not have.
	rest *check.Reading
}

// maxTwins bounds what is kept, a few hundred bytes each. Replicas are neighbours in a list, so that few are enough.
const maxTwins = 256

func newTwins() *twins { return &twins{known: map[twin]*verdicts{}} }

// of are the verdicts about an object's twin, nil where none is known.
func (t *twins) of(r *record) *verdicts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known[twin{r.sums[plain], r.key.Namespace}]
}

// keep remembers the verdicts about an object for its twins.
func (t *twins) keep(r *record, own bool) {
	if r.sums[plain] == 0 || r.same.has(plain) {
		return
	}
	v := &verdicts{marks: r.marks, own: own, whole: r.section.plain && len(r.notes) == 0}
	for _, m := range r.marks {
		v.whole = v.whole && isVerdict(m.Code)
	}
	if !v.whole {
		v.marks = slices.Clone(r.marks)
		for i, c := range r.section.columns {
			if c.class != plain {
				v.marks[i].Code = unshared
			}
		}
		for _, n := range r.notes {
			v.marks[n.column].Code = unshared
		}
		v.rest = r.section.rest(v)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) >= maxTwins {
		clear(t.known)
	}
	t.known[twin{r.sums[plain], r.key.Namespace}] = v
}

// shared says that the verdict of a column may be taken from a twin.
func (v *verdicts) shared(i int) bool { return v != nil && isVerdict(v.marks[i].Code) }
