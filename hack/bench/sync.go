// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// contestant is an engine that runs in turn with the bare reflector.
type contestant struct {
	name                  string
	load                  load
	bound                 float64
	seconds, ratios, work []float64
}

// sync is point 1: from start to all verdicts, with 10 and with 30 rules, beside a bare reflector.
func (b *bench) sync(ctx context.Context) error {
	if err := b.pods(ctx, b.Pods); err != nil {
		return err
	}
	tracked := func(l load) load {
		l.track = true
		return l
	}
	ten, thirty := b.podLoad(10), b.podLoad(30)
	return b.race(ctx, fmt.Sprintf("%d pods", b.Pods), func() (sample, error) { return barePods(ctx, b.env.Config) }, []*contestant{
		{name: "10 rules", load: ten, bound: 1.4},
		{name: "30 rules", load: thirty, bound: 1.7},
		{name: "10 rules, all tracked", load: tracked(ten), bound: 2 * 1.4},
		{name: "30 rules, all tracked", load: tracked(thirty), bound: 2 * 1.7},
	})
}

// syncWidgets is the same for custom resources, which come as JSON.
func (b *bench) syncWidgets(ctx context.Context) error {
	b.say("creating %d custom resources", b.Widgets)
	c, err := newClient(b.env.Config)
	if err != nil {
		return err
	}
	err = each(ctx, 0, b.Widgets, func(ctx context.Context, i int) error { return c.Create(ctx, widget(i, b.Namespaces)) })
	if err != nil {
		return err
	}
	if err := b.rest(ctx); err != nil {
		return err
	}
	l := load{
		scopes:   []*isms.ISMSScope{scope("bench")},
		controls: controls("bench", widgetKind.GroupVersion().String(), widgetKind.Kind, widgetRules, 10),
		subjects: b.Widgets,
	}
	bare := func() (sample, error) { return bareWidgets(ctx, b.env.Config) }
	return b.race(ctx, fmt.Sprintf("%d custom resources", b.Widgets), bare, []*contestant{{name: "10 rules", load: l, bound: 1.2}})
}

// race runs the bare reflector and the engines in turn, and takes the median of each engine's ratio to the reflector of
// its own run. The first run warms the API server and is not counted.
func (b *bench) race(ctx context.Context, of string, bare func() (sample, error), all []*contestant) error {
	var reflector []float64
	for run := range b.Runs + 1 {
		took, err := bare()
		if err != nil {
			return err
		}
		if run > 0 {
			reflector = append(reflector, took.Seconds)
		}
		for _, c := range all {
			s, err := runEngine(ctx, b.env.Config, c.load)
			if err != nil {
				return err
			}
			if run > 0 {
				c.seconds = append(c.seconds, s.Seconds)
				c.ratios = append(c.ratios, s.Seconds/took.Seconds)
				c.work = append(c.work, s.CPU/took.CPU)
			}
		}
	}
	b.add(figure{
		Point: 1, Name: "sync of " + of + ", bare reflector", Measured: median(reflector), Unit: "s", Detail: list(reflector),
	})
	for _, c := range all {
		b.atMost(c.bound, figure{
			Point: 1, Name: "sync of " + of + ", " + c.name, Measured: median(c.ratios), Unit: "x",
			Detail: fmt.Sprintf("%.2f s; ratios %s; client CPU %.2fx", median(c.seconds), list(c.ratios), median(c.work)),
		})
	}
	return nil
}

func list(all []float64) string {
	texts := make([]string, 0, len(all))
	for _, x := range all {
		texts = append(texts, fmt.Sprintf("%.2f", x))
	}
	return strings.Join(texts, " ")
}
