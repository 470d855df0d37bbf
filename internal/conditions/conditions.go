// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package conditions writes, reads and summarises status conditions. The clock is always given, so that the same
// input yields the same bytes.
package conditions

import (
	"strings"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// MaxMessage bounds a condition's message, in bytes. Messages name at most a few things, so only a hostile name or a
// compiler's error comes near it.
const MaxMessage = 1024

// Writer collects the conditions of one visit. What the visit does not set is gone after it: no condition outlives
// the assessment that found it, and Stalled and Reconciling stand only while they are true.
type Writer struct {
	previous   []metav1.Condition
	generation int64
	now        metav1.Time
	list       []metav1.Condition
}

// NewWriter starts a visit of an object of the given generation. The previous conditions serve only to keep the time
// of the last transition where a status stays the same.
func NewWriter(previous []metav1.Condition, generation int64, now time.Time) *Writer {
	return &Writer{previous: previous, generation: generation, now: metav1.NewTime(now.UTC().Truncate(time.Second))}
}

// Set writes one condition. The later of two calls for the same type counts.
func (w *Writer) Set(conditionType string, status metav1.ConditionStatus, reason, message string) {
	condition := metav1.Condition{
		Type: conditionType, Status: status, ObservedGeneration: w.generation,
		Reason: reason, Message: Truncate(message), LastTransitionTime: w.now,
	}
	before := meta.FindStatusCondition(w.previous, conditionType)
	if before != nil && before.Status == status && !before.LastTransitionTime.IsZero() {
		condition.LastTransitionTime = before.LastTransitionTime
	}
	if written := meta.FindStatusCondition(w.list, conditionType); written != nil {
		*written = condition
		return
	}
	w.list = append(w.list, condition)
}

// SetTo writes one condition from a summary.
func (w *Writer) SetTo(conditionType string, s Summary) {
	w.Set(conditionType, s.Status, s.Reason, s.Message)
}

// Ready says that this generation was assessed and nothing in the machinery is broken.
func (w *Writer) Ready(reason, message string) {
	w.Set(isms.ConditionReady, metav1.ConditionTrue, reason, message)
}

// Stalled says that only a change by a person can help. Ready is False for the same reason.
func (w *Writer) Stalled(reason, message string) {
	w.Set(isms.ConditionReady, metav1.ConditionFalse, reason, message)
	w.Set(isms.ConditionStalled, metav1.ConditionTrue, reason, message)
}

// Reconciling says that something is awaited which should come by itself. Ready is Unknown for the same reason.
func (w *Writer) Reconciling(reason, message string) {
	w.Set(isms.ConditionReady, metav1.ConditionUnknown, reason, message)
	w.Set(isms.ConditionReconciling, metav1.ConditionTrue, reason, message)
}

// ObservedGeneration is the generation for the status: this one, or the previous one as long as Reconciling says that
// the assessment is not complete.
func (w *Writer) ObservedGeneration(previous int64) int64 {
	if IsTrue(w.list, isms.ConditionReconciling) {
		return previous
	}
	return w.generation
}

// List returns the conditions of this visit in the order in which they were first set.
func (w *Writer) List() []metav1.Condition { return w.list }

// Get finds a condition by its type; nil where there is none.
func Get(list []metav1.Condition, conditionType string) *metav1.Condition {
	return meta.FindStatusCondition(list, conditionType)
}

// IsTrue says whether the condition is there and True.
func IsTrue(list []metav1.Condition, conditionType string) bool {
	return meta.IsStatusConditionTrue(list, conditionType)
}

// Changed says whether the status or the reason of a condition differs between two visits: what is worth an event.
func Changed(before, after []metav1.Condition, conditionType string) bool {
	b, a := Get(before, conditionType), Get(after, conditionType)
	if b == nil || a == nil {
		return b != a
	}
	return b.Status != a.Status || b.Reason != a.Reason
}

// Truncate cuts a message to MaxMessage bytes at the border of a character, and makes it one line of valid UTF-8.
func Truncate(message string) string {
	message = strings.Join(strings.Fields(strings.ToValidUTF8(message, "")), " ")
	if len(message) <= MaxMessage {
		return message
	}
	const ellipsis = "..."
	cut := MaxMessage - len(ellipsis)
	for !utf8.RuneStart(message[cut]) {
		cut--
	}
	return strings.TrimRight(message[:cut], " ") + ellipsis
}
