// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package engine turns the rules of all Controls into streams, verdict bits and counts.
//
// A planner decides, from the rules, the scopes, discovery, schemas and rights, which rule may be evaluated over which
// namespaces; nothing else starts an evaluation, so there is no verdict without the access gate. Streams evaluate each
// object as it comes and drop it. A notifier judges the rules whose counts changed and names the Controls to look at.
package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// Options are the engine's limits. The zero value of each means its default.
type Options struct {
	Clock clock.WithTicker
	Log   logr.Logger
	// AllowedKinds are kinds of those that churn by design (Event, Lease, EndpointSlice) that rules may read all the same.
	AllowedKinds []schema.GroupKind
	// MaxKindsPerScope bounds the streams that one scope can ask for. Default 64.
	MaxKindsPerScope int
	// MaxKept bounds the objects of which a rule that reads `now`, or a Set rule, keeps what it reads. Default 20000.
	MaxKept int
	// Tick is how often rules that read `now` are evaluated again. Default 10 s.
	Tick time.Duration
	// CountsEvery is how often a Control is named for counts alone, its verdicts being the same. Default 1 min.
	CountsEvery time.Duration
	// LagLimit is how far the evaluation of a rule that costs much may lag behind before its verdicts are NotSynced.
	// Default 5 min.
	LagLimit time.Duration
	// RightsEvery is how often the rights of a scope's account are asked for again. Default 3 min.
	RightsEvery time.Duration
	// Check are the limits of an expression.
	Check check.Options
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	if o.MaxKindsPerScope == 0 {
		o.MaxKindsPerScope = rule.DefaultKinds
	}
	if o.MaxKept == 0 {
		o.MaxKept = rule.DefaultKept
	}
	if o.Tick == 0 {
		o.Tick = 10 * time.Second
	}
	if o.LagLimit == 0 {
		o.LagLimit = 5 * time.Minute
	}
	if o.CountsEvery == 0 {
		o.CountsEvery = time.Minute
	}
	return o
}

// Engine evaluates the resource rules of all Controls. Its methods may be called from any goroutine.
type Engine struct {
	opts    Options
	clients *watch.Clients
	kinds   *watch.Kinds
	access  *watch.Access
	schemas *verifier
	// crds and apiServices say when discovery has to be asked again.
	crds, apiServices *groups

	replan   signal // something that the plan follows from has changed
	judge    signal // counts have changed
	deferred signal // evaluations of heavy rules were put off
	inFlight sync.WaitGroup

	mu         sync.Mutex
	ctx        context.Context // of Run; nil before
	scopes     map[types.NamespacedName]*scope
	controls   map[types.NamespacedName]*control
	streams    map[streamKey]*stream
	namespaces *namespaces

	listening sync.Mutex
	listeners []func(Change)
}

// Change names what a listener should look at again.
type Change struct {
	// Scope is always set; Control is empty when the namespaces of the scope have changed.
	Scope, Control types.NamespacedName
}

// New returns an engine that Run starts.
func New(config *rest.Config, opts Options) (*Engine, error) {
	opts = opts.withDefaults()
	clients, err := watch.NewClients(config)
	if err != nil {
		return nil, err
	}
	set, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	e := &Engine{
		opts:     opts,
		clients:  clients,
		replan:   newSignal(),
		judge:    newSignal(),
		deferred: newSignal(),
		scopes:   map[types.NamespacedName]*scope{},
		controls: map[types.NamespacedName]*control{},
		streams:  map[streamKey]*stream{},
	}
	e.namespaces = newNamespaces(e.replan.raise)
	e.kinds = watch.NewKinds(set.Discovery(), e.replan.raise)
	e.access = watch.NewAccess(set, watch.ReadyOf(set.RESTClient()), opts.Clock, opts.RightsEvery, e.replan.raise)
	e.schemas = newVerifier(set.Discovery().OpenAPIV3(), e.replan.raise)
	e.crds, e.apiServices = newGroups(e.groupChanged), newGroups(e.groupChanged)
	return e, nil
}

// NeedLeaderElection is false: followers evaluate as well, so that they are warm.
func (e *Engine) NeedLeaderElection() bool { return false }

// OnChange adds a listener. It is called from the engine's goroutines and must not block.
func (e *Engine) OnChange(f func(Change)) {
	e.listening.Lock()
	defer e.listening.Unlock()
	e.listeners = append(e.listeners, f)
}

// Run evaluates until the context ends, and returns when everything it started has ended.
func (e *Engine) Run(ctx context.Context) error {
	e.mu.Lock()
	e.ctx = ctx
	e.mu.Unlock()
	for _, run := range []func(context.Context){
		e.kinds.Run, e.access.Run, e.schemas.run, e.runNamespaces, e.runGroups, e.runPlanner, e.runNotifier, e.runTicks, e.runDeferred,
	} {
		e.inFlight.Go(func() { run(ctx) })
	}
	<-ctx.Done()
	e.inFlight.Wait()
	return nil
}

