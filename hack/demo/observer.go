// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// observer watches the sample ISMS as anybody could, and notes when each object came to say something else.
type observer struct {
	cluster *cluster

	mu       sync.Mutex
	controls map[string]*isms.Control
	cycles   map[string]*isms.AuditCycle
	scopes   map[string]*isms.ISMSScope
	risks    map[string]*isms.Risk
	history  []transition
	changed  chan struct{}
}

// transition is the moment at which an object came to say something: a control its result, a risk whether it is treated, a
// cycle its share of satisfied controls.
type transition struct {
	at           time.Time
	object, says string
}

func newObserver(c *cluster) *observer {
	return &observer{
		cluster:  c,
		controls: map[string]*isms.Control{},
		cycles:   map[string]*isms.AuditCycle{},
		scopes:   map[string]*isms.ISMSScope{},
		risks:    map[string]*isms.Risk{},
		changed:  make(chan struct{}),
	}
}

// run watches until the context ends.
func (o *observer) run(ctx context.Context) {
	var group sync.WaitGroup
	for _, list := range []client.ObjectList{&isms.ControlList{}, &isms.AuditCycleList{}, &isms.ISMSScopeList{}, &isms.RiskList{}} {
		group.Go(func() { o.follow(ctx, list) })
	}
	group.Wait()
}

// follow opens the watch anew whenever the API server ends it. A watch begins with the objects that are there.
func (o *observer) follow(ctx context.Context, list client.ObjectList) {
	for ctx.Err() == nil {
		stream, err := o.cluster.Watch(ctx, list, client.InNamespace(samplesNamespace))
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		for event := range stream.ResultChan() {
			o.note(event, time.Now())
		}
	}
}

func (o *observer) note(event watch.Event, at time.Time) {
	if event.Type != watch.Added && event.Type != watch.Modified {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch object := event.Object.(type) {
	case *isms.Control:
		o.controls[object.Name] = object
		o.remember(transition{at, object.Name, string(object.Status.Result)})
	case *isms.AuditCycle:
		o.cycles[object.Name] = object
		o.remember(transition{at, object.Name, satisfiedShare(object)})
	case *isms.ISMSScope:
		o.scopes[object.Name] = object
	case *isms.Risk:
		o.risks[object.Name] = object
		o.remember(transition{at, object.Name, treatedSays(object)})
	}
	close(o.changed)
	o.changed = make(chan struct{})
}

// remember appends the transition unless the object already said so.
func (o *observer) remember(next transition) {
	for i := len(o.history) - 1; i >= 0; i-- {
		if o.history[i].object == next.object {
			if o.history[i].says == next.says {
				return
			}
			break
		}
	}
	o.history = append(o.history, next)
}

// after is how long after the moment the object came to say it; zero where its event came before the moment.
func (o *observer) after(moment time.Time, object, says string) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := len(o.history) - 1; i >= 0; i-- {
		if o.history[i].object == object && o.history[i].says == says {
			return max(0, o.history[i].at.Sub(moment))
		}
	}
	return 0
}

// expectation names what is still missing, sorted; empty when it is met. It is called with the lock held.
type expectation func(*observer) []string

var errOperatorEnded = errors.New("the operator ended")

// until waits until the expectation is met, at most for the time, and as long as the operator runs.
func (o *observer) until(ctx context.Context, limit time.Duration, ended <-chan struct{}, want expectation) error {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		o.mu.Lock()
		missing, changed := want(o), o.changed
		o.mu.Unlock()
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-ended:
			return errOperatorEnded
		case <-deadline.C:
			return fmt.Errorf("not within %s as expected:%s", limit, bullets(missing, 20))
		}
	}
}

// bullets lists the lines, at most the first so many.
func bullets(lines []string, most int) string {
	text := ""
	for i, line := range lines {
		if i == most {
			return text + fmt.Sprintf("\n  and %d more", len(lines)-most)
		}
		text += "\n  " + line
	}
	return text
}
