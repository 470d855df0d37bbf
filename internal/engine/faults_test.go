// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// TestDiscoveryThatPartlyFails: with the discovery of one group broken, the rules on all others go on, known or new; a
// rule on that group says why it is Unknown, or keeps its verdict where nobody has answered, and is right again soon
// after the group is.
func TestDiscoveryThatPartlyFails(t *testing.T) {
	for name, tc := range map[string]struct {
		fault http.HandlerFunc
		// message is what is said of a kind that was known before, empty where its verdicts go on.
		message string
	}{
		"503": {
			answering(http.StatusServiceUnavailable, "text/plain", "no endpoints available"), "(ServiceUnavailable)",
		},
		"500 with a status": {
			answering(http.StatusInternalServerError, "application/json",
				`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"InternalError","code":500}`), "(InternalError)",
		},
		"the page of somebody else": {answering(http.StatusOK, "text/html", "<html>Sign in</html>"), ""},
		"cut off":                   {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ""},
		"half an answer":            {answering(http.StatusOK, "application/json", `{"kind":"APIResourceList","resour`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := serial.Add(1)
			broken, unseen, sound := fmt.Sprintf("broken-%d.example.com", n), fmt.Sprintf("unseen-%d.example.com", n), fmt.Sprintf("sound-%d.example.com", n)
			w := newWorld(t, "/namespaces", "/pods", broken+"/widgets", unseen+"/widgets", sound+"/widgets")
			p := w.behindProxy()
			ns := w.namespace("a")
			w.create(pod(ns, "p"))
			w.create(widgets(broken))
			w.create(widgets(unseen))
			w.createWhenServed(widget(broken, ns, "one", "yes"))
			w.createWhenServed(widget(unseen, ns, "one", "yes"))
			pods, known := w.set("pods", podRule(isms.QuantifierEvery, always)), w.set("known", widgetRule(broken, "v1", isReady))
			w.want(pods, tally.Counts{Subjects: 1, Passing: 1})
			w.want(known, tally.Counts{Subjects: 1, Passing: 1})

			for _, group := range []string{broken, unseen} { // all that is said of the group, and nothing of its objects
				p.fail(func(path string) bool {
					return path == "/apis/"+group+"/v1" || strings.HasPrefix(path, "/openapi/v3/apis/"+group)
				}, tc.fault)
			}
			before := p.failed.Load()
			w.change("widgets."+broken, func(crd *apiextensionsv1.CustomResourceDefinition) { // so that it is asked for again
				crd.Labels = map[string]string{"touched": "yes"}
			})
			fresh := w.set("fresh", widgetRule(unseen, "v1", isReady))
			w.eventually(func() string {
				if p.failed.Load() < before+2 {
					return "discovery was not asked"
				}
				return ""
			})
			if msg := w.wantMessage(fresh, isms.ReasonNotSynced); !strings.Contains(msg, "discovery of "+unseen+"/v1 fails") {
				t.Errorf("of a kind never seen: message %q", msg)
			}
			if tc.message != "" {
				if msg := w.wantMessage(known, isms.ReasonNotSynced); !strings.Contains(msg, "discovery of "+broken+"/v1 fails "+tc.message) {
					t.Errorf("of a known kind: message %q", msg)
				}
			}
			w.createWhenServed(widget(broken, ns, "two", "no"))
			both := tally.Counts{Subjects: 2, Passing: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "two"}}}
			if tc.message == "" {
				w.want(known, both) // the stream goes on
			}
			// Nothing else is affected.
			w.create(pod(ns, "q"))
			w.want(pods, tally.Counts{Subjects: 2, Passing: 2})
			w.create(widgets(sound))
			w.createWhenServed(widget(sound, ns, "one", "yes"))
			w.want(w.set("sound", widgetRule(sound, "v1", isReady)), tally.Counts{Subjects: 1, Passing: 1})

			p.mend()
			w.want(known, both)
			w.want(fresh, tally.Counts{Subjects: 1, Passing: 1})
		})
	}
}

