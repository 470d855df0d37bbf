// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command isms-operator runs the controllers: flags and wiring, nothing else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // cycles name time zones, and the image has no zone database

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/controllers"
	"github.com/isms-operator/isms-operator/internal/engine"
	"github.com/isms-operator/isms-operator/internal/kube"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
	"github.com/isms-operator/isms-operator/internal/metrics"
)

type options struct {
	metricsAddress, probeAddress string
	metricsSecure                bool
	leaderElection               bool
	leaseNamespace               string
	lease, renew, retry          time.Duration
	allowedKinds                 kinds
	maxKindsPerScope, maxKept    int
	statusWritesPerSecond        float64
	logLimits                    ledger.Limits
	signingKeyDir, image         string
}

// version of this operator, which each entry of the evidence log names. A build may set another one:
// -ldflags "-X main.version=0.1.1".
var version = "0.1.0"

// gcPercent has garbage collected at half of what lives, instead of at as much again: what a list of a large cluster leaves
// is garbage at once, and a node's memory is dearer than the few hundredths of a processor (docs/performance.md).
const gcPercent = 50

// memoryVariable has the memory that the container may use, in bytes, as the kubelet knows it. Where what lives comes near
// to it, garbage is collected more often, before the kernel ends the process.
const memoryVariable = "MEMORY_LIMIT"

// tune sets what the environment does not say itself.
func tune() {
	if _, said := os.LookupEnv("GOGC"); !said {
		debug.SetGCPercent(gcPercent)
	}
	limit, err := strconv.ParseInt(os.Getenv(memoryVariable), 10, 64)
	if _, said := os.LookupEnv("GOMEMLIMIT"); !said && err == nil && limit > 0 {
		debug.SetMemoryLimit(limit / 10 * 9) // the rest is for what the heap is not: stacks, the program itself
	}
}

func main() {
	tune()
	var o options
	o.bind(flag.CommandLine)
	logging := zap.Options{}
	logging.BindFlags(flag.CommandLine)
	flag.Parse()
	log := kube.Discreet(zap.New(zap.UseFlagOptions(&logging)))
	ctrl.SetLogger(log)
	klog.SetLogger(log.WithName("client-go"))
	if err := run(ctrl.SetupSignalHandler(), o, log); err != nil {
		log.Error(err, "the operator ends")
		os.Exit(1)
	}
}

func (o *options) bind(f *flag.FlagSet) {
	f.StringVar(&o.metricsAddress, "metrics-bind-address", ":8080", "Address of the metrics endpoint; 0 switches it off.")
	f.BoolVar(&o.metricsSecure, "metrics-secure", false,
		"Serve metrics over TLS, with a certificate of its own, to those alone who may get the URL /metrics of the API server.")
	f.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081", "Address of the health probes; 0 switches them off.")
	f.BoolVar(&o.leaderElection, "leader-elect", false, "Elect a leader, so that one replica alone writes.")
	f.StringVar(&o.leaseNamespace, "leader-election-namespace", "",
		"Namespace of the lease; by default the operator's own, which it knows only in a cluster.")
	// An API server that is away for a minute must not cost the lease: lease and renew deadline are those that control plane
	// components of large clusters use. Retries are closer, because a follower sees a lease that is given back at its next one.
	f.DurationVar(&o.lease, "leader-elect-lease-duration", 137*time.Second,
		"How long the others wait after the leader has last renewed its lease.")
	f.DurationVar(&o.renew, "leader-elect-renew-deadline", 107*time.Second, "How long the leader tries to renew its lease before it ends.")
	f.DurationVar(&o.retry, "leader-elect-retry-period", 10*time.Second,
		"The time between two tries to renew the lease; those to get it are up to 2.2 times as far apart.")
	f.Var(&o.allowedKinds, "allow-kind", "A kind that changes all the time by design and that rules may read all the same, "+
		"as Kind or Kind.group (Event, Event.events.k8s.io, Endpoints, Lease.coordination.k8s.io, EndpointSlice.discovery.k8s.io); "+
		"may be repeated.")
	f.IntVar(&o.maxKindsPerScope, "max-kinds-per-scope", 0, "Kinds that the rules of one scope may read; 0 means the default of 64.")
	f.IntVar(&o.maxKept, "max-kept-objects", 0,
		"Objects of which one rule that reads now, or one Set rule, keeps what it reads; 0 means the default of 20000.")
	f.Float64Var(&o.statusWritesPerSecond, "status-writes-per-second", 20, "Status writes a second in the long run, for all kinds together.")
	f.StringVar(&o.signingKeyDir, "signing-key-dir", "",
		"Directory with the keys (*.key) that sign the checkpoints of the evidence log, as kubectl isms keygen makes them; "+
			"read again when it changes. Without one, checkpoints are not signed.")
	f.StringVar(&o.image, "operator-image", os.Getenv("OPERATOR_IMAGE"),
		"Image that the operator runs from, best with its digest, for the evidence log; by default what OPERATOR_IMAGE says.")
	limits := ledger.DefaultLimits()
	f.DurationVar(&o.logLimits.Dwell, "log-dwell", limits.Dwell,
		"How long after an entry of the evidence log the changes of an evidence item are summed up rather than written one by one.")
	f.IntVar(&o.logLimits.PerHour, "log-entries-per-hour", limits.PerHour, "Entries of one evidence item in the evidence log within any hour.")
}

