// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adversary

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/controllers"
	"github.com/isms-operator/isms-operator/internal/engine"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// logbook keeps everything that is logged. Beyond verbosity 4 client-go logs what it sends, which for the victim's own
// ISMS are the victim's statuses.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Init(logr.RuntimeInfo)          {}
func (l *logbook) Enabled(level int) bool         { return level <= 4 }
func (l *logbook) WithValues(...any) logr.LogSink { return l }
func (l *logbook) WithName(string) logr.LogSink   { return l }

func (l *logbook) Info(_ int, msg string, values ...any) { l.add(msg, values) }

func (l *logbook) Error(err error, msg string, values ...any) {
	l.add(fmt.Sprint(msg, ": ", err), values)
}

func (l *logbook) add(msg string, values []any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(&l.text, msg, values)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// strays collects what is logged past the operators' own loggers.
var strays logbook

func newScheme(t testing.TB) *runtime.Scheme {
	t.Helper()
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, isms.AddToScheme} {
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// maxKept is small, so that an attack on the limit needs few objects.
const maxKept = 5

// startOperator runs the operator, with every right, for the ISMS objects of one crowd, until the test ends.
func startOperator(t *testing.T, log *logbook, crowd string) {
	t.Helper()
	restConfig := testenv.Shared(t).Config
	logger := logr.New(log)
	manager, err := ctrl.NewManager(restConfig, ctrl.Options{
		Scheme:     newScheme(t),
		Logger:     logger,
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: ptr.To(true)},
		Cache: cache.Options{
			DefaultLabelSelector:        labels.SelectorFromSet(labels.Set{crowdLabel: crowd}),
			ReaderFailOnMissingInformer: true,
			DefaultTransform:            cache.TransformStripManagedFields(),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(restConfig, engine.Options{Log: logger, MaxKept: maxKept, CountsEvery: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := manager.Add(e); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = controllers.Setup(ctx, manager, controllers.Options{
		Evidence: e, Clock: clock.RealClock{}, StatusWritesPerSecond: 1000, Log: controllers.LogOptions{Version: "0.1.0"},
		Changes: func(f func(controllers.Change)) {
			e.OnChange(func(x engine.Change) { f(controllers.Change{Scope: x.Scope, Control: x.Control}) })
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	for _, kind := range []client.Object{
		&isms.ISMSScope{}, &isms.Control{}, &isms.AuditCycle{}, &isms.Document{}, &isms.Attestation{}, &isms.Finding{},
	} {
		if _, err := manager.GetCache().GetInformer(ctx, kind, cache.BlockUntilSynced(false)); err != nil {
			t.Fatal(err)
		}
	}
	go func() { done <- manager.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the operator ends with %v", err)
		}
	})
}

// metricsText is what a scrape of the operator's metrics would show.
func metricsText(t *testing.T) string {
	t.Helper()
	families, err := metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range families {
		fmt.Fprintln(&out, f.String())
	}
	return out.String()
}
