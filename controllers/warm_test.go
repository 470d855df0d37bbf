// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// start is what a replica knows some time after its start.
type start struct {
	client.Reader
	unread   error
	unknown  bool
	unsynced time.Duration // for how long, 0 for not
}

func (s *start) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	name := metav1.ObjectMeta{Namespace: "isms", Name: "acme"}
	switch l := list.(type) {
	case *isms.ISMSScopeList:
		l.Items = []isms.ISMSScope{{ObjectMeta: name}}
	case *isms.ControlList:
		l.Items = []isms.Control{{ObjectMeta: name}}
	}
	return s.unread
}

func (s *start) Follows(types.NamespacedName) bool { return !s.unknown }

func (s *start) Synced(_ types.NamespacedName, patience time.Duration) bool {
	return s.unsynced == 0 || s.unsynced > patience
}

func TestWarmth(t *testing.T) {
	for name, tc := range map[string]struct {
		start start
		after time.Duration
		want  string // what it waits for
	}{
		"all is known":                 {},
		"the cache has not synced":     {start: start{unread: errors.New("timeout")}, want: "read the scopes: timeout"},
		"nor after a long time":        {start: start{unread: errors.New("timeout")}, after: time.Hour, want: "read the scopes: timeout"},
		"a Control is not known":       {start: start{unknown: true}, want: "Control isms/acme"},
		"a kind is being listed":       {start: start{unsynced: time.Second}, want: "scope isms/acme is not synced"},
		"a kind cannot be listed":      {start: start{unsynced: warmPatience + time.Second}},
		"kinds that come and go":       {start: start{unsynced: time.Second}, after: warmWithin - time.Second, want: "scope isms/acme"},
		"and hold a rollout up enough": {start: start{unsynced: time.Second}, after: warmWithin},
	} {
		t.Run(name, func(t *testing.T) {
			c := clocktesting.NewFakeClock(time.Unix(1785542400, 0))
			w := NewWarmth(&tc.start, &tc.start, c)
			c.Step(tc.after)
			err := w.Check(&http.Request{})
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("waits for %v, want %q", err, tc.want)
			}
		})
	}
}

// TestWhatWasWarmStaysReady: a scope that is made later is not synced for a moment, and that is no reason to be replaced.
func TestWhatWasWarmStaysReady(t *testing.T) {
	s := &start{}
	w := NewWarmth(s, s, clocktesting.NewFakeClock(time.Unix(1785542400, 0)))
	if err := w.Check(&http.Request{}); err != nil {
		t.Fatal(err)
	}
	s.unsynced = time.Second
	if err := w.Check(&http.Request{}); err != nil {
		t.Error(err)
	}
}
