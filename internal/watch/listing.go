// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import "k8s.io/apimachinery/pkg/runtime"

const (
	// batchSize is how many objects of a streamed list are handed over at once: few enough to hold, and enough that the
	// goroutines seldom wait for each other.
	batchSize = 64
	// batches is how many may wait, so that a list holds a few hundred objects at most, whatever its length.
	batches = 4
)

// listing evaluates the objects of a streamed list beside their decoding, in order. Its methods are for the reflector's
// goroutine.
type listing struct {
	evaluate func(runtime.Object) Record
	batch    []*keyed
	queue    chan []*keyed
	// flushed says that what was handed over before has been evaluated.
	flushed chan struct{}
}

func newListing(evaluate func(runtime.Object) Record) *listing {
	return &listing{evaluate: evaluate, queue: make(chan []*keyed, batches), flushed: make(chan struct{})}
}

// run evaluates until the listing is closed.
func (l *listing) run() {
	for batch := range l.queue {
		if batch == nil {
			l.flushed <- struct{}{}
		}
		for _, k := range batch {
			k.record, k.object = l.evaluate(k.object), nil
		}
	}
}

// add has an object evaluated. Its record is there after flush.
func (l *listing) add(k *keyed) {
	if l.batch = append(l.batch, k); len(l.batch) == batchSize {
		l.queue <- l.batch
		l.batch = make([]*keyed, 0, batchSize)
	}
}

// flush waits until all that was added has been evaluated.
func (l *listing) flush() {
	if len(l.batch) > 0 {
		l.queue <- l.batch
		l.batch = nil
	}
	l.queue <- nil
	<-l.flushed
}

func (l *listing) close() { close(l.queue) }
