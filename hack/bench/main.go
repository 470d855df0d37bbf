// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command bench measures the evidence engine and the whole operator on a real API server with its etcd, each figure
// beside its bound. Times are ratios to a bare reflector over the same objects in the same run, because machines differ.
//
//	go run ./hack/bench                    # all, in full size: about 11 minutes on two cores
//	go run ./hack/bench -size small        # all, in a couple of minutes: that everything works, not how fast
//	go run ./hack/bench -only sync,change  # some
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

// options are what the command line says.
type options struct {
	size, only, out, docs, profile string
	quiet                          time.Duration
	pods                           int
	strict                         bool
}

func main() {
	var o options
	flag.StringVar(&o.size, "size", "full", "full or small")
	flag.StringVar(&o.only, "only", "", "measure only these, with commas between: "+strings.Join(sections, ", "))
	flag.StringVar(&o.out, "out", "", "directory for report.json, report.txt and the plots; none without it")
	flag.StringVar(&o.docs, "docs", "", "page to write the figures of a whole run into, between two comments, and the plots beside it")
	flag.StringVar(&o.profile, "cpuprofile", "", "file for a CPU profile of this process, in which the engine of sync, memory and growth runs")
	flag.DurationVar(&o.quiet, "quiet", 0, "how long the quiet operator is watched; 0 is the size's own")
	flag.IntVar(&o.pods, "pods", 0, "how many pods, and custom resources, the main cluster has; 0 is the size's own")
	flag.BoolVar(&o.strict, "strict", false, "end with an error when a bound is not held")
	reflector := flag.Bool("reflector", false, "be the bare reflector that the operator is compared with (the bench starts it)")
	flag.Parse()
	ctrllog.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	run := func() error { return measure(ctx, o) }
	if *reflector {
		run = func() error { return reflectPods(ctx) }
	}
	err := run()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, o options) error {
	s, ok := sizes[o.size]
	if !ok {
		return fmt.Errorf("there is no size %q", o.size)
	}
	if o.quiet > 0 {
		s.quiet = o.quiet
	}
	if o.pods > 0 {
		s.Pods, s.Widgets = o.pods, o.pods
	}
	wanted, err := selected(o.only)
	if err != nil {
		return err
	}
	if o.docs != "" && (o.only != "" || o.size != "full" || o.pods > 0) {
		return errors.New("-docs is for a whole run in full size")
	}
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return fmt.Errorf("profile: %w", err)
		}
		defer func() { _ = f.Close() }()
		if err := pprof.StartCPUProfile(f); err != nil {
			return fmt.Errorf("profile: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
	start := time.Now()
	r := newReport(o.size, s)
	err = runSections(ctx, s, r, wanted)
	r.Minutes = time.Since(start).Minutes()
	if printed := r.print(os.Stdout); printed != nil {
		return printed
	}
	if o.out != "" {
		err = errors.Join(err, r.write(o.out))
	}
	if err == nil && o.docs != "" {
		err = r.intoDocs(o.docs)
	}
	if err != nil {
		return err
	}
	if missed := r.missed(); o.strict && missed > 0 {
		return fmt.Errorf("%d bounds are not held", missed)
	}
	return nil
}

func selected(only string) (map[string]bool, error) {
	out := map[string]bool{}
	if only == "" {
		for _, s := range sections {
			out[s] = true
		}
		return out, nil
	}
	for s := range strings.SplitSeq(only, ",") {
		if !slices.Contains(sections, s) {
			return nil, fmt.Errorf("there is no measurement %q", s)
		}
		out[s] = true
	}
	return out, nil
}
