// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
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

// beside is the load of ten ordinary rules, the last of which a label turns, with the hostile ones beside it or without.
func (b *bench) beside(hostile bool) load {
	all := ismsControls()
	l := load{scopes: []*isms.ISMSScope{scope(benchScope)}, controls: append(all[:9:9], all[len(all)-flipping]), subjects: b.created}
	if hostile {
		l.scopes = append(l.scopes, scope("tenant"))
		l.hostile = controls("tenant", "v1", "Pod", hostileRules, len(hostileRules))
	}
	return l
}

// hostile is point 10: what rules that are made to cost much take from others, in the first evaluation of all pods and
// from a change to its verdict. How often others are evaluated is a test without a clock.
func (b *bench) hostile(ctx context.Context) error {
	if err := b.pods(ctx, b.Pods); err != nil {
		return err
	}
	var syncs, verdicts [2][]float64
	for run := range b.Runs + 1 {
		for i, hostile := range []bool{false, true} {
			s, err := runEngineThen(ctx, b.env.Config, b.beside(hostile), func(ctx context.Context, e *engine.Engine) error {
				if run == 0 || run > 3 {
					return nil // the API server's caches are warm from the second on, and verdicts are many
				}
				took, err := b.verdictTimes(ctx, e)
				verdicts[i] = append(verdicts[i], took...)
				return err
			})
			if err != nil {
				return err
			}
			if run > 0 {
				syncs[i] = append(syncs[i], s.Seconds)
			}
		}
	}
	b.atMost(slowdown, figure{
		Point: 10, Name: fmt.Sprintf("sync of %d pods, 10 rules beside %d hostile ones, to alone", b.created, len(hostileRules)),
		Measured: slices.Min(syncs[1]) / slices.Min(syncs[0]), Unit: "x",
		Detail: fmt.Sprintf("the best of each; seconds alone %s, beside %s", list(syncs[0]), list(syncs[1])),
	})
	if len(verdicts[0]) == 0 {
		return nil
	}
	b.atMost(slowdown, figure{
		Point: 10, Name: "change to verdict, median, beside hostile rules, to alone",
		Measured: median(verdicts[1]) / median(verdicts[0]), Unit: "x",
		Detail: fmt.Sprintf("%d changes each; alone %.1f ms (99%%: %.1f), beside %.1f ms (%.1f)", len(verdicts[0]),
			median(verdicts[0]), quantile(verdicts[0], 0.99), median(verdicts[1]), quantile(verdicts[1], 0.99)),
	})
	return nil
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
