// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package conditions

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// A message names at most this many causes, and of each cause this many names.
const (
	maxCauses = 3
	maxNames  = 3
)

// Cause is what one named part contributes to a summary.
type Cause struct {
	Name   string
	Status metav1.ConditionStatus
	Reason string
}

// Summary is the common status of several causes.
type Summary struct {
	Status  metav1.ConditionStatus
	Reason  string
	Message string
}

// Summarise joins causes: False beats Unknown beats True. The reason is that of the first cause with the worst
// status, so the callers' order decides. The message names the reasons that are not True, False before Unknown, each
// with its parts; it is empty where all are True. No cause at all is Unknown, NotYetAssessed: nothing is True
// vacuously.
func Summarise(causes []Cause) Summary {
	if len(causes) == 0 {
		return Summary{Status: metav1.ConditionUnknown, Reason: isms.ReasonNotYetAssessed, Message: "Nothing was assessed."}
	}
	worst := causes[0]
	for _, c := range causes[1:] {
		if rank(c.Status) < rank(worst.Status) {
			worst = c
		}
	}
	statuses := []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown, metav1.ConditionTrue}
	return Summary{Status: statuses[rank(worst.Status)], Reason: worst.Reason, Message: describe(causes)}
}

// rank orders statuses from the worst. Whatever is neither False nor True counts as Unknown.
func rank(s metav1.ConditionStatus) int {
	switch s {
	case metav1.ConditionFalse:
		return 0
	case metav1.ConditionTrue:
		return 2
	}
	return 1
}

// describe groups the causes that are not True by reason.
func describe(causes []Cause) string {
	type group struct {
		reason string
		names  []string
	}
	var groups []*group
	for _, wanted := range []int{0, 1} {
		byReason := map[string]*group{}
		for _, c := range causes {
			if rank(c.Status) != wanted {
				continue
			}
			g, ok := byReason[c.Reason]
			if !ok {
				g = &group{reason: c.Reason}
				byReason[c.Reason] = g
				groups = append(groups, g)
			}
			g.names = append(g.names, c.Name)
		}
	}
	var parts []string
	for _, g := range groups[:min(len(groups), maxCauses)] {
		parts = append(parts, g.reason+": "+Names(g.names))
	}
	if more := len(groups) - maxCauses; more > 0 {
		parts = append(parts, "and "+Count(more, "more reason"))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, "; ") + "."
}

// Names lists at most three names and says how many more there are: "A.5.1, A.5.2, A.5.3 and 75 more". The order is
// the caller's.
func Names(names []string) string { return NamesOf(names, len(names)) }

// NamesOf is Names for a sample of a larger total.
func NamesOf(sample []string, total int) string {
	shown := sample[:min(len(sample), maxNames)]
	list := strings.Join(shown, ", ")
	if more := total - len(shown); more > 0 {
		return fmt.Sprintf("%s and %d more", list, more)
	}
	return list
}

// Count writes a number with its noun: "1 subject", "2 subjects".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
