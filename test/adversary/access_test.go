// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adversary

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/guard"
)

func pods(q isms.Quantifier, expect string) isms.ResourceRule {
	return isms.ResourceRule{Kind: "Pod", Quantifier: q, Expect: expect}
}

const anything = `object.metadata.name != ''`

func onePod(w *world) { w.pod(w.victim, marker) }

// podIfOne is a pod whose existence is the secret.
func podIfOne(w *world) {
	if w.bit == 1 {
		onePod(w)
	}
}

func secretIfOne(w *world) {
	if w.bit == 1 {
		w.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.victim, Name: marker, Labels: map[string]string{"project": w.is()}}})
	}
}

func manyVariables(n int) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		for i := range n {
			p.Spec.Containers[0].Env = append(p.Spec.Containers[0].Env, corev1.EnvVar{Name: fmt.Sprintf("V%d", i), Value: "x"})
		}
	}
}

// dear is costly for an object with many variables only.
const dear = `object.spec.containers[0].env.all(a, object.spec.containers[0].env.all(b, object.spec.containers[0].env.all(c, a.name + b.name + c.name != '')))`

func exceptions(objects ...isms.ExceptionObject) func(*isms.Control) {
	return func(c *isms.Control) {
		c.Spec.Exceptions = []isms.Exception{{
			Name: "exception", Evidence: []isms.ItemName{"rule"}, Objects: objects, Reason: "Known.",
			RequestedBy: roe, ApprovedBy: smith, ExpiresOn: "2099-12-31",
		}}
	}
}

// alsoHome names the tenant's own namespace beside the victim's.
func alsoHome(w *world, s *isms.ISMSScope) {
	s.Spec.Evidence.Namespaces = append(s.Spec.Evidence.Namespaces, isms.NamespaceName(w.home))
}

func onlyHome(w *world, s *isms.ISMSScope) {
	s.Spec.Evidence.Namespaces = []isms.NamespaceName{isms.NamespaceName(w.home)}
}

func selecting(key string) func(w *world, s *isms.ISMSScope) {
	return func(w *world, s *isms.ISMSScope) {
		s.Spec.Evidence.Namespaces = nil
		s.Spec.Evidence.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{key: w.id}}
	}
}

// labelledIfOne is a victim's namespace whose label is the secret.
func labelledIfOne(w *world) {
	n := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.victim}}
	if w.bit == 1 {
		n.Labels = map[string]string{"project": w.id}
	}
	w.create(n)
}

func asGone(_ *world, s *isms.ISMSScope) { s.Spec.Evidence.ServiceAccountName = "gone" }

