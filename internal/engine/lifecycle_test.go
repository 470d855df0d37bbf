// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// TestNothingIsLeft: rules, kinds and scopes come and go, and in the end no stream, column, object or goroutine is left.
func TestNothingIsLeft(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods", "/services", "apps/deployments", "/configmaps", "/nodes")
	ns := w.namespace("a")
	for i := range 20 {
		w.create(pod(ns, fmt.Sprint("p-", i)))
	}
	w.stop()
	before := goleak.IgnoreCurrent()
	w.startEngine()
	w.engine.SetScope(w.scope)
	random := rand.New(rand.NewPCG(1, 2))
	kinds := [][2]string{{"v1", "Pod"}, {"v1", "Service"}, {"apps/v1", "Deployment"}, {"v1", "ConfigMap"}, {"v1", "Node"}, {"example.com/v1", "Absent"}}
	quantifiers := []isms.Quantifier{isms.QuantifierEvery, isms.QuantifierNone, isms.QuantifierAny, isms.QuantifierAnyPerNamespace, isms.QuantifierSet}
	for i := range 300 {
		name := fmt.Sprint("c-", random.IntN(12))
		if random.IntN(3) == 0 {
			w.engine.RemoveControl(types.NamespacedName{Namespace: w.home, Name: name})
			continue
		}
		kind, q := kinds[random.IntN(len(kinds))], quantifiers[random.IntN(len(quantifiers))]
		r := isms.ResourceRule{APIVersion: kind[0], Kind: kind[1], Quantifier: q, Expect: fmt.Sprintf("object.metadata.name != 'x-%d'", i)}
		if q == isms.QuantifierSet {
			r.Expect = fmt.Sprintf("objects.size() < %d", 1000+i)
		}
		w.set(name, r)
		switch i % 50 {
		case 10:
			w.engine.RemoveScope(types.NamespacedName{Namespace: w.home, Name: w.scope.Name})
		case 20:
			w.engine.SetScope(w.scope)
		case 30:
			w.wantKnown(w.set("steady", podRule(isms.QuantifierEvery, always)))
		}
	}
	w.engine.SetScope(w.scope)
	w.want(w.set("steady", podRule(isms.QuantifierEvery, always)), tally.Counts{Subjects: 20, Passing: 20})
	for i := range 12 {
		w.engine.RemoveControl(types.NamespacedName{Namespace: w.home, Name: fmt.Sprint("c-", i)})
	}
	w.eventually(func() string {
		streams := w.engine.allStreams()
		if len(streams) != 1 {
			return fmt.Sprintf("%d streams, want that of the pods", len(streams))
		}
		streams[0].mu.Lock()
		defer streams[0].mu.Unlock()
		if n, o := len(streams[0].columns), streams[0].table.Len(); n != 1 || o != 20 {
			return fmt.Sprintf("%d columns and %d objects, want 1 and 20", n, o)
		}
		return ""
	})
	w.engine.RemoveControl(types.NamespacedName{Namespace: w.home, Name: "steady"})
	w.eventually(func() string {
		if n := len(w.engine.allStreams()); n != 0 {
			return fmt.Sprintf("%d streams are left", n)
		}
		return ""
	})
	w.stop()
	noneLeft(t, before)
}

