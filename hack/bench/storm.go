// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Status writes of all kinds go through one bucket of this burst and rate.
const (
	bucketBurst  = 300
	bucketPerSec = 20
)

// after is how long a storm is counted after its last change, for what is under way.
const after = 2 * time.Second

// storms is point 4: many changes that turn no verdict, then as many that do.
func (b *bench) storms(ctx context.Context) error {
	return b.withOperator(ctx, func(p *process, c client.WithWatch) error {
		before, err := usage(ctx, p)
		if err != nil {
			return err
		}
		if err := b.stormWithoutFlips(ctx, p, len(ismsControls())); err != nil {
			return err
		}
		if err := b.stormWithFlips(ctx, p, c); err != nil {
			return err
		}
		if err := p.calm(ctx); err != nil {
			return err
		}
		now, err := usage(ctx, p)
		if err != nil {
			return err
		}
		b.atMost(before.live*0.1/megabyte+1, figure{
			Point: 4, Name: "live heap of the operator after both storms, above before", Measured: (now.live - before.live) / megabyte,
			Unit: "MB", Detail: fmt.Sprintf("%.1f MB before; the bound is a tenth of that and 1 MB for noise; RSS from %.0f to %.0f MB",
				before.live/megabyte, before.resident/megabyte, now.resident/megabyte),
		})
		return nil
	})
}

type use struct {
	cpu            time.Duration
	resident, live float64
}

func usage(ctx context.Context, p *process) (u use, err error) {
	if u.cpu, err = p.cpu(); err != nil {
		return u, err
	}
	if u.resident, _, err = p.resident(); err != nil || p.metrics == "" {
		return u, err
	}
	u.live, err = p.live(ctx)
	return u, err
}

// stormWithoutFlips compares the operator with a bare reflector, both as processes in the same storm.
func (b *bench) stormWithoutFlips(ctx context.Context, p *process, rules int) error {
	bare, err := b.startReflector(b.env.Config)
	if err != nil {
		return err
	}
	defer bare.stop()
	if err := wait(ctx, 2*time.Second); err != nil {
		return err
	}
	if err := bare.calm(ctx); err != nil {
		return err
	}
	s, err := b.blow(ctx, []*process{p, bare}, b.annotated())
	if err != nil {
		return err
	}
	b.atMost(1.5, figure{
		Point: 4, Name: fmt.Sprintf("CPU of the operator in a storm that turns nothing, %d rules, to the bare reflector's", rules),
		Measured: s.cpu[0].Seconds() / s.cpu[1].Seconds(), Unit: "x",
		Detail: fmt.Sprintf("%.2f s and %.2f s in %s; %.0f changes a second", s.cpu[0].Seconds(), s.cpu[1].Seconds(), b.storm, s.rate),
	})
	b.atMost(1, figure{
		Point: 4, Name: "status writes in that storm, per Control and minute",
		Measured: s.asked["PATCH controls/status"] / float64(rules) / b.storm.Minutes(),
		Detail:   fmt.Sprintf("%.0f writes of Controls, %.0f of all kinds", s.asked["PATCH controls/status"], s.asked.statusWrites()),
	})
	return nil
}

// stormWithFlips turns ten Controls as fast as it can.
func (b *bench) stormWithFlips(ctx context.Context, p *process, c client.Client) error {
	s, err := b.blow(ctx, []*process{p}, func(i int) *corev1.Pod { return b.flipped(i%flipping, i/flipping%2 == 0) })
	if err != nil {
		return err
	}
	b.atMost(bucketBurst+bucketPerSec*(b.storm+after).Seconds(), figure{
		Point: 4, Name: "status writes in a storm of flips, all kinds", Measured: s.asked.statusWrites(),
		Detail: fmt.Sprintf("of %.0f changes; the bucket gives %d at once and %d a second; CPU %.1f s",
			s.rate*b.storm.Seconds(), bucketBurst, bucketPerSec, s.cpu[0].Seconds()),
	})
	if err := b.unflip(ctx, c); err != nil {
		return err
	}
	settled := time.Now()
	if err := b.judged(ctx, c); err != nil {
		return err
	}
	b.add(figure{
		Point: 4, Name: "until all statuses are right after that storm", Measured: time.Since(settled).Seconds(), Unit: "s",
	})
	return nil
}

// weather is what a storm cost.
type weather struct {
	cpu   []time.Duration
	asked requests
	rate  float64
}

func (b *bench) blow(ctx context.Context, all []*process, change func(int) *corev1.Pod) (weather, error) {
	b.say("storm of %d changes a second for %s", b.StormRate, b.storm)
	asked, err := countRequests(ctx, b.env.Config)
	if err != nil {
		return weather{}, err
	}
	before, err := cpus(all)
	if err != nil {
		return weather{}, err
	}
	t, err := b.traffic(ctx, b.StormRate, change)
	if err != nil {
		return weather{}, err
	}
	err = wait(ctx, b.storm)
	t.stop()
	if err == nil {
		err = t.err()
	}
	if err == nil {
		err = wait(ctx, after)
	}
	if err != nil {
		return weather{}, err
	}
	w := weather{rate: t.rate()}
	if w.cpu, err = cpus(all); err != nil {
		return weather{}, err
	}
	for i := range w.cpu {
		w.cpu[i] -= before[i]
	}
	now, err := countRequests(ctx, b.env.Config)
	w.asked = now.since(asked)
	return w, err
}

func cpus(all []*process) ([]time.Duration, error) {
	var out []time.Duration
	for _, p := range all {
		used, err := p.cpu()
		if err != nil {
			return nil, err
		}
		out = append(out, used)
	}
	return out, nil
}
