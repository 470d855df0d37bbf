// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// defaultDeny is the rule of docs/control.md.
var defaultDeny = isms.ResourceRule{
	APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Quantifier: isms.QuantifierAnyPerNamespace,
	Expect: `!has(object.spec.podSelector.matchLabels) && !has(object.spec.podSelector.matchExpressions) &&
'Ingress' in object.spec.policyTypes && (!has(object.spec.ingress) || size(object.spec.ingress) == 0)`,
}

func policy(namespace, name string, change func(*networkingv1.NetworkPolicySpec)) *networkingv1.NetworkPolicy {
	p := &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       networkingv1.NetworkPolicySpec{PolicyTypes: []networkingv1.PolicyType{"Ingress"}},
	}
	if change != nil {
		change(&p.Spec)
	}
	return p
}

func TestDefaultDeny(t *testing.T) {
	w := newWorld(t, "/namespaces", "networking.k8s.io/networkpolicies")
	shop, billing := w.namespace("shop"), w.namespace("billing")
	w.create(policy(shop, "deny", nil))
	// Two policies that look like a default deny and are none.
	w.create(policy(billing, "allow-all", func(s *networkingv1.NetworkPolicySpec) {
		s.Ingress = []networkingv1.NetworkPolicyIngressRule{{}}
	}))
	w.create(policy(billing, "some-pods", func(s *networkingv1.NetworkPolicySpec) {
		s.PodSelector.MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "app", Operator: "Exists"}}
	}))
	key := w.set("a-8-22", defaultDeny)
	fails := tally.Counts{Subjects: 2, Passing: 1, Failing: 1, Failures: []tally.Name{{Namespace: billing}}}
	w.want(key, fails)

	w.create(policy(billing, "deny", nil))
	w.want(key, tally.Counts{Subjects: 2, Passing: 2})

	w.patch(object[networkingv1.NetworkPolicy](billing, "deny"), `{"spec":{"ingress":[{}]}}`)
	w.want(key, fails)
	w.patch(object[networkingv1.NetworkPolicy](billing, "deny"), `{"spec":{"ingress":null}}`)
	w.want(key, tally.Counts{Subjects: 2, Passing: 2})
	w.delete(object[networkingv1.NetworkPolicy](billing, "deny"))
	w.want(key, fails)
}

func pod(namespace, name string, change ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "registry.example.com/app:1"}}},
	}
	for _, f := range change {
		f(p)
	}
	return p
}
