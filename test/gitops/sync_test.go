// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build isms_gitops

package gitops

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ours are the kinds of the ISMS that come from Git.
const ours = "ismsscopes,controls,auditcycles,risks,documents,registerentries,attestations,findings"

// The control that the drift of the demo turns.
const drifting = "a-8-22"

func TestArgoCD(t *testing.T) {
	w := newWorld(t)
	w.startRepository()
	w.startArgoCD()
	w.createApplication()

	w.eventually("the first sync: everything Synced and Healthy", func() string { return w.application("Synced", "Healthy") })
	w.eventually("the verdict is in the message", func() string { return w.healthOf("Control", drifting, "Healthy", "Satisfied True") })
	w.driftAndRepair("Healthy")
	w.tenSyncsWriteNothing()
	w.selfHeal()
	w.degradedWhenUnmet()
	w.prune()
	w.deleteApplication()
}

// driftAndRepair: the message follows what happens in the cluster, and the health is as asked while the control is unmet.
func (w *world) driftAndRepair(health string) {
	w.Helper()
	w.kube("apply", "--server-side", "--force-conflicts", "-f", "hack/demo/drift/allow-all.yaml")
	w.eventually("a drift in the cluster shows as "+health, func() string {
		return w.healthOf("Control", drifting, health, "Satisfied False (ObjectsFailed)")
	})
	w.eventually("the application is "+health, func() string { return w.application("Synced", health) })
	w.kube("apply", "--server-side", "--force-conflicts", "-f", "hack/demo/drift/default-deny.yaml")
	w.eventually("its repair shows", func() string { return w.healthOf("Control", drifting, "Healthy", "Satisfied True") })
}

// tenSyncsWriteNothing: what is in Git is what is in the cluster, field by field, after any number of syncs.
func (w *world) tenSyncsWriteNothing() {
	w.Helper()
	before := w.list(ours)
	for range 10 {
		w.sync()
	}
	after := w.list(ours)
	for key, was := range before {
		is := after[key]
		if is == nil || is.GetGeneration() != was.GetGeneration() {
			w.Errorf("%s: ten syncs change it", key)
			continue
		}
		for _, o := range []*unstructured.Unstructured{was, is} {
			unstructured.RemoveNestedField(o.Object, "status")
			unstructured.RemoveNestedField(o.Object, "metadata", "resourceVersion")
			o.SetManagedFields(nil)
		}
		if fmt.Sprint(was.Object) != fmt.Sprint(is.Object) {
			w.Errorf("%s: ten syncs change it from\n%v to\n%v", key, was.Object, is.Object)
		}
	}
	if len(before) != len(after) || len(before) < 200 {
		w.Errorf("%d objects before ten syncs, %d after", len(before), len(after))
	}
	w.Logf("          ten syncs change none of %d objects", len(before))
}

// sync asks for one sync, and waits for its end.
func (w *world) sync() {
	w.Helper()
	w.eventually("no sync runs", func() string {
		phase, _, _ := unstructured.NestedString(w.get("application", "argocd", "isms").Object, "status", "operationState", "phase")
		if phase == "Running" {
			return phase
		}
		return ""
	})
	before := w.syncs()
	w.kube("patch", "application", "isms", "-n", "argocd", "--type=merge", "-p",
		`{"operation": {"initiatedBy": {"username": "test"}, "sync": {"revision": "main", "syncOptions": ["ServerSideApply=true"]}}}`)
	w.eventually("a sync", func() string {
		phase, _, _ := unstructured.NestedString(w.get("application", "argocd", "isms").Object, "status", "operationState", "phase")
		if w.syncs() == before || phase != "Succeeded" {
			return phase
		}
		return ""
	})
}

// syncs identifies the last sync: Argo CD numbers its history, and starts each operation at another time.
func (w *world) syncs() string {
	history, _, _ := unstructured.NestedSlice(w.get("application", "argocd", "isms").Object, "status", "history")
	if len(history) == 0 {
		return ""
	}
	last, _ := history[len(history)-1].(map[string]any)
	return fmt.Sprint(last["id"])
}

// selfHeal: what somebody edits in the cluster goes back to what Git has.
func (w *world) selfHeal() {
	w.Helper()
	was, _, _ := unstructured.NestedString(w.get("control", "isms", drifting).Object, "spec", "owner", "name")
	w.kube("patch", "control", drifting, "-n", "isms", "--type=merge", "-p", `{"spec": {"owner": {"name": "Nobody"}}}`)
	w.eventually("an edited Control is healed", func() string {
		is, _, _ := unstructured.NestedString(w.get("control", "isms", drifting).Object, "spec", "owner", "name")
		if is != was {
			return is
		}
		return ""
	})
	w.eventually("and Synced again", func() string { return w.application("Synced", "Healthy") })
}

