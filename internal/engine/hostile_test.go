// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// ordinary are ten rules as they are written for pods.
var ordinary = []string{
	`!object.spec.?hostNetwork.orValue(false)`, `!object.spec.?hostPID.orValue(false)`, `!object.spec.?hostIPC.orValue(false)`,
	`object.spec.containers.all(c, !c.?securityContext.?privileged.orValue(false))`,
	`object.spec.containers.all(c, c.?securityContext.?allowPrivilegeEscalation.orValue(true))`,
	`object.spec.containers.all(c, !c.?resources.?limits[?'memory'].hasValue())`,
	`object.spec.containers.all(c, !c.image.startsWith('registry.example.com/'))`,
	`object.spec.containers.all(c, !c.image.endsWith(':latest'))`,
	`!object.spec.?securityContext.?runAsNonRoot.orValue(false)`,
	`!object.metadata.?labels[?'app.kubernetes.io/name'].hasValue()`,
}

// hostile are the ways that are known to have other rules evaluated when nothing has changed for them.
var hostile = []struct {
	name  string
	rules []check.Rule
	limit uint64
}{
	{"costs much", []check.Rule{{Expect: costly}}, 0},
	{"two cost much", []check.Rule{{Expect: costly}, {Expect: costly + ` && object.metadata.name != ''`}}, 0},
	{"is suspended", []check.Rule{{Expect: costly}}, 20_000},
	{"reads the revision", []check.Rule{{Expect: `object.metadata.resourceVersion != ''`}}, 0},
	{"reads all", []check.Rule{{Expect: `object != {}`}}, 0},
	{"reads an annotation that always changes", []check.Rule{{Expect: `object.metadata.annotations['beat'] != ''`}}, 0},
	{"reads a status that always changes", []check.Rule{{Expect: `object.status.?message.orValue('') != 'x'`}}, 0},
	{"reads an annotation, of some", []check.Rule{{Where: `object.metadata.name < 'p-2'`, Expect: `object.metadata.annotations['beat'] != ''`}}, 0},
	{"reads names", []check.Rule{{Expect: `object.metadata.name != ''`}}, 0},
	{"reads what each replica has its own of", []check.Rule{{Expect: `object.spec.volumes.all(v, v.name != '')`}}, 0},
	{"ends in errors", []check.Rule{{Expect: `object.metadata.labels['none'] == ''`}}, 0},
	{"reads now", []check.Rule{{Expect: `timestamp(object.metadata.creationTimestamp) < now`}}, 0},
	{"is a Set", []check.Rule{{Set: true, Expect: `objects.size() > 0`}}, 0},
}

// hostileStream has ten ordinary rules, and others beside them.
func hostileStream(t testing.TB, c clock.WithTicker, rules []check.Rule, limit uint64) *stream {
	t.Helper()
	s := newPodStream(c)
	w := &wish{columns: map[columnKey]*planColumn{}}
	for _, text := range ordinary {
		rules = append(rules, check.Rule{Expect: text})
	}
	for _, r := range rules {
		r.Kind = s.key.kind
		p, err := check.Compile(r, check.Options{CostLimit: limit})
		if err != nil {
			t.Fatal(err)
		}
		key := columnKey{Key: rule.Key{Digest: p.Digest()}}
		w.columns[key] = &planColumn{key: key, program: p, keeps: p.Set() || p.ReadsNow(), namespaces: map[string]uint64{"a": 0}}
	}
	s.replan(w)
	return s
}

// replicasOf are pods of some Deployments of five each, as they are after so many changes of what ordinary rules don't read.
func replicasOf(deployments, change int) []*corev1.Pod {
	var out []*corev1.Pod
	for i := range deployments * 5 {
		p := pod("a", fmt.Sprintf("p-%d-%d", i/5, i%5))
		for n := range 12 {
			p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: fmt.Sprintf("c-%d-%d", i/5, n), Image: "app:1"})
		}
		p.Labels = map[string]string{"instance": fmt.Sprint(i / 5)}
		p.Annotations = map[string]string{"beat": fmt.Sprint(change)}
		p.ResourceVersion = fmt.Sprint(change*1000 + i)
		p.CreationTimestamp = metav1.NewTime(time.Unix(int64(-i), 0))
		p.Status.Message = fmt.Sprint(change)
		p.Spec.Volumes = []corev1.Volume{{Name: "token-" + p.Name}}
		out = append(out, p)
	}
	return out
}

