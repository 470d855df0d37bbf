// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/engine"
)

// load is what an engine is given to do.
type load struct {
	scopes   []*isms.ISMSScope
	controls []*isms.Control
	hostile  []*isms.Control // beside them, and not waited for
	subjects int             // of each rule
	track    bool
}

// sample is what it took.
type sample struct {
	Seconds float64
	CPU     float64 // seconds of processor time of this process, the client's half of the work
	Bytes   int64   // that the live heap has grown by, with everything synced
}

// podLoad is n rules of one scope about all pods.
func (b *bench) podLoad(rules int) load {
	return load{scopes: []*isms.ISMSScope{scope("bench")}, controls: podControls("bench", rules), subjects: b.created}
}

// runEngine starts an engine, gives it the rules, and waits until each has counted every object.
func runEngine(ctx context.Context, config *rest.Config, l load) (sample, error) {
	return runEngineThen(ctx, config, l, func(context.Context, *engine.Engine) error { return nil })
}

// runEngineThen does something with the engine as well, when all has been counted.
func runEngineThen(ctx context.Context, config *rest.Config, l load, then func(context.Context, *engine.Engine) error) (sample, error) {
	before := liveHeap()
	start, used := time.Now(), processorTime()
	e, err := engine.New(config, engine.Options{Check: check.Options{AlwaysTrack: l.track}})
	if err != nil {
		return sample{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	byName := map[string]*isms.ISMSScope{}
	for _, s := range l.scopes {
		e.SetScope(s)
		byName[s.Name] = s
	}
	for _, c := range slices.Concat(l.hostile, l.controls) {
		e.SetControl(c, byName[string(c.Spec.ScopeRef.Name)])
	}
	err = poll(ctx, func() (bool, error) { return synced(e, l) })
	out := sample{Seconds: time.Since(start).Seconds(), CPU: processorTime() - used}
	out.Bytes = liveHeap() - before
	if err == nil {
		err = then(ctx, e)
	}
	cancel()
	if stopped := <-done; err == nil {
		err = stopped
	}
	runtime.KeepAlive(e)
	return out, err
}

// synced reports whether every rule has counted every object; the last rule is the first asked.
func synced(e *engine.Engine, l load) (bool, error) {
	for i := len(l.controls) - 1; i >= 0; i-- {
		name := l.controls[i].Name
		snap := e.Snapshot(types.NamespacedName{Namespace: home, Name: name})["rule"]
		switch {
		case snap.Unavailable == isms.ReasonNotSynced:
			return false, nil
		case snap.Unavailable != "":
			return false, fmt.Errorf("rule %s: %s %s", name, snap.Unavailable, snap.Message)
		case snap.Counts.Passing != l.subjects:
			return false, fmt.Errorf("rule %s: %+v, want %d objects that pass", name, snap.Counts, l.subjects)
		}
	}
	return true, nil
}

// processorTime is what this process has used, in seconds.
func processorTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// liveHeap is what the garbage collector finds in use.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // a heap is smaller than that
}
