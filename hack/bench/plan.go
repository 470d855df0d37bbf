// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// settings are the numbers of a size.
type settings struct {
	// Pods, widgets (custom resources) and namespaces of the main cluster; Objects are the pods of the memory figure.
	Pods       int `json:"pods"`
	Widgets    int `json:"customResources"`
	Namespaces int `json:"namespaces"`
	Objects    int `json:"objects"`
	// Runs are the interleaved runs of which a median is taken.
	Runs int `json:"runs"`
	// Changes are the measured changes of one object, beside Unrelated others a second.
	Changes   int `json:"changes"`
	Unrelated int `json:"unrelatedPerSecond"`
	// Storm changes objects at a rate, for a span.
	StormRate int           `json:"stormPerSecond"`
	storm     time.Duration // each, with and without flips
	// QuietPods are on a control plane of their own, which is left alone for the span.
	QuietPods int `json:"quietPods"`
	quiet     time.Duration
	// The points of the growth curves.
	GrowthObjects []int `json:"growthObjects"`
	GrowthRules   []int `json:"growthRules"`
	GrowthScopes  []int `json:"growthScopes"`
}

var sizes = map[string]settings{
	"full": {
		Pods: 20000, Widgets: 20000, Namespaces: 100, Objects: 100000, Runs: 5,
		Changes: 300, Unrelated: 50, StormRate: 500, storm: time.Minute,
		QuietPods: 2000, quiet: 10 * time.Minute,
		GrowthObjects: []int{5000, 10000, 20000, 50000, 100000}, GrowthRules: []int{10, 30, 100, 300}, GrowthScopes: []int{1, 5, 20, 50},
	},
	"small": {
		Pods: 1000, Widgets: 500, Namespaces: 20, Objects: 2000, Runs: 1,
		Changes: 20, Unrelated: 20, StormRate: 100, storm: 5 * time.Second,
		QuietPods: 100, quiet: 20 * time.Second,
		GrowthObjects: []int{500, 1000, 2000}, GrowthRules: []int{10, 30}, GrowthScopes: []int{1, 5},
	},
}

// sections are the measurements, in the order of the points of docs/performance.md.
var sections = []string{"sync", "memory", "change", "storm", "quiet", "start", "growth", "hostile"}

// bench is what the measurements share: a cluster that grows, and the report.
type bench struct {
	settings
	*report
	env      *testenv.Env
	dir      string // for binaries, kubeconfigs and logs
	operator string // the operator's binary
	created  int    // pods so far
	rounds   int    // of changes that no rule reads
}

// runSections measures in the order in which the cluster grows. The quiet operator has a control plane of its own, so
// that its ten minutes pass beside the rest; idle, it takes a few hundredths of a processor. Nothing is measured until
// it is idle, but the other control plane starts meanwhile.
func runSections(ctx context.Context, s settings, r *report, wanted map[string]bool) error {
	b := &bench{settings: s, report: r}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	g, ctx := errgroup.WithContext(ctx)
	ready := make(chan struct{})
	if wanted["quiet"] {
		g.Go(func() error { return named("quiet", b.quietOperator(ctx, ready)) })
		delete(wanted, "quiet")
	} else {
		close(ready)
	}
	if len(wanted) > 0 {
		g.Go(func() error { return b.withCluster(ctx, wanted, ready) })
	}
	return g.Wait()
}

func named(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func (b *bench) prepare(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "isms-bench-")
	if err != nil {
		return fmt.Errorf("working directory: %w", err)
	}
	b.dir = dir
	b.say("building the operator")
	b.operator, err = buildOperator(ctx, dir)
	return err
}

func (b *bench) withCluster(ctx context.Context, wanted map[string]bool, ready <-chan struct{}) error {
	env, err := startCluster(ctx, b.Namespaces)
	if err != nil {
		return err
	}
	defer func() { _ = env.Stop() }()
	b.env = env
	if err := b.pods(ctx, b.GrowthObjects[0]); err != nil {
		return err
	}
	select {
	case <-ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	var errs []error
	for _, step := range []struct {
		section string
		run     func(context.Context) error
	}{
		{"growth", b.growthFewObjects},
		{"sync", b.sync},
		{"hostile", b.hostile},
		{"growth", b.growthRules},
		{"growth", b.growthScopes},
		{"sync", b.syncWidgets},
		{"memory", b.peak},
		{"change", b.change},
		{"storm", b.storms},
		{"start", b.restart},
		{"growth", b.growthManyObjects},
		{"memory", b.heap},
	} {
		if !wanted[step.section] {
			continue
		}
		if err := named(step.section, step.run(ctx)); err != nil {
			b.say("%v", err)
			errs = append(errs, err) // the others are measured all the same
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}
