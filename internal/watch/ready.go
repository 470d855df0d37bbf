// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"time"

	"k8s.io/client-go/rest"
)

// Ready asks whether the API server calls itself ready.
type Ready func(context.Context) bool

// ReadyOf asks /readyz, which every authenticated user may by default.
func ReadyOf(client rest.Interface) Ready {
	return func(ctx context.Context) bool {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		return client.Get().AbsPath("/readyz").Do(ctx).Error() == nil
	}
}

const (
	// askDoubtful is the wait before a refusal that is doubted is asked for again.
	askDoubtful = time.Second
	// doubtLasts bounds the doubt, for a cluster in which nobody may ask whether the API server is ready.
	doubtLasts = time.Minute
)

// doubt weighs a refusal of what was allowed before. An API server that has just started refuses everybody until it has
// read the roles: no verdict may follow from that.
type doubt struct {
	since time.Time
	ready bool // the API server has called itself ready since
}

// confirms takes one refusal, and reports whether it may be believed: it was repeated by an API server that had called
// itself ready after the first, or it has stood for long.
func (d *doubt) confirms(now time.Time, ready bool) bool {
	if d.since.IsZero() {
		d.since = now
	}
	if d.ready {
		return true
	}
	d.ready = ready
	return now.Sub(d.since) >= doubtLasts
}