// wantMessage waits until the rule is unavailable for a reason and says more of it, which it returns.
func (w *world) wantMessage(key types.NamespacedName, reason string) string {
	w.Helper()
	message := ""
	w.eventually(func() string {
		got := w.engine.Snapshot(key)["rule"]
		if message = got.Message; message == "" {
			return "no message"
		}
		return cmp.Diff(reason, got.Unavailable)
	})
	return message
}

// TestHistoryThatIsCompacted: the watch breaks, objects come, change and go, and etcd forgets the history from which it
// could go on. The watch is 410 Gone, and what is listed anew replaces everything. What nobody could see meanwhile
// stands for ten minutes, and then no longer.
func TestHistoryThatIsCompacted(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a control plane of its own")
	}
	env := testenv.Start(t, testenv.WithAPIServerFlag("watch-cache-sizes", "pods#0,configmaps#0")) // so that etcd answers
	w := newWorldOn(t, env, "/namespaces", "/pods", "/configmaps")
	ahead := &aheadClock{}
	w.clock = ahead
	p, ns := w.behindProxy(), w.namespace("a")
	create := func(name, bad string) {
		w.create(pod(ns, name, labelled("bad", bad)))
		w.create(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name, Labels: map[string]string{"bad": bad}}})
	}
	for _, name := range []string{"stays", "turns", "goes"} {
		create(name, "no")
	}
	const notBad = `object.metadata.?labels[?'bad'].orValue('no') == 'no'`
	rules := []types.NamespacedName{
		w.set("pods", podRule(isms.QuantifierEvery, notBad)),
		w.set("maps", isms.ResourceRule{APIVersion: "v1", Kind: "ConfigMap", Quantifier: isms.QuantifierEvery, Expect: notBad}),
	}
	for _, key := range rules {
		w.want(key, tally.Counts{Subjects: 3, Passing: 3})
	}
	create("late", "no") // a watch that breaks off before it has brought anything is not taken up, but listed anew
	for _, key := range rules {
		w.want(key, tally.Counts{Subjects: 4, Passing: 4})
	}
	expired := p.expired.Load()

	p.cut()
	create("comes", "yes")
	for _, o := range []client.Object{object[corev1.Pod](ns, "turns"), object[corev1.ConfigMap](ns, "turns")} {
		w.patch(o, `{"metadata":{"labels":{"bad":"yes"}}}`)
	}
	w.delete(object[corev1.Pod](ns, "goes"))
	w.delete(object[corev1.ConfigMap](ns, "goes"))
	if err := env.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, key := range rules {
		w.want(key, tally.Counts{Subjects: 4, Passing: 4}) // it stands
	}
	p.restore(t)
	failing := []tally.Name{{Namespace: ns, Name: "comes"}, {Namespace: ns, Name: "turns"}}
	for _, key := range rules {
		w.want(key, tally.Counts{Subjects: 4, Passing: 2, Failing: 2, Failures: failing})
	}
	if n := p.expired.Load() - expired; n < int64(len(rules)) {
		t.Errorf("%d watches were 410 Gone, want those of both kinds", n)
	}
	w.delete(object[corev1.Pod](ns, "comes")) // what comes after is seen
	w.want(rules[0], tally.Counts{Subjects: 3, Passing: 2, Failing: 1, Failures: failing[1:]})

	p.cut()
	create("unseen", "no")
	ahead.step(stalled + time.Second)
	for _, key := range rules {
		if msg := w.wantMessage(key, isms.ReasonNotSynced); !strings.Contains(msg, "not been heard") {
			t.Errorf("%s: message %q", key.Name, msg)
		}
	}

	p.restore(t)
	w.want(rules[0], tally.Counts{Subjects: 4, Passing: 3, Failing: 1, Failures: failing[1:]})
	w.want(rules[1], tally.Counts{Subjects: 5, Passing: 3, Failing: 2, Failures: failing})
}

// listen returns a function that waits for news of a Control, and reads them as a reconcile does, until nothing is wrong.
func (w *world) listen() (toldOf func(key types.NamespacedName, wrong func(tally.Snapshot) string)) {
	told := make(chan types.NamespacedName, 1000)
	w.engine.OnChange(func(c Change) { told <- c.Control })
	return func(key types.NamespacedName, wrong func(tally.Snapshot) string) {
		w.Helper()
		last := ""
		w.eventually(func() string {
			select {
			case got := <-told:
				if got == key {
					last = wrong(w.engine.Take(key)["rule"])
					return last
				}
				return "another was told"
			default:
				return "nothing more was told; the last was wrong: " + last
			}
		})
	}
}

