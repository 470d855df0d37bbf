// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Stats are figures about the engine at one moment. No name of an object or of a namespace is among them.
type Stats struct {
	// Kinds are those that rules are evaluated on, sorted by group, version and kind.
	Kinds []KindStats
	// Rules counts the rules of all Controls by the reason of their verdict.
	Rules map[string]int
	// ReviewsAsked counts the questions about rights since the start; ReviewsWaiting are those that wait for their turn.
	ReviewsAsked   uint64
	ReviewsWaiting int
}

// KindStats are figures about one kind.
type KindStats struct {
	Kind schema.GroupVersionKind
	// Streams is one, or for Secrets one for each type that rules select.
	Streams int
	// Objects are those in the streams.
	Objects int
	// Rules are those evaluated, identical ones counted once.
	Rules int
	// Evaluations are those of one rule on one object since the streams began; one that is spared is none.
	Evaluations uint64
	// Waiting is how many evaluations of rules that cost much wait, and Lag how long the first of them has waited.
	Waiting int
	Lag     time.Duration
	// Suspended counts rules that have exceeded the cost limit, once for each namespace in which they have.
	Suspended int
	// LastContact is the last event or bookmark, of the stream whose last is longest ago; zero where one had none yet.
	LastContact time.Time
}

// Stats returns figures about the engine as it is now. It costs a walk over rules, none over objects.
func (e *Engine) Stats() Stats {
	out := Stats{Rules: map[string]int{}, ReviewsAsked: e.access.Asked(), ReviewsWaiting: e.access.Waiting()}
	e.mu.Lock()
	for _, c := range e.controls {
		for _, s := range c.slots {
			out.Rules[cmp.Or(s.judged.Reason, isms.ReasonNotSynced)]++
		}
	}
	e.mu.Unlock()
	kinds := map[schema.GroupVersionKind]*KindStats{}
	now := e.opts.Clock.Now()
	for _, s := range e.allStreams() {
		k := kinds[s.key.kind]
		if k == nil {
			k = &KindStats{Kind: s.key.kind, LastContact: now}
			kinds[s.key.kind] = k
		}
		s.addTo(k, now)
	}
	for _, gvk := range slices.SortedFunc(maps.Keys(kinds), compareKinds) {
		out.Kinds = append(out.Kinds, *kinds[gvk])
	}
	return out
}

func compareKinds(a, b schema.GroupVersionKind) int {
	return cmp.Or(compare(a.Group, b.Group), compare(a.Version, b.Version), compare(a.Kind, b.Kind))
}

func (s *stream) addTo(k *KindStats, now time.Time) {
	if at := s.source.LastContact(); at.Before(k.LastContact) {
		k.LastContact = at
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k.Streams++
	k.Objects += s.table.Len()
	k.Rules += len(s.columns)
	k.Lag = max(k.Lag, s.lag(now))
	k.Evaluations += s.past
	for _, c := range s.columns {
		k.Evaluations += c.budget.evaluations.Load()
		k.Waiting += len(c.deferral.byID)
		k.Suspended += c.budget.suspensions()
	}
}

// lag is how long the first of the evaluations that wait has waited. The caller holds the stream's lock.
func (s *stream) lag(now time.Time) time.Duration {
	out := time.Duration(0)
	for _, c := range s.columns {
		if d := c.deferral.next(); d != nil {
			out = max(out, now.Sub(d.since))
		}
	}
	return out
}

// suspensions is in how many namespaces the rule is suspended, or has not been evaluated anew since.
func (b *budget) suspensions() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.suspension)
}
