// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// A manifest leaves out what the API server fills in, and a rule reads it there as if it had been written. So these are
// filled in here as well, for the kinds that rules read most: what pkg/apis/*/v1/defaults.go of Kubernetes 1.36 does. What
// admission plugins, controllers and allocators add (the token of a service account, tolerations, addresses, a status) is
// nothing that a manifest says, and stays out.

// setDefaults fills in what the API server would.
func setDefaults(object any) {
	switch o := object.(type) {
	case *corev1.Pod:
		podDefaults(o)
	case *corev1.ReplicationController:
		setDefault(&o.Spec.Replicas, 1)
		if o.Spec.Template != nil {
			podSpecDefaults(&o.Spec.Template.Spec)
		}
	case *appsv1.Deployment:
		deploymentDefaults(o)
	case *appsv1.StatefulSet:
		statefulSetDefaults(o)
	case *appsv1.DaemonSet:
		daemonSetDefaults(o)
	case *appsv1.ReplicaSet:
		setDefault(&o.Spec.Replicas, 1)
		podSpecDefaults(&o.Spec.Template.Spec)
	case *batchv1.Job:
		jobDefaults(o)
	case *batchv1.CronJob:
		cronJobDefaults(o)
	default:
		setOtherDefaults(object)
	}
}

func setOtherDefaults(object any) {
	switch o := object.(type) {
	case *corev1.Service:
		serviceDefaults(o)
	case *corev1.Namespace:
		if len(o.Spec.Finalizers) == 0 {
			o.Spec.Finalizers = []corev1.FinalizerName{corev1.FinalizerKubernetes}
		}
		orElse(&o.Status.Phase, corev1.NamespaceActive)
	case *corev1.PersistentVolumeClaim:
		claimDefaults(o)
	case *corev1.PersistentVolume:
		orElse(&o.Spec.PersistentVolumeReclaimPolicy, corev1.PersistentVolumeReclaimRetain)
		setDefault(&o.Spec.VolumeMode, corev1.PersistentVolumeFilesystem)
	case *corev1.LimitRange:
		limitRangeDefaults(o)
	case *networkingv1.NetworkPolicy:
		networkPolicyDefaults(o)
	case *rbacv1.RoleBinding:
		bindingDefaults(&o.RoleRef, o.Subjects)
	case *rbacv1.ClusterRoleBinding:
		bindingDefaults(&o.RoleRef, o.Subjects)
	case *storagev1.StorageClass:
		setDefault(&o.ReclaimPolicy, corev1.PersistentVolumeReclaimDelete)
		setDefault(&o.VolumeBindingMode, storagev1.VolumeBindingImmediate)
	case *schedulingv1.PriorityClass:
		setDefault(&o.PreemptionPolicy, corev1.PreemptLowerPriority)
	case *autoscalingv2.HorizontalPodAutoscaler:
		setDefault(&o.Spec.MinReplicas, 1)
	case *admissionv1.ValidatingWebhookConfiguration:
		validatingDefaults(o)
	case *admissionv1.MutatingWebhookConfiguration:
		mutatingDefaults(o)
	case *admissionv1.ValidatingAdmissionPolicy:
		setDefault(&o.Spec.FailurePolicy, admissionv1.Fail)
		if m := o.Spec.MatchConstraints; m != nil {
			matchDefaults(&m.MatchPolicy, &m.NamespaceSelector, &m.ObjectSelector)
		}
	}
}

