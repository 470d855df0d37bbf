// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/manifest"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// A repository holds workloads, and seldom a Pod; in the cluster, controllers make the Pods that rules on Pods look at. So
// a workload among the files stands for the Pod that it makes: its template, with what the API server and the workload's
// own controller fill in, as far as that can be told beforehand.

var (
	podKind = corev1.SchemeGroupVersion.WithKind("Pod")

	// makers are the kinds that make Pods, with the kind that owns these.
	makers = map[schema.GroupVersionKind]schema.GroupVersionKind{
		corev1.SchemeGroupVersion.WithKind("ReplicationController"): corev1.SchemeGroupVersion.WithKind("ReplicationController"),
		appsv1.SchemeGroupVersion.WithKind("Deployment"):            appsv1.SchemeGroupVersion.WithKind("ReplicaSet"),
		appsv1.SchemeGroupVersion.WithKind("ReplicaSet"):            appsv1.SchemeGroupVersion.WithKind("ReplicaSet"),
		appsv1.SchemeGroupVersion.WithKind("StatefulSet"):           appsv1.SchemeGroupVersion.WithKind("StatefulSet"),
		appsv1.SchemeGroupVersion.WithKind("DaemonSet"):             appsv1.SchemeGroupVersion.WithKind("DaemonSet"),
		batchv1.SchemeGroupVersion.WithKind("Job"):                  batchv1.SchemeGroupVersion.WithKind("Job"),
		batchv1.SchemeGroupVersion.WithKind("CronJob"):              batchv1.SchemeGroupVersion.WithKind("Job"),
	}
)

// podStreams are the streams of Pods, if objects of a kind make some.
func (e *evaluation) podStreams(kind schema.GroupVersionKind) []*stream {
	if _, makes := makers[kind]; !makes || e.options.NoPodTemplates {
		return nil
	}
	return e.byKind[podKind]
}

// evaluateTemplate evaluates the rules on Pods on the Pod that a workload makes, if it makes one.
func (e *evaluation) evaluateTemplate(
	w *worker, streams []*stream, kind schema.GroupVersionKind, o *manifest.Object, workload metav1.Object,
) {
	template := templateOf(workload)
	if template == nil || ownedByMaker(workload) {
		return
	}
	e.templates.Add(1)
	pod := podOf(kind, workload, template)
	x := decoded{
		object: pod, key: tally.Key{Namespace: o.Namespace, Name: pod.Name}, labels: pod.Labels,
		subject: check.TypedSubject(pod, podKind), spot: spot{Place: o.Place, name: o.Name, makerVersion: o.APIVersion, maker: o.Kind},
	}
	for _, s := range streams {
		e.evaluate(w, s, x)
	}
}

// ownedByMaker says that the workload is one that another makes, which stands for its Pods already.
func ownedByMaker(workload metav1.Object) bool {
	owner := metav1.GetControllerOf(workload)
	if owner == nil {
		return false
	}
	_, makes := makers[schema.FromAPIVersionAndKind(owner.APIVersion, owner.Kind)]
	return makes
}

// templateOf is the template of a workload that makes a Pod as it is written: one that is suspended, whose number of Pods is
// zero, or whose Pod would have no container, makes none.
func templateOf(workload metav1.Object) *corev1.PodTemplateSpec {
	some := func(n *int32) bool { return n == nil || *n > 0 }
	var makes bool
	var template *corev1.PodTemplateSpec
	switch w := workload.(type) {
	case *corev1.ReplicationController:
		makes, template = some(w.Spec.Replicas), w.Spec.Template
	case *appsv1.Deployment:
		makes, template = some(w.Spec.Replicas), &w.Spec.Template
	case *appsv1.ReplicaSet:
		makes, template = some(w.Spec.Replicas), &w.Spec.Template
	case *appsv1.StatefulSet:
		makes, template = some(w.Spec.Replicas), &w.Spec.Template
	case *appsv1.DaemonSet:
		makes, template = true, &w.Spec.Template
	case *batchv1.Job:
		makes, template = runs(&w.Spec), &w.Spec.Template
	case *batchv1.CronJob:
		job := &w.Spec.JobTemplate.Spec
		suspended := w.Spec.Suspend != nil && *w.Spec.Suspend
		makes, template = runs(job) && !suspended, &job.Template
	}
	if !makes || template == nil || len(template.Spec.Containers) == 0 {
		return nil
	}
	return template
}

func runs(job *batchv1.JobSpec) bool {
	suspended := job.Suspend != nil && *job.Suspend
	return !suspended && (job.Parallelism == nil || *job.Parallelism > 0)
}

// podOf is the Pod that a workload makes. What the cluster makes up of its name, and of that of its owner, is not known.
func podOf(kind schema.GroupVersionKind, workload metav1.Object, template *corev1.PodTemplateSpec) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: *template.ObjectMeta.DeepCopy(), Spec: *template.Spec.DeepCopy()}
	owner := makers[kind]
	yes := true
	pod.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: owner.GroupVersion().String(), Kind: owner.Kind, Name: workload.GetName(), Controller: &yes, BlockOwnerDeletion: &yes,
	}}
	pod.Namespace = workload.GetNamespace()
	pod.GenerateName = workload.GetName() + "-"
	pod.Name = pod.GenerateName + "pod"
	if set, ok := workload.(*appsv1.StatefulSet); ok {
		pod.GenerateName, pod.Name = "", workload.GetName()+"-0"
		pod.Spec.Volumes = withClaims(pod.Spec.Volumes, set, pod.Name)
	}
	setDefaults(pod)
	return pod
}

// withClaims are the volumes of a Pod of a StatefulSet: those of its claims take the place of others with their names.
func withClaims(volumes []corev1.Volume, set *appsv1.StatefulSet, pod string) []corev1.Volume {
	var out []corev1.Volume
	for _, c := range set.Spec.VolumeClaimTemplates {
		volumes = slices.DeleteFunc(volumes, func(v corev1.Volume) bool { return v.Name == c.Name })
		out = append(out, corev1.Volume{Name: c.Name, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: c.Name + "-" + pod},
		}})
	}
	return append(out, volumes...)
}
