// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/util/workqueue"
)

// Settler asks for a group version several times, one delay after another: what an API server says of a new kind
// follows the kind by a moment. A queue alone can't, because of several waits for one key it keeps the shortest.
type Settler struct {
	queue  workqueue.TypedDelayingInterface[schema.GroupVersion]
	delays []time.Duration

	mu   sync.Mutex
	next map[schema.GroupVersion]int
}

// NewSettler returns a settler that adds to a queue.
func NewSettler(queue workqueue.TypedDelayingInterface[schema.GroupVersion], delays ...time.Duration) *Settler {
	return &Settler{queue: queue, delays: delays, next: map[schema.GroupVersion]int{}}
}

// Begin starts the delays anew.
func (s *Settler) Begin(gv schema.GroupVersion) {
	s.mu.Lock()
	s.next[gv] = 0
	s.mu.Unlock()
	s.Next(gv)
}

// Next waits for the next delay, if there is one left. Call it whenever the key was asked for.
func (s *Settler) Next(gv schema.GroupVersion) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.next[gv]
	if !ok {
		return
	}
	s.queue.AddAfter(gv, s.delays[i])
	if s.next[gv]++; s.next[gv] == len(s.delays) {
		delete(s.next, gv)
	}
}
