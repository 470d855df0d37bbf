// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package inprocess runs the operator within a test: manager, engine and controllers, wired as main does it.
package inprocess

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/controllers"
	"github.com/isms-operator/isms-operator/internal/engine"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// endLimit is how long an operator may take to end.
const endLimit = time.Minute

// Clock tells the real time moved by what a test has stepped. Its timers run in real time, so that everything that waits
// a moment goes on.
type Clock struct {
	clock.RealClock
	ahead atomic.Int64
}

// Now is the real time moved by all steps.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Since is the time that has passed by this clock.
func (c *Clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// Step moves the clock.
func (c *Clock) Step(d time.Duration) { c.ahead.Add(int64(d)) }

// Options are in what the operators of tests differ.
type Options struct {
	// Engine has the log of the whole operator. Its clock is that of the controllers, too; without one, the real one.
	Engine engine.Options
	// Cache says which objects of the ISMS the operator sees, by namespace or label: all by default.
	Cache cache.Options
	// StatusWritesPerSecond is 1000 by default.
	StatusWritesPerSecond float64
	// Version is 0.1.0 by default.
	Version isms.Version
	// Setup adds the controllers: controllers.Setup by default.
	Setup func(context.Context, ctrl.Manager, controllers.Options) error
}

// Operator is a running one.
type Operator struct {
	Manager ctrl.Manager
	Engine  *engine.Engine

	cancel context.CancelFunc
	done   chan error
	stop   sync.Once
}

// Start runs an operator with the rights of the configuration, until Stop.
func Start(t testing.TB, restConfig *rest.Config, options Options) *Operator {
	t.Helper()
	o := &Operator{done: make(chan error, 1)}
	var ctx context.Context
	ctx, o.cancel = context.WithCancel(context.Background())
	if err := o.set(ctx, restConfig, options); err != nil {
		o.cancel()
		t.Fatal(err)
	}
	go func() { o.done <- o.Manager.Start(ctx) }()
	return o
}

// set makes all parts, of which none runs yet.
func (o *Operator) set(ctx context.Context, restConfig *rest.Config, options Options) error {
	if options.Engine.Clock == nil {
		options.Engine.Clock = clock.RealClock{}
	}
	options.Cache.ReaderFailOnMissingInformer, options.Cache.DefaultTransform = true, cache.TransformStripManagedFields()
	var err error
	o.Manager, err = ctrl.NewManager(restConfig, ctrl.Options{
		Scheme: testenv.Scheme(), Logger: options.Engine.Log, Metrics: metricsserver.Options{BindAddress: "0"}, Cache: options.Cache,
		Controller: config.Controller{SkipNameValidation: ptr.To(true)}, // a process has many operators, one after another or at once
	})
	if err != nil {
		return err
	}
	if o.Engine, err = engine.New(restConfig, options.Engine); err != nil {
		return err
	}
	if err := o.Manager.Add(o.Engine); err != nil {
		return err
	}
	return o.setControllers(ctx, options)
}

func (o *Operator) setControllers(ctx context.Context, options Options) error {
	setup := controllers.Options{
		Evidence: o.Engine, Clock: options.Engine.Clock, StatusWritesPerSecond: options.StatusWritesPerSecond,
		Log: controllers.LogOptions{Version: options.Version},
		Changes: func(f func(controllers.Change)) {
			o.Engine.OnChange(func(x engine.Change) { f(controllers.Change{Scope: x.Scope, Control: x.Control}) })
		},
	}
	if setup.StatusWritesPerSecond == 0 {
		setup.StatusWritesPerSecond = 1000
	}
	if setup.Log.Version == "" {
		setup.Log.Version = "0.1.0"
	}
	if options.Setup == nil {
		options.Setup = controllers.Setup
	}
	return options.Setup(ctx, o.Manager, setup)
}

// Stop ends the operator and everything that it started, once.
func (o *Operator) Stop(t testing.TB) {
	t.Helper()
	o.stop.Do(func() {
		o.cancel()
		select {
		case err := <-o.done:
			if err != nil {
				t.Errorf("the operator ends with %v", err)
			}
		case <-time.After(endLimit):
			t.Errorf("the operator does not end within %s", endLimit)
		}
	})
}
