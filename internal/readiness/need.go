// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// need is one thing that a requirement asks for: whether it is there, and what would put it there.
type need struct {
	status metav1.ConditionStatus
	reason string
	// todo is a sentence that says what to do; empty where nothing is to be done.
	todo string
}

// want is met, or False.
func want(met bool, reason, todo string) need {
	if met {
		return need{status: metav1.ConditionTrue}
	}
	return need{metav1.ConditionFalse, reason, todo}
}

// declared is met, or Unknown: where there is nothing of a kind, nothing is shown either way.
func declared(some bool, todo string) need {
	if some {
		return need{status: metav1.ConditionTrue}
	}
	return need{metav1.ConditionUnknown, isms.ReasonNothingDeclared, todo}
}

// stated is met where each field holds something, else False, Incomplete.
func stated(fields ...field) need {
	var open []string
	for _, f := range fields {
		if !f.stated {
			open = append(open, f.path)
		}
	}
	return want(len(open) == 0, isms.ReasonIncomplete, "State "+conditions.Names(open)+" in the ISMSScope.")
}

// field is a field of the scope's spec.
type field struct {
	path   string
	stated bool
}

// from turns a condition's summary into a need.
func from(s conditions.Summary) need { return need{s.Status, s.Reason, s.Message} }

// each asks the same of several named things: one need per status and reason, False first, that says what to do and names
// the things. What to do, such as "Assess the risk", may depend on the reason.
func each[T any](things []T, name func(T) string, judge func(T) (metav1.ConditionStatus, string), todo func(reason string) string) []need {
	var needs []need
	names := map[string][]string{}
	for _, status := range []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown} {
		for _, thing := range things {
			got, reason := judge(thing)
			if normal(got) != status {
				continue
			}
			key := string(status) + reason
			if names[key] == nil {
				needs = append(needs, need{status: status, reason: reason})
			}
			names[key] = append(names[key], name(thing))
		}
	}
	for i, n := range needs {
		list := conditions.Names(names[string(n.status)+n.reason])
		needs[i].todo = fmt.Sprintf("%s: %s.", todo(n.reason), list)
	}
	return needs
}

// normal reads whatever is neither True nor False as Unknown.
func normal(status metav1.ConditionStatus) metav1.ConditionStatus {
	if status == metav1.ConditionTrue || status == metav1.ConditionFalse {
		return status
	}
	return metav1.ConditionUnknown
}

// join answers a requirement or a condition: False beats Unknown beats True, the reason is that of the first need with
// the worst status, and the message says what to do, at most three things, False before Unknown. Where all needs are
// met the reason is the one given. No need at all is Unknown: nothing is True vacuously.
func join(needs []need, holds string) conditions.Summary {
	if len(needs) == 0 {
		return unknown(isms.ReasonNothingDeclared, "Nothing was assessed.")
	}
	var worst *need
	var todos []string
	for _, status := range []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown} {
		for i := range needs {
			if normal(needs[i].status) != status {
				continue
			}
			if worst == nil {
				worst = &needs[i]
			}
			todos = append(todos, needs[i].todo)
		}
	}
	if worst == nil {
		return yes(holds, "")
	}
	const most = 3
	message := strings.Join(todos[:min(len(todos), most)], " ")
	if more := len(todos) - most; more > 0 {
		message += " And " + conditions.Count(more, "more thing") + "."
	}
	return conditions.Summary{Status: normal(worst.status), Reason: worst.reason, Message: conditions.Truncate(message)}
}