// degradedWhenUnmet switches to the opt-in and back.
func (w *world) degradedWhenUnmet() {
	w.Helper()
	w.kube("apply", "--server-side", "--force-conflicts", "-f", "config/argocd/unmet-degraded/argocd-cm.yaml")
	w.driftAndRepair("Degraded")
	w.kube("apply", "--server-side", "--force-conflicts", "-f", "config/argocd/argocd-cm.yaml")
}

// prune: Controls that leave Git leave the cluster.
func (w *world) prune() {
	w.Helper()
	before := len(w.list("controls"))
	w.drop("controls/technology-networks.yaml")
	w.push("Without the controls of networks")
	w.refresh()
	w.eventually("Controls that leave Git are pruned", func() string {
		if is := len(w.list("controls")); is >= before {
			return fmt.Sprint(is, " controls")
		}
		return ""
	})
}

// drop takes a file out of the repository's kustomization.
func (w *world) drop(file string) {
	w.Helper()
	path := filepath.Join(w.worktree, "kustomization.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	if err := os.Remove(filepath.Join(w.worktree, file)); err != nil {
		w.Fatal(err)
	}
	without := strings.Replace(string(text), "- "+file+"\n", "", 1)
	if err := os.WriteFile(path, []byte(without), 0o600); err != nil {
		w.Fatal(err)
	}
}

// deleteApplication: the Application's finalizer takes all along, and the CRDs stay.
func (w *world) deleteApplication() {
	w.Helper()
	w.kube("delete", "application", "isms", "-n", "argocd", "--wait=false")
	w.eventually("deleting the Application leaves no orphan", func() string {
		out, err := w.try(w.root, w.kubectl, "get", ours, "-n", "isms", "-o", "name", "--ignore-not-found")
		if err != nil || strings.TrimSpace(out) != "" {
			return out
		}
		return ""
	})
	if w.get("crd", "", "controls.isms-operator.io") == nil {
		w.Error("the CRD of Controls is gone")
	}
}

func (w *world) refresh() {
	w.Helper()
	w.kube("annotate", "application", "isms", "-n", "argocd", "--overwrite", "argocd.argoproj.io/refresh=normal")
}

// application says how sync status and health differ from what is asked, "" when they don't.
func (w *world) application(sync, health string) string {
	app := w.get("application", "argocd", "isms")
	if app == nil {
		return "no Application"
	}
	status, _, _ := unstructured.NestedMap(app.Object, "status")
	isSync, _, _ := unstructured.NestedString(status, "sync", "status")
	isHealth, _, _ := unstructured.NestedString(status, "health", "status")
	if isSync == sync && isHealth == health {
		return ""
	}
	message, _, _ := unstructured.NestedString(status, "operationState", "message")
	return strings.Join([]string{isSync, isHealth, message, fmt.Sprint(status["conditions"]), w.notHealthy(status)}, "; ")
}

// notHealthy names the first resources that are not as they should be.
func (w *world) notHealthy(status map[string]any) string {
	var out []string
	resources, _, _ := unstructured.NestedSlice(status, "resources")
	for _, item := range resources {
		r, _ := item.(map[string]any)
		health, _, _ := unstructured.NestedString(r, "health", "status")
		if r["status"] != "Synced" || (health != "" && health != "Healthy") {
			out = append(out, fmt.Sprint(r["kind"], " ", r["name"], " ", r["status"], " ", r["health"]))
		}
	}
	return strings.Join(out[:min(len(out), 5)], ", ")
}

// healthOf says how the health of one resource differs from what is asked.
func (w *world) healthOf(kind, name, health, message string) string {
	resources, _, _ := unstructured.NestedSlice(w.get("application", "argocd", "isms").Object, "status", "resources")
	for _, item := range resources {
		r, _ := item.(map[string]any)
		if r["kind"] != kind || r["name"] != name {
			continue
		}
		isHealth, _, _ := unstructured.NestedString(r, "health", "status")
		isMessage, _, _ := unstructured.NestedString(r, "health", "message")
		if isHealth == health && strings.HasPrefix(isMessage, message) {
			return ""
		}
		return isHealth + ": " + isMessage
	}
	return "not there"
}
