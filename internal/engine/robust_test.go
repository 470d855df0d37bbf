// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"go.uber.org/goleak"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// versioned adds a version to a CRD, with the same schema.
func versioned(crd *apiextensionsv1.CustomResourceDefinition, name string) *apiextensionsv1.CustomResourceDefinition {
	v := *crd.Spec.Versions[0].DeepCopy()
	v.Name, v.Storage = name, false
	crd.Spec.Versions = append(crd.Spec.Versions, v)
	return crd
}

// change updates a CRD, again where another writer was faster.
func (w *world) change(name string, f func(*apiextensionsv1.CustomResourceDefinition)) {
	w.Helper()
	w.eventually(func() string {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := w.client.Get(w.Context(), client.ObjectKey{Name: name}, crd); err != nil {
			return err.Error()
		}
		f(crd)
		if err := w.client.Update(w.Context(), crd); err != nil {
			return err.Error()
		}
		return ""
	})
}

func widgetRule(group, version, expect string) isms.ResourceRule {
	return isms.ResourceRule{APIVersion: group + "/" + version, Kind: "Widget", Quantifier: isms.QuantifierEvery, Expect: expect}
}

const isReady = `object.spec.ready == 'yes'`

// TestVersionsComeAndGo: a version that is no longer served takes its verdicts with it, and another goes on.
func TestVersionsComeAndGo(t *testing.T) {
	group := fmt.Sprintf("versions-%d.example.com", serial.Add(1))
	w := newWorld(t, "/namespaces", group+"/widgets")
	ns := w.namespace("a")
	w.create(widgets(group))
	w.createWhenServed(widget(group, ns, "one", "yes"))
	v1, v2 := w.set("v1", widgetRule(group, "v1", isReady)), w.set("v2", widgetRule(group, "v2", isReady))
	one := tally.Counts{Subjects: 1, Passing: 1}
	w.want(v1, one)
	w.wantReason(v2, isms.ReasonKindNotServed)
	w.change("widgets."+group, func(crd *apiextensionsv1.CustomResourceDefinition) { versioned(crd, "v2") })
	w.want(v2, one)
	w.want(v1, one)
	w.change("widgets."+group, func(crd *apiextensionsv1.CustomResourceDefinition) {
		crd.Spec.Versions[0].Served, crd.Spec.Versions[0].Storage = false, false
		crd.Spec.Versions[1].Storage = true
	})
	w.wantReason(v1, isms.ReasonKindNotServed)
	w.want(v2, one)
	w.change("widgets."+group, func(crd *apiextensionsv1.CustomResourceDefinition) { crd.Spec.Versions[0].Served = true })
	w.want(v1, one)
	w.want(v2, one)
}

// TestAFieldGoesAndComes: with its field gone from the schema a rule is invalid, not vacuous.
func TestAFieldGoesAndComes(t *testing.T) {
	group := fmt.Sprintf("schema-%d.example.com", serial.Add(1))
	w := newWorld(t, "/namespaces", group+"/widgets")
	ns := w.namespace("a")
	w.create(widgets(group))
	w.createWhenServed(widget(group, ns, "one", "yes"))
	key := w.set("rule", widgetRule(group, "v1", `!has(object.spec.ready) || object.spec.ready == 'yes'`))
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})
	rename := func(from, to string) func(*apiextensionsv1.CustomResourceDefinition) {
		return func(crd *apiextensionsv1.CustomResourceDefinition) {
			properties := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].Properties
			if p, ok := properties[from]; ok {
				properties[to] = p
				delete(properties, from)
			}
		}
	}
	w.change("widgets."+group, rename("ready", "state"))
	if msg := w.wantReason(key, isms.ReasonRuleInvalid); !strings.Contains(msg, "ready") {
		t.Errorf("message %q", msg)
	}
	w.change("widgets."+group, rename("state", "ready"))
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})
}

// TestACRDIsReplacedQuickly: whether or not the engine sees it gone, nothing of the old objects is left.
func TestACRDIsReplacedQuickly(t *testing.T) {
	group := fmt.Sprintf("replaced-%d.example.com", serial.Add(1))
	w := newWorld(t, "/namespaces", group+"/widgets")
	ns := w.namespace("a")
	w.create(widgets(group))
	w.createWhenServed(widget(group, ns, "old", "no"))
	key := w.set("rule", widgetRule(group, "v1", isReady))
	w.want(key, tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "old"}}})
	for i := range 3 {
		w.delete(widgets(group))
		w.eventually(func() string {
			if err := w.client.Create(w.Context(), widgets(group)); err != nil {
				return err.Error()
			}
			return ""
		})
		name := fmt.Sprint("new-", i)
		w.createWhenServed(widget(group, ns, name, "no"))
		w.want(key, tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: name}}})
	}
}

