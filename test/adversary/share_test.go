// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adversary

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/guard"
)

// asks lets the victim ask the same of their own namespace, so that both share one evaluation.
func asks(change ...func(*isms.Control)) func(*world) {
	return func(w *world) { w.victimsISMS(change...) }
}

func all(steps ...func(*world)) func(*world) {
	return func(w *world) {
		for _, f := range steps {
			f(w)
		}
	}
}

func ownPod(change ...func(*corev1.Pod)) func(*world) {
	return func(w *world) { w.pod(w.home, "own", change...) }
}

func mayRead(resources string) func(*world) {
	return func(w *world) { w.grant(w.victim, reads(resources)) }
}

// everywhere grants a right in all namespaces, that on namespaces excepted.
func everywhere(resources string) func(*world) {
	return func(w *world) { w.grant("", reads(resources)) }
}

var anyPodOfVictim = isms.ExceptionObject{Name: "xy*"}

// shareAttacks ask what the operator knows, or has evaluated, for others: about namespaces, and in the name of another
// scope with the same rule.
var shareAttacks = []attack{
	{
		name: "whether a namespace has a label, by a selector", guard: guard.Namespaces, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAny, anything), noVictim: true, setup: labelledIfOne, scope: selecting("project"),
	},
	{
		name: "whether a namespace exists, by a selector", guard: guard.Namespaces, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAny, anything), noVictim: true,
		setup: func(w *world) {
			if w.bit == 1 {
				w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.victim}})
			}
		},
		scope: func(w *world, s *isms.ISMSScope) {
			s.Spec.Evidence.Namespaces = nil
			s.Spec.Evidence.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": w.victim}}
		},
	},
	{
		name: "whether a namespace has a label, by an exclusion", guard: guard.Namespaces, want: isms.ReasonNoMatch,
		rule: pods(isms.QuantifierAny, anything), noVictim: true, setup: labelledIfOne,
		scope: func(w *world, s *isms.ISMSScope) {
			onlyHome(w, s)
			s.Spec.Evidence.ExcludedNamespaces = []isms.ExcludedNamespaces{{
				Name: "others", Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"project": w.id}}, Justification: "Not ours.",
			}}
		},
	},
	{
		name: "the names of namespaces, as those not accounted for", guard: guard.Namespaces, want: isms.ReasonNoMatch,
		rule: pods(isms.QuantifierAny, anything), scope: onlyHome,
		setup: func(w *world) {
			w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "aa-" + marker + "-" + w.id}})
		},
	},
	{
		name: "the names of namespaces, as failures of AnyPerNamespace", guard: guard.Namespaces, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAnyPerNamespace, `object.metadata.name == 'none'`), scope: selecting("project"),
		setup: all(everywhere("pods"), func(w *world) {
			w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: marker + w.id, Labels: map[string]string{"project": w.id}}})
		}),
	},

	{
		name: "the label of a namespace, through namespaceObject", guard: guard.NamespaceObject, want: isms.ReasonAccessDenied,
		rule:     pods(isms.QuantifierEvery, `has(object.metadata.name) && 'project' in namespaceObject.metadata.?labels.orValue({})`),
		noVictim: true, setup: all(labelledIfOne, mayRead("pods"), onePodUnmarked),
	},
	{
		name: "the label of a namespace, by the class of the error", guard: guard.NamespaceObject, want: isms.ReasonAccessDenied,
		rule:     pods(isms.QuantifierEvery, `object.metadata.name != '' && namespaceObject.metadata.labels['project'] == 'x'`),
		noVictim: true, setup: all(labelledIfOne, mayRead("pods"), onePodUnmarked),
	},
	{
		name: "the label of a namespace, as what a rule selects", guard: guard.NamespaceObject, want: isms.ReasonAccessDenied,
		rule: isms.ResourceRule{
			Kind: "Pod", Quantifier: isms.QuantifierNone, Expect: anything,
			Where: `namespaceObject.metadata.?labels[?'project'].hasValue()`,
		},
		noVictim: true, setup: all(labelledIfOne, mayRead("pods"), onePodUnmarked),
	},

	{
		name: "the name of a namespace, in a denial", guard: guard.Names, want: isms.ReasonAccessDenied,
		rule: pods(isms.QuantifierAny, anything),
		scope: func(w *world, s *isms.ISMSScope) {
			selecting("project")(w, s)
			other := metav1.LabelSelectorRequirement{Key: "project", Operator: metav1.LabelSelectorOpNotIn, Values: []string{w.id}}
			s.Spec.Evidence.ExcludedNamespaces = []isms.ExcludedNamespaces{{
				Name: "others", Selector: &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{other}}, Justification: "Not ours.",
			}}
		},
		setup: all(everywhere("namespaces"), func(w *world) {
			w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: marker + w.id, Labels: map[string]string{"project": w.id}}})
		}),
	},

	{
		name: "counts, with the rule of another's scope", guard: guard.Counts, want: isms.ReasonObjectsPassed,
		rule: pods(isms.QuantifierEvery, anything), scope: onlyHome, setup: all(ownPod(), podIfOne, asks()),
	},
	{
		name: "names, with the rule of another's scope", guard: guard.Counts, want: isms.ReasonObjectsPassed,
		rule: pods(isms.QuantifierEvery, `object.metadata.name == 'own'`), scope: onlyHome, setup: all(ownPod(), onePod, asks()),
	},
	{
		name: "a field, with the rule of another's scope", guard: guard.Counts, want: isms.ReasonObjectsPassed,
		rule:  pods(isms.QuantifierNone, `object.metadata.?labels.project.orValue('') == 'hunter1'`),
		scope: onlyHome, setup: all(ownPod(), onePod, asks()),
	},
	{
		name: "what an exception matches, with the rule and exceptions of another's scope", guard: guard.Counts, want: isms.ReasonObjectsPassed,
		rule:    pods(isms.QuantifierEvery, `object.metadata.name == 'own'`),
		control: func(_ *world, c *isms.Control) { exceptions(anyPodOfVictim)(c) },
		scope:   onlyHome, setup: all(ownPod(), podIfOne, asks(exceptions(anyPodOfVictim))),
	},
	{
		name: "what an exception's labels match, with the rule and exceptions of another's scope", guard: guard.Counts, want: isms.ReasonObjectsPassed,
		rule:    pods(isms.QuantifierEvery, `object.metadata.name == 'own'`),
		control: func(_ *world, c *isms.Control) { exceptions(labelledHunter)(c) },
		scope:   onlyHome, setup: all(ownPod(), onePod, asks(exceptions(labelledHunter))),
	},

	{
		name: "classes of errors, with the rule of another's scope", guard: guard.Apart, want: isms.ReasonExpressionError,
		rule:  pods(isms.QuantifierEvery, `int(object.metadata.annotations['n']) > 0`),
		scope: onlyHome, setup: all(ownPod(), func(w *world) {
			w.pod(w.victim, marker, func(p *corev1.Pod) { p.Annotations["n"] = fmt.Sprint("12x"[:2+w.bit]) })
		}, asks()),
	},
	{
		name: "the cost limit, with the rule of another's scope", guard: guard.Apart, want: isms.ReasonObjectsPassed,
		rule: pods(isms.QuantifierEvery, dear), scope: onlyHome,
		setup: all(ownPod(manyVariables(1)), func(w *world) { w.pod(w.victim, marker, manyVariables(1+199*w.bit)) }, asks()),
	},
	{
		name: "the limit of what a rule keeps, with the Set rule of another's scope", guard: guard.Apart, want: isms.ReasonObjectsPassed,
		rule: pods(isms.QuantifierSet, `objects.all(o, o.metadata.name != '')`), scope: onlyHome,
		setup: all(ownPod(), manyPods, asks()),
	},
	{
		name: "the limit of what a rule keeps, with a rule of another's scope that reads now", guard: guard.Apart, want: isms.ReasonObjectsPassed,
		rule:  pods(isms.QuantifierEvery, `timestamp(object.metadata.creationTimestamp) < now + duration('1h')`),
		scope: onlyHome, setup: all(ownPod(), manyPods, asks()),
	},
}

var labelledHunter = isms.ExceptionObject{LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"project": "hunter1"}}}

// onePodUnmarked is a pod that the tenant may know of.
func onePodUnmarked(w *world) { w.pod(w.victim, "shared") }

// manyPods are at the limit together with the tenant's one, or beyond it.
func manyPods(w *world) {
	for i := range maxKept - 1 + w.bit {
		w.pod(w.victim, fmt.Sprintf("p%d", i))
	}
}
