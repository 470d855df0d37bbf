// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
)

const (
	// doubtLasts bounds the doubt of a refusal, for a cluster in which nobody may ask whether the API server is ready.
	doubtLasts = time.Minute
	// doubtForgotten is how long after the last refusal of a path its doubt is forgotten.
	doubtForgotten = 10 * time.Minute
	// mostDoubts bounds what is kept of paths.
	mostDoubts = 1000
	// readyTimeout bounds the question whether the API server is ready.
	readyTimeout = 5 * time.Second
)

// DoubtRefusals returns a configuration whose clients do not take a refusal (401, 403) for an answer of which they can't be
// sure. An API server that has just started refuses everybody until it has read the roles, and what follows from a
// refusal must not follow from that. So a refusal is believed if the API server calls itself ready after it and then
// refuses the same again. Until it calls itself ready, clients are told that it is unavailable and when to try again.
func DoubtRefusals(config *rest.Config, c clock.PassiveClock) (*rest.Config, error) {
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("address of the API server: %w", err)
	}
	doubts := &doubts{clock: c, byPath: map[string]doubt{}}
	out := rest.CopyConfig(config)
	out.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return &doubting{next: next, ready: base.JoinPath("readyz"), doubts: doubts}
	})
	return out, nil
}

// doubting is the transport of a client.
type doubting struct {
	next   http.RoundTripper
	ready  *url.URL
	doubts *doubts
}

// WrappedRoundTripper is for client-go, which looks for what is beneath.
func (d *doubting) WrappedRoundTripper() http.RoundTripper { return d.next }

// RoundTrip sends a request, and once more where it was refused by an API server that is ready.
func (d *doubting) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := d.next.RoundTrip(r)
	switch {
	case err != nil:
		return nil, err //nolint:wrapcheck // a transport hands on what it gets
	case !refuses(answer):
		d.doubts.forget(r.URL.Path)
		return answer, nil
	}
	again, err := repeat(r)
	if err != nil {
		return answer, nil //nolint:nilerr // it can't be sent twice: the answer stands
	}
	switch {
	case d.asksReady(r):
		d.doubts.forget(r.URL.Path)
		discard(answer)
		return d.next.RoundTrip(again) //nolint:wrapcheck // a transport hands on what it gets
	case d.doubts.worn(r.URL.Path):
		return answer, nil
	}
	discard(answer)
	return unavailable(r)
}

func refuses(answer *http.Response) bool {
	return answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden
}

// repeat is the same request, to be sent again.
func repeat(r *http.Request) (*http.Request, error) {
	again := r.Clone(r.Context())
	if r.Body == nil || r.Body == http.NoBody {
		return again, nil
	}
	if r.GetBody == nil {
		return nil, http.ErrBodyNotAllowed
	}
	body, err := r.GetBody()
	again.Body = body
	return again, err
}

// asksReady asks /readyz as whoever was refused. Every authenticated user may, by default.
func (d *doubting) asksReady(r *http.Request) bool {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	question, err := http.NewRequestWithContext(ctx, http.MethodGet, d.ready.String(), http.NoBody)
	if err != nil {
		return false
	}
	question.Header = r.Header.Clone()
	for _, of := range []string{"Content-Type", "Content-Length", "Accept"} {
		question.Header.Del(of)
	}
	answer, err := d.next.RoundTrip(question)
	if err != nil {
		return false
	}
	discard(answer)
	return answer.StatusCode == http.StatusOK
}

// discard ends a response, so that its connection can be used again.
func discard(answer *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	_ = answer.Body.Close()
}

// unavailable is the answer that the API server should have given. Clients try again after a second, some times.
func unavailable(r *http.Request) (*http.Response, error) {
	status := apierrors.NewServiceUnavailable("the API server refuses, but is not ready: it may have yet to read who may do what").Status()
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	text, err := json.Marshal(status)
	if err != nil {
		return nil, fmt.Errorf("status: %w", err)
	}
	return &http.Response{
		Status:     http.StatusText(http.StatusServiceUnavailable),
		StatusCode: http.StatusServiceUnavailable,
		Proto:      r.Proto, ProtoMajor: r.ProtoMajor, ProtoMinor: r.ProtoMinor,
		Header:        http.Header{"Content-Type": {"application/json"}, "Retry-After": {"1"}},
		Body:          io.NopCloser(bytes.NewReader(text)),
		ContentLength: int64(len(text)),
		Request:       r,
	}, nil
}

// doubts are the refusals that were not believed, by path.
type doubts struct {
	clock clock.PassiveClock

	mu     sync.Mutex
	byPath map[string]doubt
}

type doubt struct{ since, last time.Time }

// forget ends the doubt about a path.
func (d *doubts) forget(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.byPath, path)
}

// worn takes one more refusal of a path, and says whether the doubt has lasted long enough to be dropped.
func (d *doubts) worn(path string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.clock.Now()
	x, ok := d.byPath[path]
	if !ok || now.Sub(x.last) > doubtForgotten {
		x.since = now
	}
	if !ok && len(d.byPath) >= mostDoubts {
		clear(d.byPath)
	}
	x.last = now
	d.byPath[path] = x
	return now.Sub(x.since) >= doubtLasts
}
