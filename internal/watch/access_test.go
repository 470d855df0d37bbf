// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	clocktesting "k8s.io/utils/clock/testing"
)

// authorizer answers SubjectAccessReviews, and counts them.
type authorizer struct {
	allow atomic.Bool
	err   atomic.Pointer[error]
	asked atomic.Int64
	last  atomic.Pointer[authorizationv1.SubjectAccessReviewSpec]
	// starting: it does not call itself ready.
	starting atomic.Bool
}

func (a *authorizer) review(action clienttesting.Action) (bool, runtime.Object, error) {
	a.asked.Add(1)
	if err := a.err.Load(); err != nil {
		return true, nil, *err
	}
	review := action.(clienttesting.CreateAction).GetObject().(*authorizationv1.SubjectAccessReview).DeepCopy()
	a.last.Store(&review.Spec)
	review.Status.Allowed = a.allow.Load()
	return true, review, nil
}

var pods = Right{
	Account: types.NamespacedName{Namespace: "isms", Name: "reader"}, Verb: "list", Resource: schema.GroupResource{Resource: "pods"},
}

func startAccess(t *testing.T, objects ...runtime.Object) (*Access, *authorizer, *clocktesting.FakeClock, *atomic.Int64) {
	t.Helper()
	client, answers := fake.NewClientset(objects...), &authorizer{}
	client.PrependReactor("create", "subjectaccessreviews", answers.review)
	c, changes := clocktesting.NewFakeClock(time.Unix(0, 0)), &atomic.Int64{}
	a := NewAccess(client, func(context.Context) bool { return !answers.starting.Load() }, c, 0, func() { changes.Add(1) })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return a, answers, c, changes
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// after steps the clock by a fraction of the delay until the next question: what the queue has not taken up yet starts
// its delay later.
func after(t *testing.T, c *clocktesting.FakeClock, answers *authorizer, d time.Duration) {
	t.Helper()
	before := answers.asked.Load()
	eventually(t, "asked again", func() bool {
		if answers.asked.Load() > before {
			return true
		}
		c.Step(d / 4)
		time.Sleep(2 * time.Millisecond)
		return answers.asked.Load() > before
	})
}

func TestAnAnswerIsCachedAndAskedAgain(t *testing.T) {
	a, answers, c, changes := startAccess(t)
	answers.allow.Store(true)
	if d := a.Decide(pods); d != Undecided {
		t.Fatalf("before any answer: %v, want Undecided", d)
	}
	eventually(t, "allowed", func() bool { return a.Decide(pods) == Allowed })
	for range 100 {
		a.Decide(pods)
	}
	if n := answers.asked.Load(); n != 1 {
		t.Errorf("asked %d times, want 1", n)
	}
	spec := answers.last.Load()
	if spec.User != "system:serviceaccount:isms:reader" || len(spec.Groups) != 3 {
		t.Errorf("asked for user %s with groups %v", spec.User, spec.Groups)
	}
	answers.allow.Store(false)
	after(t, c, answers, refreshAfter)
	after(t, c, answers, askDoubtful) // a refusal of what was allowed is asked for once more
	eventually(t, "denied", func() bool { return a.Decide(pods) == Denied })
	if n := changes.Load(); n != 2 {
		t.Errorf("%d changes were told, want 2", n)
	}
}

func TestADenialIsAskedAgainSoonAndThenLessOften(t *testing.T) {
	a, answers, c, _ := startAccess(t)
	a.Decide(pods)
	eventually(t, "denied", func() bool { return a.Decide(pods) == Denied })
	after(t, c, answers, retryDenied)
	after(t, c, answers, 2*retryDenied)
	answers.allow.Store(true)
	after(t, c, answers, 4*retryDenied)
	eventually(t, "allowed", func() bool { return a.Decide(pods) == Allowed })
}

func TestTheLastAnswerStandsWhileTheAPIServerIsAway(t *testing.T) {
	a, answers, c, _ := startAccess(t)
	answers.allow.Store(true)
	a.Decide(pods)
	eventually(t, "allowed", func() bool { return a.Decide(pods) == Allowed })
	away := errors.New("connection refused")
	answers.err.Store(&away)
	after(t, c, answers, refreshAfter)
	if d := a.Decide(pods); d != Allowed {
		t.Errorf("%v, want Allowed", d)
	}
	var forbidden error = apierrors.NewForbidden(schema.GroupResource{Resource: "subjectaccessreviews"}, "", nil)
	answers.err.Store(&forbidden)
	after(t, c, answers, retryDenied)
	after(t, c, answers, askDoubtful)
	eventually(t, "unanswerable", func() bool { return a.Decide(pods) == Unanswerable })
}

// TestAStartingAPIServerIsNotBelieved: it refuses everybody until it has read the roles.
func TestAStartingAPIServerIsNotBelieved(t *testing.T) {
	a, answers, c, changes := startAccess(t)
	answers.allow.Store(true)
	a.Decide(pods)
	eventually(t, "allowed", func() bool { return a.Decide(pods) == Allowed })
	answers.allow.Store(false)
	answers.starting.Store(true)
	after(t, c, answers, refreshAfter)
	for range 3 {
		after(t, c, answers, askDoubtful)
	}
	answers.allow.Store(true)
	answers.starting.Store(false)
	after(t, c, answers, askDoubtful)
	if d, n := a.Decide(pods), changes.Load(); d != Allowed || n != 1 {
		t.Errorf("%v after %d changes, want Allowed after 1", d, n)
	}
}

func TestDoubt(t *testing.T) {
	start := time.Unix(0, 0)
	for name, tc := range map[string]struct {
		ready []bool // at the first refusal, a second later, ...
		every time.Duration
		want  int // the refusal that is believed
	}{
		"ready":       {[]bool{true, true}, time.Second, 2},
		"starting":    {[]bool{false, false, true, true}, time.Second, 4},
		"never ready": {[]bool{false, false, false, false}, doubtLasts / 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var d doubt
			for i, ready := range tc.ready {
				believed := d.confirms(start.Add(time.Duration(i)*tc.every), ready)
				if believed != (i+1 >= tc.want) {
					t.Fatalf("refusal %d: believed %v, want the refusal %d to be the first", i+1, believed, tc.want)
				}
			}
		})
	}
}

