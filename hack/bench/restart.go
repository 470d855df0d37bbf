// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// restart is point 6: the operator stops and starts with all objects there. Nothing is written but the heartbeat, and
// no status says Unknown for a moment. That it has synced shows in a change that it follows.
func (b *bench) restart(ctx context.Context) error {
	return b.withOperator(ctx, func(first *process, c client.WithWatch) error {
		seen, err := watchWrites(ctx, c)
		if err != nil {
			return err
		}
		defer seen.stop()
		first.stop()
		asked, err := countRequests(ctx, b.env.Config)
		if err != nil {
			return err
		}
		start := time.Now()
		second, err := b.startOperator(b.env.Config)
		if err != nil {
			return err
		}
		defer second.stop()
		if err := second.calm(ctx); err != nil {
			return err
		}
		after, err := countRequests(ctx, b.env.Config)
		if err != nil {
			return err
		}
		writes, unknown, written := seen.counts()
		detail := fmt.Sprintf("%d Controls, %d pods; %.0f status writes by the API server's count; %s", len(ismsControls()), b.created,
			after.since(asked).statusWrites(), strings.Join(written, ", "))
		b.atMost(0, figure{Point: 6, Name: "writes of a restart, besides the heartbeat", Measured: float64(writes), Detail: detail})
		b.atMost(0, figure{Point: 6, Name: "statuses that said Unknown during it", Measured: float64(unknown)})
		if err := b.follows(ctx, c); err != nil {
			return err
		}
		b.say("the operator followed a change %.1f s after its start", time.Since(start).Seconds())
		return second.alive()
	})
}

// follows changes an object and waits for the status.
func (b *bench) follows(ctx context.Context, c client.WithWatch) error {
	w, err := c.Watch(ctx, &isms.ControlList{}, client.InNamespace(home))
	if err != nil {
		return fmt.Errorf("watch controls: %w", err)
	}
	defer w.Stop()
	if err := c.Update(ctx, b.flipped(0, true)); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	if err := await(ctx, w, benchScope+"-flip-0", isms.EvidenceFail); err != nil {
		return err
	}
	return b.unflip(ctx, c)
}

// writes counts what is written to Controls and scopes.
type writes struct {
	watches []watch.Interface
	done    sync.WaitGroup

	mu                sync.Mutex
	statuses, unknown int
	written           []string          // what was, each time
	heartbeat         map[string]string // of each scope: its status without the heartbeat
}

// watchWrites begins after what is there already.
func watchWrites(ctx context.Context, c client.WithWatch) (*writes, error) {
	w := &writes{heartbeat: map[string]string{}}
	var scopes isms.ISMSScopeList
	if err := c.List(ctx, &scopes, client.InNamespace(home)); err != nil {
		return nil, fmt.Errorf("list scopes: %w", err)
	}
	for i := range scopes.Items {
		w.heartbeat[scopes.Items[i].Name] = withoutHeartbeat(&scopes.Items[i])
	}
	var controls isms.ControlList
	if err := c.List(ctx, &controls, client.InNamespace(home)); err != nil {
		return nil, fmt.Errorf("list controls: %w", err)
	}
	for _, kind := range []client.ObjectList{&scopes, &controls} {
		from := &metav1.ListOptions{ResourceVersion: kind.GetResourceVersion()}
		x, err := c.Watch(ctx, kind, &client.ListOptions{Namespace: home, Raw: from})
		if err != nil {
			return nil, fmt.Errorf("watch: %w", err)
		}
		w.watches = append(w.watches, x)
		w.done.Go(func() {
			for e := range x.ResultChan() {
				w.note(e)
			}
		})
	}
	return w, nil
}

func (w *writes) note(e watch.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch o := e.Object.(type) {
	case *isms.Control:
		w.statuses++
		w.written = append(w.written, "Control "+o.Name)
		for _, x := range o.Status.Evidence {
			if x.Result == isms.EvidenceUnknown {
				w.unknown++
			}
		}
	case *isms.ISMSScope:
		if now := withoutHeartbeat(o); w.heartbeat[o.Name] != now {
			w.heartbeat[o.Name] = now
			w.statuses++
			w.written = append(w.written, "ISMSScope "+o.Name)
		}
	}
}

func withoutHeartbeat(s *isms.ISMSScope) string {
	status := s.Status.DeepCopy()
	status.HeartbeatTime = nil
	return fmt.Sprintf("%d %s", s.Generation, encode(status))
}

func (w *writes) counts() (statuses, unknown int, written []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.statuses, w.unknown, slices.Clone(w.written)
}

func (w *writes) stop() {
	for _, x := range w.watches {
		x.Stop()
	}
	w.done.Wait()
}
