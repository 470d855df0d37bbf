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
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/controllers"
	"github.com/isms-operator/isms-operator/internal/engine"
	"github.com/isms-operator/isms-operator/internal/testenv"
	"github.com/isms-operator/isms-operator/test/inprocess"
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

// maxKept is small, so that an attack on the limit needs few objects.
const maxKept = 5

// startOperator runs the operator, with every right, for the ISMS objects of one crowd, until the test ends.
func startOperator(t *testing.T, log *logbook, crowd string) {
	t.Helper()
	o := inprocess.Start(t, testenv.Shared(t).Config, inprocess.Options{
		Engine: engine.Options{Log: logr.New(log), MaxKept: maxKept, CountsEvery: 200 * time.Millisecond},
		Cache:  cache.Options{DefaultLabelSelector: labels.SelectorFromSet(labels.Set{crowdLabel: crowd})},
		Setup:  setup,
	})
	t.Cleanup(func() { o.Stop(t) })
}

// setup adds the controllers, and has the kinds watched from the start on that they read.
func setup(ctx context.Context, manager ctrl.Manager, options controllers.Options) error {
	if err := controllers.Setup(ctx, manager, options); err != nil {
		return err
	}
	for _, kind := range []client.Object{
		&isms.ISMSScope{}, &isms.Control{}, &isms.AuditCycle{}, &isms.Document{}, &isms.Attestation{}, &isms.Finding{},
	} {
		if _, err := manager.GetCache().GetInformer(ctx, kind, cache.BlockUntilSynced(false)); err != nil {
			return err
		}
	}
	return nil
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
