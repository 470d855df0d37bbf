// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
)

// refusing is an API server that has one scope, and takes no log.
type refusing struct {
	client.Client
	scope *isms.ISMSScope
}

func (r *refusing) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	scope, ok := into.(*isms.ISMSScope)
	if !ok || r.scope == nil {
		return apierrors.NewNotFound(schema.GroupResource{}, key.Name)
	}
	r.scope.DeepCopyInto(scope)
	return nil
}

func (r *refusing) List(context.Context, client.ObjectList, ...client.ListOption) error { return nil }

func (r *refusing) Create(_ context.Context, o client.Object, _ ...client.CreateOption) error {
	return apierrors.NewForbidden(schema.GroupResource{}, o.GetName(), nil)
}

// pulsing is an engine that has synced, before an API server that answers or not.
type pulsing struct {
	Evidence
	answers bool
	asked   int
}

func (p *pulsing) Synced(types.NamespacedName, time.Duration) bool { return true }

func (p *pulsing) Answers(context.Context) bool {
	p.asked++
	return p.answers
}

// pulsedBook is a logbook that observes a scope.
func pulsedBook(t *testing.T) (*Logbook, *refusing, *pulsing, *clocktesting.FakePassiveClock) {
	t.Helper()
	now := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	c, evidence := clocktesting.NewFakePassiveClock(now), &pulsing{answers: true}
	beat := metav1.NewTime(now)
	server := &refusing{scope: &isms.ISMSScope{ObjectMeta: metav1.ObjectMeta{Namespace: "isms", Name: "acme"}}}
	server.scope.Status.HeartbeatTime = &beat
	book := NewLogbook(server, evidence, ledgerstore.Options{Reader: server, Writer: server, Clock: c}, "")
	book.scope(pulsed).watch.looked(true, false, now)
	return book, server, evidence, c
}

var pulsed = ledger.Scope{Namespace: "isms", Name: "acme"}

// TestAGapIsToldToALogThatRefused: what is to be told after an outage does not wait for the log to take entries again, which
// only telling it can show.
func TestAGapIsToldToALogThatRefused(t *testing.T) {
	book, _, evidence, c := pulsedBook(t)
	pulse := func(answers bool, times int) {
		evidence.answers = answers
		for range times {
			c.SetTime(c.Now().Add(pulseEvery))
			book.pulse(t.Context())
		}
	}
	pulse(true, 2)
	pulse(false, 12)
	err := book.Log.Append(t.Context(), ledger.Key{Scope: pulsed, Series: isms.SeriesScope}, func(context.Context, *ledgerstore.View) ([]isms.LogEntry, error) {
		return []isms.LogEntry{{Type: isms.LogOperatorChanged, ObservedTime: metav1.NewTime(c.Now()), Image: "v1"}}, nil
	})
	if !ledgerstore.Refused(err) || book.Log.State(pulsed).Refused == "" {
		t.Fatalf("the log was not refused: %v", err)
	}
	if !book.scope(pulsed).watch.waits(c.Now()) {
		t.Error("a gap is told while the API server is away")
	}
	pulse(true, 1)
	if book.scope(pulsed).watch.waits(c.Now()) {
		t.Error("the gap is not told once the API server has answered")
	}
	if seen := book.scope(pulsed).watch.seen; c.Now().Sub(seen) < time.Minute {
		t.Errorf("seen until %s, which the log does not tell", seen)
	}
}

// TestOneQuestionForAllScopes: what a look asks does not grow with what there is, and nothing is asked for nobody.
func TestOneQuestionForAllScopes(t *testing.T) {
	book, server, evidence, _ := pulsedBook(t)
	for _, name := range []string{"one", "two", "three"} {
		book.scope(ledger.Scope{Namespace: "isms", Name: name})
	}
	book.pulse(t.Context())
	if evidence.asked != 1 {
		t.Errorf("asked %d times", evidence.asked)
	}
	server.scope = nil
	book.pulse(t.Context()) // it finds that they are gone
	book.pulse(t.Context())
	if evidence.asked != 2 || len(book.scopes) != 0 {
		t.Errorf("asked %d times, %d scopes are known, after all are gone", evidence.asked, len(book.scopes))
	}
}
