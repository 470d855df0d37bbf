// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// drop is a store that stores nothing: of a streamed list only the keys go through it.
type drop struct{ synced atomic.Bool }

var _ cache.TransformingStore = (*drop)(nil)

// Transformer implements cache.TransformingStore.
func (d *drop) Transformer() cache.TransformFunc {
	return func(obj any) (any, error) {
		m, err := meta.Accessor(obj)
		if err != nil {
			return nil, fmt.Errorf("bare reflector: %w", err)
		}
		return &metav1.ObjectMeta{Namespace: m.GetNamespace(), Name: m.GetName(), ResourceVersion: m.GetResourceVersion()}, nil
	}
}

// Add and the others implement cache.ReflectorStore.
func (d *drop) Add(any) error    { return nil }
func (d *drop) Update(any) error { return nil }
func (d *drop) Delete(any) error { return nil }
func (d *drop) Resync() error    { return nil }
func (d *drop) Replace([]any, string) error {
	d.synced.Store(true)
	return nil
}

// follow runs a reflector as client-go makes it, until the list has come; then calls synced and goes on until the context ends.
func follow(ctx context.Context, lw cache.ListerWatcher, synced func()) error {
	ctx, cancel := context.WithCancel(ctx)
	store, done := &drop{}, make(chan struct{})
	go func() {
		defer close(done)
		cache.NewReflectorWithOptions(lw, nil, store, cache.ReflectorOptions{}).RunWithContext(ctx)
	}()
	err := poll(ctx, func() (bool, error) { return store.synced.Load(), nil })
	if err == nil {
		synced()
		<-ctx.Done()
	}
	cancel()
	<-done
	return err
}

// timed is the time that a reflector takes from nothing to the end of its list.
func timed(ctx context.Context, open func() (cache.ListerWatcher, error)) (sample, error) {
	runtime.GC() // as before each run of an engine
	start, used := time.Now(), processorTime()
	lw, err := open()
	if err != nil {
		return sample{}, err
	}
	var took sample
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err = follow(ctx, lw, func() {
		took = sample{Seconds: time.Since(start).Seconds(), CPU: processorTime() - used}
		cancel()
	})
	return took, err
}

func barePods(ctx context.Context, config *rest.Config) (sample, error) {
	return timed(ctx, func() (cache.ListerWatcher, error) { return typedPods(config) })
}

func typedPods(config *rest.Config) (cache.ListerWatcher, error) {
	c, err := kubernetes.NewForConfig(protobuf(config))
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	pods := c.CoreV1().Pods("")
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (kruntime.Object, error) { return pods.List(ctx, o) },
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return pods.Watch(ctx, o)
		},
	}, nil
}

func bareWidgets(ctx context.Context, config *rest.Config) (sample, error) {
	return timed(ctx, func() (cache.ListerWatcher, error) {
		c, err := dynamic.NewForConfig(unlimited(config))
		if err != nil {
			return nil, fmt.Errorf("client: %w", err)
		}
		widgets := c.Resource(widgetResource)
		return &cache.ListWatch{
			ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (kruntime.Object, error) { return widgets.List(ctx, o) },
			WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return widgets.Watch(ctx, o)
			},
		}, nil
	})
}

// reflectPods is the process that the operator is compared with in a storm.
func reflectPods(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", clientcmd.NewDefaultClientConfigLoadingRules().GetDefaultFilename())
	if err != nil {
		return fmt.Errorf("kubeconfig: %w", err)
	}
	lw, err := typedPods(config)
	if err != nil {
		return err
	}
	return follow(ctx, lw, func() {})
}

// unlimited is without a client-side limit.
func unlimited(config *rest.Config) *rest.Config {
	out := rest.CopyConfig(config)
	out.QPS, out.Burst, out.RateLimiter = -1, 0, nil
	return out
}

func protobuf(config *rest.Config) *rest.Config {
	out := unlimited(config)
	out.ContentType = kruntime.ContentTypeProtobuf
	return out
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
