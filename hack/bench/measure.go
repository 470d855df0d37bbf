// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/engine"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// liveHeap is what the garbage collector finds in use.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // a heap is smaller than that
}

// nothing is a sink that keeps nothing: what a stream costs by itself.
type nothing struct{ synced atomic.Bool }

type key struct{ namespace, name string }

func (k key) Key() (namespace, name string) { return k.namespace, k.name }

func (n *nothing) Evaluate(obj kruntime.Object) watch.Record {
	m, ok := obj.(metav1.Object)
	if !ok {
		return key{}
	}
	return key{m.GetNamespace(), m.GetName()}
}
func (n *nothing) Replace([]watch.Record) { n.synced.Store(true) }
func (n *nothing) Apply(watch.Record)     {}
func (n *nothing) Delete(string, string)  {}
func (n *nothing) Failed(error)           {}

// bareReflector lists all pods as a stream of typed protobuf, and stores nothing.
func bareReflector(ctx context.Context, config *rest.Config, _ settings) (time.Duration, int64, error) {
	before := liveHeap()
	start := time.Now()
	clients, err := watch.NewClients(config)
	if err != nil {
		return 0, 0, err
	}
	ctx, cancel := context.WithCancel(ctx)
	sink := &nothing{}
	stream := clients.NewStream(watch.Source{
		Kind: corev1.SchemeGroupVersion.WithKind("Pod"), Resource: corev1.SchemeGroupVersion.WithResource("pods"), Form: watch.Typed,
	}, sink, clock.RealClock{})
	done := make(chan error, 1)
	go func() { done <- stream.Run(ctx) }()
	err = poll(ctx, func() (bool, error) { return sink.synced.Load(), nil })
	took := time.Since(start)
	heap := liveHeap() - before
	cancel()
	return took, heap, firstOf(err, <-done)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// syncEngine starts an engine, gives it the rules, and waits until each has a verdict.
func syncEngine(ctx context.Context, config *rest.Config, s settings) (time.Duration, int64, error) {
	before := liveHeap()
	start := time.Now()
	e, err := engine.New(config, engine.Options{})
	if err != nil {
		return 0, 0, err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	scope := &isms.ISMSScope{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "bench"},
		Spec: isms.ISMSScopeSpec{Evidence: &isms.ScopeEvidence{
			ServiceAccountName: account, NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{inScope: "yes"}},
		}},
	}
	e.SetScope(scope)
	for i := range s.rules {
		e.SetControl(control(i), scope)
	}
	err = poll(ctx, func() (bool, error) { return verdicts(e, s) })
	took := time.Since(start)
	heap := liveHeap() - before
	cancel()
	err = firstOf(err, <-done)
	runtime.KeepAlive(e)
	return took, heap, err
}

// verdicts reports whether every rule has counted every pod.
func verdicts(e *engine.Engine, s settings) (bool, error) {
	for i := range s.rules {
		snap := e.Snapshot(types.NamespacedName{Namespace: home, Name: fmt.Sprint("c-", i)})["rule"]
		switch {
		case snap.Unavailable == isms.ReasonNotSynced:
			return false, nil
		case snap.Unavailable != "":
			return false, fmt.Errorf("rule %d: %s %s", i, snap.Unavailable, snap.Message)
		case snap.Counts.Passing+snap.Counts.Failing != s.pods:
			return false, fmt.Errorf("rule %d: %+v, want %d subjects that pass or fail", i, snap.Counts, s.pods)
		}
	}
	return true, nil
}

// expressions are rules that real Controls have on pods.
var expressions = []string{
	`object.spec.containers.all(c, c.image.startsWith('registry.example.com/'))`,
	`!object.spec.?hostPID.orValue(false) && !object.spec.?hostIPC.orValue(false)`,
	`object.spec.containers.all(c, !c.?securityContext.?privileged.orValue(false))`,
	`object.spec.containers.all(c, c.?resources.?requests[?'cpu'].hasValue() && c.?resources.?limits[?'memory'].hasValue())`,
	`object.spec.containers.all(c, 'ALL' in c.?securityContext.?capabilities.?drop.orValue([]))`,
	`object.spec.containers.all(c, c.?securityContext.?runAsNonRoot.orValue(false))`,
	`has(object.metadata.labels) && 'app.kubernetes.io/name' in object.metadata.labels`,
	`!object.spec.?volumes.orValue([]).exists(v, has(v.hostPath))`,
	`object.spec.containers.all(c, !c.?securityContext.?allowPrivilegeEscalation.orValue(true))`,
	`!object.spec.containers.exists(c, has(c.env) && c.env.exists(e, has(e.value) && e.name.endsWith('PASSWORD')))`,
}

// control is a Control with one rule; beyond the tenth, rules repeat with another constant, so that none is shared.
func control(i int) *isms.Control {
	expect := expressions[i%len(expressions)]
	if i >= len(expressions) {
		expect = fmt.Sprintf("%s && object.metadata.name != 'none-%d'", expect, i)
	}
	return &isms.Control{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: fmt.Sprint("c-", i)},
		Spec: isms.ControlSpec{
			ScopeRef: isms.LocalRef{Name: "bench"},
			Evidence: []isms.EvidenceItem{{Name: "rule", Resources: &isms.ResourceRule{
				APIVersion: "v1", Kind: "Pod", Quantifier: isms.QuantifierEvery, Expect: expect,
			}}},
		},
	}
}
