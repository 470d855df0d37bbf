// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/controllers"
	"github.com/isms-operator/isms-operator/internal/engine"
	"github.com/isms-operator/isms-operator/test/inprocess"
)

// errorLog keeps the errors that are logged.
type errorLog struct {
	mu    sync.Mutex
	lines []string
}

func (l *errorLog) Init(logr.RuntimeInfo)          {}
func (l *errorLog) Enabled(int) bool               { return false }
func (l *errorLog) Info(int, string, ...any)       {}
func (l *errorLog) WithValues(...any) logr.LogSink { return l }
func (l *errorLog) WithName(string) logr.LogSink   { return l }

func (l *errorLog) Error(err error, msg string, values ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf("%s: %v %v", msg, err, values))
}

func (l *errorLog) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// operator is a running manager with its engine.
type operator struct {
	manager ctrl.Manager
	engine  *engine.Engine
	log     *errorLog
	book    *controllers.Logbook
	cancel  context.CancelFunc
	done    chan error
	// told are who is told what the engine has news about. Controllers start at the same time.
	mu   sync.Mutex
	told []func(controllers.Change)
}

// tell has the controllers look, as news of the engine would.
func (o *operator) tell(c controllers.Change) {
	o.mu.Lock()
	told := slices.Clone(o.told)
	o.mu.Unlock()
	for _, f := range told {
		f(c)
	}
}

func newScheme(t testing.TB) *runtime.Scheme {
	t.Helper()
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, isms.AddToScheme, apiextensionsv1.AddToScheme} {
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// answering is an engine before an API server that always answers. On a machine under load that may take longer than the
// look for outages waits, some seconds of real time, of which a stepped clock would make a gap of weeks.
type answering struct{ *engine.Engine }

func (answering) Answers(context.Context) bool { return true }

// startOperator runs an operator that sees the ISMS of one namespace and writes so many statuses a second, and waits until
// its caches are there.
func startOperator(
	t testing.TB, restConfig *rest.Config, namespace string, c *inprocess.Clock, writes float64, change ...func(*engine.Options),
) *operator {
	t.Helper()
	o := &operator{log: &errorLog{}, done: make(chan error, 1)}
	log := logr.New(o.log)
	var err error
	o.manager, err = ctrl.NewManager(restConfig, ctrl.Options{
		Scheme:     newScheme(t),
		Logger:     log,
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: ptr.To(true)},
		Cache: cache.Options{
			DefaultNamespaces:           map[string]cache.Config{namespace: {}},
			ReaderFailOnMissingInformer: true,
			DefaultTransform:            cache.TransformStripManagedFields(),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	options := engine.Options{Clock: c, Log: log, Tick: 300 * time.Millisecond, CountsEvery: 500 * time.Millisecond}
	for _, f := range change {
		f(&options)
	}
	o.engine, err = engine.New(restConfig, options)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.manager.Add(o.engine); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	o.cancel = cancel
	setup := controllers.Options{
		Evidence: answering{o.engine}, Clock: c, StatusWritesPerSecond: writes, Log: controllers.LogOptions{Version: "0.1.0"},
		Changes: func(f func(controllers.Change)) {
			o.engine.OnChange(func(x engine.Change) { f(controllers.Change{Scope: x.Scope, Control: x.Control}) })
			o.mu.Lock()
			defer o.mu.Unlock()
			o.told = append(o.told, f)
		},
	}
	if err := controllers.AddIndexes(ctx, o.manager.GetFieldIndexer()); err != nil {
		t.Fatal(err)
	}
	o.book = controllers.LogbookFor(o.manager, setup)
	if err := controllers.SetupWith(o.manager, setup, o.book); err != nil {
		t.Fatal(err)
	}
	go func() { o.done <- o.manager.Start(ctx) }()
	for _, kind := range []client.Object{
		&isms.ISMSScope{}, &isms.Control{}, &isms.AuditCycle{}, &isms.Document{}, &isms.Attestation{}, &isms.Finding{}, &isms.Risk{},
		&isms.RegisterEntry{},
	} {
		if _, err := o.manager.GetCache().GetInformer(ctx, kind); err != nil { // waits until it is filled
			t.Fatal(err)
		}
	}
	return o
}

// stop ends the operator and everything that it started. Nothing but what a test allows may have been logged as error,
// save requests that the end has cut off.
func (o *operator) stop(t testing.TB, allowed ...string) {
	t.Helper()
	running := len(o.log.all())
	o.cancel()
	select {
	case err := <-o.done:
		if err != nil {
			t.Errorf("the manager ends with %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("the manager does not end")
	}
	for i, line := range o.log.all() {
		cutOff := i >= running && strings.Contains(line, context.Canceled.Error())
		if !cutOff && !slices.ContainsFunc(allowed, func(a string) bool { return strings.Contains(line, a) }) {
			t.Errorf("logged as error: %s", line)
		}
	}
}
