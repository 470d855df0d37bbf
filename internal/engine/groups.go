// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/guard"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// groups is the sink of the two streams that say when discovery has to be asked again: CustomResourceDefinitions, and
// APIServices, which also say what is served by another API server. The group follows the first dot of either's name.
type groups struct {
	changed func(group string)

	mu      sync.Mutex
	seen    map[string]groupRecord // by name
	synced  bool
	failure error // why the stream can't be read
}

// groupRecord is one object; elsewhere says that it is an APIService which sends requests to another API server.
type groupRecord struct {
	name, version string
	elsewhere     bool
}

func (r groupRecord) Key() (namespace, name string) { return "", r.name }

func newGroups(changed func(group string)) *groups {
	return &groups{changed: changed, seen: map[string]groupRecord{}}
}

func (g *groups) Evaluate(obj runtime.Object) watch.Record {
	m, ok := obj.(metav1.Object)
	if !ok {
		return groupRecord{}
	}
	r := groupRecord{name: m.GetName(), version: m.GetResourceVersion()}
	if u, ok := obj.(*unstructured.Unstructured); ok {
		service, found, err := unstructured.NestedFieldNoCopy(u.Object, "spec", "service")
		r.elsewhere = err != nil || found && service != nil
	}
	return r
}

func (g *groups) Reevaluate(obj runtime.Object) watch.Record { return g.Evaluate(obj) }

func (g *groups) Replace(records []watch.Record) {
	next := make(map[string]groupRecord, len(records))
	for _, r := range records {
		if x, ok := r.(groupRecord); ok {
			next[x.name] = x
		}
	}
	g.mu.Lock()
	old, first := g.seen, !g.synced
	g.seen, g.synced, g.failure = next, true, nil
	g.mu.Unlock()
	for name := range old {
		if _, ok := next[name]; !ok {
			g.raise(name)
		}
	}
	for name, r := range next {
		if old[name] != r {
			g.raise(name)
		}
	}
	if first && len(next) == 0 {
		g.changed("")
	}
}

func (g *groups) Apply(r watch.Record) {
	x, ok := r.(groupRecord)
	if !ok {
		return
	}
	g.mu.Lock()
	g.seen[x.name] = x
	g.mu.Unlock()
	g.raise(x.name)
}

func (g *groups) Delete(_, name string) {
	g.mu.Lock()
	delete(g.seen, name)
	g.mu.Unlock()
	g.raise(name)
}

func (g *groups) Failed(err error) {
	if !watch.Gone(err) && !watch.Forbidden(err) {
		return
	}
	g.mu.Lock()
	g.failure = err
	g.mu.Unlock()
	g.changed("")
}

func (g *groups) raise(name string) {
	if _, group, ok := strings.Cut(name, "."); ok {
		g.changed(group)
	}
}

// admit refuses what another API server answers: it decides by rules of its own who sees what, and asked by the operator
// it shows what the operator may see. An APIService is named version.group.
func (g *groups) admit(gv schema.GroupVersion) admission {
	if !guard.Aggregated.On() {
		return admission{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case watch.Gone(g.failure): // an API server that aggregates nothing
		return admission{}
	case watch.Forbidden(g.failure):
		return refuse(isms.ReasonOperatorForbidden, "the operator may not list and watch apiservices.apiregistration.k8s.io")
	case !g.synced:
		return refuse(isms.ReasonNotSynced, "")
	case g.seen[gv.Version+"."+gv.Group].elsewhere:
		return refuse(isms.ReasonRuleInvalid,
			"%s can't be evidence: an aggregated API server answers for it, and decides by rules of its own who sees what", gv)
	}
	return admission{}
}

func (e *Engine) runGroups(ctx context.Context) {
	var wait sync.WaitGroup
	for sink, source := range map[*groups]watch.Source{
		e.crds: {
			Kind:     schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"},
			Resource: schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"},
			Form:     watch.Metadata, Few: true,
		},
		e.apiServices: {
			Kind:     schema.GroupVersionKind{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"},
			Resource: schema.GroupVersionResource{Group: "apiregistration.k8s.io", Version: "v1", Resource: "apiservices"},
			Form:     watch.Map, Few: true, // its spec says who answers
		},
	} {
		wait.Go(func() { e.runStream(ctx, e.clients.NewStream(source, sink, e.opts.Clock)) })
	}
	wait.Wait()
}

// groupChanged asks discovery and the schema of a group again, and plans anew: who answers for it may be another.
func (e *Engine) groupChanged(group string) {
	e.kinds.Invalidate(group)
	e.schemas.invalidate(group)
	e.replan.raise()
}
