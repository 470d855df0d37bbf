// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"
)

// apiServer serves lists and watches of one resource as a test says.
type apiServer struct {
	mu      sync.Mutex
	objects []string
	version int
	lists   int
	watches int
	// onList and onWatch answer instead, where they are set.
	onList, onWatch func(w http.ResponseWriter, r *http.Request)
}

func (a *apiServer) set(version int, objects ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.version, a.objects = version, objects
}

func (a *apiServer) answers(onList, onWatch func(http.ResponseWriter, *http.Request)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.onList, a.onWatch = onList, onWatch
}

func (a *apiServer) counts() (lists, watches int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lists, a.watches
}

func (a *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Query().Get("sendInitialEvents") == "true" {
		refuse(w, http.StatusUnprocessableEntity, metav1.StatusReasonInvalid) // no streamed lists
		return
	}
	a.mu.Lock()
	answer, list := a.onList, a.list()
	if r.URL.Query().Get("watch") != "" {
		a.watches++
		answer = a.onWatch
		list = nil
	} else {
		a.lists++
	}
	a.mu.Unlock()
	switch {
	case answer != nil:
		answer(w, r)
	case list != nil:
		_ = json.NewEncoder(w).Encode(list)
	default:
		hang(w, r)
	}
}

func (a *apiServer) list() map[string]any {
	items := []any{}
	for _, name := range a.objects {
		items = append(items, object(name))
	}
	return map[string]any{
		"apiVersion": "example.com/v1", "kind": "WidgetList", "metadata": map[string]any{"resourceVersion": fmt.Sprint(a.version)}, "items": items,
	}
}

func object(name string) map[string]any {
	return map[string]any{
		"apiVersion": "example.com/v1", "kind": "Widget",
		"metadata": map[string]any{"namespace": "a", "name": name, "resourceVersion": "1"},
	}
}

// hang keeps a connection open and says nothing.
func hang(w http.ResponseWriter, r *http.Request) {
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	<-r.Context().Done()
}

func status(code int, reason metav1.StatusReason) metav1.Status {
	return metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Code: int32(code), Reason: reason,
	}
}

func refuse(w http.ResponseWriter, code int, reason metav1.StatusReason) {
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(status(code, reason))
}

func refusing(code int, reason metav1.StatusReason) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { refuse(w, code, reason) }
}

// sends answers a watch with events and then hangs.
func sends(events ...any) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, e := range events {
			_ = json.NewEncoder(w).Encode(e)
		}
		hang(w, r)
	}
}

// names is a sink that keeps names.
type names struct {
	mu     sync.Mutex
	now    map[string]bool
	failed []error
}

type named string

func (n named) Key() (namespace, name string) { return "a", string(n) }

func (n *names) Evaluate(obj runtime.Object) Record {
	m, _ := obj.(metav1.Object)
	return named(m.GetName())
}

func (n *names) Reevaluate(obj runtime.Object) Record { return n.Evaluate(obj) }

func (n *names) Replace(records []Record) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.now = map[string]bool{}
	for _, r := range records {
		_, name := r.Key()
		n.now[name] = true
	}
}

func (n *names) Apply(r Record) {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, name := r.Key()
	n.now[name] = true
}

func (n *names) Delete(_, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.now, name)
}

func (n *names) Failed(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.failed = append(n.failed, err)
}

func (n *names) are(want ...string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.now) != len(want) {
		return false
	}
	return !slices.ContainsFunc(want, func(s string) bool { return !n.now[s] })
}

func (n *names) failedWith(err error) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.failed, func(e error) bool { return errors.Is(e, err) })
}

var widgets = schema.GroupVersion{Group: "example.com", Version: "v1"}

