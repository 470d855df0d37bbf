// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package conditions

import (
	"fmt"
	"regexp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

var pascalCase = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// Violations lists what is wrong with an object's conditions after a visit; tests call it after every one. Besides
// Ready, each of the wanted types must be there: conditions are written from the first visit on.
func Violations(list []metav1.Condition, generation int64, wanted ...string) []string {
	found := violationsOfSet(list)
	seen := map[string]bool{}
	for _, c := range list {
		if seen[c.Type] {
			found = append(found, c.Type+": twice")
		}
		seen[c.Type] = true
		for _, problem := range violationsOf(c, generation) {
			found = append(found, c.Type+": "+problem)
		}
	}
	for _, t := range append([]string{isms.ConditionReady}, wanted...) {
		if !seen[t] {
			found = append(found, t+": missing")
		}
	}
	return found
}

// violationsOfSet checks what kstatus reads: Ready, Stalled and Reconciling together.
func violationsOfSet(list []metav1.Condition) []string {
	var found []string
	stalled, reconciling := Get(list, isms.ConditionStalled), Get(list, isms.ConditionReconciling)
	for _, c := range []*metav1.Condition{stalled, reconciling} {
		if c != nil && c.Status != metav1.ConditionTrue {
			found = append(found, c.Type+": present without being True")
		}
	}
	if stalled != nil && reconciling != nil {
		found = append(found, "Stalled and Reconciling at once")
	}
	if (stalled != nil || reconciling != nil) && IsTrue(list, isms.ConditionReady) {
		found = append(found, "Ready is True while Stalled or Reconciling")
	}
	ready := Get(list, isms.ConditionReady)
	if ready != nil && ready.Status != metav1.ConditionTrue && stalled == nil && reconciling == nil {
		found = append(found, "Ready is not True, but neither Stalled nor Reconciling says why")
	}
	return found
}

func violationsOf(c metav1.Condition, generation int64) []string {
	var found []string
	check := func(ok bool, format string, args ...any) {
		if !ok {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	check(pascalCase.MatchString(c.Type), "the type is not PascalCase")
	check(pascalCase.MatchString(c.Reason), "the reason %q is not PascalCase", c.Reason)
	check(c.Status == metav1.ConditionTrue || c.Status == metav1.ConditionFalse || c.Status == metav1.ConditionUnknown,
		"the status is %q", c.Status)
	check(c.ObservedGeneration == generation, "observed generation %d, want %d", c.ObservedGeneration, generation)
	check(!c.LastTransitionTime.IsZero(), "no time of transition")
	check(c.LastTransitionTime.Nanosecond() == 0, "the time of transition does not survive the API server")
	check(len(c.Message) <= MaxMessage, "the message has %d bytes", len(c.Message))
	check(!strings.ContainsAny(c.Message, "\n\r\t"), "the message has more than one line")
	check(c.Status == metav1.ConditionTrue || c.Message != "", "%s without a message", c.Status)
	return found
}
