// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build isms_gitops

package gitops

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ours are the kinds of the ISMS that come from Git.
const ours = "ismsscopes,controls,auditcycles,risks,documents,registerentries,attestations,findings"

// managed are the kinds of all that comes from Git and lies in the namespace.
const managed = ours + ",configmaps,serviceaccounts,roles,rolebindings"

// The control that the drift of the demo turns.
const drifting = "a-8-22"

func TestArgoCD(t *testing.T) {
	w := newWorld(t)
	w.startArgoCD()
	w.samples()
	w.starter()
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

// tenSyncsWriteNothing: what is in Git is what is in the cluster, field by field, after any number of syncs. Statuses that
// the operator writes meanwhile for reasons of its own, such as its heartbeat, are no part of that: but for the two kinds
// with a heartbeat, one of some rounds has to pass without any.
func (w *world) tenSyncsWriteNothing() {
	w.Helper()
	const rounds = 4
	for round := 1; ; round++ {
		before := w.managed()
		for range 10 {
			w.sync()
		}
		after := w.managed()
		if len(before) != len(after) || len(before) < 150 {
			w.Errorf("%d objects before ten syncs, %d after", len(before), len(after))
		}
		assessed := 0
		for key, was := range before {
			is := after[key]
			switch {
			case is != nil && is.GetResourceVersion() == was.GetResourceVersion():
			case is == nil || fmt.Sprint(withoutStatus(is)) != fmt.Sprint(withoutStatus(was)):
				w.Errorf("%s: ten syncs change it from\n%v to\n%v", key, was, is)
			case is.GetKind() != "ISMSScope" && is.GetKind() != "AuditCycle":
				assessed++
			}
		}
		if assessed == 0 {
			w.Logf("          ten syncs in a row write none of %d objects", len(before))
			return
		}
		if round == rounds {
			w.Fatalf("the statuses of %d objects were written while ten syncs ran, in round %d", assessed, round)
		}
	}
}

// managed reads all that comes from Git.
func (w *world) managed() map[string]*unstructured.Unstructured {
	w.Helper()
	all := w.list(managed)
	for _, it := range [][2]string{
		{"namespace", "isms"}, {"clusterrole", "isms-acme-gmbh-evidence-reader"}, {"clusterrolebinding", "isms-acme-gmbh-evidence-reader"},
	} {
		all[it[0]+" "+it[1]] = w.get(it[0], "", it[1])
	}
	return all
}

// withoutStatus is an object as whoever writes all but its status sees it, with the times at which that was done.
func withoutStatus(o *unstructured.Unstructured) map[string]any {
	o = o.DeepCopy()
	unstructured.RemoveNestedField(o.Object, "status")
	o.SetResourceVersion("")
	o.SetManagedFields(slices.DeleteFunc(o.GetManagedFields(), func(e metav1.ManagedFieldsEntry) bool { return e.Subresource == "status" }))
	return o.Object
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
		`{"operation": {"initiatedBy": {"username": "test"}, "sync": {"revision": "main", "prune": true, "syncOptions": ["ServerSideApply=true"]}}}`)
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

// prune: a Control that leaves Git leaves the cluster. A record stays, though its file be gone, and all is Synced all the same.
func (w *world) prune() {
	w.Helper()
	w.drop("controls", "a-8-23.yaml")
	for file := range kept {
		w.drop("records", file)
	}
	w.push("Without a control and without records")
	w.refresh()
	w.eventually("a Control that leaves Git is pruned", func() string {
		if w.get("control", "isms", "a-8-23") != nil {
			return "it is there: " + w.operation()
		}
		return ""
	})
	w.eventually("and all is Synced", func() string { return w.application("Synced", "Healthy") })
	w.sync()
	w.keeps()
}

// keeps asks for the records, and for the log.
func (w *world) keeps() {
	w.Helper()
	for _, name := range kept {
		if w.kube("get", name, "-n", "isms", "-o", "name", "--ignore-not-found") == "" {
			w.Errorf("%s is gone", name)
		}
	}
	if len(w.list("evidencelogs")) == 0 {
		w.Error("the evidence log is gone")
	}
}

// drop takes a file out of the repository, and out of its kustomization.
func (w *world) drop(dir, file string) {
	w.Helper()
	if err := os.Remove(filepath.Join(w.worktree, "isms", dir, file)); err != nil {
		w.Fatal(err)
	}
	path := filepath.Join(dir, "kustomization.yaml")
	text, err := os.ReadFile(filepath.Join(w.worktree, "isms", path))
	if err != nil {
		w.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line != "- "+file+"\n" {
			lines = append(lines, line)
		}
	}
	w.write(path, strings.Join(lines, ""))
}

// deleteApplication: the Application's finalizer takes all along but the records, their namespace, and the log. The CRDs stay.
func (w *world) deleteApplication() {
	w.Helper()
	w.kube("delete", "application", "isms", "-n", "argocd", "--wait=false")
	want := slices.Sorted(maps.Values(kept))
	w.eventually("deleting the Application leaves the records, and no orphan", func() string {
		if w.get("application", "argocd", "isms") != nil {
			return "it is there"
		}
		left := strings.Fields(w.kube("get", managed, "-n", "isms", "-o", "name"))
		slices.Sort(left)
		if !slices.Equal(left, want) {
			return fmt.Sprint("left are ", left)
		}
		for _, kind := range []string{"clusterrole", "clusterrolebinding"} {
			if w.get(kind, "", "isms-acme-gmbh-evidence-reader") != nil {
				return kind + " is there"
			}
		}
		return ""
	})
	w.keeps()
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
	return strings.Join([]string{isSync, isHealth, w.operation(), fmt.Sprint(status["conditions"]), w.notHealthy(status)}, "; ")
}

// operation says how the last sync stands, and what failed in it.
func (w *world) operation() string {
	state, _, _ := unstructured.NestedMap(w.get("application", "argocd", "isms").Object, "status", "operationState")
	if state["phase"] == "Succeeded" {
		return "Succeeded"
	}
	out := []string{fmt.Sprint(state["phase"], " ", state["message"], ", tried again ", state["retryCount"])}
	results, _, _ := unstructured.NestedSlice(state, "syncResult", "resources")
	for _, item := range results {
		if r, _ := item.(map[string]any); r["status"] == "SyncFailed" || r["hookPhase"] == "Failed" {
			out = append(out, fmt.Sprint(r["kind"], " ", r["name"], ": ", r["message"]))
		}
	}
	return strings.Join(out[:min(len(out), 6)], "; ")
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
