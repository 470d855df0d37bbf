// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
)

// ordinary are ten rules as they are written for pods.
var ordinary = []string{
	`!object.spec.?hostNetwork.orValue(false)`, `!object.spec.?hostPID.orValue(false)`, `!object.spec.?hostIPC.orValue(false)`,
	`object.spec.containers.all(c, !c.?securityContext.?privileged.orValue(false))`,
	`object.spec.containers.all(c, !c.?securityContext.?allowPrivilegeEscalation.orValue(true))`,
	`object.spec.containers.all(c, c.?resources.?limits[?'memory'].hasValue())`,
	`object.spec.containers.all(c, c.image.startsWith('registry.example.com/'))`,
	`object.spec.containers.all(c, !c.image.endsWith(':latest') && c.image.contains(':'))`,
	`object.spec.?securityContext.?runAsNonRoot.orValue(false)`,
	`object.metadata.?labels[?'app.kubernetes.io/name'].hasValue()`,
}

// hostileStream has ten ordinary rules and, where it is told to, some that cost as much as they may.
func hostileStream(t testing.TB, hostile int) *stream {
	t.Helper()
	s := newPodStream(clock.RealClock{})
	w := &wish{columns: map[columnKey]*planColumn{}}
	rules := slices.Clone(ordinary)
	for i := range hostile {
		rules = append(rules, fmt.Sprintf("%s && object.metadata.name != '%d'", costly, i))
	}
	for _, text := range rules {
		p, err := check.Compile(check.Rule{Kind: s.key.kind, Expect: text}, check.Options{})
		if err != nil {
			t.Fatal(err)
		}
		key := columnKey{Key: rule.Key{Digest: p.Digest()}}
		w.columns[key] = &planColumn{key: key, program: p, namespaces: map[string]uint64{"a": 0}}
	}
	s.replan(w)
	s.Replace(nil)
	return s
}

// TestAHostileRuleSlowsNoOther prints how much longer the events of a kind take to be evaluated beside hostile rules, with
// the worker busy on these. That they wait apart is asserted; time is not.
func TestAHostileRuleSlowsNoOther(t *testing.T) {
	if testing.Short() {
		t.Skip("measures for some seconds")
	}
	var pods []*corev1.Pod
	for i := range 300 {
		pods = append(pods, pod("a", fmt.Sprint("p-", i), containers(12)))
	}
	alone := hostileStream(t, 0)
	for _, n := range []int{1, 2} {
		beside := hostileStream(t, n)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			for ctx.Err() == nil {
				if !beside.evaluateDeferred(ctx) {
					time.Sleep(time.Millisecond)
				}
			}
		}()
		measure(beside, pods)
		for range 4 { // until what the hostile rules may cost the stream is spent
			measure(beside, pods)
		}
		for _, c := range beside.plan.Load().columns {
			if c.program.Digest() != "" && c.budget.excess > 0 && !c.budget.isHeavy() {
				t.Error("a hostile rule still holds up the stream")
			}
		}
		var a, b []time.Duration
		for range 9 {
			a, b = append(a, measure(alone, pods)), append(b, measure(beside, pods))
		}
		slices.Sort(a)
		slices.Sort(b)
		t.Logf("%d hostile: ten rules on %d pods take %v alone and %v beside, ratio %.2f", n, len(pods), a[4], b[4], float64(b[4])/float64(a[4]))
		cancel()
		<-done
	}
}

func measure(s *stream, pods []*corev1.Pod) time.Duration {
	start := time.Now()
	for _, p := range pods {
		s.Apply(s.Reevaluate(p))
	}
	return time.Since(start)
}