// setDefault sets what is absent.
func setDefault[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

// orElse sets what is empty.
func orElse[T comparable](field *T, value T) {
	var empty T
	if *field == empty {
		*field = value
	}
}

func podDefaults(o *corev1.Pod) {
	podSpecDefaults(&o.Spec)
	setDefault(&o.Spec.EnableServiceLinks, true)
	for _, c := range slices.Concat(pointers(o.Spec.Containers), pointers(o.Spec.InitContainers)) {
		for name, limit := range c.Resources.Limits {
			if c.Resources.Requests == nil {
				c.Resources.Requests = corev1.ResourceList{}
			}
			if _, ok := c.Resources.Requests[name]; !ok {
				c.Resources.Requests[name] = limit.DeepCopy()
			}
		}
		for i := range c.Ports {
			if o.Spec.HostNetwork {
				orElse(&c.Ports[i].HostPort, c.Ports[i].ContainerPort)
			}
		}
	}
	orElse(&o.Status.Phase, corev1.PodPending)
}

func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

func podSpecDefaults(s *corev1.PodSpec) {
	orElse(&s.DNSPolicy, corev1.DNSClusterFirst)
	orElse(&s.RestartPolicy, corev1.RestartPolicyAlways)
	orElse(&s.SchedulerName, corev1.DefaultSchedulerName)
	setDefault(&s.SecurityContext, corev1.PodSecurityContext{})
	setDefault(&s.TerminationGracePeriodSeconds, corev1.DefaultTerminationGracePeriodSeconds)
	// One of the two names is the other's deprecated alias.
	orElse(&s.ServiceAccountName, s.DeprecatedServiceAccount)
	orElse(&s.DeprecatedServiceAccount, s.ServiceAccountName)
	for _, c := range slices.Concat(pointers(s.Containers), pointers(s.InitContainers)) {
		containerDefaults(c)
	}
	for i := range s.Volumes {
		volumeDefaults(&s.Volumes[i])
	}
}

func containerDefaults(c *corev1.Container) {
	orElse(&c.ImagePullPolicy, pullPolicy(c.Image))
	orElse(&c.TerminationMessagePath, corev1.TerminationMessagePathDefault)
	orElse(&c.TerminationMessagePolicy, corev1.TerminationMessageReadFile)
	for i := range c.Ports {
		orElse(&c.Ports[i].Protocol, corev1.ProtocolTCP)
	}
	for i := range c.Env {
		if from := c.Env[i].ValueFrom; from != nil && from.FieldRef != nil {
			orElse(&from.FieldRef.APIVersion, "v1")
		}
	}
	for _, p := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		if p == nil {
			continue
		}
		orElse(&p.TimeoutSeconds, 1)
		orElse(&p.PeriodSeconds, 10)
		orElse(&p.SuccessThreshold, 1)
		orElse(&p.FailureThreshold, 3)
		getDefaults(p.HTTPGet)
		if p.GRPC != nil {
			setDefault(&p.GRPC.Service, "")
		}
	}
	if c.Lifecycle != nil {
		for _, h := range []*corev1.LifecycleHandler{c.Lifecycle.PostStart, c.Lifecycle.PreStop} {
			if h != nil {
				getDefaults(h.HTTPGet)
			}
		}
	}
}

func getDefaults(g *corev1.HTTPGetAction) {
	if g != nil {
		orElse(&g.Path, "/")
		orElse(&g.Scheme, corev1.URISchemeHTTP)
	}
}

// pullPolicy: an image without tag and digest is the latest.
func pullPolicy(image string) corev1.PullPolicy {
	name, digest, _ := strings.Cut(image, "@")
	last := name[strings.LastIndex(name, "/")+1:]
	_, tag, _ := strings.Cut(last, ":")
	if tag == "latest" || tag == "" && digest == "" {
		return corev1.PullAlways
	}
	return corev1.PullIfNotPresent
}

func volumeDefaults(v *corev1.Volume) {
	if v.VolumeSource == (corev1.VolumeSource{}) {
		v.EmptyDir = &corev1.EmptyDirVolumeSource{}
	}
	const mode = 0o644
	switch {
	case v.Secret != nil:
		setDefault(&v.Secret.DefaultMode, mode)
	case v.ConfigMap != nil:
		setDefault(&v.ConfigMap.DefaultMode, mode)
	case v.DownwardAPI != nil:
		setDefault(&v.DownwardAPI.DefaultMode, mode)
	case v.HostPath != nil:
		setDefault(&v.HostPath.Type, corev1.HostPathUnset)
	case v.Projected != nil:
		setDefault(&v.Projected.DefaultMode, mode)
		for i := range v.Projected.Sources {
			if t := v.Projected.Sources[i].ServiceAccountToken; t != nil {
				setDefault(&t.ExpirationSeconds, 3600)
			}
		}
	}
}

func deploymentDefaults(o *appsv1.Deployment) {
	setDefault(&o.Spec.Replicas, 1)
	setDefault(&o.Spec.RevisionHistoryLimit, 10)
	setDefault(&o.Spec.ProgressDeadlineSeconds, 600)
	orElse(&o.Spec.Strategy.Type, appsv1.RollingUpdateDeploymentStrategyType)
	if o.Spec.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType {
		setDefault(&o.Spec.Strategy.RollingUpdate, appsv1.RollingUpdateDeployment{})
		setDefault(&o.Spec.Strategy.RollingUpdate.MaxUnavailable, intstr.FromString("25%"))
		setDefault(&o.Spec.Strategy.RollingUpdate.MaxSurge, intstr.FromString("25%"))
	}
	podSpecDefaults(&o.Spec.Template.Spec)
}

