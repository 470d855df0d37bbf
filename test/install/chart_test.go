// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// haValues switch on what is for production: two replicas, monitoring, a right to read a kind more.
const haValues = `
replicas: 2
image: {digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
metrics: {secure: true}
networkPolicy: {apiServerCIDRs: [10.96.0.1/32, 192.0.2.10/32]}
monitoring:
  serviceMonitor: {enabled: true, labels: {release: prometheus}}
  prometheusRule: {enabled: true, labels: {release: prometheus}}
evidence:
  extraRules: [{apiGroups: [velero.io], resources: [schedules], verbs: [list, watch]}]
topologySpreadConstraints:
- {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app.kubernetes.io/component: controller-manager}}}
tolerations: [{key: node-role.kubernetes.io/control-plane, operator: Exists}]
priorityClassName: system-cluster-critical
`

// monitorValues have a PodMonitor instead.
const monitorValues = `
fullnameOverride: acme
monitoring: {podMonitor: {enabled: true, labels: {release: prometheus}}}
`

// way is a way to install the operator.
type way struct {
	namespace string
	objects   []*unstructured.Unstructured
}

// TestEveryWayToInstall has a real API server take what each way installs, without a warning, and the Pod of its Deployment in a
// namespace that enforces the restricted Pod Security Standard.
func TestEveryWayToInstall(t *testing.T) {
	warnings := &recorder{}
	env := testenv.Start(t, testenv.WithoutCRDs(), testenv.WithControllerManager(), testenv.WithCRDs(monitoringCRDs(t)),
		// By default the tests' API server runs without the plugin that mounts tokens into pods.
		testenv.WithAPIServerFlag("disable-admission-plugins", "DefaultStorageClass"))
	config := rest.CopyConfig(env.Config)
	config.WarningHandler = warnings
	c, err := client.New(config, client.Options{Scheme: clientgoscheme.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]way{
		"config/default":          {namespace, objects(t)},
		"the chart":               {"isms-plain", chart(t, "plain", "isms-plain", "")},
		"the chart, production":   {"isms-ha", chart(t, "ha", "isms-ha", haValues)},
		"the chart, a PodMonitor": {"isms-monitor", chart(t, "monitor", "isms-monitor", monitorValues)},
	} {
		t.Run(name, func(t *testing.T) {
			i := &installation{T: t, client: c, way: w}
			i.apply()
			i.podIsAccepted()
			i.weakerPodsAreRefused()
			i.selectorsMeetThePod()
			if strings.Contains(name, "production") {
				i.readsFurtherKinds()
			}
			if got := warnings.take(); len(got) > 0 {
				t.Errorf("the API server warns: %s", strings.Join(got, "; "))
			}
		})
	}
}

// monitoringCRDs is the directory with the CRDs of the Prometheus Operator, from its Go module.
func monitoringCRDs(t *testing.T) string {
	t.Helper()
	const module = "github.com/prometheus-operator/prometheus-operator"
	goTool(t, "-C", "hack/promoperator", "mod", "download", module)
	dir := goTool(t, "-C", "hack/promoperator", "list", "-m", "-f", "{{.Dir}}", module)
	return filepath.Join(strings.TrimSpace(dir), "example", "prometheus-operator-crd")
}

// chart are the objects that a release installs; its values are YAML.
func chart(t *testing.T, release, namespace, values string) []*unstructured.Unstructured {
	t.Helper()
	file := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(file, []byte(values), 0o600); err != nil {
		t.Fatal(err)
	}
	return parse(t, goTool(t, "-C", "hack/helm", "run", "-buildvcs=false", "./template", "-name", release, "-namespace", namespace, "-values", file))
}

// goTool runs the go command in the module's root, and returns what it prints.
func goTool(t *testing.T, args ...string) string {
	t.Helper()
	root, err := testenv.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir, command.Stdout, command.Stderr = root, &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String()
}

// installation is a way to install the operator, in a cluster.
type installation struct {
	*testing.T
	client client.Client
	way    way
}

// apply installs everything, into a namespace that the manifests make, or that Helm does.
func (i *installation) apply() {
	i.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: i.way.namespace, Labels: map[string]string{
		"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted",
	}}}
	if err := i.client.Create(i.Context(), ns); err != nil {
		i.Fatal(err)
	}
	kinds := map[string]int{}
	for _, object := range i.way.objects {
		kinds[object.GetKind()]++
		apply := client.ApplyConfigurationFromUnstructured(object)
		if err := i.client.Apply(i.Context(), apply, client.FieldOwner("install-test"), client.ForceOwnership); err != nil {
			i.Fatalf("%s %s: %v", object.GetKind(), object.GetName(), err)
		}
	}
	for _, kind := range []string{"CustomResourceDefinition", "ClusterRole", "NetworkPolicy", "Deployment", "ValidatingAdmissionPolicy"} {
		if kinds[kind] == 0 {
			i.Errorf("no %s among what is installed: %v", kind, kinds)
		}
	}
}

