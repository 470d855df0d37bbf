// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pods is a rule on Pods.
func pods(expect string) string {
	return controlOf("C.1", fmt.Sprintf(`{apiVersion: v1, kind: Pod, quantifier: Every, expect: "%s"}`, expect))
}

// workload is a manifest of a kind; where says at which place of it the template stands, and more is what its spec says
// besides.
func workload(apiVersion, kind, where, more string) string {
	template := `{metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: "docker.io/web:1", ` +
		`resources: {limits: {memory: 1Gi}}}]}}`
	spec := "template: " + template
	if where == "job" {
		spec = "jobTemplate: {spec: {template: " + template + "}}"
	}
	return fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: web, namespace: shop}\nspec:\n  %s\n  %s\n---\n", apiVersion, kind, more, spec)
}

func TestAWorkloadStandsForItsPod(t *testing.T) {
	tests := map[string]struct {
		apiVersion, kind, where, more string
		owner                         string
	}{
		"a Deployment":            {"apps/v1", "Deployment", "", "", "ReplicaSet"},
		"a ReplicaSet":            {"apps/v1", "ReplicaSet", "", "", "ReplicaSet"},
		"a StatefulSet":           {"apps/v1", "StatefulSet", "", "serviceName: web", "StatefulSet"},
		"a DaemonSet":             {"apps/v1", "DaemonSet", "", "", "DaemonSet"},
		"a ReplicationController": {"v1", "ReplicationController", "", "replicas: 3", "ReplicationController"},
		"a Job":                   {"batch/v1", "Job", "", "suspend: false", "Job"},
		"a CronJob":               {"batch/v1", "CronJob", "job", `schedule: "0 * * * *"`, "Job"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := workload(tt.apiVersion, tt.kind, tt.where, tt.more)
			// What the template says, what the API server fills in of a Pod alone, and whose Pod it is.
			holds := "object.metadata.labels.app == 'web' && object.spec.containers[0].resources.requests.memory == '1Gi' && " +
				"object.spec.dnsPolicy == 'ClusterFirst' && object.metadata.namespace == 'shop' && object.metadata.name.startsWith('web-') && " +
				"object.metadata.ownerReferences.exists(o, o.controller && o.kind == '" + tt.owner + "')"
			want := []string{
				"C.1 Effective True Satisfied", "  rule Pass ObjectsPassed:", "    " + tt.kind + " shop/web (pod template) Pass b.yaml:1",
			}
			if d := cmp.Diff(want, said(run(t, Options{}, frame+pods(holds), text))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			r := run(t, Options{}, frame+pods("object.spec.containers.all(c, c.image.startsWith('registry.example.com/'))"), text)
			want = []string{
				"C.1 Ineffective False ObjectsFailed",
				"  rule Fail ObjectsFailed: The expression does not hold for shop/" + tt.kind + "/web (pod template).",
				"    " + tt.kind + " shop/web (pod template) Fail b.yaml:1",
			}
			if d := cmp.Diff(want, said(r)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if r.PodTemplates != 1 {
				t.Errorf("%d pod templates were counted", r.PodTemplates)
			}
			r = run(t, Options{NoPodTemplates: true}, frame+pods("has(object.spec)"), text)
			want = []string{
				"C.1 Unknown Unknown NoMatch", "  rule Unknown NoMatch: There is no Pod among the files; what is elsewhere they can't tell.",
			}
			if d := cmp.Diff(want, said(r)); d != "" || r.PodTemplates != 0 {
				t.Errorf("%d templates without them (-want +got):\n%s", r.PodTemplates, d)
			}
		})
	}
}

// TestAWorkloadWithoutPods: one that makes no Pod as it is written passes no rule on Pods.
func TestAWorkloadWithoutPods(t *testing.T) {
	owned := func(text, owner string) string {
		return strings.Replace(text, "namespace: shop}", "namespace: shop, ownerReferences: ["+owner+"]}", 1)
	}
	none := []string{
		"C.1 Unknown Unknown NoMatch", "  rule Unknown NoMatch: There is no Pod among the files; what is elsewhere they can't tell.",
	}
	tests := map[string]string{
		"scaled to zero":      workload("apps/v1", "Deployment", "", "replicas: 0"),
		"a suspended Job":     workload("batch/v1", "Job", "", "suspend: true"),
		"a Job of no Pod":     workload("batch/v1", "Job", "", "parallelism: 0"),
		"a suspended CronJob": workload("batch/v1", "CronJob", "job", "suspend: true"),
		"a CronJob whose Jobs are suspended": strings.Replace(
			workload("batch/v1", "CronJob", "job", ""), "jobTemplate: {spec: {", "jobTemplate: {spec: {suspend: true, ", 1),
		"a controller without template": "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: web, namespace: shop}\nspec: {replicas: 1}\n",
		"what a Deployment has made": owned(workload("apps/v1", "ReplicaSet", "", ""),
			`{apiVersion: apps/v1, kind: Deployment, name: web, uid: "", controller: true}`),
		"what a CronJob has made": owned(workload("batch/v1", "Job", "", ""),
			`{apiVersion: batch/v1, kind: CronJob, name: web, uid: "", controller: true}`),
		"a kind of others": workload("example.com/v1", "Deployment", "", ""),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(none, said(run(t, Options{}, frame+pods("has(object.spec)"), text))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	t.Run("what something unknown has made", func(t *testing.T) {
		text := owned(workload("apps/v1", "StatefulSet", "", ""), `{apiVersion: db.example.com/v1, kind: Cluster, name: web, uid: "", controller: true}`)
		r := run(t, Options{}, frame+pods("has(object.spec)"), text)
		if r.PodTemplates != 1 || len(r.Controls) != 1 || r.Controls[0].Status.Result != "Effective" {
			t.Errorf("it makes Pods that nothing else among the files stands for: %q", said(r))
		}
	})
}

// TestPodTemplateAmongOthers: a template counts beside Pods, its own kind is evaluated as well, and exceptions for the
// names of its Pods, or for their labels, waive.
func TestPodTemplateAmongOthers(t *testing.T) {
	exception := `  exceptions:
  - {name: waiver, evidence: [rule], objects: [{namespace: shop, %s}], reason: Agreed., expiresOn: "2027-01-01",
     requestedBy: {name: A, email: a@example.com}, approvedBy: {name: B, email: b@example.com}}`
	bad := `{apiVersion: v1, kind: Pod, quantifier: Every, expect: "!object.spec.containers[0].image.startsWith('docker.io/')"}`
	web := workload("apps/v1", "Deployment", "", "replicas: 2")
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: c, image: other.io/x}]}\n---\n"
	tests := map[string]struct {
		control string
		want    []string
	}{
		"both": {controlOf("C.1", bad) + controlOf("C.2", fmt.Sprintf(replicas, "Every")), []string{
			"C.1 Ineffective False ObjectsFailed", "  rule Fail ObjectsFailed: The expression does not hold for shop/Deployment/web (pod template).",
			"    Deployment shop/web (pod template) Fail b.yaml:1", "    Pod shop/web Pass b.yaml:8",
			"C.2 Effective True Satisfied", "  rule Pass ObjectsPassed:", "    Deployment shop/web Pass b.yaml:1",
		}},
		"an exception for the names of Pods": {controlOf("C.1", bad, fmt.Sprintf(exception, "name: web-*")), []string{
			"C.1 Effective True Satisfied", "  rule Pass ObjectsPassed:",
			"    Deployment shop/web (pod template) Waived b.yaml:1 [waiver]", "    Pod shop/web Pass b.yaml:8",
		}},
		"an exception for the labels of Pods": {controlOf("C.1", bad, fmt.Sprintf(exception, "labelSelector: {matchLabels: {app: web}}")), []string{
			"C.1 Effective True Satisfied", "  rule Pass ObjectsPassed:",
			"    Deployment shop/web (pod template) Waived b.yaml:1 [waiver]", "    Pod shop/web Pass b.yaml:8",
		}},
		"an exception for the workload's name, which no Pod of it has": {controlOf("C.1", bad, fmt.Sprintf(exception, "name: web")), []string{
			"C.1 Ineffective False ObjectsFailed", "  rule Fail ObjectsFailed: The expression does not hold for shop/Deployment/web (pod template).",
			"    Deployment shop/web (pod template) Fail b.yaml:1", "    Pod shop/web Pass b.yaml:8",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, said(run(t, Options{}, frame+tt.control, web+pod))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestClaimsOfAStatefulSet: its Pods have the volumes of its claims, in the place of others of the same names.
func TestClaimsOfAStatefulSet(t *testing.T) {
	text := workload("apps/v1", "StatefulSet", "", "volumeClaimTemplates: [{metadata: {name: data}}, {metadata: {name: log}}]")
	text = strings.Replace(text, "containers: [", "volumes: [{name: log, hostPath: {path: /}}, {name: tmp, emptyDir: {}}], containers: [", 1)
	holds := "object.metadata.name == 'web-0' && object.spec.volumes.map(v, v.name) == ['data', 'log', 'tmp'] && " +
		"object.spec.volumes.all(v, v.name == 'tmp' ? has(v.emptyDir) : v.persistentVolumeClaim.claimName == v.name + '-web-0')"
	r := run(t, Options{}, frame+pods(holds), text)
	want := []string{
		"C.1 Effective True Satisfied", "  rule Pass ObjectsPassed:", "    StatefulSet shop/web (pod template) Pass b.yaml:1",
	}
	if d := cmp.Diff(want, said(r)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
