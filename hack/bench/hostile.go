// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/engine"
)

// hostileRules are of another tenant, and each would have all rules on pods evaluated whenever a pod changes in anything, or
// leaves none that is like another: one costs much, and the others read what always changes, what no two pods have in
// common, or what is not there.
var hostileRules = []string{
	`object.spec.containers.all(a, object.spec.containers.all(b, a.args.all(x, b.args.all(y, a.env.all(e, b.env.all(f,
		!x.contains(y + e.name + f.value) || !y.contains(x + f.name + e.value)))))))`,
	`object.metadata.resourceVersion != ''`,
	`object.metadata.annotations.all(k, object.metadata.annotations[k] != '')`,
	`object.metadata.name.startsWith('app-') && object.metadata.uid != ''`,
	`object.metadata.labels['there-is-none'] == ''`,
}

// slowdown is how much slower a hostile rule may make others: a tenth.
const slowdown = 1.1

// beside is the load of ten ordinary rules, the last of which a label turns, with hostile ones beside it.
func (b *bench) beside(hostile ...string) load {
	all := ismsControls()
	l := load{scopes: []*isms.ISMSScope{scope(benchScope)}, controls: append(all[:9:9], all[len(all)-flipping]), subjects: b.created}
	if len(hostile) > 0 {
		l.scopes = append(l.scopes, scope("tenant"))
		l.hostile = controls("tenant", "v1", "Pod", hostile, len(hostile))
	}
	return l
}

// company is what ten ordinary rules are measured beside.
type company struct {
	rules    []string
	syncs    []float64 // seconds
	work     []float64 // seconds of the client's processor time
	verdicts []float64 // milliseconds, of nobody and of all hostile rules only
}

// hostile is point 10: what rules that are made to cost much take from others, in the first evaluation of all pods, beside each
// and beside all of them, and from a change to its verdict. How often others are evaluated is a test without a clock.
func (b *bench) hostile(ctx context.Context) error {
	if err := b.pods(ctx, b.Pods); err != nil {
		return err
	}
	alone, beside := &company{}, &company{rules: hostileRules}
	all := []*company{alone, beside}
	for i := range hostileRules {
		all = append(all, &company{rules: hostileRules[i : i+1]})
	}
	for run := range b.Runs + 1 {
		for _, c := range all {
			s, err := runEngineThen(ctx, b.env.Config, b.beside(c.rules...), func(ctx context.Context, e *engine.Engine) error {
				if run == 0 || run > 3 || c != alone && c != beside {
					return nil // the API server's caches are warm from the second on, and verdicts are many
				}
				took, err := b.verdictTimes(ctx, e)
				c.verdicts = append(c.verdicts, took...)
				return err
			})
			if err != nil {
				return err
			}
			if run > 0 {
				c.syncs, c.work = append(c.syncs, s.Seconds), append(c.work, s.CPU)
			}
		}
	}
	b.reportHostile(alone, beside, all[2:])
	return nil
}

func (b *bench) reportHostile(alone, beside *company, each []*company) {
	against := func(c *company) float64 { return slices.Min(c.syncs) / slices.Min(alone.syncs) }
	worst := slices.MaxFunc(each, func(x, y *company) int { return cmp.Compare(against(x), against(y)) })
	ratios := make([]float64, 0, len(each))
	for _, c := range each {
		ratios = append(ratios, against(c))
	}
	b.atMost(slowdown, figure{
		Point: 10, Name: fmt.Sprintf("sync of %d pods, 10 rules beside a hostile one, to alone, the worst of %d", b.created, len(each)),
		Measured: against(worst), Unit: "x", Detail: fmt.Sprintf("the best of each; ratios by rule %s", list(ratios)),
	})
	b.atMost(slowdown, figure{
		Point: 10, Name: fmt.Sprintf("sync of %d pods, 10 rules beside %d hostile ones, to alone", b.created, len(hostileRules)),
		Measured: against(beside), Unit: "x",
		Detail: fmt.Sprintf("the best of each; seconds alone %s, beside %s; client CPU %.2fx", list(alone.syncs), list(beside.syncs),
			median(beside.work)/median(alone.work)),
	})
	if len(alone.verdicts) == 0 {
		return
	}
	b.atMost(slowdown, figure{
		Point: 10, Name: "change to verdict, median, beside hostile rules, to alone",
		Measured: median(beside.verdicts) / median(alone.verdicts), Unit: "x",
		Detail: fmt.Sprintf("%d changes each; alone %.1f ms (99%%: %.1f), beside %.1f ms (%.1f)", len(alone.verdicts),
			median(alone.verdicts), quantile(alone.verdicts, 0.99), median(beside.verdicts), quantile(beside.verdicts, 0.99)),
	})
}

// verdictTimes turns a rule there and back, while other pods change in nothing that ordinary rules read, and returns the
// milliseconds from the API server's answer until the engine names the Control.
func (b *bench) verdictTimes(ctx context.Context, e *engine.Engine) ([]float64, error) {
	c, err := newClient(b.env.Config)
	if err != nil {
		return nil, err
	}
	key := types.NamespacedName{Namespace: home, Name: benchScope + "-flip-0"}
	news := make(chan struct{}, 1)
	e.OnChange(func(change engine.Change) {
		if change.Control == key {
			select {
			case news <- struct{}{}:
			default:
			}
		}
	})
	unrelated := b.annotated()
	t, err := b.traffic(ctx, b.Unrelated, func(i int) *corev1.Pod { return unrelated(flipping + i%(b.created-flipping)) })
	if err != nil {
		return nil, err
	}
	defer t.stop()
	var took []float64
	for i := range b.Changes / 10 {
		bad := i%2 == 0
		select {
		case <-news: // of the change before
		default:
		}
		if err := c.Update(ctx, b.flipped(0, bad)); err != nil {
			return nil, fmt.Errorf("change: %w", err)
		}
		answered := time.Now()
		if err := turned(ctx, e, key, news, bad); err != nil {
			return nil, err
		}
		took = append(took, float64(time.Since(answered).Microseconds())/1000)
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return took, b.unflip(ctx, c)
}

// turned waits until the engine names a rule that fails, or passes again.
func turned(ctx context.Context, e *engine.Engine, key types.NamespacedName, news <-chan struct{}, bad bool) error {
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limit.C:
			return fmt.Errorf("%s has not turned after 30 s", key.Name)
		case <-news:
		}
		if (e.Snapshot(key)["rule"].Counts.Failing > 0) == bad {
			return nil
		}
	}
}
