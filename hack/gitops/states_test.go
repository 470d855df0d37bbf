// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"testing"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// generation of every object in these tests.
const generation = 3

// kinds with the conditions that tell their verdict, in the order in which the operator writes them.
var kinds = map[string][]string{
	"ISMSScope":     {isms.ConditionScopeDefined, isms.ConditionBoundaryComplete, isms.ConditionRiskAssessed},
	"Control":       {isms.ConditionImplemented, isms.ConditionEvidenceCurrent, isms.ConditionEffective, isms.ConditionSatisfied},
	"AuditCycle":    {isms.ConditionScopeDefined, isms.ConditionStage2Ready, isms.ConditionAuditReady},
	"Risk":          {isms.ConditionAssessed, isms.ConditionTreated, isms.ConditionResidualAccepted},
	"Document":      {isms.ConditionApproved, isms.ConditionReviewCurrent},
	"RegisterEntry": {isms.ConditionReviewCurrent},
	"Attestation":   {isms.ConditionCurrent},
	"Finding":       {isms.ConditionCorrectiveActionPlanned, isms.ConditionClosed},
}

// state is one in which an object of any kind may be, as the operator's own writer of conditions makes it.
type state struct {
	name     string
	observed int64
	write    func(w *conditions.Writer, domain []string)
	// argo and strict are the health in Argo CD as shipped and with the opt-in, of a Control; flux is the status by kstatus
	// and, where kstatus alone cannot tell, by the expressions of the sample Kustomization.
	argo, strict, flux string
}

func set(status metav1.ConditionStatus, reason string) func(*conditions.Writer, []string) {
	return func(w *conditions.Writer, domain []string) {
		w.Ready(isms.ReasonAssessed, "Assessed.")
		for i, t := range domain {
			if i == 0 && len(domain) > 1 {
				w.Set(t, metav1.ConditionTrue, "Implemented", "")
				continue
			}
			w.Set(t, status, reason, "3 of 41 subjects fail.")
		}
	}
}

func unknown(reason string) func(w *conditions.Writer, domain []string) {
	return func(w *conditions.Writer, domain []string) {
		for _, t := range domain {
			w.Set(t, metav1.ConditionUnknown, reason, "Not assessed.")
		}
	}
}

var states = []state{
	{name: "new", observed: 0, argo: "Progressing", strict: "Progressing", flux: "InProgress"},
	{
		name: "edited", observed: generation - 1, write: set(metav1.ConditionTrue, "Satisfied"),
		argo: "Progressing", strict: "Progressing", flux: "InProgress",
	},
	{
		name: "met", observed: generation, write: set(metav1.ConditionTrue, "Satisfied"),
		argo: "Healthy", strict: "Healthy", flux: "Current",
	},
	{
		name: "unmet", observed: generation, write: set(metav1.ConditionFalse, "ObjectsFailed"),
		argo: "Healthy", strict: "Degraded", flux: "Current",
	},
	{
		name: "not known", observed: generation, write: set(metav1.ConditionUnknown, "AccessDenied"),
		argo: "Healthy", strict: "Healthy", flux: "Current",
	},
	{
		name: "planned", observed: generation, argo: "Healthy", strict: "Healthy", flux: "Current",
		write: func(w *conditions.Writer, domain []string) {
			w.Ready(isms.ReasonAssessed, "Assessed.")
			for _, t := range domain {
				w.Set(t, metav1.ConditionFalse, "Planned", "The control is planned.")
			}
		},
	},
	{
		name: "stalled", observed: generation, argo: "Degraded", strict: "Degraded", flux: "Failed",
		write: func(w *conditions.Writer, domain []string) {
			w.Stalled("DuplicateID", "Another Control has this id.")
			unknown("DuplicateID")(w, domain)
		},
	},
	{
		name: "waiting", observed: generation, argo: "Progressing", strict: "Progressing", flux: "InProgress",
		write: func(w *conditions.Writer, domain []string) {
			w.Reconciling("ScopeNotFound", "There is no ISMSScope acme.")
			unknown("ScopeNotFound")(w, domain)
		},
	},
	{
		name: "suspended", observed: generation, argo: "Suspended", strict: "Suspended", flux: "Current",
		write: func(w *conditions.Writer, domain []string) {
			w.Ready(isms.ReasonSuspended, "Suspended by an annotation.")
			unknown(isms.ReasonSuspended)(w, domain)
		},
	},
}

// object is one of a kind in a state, as a client reads it from the API server.
func (s state) object(t *testing.T, kind string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": isms.GroupVersion.String(), "kind": kind,
		"metadata": map[string]any{"name": "any", "namespace": "isms", "generation": int64(generation)},
		"spec":     map[string]any{},
	}}
	if s.write == nil {
		return o
	}
	w := conditions.NewWriter(nil, s.observed, time.Unix(1785542400, 0))
	s.write(w, kinds[kind])
	if problems := conditions.Violations(w.List(), s.observed, kinds[kind]...); len(problems) > 0 {
		t.Fatalf("the operator writes no such state: %v", problems)
	}
	var list []any
	for _, c := range w.List() {
		list = append(list, map[string]any{
			"type": c.Type, "status": string(c.Status), "reason": c.Reason, "message": c.Message,
			"observedGeneration": c.ObservedGeneration, "lastTransitionTime": c.LastTransitionTime.UTC().Format(time.RFC3339),
		})
	}
	o.Object["status"] = map[string]any{"observedGeneration": s.observed, "conditions": list}
	return o
}

// each runs a test for each kind in each state.
func each(t *testing.T, test func(t *testing.T, s state, o *unstructured.Unstructured)) {
	t.Helper()
	for kind := range kinds {
		for _, s := range states {
			t.Run(fmt.Sprint(kind, "/", s.name), func(t *testing.T) { test(t, s, s.object(t, kind)) })
		}
	}
}
