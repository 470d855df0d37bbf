// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/watch"
)

var (
	namespaceKind     = corev1.SchemeGroupVersion.WithKind("Namespace")
	namespaceResource = corev1.SchemeGroupVersion.WithResource("namespaces")
)

func compare(a, b string) int { return cmp.Compare(a, b) }

// namespace is one namespace of the cluster. Namespaces are the only objects that the engine keeps: scopes select by
// their labels, and rules may read the Namespace of an object.
type namespace struct {
	name    string
	labels  labels.Set
	object  *corev1.Namespace
	subject check.Subject
	version uint64 // rises when something that a rule may read has changed
}

// namespaces is the sink of the stream of namespaces.
type namespaces struct {
	changed func()

	mu      sync.RWMutex
	synced  bool
	failure string
	byName  map[string]namespace
	version uint64
}

var _ watch.Sink = (*namespaces)(nil)

func newNamespaces(changed func()) *namespaces {
	return &namespaces{changed: changed, byName: map[string]namespace{}}
}

// list returns the namespaces sorted by name, whether they are all, and why they can't be read.
func (n *namespaces) list() (all []namespace, synced bool, failure string) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	all = slices.SortedFunc(maps.Values(n.byName), func(a, b namespace) int { return compare(a.name, b.name) })
	return all, n.synced, n.failure
}

func (n *namespaces) get(name string) (namespace, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	x, ok := n.byName[name]
	return x, ok
}

func (n *namespaces) labelsOf(name string) labels.Set {
	x, _ := n.get(name)
	return x.labels
}

type namespaceRecord struct{ namespace }

func (r namespaceRecord) Key() (namespace, name string) { return "", r.name }

func (n *namespaces) Evaluate(obj runtime.Object) watch.Record {
	ns, ok := obj.(*corev1.Namespace)
	if !ok {
		return namespaceRecord{}
	}
	return namespaceRecord{namespace{
		name: ns.Name, labels: ns.Labels, object: ns, subject: check.TypedSubject(ns, namespaceKind),
	}}
}

func (n *namespaces) Reevaluate(obj runtime.Object) watch.Record { return n.Evaluate(obj) }

func (n *namespaces) Replace(records []watch.Record) {
	n.mu.Lock()
	defer n.mu.Unlock()
	old := n.byName
	n.byName = make(map[string]namespace, len(records))
	for _, r := range records {
		n.put(r, old)
	}
	n.synced, n.failure = true, ""
	n.changed()
}

func (n *namespaces) Apply(r watch.Record) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.put(r, n.byName)
	n.changed()
}

func (n *namespaces) put(r watch.Record, old map[string]namespace) {
	x, ok := r.(namespaceRecord)
	if !ok || x.name == "" {
		return
	}
	before, known := old[x.name]
	if known && sameForRules(before.object, x.object) {
		x.version = before.version
	} else {
		n.version++
		x.version = n.version
	}
	n.byName[x.name] = x.namespace
}

// sameForRules leaves out what changes by itself.
func sameForRules(a, b *corev1.Namespace) bool {
	return a.UID == b.UID && maps.Equal(a.Labels, b.Labels) && maps.Equal(a.Annotations, b.Annotations) &&
		equality.Semantic.DeepEqual(a.Spec, b.Spec) && a.Status.Phase == b.Status.Phase
}

func (n *namespaces) Delete(_, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.byName, name)
	n.changed()
}

func (n *namespaces) Failed(err error) {
	if !watch.Forbidden(err) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.failure = "the operator may not list and watch namespaces"
	n.changed()
}

func (e *Engine) runNamespaces(ctx context.Context) {
	source := watch.Source{Kind: namespaceKind, Resource: namespaceResource, Form: watch.Typed, Few: true}
	e.runStream(ctx, e.clients.NewStream(source, e.namespaces, e.opts.Clock))
}

func (e *Engine) runStream(ctx context.Context, s *watch.Stream) {
	if err := s.Run(ctx); err != nil {
		e.opts.Log.Error(err, "stream ended")
	}
}
