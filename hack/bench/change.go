// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// change is point 3: the time from the API server's answer to a change of one object until the Control's new status has
// come to whoever watches it, while other objects change.
func (b *bench) change(ctx context.Context) error {
	return b.withOperator(ctx, func(p *process, c client.WithWatch) error {
		unrelated := b.annotated()
		t, err := b.traffic(ctx, b.Unrelated, func(i int) *corev1.Pod { return unrelated(flipping + i%(b.created-flipping)) })
		if err != nil {
			return err
		}
		took, err := b.changes(ctx, c)
		t.stop()
		if err == nil {
			err = t.err()
		}
		if err != nil {
			return err
		}
		detail := fmt.Sprintf("%d changes at %d pods, %.0f unrelated changes a second; longest %.0f ms",
			len(took), b.created, t.rate(), quantile(took, 1))
		b.atMost(200, figure{Point: 3, Name: "change to status, median", Measured: median(took), Unit: "ms", Detail: detail})
		b.atMost(1000, figure{Point: 3, Name: "change to status, 99th percentile", Measured: quantile(took, 0.99), Unit: "ms"})
		return p.alive()
	})
}

// changes turns one Control after the other, there and back, and returns the milliseconds that each turn took.
func (b *bench) changes(ctx context.Context, c client.WithWatch) ([]float64, error) {
	w, err := c.Watch(ctx, &isms.ControlList{}, client.InNamespace(home))
	if err != nil {
		return nil, fmt.Errorf("watch controls: %w", err)
	}
	defer w.Stop()
	var took []float64
	for i := range b.Changes {
		n, bad := i%flipping, i/flipping%2 == 0
		if err := c.Update(ctx, b.flipped(n, bad)); err != nil {
			return nil, fmt.Errorf("change: %w", err)
		}
		answered := time.Now()
		want := isms.EvidencePass
		if bad {
			want = isms.EvidenceFail
		}
		if err := await(ctx, w, fmt.Sprintf("%s-flip-%d", benchScope, n), want); err != nil {
			return nil, err
		}
		took = append(took, float64(time.Since(answered).Microseconds())/1000)
		// As the sum of all writes is bounded, changes must leave room: each costs one status of a Control and one of the scope.
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return took, b.unflip(ctx, c)
}

// await reads the watch until a Control has a result.
func await(ctx context.Context, w watch.Interface, name string, want isms.EvidenceResult) error {
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limit.C:
			return fmt.Errorf("%s is not %s after 30 s", name, want)
		case e, ok := <-w.ResultChan():
			if !ok {
				return fmt.Errorf("the watch of controls has ended")
			}
			c, ok := e.Object.(*isms.Control)
			if ok && c.Name == name && len(c.Status.Evidence) > 0 && c.Status.Evidence[0].Result == want {
				return nil
			}
		}
	}
}

// withOperator runs the operator on all pods with its thirty Controls, judged.
func (b *bench) withOperator(ctx context.Context, do func(*process, client.WithWatch) error) error {
	if err := b.pods(ctx, b.Pods); err != nil {
		return err
	}
	c, err := newClient(b.env.Config)
	if err != nil {
		return err
	}
	p, err := b.startOperator(b.env.Config)
	if err != nil {
		return err
	}
	defer p.stop()
	remove, err := b.apply(ctx)
	if err != nil {
		return err
	}
	defer remove()
	if err := p.calm(ctx); err != nil {
		return err
	}
	return do(p, c)
}
