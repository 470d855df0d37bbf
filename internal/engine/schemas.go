// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/openapi"
	"k8s.io/client-go/util/workqueue"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// verdictOnPaths is what the schema says about the fields that a rule reads.
type verdictOnPaths struct {
	known   bool
	invalid string // names a field that can't exist
	// asMap is set where the API server has a field that the Go type lacks: read as a Go type, it would vanish.
	asMap bool
}

// verifier holds rules against the schema of their kind. Go types are asked first, because they cost nothing; the
// published schema of a group version is fetched only for kinds without one, or for a field that the Go type lacks.
type verifier struct {
	client  openapi.Client
	changed func()
	queue   workqueue.TypedRateLimitingInterface[schema.GroupVersion]
	// settling reads the schema of a changed group again.
	settling *watch.Settler

	mu     sync.Mutex
	wanted map[schema.GroupVersion]map[*check.Program]verdictOnPaths
}

// publishing are the delays with which a changed group's schema is read again, one after another: publication follows
// discovery.
var publishing = []time.Duration{500 * time.Millisecond, 3 * time.Second, 10 * time.Second, 30 * time.Second}

func newVerifier(client openapi.Client, changed func()) *verifier {
	queue := workqueue.NewTypedRateLimitingQueue(
		workqueue.NewTypedItemExponentialFailureRateLimiter[schema.GroupVersion](time.Second, time.Minute))
	return &verifier{
		client:   client,
		changed:  changed,
		wanted:   map[schema.GroupVersion]map[*check.Program]verdictOnPaths{},
		queue:    queue,
		settling: watch.NewSettler(queue, publishing...),
	}
}

func (v *verifier) run(ctx context.Context) {
	watch.Workers(ctx, v.queue, func(gv schema.GroupVersion) {
		v.verify(gv)
		v.queue.Done(gv)
		v.settling.Next(gv)
	})
}

// check answers from what is known, and asks for what is not.
func (v *verifier) check(p *check.Program) verdictOnPaths {
	kind := p.Kind()
	if t, ok := goType(kind); ok && len(p.MissingInGoType(t)) == 0 {
		return verdictOnPaths{known: true}
	}
	gv := kind.GroupVersion()
	v.mu.Lock()
	defer v.mu.Unlock()
	programs := v.wanted[gv]
	if programs == nil {
		programs = map[*check.Program]verdictOnPaths{}
		v.wanted[gv] = programs
	}
	known, ok := programs[p]
	if !ok {
		programs[p] = known
		v.queue.Add(gv)
	}
	return known
}

// keep forgets programs that no rule uses any more.
func (v *verifier) keep(used map[*check.Program]bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for gv, programs := range v.wanted {
		for p := range programs {
			if !used[p] {
				delete(programs, p)
			}
		}
		if len(programs) == 0 {
			delete(v.wanted, gv)
		}
	}
}

func (v *verifier) invalidate(group string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for gv := range v.wanted {
		if gv.Group == group {
			v.settling.Begin(gv)
		}
	}
}

func (v *verifier) verify(gv schema.GroupVersion) {
	v.mu.Lock()
	var programs []*check.Program
	for p := range v.wanted[gv] {
		programs = append(programs, p)
	}
	v.mu.Unlock()
	if len(programs) == 0 {
		return
	}
	schemas, err := watch.FetchSchemas(v.client, gv)
	failed := err != nil && !errors.Is(err, watch.ErrNoSchema)
	answers := make(map[*check.Program]verdictOnPaths, len(programs))
	unpublished := false
	for _, p := range programs {
		answers[p] = against(p, schemas)
		unpublished = unpublished || schemas == nil || schemas.Kind(p.Kind()) == nil
	}
	tries := v.queue.NumRequeues(gv)
	switch {
	case failed, unpublished && tries < publicationTries:
		v.queue.AddRateLimited(gv)
	default:
		v.queue.Forget(gv)
	}
	if (failed || unpublished) && tries < patience {
		return
	}
	v.store(gv, answers)
}

const (
	// patience is how many tries a rule waits for the schema of its kind: publication follows a new CRD by a moment.
	// Then it is evaluated without: the walk over paths is a help for whoever writes a rule, not a guard.
	patience = 2
	// publicationTries is how often a schema that is not published is looked for, with doubling delays.
	publicationTries = 6
)

func (v *verifier) store(gv schema.GroupVersion, answers map[*check.Program]verdictOnPaths) {
	v.mu.Lock()
	changed := false
	for p, answer := range answers {
		if old, ok := v.wanted[gv][p]; ok && old != answer {
			v.wanted[gv][p] = answer
			changed = true
		}
	}
	v.mu.Unlock()
	if changed {
		v.changed()
	}
}

// against holds a rule against a published schema. Without one, everything may exist.
func against(p *check.Program, schemas *watch.Schemas) verdictOnPaths {
	out := verdictOnPaths{known: true}
	_, out.asMap = goType(p.Kind()) // asked only where the Go type lacks a field
	if schemas == nil {
		return out
	}
	root := schemas.Kind(p.Kind())
	if root == nil {
		return out
	}
	if err := p.CheckSchema(root, schemas.Resolve); err != nil {
		out.invalid = err.Error()
	}
	return out
}

func goType(gvk schema.GroupVersionKind) (reflect.Type, bool) {
	t, ok := scheme.Scheme.AllKnownTypes()[gvk]
	return t, ok
}
