// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/util/workqueue"
)

// Serving says whether the API server serves a kind.
type Serving int

// A kind is Pending until discovery has answered.
const (
	Pending Serving = iota
	Served
	NotServed
	// Unsuitable kinds are served but can't be evidence: no list or no watch.
	Unsuitable
	// Unreachable kinds belong to a group whose discovery fails at the moment, for example an aggregated API that is down.
	Unreachable
)

// Kind is what discovery says of a kind.
type Kind struct {
	Serving    Serving
	Resource   schema.GroupVersionResource
	Namespaced bool
	// Message explains Unsuitable and Unreachable.
	Message string
}

// Kinds resolves kinds to resources, a group version at a time, and asks again when told that a group has changed.
type Kinds struct {
	discovery discovery.DiscoveryInterface
	changed   func()
	queue     workqueue.TypedRateLimitingInterface[schema.GroupVersion]
	settling  *Settler

	mu     sync.Mutex
	groups map[schema.GroupVersion]groupVersion
}

type groupVersion struct {
	serving   Serving
	resources []metav1.APIResource
	message   string
}

// settle are the delays with which a new or changed group is asked for, one after another: discovery follows a
// CustomResourceDefinition by a moment, longer on a busy server.
var settle = []time.Duration{
	0, 250 * time.Millisecond, 750 * time.Millisecond, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// lastAsk is the longest wait before a group whose discovery fails is asked for again.
const lastAsk = 15 * time.Second

// NewKinds returns a resolver; changed is called, from Run's goroutines, whenever an answer changes.
func NewKinds(d discovery.DiscoveryInterface, changed func()) *Kinds {
	queue := workqueue.NewTypedRateLimitingQueue(
		workqueue.NewTypedItemExponentialFailureRateLimiter[schema.GroupVersion](time.Second, lastAsk))
	return &Kinds{
		discovery: d,
		changed:   changed,
		groups:    map[schema.GroupVersion]groupVersion{},
		queue:     queue,
		settling:  NewSettler(queue, settle...),
	}
}

// Run asks the API server until the context ends.
func (k *Kinds) Run(ctx context.Context) {
	Workers(ctx, k.queue, func(gv schema.GroupVersion) {
		k.ask(gv)
		k.queue.Done(gv)
		k.settling.Next(gv)
	})
}

// workers is how many groups are asked for at once: one that does not answer must not keep others waiting.
const workers = 4

// Workers has several goroutines take from a queue until the context ends; do must call Done.
func Workers(ctx context.Context, queue workqueue.TypedInterface[schema.GroupVersion], do func(schema.GroupVersion)) {
	stop := context.AfterFunc(ctx, queue.ShutDown)
	defer stop()
	var all sync.WaitGroup
	defer all.Wait()
	for range workers {
		all.Go(func() {
			for {
				gv, shutdown := queue.Get()
				if shutdown {
					return
				}
				do(gv)
			}
		})
	}
}

// Resolve answers from what is known; for a group version it has not asked for it answers Pending and asks.
func (k *Kinds) Resolve(gvk schema.GroupVersionKind) Kind {
	gv := gvk.GroupVersion()
	k.mu.Lock()
	known, ok := k.groups[gv]
	if !ok {
		k.groups[gv] = groupVersion{}
	}
	k.mu.Unlock()
	if !ok {
		k.settling.Begin(gv)
	}
	if known.serving != Served {
		return Kind{Serving: known.serving, Message: known.message}
	}
	return find(gv, known.resources, gvk.Kind)
}

// Invalidate asks again for every known version of a group, now and as discovery settles.
func (k *Kinds) Invalidate(group string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for gv := range k.groups {
		if gv.Group == group {
			k.settling.Begin(gv)
		}
	}
}

func (k *Kinds) known(gv schema.GroupVersion) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.groups[gv].serving != Pending
}

// nobodyAnswers: the API server is away, or has just started and refuses everybody until it has read the roles.
func nobodyAnswers(err error) bool {
	return err != nil && (apierrors.ReasonForError(err) == metav1.StatusReasonUnknown || Forbidden(err))
}

func (k *Kinds) ask(gv schema.GroupVersion) {
	list, err := k.discovery.ServerResourcesForGroupVersion(gv.String())
	if k.known(gv) && nobodyAnswers(err) {
		k.queue.AddRateLimited(gv)
		return // the last answer stands while the API server can't be reached
	}
	next := groupVersion{serving: Served}
	switch {
	case apierrors.IsNotFound(err):
		next.serving = NotServed
		k.queue.Forget(gv)
	case err != nil:
		next.serving = Unreachable
		next.message = fmt.Sprintf("discovery of %s fails", gv)
		if reason := apierrors.ReasonForError(err); reason != metav1.StatusReasonUnknown {
			next.message += fmt.Sprintf(" (%s)", reason)
		}
		k.queue.AddRateLimited(gv)
	default:
		next.resources = list.APIResources
		k.queue.Forget(gv)
	}
	k.mu.Lock()
	old := k.groups[gv]
	k.groups[gv] = next
	k.mu.Unlock()
	if old.serving != next.serving || old.message != next.message || !slices.EqualFunc(old.resources, next.resources, sameResource) {
		k.changed()
	}
}

func sameResource(a, b metav1.APIResource) bool {
	return a.Name == b.Name && a.Kind == b.Kind && a.Namespaced == b.Namespaced && slices.Equal(a.Verbs, b.Verbs)
}

// find looks a kind up among the resources of a group version. Sub-resources are named resource/sub-resource; that of
// another group, such as autoscaling's Scale, is not the kind that was asked for.
func find(gv schema.GroupVersion, resources []metav1.APIResource, kind string) Kind {
	none := Kind{Serving: NotServed}
	for _, r := range resources {
		if r.Kind != kind {
			continue
		}
		if strings.Contains(r.Name, "/") {
			if (r.Group == "" || r.Group == gv.Group) && (r.Version == "" || r.Version == gv.Version) {
				none = Kind{Serving: Unsuitable, Message: fmt.Sprintf("it is only the sub-resource %s, which can't be listed", r.Name)}
			}
			continue
		}
		out := Kind{Serving: Served, Resource: gv.WithResource(r.Name), Namespaced: r.Namespaced}
		for _, verb := range []string{"list", "watch"} {
			if !slices.Contains(r.Verbs, verb) {
				out.Serving = Unsuitable
				out.Message = fmt.Sprintf("the API server offers no %s of %s", verb, r.Name)
			}
		}
		return out
	}
	return none
}