// noneLeft fails where a goroutine is left that was not there before.
func noneLeft(t *testing.T, before goleak.Option) {
	t.Helper()
	goleak.VerifyNone(t, before, // connections outlive what used them, for the next to use
		goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"), goleak.IgnoreAnyFunction("net/http.(*http2ClientConn).readLoop"),
		goleak.IgnoreAnyFunction("golang.org/x/net/http2.(*clientConnReadLoop).run"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// wantKnown waits until the rule is no longer NotSynced for want of time.
func (w *world) wantKnown(key types.NamespacedName) {
	w.Helper()
	w.eventually(func() string {
		s := w.engine.Snapshot(key)["rule"]
		if s.Unavailable == isms.ReasonNotSynced && s.Message == "" {
			return "not synced"
		}
		return ""
	})
}

// TestADeletedNamespaceLeavesNothing needs the namespace controller, which deletes what is in it.
func TestADeletedNamespaceLeavesNothing(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods", "networking.k8s.io/networkpolicies")
	stays, goes := w.namespace("stays"), w.namespace("goes")
	w.create(policy(stays, "deny", nil))
	w.create(pod(goes, "p"))
	deny, pods := w.set("deny", defaultDeny), w.set("pods", podRule(isms.QuantifierEvery, always))
	w.want(deny, tally.Counts{Subjects: 2, Passing: 1, Failing: 1, Failures: []tally.Name{{Namespace: goes}}})
	w.want(pods, tally.Counts{Subjects: 1, Passing: 1})
	w.delete(object[corev1.Namespace]("", goes))
	w.delete(object[corev1.Pod](goes, "p")) // no kubelet ends it
	w.want(pods, tally.Counts{})
	w.want(deny, tally.Counts{Subjects: 1, Passing: 1})
}

// TestChangesAreToldOnce: a flipped verdict names its Control; counts alone are named later, and nothing is named while
// nothing changes.
func TestChangesAreToldOnce(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	ns := w.namespace("a")
	told := make(chan Change, 1000)
	w.engine.OnChange(func(c Change) {
		if c.Control.Name != "" {
			told <- c
		}
	})
	w.create(pod(ns, "p"))
	key := w.set("pods", podRule(isms.QuantifierNone, isPrivileged))
	// toldOf waits for news and reads them, as a reconcile does, until they are what the world is like.
	toldOf := func(want tally.Counts) {
		w.Helper()
		w.eventually(func() string {
			select {
			case <-told:
				return cmp.Diff(want, w.engine.Take(key)["rule"].Counts)
			default:
				return "nothing was told"
			}
		})
	}
	toldOf(tally.Counts{Subjects: 1, Passing: 1})
	w.create(pod(ns, "q", privileged)) // flips
	q := tally.Name{Namespace: ns, Name: "q"}
	toldOf(tally.Counts{Subjects: 2, Passing: 1, Failing: 1, Failures: []tally.Name{q}})
	w.create(pod(ns, "r")) // counts alone
	toldOf(tally.Counts{Subjects: 3, Passing: 2, Failing: 1, Failures: []tally.Name{q}})
	// The same counts, of other objects.
	w.create(pod(ns, "z", privileged))
	w.delete(object[corev1.Pod](ns, "q"))
	toldOf(tally.Counts{Subjects: 3, Passing: 2, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "z"}}})

	for i := range 20 { // nothing changes for the rule
		w.patch(object[corev1.Pod](ns, "r"), fmt.Sprintf(`{"metadata":{"annotations":{"n":"%d"}}}`, i))
	}
	w.create(pod(ns, "last"))
	toldOf(tally.Counts{Subjects: 4, Passing: 3, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "z"}}})
	if n := len(told); n > 0 {
		t.Errorf("%d more changes were told, and nothing had changed", n)
	}
}

// TestWhoLooksTakesNoNews: a reader beside the listener, such as an exporter, must not keep the news from it.
func TestWhoLooksTakesNoNews(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	ns := w.namespace("a")
	told := make(chan Change, 1000)
	w.engine.OnChange(func(c Change) {
		if c.Control.Name != "" {
			told <- c
		}
	})
	key := w.set("pods", podRule(isms.QuantifierNone, isPrivileged))
	w.want(key, tally.Counts{})
	w.engine.Take(key)
	var reader sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer reader.Wait()
	defer cancel()
	reader.Go(func() {
		for ctx.Err() == nil {
			w.engine.Snapshot(key)
			time.Sleep(time.Millisecond)
		}
	})
	for i := range 20 {
		want := tally.Counts{}
		if i%2 == 0 {
			w.create(pod(ns, "p", privileged))
			want = tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "p"}}}
		} else {
			w.delete(object[corev1.Pod](ns, "p"))
		}
		w.eventually(func() string {
			select {
			case <-told:
				return cmp.Diff(want, w.engine.Take(key)["rule"].Counts)
			default:
				return "nothing was told"
			}
		})
	}
}