func statefulSetDefaults(o *appsv1.StatefulSet) {
	setDefault(&o.Spec.Replicas, 1)
	setDefault(&o.Spec.RevisionHistoryLimit, 10)
	orElse(&o.Spec.PodManagementPolicy, appsv1.OrderedReadyPodManagement)
	orElse(&o.Spec.UpdateStrategy.Type, appsv1.RollingUpdateStatefulSetStrategyType)
	if o.Spec.UpdateStrategy.Type == appsv1.RollingUpdateStatefulSetStrategyType {
		setDefault(&o.Spec.UpdateStrategy.RollingUpdate, appsv1.RollingUpdateStatefulSetStrategy{})
		setDefault(&o.Spec.UpdateStrategy.RollingUpdate.Partition, 0)
	}
	setDefault(&o.Spec.PersistentVolumeClaimRetentionPolicy, appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{})
	orElse(&o.Spec.PersistentVolumeClaimRetentionPolicy.WhenDeleted, appsv1.RetainPersistentVolumeClaimRetentionPolicyType)
	orElse(&o.Spec.PersistentVolumeClaimRetentionPolicy.WhenScaled, appsv1.RetainPersistentVolumeClaimRetentionPolicyType)
	podSpecDefaults(&o.Spec.Template.Spec)
	for i := range o.Spec.VolumeClaimTemplates {
		claimDefaults(&o.Spec.VolumeClaimTemplates[i])
	}
}

func claimDefaults(o *corev1.PersistentVolumeClaim) {
	setDefault(&o.Spec.VolumeMode, corev1.PersistentVolumeFilesystem)
	orElse(&o.Status.Phase, corev1.ClaimPending)
}

func daemonSetDefaults(o *appsv1.DaemonSet) {
	setDefault(&o.Spec.RevisionHistoryLimit, 10)
	orElse(&o.Spec.UpdateStrategy.Type, appsv1.RollingUpdateDaemonSetStrategyType)
	if o.Spec.UpdateStrategy.Type == appsv1.RollingUpdateDaemonSetStrategyType {
		setDefault(&o.Spec.UpdateStrategy.RollingUpdate, appsv1.RollingUpdateDaemonSet{})
		setDefault(&o.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable, intstr.FromInt32(1))
		setDefault(&o.Spec.UpdateStrategy.RollingUpdate.MaxSurge, intstr.FromInt32(0))
	}
	podSpecDefaults(&o.Spec.Template.Spec)
}

func jobDefaults(o *batchv1.Job) {
	if o.Spec.Completions == nil && o.Spec.Parallelism == nil {
		setDefault(&o.Spec.Completions, 1)
	}
	setDefault(&o.Spec.Parallelism, 1)
	if o.Spec.BackoffLimitPerIndex == nil {
		setDefault(&o.Spec.BackoffLimit, 6)
	}
	setDefault(&o.Spec.CompletionMode, batchv1.NonIndexedCompletion)
	setDefault(&o.Spec.Suspend, false)
	policy := batchv1.TerminatingOrFailed
	if o.Spec.PodFailurePolicy != nil {
		policy = batchv1.Failed
	}
	setDefault(&o.Spec.PodReplacementPolicy, policy)
	podSpecDefaults(&o.Spec.Template.Spec)
}

func cronJobDefaults(o *batchv1.CronJob) {
	orElse(&o.Spec.ConcurrencyPolicy, batchv1.AllowConcurrent)
	setDefault(&o.Spec.Suspend, false)
	setDefault(&o.Spec.SuccessfulJobsHistoryLimit, 3)
	setDefault(&o.Spec.FailedJobsHistoryLimit, 1)
	podSpecDefaults(&o.Spec.JobTemplate.Spec.Template.Spec)
}

