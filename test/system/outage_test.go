// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// away is how long the API server is away: longer than a lease of the default length lasts.
const away = time.Minute

// TestAPIServerAway: the operator waits, comes back, and misses no change, neither one that is made before it is back
// itself nor a later one. It keeps its lease, and says nothing else in the meantime.
func TestAPIServerAway(t *testing.T) {
	w := install(t)
	w.isms("outage")
	p := startProgram(t)
	w.create(w.pod("web", "yes"), w.pod("batch", "yes"), w.pod("old", "yes"))
	pods := w.approvedPods("A.8.9")
	steady := w.control("A.8.22", "v1", "Pod", `object.spec.containers.size() == 1`)
	absent := w.control("A.8.23", "example.org/v1", "Absent", "object.spec.ok")
	w.want(pods, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	w.want(steady, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	w.want(absent, isms.ResultUnknown, isms.EvidenceUnknown, isms.ReasonKindNotServed)
	w.awaitHeartbeat()
	t.Cleanup(func() { w.tell(p) })
	before := []string{w.status(steady), w.status(absent)}

	began := time.Now()
	w.restartAPIServer(away)
	p.alive()
	w.merge(w.pod("web", ""), `{"metadata":{"labels":{"approved":"no"}}}`) // before the operator is back
	w.want(pods, isms.ResultIneffective, isms.EvidenceFail, isms.ReasonObjectsFailed, "web")
	w.atRest(p)

	w.wantGap(began)

	w.restartAPIServer(0)
	if err := w.client.Delete(t.Context(), w.pod("web", ""), client.GracePeriodSeconds(0)); err != nil {
		t.Fatal(err)
	}
	w.merge(w.pod("batch", ""), `{"metadata":{"labels":{"approved":"no"}}}`)
	w.create(w.pod("another", "no"))
	w.want(pods, isms.ResultIneffective, isms.EvidenceFail, isms.ReasonObjectsFailed, "another", "batch")
	w.merge(w.pod("batch", ""), `{"metadata":{"labels":{"approved":"yes"}}}`)
	w.merge(w.pod("another", ""), `{"metadata":{"labels":{"approved":"yes"}}}`)
	w.want(pods, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	w.atRest(p)
	p.alive()
	if diff := cmp.Diff(before, []string{w.status(steady), w.status(absent)}); diff != "" {
		t.Errorf("an outage alone has changed a status (-before +after):\n%s", diff)
	}
}

// front is an API server that can be as one that has just started: it refuses to write, and does not call itself ready.
type front struct {
	*httputil.ReverseProxy
	starts  atomic.Bool
	refused atomic.Int64 // writes to the evidence log
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !f.starts.Load() || r.Method == http.MethodGet && r.URL.Path != "/readyz":
		f.ReverseProxy.ServeHTTP(w, r)
		return
	case r.URL.Path == "/readyz":
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if strings.Contains(r.URL.Path, "/evidencelogs") {
		f.refused.Add(1)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}`)
}

// behind is a configuration of a service account that reaches the API server through a front.
func behind(t *testing.T, namespace, account string) (*front, *rest.Config) {
	t.Helper()
	env := testenv.Shared(t)
	target, err := url.Parse(env.Config.Host)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(rest.AnonymousClientConfig(env.Config))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport, proxy.FlushInterval, proxy.ErrorLog = transport, -1, log.New(io.Discard, "", 0)
	f := &front{ReverseProxy: proxy}
	server := httptest.NewTLSServer(f) // kubeconfig gives credentials to no other
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	config, err := env.WithToken(t.Context(), namespace, account)
	if err != nil {
		t.Fatal(err)
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return f, &rest.Config{
		Host: server.URL, BearerToken: config.BearerToken, QPS: config.QPS, TLSClientConfig: rest.TLSClientConfig{CAData: ca},
	}
}

// TestAPIServerStarts: an API server that starts refuses everybody until it has read the roles. Whatever the operator is about
// to write just then, nothing follows from that, and it is written once the API server is ready.
func TestAPIServerStarts(t *testing.T) {
	w := install(t)
	w.isms("starts")
	api, config := behind(t, systemNamespace, serviceAccount)
	p := launchWith(t, config, "--metrics-bind-address=0")
	t.Cleanup(p.stop)
	w.create(w.pod("web", "yes"), w.pod("batch", "yes"))
	pods := w.approvedPods("A.8.9")
	steady := w.control("A.8.22", "v1", "Pod", `object.spec.containers.size() == 1`)
	w.want(pods, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	w.want(steady, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	w.awaitHeartbeat()
	before := w.status(steady)

	api.starts.Store(true)
	w.merge(w.pod("web", ""), `{"metadata":{"labels":{"approved":"no"}}}`)
	w.eventually(func() string {
		if n := api.refused.Load(); n < 3 { // it has tried again
			return fmt.Sprintf("%d writes to the log were refused", n)
		}
		return ""
	})
	w.want(pods, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	api.starts.Store(false)
	w.want(pods, isms.ResultIneffective, isms.EvidenceFail, isms.ReasonObjectsFailed, "web")
	p.alive()
	if diff := cmp.Diff(before, w.status(steady)); diff != "" {
		t.Errorf("a status of which nothing has changed (-before +after):\n%s", diff)
	}
	var scope isms.ISMSScope
	w.get(client.ObjectKey{Namespace: w.home, Name: "acme"}, &scope)
	if c := meta.FindStatusCondition(scope.Status.Conditions, isms.ConditionEvidenceLogIntact); c == nil || c.Status != metav1.ConditionTrue {
		t.Errorf("the log: %+v", c)
	}
	for _, line := range p.lines() {
		if strings.Contains(line, "is not taken") {
			t.Errorf("logged: %s", line)
		}
	}
}

// restartAPIServer stops the API server for a while.
func (w *world) restartAPIServer(while time.Duration) {
	w.Helper()
	if err := testenv.Shared(w.T).StopAPIServer(); err != nil {
		w.Fatal(err)
	}
	time.Sleep(while) // this is what is tested, not a wait for something
	if err := testenv.Shared(w.T).StartAPIServer(); err != nil {
		w.Fatal(err)
	}
}

// wantGap waits until the log says that for most of an outage that began at a time nobody observed, and why.
func (w *world) wantGap(began time.Time) {
	w.Helper()
	w.eventually(func() string {
		var logs isms.EvidenceLogList
		if err := w.client.List(context.Background(), &logs, client.InNamespace(w.home)); err != nil {
			return err.Error()
		}
		var gaps []string
		for _, log := range logs.Items {
			for _, e := range log.Spec.Entries {
				if e.Type != isms.LogObservationGap {
					continue
				}
				gaps = append(gaps, fmt.Sprintf("%s until %s: %s", e.From, e.ObservedTime, e.Reason))
				// A look was up to some seconds before the outage began, or the one after it.
				if e.Reason == isms.ReasonServerAway && e.From.Time.Before(began.Add(10*time.Second)) && e.ObservedTime.Time.After(began.Add(away)) {
					return ""
				}
			}
		}
		return fmt.Sprintf("the gaps are %q, want one that begins about %s", gaps, began.UTC())
	})
}

// tell shows, where the test has failed, what stands in the API server and how the engine is.
func (w *world) tell(p *program) {
	if !w.Failed() {
		return
	}
	ctx := context.Background()
	var scopes isms.ISMSScopeList
	var controls isms.ControlList
	var logs isms.EvidenceLogList
	for _, list := range []client.ObjectList{&scopes, &controls, &logs} {
		if err := w.client.List(ctx, list, client.InNamespace(w.home)); err != nil {
			w.Error(err)
		}
	}
	for _, s := range scopes.Items {
		w.show("status of "+s.Name, s.Status)
	}
	for _, c := range controls.Items {
		w.show("status of "+c.Name, c.Status)
	}
	for _, log := range logs.Items {
		w.show("entries of "+log.Name, log.Spec.Entries)
	}
	figures, err := p.ask(ctx, p.metrics, "/metrics")
	if err != nil {
		w.Error(err)
	}
	for line := range strings.Lines(figures) {
		if strings.HasPrefix(line, "isms_engine_") {
			w.Log(strings.TrimSpace(line))
		}
	}
}

func (w *world) show(what string, x any) {
	text, err := yaml.Marshal(x)
	if err != nil {
		w.Error(err)
	}
	w.Logf("%s:\n%s", what, text)
}

// awaitHeartbeat waits until everything has been assessed once: a status stands as long as its scope's heartbeat is young.
func (w *world) awaitHeartbeat() {
	w.Helper()
	w.eventually(func() string {
		var scope isms.ISMSScope
		w.get(client.ObjectKey{Namespace: w.home, Name: "acme"}, &scope)
		if scope.Status.HeartbeatTime == nil {
			return "the scope has no heartbeat"
		}
		return ""
	})
}

// status is a Control's status with its resource version.
func (w *world) status(c *isms.Control) string {
	w.Helper()
	w.get(client.ObjectKeyFromObject(c), c)
	text, err := yaml.Marshal(c.Status)
	if err != nil {
		w.Fatal(err)
	}
	return fmt.Sprintf("%s at %s:\n%s", c.Name, c.ResourceVersion, text)
}

// atRest waits until the operator has logged no error for some seconds: the outage has left no loop.
func (w *world) atRest(p *program) {
	w.Helper()
	count, since := len(p.errors()), time.Now()
	w.eventually(func() string {
		if now := len(p.errors()); now != count {
			count, since = now, time.Now()
		}
		if time.Since(since) < 6*time.Second { // the longest wait between two tries of a stream is 5 s
			return fmt.Sprintf("%d errors are logged, the last %s", count, tail(p.errors(), 1))
		}
		return ""
	})
}