func counts(want tally.Counts) func(tally.Snapshot) string {
	return func(s tally.Snapshot) string { return cmp.Diff(tally.Snapshot{Counts: want}, s) }
}

// TestARuleThatMovesIsTold: its scope shrinks, and loses and regains its right, while another scope's same rule keeps
// the column as it is.
func TestARuleThatMovesIsTold(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	w.every = 2 * time.Second
	w.stop()
	w.startEngine()
	w.engine.SetScope(w.scope)
	w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "another"}})
	w.grant("another", "/namespaces", "/pods")
	stays, leaves := w.namespace("stays"), w.namespace("leaves")
	w.create(pod(stays, "p"))
	w.create(pod(leaves, "p"))
	for _, name := range []string{stays, leaves} {
		w.patch(object[corev1.Namespace]("", name), `{"metadata":{"labels":{"other":"`+w.home+`"}}}`)
	}
	other := w.newScope("other", "another")
	other.Spec.Evidence.NamespaceSelector.MatchLabels = map[string]string{"other": w.home}
	w.engine.SetScope(other)
	rule := podRule(isms.QuantifierEvery, always)
	keeps := w.rule("keeps", rule)
	keeps.Spec.ScopeRef.Name = "other"
	w.engine.SetControl(keeps, other)
	toldOf, key := w.listen(), w.set("moves", rule)
	toldOf(key, counts(tally.Counts{Subjects: 2, Passing: 2}))
	w.patch(object[corev1.Namespace]("", leaves), `{"metadata":{"labels":{"scope":null}}}`)
	toldOf(key, counts(tally.Counts{Subjects: 1, Passing: 1}))
	role := object[rbacv1.ClusterRole]("", w.home+"-reader")
	w.patch(role, `{"rules":[{"apiGroups":[""],"resources":["namespaces"],"verbs":["get","list","watch"]}]}`)
	toldOf(key, func(s tally.Snapshot) string {
		return cmp.Diff(tally.Snapshot{Unavailable: isms.ReasonAccessDenied, Message: "service account reader may not list pods"}, s)
	})
	w.patch(role, `{"rules":[{"apiGroups":[""],"resources":["namespaces","pods"],"verbs":["get","list","watch"]}]}`)
	toldOf(key, counts(tally.Counts{Subjects: 1, Passing: 1}))
}

// TestSilenceIsTold: a kind that can't be read while everything else can, such as one whose conversion fails, does not
// keep a verdict that looks fresh. Listeners are told when it is too old, and when it is known again.
func TestSilenceIsTold(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods", "/services")
	ahead := &aheadClock{}
	w.clock = ahead
	p, ns := w.behindProxy(), w.namespace("a")
	toldOf := w.listen()
	w.create(pod(ns, "p"))
	key := w.set("pods", podRule(isms.QuantifierEvery, always))
	toldOf(key, counts(tally.Counts{Subjects: 1, Passing: 1}))
	p.fail(func(path string) bool { return path == "/api/v1/pods" }, answering(http.StatusInternalServerError, "application/json",
		`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"conversion webhook failed","code":500}`))
	p.cut()
	p.restore(t)
	w.create(pod(ns, "q"))
	w.create(&corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "s"}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}}})
	services := isms.ResourceRule{APIVersion: "v1", Kind: "Service", Quantifier: isms.QuantifierEvery, Expect: always}
	w.want(w.set("services", services), tally.Counts{Subjects: 1, Passing: 1})
	w.want(key, tally.Counts{Subjects: 1, Passing: 1}) // the last that was seen
	ahead.step(stalled + time.Second)
	toldOf(key, func(s tally.Snapshot) string {
		return cmp.Diff(isms.ReasonNotSynced, s.Unavailable)
	})
	p.mend()
	toldOf(key, counts(tally.Counts{Subjects: 2, Passing: 2}))
}
