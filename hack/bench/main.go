// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command bench measures the evidence engine on a real API server against a bare reflector over the same objects: typed
// protobuf, streamed, storing nothing but keys. The two run in turn, and ratios are reported, because machines are noisy.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

type settings struct {
	pods, namespaces, rules, runs int
	json                          bool
}

// run is one pair of measurements, in seconds and bytes.
type run struct {
	BareSeconds   float64 `json:"bareSeconds"`
	EngineSeconds float64 `json:"engineSeconds"`
	Ratio         float64 `json:"ratio"`
	BareHeap      int64   `json:"bareHeapBytes"`
	EngineHeap    int64   `json:"engineHeapBytes"`
}

// report is what was measured, with what.
type report struct {
	Pods       int     `json:"pods"`
	Namespaces int     `json:"namespaces"`
	Rules      int     `json:"rules"`
	Runs       []run   `json:"runs"`
	Median     float64 `json:"medianRatio"`
	HeapBytes  int64   `json:"medianEngineHeapBytes"`
}

func main() {
	var s settings
	flag.IntVar(&s.pods, "pods", 20000, "pods to create")
	flag.IntVar(&s.namespaces, "namespaces", 100, "namespaces to spread them over")
	flag.IntVar(&s.rules, "rules", 10, "rules to evaluate")
	flag.IntVar(&s.runs, "runs", 5, "pairs of runs")
	flag.BoolVar(&s.json, "json", false, "print JSON instead of a table")
	flag.Parse()
	ctrllog.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := bench(ctx, s)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, s settings) error {
	env, err := testenv.New(testenv.WithoutCRDs())
	if err != nil {
		return err
	}
	defer func() { _ = env.Stop() }()
	fmt.Fprintf(os.Stderr, "creating %d pods in %d namespaces\n", s.pods, s.namespaces)
	if err := populate(ctx, env.Config, s); err != nil {
		return err
	}
	out := report{Pods: s.pods, Namespaces: s.namespaces, Rules: s.rules}
	for i := range s.runs + 1 { // the first warms the API server and is not counted
		fmt.Fprintf(os.Stderr, "run %d of %d\n", i, s.runs)
		r, err := pair(ctx, env, s)
		if err != nil {
			return err
		}
		if i > 0 {
			out.Runs = append(out.Runs, r)
		}
	}
	out.Median = median(out.Runs, func(r run) float64 { return r.Ratio })
	out.HeapBytes = int64(median(out.Runs, func(r run) float64 { return float64(r.EngineHeap) }))
	return out.print(s.json)
}

func pair(ctx context.Context, env *testenv.Env, s settings) (run, error) {
	bare, bareHeap, err := bareReflector(ctx, env.Config, s)
	if err != nil {
		return run{}, fmt.Errorf("bare reflector: %w", err)
	}
	full, heap, err := syncEngine(ctx, env.Config, s)
	if err != nil {
		return run{}, fmt.Errorf("engine: %w", err)
	}
	return run{
		BareSeconds: bare.Seconds(), EngineSeconds: full.Seconds(), Ratio: float64(full) / float64(bare),
		BareHeap: bareHeap, EngineHeap: heap,
	}, nil
}

func median(runs []run, of func(run) float64) float64 {
	var all []float64
	for _, r := range runs {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func (r report) print(asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%d pods, %d namespaces, %d rules\n", r.Pods, r.Namespaces, r.Rules)
	fmt.Fprintln(w, "bare reflector\tengine\tratio\theap of the engine\t")
	for _, x := range r.Runs {
		fmt.Fprintf(w, "%.2f s\t%.2f s\t%.2f\t%.1f MB\t\n", x.BareSeconds, x.EngineSeconds, x.Ratio, float64(x.EngineHeap)/1e6)
	}
	fmt.Fprintf(w, "\tmedian\t%.2f\t%.1f MB\t\n", r.Median, float64(r.HeapBytes)/1e6)
	return w.Flush()
}

// poll waits until a condition holds, looking often: what is measured is shorter than a second.
func poll(ctx context.Context, is func() (bool, error)) error {
	for {
		ok, err := is()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}
