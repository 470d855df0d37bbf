// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// Types of an Event, as Kubernetes knows them.
const (
	EventNormal  = "Normal"
	EventWarning = "Warning"
)

// Event tells of one transition. It is a value; the controller publishes it after the status is written.
type Event struct {
	// Type is EventNormal or EventWarning.
	Type string
	// Reason is the reason of the condition that changed.
	Reason string
	// Message begins with the condition that changed.
	Message string
	// Action tells apart events of one object that share a reason, such as the deadlines of a cycle; empty for a transition.
	Action string
}

// Transitions tells of each of the conditions whose status or reason differs. The first assessment of an object tells
// only of what is False: that nothing was known before is no news.
func Transitions(before, after []metav1.Condition, types ...string) []Event {
	var events []Event
	for _, t := range types {
		c := conditions.Get(after, t)
		if c == nil || !conditions.Changed(before, after, t) {
			continue
		}
		if len(before) == 0 && c.Status != metav1.ConditionFalse {
			continue
		}
		events = append(events, event(conditions.Get(before, t), c))
	}
	return events
}

// event is a warning unless the condition is True now, or Unknown where it was False: that is a step up.
func event(before, c *metav1.Condition) Event {
	e := Event{Type: EventWarning, Reason: c.Reason, Message: fmt.Sprintf("%s is %s", c.Type, c.Status)}
	better := c.Status == metav1.ConditionUnknown && before != nil && before.Status == metav1.ConditionFalse
	if c.Status == metav1.ConditionTrue || better {
		e.Type = EventNormal
	}
	if c.Message != "" {
		e.Message += ": " + c.Message
	}
	return e
}

// expiries tells of each exception that has expired since the earlier status.
func (a *assessment) expiries(now []isms.ExceptionStatus) []Event {
	before := map[string]isms.ExceptionState{}
	for _, e := range a.control.Status.Exceptions {
		before[e.Name] = e.State
	}
	var events []Event
	for _, e := range now {
		was, known := before[e.Name]
		if e.State == isms.ExceptionExpired && known && was != isms.ExceptionExpired {
			message := fmt.Sprintf("The exception %s has expired and waives nothing any more.", e.Name)
			events = append(events, Event{Type: EventWarning, Reason: isms.ReasonExpired, Message: message})
		}
	}
	return events
}
