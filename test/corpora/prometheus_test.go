// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package corpora

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestKubePrometheus: each rule about the monitoring stack gives the counts and the names that a count over its files
// gives. Namespaces monitoring and default are in scope; the stack also has roles in kube-system, which must not count.
func TestKubePrometheus(t *testing.T) {
	need(t, monitoring)
	w := newWorld(t, "isms-monitoring", registries, "default", "monitoring")
	setup := manifests(t, "", monitoringIn+"/*.yaml")
	stack := manifests(t, "", monitoring+"/*.yaml")
	w.applyAll(ofKind(setup, "Namespace"))
	w.applyAll(stack)
	all := slices.Concat(setup, stack)
	rows := slices.Concat(stackWorkloads, stackMonitors, stackAlerts, stackNetwork, stackAccess)
	w.declare(rows...)
	w.compare(t, rows, all)
	if t.Failed() {
		return
	}
	t.Run("every quantifier is used", func(t *testing.T) { usesEveryQuantifier(t, rows) })
	t.Run("a kind goes and comes back", func(t *testing.T) { w.kindGoesAndComesBack(t, all) })
}

func usesEveryQuantifier(t *testing.T, rows []row) {
	t.Helper()
	for _, q := range []isms.Quantifier{Every, None, Any, AnyPerNamespace, Set} {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.rule.Quantifier == q }) {
			t.Errorf("no rule has the quantifier %s", q)
		}
	}
}

// kindGoesAndComesBack deletes the CRD of ServiceMonitors, and their objects with it, and applies both again.
func (w *world) kindGoesAndComesBack(t *testing.T, all []object) {
	t.Helper()
	crds := slices.DeleteFunc(ofKind(all, "CustomResourceDefinition"), func(o object) bool {
		return !strings.HasPrefix(name(o), "servicemonitors.")
	})
	crd, err := w.resource(&unstructured.Unstructured{Object: crds[0]})
	if err != nil {
		t.Fatal(err)
	}
	others := slices.Concat(stackWorkloads, stackAlerts, stackNetwork)
	before := w.controls()

	if err := crd.Delete(t.Context(), name(crds[0]), metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, r := range stackMonitors {
		eventually(t, func() string { return cmp.Diff(notServed, w.item(r)) })
		if ready := condition(w.get(r.name).Status.Conditions, isms.ConditionReady); ready != "True Assessed" {
			t.Errorf("%s: Ready is %s: a kind that is not served must not make others wait", r.name, ready)
		}
	}
	w.compare(t, others, all)
	w.applyAll(crds)
	// The API server serves the kind a moment after it has accepted the CRD.
	eventually(t, func() string {
		if err := w.apply(t.Context(), ofKind(all, "ServiceMonitor")); err != nil {
			return err.Error()
		}
		return ""
	})
	w.compare(t, stackMonitors, all)
	after := w.controls()
	for _, r := range others {
		if before[r.name].ResourceVersion != after[r.name].ResourceVersion {
			t.Errorf("%s was written, though the kind that went is no concern of it", r.name)
		}
	}
}

var notServed = isms.EvidenceStatus{
	Name: "rule", Result: unknown, Reason: isms.ReasonKindNotServed,
	Message: "monitoring.coreos.com/v1 ServiceMonitor is not served by this cluster.",
}

// item is the status of a row's one evidence item, but for its time.
func (w *world) item(r row) isms.EvidenceStatus {
	w.Helper()
	c := w.get(r.name)
	if len(c.Status.Evidence) != 1 {
		return isms.EvidenceStatus{}
	}
	e := c.Status.Evidence[0]
	e.LastTransitionTime = metav1.Time{}
	return e
}
