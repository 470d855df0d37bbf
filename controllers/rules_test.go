// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestInvalidRules: a rule that can't be evaluated as it is written is a condition that says where and why, and then
// there is rest.
func TestInvalidRules(t *testing.T) {
	w := newLoneWorld(t)
	w.create(somePod(w.namespace("shop"), "web", "yes"))
	tests := []struct {
		name, id, expect string
		message          []string // parts
	}{
		{"syntax", "A.8.1", "object.spec.hostNetwork ==", []string{"rule: ", "1:"}},
		{"no such field", "A.8.2", "object.spec.hostNetwerk == true", []string{"rule: ", "hostNetwerk"}},
		{"no such variable", "A.8.3", "params.registries.size() > 0", []string{"rule: ", "1:", "registries"}},
		{"not a bool", "A.8.4", "object.metadata.name + 'x'", []string{"rule: ", "1:1", "must be true or false"}},
	}
	w.create(w.scope())
	for _, test := range tests {
		w.create(w.control(test.id, item("rule", isms.ResourceRule{
			APIVersion: "v1", Kind: "Pod", Quantifier: isms.QuantifierEvery, Expect: test.expect,
		})))
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := w.control(test.id)
			w.want(c, "result Unknown", "rule Unknown RuleInvalid", "Ready False RuleInvalid", "Stalled True RuleInvalid", "Satisfied Unknown RuleInvalid")
			for _, part := range test.message {
				if m := message(c, isms.ConditionStalled); !strings.Contains(m, part) {
					t.Errorf("the message has no %q: %s", part, m)
				}
			}
		})
	}
	w.settle()
	w.atRest()

	mended := w.control("A.8.1")
	w.merge(mended, `{"spec":{"evidence":[{"name":"rule","strength":"Substantial","resources":{
		"apiVersion":"v1","kind":"Pod","quantifier":"Every","expect":"object.spec.?hostNetwork.orValue(false) == false"}}]}}`)
	w.want(mended, "result Effective", "Ready True Assessed", "no Stalled", "rule Pass ObjectsPassed")
}

// atRest waits for a second in which no Control is reconciled: a loop, even one without errors, never has one. It
// counts all operators of the process, so it is for a lone world.
func (w *world) atRest() {
	w.Helper()
	w.eventually(func() string {
		before := w.reconciles()
		time.Sleep(time.Second)
		if after := w.reconciles(); after != before {
			return fmt.Sprintf("%v reconciles of Controls in a second", after-before)
		}
		return ""
	})
}

func (w *world) reconciles() float64 {
	w.Helper()
	families, err := metrics.Registry.Gather()
	if err != nil {
		w.Fatal(err)
	}
	sum, found := 0.0, false
	for _, f := range families {
		if f.GetName() != "controller_runtime_reconcile_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			if slices.ContainsFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetName() == "controller" && l.GetValue() == "control" }) {
				found = true
				sum += m.GetCounter().GetValue()
			}
		}
	}
	if !found {
		w.Fatal("controller-runtime counts no reconciles of Controls")
	}
	return sum
}

// TestEventOfALongMessage: the API server takes notes of 1024 bytes, and conditions may say as much.
func TestEventOfALongMessage(t *testing.T) {
	w := newWorld(t)
	w.create(w.scope())
	var items []isms.EvidenceItem
	for i := range 3 {
		items = append(items, item(fmt.Sprintf("item-%d", i), isms.ResourceRule{
			APIVersion: "v1", Kind: "Pod", Quantifier: isms.QuantifierEvery,
			Expect: "object.spec." + strings.Repeat("long", 100) + fmt.Sprint(i) + " == true",
		}))
	}
	control := w.control("A.8.1", items...)
	w.create(control)
	w.want(control, "Stalled True RuleInvalid")
	w.eventually(func() string {
		w.refresh(control)
		if n := len(message(control, isms.ConditionStalled)); n < 1000 {
			return fmt.Sprintf("a message of %d bytes is no test", n)
		}
		return ""
	})
	w.wantEvent(control, "Warning RuleInvalid Ready is False: item-0: ")
}

// TestStatusStaysSmall: thousands of failing objects with the longest of names are counted, and ten are named.
func TestStatusStaysSmall(t *testing.T) {
	w := newWorld(t)
	w.serveWidgets()
	shop := w.namespace(strings.Repeat("x", 40))
	w.createWidget(shop, "first", false)
	const many = 2000
	var wait sync.WaitGroup
	numbers := make(chan int)
	for range 8 {
		wait.Go(func() {
			for i := range numbers {
				if err := w.client.Create(ctx, w.widget(shop, fmt.Sprintf("%s-%d", strings.Repeat("n", 240), i), false)); err != nil {
					w.Error(err)
				}
			}
		})
	}
	for i := range many - 1 {
		numbers <- i
	}
	close(numbers)
	wait.Wait()
	second := w.widgetsOK(isms.QuantifierEvery)
	second.Name, second.Resources.Expect = "second", "object.spec.ok || object.metadata.name == 'first'"
	control := w.control("A.8.22", w.widgetsOK(isms.QuantifierEvery), second)
	w.create(w.scope(), control)
	w.eventually(func() string {
		w.refresh(control)
		if e := control.Status.Evidence; len(e) != 2 || e[0].Failing != many || e[1].Failing != many-1 {
			return "not all objects are counted"
		}
		return ""
	})
	named := len(control.Status.Evidence[0].Failures) + len(control.Status.Evidence[1].Failures)
	raw, err := json.Marshal(control.Status)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a status of %d bytes", len(raw))
	if named != 10 || len(raw) >= 8<<10 {
		t.Errorf("%d objects are named in a status of %d bytes, want 10 in less than 8 KiB", named, len(raw))
	}
}