func (i *installation) deployment() *appsv1.Deployment {
	i.Helper()
	var list appsv1.DeploymentList
	if err := i.client.List(i.Context(), &list, client.InNamespace(i.way.namespace)); err != nil {
		i.Fatal(err)
	}
	if len(list.Items) != 1 {
		i.Fatalf("%d Deployments", len(list.Items))
	}
	return &list.Items[0]
}

// pod is one as the Deployment's controllers would create it.
func (i *installation) pod(name string) *corev1.Pod {
	i.Helper()
	template := i.deployment().Spec.Template
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: i.way.namespace, Name: name, Labels: template.Labels, Annotations: template.Annotations},
		Spec:       template.Spec,
	}
}

// create waits until the API server knows what the Pod needs.
func (i *installation) create(p *corev1.Pod) error {
	var last error
	_ = wait.PollUntilContextTimeout(i.Context(), 100*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		last = i.client.Create(ctx, p)
		return last == nil || !strings.Contains(last.Error(), "not found"), nil
	})
	return last
}

func (i *installation) podIsAccepted() {
	i.Helper()
	p := i.pod("accepted")
	if err := i.create(p); err != nil {
		i.Fatalf("the Pod is refused: %v", err)
	}
	token := false
	for _, v := range p.Spec.Volumes {
		token = token || v.Projected != nil
	}
	if !token {
		i.Error("the Pod has no token of its account")
	}
}

// weakerPodsAreRefused: it is the API server's standard that takes the Pod, so what falls short of it is refused.
func (i *installation) weakerPodsAreRefused() {
	i.Helper()
	for what, weaken := range map[string]func(*corev1.PodSpec){
		"without runAsNonRoot":         func(s *corev1.PodSpec) { s.SecurityContext.RunAsNonRoot = nil },
		"as root":                      func(s *corev1.PodSpec) { s.SecurityContext.RunAsUser = ptr.To[int64](0) },
		"without a seccomp profile":    func(s *corev1.PodSpec) { s.SecurityContext.SeccompProfile = nil },
		"with capabilities":            func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.Capabilities = nil },
		"that may gain rights":         func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.AllowPrivilegeEscalation = nil },
		"in the network of its node":   func(s *corev1.PodSpec) { s.HostNetwork = true },
		"with a directory of its node": func(s *corev1.PodSpec) { s.Volumes[0].VolumeSource = hostPath },
	} {
		p := i.pod("refused")
		weaken(&p.Spec)
		if err := i.create(p); !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `violates PodSecurity "restricted`) {
			i.Errorf("a Pod %s: %v", what, err)
		}
	}
}

var hostPath = corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}

