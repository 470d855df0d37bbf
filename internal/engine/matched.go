// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// Matched is the digest of the set of objects that a resource rule of a Control has selected, or, for AnyPerNamespace, of the
// namespaces that are its subjects; empty where that is not known. It costs a pass over all objects, so it is asked for
// where it is written down, and not with each verdict.
func (e *Engine) Matched(key types.NamespacedName, item string) isms.Digest {
	names, ok := e.matched(key, item)
	if !ok {
		return ""
	}
	return tally.DigestOf(names)
}

func (e *Engine) matched(key types.NamespacedName, item string) ([]tally.Name, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, ok := e.controls[key]
	if !ok {
		return nil, false
	}
	i := slices.IndexFunc(c.slots, func(s *slot) bool { return s.Name == item })
	if i < 0 || e.snapshot(c.slots[i], e.opts.Clock.Now(), false).Unavailable != "" {
		return nil, false
	}
	s := c.slots[i]
	if s.PerNamespace() {
		var names []tally.Name
		for _, n := range s.namespaces {
			names = append(names, tally.Name{Namespace: n})
		}
		return names, true
	}
	s.stream.mu.Lock()
	defer s.stream.mu.Unlock()
	return s.stream.table.Matched(s.column, s.namespaces), true
}
