// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// showEvent prints an event that the operator recorded about one of the broken controls since the moment. Events are
// written after the status, and in the background.
func (s *stage) showEvent(ctx context.Context, since time.Time, kind string) error {
	var name string
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, eventLimit, true, func(ctx context.Context) (bool, error) {
		var events eventsv1.EventList
		if err := s.cluster.List(ctx, &events, client.InNamespace(samplesNamespace)); err != nil {
			return false, fmt.Errorf("list the events: %w", err)
		}
		i := slices.IndexFunc(events.Items, func(event eventsv1.Event) bool {
			return event.Type == kind && event.Regarding.Kind == "Control" &&
				event.Regarding.Name == brokenControls[1] && !eventTime(&event).Before(since.Truncate(time.Second))
		})
		if i >= 0 {
			name = events.Items[i].Name
		}
		return i >= 0, nil
	})
	if err != nil {
		return fmt.Errorf("expected a %s event about control %s: %w", kind, brokenControls[1], err)
	}
	return s.kubectl.show(ctx, "get", "event", name, "-n", samplesNamespace, "-o",
		"custom-columns=TYPE:.type,REASON:.reason,OBJECT:.involvedObject.name,MESSAGE:.message")
}

func eventTime(event *eventsv1.Event) time.Time {
	if event.Series != nil {
		return event.Series.LastObservedTime.Time
	}
	return event.EventTime.Time
}