func serviceDefaults(o *corev1.Service) {
	orElse(&o.Spec.SessionAffinity, corev1.ServiceAffinityNone)
	orElse(&o.Spec.Type, corev1.ServiceTypeClusterIP)
	for i := range o.Spec.Ports {
		p := &o.Spec.Ports[i]
		orElse(&p.Protocol, corev1.ProtocolTCP)
		if p.TargetPort == (intstr.IntOrString{}) {
			p.TargetPort = intstr.FromInt32(p.Port)
		}
	}
	if o.Spec.Type == corev1.ServiceTypeExternalName {
		return
	}
	setDefault(&o.Spec.InternalTrafficPolicy, corev1.ServiceInternalTrafficPolicyCluster)
	if o.Spec.Type != corev1.ServiceTypeClusterIP {
		orElse(&o.Spec.ExternalTrafficPolicy, corev1.ServiceExternalTrafficPolicyCluster)
	}
	if o.Spec.Type == corev1.ServiceTypeLoadBalancer {
		setDefault(&o.Spec.AllocateLoadBalancerNodePorts, true)
	}
}

func limitRangeDefaults(o *corev1.LimitRange) {
	for i := range o.Spec.Limits {
		l := &o.Spec.Limits[i]
		if l.Type != corev1.LimitTypeContainer {
			continue
		}
		fill(&l.Default, l.Max)
		fill(&l.DefaultRequest, l.Default)
		fill(&l.DefaultRequest, l.Min)
	}
}

// fill takes over what is absent.
func fill(into *corev1.ResourceList, from corev1.ResourceList) {
	if *into == nil {
		*into = corev1.ResourceList{}
	}
	for name, q := range from {
		if _, ok := (*into)[name]; !ok {
			(*into)[name] = q.DeepCopy()
		}
	}
}

func networkPolicyDefaults(o *networkingv1.NetworkPolicy) {
	if len(o.Spec.PolicyTypes) == 0 {
		o.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
		if len(o.Spec.Egress) > 0 {
			o.Spec.PolicyTypes = append(o.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		}
	}
	for _, r := range o.Spec.Ingress {
		portDefaults(r.Ports)
	}
	for _, r := range o.Spec.Egress {
		portDefaults(r.Ports)
	}
}

func portDefaults(ports []networkingv1.NetworkPolicyPort) {
	for i := range ports {
		setDefault(&ports[i].Protocol, corev1.ProtocolTCP)
	}
}

func bindingDefaults(role *rbacv1.RoleRef, subjects []rbacv1.Subject) {
	orElse(&role.APIGroup, rbacv1.GroupName)
	for i := range subjects {
		if s := &subjects[i]; s.Kind == rbacv1.UserKind || s.Kind == rbacv1.GroupKind {
			orElse(&s.APIGroup, rbacv1.GroupName)
		}
	}
}

const webhookTimeout int32 = 10

func validatingDefaults(o *admissionv1.ValidatingWebhookConfiguration) {
	for i := range o.Webhooks {
		w := &o.Webhooks[i]
		setDefault(&w.FailurePolicy, admissionv1.Fail)
		setDefault(&w.TimeoutSeconds, webhookTimeout)
		matchDefaults(&w.MatchPolicy, &w.NamespaceSelector, &w.ObjectSelector)
		webhookDefaults(&w.ClientConfig, w.Rules)
	}
}

func mutatingDefaults(o *admissionv1.MutatingWebhookConfiguration) {
	for i := range o.Webhooks {
		w := &o.Webhooks[i]
		setDefault(&w.FailurePolicy, admissionv1.Fail)
		setDefault(&w.TimeoutSeconds, webhookTimeout)
		setDefault(&w.ReinvocationPolicy, admissionv1.NeverReinvocationPolicy)
		matchDefaults(&w.MatchPolicy, &w.NamespaceSelector, &w.ObjectSelector)
		webhookDefaults(&w.ClientConfig, w.Rules)
	}
}

func webhookDefaults(c *admissionv1.WebhookClientConfig, rules []admissionv1.RuleWithOperations) {
	if c.Service != nil {
		setDefault(&c.Service.Port, 443)
	}
	for i := range rules {
		setDefault(&rules[i].Scope, admissionv1.AllScopes)
	}
}

func matchDefaults(policy **admissionv1.MatchPolicyType, namespaces, objects **metav1.LabelSelector) {
	setDefault(policy, admissionv1.Equivalent)
	setDefault(namespaces, metav1.LabelSelector{})
	setDefault(objects, metav1.LabelSelector{})
}
