// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"k8s.io/client-go/tools/cache"
)

const (
	// silence is how long a stream may bring neither an object nor a bookmark before it is opened anew. The API server sends a
	// bookmark about once a minute.
	silence = 3 * time.Minute
	// lookEvery is how often the watchdog looks.
	lookEvery = 30 * time.Second
	// pageTimeout bounds one page of a listing beside the stream.
	pageTimeout = time.Minute
)

// errSilent ends a stream whose connection is open and brings nothing: a proxy between may have lost the other side.
var errSilent = errors.New("nothing was heard from the API server for three minutes")

// follow lists and watches once, until the watch ends or falls silent.
func (s *Stream) follow(ctx context.Context, r *cache.Reflector) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var helpers sync.WaitGroup
	defer helpers.Wait()
	defer cancel(nil)
	s.listing = newListing(s.sink.Evaluate)
	defer s.listing.close()
	helpers.Go(s.listing.run)
	s.progressed()
	helpers.Go(func() { s.watchSilence(ctx, cancel) })
	err := r.ListAndWatchWithContext(ctx)
	if errors.Is(context.Cause(ctx), errSilent) {
		return errSilent
	}
	return err
}

func (s *Stream) watchSilence(ctx context.Context, cancel context.CancelCauseFunc) {
	for ctx.Err() == nil {
		sleep(ctx, s.clock, lookEvery)
		if s.clock.Since(time.Unix(0, s.progress.Load())) > silence {
			cancel(errSilent)
			return
		}
	}
}

// progressed notes that the connection brings something, if only a part of a list.
func (s *Stream) progressed() { s.progress.Store(s.clock.Now().UnixNano()) }
