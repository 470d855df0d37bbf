// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/utils/clock"
	"pgregory.net/rapid"
)

func question(tenant string, i int) Right {
	r := pods
	r.Account.Namespace, r.Namespace = tenant, fmt.Sprint("n-", i)
	return r
}

// TestTenantsTakeTurns: whatever comes and goes, between two questions of one tenant each other that waits has one
// answered, and the questions of one tenant keep their order.
func TestTenantsTakeTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, model, served := newFair(), map[string][]Right{}, map[string]int{}
		asked, size := 0, 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if size == 0 || rapid.IntRange(0, 2).Draw(t, "push") > 0 {
				tenant := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "tenant")
				if len(model[tenant]) == 0 {
					for other := range served { // whoever comes anew has no claim to the past
						served[other] = 0
					}
				}
				r := question(tenant, asked)
				f.Push(r)
				model[tenant] = append(model[tenant], r)
				asked++
				size++
			} else {
				got := f.Pop()
				tenant := got.Account.Namespace
				if len(model[tenant]) == 0 || model[tenant][0] != got {
					t.Fatalf("got %v, want the first of %v", got, model[tenant])
				}
				model[tenant] = model[tenant][1:]
				served[tenant]++
				size--
				for other, waiting := range model {
					if other != tenant && len(waiting) > 0 && served[tenant] > served[other]+2 {
						t.Fatalf("%s was served %d times, %s, which waits, %d times", tenant, served[tenant], other, served[other])
					}
				}
			}
			if f.Len() != size {
				t.Fatalf("length %d, want %d", f.Len(), size)
			}
		}
	})
}

// reviews is the moments at which an API server that allows everything was asked.
type reviews struct {
	mu sync.Mutex
	at []time.Time
}

// startAllowing runs a cache in the bubble of a test, against that API server.
func startAllowing(t *testing.T) (*Access, *reviews) {
	t.Helper()
	client, out := fake.NewClientset(), &reviews{}
	client.PrependReactor("create", "subjectaccessreviews", func(action clienttesting.Action) (bool, runtime.Object, error) {
		out.mu.Lock()
		out.at = append(out.at, time.Now())
		out.mu.Unlock()
		review := action.(clienttesting.CreateAction).GetObject().(*authorizationv1.SubjectAccessReview).DeepCopy()
		review.Status.Allowed = true
		return true, review, nil
	})
	a := NewAccess(client, func(context.Context) bool { return true }, clock.RealClock{}, 0, func() {})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return a, out
}

// within is how many reviews were asked for from a moment on, for some time.
func (r *reviews) within(from time.Time, d time.Duration) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, at := range r.at {
		if !at.Before(from) && at.Before(from.Add(d)) {
			n++
		}
	}
	return n
}

// wants reads the answers to a tenant's questions for a while, as a planner does.
func wants(a *Access, tenant string, questions int, d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(10 * time.Second) {
		for i := range questions {
			a.Decide(question(tenant, i))
		}
	}
}

// TestAnotherTenantsQuestionsDelayNobody: with thousands of questions of one tenant waiting, at one a second, each of
// another's is answered two seconds after the one before; and in the long run there is one review a second.
func TestAnotherTenantsQuestionsDelayNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, reviews := startAllowing(t)
		const many = 1500
		wants(a, "greedy", many, 10*time.Minute) // the burst is long over
		for i := range 5 {
			a.Decide(question("modest", i))
		}
		time.Sleep(13 * time.Second)
		for i := range 5 {
			if d := a.Decide(question("modest", i)); d != Allowed {
				t.Errorf("question %d is %v after thirteen seconds", i, d)
			}
		}
		if d := a.Decide(question("greedy", many-1)); d != Undecided {
			t.Errorf("the last of %d questions is %v, so nobody had to wait", many, d)
		}
		start := time.Now()
		wants(a, "greedy", many, time.Hour)
		if n := reviews.within(start, time.Hour); n > 3601 || n < 3590 {
			t.Errorf("%d reviews in an hour, want one a second", n)
		}
	})
}

// TestABurstIsNotRepeated: what was asked at once is asked again one a second, each every three minutes.
func TestABurstIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, reviews := startAllowing(t)
		const some = 100
		start := time.Now()
		wants(a, "a", some, time.Hour)
		if n := reviews.within(start, time.Second); n != some {
			t.Errorf("%d questions are asked at once, want all %d", n, some)
		}
		for second := time.Second; second < time.Hour; second += time.Second {
			if n := reviews.within(start.Add(second), time.Second); n > 1 {
				t.Errorf("%d reviews in the second after %s", n, second)
			}
		}
		const later = 30 * time.Minute
		if n := reviews.within(start.Add(later), refreshAfter); n != some {
			t.Errorf("%d questions are asked again in %s, want all %d", n, refreshAfter, some)
		}
	})
}
