// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
)

// Decision is what is known about a right.
type Decision int

// A right is Undecided until the API server has answered.
const (
	Undecided Decision = iota
	Allowed
	Denied
	// Unanswerable: the operator itself may not ask.
	Unanswerable
)

// Right is one question: may this service account do that, there? An empty namespace means cluster-wide.
// The verb Exists asks for the account itself.
type Right struct {
	Account   types.NamespacedName
	Verb      string
	Resource  schema.GroupResource
	Namespace string
}

// Exists is the verb of the question whether the account exists.
const Exists = "exists"

const (
	// refreshAfter is how long an answer stands, by default, before it is asked again.
	refreshAfter = 3 * time.Minute
	// forgetAfter is how long an answer that nobody reads is kept.
	forgetAfter = 15 * time.Minute
	// retryDenied is the first delay after a denial; it doubles up to that of any answer. Account, binding and rule often
	// arrive in one apply.
	retryDenied = 2 * time.Second
)

// Access answers questions about rights from a cache that it keeps fresh with SubjectAccessReviews: at most one a
// second in the long run, with a burst for a start. Where more is asked than that allows, tenants take turns, and an
// answer stands for longer.
type Access struct {
	client  kubernetes.Interface
	clock   clock.WithTicker
	limiter *rate.Limiter
	ready   Ready
	changed func()
	again   time.Duration // how long an answer stands
	asked   atomic.Uint64
	queue   workqueue.TypedDelayingInterface[Right]

	mu      sync.Mutex
	answers map[Right]*answer
	last    map[string]time.Time // by tenant: when the last of its answers is asked again
}

type answer struct {
	decision Decision
	used     time.Time
	denials  int
	doubt    doubt
}

// NewAccess returns a cache whose answers are asked again after a while, 0 meaning three minutes; changed is called,
// from Run's goroutine, whenever an answer changes.
func NewAccess(client kubernetes.Interface, ready Ready, c clock.WithTicker, again time.Duration, changed func()) *Access {
	if again == 0 {
		again = refreshAfter
	}
	return &Access{
		client:  client,
		clock:   c,
		ready:   ready,
		limiter: rate.NewLimiter(1, 200),
		changed: changed,
		again:   again,
		queue: workqueue.NewTypedDelayingQueueWithConfig(workqueue.TypedDelayingQueueConfig[Right]{
			Clock: c, Queue: workqueue.NewTypedWithConfig(workqueue.TypedQueueConfig[Right]{Clock: c, Queue: newFair()}),
		}),
		answers: map[Right]*answer{},
		last:    map[string]time.Time{},
	}
}

// Run asks the API server until the context ends.
func (a *Access) Run(ctx context.Context) {
	stop := context.AfterFunc(ctx, a.queue.ShutDown)
	defer stop()
	for {
		right, shutdown := a.queue.Get()
		if shutdown {
			return
		}
		if a.limiter.Wait(ctx) == nil {
			a.ask(ctx, right)
		}
		a.queue.Done(right)
	}
}

// Asked is how many questions the API server was asked since the start.
func (a *Access) Asked() uint64 { return a.asked.Load() }

// Waiting is how many questions wait for their turn.
func (a *Access) Waiting() int { return a.queue.Len() }

// Answers reports whether the API server answers at the moment: it is asked for a review, at the rate of all the others. One
// that refuses the review itself must call itself ready besides, since an API server that starts refuses everybody.
func (a *Access) Answers(ctx context.Context) bool {
	if a.limiter.Wait(ctx) != nil {
		return false
	}
	a.asked.Add(1)
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "watch", Group: "isms-operator.io", Resource: "ismsscopes"},
	}}
	_, err := a.client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	return err == nil || apierrors.IsForbidden(err) && a.ready(ctx)
}

// Decide answers one question from the cache. A question not asked before is Undecided and is asked.
func (a *Access) Decide(r Right) Decision {
	a.mu.Lock()
	defer a.mu.Unlock()
	x, ok := a.answers[r]
	if !ok {
		x = &answer{}
		a.answers[r] = x
		a.queue.Add(r)
	}
	x.used = a.clock.Now()
	return x.decision
}

// All is the weakest of several decisions.
func All(ds ...Decision) Decision {
	out := Allowed
	for _, d := range ds {
		switch {
		case d == Denied:
			return Denied
		case d == Unanswerable:
			out = Unanswerable
		case d == Undecided && out == Allowed:
			out = Undecided
		}
	}
	return out
}

func (a *Access) ask(ctx context.Context, r Right) {
	a.mu.Lock()
	x, ok := a.answers[r]
	if !ok || a.clock.Since(x.used) > forgetAfter {
		delete(a.answers, r)
		a.mu.Unlock()
		return
	}
	a.mu.Unlock()

	decision, err := a.review(ctx, r)
	if apierrors.IsForbidden(err) {
		decision, err = Unanswerable, nil
	}
	taken := err == nil && decision != Allowed && a.standing(x) == Allowed
	ready := taken && a.ready(ctx)
	a.mu.Lock()
	next := a.again
	old := x.decision
	switch {
	case err != nil: // the last answer stands while the API server can't be reached
		next = retryDenied
	case taken && !x.doubt.confirms(a.clock.Now(), ready):
		next = askDoubtful
	default:
		x.decision, x.doubt = decision, doubt{}
	}
	if x.decision == Denied || x.decision == Unanswerable {
		next = min(a.again, retryDenied<<min(x.denials, 10))
		x.denials++
	} else {
		x.denials = 0
	}
	if next == a.again {
		next = a.spread(r.Account.Namespace)
	}
	changed := x.decision != old
	a.mu.Unlock()
	a.queue.AddAfter(r, next)
	if changed {
		a.changed()
	}
}

// spread is how long an answer stands: what was asked in one burst is asked again a second apart.
func (a *Access) spread(tenant string) time.Duration {
	now := a.clock.Now()
	due := now.Add(a.again)
	if next := a.last[tenant].Add(time.Second); due.Before(next) {
		due = next
	}
	a.last[tenant] = due
	return due.Sub(now)
}

func (a *Access) standing(x *answer) Decision {
	a.mu.Lock()
	defer a.mu.Unlock()
	return x.decision
}

// review asks the API server. An account carries the groups that the API server gives every service account.
func (a *Access) review(ctx context.Context, r Right) (Decision, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	a.asked.Add(1)
	if r.Verb == Exists {
		_, err := a.client.CoreV1().ServiceAccounts(r.Account.Namespace).Get(ctx, r.Account.Name, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			return Denied, nil
		case err != nil:
			return Undecided, err
		}
		return Allowed, nil
	}
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User:   "system:serviceaccount:" + r.Account.Namespace + ":" + r.Account.Name,
		Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + r.Account.Namespace, "system:authenticated"},
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: r.Verb, Group: r.Resource.Group, Resource: r.Resource.Resource, Namespace: r.Namespace,
		},
	}}
	out, err := a.client.AuthorizationV1().SubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return Undecided, err
	}
	if out.Status.Allowed {
		return Allowed, nil
	}
	return Denied, nil
}