// accessAttacks ask what the scope's account may not read.
var accessAttacks = []attack{
	{
		name: "an object exists: Any", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAny, anything), setup: podIfOne,
	},
	{
		name: "an object exists: None passes where nothing matches", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierNone, anything), setup: podIfOne,
	},
	{
		name: "an object exists: onNoMatch", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule:  isms.ResourceRule{Kind: "Pod", Quantifier: isms.QuantifierEvery, Expect: anything, OnNoMatch: isms.NoMatchFail},
		setup: podIfOne,
	},
	{
		name: "the names of objects, as failures", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierNone, anything), setup: onePod,
	},
	{
		name: "the number of objects", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierEvery, anything),
		setup: func(w *world) {
			for i := range 1 + w.bit {
				w.pod(w.victim, fmt.Sprintf("p%d", i))
			}
		},
	},
	{
		name: "a field, as a question with a yes or no", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierEvery, `object.spec.containers[0].image.endsWith('hunter1')`), setup: onePod,
	},
	{
		name: "a variable, letter by letter", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierEvery, `object.spec.containers.all(c, c.env.all(e, e.value.matches('^[a-z]+-hunter[1-4]')))`), setup: onePod,
	},
	{
		name: "a value among many, as parameters", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierEvery, `object.metadata.labels['project'] in params.guesses`), setup: onePod,
		control: func(_ *world, c *isms.Control) {
			c.Spec.Parameters = []isms.Parameter{{Name: "guesses", Values: []string{"hunter1", "hunter3", "hunter5"}}}
		},
	},
	{
		name: "whether a field is there, by the class of the error", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierEvery, `object.metadata.labels['extra'] == 'x'`),
		setup: func(w *world) {
			w.pod(w.victim, marker, func(p *corev1.Pod) {
				if w.bit == 1 {
					p.Labels["extra"] = "x"
				}
			})
		},
	},
	{
		name: "the size of an object, by the cost limit", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule:  pods(isms.QuantifierEvery, dear),
		setup: func(w *world) { w.pod(w.victim, marker, manyVariables(1+199*w.bit)) },
	},
	{
		name: "how many there are, by the limit of what a rule keeps", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierSet, `objects.all(o, o.metadata.name != '')`),
		setup: func(w *world) {
			for i := range maxKept + w.bit {
				w.pod(w.victim, fmt.Sprintf("p%d", i))
			}
		},
	},
	{
		name: "all objects together, as a Set", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierSet, `objects.exists(o, o.metadata.labels['project'] == 'hunter1')`), setup: onePod,
	},
	{
		name: "the age of an object, by a rule that reads now", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAny, `now - timestamp(object.metadata.creationTimestamp) < duration('1000h')`), setup: podIfOne,
	},
	{
		name: "labels, through the labelSelector", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: isms.ResourceRule{
			Kind: "Pod", Quantifier: isms.QuantifierAny, Expect: anything,
			LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"project": "hunter1"}},
		},
		setup: onePod,
	},
	{
		name: "a Secret exists", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: isms.ResourceRule{Kind: "Secret", Quantifier: isms.QuantifierAny, Expect: anything}, setup: secretIfOne,
	},
	{
		name: "the type of a Secret, through secretType", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: isms.ResourceRule{Kind: "Secret", Quantifier: isms.QuantifierAny, Expect: anything, SecretType: "example.com/hunter1"},
		setup: func(w *world) {
			w.create(&corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{Namespace: w.victim, Name: marker}, Type: corev1.SecretType("example.com/" + w.is()),
			})
		},
	},
	{
		name: "who owns a ConfigMap", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: isms.ResourceRule{
			Kind: "ConfigMap", Quantifier: isms.QuantifierAny, Expect: `object.metadata.ownerReferences.exists(o, o.name == 'hunter1')`,
			Where: `has(object.metadata.ownerReferences)`,
		},
		setup: func(w *world) {
			w.create(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
				Namespace: w.victim, Name: marker,
				OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Pod", Name: w.is(), UID: "u"}},
			}})
		},
	},
	{
		name: "who is granted what", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: isms.ResourceRule{
			APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding", Quantifier: isms.QuantifierAny,
			Expect: `object.subjects.exists(s, s.name == 'hunter1')`,
		},
		setup: func(w *world) {
			w.allow(w.victim, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: "User", Name: w.is()}, reads("pods"))
		},
	},
	{
		name: "what an exception matches", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierNone, anything), setup: podIfOne,
		control: func(w *world, c *isms.Control) {
			exceptions(isms.ExceptionObject{Namespace: isms.NamespaceName(w.victim), Name: "x*"})(c)
		},
	},
	{
		name: "labels, through an exception's labelSelector", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierNone, anything), setup: onePod,
		control: func(_ *world, c *isms.Control) {
			exceptions(isms.ExceptionObject{LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"project": "hunter1"}}})(c)
		},
	},
	{
		name: "an object marked as the operator's own", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierNone, `object.metadata.labels['project'] == 'hunter1'`),
		setup: func(w *world) {
			w.pod(w.victim, marker, func(p *corev1.Pod) { p.Labels["app.kubernetes.io/part-of"] = "isms-operator" })
		},
	},
	{
		name: "all objects, where one may be got", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAny, anything),
		setup: func(w *world) {
			w.grant(w.victim, rule("get", "", "pods"))
			podIfOne(w)
		},
	},
	{
		name: "all objects, where those of one name may be listed", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAny, anything),
		setup: func(w *world) {
			w.grant(w.victim, rule(read, "", "pods", "known"))
			podIfOne(w)
		},
	},
	{
		name: "changes to come, where objects may be listed and not watched", guard: guard.Access, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAny, anything),
		setup: func(w *world) {
			w.grant(w.victim, rule("list", "", "pods"))
			podIfOne(w)
		},
	},

	{
		name: "another's namespace beside one's own", guard: guard.EveryNamespace, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAny, `object.metadata.labels['project'] == 'hunter1'`), setup: onePod, scope: alsoHome,
	},
	{
		name: "another's namespace beside one's own: AnyPerNamespace", guard: guard.EveryNamespace, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAnyPerNamespace, anything), setup: podIfOne, scope: alsoHome,
	},
	{
		name: "another's namespace beside one's own: Set", guard: guard.EveryNamespace, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierSet, `objects.size() > 0`), setup: podIfOne, scope: alsoHome,
	},

	{
		name: "a cluster-scoped kind, with rights in a namespace", guard: guard.ClusterScoped, want: isms.ReasonAccessDenied, scope: onlyHome,
		rule: isms.ResourceRule{
			APIVersion: "node.k8s.io/v1", Kind: "RuntimeClass", Quantifier: isms.QuantifierAny,
			Where: `object.metadata.name == 'xy-ID'`, Expect: `object.handler == 'hunter1'`,
		},
		setup: func(w *world) {
			w.create(&nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: "xy-" + w.id}, Handler: w.is()})
		},
	},
	{
		name: "cluster-wide bindings, with rights in a namespace", guard: guard.ClusterScoped, want: isms.ReasonAccessDenied, scope: onlyHome,
		rule: isms.ResourceRule{
			APIVersion: "rbac.authorization.k8s.io/v1", Kind: "ClusterRoleBinding", Quantifier: isms.QuantifierNone,
			Expect: `object.metadata.name.startsWith('xyzzy') && object.metadata.name.contains('ID')`,
		},
		setup: func(w *world) {
			w.create(&rbacv1.ClusterRoleBinding{
				ObjectMeta: metav1.ObjectMeta{Name: w.secret() + w.id},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "none"},
			})
		},
	},
	{
		name: "priorities, with rights in a namespace", guard: guard.ClusterScoped, want: isms.ReasonAccessDenied, scope: onlyHome,
		rule: isms.ResourceRule{
			APIVersion: "scheduling.k8s.io/v1", Kind: "PriorityClass", Quantifier: isms.QuantifierSet,
			Where: `object.metadata.name.endsWith('ID')`, Expect: `objects.all(o, o.value == 1)`,
		},
		setup: func(w *world) {
			w.create(&schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: "xy-" + w.id}, Value: int32(w.bit)})
		},
	},

	{
		name: "the rights of an account that is gone", guard: guard.Account, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAny, anything), scope: asGone,
		setup: func(w *world) {
			w.allow(w.victim, serviceAccount(w.home, "gone"), reads("pods"))
			podIfOne(w)
		},
	},
	{
		name: "Secrets, with the rights of an account that is gone", guard: guard.Account, want: isms.ReasonAccessDenied,
		rule: isms.ResourceRule{Kind: "Secret", Quantifier: isms.QuantifierNone, Expect: anything}, scope: asGone,
		setup: func(w *world) {
			w.allow(w.victim, serviceAccount(w.home, "gone"), reads("secrets"))
			secretIfOne(w)
		},
	},
	{
		name: "namespaces, with the rights of an account that is gone", guard: guard.Account, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAny, anything), noVictim: true,
		scope: func(w *world, s *isms.ISMSScope) {
			asGone(w, s)
			selecting("project")(w, s)
		},
		setup: func(w *world) {
			w.allow("", serviceAccount(w.home, "gone"), reads("namespaces"))
			labelledIfOne(w)
		},
	},
}