// TestAnAggregatedAPIThatIsDown: discovery of its group fails, and nothing else is affected by it, neither what is
// there already nor what comes.
func TestAnAggregatedAPIThatIsDown(t *testing.T) {
	down, group := fmt.Sprintf("down-%d.example.com", serial.Add(1)), fmt.Sprintf("up-%d.example.com", serial.Add(1))
	w := newWorld(t, "/namespaces", "/pods", down+"/widgets", group+"/widgets")
	ns := w.namespace("a")
	w.create(pod(ns, "p"))
	pods := w.set("pods", podRule(isms.QuantifierEvery, always))
	w.want(pods, tally.Counts{Subjects: 1, Passing: 1})
	service := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": map[string]any{"name": "v1." + down},
		"spec": map[string]any{
			"group": down, "version": "v1", "groupPriorityMinimum": int64(100), "versionPriority": int64(10), "insecureSkipTLSVerify": true,
			"service": map[string]any{"namespace": ns, "name": "nobody"},
		},
	}}
	w.create(service)
	w.Cleanup(func() { _ = w.client.Delete(t.Context(), service) })
	key := w.set("down", widgetRule(down, "v1", isReady))
	if msg := w.wantReason(key, isms.ReasonRuleInvalid); !strings.Contains(msg, "aggregated") {
		t.Errorf("message %q", msg)
	}
	w.create(pod(ns, "q"))
	w.want(pods, tally.Counts{Subjects: 2, Passing: 2})
	w.create(widgets(group))
	w.createWhenServed(widget(group, ns, "one", "yes"))
	w.want(w.set("up", widgetRule(group, "v1", isReady)), tally.Counts{Subjects: 1, Passing: 1})
	// With the APIService gone the group is served by nobody, and then by a CRD.
	w.delete(service)
	w.wantReason(key, isms.ReasonKindNotServed)
	w.create(widgets(down))
	w.createWhenServed(widget(down, ns, "one", "yes"))
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})
}

// TestTheAPIServerRestarts: what changed while it was away is seen when it is back, and no verdict is lost meanwhile.
func TestTheAPIServerRestarts(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a control plane of its own")
	}
	env := testenv.Start(t, testenv.WithAPIServerFlag("request-timeout", "6s")) // how long it waits for watches when it stops
	w := newWorldOn(t, env, "/namespaces", "/pods")
	ns := w.namespace("a")
	w.create(pod(ns, "p"))
	key := w.set("pods", podRule(isms.QuantifierNone, isPrivileged))
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})
	for i := range 2 {
		if err := env.StopAPIServer(); err != nil {
			t.Fatal(err)
		}
		w.want(key, tally.Counts{Subjects: 1 + i, Passing: 1, Failing: i, Failures: failures(ns, i)}) // it stands
		if err := env.StartAPIServer(); err != nil {
			t.Fatal(err)
		}
		w.createEventually(pod(ns, fmt.Sprint("q-", i), privileged))
		w.want(key, tally.Counts{Subjects: 2 + i, Passing: 1, Failing: i + 1, Failures: failures(ns, i+1)})
	}
}

func failures(namespace string, n int) []tally.Name {
	var out []tally.Name
	for i := range n {
		out = append(out, tally.Name{Namespace: namespace, Name: fmt.Sprint("q-", i)})
	}
	return out
}

// createEventually creates an object on an API server that may not be ready yet.
func (w *world) createEventually(o client.Object) {
	w.Helper()
	w.eventually(func() string {
		if err := w.client.Create(w.Context(), o); err != nil && !apierrors.IsAlreadyExists(err) {
			return err.Error()
		}
		return ""
	})
}

// TestNothingIsLeftOfKinds: rules and CRDs come and go a thousand times; in the end no stream and no goroutine is left.
func TestNothingIsLeftOfKinds(t *testing.T) {
	group := fmt.Sprintf("churn-%d.example.com", serial.Add(1))
	w := newWorld(t, "/namespaces", "/pods", group+"/widgets")
	ns := w.namespace("a")
	w.create(pod(ns, "p"))
	w.stop()
	before := goleak.IgnoreCurrent()
	w.startEngine()
	w.engine.SetScope(w.scope)
	random := rand.New(rand.NewPCG(3, 4))
	name := func() string { return fmt.Sprint("c-", random.IntN(8)) }
	created, deleted, seen := 0, 0, 0
	for i := range 1000 {
		switch {
		case i%25 == 10:
			w.eventually(func() string { // the one before is still going
				if err := w.client.Create(w.Context(), widgets(group)); err != nil {
					return err.Error()
				}
				return ""
			})
			created++
			if i%100 == 10 { // else the engine may meet it in any state
				w.createWhenServed(widget(group, ns, "w", "yes"))
				w.want(w.set(name(), widgetRule(group, "v1", isReady)), tally.Counts{Subjects: 1, Passing: 1})
				seen++
			}
		case i%25 == 20:
			w.delete(&apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "widgets." + group}})
			deleted++
		case random.IntN(3) == 0:
			w.engine.RemoveControl(types.NamespacedName{Namespace: w.home, Name: name()})
		case random.IntN(2) == 0:
			w.set(name(), widgetRule(group, []string{"v1", "v2"}[random.IntN(2)], fmt.Sprintf("object.spec.ready != 'x-%d'", i)))
		default:
			w.set(name(), podRule(isms.QuantifierEvery, fmt.Sprintf("object.metadata.name != 'x-%d'", i)))
		}
	}
	if created != 40 || deleted != 40 || seen != 10 {
		t.Errorf("%d definitions were created, %d deleted, %d streamed, want 40, 40 and 10", created, deleted, seen)
	}
	w.want(w.set("steady", podRule(isms.QuantifierEvery, always)), tally.Counts{Subjects: 1, Passing: 1})
	for i := range 8 {
		w.engine.RemoveControl(types.NamespacedName{Namespace: w.home, Name: fmt.Sprint("c-", i)})
	}
	w.engine.RemoveControl(types.NamespacedName{Namespace: w.home, Name: "steady"})
	w.eventually(func() string {
		if n := len(w.engine.allStreams()); n != 0 {
			return fmt.Sprintf("%d streams are left", n)
		}
		return ""
	})
	w.delete(&apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "widgets." + group}})
	w.stop()
	noneLeft(t, before)
}