// selectorsMeetThePod: what protects or scrapes the Pod by its labels has the right ones.
func (i *installation) selectorsMeetThePod() {
	i.Helper()
	deployment := i.deployment()
	pod := labels.Set(deployment.Spec.Template.Labels)
	meets := func(what string, selector *metav1.LabelSelector) {
		i.Helper()
		s, err := metav1.LabelSelectorAsSelector(selector)
		if err != nil {
			i.Fatal(err)
		}
		if !s.Matches(pod) {
			i.Errorf("%s selects %s, and the Pod has %v", what, s, pod)
		}
	}
	var budgets policyv1.PodDisruptionBudgetList
	var policies networkingv1.NetworkPolicyList
	var services corev1.ServiceList
	for _, list := range []client.ObjectList{&budgets, &policies, &services} {
		if err := i.client.List(i.Context(), list, client.InNamespace(i.way.namespace)); err != nil {
			i.Fatal(err)
		}
	}
	if want := *deployment.Spec.Replicas > 1; want != (len(budgets.Items) == 1) {
		i.Errorf("%d PodDisruptionBudgets with %d replicas", len(budgets.Items), *deployment.Spec.Replicas)
	}
	for _, b := range budgets.Items {
		meets("the PodDisruptionBudget", b.Spec.Selector)
	}
	if len(policies.Items) < 2 {
		i.Errorf("%d NetworkPolicies", len(policies.Items))
	}
	for _, p := range policies.Items {
		for _, rule := range p.Spec.Egress {
			if len(rule.To) != 2 || len(rule.Ports) != 2 {
				i.Errorf("NetworkPolicy %s lets %+v out", p.Name, rule)
			}
		}
		meets("NetworkPolicy "+p.Name, &p.Spec.PodSelector)
		for _, rule := range p.Spec.Ingress {
			if rule.From == nil || rule.Ports[0].Port.IntVal != port(deployment, "metrics") {
				i.Errorf("NetworkPolicy %s lets %+v in", p.Name, rule)
			}
		}
	}
	for _, s := range services.Items {
		meets("the Service", metav1.SetAsLabelSelector(s.Spec.Selector))
	}
	i.monitorsMeet(pod, services.Items, meets)
}

// monitorsMeet: a PodMonitor selects the Pod, a ServiceMonitor the Service, each by a port that is there.
func (i *installation) monitorsMeet(_ labels.Set, services []corev1.Service, meets func(string, *metav1.LabelSelector)) {
	i.Helper()
	for _, object := range i.way.objects {
		if kind := object.GetKind(); kind != "PodMonitor" && kind != "ServiceMonitor" {
			continue
		}
		raw, _, _ := unstructured.NestedMap(object.Object, "spec", "selector")
		var selector metav1.LabelSelector
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(raw, &selector); err != nil {
			i.Fatal(err)
		}
		if object.GetLabels()["release"] != "prometheus" {
			i.Errorf("%s has not the labels that were asked for: %v", object.GetKind(), object.GetLabels())
		}
		if object.GetKind() == "PodMonitor" {
			meets("the PodMonitor", &selector)
			continue
		}
		s, err := metav1.LabelSelectorAsSelector(&selector)
		if err != nil {
			i.Fatal(err)
		}
		if len(services) != 1 || !s.Matches(labels.Set(services[0].Labels)) || services[0].Spec.Ports[0].Name != "metrics" {
			i.Errorf("the ServiceMonitor selects %s, and the Services are %v", s, services)
		}
	}
}

func port(d *appsv1.Deployment, name string) int32 {
	for _, p := range d.Spec.Template.Spec.Containers[0].Ports {
		if p.Name == name {
			return p.ContainerPort
		}
	}
	return 0
}

// readsFurtherKinds: the role of evidence.extraRules reaches the operator's account.
func (i *installation) readsFurtherKinds() {
	i.Helper()
	account := fmt.Sprintf("system:serviceaccount:%s:%s", i.way.namespace, i.deployment().Spec.Template.Spec.ServiceAccountName)
	err := wait.PollUntilContextTimeout(i.Context(), 100*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User:               account,
			ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "watch", Group: "velero.io", Resource: "schedules"},
		}}
		err := i.client.Create(ctx, review)
		return review.Status.Allowed, err
	})
	if err != nil {
		i.Errorf("%s may not watch what evidence.extraRules has: %v", account, err)
	}
}
