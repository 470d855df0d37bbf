// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

const megabyte = 1e6

// heap is the first half of point 2: the live heap of an engine with 30 rules and all objects. All objects are real.
func (b *bench) heap(ctx context.Context) error {
	if err := b.pods(ctx, b.Objects); err != nil {
		return err
	}
	s, err := runEngine(ctx, b.env.Config, b.podLoad(30))
	if err != nil {
		return err
	}
	b.atMost(30, figure{
		Point: 2, Name: fmt.Sprintf("live heap of the engine, %d objects and 30 rules", b.Objects),
		Measured: float64(s.Bytes) / megabyte, Unit: "MB",
		Detail: fmt.Sprintf("%.0f bytes an object; synced in %.1f s", float64(s.Bytes)/float64(b.Objects), s.Seconds),
	})
	return nil
}

// peak is the other half: the resident set of the whole operator while it syncs, above what it is without a rule.
func (b *bench) peak(ctx context.Context) error {
	if err := b.pods(ctx, b.Pods); err != nil {
		return err
	}
	var above []float64
	var idle, most float64
	for range min(b.Runs, 3) {
		var err error
		if idle, most, err = b.onePeak(ctx); err != nil {
			return err
		}
		above = append(above, (most-idle)/megabyte)
	}
	b.atMost(60, figure{
		Point: 2, Name: fmt.Sprintf("peak RSS of the operator syncing %d pods, above idle", b.Pods),
		Measured: median(above), Unit: "MB",
		Detail: fmt.Sprintf("%s; the last: idle %.0f MB, peak %.0f MB", list(above), idle/megabyte, most/megabyte),
	})
	return nil
}

func (b *bench) onePeak(ctx context.Context) (idle, most float64, err error) {
	p, err := b.startOperator(b.env.Config)
	if err != nil {
		return 0, 0, err
	}
	defer p.stop()
	if err := p.calm(ctx); err != nil {
		return 0, 0, err
	}
	if idle, _, err = p.resident(); err != nil {
		return 0, 0, err
	}
	remove, err := b.apply(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer remove()
	if _, most, err = p.resident(); err != nil {
		return 0, 0, err
	}
	return idle, most, nil
}

// apply creates the scope and its thirty Controls, and waits until the running operator has judged them all on all pods.
func (b *bench) apply(ctx context.Context) (remove func(), err error) {
	c, err := newClient(b.env.Config)
	if err != nil {
		return nil, err
	}
	for _, o := range ismsObjects() {
		if err := c.Create(ctx, o); client.IgnoreAlreadyExists(err) != nil {
			return nil, fmt.Errorf("create %s: %w", o.GetName(), err)
		}
	}
	remove = func() {
		for _, o := range ismsObjects() {
			_ = c.Delete(context.WithoutCancel(ctx), o)
		}
	}
	if err := b.judged(ctx, c); err != nil {
		remove()
		return nil, err
	}
	return remove, nil
}

const benchScope = "bench"

func ismsObjects() []client.Object {
	out := []client.Object{scope(benchScope)}
	for _, c := range ismsControls() {
		out = append(out, c)
	}
	return out
}

// judged waits until every Control is effective on all pods, and the scope has its heartbeat.
func (b *bench) judged(ctx context.Context, c client.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	var why string
	err := poll(ctx, func() (bool, error) {
		var err error
		why, err = b.unjudged(ctx, c)
		if why != "" && err == nil {
			err = wait(ctx, 200*time.Millisecond)
		}
		return why == "", err
	})
	if why != "" {
		return fmt.Errorf("not judged: %s", why)
	}
	return err
}

func (b *bench) unjudged(ctx context.Context, c client.Client) (string, error) {
	var all isms.ControlList
	if err := c.List(ctx, &all, client.InNamespace(home)); err != nil {
		return "", fmt.Errorf("list controls: %w", err)
	}
	for i := range all.Items {
		e := all.Items[i].Status.Evidence
		if len(e) != 1 || e[0].Result != isms.EvidencePass || int(e[0].Subjects) != b.created {
			return fmt.Sprintf("%s: %+v", all.Items[i].Name, e), nil
		}
	}
	var s isms.ISMSScope
	if err := c.Get(ctx, client.ObjectKey{Namespace: home, Name: benchScope}, &s); err != nil {
		return "", fmt.Errorf("get scope: %w", err)
	}
	if s.Status.HeartbeatTime == nil {
		return "the scope has no heartbeat", nil
	}
	return "", nil
}

// target is the pod that the i-th change is about.
func (b *bench) target(i int) *corev1.Pod { return pod(i%b.created, b.Namespaces) }
