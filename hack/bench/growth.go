// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
)

// linear is how much more the last point of a curve may cost than the line through zero and the first: nothing, with
// room for noise.
const linear = 1.15

// growthFewObjects is point 7 against objects, as far as the cluster of the other measurements reaches.
func (b *bench) growthFewObjects(ctx context.Context) error { return b.growthObjects(ctx, 0, b.Pods) }

// growthManyObjects is the rest of it. All objects are real: the API server takes a thousand a second. A bare reflector over
// the same objects shows how much of the time is the API server's and the wire's.
func (b *bench) growthManyObjects(ctx context.Context) error {
	if err := b.growthObjects(ctx, b.Pods, b.Objects); err != nil {
		return err
	}
	c := b.curve("growth-objects", "")
	last := len(c.X) - 1
	b.atMost(linear, figure{
		Point: 7, Name: c.Name + ", time beside the bare reflector", Unit: "x that of the first",
		Measured: c.Seconds[last] / c.Bare[last] / (c.Seconds[0] / c.Bare[0]),
		Detail: fmt.Sprintf("%.2f s beside %.2f s with %d, %.2f s beside %.2f s with %d",
			c.Seconds[0], c.Bare[0], c.X[0], c.Seconds[last], c.Bare[last], c.X[last]),
	})
	return b.judgeGrowth(c.Name)
}

func (b *bench) growthObjects(ctx context.Context, above, upTo int) error {
	for _, n := range b.GrowthObjects {
		if n <= above || n > upTo || n < b.created {
			continue
		}
		if err := b.pods(ctx, n); err != nil {
			return err
		}
		if err := b.point(ctx, "growth-objects", "objects, with 10 rules", n, b.podLoad(10)); err != nil {
			return err
		}
		bare, err := b.best(func() (sample, error) { return barePods(ctx, b.env.Config) })
		if err != nil {
			return err
		}
		c := b.curve("growth-objects", "")
		c.Bare = append(c.Bare, bare.Seconds)
		b.say("growth-objects: %d, bare reflector: %.2f s", n, bare.Seconds)
	}
	return nil
}

// growthRules is point 7 against rules.
func (b *bench) growthRules(ctx context.Context) error {
	if err := b.pods(ctx, b.Pods); err != nil {
		return err
	}
	for _, n := range b.GrowthRules {
		if err := b.point(ctx, "growth-rules", fmt.Sprintf("rules, on %d objects", b.Pods), n, b.podLoad(n)); err != nil {
			return err
		}
	}
	return b.judgeGrowth("growth-rules")
}

// growthScopes is point 7 against scopes of ten rules each, which have the same text and are evaluated once.
func (b *bench) growthScopes(ctx context.Context) error {
	for _, n := range b.GrowthScopes {
		l := load{subjects: b.created}
		for i := range n {
			name := fmt.Sprint("scope-", i)
			l.scopes = append(l.scopes, scope(name))
			l.controls = append(l.controls, podControls(name, 10)...)
		}
		if err := b.point(ctx, "growth-scopes", fmt.Sprintf("scopes of 10 rules, on %d objects", b.Pods), n, l); err != nil {
			return err
		}
	}
	return b.judgeGrowth("growth-scopes")
}

// long is from when on two runs have to do for a point of a curve.
const long = 5.0

// best is the best of some runs: what disturbs a run only ever makes it longer.
func (b *bench) best(run func() (sample, error)) (sample, error) {
	var best sample
	for i := range min(b.Runs, 3) {
		if i > 1 && best.Seconds > long {
			break
		}
		s, err := run()
		if err != nil {
			return sample{}, err
		}
		if i == 0 || s.Seconds < best.Seconds {
			best.Seconds = s.Seconds
		}
		if i == 0 || s.Bytes < best.Bytes {
			best.Bytes = s.Bytes
		}
	}
	return best, nil
}

// point adds the best of some runs to a curve.
func (b *bench) point(ctx context.Context, name, of string, x int, l load) error {
	best, err := b.best(func() (sample, error) { return runEngine(ctx, b.env.Config, l) })
	if err != nil {
		return err
	}
	c := b.curve(name, of)
	c.X, c.Seconds, c.Bytes = append(c.X, x), append(c.Seconds, best.Seconds), append(c.Bytes, best.Bytes)
	b.say("%s: %d %s: %.2f s, %.1f MB", name, x, of, best.Seconds, float64(best.Bytes)/1e6)
	return nil
}

func (b *bench) curve(name, of string) *curve {
	for i := range b.Curves {
		if b.Curves[i].Name == name {
			return &b.Curves[i]
		}
	}
	b.Curves = append(b.Curves, curve{Name: name, Of: of})
	return &b.Curves[len(b.Curves)-1]
}

// judgeGrowth holds the last point of a curve against the line through zero and its first point.
func (b *bench) judgeGrowth(name string) error {
	c := b.curve(name, "")
	last := len(c.X) - 1
	more := float64(c.X[last]) / float64(c.X[0])
	detail := fmt.Sprintf("%s, from %d to %d", c.Of, c.X[0], c.X[last])
	b.atMost(linear, figure{
		Point: 7, Name: name + ", time", Measured: c.Seconds[last] / c.Seconds[0] / more, Unit: "x linear", Detail: detail,
	})
	b.atMost(linear, figure{
		Point: 7, Name: name + ", heap", Measured: float64(c.Bytes[last]) / float64(c.Bytes[0]) / more, Unit: "x linear", Detail: detail,
	})
	return nil
}