// check refuses values with which the operator would run and do nothing: without writes in the long run, for one, no status
// would be written once the burst is used up.
func (o *options) check() error {
	switch {
	case o.logLimits.PerHour < 1 || o.logLimits.Dwell < 0:
		return errors.New("--log-entries-per-hour must be 1 or more, and --log-dwell not negative")
	case !(o.statusWritesPerSecond > 0): // nor NaN
		return errors.New("--status-writes-per-second must be more than 0")
	case o.maxKindsPerScope < 0 || o.maxKept < 0:
		return errors.New("--max-kinds-per-scope and --max-kept-objects must not be negative; 0 means the default")
	}
	return nil
}

// kinds is a flag that may be repeated.
type kinds []schema.GroupKind

func (k *kinds) String() string { return fmt.Sprint([]schema.GroupKind(*k)) }

func (k *kinds) Set(text string) error {
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("give a kind, as Kind or Kind.group")
	}
	*k = append(*k, schema.ParseGroupKind(text))
	return nil
}

func run(ctx context.Context, o options, log logr.Logger) error {
	if err := o.check(); err != nil {
		return err
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("kubeconfig: %w", err)
	}
	if config, err = kube.DoubtRefusals(config, clock.RealClock{}); err != nil {
		return err
	}
	mgr, err := newManager(config, o)
	if err != nil {
		return err
	}
	evidence, err := engine.New(config, engine.Options{
		Log: log.WithName("engine"), AllowedKinds: o.allowedKinds, MaxKindsPerScope: o.maxKindsPerScope, MaxKept: o.maxKept,
	})
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	if err := mgr.Add(evidence); err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	if err := ctrlmetrics.Registry.Register(metrics.NewEngine(evidence)); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	var logs *ledgerstore.Store
	err = controllers.Setup(ctx, mgr, controllers.Options{
		Evidence: evidence, Clock: clock.RealClock{}, StatusWritesPerSecond: o.statusWritesPerSecond,
		Log: controllers.LogOptions{
			Version: isms.Version(version), Image: o.image, Limits: o.logLimits, KeyDir: o.signingKeyDir,
			Made: func(s *ledgerstore.Store) { logs = s },
		},
		Changes: func(f func(controllers.Change)) {
			evidence.OnChange(func(c engine.Change) { f(controllers.Change{Scope: c.Scope, Control: c.Control}) })
		},
	})
	if err != nil {
		return err
	}
	if err := ctrlmetrics.Registry.Register(metrics.NewISMS(mgr.GetCache(), logs)); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	if err := mgr.AddHealthzCheck("healthz", healthz.Ping); err != nil {
		return fmt.Errorf("health check: %w", err)
	}
	warmth := controllers.NewWarmth(mgr.GetCache(), evidence, clock.RealClock{})
	if err := mgr.AddReadyzCheck("warm", warmth.Check); err != nil {
		return fmt.Errorf("ready check: %w", err)
	}
	return mgr.Start(ctx)
}

// shutdown is how long what runs may take to end before the lease is given back all the same: shorter than the grace
// period of the Deployment.
const shutdown = 20 * time.Second

func newManager(config *rest.Config, o options) (ctrl.Manager, error) {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(isms.AddToScheme(scheme))
	metricsOptions := metricsserver.Options{BindAddress: o.metricsAddress}
	if o.metricsSecure {
		metricsOptions.SecureServing, metricsOptions.FilterProvider = true, metrics.Authorized
	}
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                        scheme,
		Metrics:                       metricsOptions,
		HealthProbeBindAddress:        o.probeAddress,
		LeaderElection:                o.leaderElection,
		LeaderElectionID:              "isms-operator.io",
		LeaderElectionNamespace:       o.leaseNamespace,
		LeaderElectionReleaseOnCancel: true,
		GracefulShutdownTimeout:       ptr.To(shutdown),
		LeaseDuration:                 &o.lease, RenewDeadline: &o.renew, RetryPeriod: &o.retry,
		Cache: cache.Options{
			ReaderFailOnMissingInformer: true,
			DefaultTransform:            cache.TransformStripManagedFields(),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("manager: %w", err)
	}
	return mgr, nil
}
