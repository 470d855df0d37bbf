// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// quietOperator is point 5: what the operator asks and writes while nothing changes, by the API server's own count. It
// has a control plane of its own, so that nobody else asks anything. ready is closed when the span begins.
func (b *bench) quietOperator(ctx context.Context, ready chan<- struct{}) error {
	env, err := startCluster(ctx, 10)
	if err != nil {
		return err
	}
	defer func() { _ = env.Stop() }()
	q := &bench{settings: b.settings, report: b.report, dir: b.dir, operator: b.operator, env: env}
	q.Namespaces = 10
	if err := q.pods(ctx, b.QuietPods); err != nil {
		return err
	}
	p, err := q.startOperator(env.Config)
	if err != nil {
		return err
	}
	defer p.stop()
	c, err := newClient(env.Config)
	if err != nil {
		return err
	}
	cycle := &isms.AuditCycle{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "bench"},
		Spec:       isms.AuditCycleSpec{ScopeRef: isms.LocalRef{Name: benchScope}, Origin: isms.OriginInitial},
	}
	if err := c.Create(ctx, cycle); err != nil {
		return fmt.Errorf("create the cycle: %w", err)
	}
	if _, err := q.apply(ctx); err != nil {
		return err
	}
	if err := q.addFailing(ctx, c); err != nil {
		return err
	}
	if err := q.statusBytes(ctx, c); err != nil {
		return err
	}
	if err := p.calm(ctx); err != nil {
		return err
	}
	if err := wait(ctx, min(10*time.Second, b.settings.quiet)); err != nil { // discovery settles
		return err
	}
	close(ready)
	return q.hush(ctx, p)
}

// hush counts over the span.
func (b *bench) hush(ctx context.Context, p *process) error {
	span := b.settings.quiet
	b.say("the quiet operator is left alone for %s", span)
	before, err := countRequests(ctx, b.env.Config)
	if err != nil {
		return err
	}
	used, err := p.cpu()
	if err != nil {
		return err
	}
	if err := wait(ctx, span); err != nil {
		return err
	}
	after, err := countRequests(ctx, b.env.Config)
	if err != nil {
		return err
	}
	cpu, err := p.cpu()
	if err != nil {
		return err
	}
	b.judgeQuiet(after.since(before), span, cpu-used)
	return nil
}

// own is what an idle API server asks of itself, with the most of it a second: its lease, its endpoints, the addresses of
// services that it repairs every three minutes, and the schemas that it puts together; and the counts of the bench.
var own = map[string]float64{
	"GET ": 1, "PUT leases": 0.2, "GET leases": 0.2, "GET endpoints": 0.2, "GET endpointslices": 0.2, "GET /openapi/v3": 0.25,
	"LIST services": 0.006,
}

func (b *bench) judgeQuiet(asked requests, span, cpu time.Duration) {
	var heartbeats, reviews float64
	var other, watches []string
	for name, n := range asked {
		switch {
		case name == "PATCH ismsscopes/status", name == "PATCH auditcycles/status":
			heartbeats += n
		case name == "POST subjectaccessreviews", name == "POST selfsubjectaccessreviews", name == "GET serviceaccounts":
			reviews += n
		case strings.HasPrefix(name, "WATCH "):
			watches = append(watches, fmt.Sprintf("%s %.0f", name, n))
		case n <= 2+own[name]*span.Seconds() && own[name] > 0:
		default:
			other = append(other, fmt.Sprintf("%s %.0f", name, n))
		}
	}
	slices.Sort(other)
	allowed := 2 * math.Ceil(span.Seconds()/readiness.HeartbeatEvery.Seconds())
	b.atMost(0, figure{
		Point: 5, Name: "requests besides watches, heartbeat and access reviews, in " + span.String(), Measured: float64(len(other)),
		Detail: fmt.Sprintf("%s; %d watches were renewed; CPU %.2f s", said(other), len(watches), cpu.Seconds()),
	})
	b.atMost(allowed, figure{Point: 5, Name: "heartbeats of one scope and one cycle in it", Measured: heartbeats})
	b.atMost(1, figure{Point: 5, Name: "access reviews in it", Measured: reviews / span.Seconds(), Unit: "a second"})
}

func said(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// failing is a Control whose every item fails on every pod, with as long a name for each as there may be: the longest status
// that a cluster can make of it.
func failing() *isms.Control {
	c := control(benchScope, "failing", "v1", "Pod", `object.metadata.name == ''`)
	for i := range 4 {
		item := c.Spec.Evidence[0].DeepCopy()
		item.Name = isms.ItemName(fmt.Sprint("rule-", i))
		c.Spec.Evidence = append(c.Spec.Evidence, *item)
	}
	return c
}

func (b *bench) addFailing(ctx context.Context, c client.WithWatch) error {
	w, err := c.Watch(ctx, &isms.ControlList{}, client.InNamespace(home))
	if err != nil {
		return fmt.Errorf("watch controls: %w", err)
	}
	defer w.Stop()
	if err := c.Create(ctx, failing()); err != nil {
		return fmt.Errorf("create a failing control: %w", err)
	}
	return await(ctx, w, "failing", isms.EvidenceFail)
}

// statusBytes are what statuses take in etcd, which holds custom resources as JSON.
func (b *bench) statusBytes(ctx context.Context, c client.Client) error {
	var all isms.ControlList
	if err := c.List(ctx, &all, client.InNamespace(home)); err != nil {
		return fmt.Errorf("list controls: %w", err)
	}
	longest, sum, name := 0, 0, ""
	for i := range all.Items {
		n := len(encode(all.Items[i].Status))
		sum += n
		if n > longest {
			longest, name = n, all.Items[i].Name
		}
	}
	b.atMost(8192, figure{
		Point: 5, Name: "longest status of a Control in etcd", Measured: float64(longest), Unit: "bytes",
		Detail: fmt.Sprintf("%s; mean of %d Controls: %d", name, len(all.Items), sum/len(all.Items)),
	})
	return nil
}

func encode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // API types: cannot fail
	}
	return raw
}
