// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
)

// proxy stands between an engine and its API server, and keeps from it what a test wants.
type proxy struct {
	config  *rest.Config
	expired atomic.Int64 // how many watches were answered with 410 Gone
	failed  atomic.Int64 // how many requests a fault has answered

	address string
	handler http.HandlerFunc
	server  *http.Server

	mu     sync.Mutex
	faults []fault
}

// fault answers the requests whose path it matches, in the API server's place.
type fault struct {
	matches func(path string) bool
	answer  http.HandlerFunc
}

// behindProxy restarts the engine behind a proxy, for as long as the test takes.
func (w *world) behindProxy() *proxy {
	w.Helper()
	p := newProxy(w.T, w.env.Config)
	w.stop()
	w.startEngineAs(p.config)
	w.engine.SetScope(w.scope)
	return p
}

func newProxy(t *testing.T, server *rest.Config) *proxy {
	t.Helper()
	target, err := url.Parse(server.Host)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(server)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{}
	forward := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:      transport,
		FlushInterval:  -1,
		ModifyResponse: p.look,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	p.handler = func(w http.ResponseWriter, r *http.Request) { p.serve(forward, w, r) }
	p.address = "127.0.0.1:0"
	p.restore(t)
	p.config = &rest.Config{Host: "http://" + p.address, QPS: -1}
	t.Cleanup(p.cut)
	return p
}

func (p *proxy) serve(forward http.Handler, w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	faults := slices.Clone(p.faults)
	p.mu.Unlock()
	for _, f := range faults {
		if f.matches(r.URL.Path) {
			p.failed.Add(1)
			f.answer(w, r)
			return
		}
	}
	forward.ServeHTTP(w, r)
}

// cut breaks all connections off. Until restore nobody is at the address.
func (p *proxy) cut() { _ = p.server.Close() }

func (p *proxy) restore(t *testing.T) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	p.server = &http.Server{Handler: p.handler, ErrorLog: log.New(io.Discard, "", 0)} //nolint:gosec // one client, on loopback
	go func() { _ = p.server.Serve(l) }()
}

// fail has a handler answer all requests with such a path, from now on. What is open already goes on.
func (p *proxy) fail(matches func(path string) bool, answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, fault{matches, answer})
}

func (p *proxy) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// look counts the watches that end because their resource version is too old, whether as a status or as an event.
func (p *proxy) look(r *http.Response) error {
	if r.Request.URL.Query().Get("watch") == "" {
		return nil
	}
	if r.StatusCode == http.StatusGone {
		p.expired.Add(1)
	}
	r.Body = &looker{ReadCloser: r.Body, p: p}
	return nil
}

type looker struct {
	io.ReadCloser
	p *proxy
}

func (l *looker) Read(b []byte) (int, error) {
	n, err := l.ReadCloser.Read(b)
	if bytes.Contains(b[:n], []byte("Expired")) { // the reason, in JSON and in protobuf
		l.p.expired.Add(1)
	}
	return n, err
}

// answering is a fault that answers always the same.
func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// aheadClock tells the real time moved by what a test has stepped. Its timers run in real time.
type aheadClock struct {
	clock.RealClock
	ahead atomic.Int64
}

func (c *aheadClock) Now() time.Time                  { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *aheadClock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }
func (c *aheadClock) step(d time.Duration)            { c.ahead.Add(int64(d)) }