// runStream follows the server's widgets until the test ends.
func runStream(t *testing.T, a *apiServer, c clock.Clock) (*Stream, *names) {
	t.Helper()
	server := httptest.NewServer(a)
	clients, err := NewClients(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	sink := &names{}
	s := clients.NewStream(Source{Kind: widgets.WithKind("Widget"), Resource: widgets.WithResource("widgets"), Form: Map}, sink, c)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return s, sink
}

// TestExpiredVersions: etcd has compacted what the watch would go on from. The stream lists again, so that what went
// meanwhile is gone.
func TestExpiredVersions(t *testing.T) {
	gone := map[string]any{"type": "ERROR", "object": status(http.StatusGone, metav1.StatusReasonExpired)}
	for name, onWatch := range map[string]func(http.ResponseWriter, *http.Request){
		"as an event":  sends(map[string]any{"type": "ADDED", "object": object("two")}, gone),
		"as an answer": refusing(http.StatusGone, metav1.StatusReasonExpired),
	} {
		t.Run(name, func(t *testing.T) {
			a := &apiServer{version: 10, objects: []string{"one"}}
			release := make(chan struct{})
			a.answers(nil, func(w http.ResponseWriter, r *http.Request) {
				<-release
				onWatch(w, r)
			})
			_, sink := runStream(t, a, clock.RealClock{})
			eventually(t, "the first list", func() bool { return sink.are("one") })
			a.set(20, "three")
			close(release)
			eventually(t, "the second list", func() bool { return sink.are("three") })
		})
	}
	t.Run("of a list", func(t *testing.T) {
		a := &apiServer{version: 10, objects: []string{"one"}}
		a.answers(func(w http.ResponseWriter, r *http.Request) {
			if v := r.URL.Query().Get("resourceVersion"); v != "" && v != "0" {
				refuse(w, http.StatusGone, metav1.StatusReasonExpired)
				return
			}
			_ = json.NewEncoder(w).Encode(a.list())
		}, sends(gone))
		_, sink := runStream(t, a, clock.RealClock{})
		eventually(t, "the first list", func() bool { return sink.are("one") })
		a.set(20, "three")
		eventually(t, "a list without a version", func() bool { return sink.are("three") })
	})
}

// TestAStreamThatStalls: the connection is open and brings nothing. After a silence of minutes it is opened anew.
func TestAStreamThatStalls(t *testing.T) {
	a := &apiServer{version: 10, objects: []string{"one"}}
	c := testclock.NewFakeClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	s, sink := runStream(t, a, c)
	eventually(t, "the first watch", func() bool { _, n := a.counts(); return sink.are("one") && n == 1 })
	heard := s.LastContact()
	a.set(20, "two")
	eventually(t, "the list after the silence", func() bool {
		c.Step(time.Second)
		return sink.are("two")
	})
	if !sink.failedWith(errSilent) {
		t.Error("the sink was not told")
	}
	if since := s.LastContact().Sub(heard); since < silence {
		t.Errorf("opened anew after %v", since)
	}
}

// TestAStreamWithBookmarksGoesOn: bookmarks alone keep it open.
func TestAStreamWithBookmarksGoesOn(t *testing.T) {
	a := &apiServer{version: 10, objects: []string{"one"}}
	beat := make(chan struct{})
	a.answers(nil, func(w http.ResponseWriter, r *http.Request) {
		for {
			select {
			case <-r.Context().Done():
				return
			case <-beat:
			}
			bookmark := object("")
			bookmark["metadata"] = map[string]any{"resourceVersion": "11"}
			_ = json.NewEncoder(w).Encode(map[string]any{"type": "BOOKMARK", "object": bookmark})
			if f, ok := w.(http.Flusher); ok {
				f.Flush()
			}
		}
	})
	c := testclock.NewFakeClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	s, _ := runStream(t, a, c)
	eventually(t, "the first watch", func() bool { _, n := a.counts(); return n == 1 })
	for range 10 {
		c.Step(time.Minute)
		beat <- struct{}{}
		eventually(t, "the bookmark", func() bool { return s.LastContact().Equal(c.Now()) })
	}
	if lists, watches := a.counts(); lists != 1 || watches != 1 {
		t.Errorf("%d lists and %d watches, want one of each", lists, watches)
	}
}

// TestAListThatStalls is given up as well.
func TestAListThatStalls(t *testing.T) {
	a := &apiServer{version: 10, objects: []string{"one"}}
	a.answers(hang, nil)
	c := testclock.NewFakeClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	_, sink := runStream(t, a, c)
	eventually(t, "the list is asked for", func() bool { n, _ := a.counts(); return n > 0 })
	eventually(t, "the list is given up", func() bool {
		c.Step(time.Second)
		return sink.failedWith(errSilent)
	})
	a.answers(nil, nil)
	eventually(t, "the next list", func() bool {
		c.Step(time.Second)
		return sink.are("one")
	})
}
