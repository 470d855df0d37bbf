// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/util/workqueue"
)

// directory is a discovery whose answers a test sets.
type directory struct {
	discovery.DiscoveryInterface

	mu        sync.Mutex
	resources []metav1.APIResource
	err       error
}

func (d *directory) ServerResourcesForGroupVersion(gv string) (*metav1.APIResourceList, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &metav1.APIResourceList{GroupVersion: gv, APIResources: d.resources}, d.err
}

func (d *directory) set(err error, resources ...metav1.APIResource) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err, d.resources = err, resources
}

func TestKinds(t *testing.T) {
	widget := schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Widget"}
	resource := metav1.APIResource{Name: "widgets", Kind: "Widget", Namespaced: true, Verbs: []string{"get", "list", "watch"}}
	notFound := apierrors.NewNotFound(schema.GroupResource{}, "")
	d := &directory{err: notFound}
	changed := make(chan struct{}, 100)
	k := NewKinds(d, func() { changed <- struct{}{} })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	becomes := func(want Kind) {
		t.Helper()
		k.Invalidate("example.com")
		eventually(t, "the answer changes", func() bool { return k.Resolve(widget) == want })
	}
	if got := k.Resolve(widget); got.Serving != Pending {
		t.Fatalf("before any answer: %+v, want Pending", got)
	}
	<-changed
	if got := k.Resolve(widget); got.Serving != NotServed {
		t.Fatalf("%+v, want NotServed", got)
	}
	served := Kind{Serving: Served, Resource: widget.GroupVersion().WithResource("widgets"), Namespaced: true}

	d.set(nil, metav1.APIResource{Name: "widgets/status", Kind: "Widget", Namespaced: true, Verbs: []string{"get"}}, resource)
	becomes(served)
	d.set(nil, metav1.APIResource{Name: "gadgets", Kind: "Gadget"})
	becomes(Kind{Serving: NotServed})
	unwatched := resource
	unwatched.Verbs = []string{"list"}
	d.set(nil, unwatched)
	unsuitable := served
	unsuitable.Serving, unsuitable.Message = Unsuitable, "the API server offers no watch of widgets"
	becomes(unsuitable)
	d.set(apierrors.NewServiceUnavailable("the backend is away: token=hunter2"))
	becomes(Kind{Serving: Unreachable, Message: "discovery of example.com/v1 fails (ServiceUnavailable)"})
	d.set(nil, resource)
	becomes(served)
	for _, err := range []error{errors.New("connection refused"), apierrors.NewForbidden(schema.GroupResource{}, "", nil)} {
		d.set(err) // the API server itself is away, or has just started
		k.ask(widget.GroupVersion())
		if got := k.Resolve(widget); got != served {
			t.Errorf("%v: %+v, want the last answer", err, got)
		}
	}
	d.set(notFound)
	becomes(Kind{Serving: NotServed})
}

// TestSettling: a key is asked for after each of the delays, not after the shortest alone.
func TestSettling(t *testing.T) {
	queue := workqueue.NewTypedDelayingQueue[schema.GroupVersion]()
	defer queue.ShutDown()
	gv := schema.GroupVersion{Group: "example.com", Version: "v1"}
	s := NewSettler(queue, 0, time.Millisecond, 20*time.Millisecond)
	s.Begin(gv)
	for range 3 {
		got, _ := queue.Get()
		queue.Done(got)
		s.Next(got)
	}
	if n := len(s.next); n != 0 {
		t.Errorf("%d keys are still settling", n)
	}
}