// TestAnswers: the API server is there if it answers, with a refusal too once it calls itself ready; each question counts.
func TestAnswers(t *testing.T) {
	a, answers, _, _ := startAccess(t)
	refusal := apierrors.NewForbidden(schema.GroupResource{}, "", nil)
	for _, tt := range []struct {
		err      error
		starting bool
		want     bool
	}{
		{nil, true, true},
		{refusal, true, false},
		{refusal, false, true},
		{apierrors.NewUnauthorized("expired"), false, false},
		{apierrors.NewServiceUnavailable(""), false, false},
		{errors.New("connection refused"), false, false},
	} {
		a.client.(*fake.Clientset).PrependReactor("create", "selfsubjectaccessreviews", func(clienttesting.Action) (bool, runtime.Object, error) {
			return true, &authorizationv1.SelfSubjectAccessReview{}, tt.err
		})
		answers.starting.Store(tt.starting)
		before := a.Asked()
		if got := a.Answers(t.Context()); got != tt.want || a.Asked() != before+1 {
			t.Errorf("%v, starting %t: %t, asked %d times", tt.err, tt.starting, got, a.Asked()-before)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if a.Answers(ended) {
		t.Error("an answer though nobody waits for one")
	}
}

func TestAnAccountMustExist(t *testing.T) {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "isms", Name: "reader"}}
	a, _, _, _ := startAccess(t, account)
	there, absent := pods, pods
	there.Verb, absent.Verb, absent.Account.Name = Exists, Exists, "ghost"
	eventually(t, "one exists and the other does not", func() bool { return a.Decide(there) == Allowed && a.Decide(absent) == Denied })
}

func TestWhatNobodyReadsIsForgotten(t *testing.T) {
	a, answers, c, _ := startAccess(t)
	answers.allow.Store(true)
	a.Decide(pods)
	eventually(t, "answered", func() bool { return answers.asked.Load() == 1 })
	eventually(t, "forgotten", func() bool {
		c.Step(forgetAfter)
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.answers) == 0
	})
}

func TestAllIsTheWeakest(t *testing.T) {
	for _, tc := range []struct {
		in   []Decision
		want Decision
	}{
		{nil, Allowed},
		{[]Decision{Allowed, Allowed}, Allowed},
		{[]Decision{Allowed, Undecided}, Undecided},
		{[]Decision{Undecided, Unanswerable}, Unanswerable},
		{[]Decision{Unanswerable, Undecided}, Unanswerable},
		{[]Decision{Undecided, Unanswerable, Denied, Allowed}, Denied},
	} {
		if got := All(tc.in...); got != tc.want {
			t.Errorf("All(%v) = %v, want %v", tc.in, got, tc.want)
		}
	}
}
