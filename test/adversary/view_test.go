// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adversary

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// view is everything that the operator shows a tenant: every status in their namespace, and the events. Times are
// taken out of it, and the names in which the worlds differ by construction.
func (w *world) view() string {
	w.Helper()
	var out strings.Builder
	for _, list := range []client.ObjectList{
		&isms.ISMSScopeList{}, &isms.ControlList{}, &isms.DocumentList{}, &isms.AttestationList{}, &isms.FindingList{}, &isms.AuditCycleList{},
	} {
		w.list(list)
		raw, err := runtime.DefaultUnstructuredConverter.ToUnstructured(list)
		if err != nil {
			w.Fatal(err)
		}
		items, _ := raw["items"].([]any)
		for _, item := range items {
			o, _ := item.(map[string]any)
			status, err := json.MarshalIndent(timeless(o["status"]), "", " ")
			if err != nil {
				w.Fatal(err)
			}
			fmt.Fprintf(&out, "%T %s\n", list, status)
		}
	}
	told := out.String()
	for _, line := range w.events(told) {
		fmt.Fprintln(&out, line)
	}
	return w.plain(out.String())
}

func (w *world) list(list client.ObjectList) {
	w.Helper()
	if err := w.tenant.List(context.Background(), list, client.InNamespace(w.home)); err != nil {
		w.Fatal(err)
	}
}

// events are those that say more than the statuses. Which of the steps on the way to a status is told of depends on who
// was faster, as does whether a rule was seen while it was listed.
func (w *world) events(told string) []string {
	w.Helper()
	var list eventsv1.EventList
	w.list(&list)
	var out []string
	for _, e := range list.Items {
		_, message, _ := strings.Cut(e.Note, ": ")
		quoted, err := json.Marshal(message)
		if err != nil {
			w.Fatal(err)
		}
		known := strings.Contains(told, strings.Trim(string(quoted), `"`)) && strings.Contains(told, `"`+e.Reason+`"`)
		if e.Reason != isms.ReasonNotSynced && !known {
			out = append(out, fmt.Sprintf("%s %s/%s %s: %s", e.Type, e.Regarding.Kind, e.Regarding.Name, e.Reason, e.Note))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// timeless replaces times.
func timeless(x any) any {
	switch x := x.(type) {
	case map[string]any:
		for k := range x {
			x[k] = timeless(x[k])
		}
	case []any:
		for i := range x {
			x[i] = timeless(x[i])
		}
	case string:
		if _, err := time.Parse(time.RFC3339, x); err == nil {
			return "T"
		}
	}
	return x
}

// unsettled says what the operator has still to say, if anything.
func (w *world) unsettled() string {
	w.Helper()
	var scopes isms.ISMSScopeList
	w.list(&scopes)
	for _, s := range scopes.Items {
		if waits(s.Generation, s.Status.Conditions) {
			return "the scope waits"
		}
		if s.Status.HeartbeatTime == nil { // how soon it comes is no secret, and depends on the machine
			return "the scope has no heartbeat"
		}
	}
	var controls isms.ControlList
	w.list(&controls)
	if len(controls.Items) == 0 {
		return "no control"
	}
	for _, c := range controls.Items {
		if waits(c.Generation, c.Status.Conditions) {
			return "the control waits"
		}
		for _, e := range c.Status.Evidence {
			if e.Reason == isms.ReasonNotSynced {
				return "the rule is not synced"
			}
		}
	}
	return ""
}

func waits(generation int64, conditions []metav1.Condition) bool {
	return len(conditions) == 0 || slices.ContainsFunc(conditions, func(c metav1.Condition) bool {
		return c.ObservedGeneration != generation || c.Reason == isms.ReasonNotSynced
	})
}

// reason is that of the one rule of the tenant's Control.
func (w *world) reason() string {
	w.Helper()
	var controls isms.ControlList
	w.list(&controls)
	for _, c := range controls.Items {
		for _, e := range c.Status.Evidence {
			return e.Reason
		}
	}
	return ""
}
