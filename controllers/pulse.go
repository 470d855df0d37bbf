// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// OnGap has a listener called when there is a gap to be told of a scope.
func (l *Logbook) OnGap(f func(ledger.Scope)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onGap = append(l.onGap, f)
}

// What asks whether the API server is there (watch.Access.Answers).
// +kubebuilder:rbac:groups=authorization.k8s.io,resources=selfsubjectaccessreviews,verbs=create

// Pulses looks every few seconds whether all scopes are observed, until the context ends. The heartbeat of a scope moves
// too seldom to tell a short outage, and writing it more often would fill etcd; this stays in memory.
func (l *Logbook) Pulses(ctx context.Context) error {
	ticker := time.NewTicker(pulseEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			l.pulse(ctx)
		}
	}
}

func (l *Logbook) pulse(ctx context.Context) {
	l.mu.Lock()
	scopes := make(map[ledger.Scope]*scopeBook, len(l.scopes))
	for key, s := range l.scopes {
		scopes[key] = s
	}
	listeners := slices.Clone(l.onGap)
	l.mu.Unlock()
	if len(scopes) == 0 {
		return
	}
	answers := l.answers(ctx)
	for key, s := range scopes {
		reason, known := l.unobserved(ctx, key, answers)
		if ctx.Err() != nil {
			return
		}
		s.mu.Lock()
		due := false
		if known {
			due = s.watch.pulse(reason, l.Log.Clock.Now())
		} else if answers {
			s.watch.answered()
		}
		s.mu.Unlock()
		for _, tell := range listeners {
			if due {
				tell(key)
			}
		}
	}
}

// forget is for a scope that is gone. What its logs say is read again should it come back.
func (l *Logbook) forget(key ledger.Scope) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.scopes, key)
}

// answers is one question for all scopes. It is an access review, as the engine asks for all the time, and no read past the
// cache: an API server that has lost its etcd takes no change that could be missed.
func (l *Logbook) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, pulseEvery)
	defer cancel()
	return l.evidence.Answers(ctx)
}

// unobserved is why not all of a scope is observed at the moment, empty where it is. It is not known where the scope is gone,
// or where the log takes no entries or the status no heartbeats: then nothing is vouched for, and the scope's next look
// tells of it.
func (l *Logbook) unobserved(ctx context.Context, key ledger.Scope, answers bool) (reason string, known bool) {
	var scope isms.ISMSScope
	name := types.NamespacedName{Namespace: key.Namespace, Name: key.Name}
	switch err := l.Get(ctx, name, &scope); {
	case apierrors.IsNotFound(err):
		l.forget(key)
		return "", false
	case err != nil:
		return "", false
	case !answers:
		return isms.ReasonServerAway, true
	}
	beat := scope.Status.HeartbeatTime
	if beat == nil || l.Log.Clock.Now().Sub(beat.Time) >= longestBeat || l.Log.State(key).Refused != "" {
		return "", false
	}
	if !l.evidence.Synced(name, assess.HoldFor) {
		return isms.ReasonNotSynced, true
	}
	return "", true
}
