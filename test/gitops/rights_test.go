// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build isms_gitops

package gitops

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// intruders are what a project of an ISMS must not let through: another kind, a workload, a forged log, rights under another
// name, and another namespace.
const intruders = `
apiVersion: v1
kind: Secret
metadata: {name: intruder, namespace: isms}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: intruder, namespace: isms}
spec:
  selector: {matchLabels: {app: intruder}}
  template:
    metadata: {labels: {app: intruder}}
    spec: {containers: [{name: intruder, image: registry.example.com/intruder}]}
---
apiVersion: isms-operator.io/v1alpha1
kind: EvidenceLog
metadata: {name: intruder, namespace: isms}
spec: {scopeRef: {name: acme-gmbh}, series: Scope, number: 1, firstSequence: 1}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: intruder}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: intruder}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: evidence-reader, namespace: isms}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: intruder, namespace: shop}
`

// leastRights: the sync of what the AppProject does not allow is refused as a whole, and names what is refused.
func (w *world) leastRights() {
	w.Helper()
	w.write("intruders.yaml", intruders)
	w.edit("kustomization.yaml", "- namespace.yaml\n", "- namespace.yaml\n- intruders.yaml\n")
	w.push("Intruders")
	w.refresh()
	want := []string{"ClusterRole", "ClusterRoleBinding", "ConfigMap", "Deployment", "EvidenceLog", "Secret"}
	w.eventually("the project refuses what is no part of an ISMS", func() string {
		refused := w.refused()
		if fmt.Sprint(refused) != fmt.Sprint(want) {
			return fmt.Sprint("refused are ", refused)
		}
		return ""
	})
	for _, it := range [][2]string{
		{"secret", "isms"}, {"deployment", "isms"}, {"evidencelog", "isms"}, {"clusterrole", ""}, {"clusterrolebinding", ""}, {"configmap", "shop"},
	} {
		if w.get(it[0], it[1], "intruder") != nil {
			w.Errorf("the intruder got in as %s", it[0])
		}
	}
	w.run(w.worktree, "git", "-c", "user.name=A. Smith", "-c", "user.email=a.smith@example.com", "revert", "--no-edit", "HEAD")
	w.run(w.worktree, "git", "push", "--quiet", "origin", "HEAD:main")
	w.refresh()
	w.eventually("the sync that failed takes the revision without them", func() string {
		if says := w.operation(); says != "Succeeded" {
			return says
		}
		return w.application("Synced", "Healthy")
	})
}

// refused are the kinds of the intruders whose sync was refused as not permitted, sorted.
func (w *world) refused() []string {
	w.Helper()
	results, _, _ := unstructured.NestedSlice(w.get("application", "argocd", "isms").Object, "status", "operationState", "syncResult", "resources")
	kinds := map[string]bool{}
	for _, item := range results {
		r, _ := item.(map[string]any)
		message, _ := r["message"].(string)
		if r["name"] == "intruder" && r["status"] == "SyncFailed" && strings.Contains(message, "not permitted") {
			kinds[fmt.Sprint(r["kind"])] = true
		}
	}
	return slices.Sorted(maps.Keys(kinds))
}
