// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// traffic changes objects at a rate, as other people of a cluster do.
type traffic struct {
	done   atomic.Int64
	failed atomic.Pointer[error]
	span   time.Duration
	stop   func()
}

// changers write at the same time.
const changers = 24

// start changes so many objects a second; change makes the i-th object that is written.
func (b *bench) traffic(ctx context.Context, perSecond int, change func(i int) *corev1.Pod) (*traffic, error) {
	c, err := newClient(b.env.Config)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	next := make(chan int)
	t := &traffic{}
	var workers sync.WaitGroup
	for range changers {
		workers.Go(func() {
			for i := range next {
				if err := c.Update(ctx, change(i)); err == nil {
					t.done.Add(1)
				} else if !errors.Is(err, context.Canceled) {
					err = fmt.Errorf("change: %w", err)
					t.failed.Store(&err)
				}
			}
		})
	}
	start := time.Now()
	workers.Go(func() {
		defer close(next)
		pace(ctx, perSecond, next)
	})
	t.stop = func() {
		t.span = time.Since(start)
		cancel()
		workers.Wait()
	}
	return t, nil
}

// pace hands out numbers at a rate. What could not be handed out in time is caught up with.
func pace(ctx context.Context, perSecond int, next chan<- int) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	start, i := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for due := int(time.Since(start).Seconds() * float64(perSecond)); i < due; i++ {
			select {
			case <-ctx.Done():
				return
			case next <- i:
			}
		}
	}
}

// err is the last error that was not the end of the traffic.
func (t *traffic) err() error {
	if err := t.failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (t *traffic) rate() float64 { return float64(t.done.Load()) / t.span.Seconds() }

// annotated changes pods in a way that no rule reads, each storm in another.
func (b *bench) annotated() func(i int) *corev1.Pod {
	b.rounds++
	round := b.rounds
	return func(i int) *corev1.Pod {
		p := b.target(i)
		p.Annotations["bench/round"] = fmt.Sprintf("%d-%d", round, i)
		return p
	}
}

// flipped turns a rule: the n-th flipping Control fails while the n-th pod has the label.
func (b *bench) flipped(n int, bad bool) *corev1.Pod {
	p := b.target(n)
	if bad {
		p.Labels[flipLabel(n)] = "bad"
	}
	return p
}

// unflip makes all flipping Controls pass again.
func (b *bench) unflip(ctx context.Context, c client.Client) error {
	for n := range flipping {
		if err := c.Update(ctx, b.flipped(n, false)); err != nil {
			return fmt.Errorf("change: %w", err)
		}
	}
	return nil
}
