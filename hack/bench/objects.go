// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	widgetKind     = schema.GroupVersionKind{Group: "bench.example.com", Version: "v1", Kind: "Widget"}
	widgetResource = schema.GroupVersionResource{Group: "bench.example.com", Version: "v1", Resource: "widgets"}
)

// replicas is how many pods a Deployment has.
const replicas = 5

// pod is of the size that a pod of a real cluster has: two containers, resources, mounts. It passes all rules. Each
// Deployment's pods differ from those of any other in what the rules read, and among each other in their names.
func pod(i, namespaces int) *corev1.Pod {
	no, app := false, i/replicas
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespaceName(app % namespaces), Name: fmt.Sprintf("app-%05d-5c9f8b7d6-x%04d", app, i%9973),
			Labels: map[string]string{
				"app.kubernetes.io/name": "app", "app.kubernetes.io/instance": fmt.Sprint("app-", app), "pod-template-hash": "5c9f8b7d6",
			},
			Annotations: map[string]string{"checksum/config": fmt.Sprintf("%064d", app)},
		},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{container("app", app), container("proxy", app)},
			Volumes: []corev1.Volume{
				{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
					LocalObjectReference: corev1.LocalObjectReference{Name: "app"},
				}}},
				{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
			},
			AutomountServiceAccountToken: &no,
		},
	}
}

func container(name string, i int) corev1.Container {
	no, yes := false, true
	return corev1.Container{
		Name: name, Image: fmt.Sprintf("registry.example.com/team/%s:1.%d", name, i%50),
		Args:  []string{"--listen=:8080", "--log-format=json", "--config=/etc/app/config.yaml"},
		Env:   []corev1.EnvVar{{Name: "MODE", Value: "production"}, {Name: "REGION", Value: "eu-central-1"}},
		Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}},
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{"cpu": resource.MustParse("100m"), "memory": resource.MustParse("128Mi")},
			Limits:   corev1.ResourceList{"memory": resource.MustParse("256Mi")},
		},
		VolumeMounts: []corev1.VolumeMount{{Name: "config", MountPath: "/etc/app"}, {Name: "tmp", MountPath: "/tmp"}},
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: &no, RunAsNonRoot: &yes, ReadOnlyRootFilesystem: &yes,
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
	}
}

// widget is a custom resource of the size and shape of, say, a certificate. It passes all rules.
func widget(i, namespaces int) *unstructured.Unstructured {
	w := &unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{
			"enabled": true, "replicas": int64(2 + i%3), "tier": "gold", "owner": fmt.Sprintf("team-%d@example.com", i%100),
			"hosts": []any{fmt.Sprintf("app-%d.example.com", i), fmt.Sprintf("www.app-%d.example.com", i)},
			"tls":   map[string]any{"secretName": fmt.Sprintf("app-%d-tls", i), "minVersion": "1.3", "algorithms": []any{"ECDSA", "RSA"}},
			"ports": []any{
				map[string]any{"name": "http", "port": int64(8080), "protocol": "TCP"},
				map[string]any{"name": "https", "port": int64(8443), "protocol": "TCP"},
			},
			"settings": map[string]any{"mode": "production", "region": "eu-central-1", "retention": "30d", "replication": "zone"},
		},
		"status": map[string]any{"conditions": []any{map[string]any{
			"type": "Ready", "status": "True", "reason": "Issued", "message": "The certificate is up to date and has not expired.",
			"lastTransitionTime": "2026-05-02T10:00:00Z",
		}}},
	}}
	w.SetGroupVersionKind(widgetKind)
	w.SetNamespace(namespaceName(i % namespaces))
	w.SetName(fmt.Sprintf("widget-%05d", i))
	w.SetLabels(map[string]string{"app.kubernetes.io/name": "app", "app.kubernetes.io/instance": fmt.Sprint("app-", i%200)})
	return w
}
