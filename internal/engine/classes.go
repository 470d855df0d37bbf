// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"maps"
	"slices"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/guard"
	"github.com/isms-operator/isms-operator/internal/rule"
)

// addError remembers the class of an error in a namespace.
func (c *columnState) addError(namespace string, err *check.EvalError) {
	known := c.errors[namespace]
	known.Add(err)
	c.errors[namespace] = known
}

// errorsIn are the classes met in the namespaces of one scope.
func (c *columnState) errorsIn(namespaces []string) rule.Classes {
	if !guard.Apart.On() {
		namespaces = slices.Collect(maps.Keys(c.errors))
	}
	met := make([]rule.Classes, 0, len(namespaces))
	for _, n := range namespaces {
		met = append(met, c.errors[n])
	}
	return rule.Join(met...)
}

func (c *columnState) forgetErrors(namespaces []string) {
	if len(c.errors) == 0 {
		return
	}
	for _, n := range namespaces {
		delete(c.errors, n)
	}
}

// noteExpensive remembers that the evaluation of an object exceeds the cost limit.
func (c *columnState) noteExpensive(namespace string, id int32) {
	if c.expensive[namespace] == nil {
		c.expensive[namespace] = map[int32]bool{}
	}
	c.expensive[namespace][id] = true
}

func (c *columnState) noteCheap(namespace string, id int32) {
	delete(c.expensive[namespace], id)
	if len(c.expensive[namespace]) == 0 {
		delete(c.expensive, namespace)
	}
}

// exceeded says that an evaluation in the namespaces of one scope exceeds the cost limit.
func (c *columnState) exceeded(namespaces []string) bool {
	if !guard.Apart.On() {
		return len(c.expensive) > 0
	}
	return len(c.expensive) > 0 && slices.ContainsFunc(namespaces, func(n string) bool { return len(c.expensive[n]) > 0 })
}

// waitsFor says that something is left to list in the namespaces of one scope.
func (c *columnState) waitsFor(namespaces []string) bool {
	return c.pending != 0 && (c.all || slices.ContainsFunc(namespaces, func(n string) bool { return c.namespaces[n] }))
}
