// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"sync"
	"testing"
)

// TestConcurrent evaluates each program on several goroutines, which share the namespace; the race detector watches. Many
// of the evaluations end in errors, because CEL writes positions into those.
func TestConcurrent(t *testing.T) {
	ns := TypedSubject(pod(), podKind) // any typed object will do
	for _, template := range append(templates, `namespaceObject.metadata.labels.app == P`, `1 / 0 == P || timestamp("9999-12-31T23:59:59Z") + duration("100h") > now`) {
		text := placeholder.ReplaceAllStringFunc(template, func(m string) string {
			return map[string]string{"P": "object.metadata.labels", "Q": "namespaceObject.metadata.name"}[m]
		})
		p, err := Compile(Rule{Expect: text}, Options{})
		if err != nil {
			continue
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				s := TypedSubject(pod(), podKind)
				for range 3 {
					_, _ = p.Eval(t.Context(), s, Env{Namespace: &ns, Now: noon})
				}
			})
		}
		wg.Wait()
	}
}
