// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// showEvent waits for a warning about one of the broken controls that was recorded since the moment, and prints it.
// Events are written after the status, in the background.
func (s *stage) showEvent(ctx context.Context, since time.Time) error {
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, eventLimit, true, func(ctx context.Context) (bool, error) {
		var events eventsv1.EventList
		if err := s.cluster.List(ctx, &events, client.InNamespace(samplesNamespace)); err != nil {
			return false, fmt.Errorf("list the events: %w", err)
		}
		return slices.ContainsFunc(events.Items, func(event eventsv1.Event) bool {
			return event.Type == corev1.EventTypeWarning && event.Reason == isms.ReasonObjectsFailed &&
				event.Regarding.Kind == "Control" && event.Regarding.Name == brokenControls[1] && !eventTime(&event).Before(since.Truncate(time.Second))
		}), nil
	})
	if err != nil {
		return fmt.Errorf("expected a warning about control %s: %w", brokenControls[1], err)
	}
	return s.kubectl.show(ctx, "get", "events", "-n", samplesNamespace, "--field-selector",
		"reason="+isms.ReasonObjectsFailed+",involvedObject.name="+brokenControls[1])
}

func eventTime(event *eventsv1.Event) time.Time {
	if event.Series != nil {
		return event.Series.LastObservedTime.Time
	}
	return event.EventTime.Time
}
