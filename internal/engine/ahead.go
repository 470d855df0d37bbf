// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import "github.com/isms-operator/isms-operator/internal/watch"

// askAhead asks at once for what the gate is about to ask one after the other: a start would otherwise wait for each answer
// in turn. It decides nothing.
func (e *Engine) askAhead() {
	for _, s := range e.scopes {
		if s.account.Name == "" || s.frame.Invalid != "" {
			continue
		}
		e.access.Decide(watch.Right{Account: s.account, Verb: watch.Exists})
		e.access.Decide(watch.Right{Account: s.account, Verb: "list", Resource: namespaceResource.GroupResource()})
	}
	for _, c := range e.controls {
		sc := e.scopes[c.scope]
		if sc == nil || sc.account.Name == "" {
			continue
		}
		for _, s := range c.slots {
			if s.Invalid != "" || e.churns(s.Kind) {
				continue
			}
			kind := e.kinds.Resolve(s.Kind)
			if kind.Serving != watch.Served {
				continue
			}
			for _, verb := range []string{"list", "watch"} {
				e.access.Decide(watch.Right{Account: sc.account, Verb: verb, Resource: kind.Resource.GroupResource()})
			}
		}
	}
}