// Start lets a controller manager run the engine.
func (e *Engine) Start(ctx context.Context) error { return e.Run(ctx) }

// SetScope adds a scope or follows its change.
func (e *Engine) SetScope(s *isms.ISMSScope) {
	next := newScope(s)
	e.mu.Lock()
	defer e.mu.Unlock()
	if old, ok := e.scopes[next.key]; ok {
		if old.same(next) {
			return
		}
		next.view = old.view
	}
	e.scopes[next.key] = next
	e.replan.raise()
}

// RemoveScope forgets a scope. Rules of Controls that name it are no longer evaluated.
func (e *Engine) RemoveScope(key types.NamespacedName) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.scopes, key)
	e.replan.raise()
}

// SetControl adds the resource rules of a Control or follows their change. The scope, nil where it does not exist,
// gives parameters. A rule that is the same as before keeps its verdicts.
func (e *Engine) SetControl(c *isms.Control, s *isms.ISMSScope) {
	key := types.NamespacedName{Namespace: c.Namespace, Name: c.Name}
	e.mu.Lock()
	old := e.controls[key]
	e.mu.Unlock()
	next := newControl(key, c, s, old, e.opts.Check) // compiles, so outside the lock
	if next == old {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, slot := range next.slots {
		slot.inherit(e.controls[key])
	}
	e.controls[key] = next
	e.replan.raise()
}

// RemoveControl forgets the rules of a Control.
func (e *Engine) RemoveControl(key types.NamespacedName) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.controls, key)
	e.replan.raise()
}

// Snapshot returns what is known about each resource rule of a Control, by evidence name. Before SetControl it is empty.
func (e *Engine) Snapshot(key types.NamespacedName) map[string]tally.Snapshot {
	return e.look(key, func(*control, *slot, tally.Snapshot) {})
}

// Take is Snapshot for whoever listens to changes and acts on them: what it returns is no news any more, and a listener
// is told of the Control again only when that changes. Another reader would swallow the listener's news.
func (e *Engine) Take(key types.NamespacedName) map[string]tally.Snapshot {
	now := e.opts.Clock.Now()
	return e.look(key, func(c *control, s *slot, snap tally.Snapshot) {
		s.remember(tally.Judge(tally.PolicyOf(&s.Spec), snap), snap)
		c.named, c.owed = now, false
	})
}

func (e *Engine) look(key types.NamespacedName, each func(*control, *slot, tally.Snapshot)) map[string]tally.Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, ok := e.controls[key]
	if !ok {
		return nil
	}
	now := e.opts.Clock.Now()
	out := make(map[string]tally.Snapshot, len(c.slots))
	for _, s := range c.slots {
		out[s.Name] = e.snapshot(s, now, true)
		each(c, s, out[s.Name])
	}
	return out
}

// UnsyncedSince is the moment since which a rule of a Control is NotSynced, zero where none is.
func (e *Engine) UnsyncedSince(key types.NamespacedName) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, ok := e.controls[key]
	if !ok {
		return time.Time{}
	}
	return e.unsyncedSince(c, e.opts.Clock.Now())
}

func (e *Engine) unsyncedSince(c *control, now time.Time) time.Time {
	var since time.Time
	for _, s := range c.slots {
		if e.snapshot(s, now, false).Unavailable != isms.ReasonNotSynced {
			continue
		}
		if s.unsynced.IsZero() {
			s.unsynced = now
		}
		if since.IsZero() || s.unsynced.Before(since) {
			since = s.unsynced
		}
	}
	return since
}

// Follows reports whether the rules of a Control are known, none included.
func (e *Engine) Follows(key types.NamespacedName) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.controls[key] != nil
}

// Namespaces returns what is known about the namespaces of a scope.
func (e *Engine) Namespaces(key types.NamespacedName) tally.Namespaces {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, ok := e.scopes[key]
	if !ok {
		return tally.Namespaces{Reason: isms.ReasonNotSynced}
	}
	return s.view
}

// Answers asks the API server for an access review, and reports whether it answers.
func (e *Engine) Answers(ctx context.Context) bool { return e.access.Answers(ctx) }

// Synced reports whether every rule of a scope has been evaluated or has a reason of its own why it can't be: nothing
// is left that only time will show. A rule that has waited for longer than patience no longer counts as waiting.
func (e *Engine) Synced(key types.NamespacedName, patience time.Duration) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, ok := e.scopes[key]
	if !ok || s.view.Reason == isms.ReasonNotSynced {
		return false
	}
	now := e.opts.Clock.Now()
	for _, c := range e.controls {
		if c.scope == key && !e.unsyncedSince(c, now).Before(now.Add(-patience)) {
			return false
		}
	}
	return true
}
