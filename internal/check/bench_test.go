// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// tenRules are rules on pods as a platform team writes them.
var tenRules = []string{
	`object.spec.containers.all(c, c.image.matches("^(registry\\.example\\.com|ghcr\\.io/acme)/"))`,
	`object.spec.containers.all(c, c.image.matches("@sha256:[0-9a-f]{64}$"))`,
	`object.spec.containers.exists(c, has(c.env) && c.env.exists(e, has(e.value) && e.value != "" && e.name.matches("(?i)(password|passwd|secret|token|api_?key)$")))`,
	`object.spec.?hostPID.orValue(false) || object.spec.?hostIPC.orValue(false) || object.spec.containers.exists(c, c.?securityContext.?privileged.orValue(false))`,
	`object.spec.containers.all(c, c.?resources.?requests[?"cpu"].hasValue() && c.?resources.?limits[?"memory"].hasValue())`,
	`object.spec.containers.exists(c, c.image.endsWith(":latest") || !c.image.matches("(:[^/]+|@sha256:[0-9a-f]{64})$"))`,
	`object.spec.?hostNetwork.orValue(false)`,
	`object.spec.containers.all(c, (c.?securityContext.?runAsNonRoot.orValue(false) || object.spec.?securityContext.?runAsNonRoot.orValue(false)) && !c.?securityContext.?allowPrivilegeEscalation.orValue(true) && "ALL" in c.?securityContext.?capabilities.?drop.orValue([]))`,
	`object.spec.?serviceAccountName.orValue("default") == "default" && has(object.spec.volumes) && object.spec.volumes.exists(v, v.name.startsWith("kube-api-access-"))`,
	`object.metadata.?labels[?"app.kubernetes.io/name"].hasValue() && object.metadata.namespace != "default"`,
}

// realisticPod is a pod of two containers as it runs in a cluster, about 4 KB as JSON.
func realisticPod() *corev1.Pod {
	yes, no, user := true, false, int64(1000)
	container := func(name string) corev1.Container {
		return corev1.Container{
			Name: name, Image: "registry.example.com/shop/" + name + ":1.42.0", ImagePullPolicy: corev1.PullIfNotPresent,
			Env:             []corev1.EnvVar{{Name: "PORT", Value: "8080"}, {Name: "LOG_LEVEL", Value: "info"}, {Name: "DB_HOST", Value: "db.shop.svc"}, {Name: "REGION", Value: "eu-central-1"}},
			Ports:           []corev1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: corev1.ProtocolTCP}},
			Resources:       corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse("100m"), "memory": resource.MustParse("128Mi")}, Limits: corev1.ResourceList{"memory": resource.MustParse("256Mi")}},
			SecurityContext: &corev1.SecurityContext{RunAsNonRoot: &yes, AllowPrivilegeEscalation: &no, RunAsUser: &user, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
			ReadinessProbe:  &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/ready", Port: intstr.FromInt32(8080)}}, PeriodSeconds: 10},
			VolumeMounts:    []corev1.VolumeMount{{Name: "kube-api-access-x", MountPath: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true}, {Name: "tmp", MountPath: "/tmp"}},
		}
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "cart-5d9c7b8f6-abcde", Namespace: "shop", UID: "6f1c1d2e-0000-4000-8000-000000000000", ResourceVersion: "123456",
			CreationTimestamp: metav1.NewTime(noon), Labels: map[string]string{"app.kubernetes.io/name": "cart", "pod-template-hash": "5d9c7b8f6", "tier": "backend"},
			Annotations: map[string]string{"prometheus.io/scrape": "true", "checksum/config": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
		},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{container("cart"), container("proxy")}, ServiceAccountName: "cart", NodeName: "node-17",
			Volumes: []corev1.Volume{{Name: "kube-api-access-x"}, {Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
		},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: "10.1.2.3", Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}, {Type: corev1.PodScheduled, Status: corev1.ConditionTrue}}},
	}
}

// processorTime is what this process has used of the processors, which says more on a busy machine than the clock.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkTenRules evaluates ten rules on one realistic pod; wrapping it is part of it.
func BenchmarkTenRules(b *testing.B) {
	object, plain := realisticPod(), overTheWire(b, realisticPod())
	for _, tracking := range []bool{false, true} {
		var programs []*Program
		for _, text := range tenRules {
			p, err := Compile(Rule{Kind: podKind, Expect: text}, Options{AlwaysTrack: tracking})
			if err != nil {
				b.Fatal(err)
			}
			programs = append(programs, p)
		}
		for name, subject := range map[string]func() Subject{
			"typed": func() Subject { return TypedSubject(object, podKind) },
			"map":   func() Subject { return MapSubject(plain) },
		} {
			b.Run(fmt.Sprintf("%s/tracked=%v", name, tracking), func(b *testing.B) {
				b.ReportAllocs()
				before := processorTime(b)
				for b.Loop() {
					s := subject()
					for _, p := range programs {
						if v, err := p.Eval(context.Background(), s, Env{}); err != nil {
							b.Fatal(v, err)
						}
					}
				}
				b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}

// BenchmarkCompile compiles one rule of ordinary length.
func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		mustCompile(b, Rule{Expect: tenRules[7]})
	}
}

// BenchmarkProject projects one realistic pod to what ten rules read, one by one.
func BenchmarkProject(b *testing.B) {
	p, s := mustCompile(b, Rule{Expect: tenRules[7]}), TypedSubject(realisticPod(), podKind)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Project(s); err != nil {
			b.Fatal(err)
		}
	}
}