// evaluated is how often the ordinary rules were evaluated so far.
func (s *stream) evaluated(t testing.TB) uint64 {
	t.Helper()
	var n uint64
	for _, text := range ordinary {
		p, err := check.Compile(check.Rule{Kind: s.key.kind, Expect: text}, check.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n += s.columns[columnKey{Key: rule.Key{Digest: p.Digest()}}].budget.evaluations.Load()
	}
	return n
}

// live has a stream list its pods and follow changes of all of them.
func live(s *stream, deployments, changes int) {
	var records []watch.Record
	for _, p := range replicasOf(deployments, 0) {
		records = append(records, s.Evaluate(asSent(p)))
	}
	s.Replace(records)
	for n := range changes {
		for _, p := range replicasOf(deployments, n+1) {
			s.Apply(s.Reevaluate(asSent(p)))
		}
	}
}

// TestAHostileRuleSlowsNoOther: a rule that costs much, that is suspended, or that reads what always changes or what no two
// objects have in common, has other rules evaluated hardly more often than they are without it: not at all where its text
// tells, else until it is found out, which takes some hundred objects of a list, or some events of sampled objects.
func TestAHostileRuleSlowsNoOther(t *testing.T) {
	const deployments, changes = 400, 4
	alone := hostileStream(t, testclock.NewFakeClock(time.Unix(0, 0)), nil, 0)
	live(alone, deployments, changes)
	want := alone.evaluated(t)
	if all := uint64(deployments * 10); want != all {
		t.Fatalf("%d evaluations of ordinary rules alone, want one for each Deployment and rule: %d", want, all)
	}
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			s := hostileStream(t, testclock.NewFakeClock(time.Unix(0, 0)), h.rules, h.limit)
			live(s, deployments, changes)
			got := s.evaluated(t)
			t.Logf("%d evaluations of ordinary rules, %d alone; %d could be for nothing", got, want, 10*5*deployments*(1+changes))
			// Until it is found out: some neighbours of the list, or some events of sampled objects, and then all once more.
			if got > want+10*5*deployments {
				t.Errorf("others are evaluated %d times, %d alone", got, want)
			}
			live(s, deployments, 1)
			if more := s.evaluated(t) - got; more > want*12/10 {
				t.Errorf("after it was found out others are evaluated %d times in a list and a change of all, %d alone", more, want)
			}
		})
	}
}

// BenchmarkHostile is what an event that changes nothing for ten ordinary rules costs, alone and beside hostile ones.
func BenchmarkHostile(b *testing.B) {
	run := func(name string, rules []check.Rule, limit uint64) {
		b.Run(name, func(b *testing.B) {
			s := hostileStream(b, testclock.NewFakeClock(time.Unix(0, 0)), rules, limit)
			live(s, 60, 20)
			var pods [2][]*watch.EncodedObject
			for i := range pods {
				for _, p := range replicasOf(60, 100+i) {
					pods[i] = append(pods[i], asSent(p))
				}
			}
			n := 0
			for b.Loop() {
				s.Apply(s.Reevaluate(pods[n/300%2][n%300]))
				n++
			}
		})
	}
	run("alone", nil, 0)
	for _, h := range hostile {
		run(h.name, h.rules, h.limit)
	}
}

// TestAChangeCostsTheRulesOfItsKindOnce, and no other object: whatever was evaluated before, a change of what a rule reads is one
// evaluation of each rule, a change of anything else none, and so is the end of an object.
func TestAChangeCostsTheRulesOfItsKindOnce(t *testing.T) {
	s := hostileStream(t, testclock.NewFakeClock(time.Unix(0, 0)), nil, 0)
	live(s, 3, 0) // so few that nothing is learned of them
	pods, before := replicasOf(3, 1), s.evaluated(t)
	spent := func(want uint64) {
		t.Helper()
		now := s.evaluated(t)
		if now-before != want {
			t.Errorf("%d evaluations, want %d", now-before, want)
		}
		before = now
	}
	for i, p := range pods {
		s.Apply(s.Reevaluate(asSent(p)))
		spent(0)
		p.Spec.Containers[0].Image = fmt.Sprint("app:", i+2)
		s.Apply(s.Reevaluate(asSent(p)))
		spent(uint64(len(ordinary)))
		s.Delete(p.Namespace, p.Name)
		spent(0)
	}
}
