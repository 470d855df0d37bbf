// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
)

const always = `object.metadata.name != ''`

func TestNamespacesFollowTheirLabels(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	in := w.namespace("in")
	late := w.home + "-late"
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: late}})
	w.create(pod(in, "p"))
	w.create(pod(late, "p"))
	key := w.set("pods", podRule(isms.QuantifierEvery, always))
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})

	w.patch(object[corev1.Namespace]("", late), `{"metadata":{"labels":{"scope":"`+w.home+`"}}}`)
	w.want(key, tally.Counts{Subjects: 2, Passing: 2})
	w.patch(object[corev1.Namespace]("", late), `{"metadata":{"labels":{"scope":null}}}`)
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})
	// What changed while the namespace was out of scope is seen when it comes back.
	w.create(pod(late, "q"))
	w.delete(object[corev1.Pod](late, "p"))
	w.create(pod(late, "r"))
	w.patch(object[corev1.Namespace]("", late), `{"metadata":{"labels":{"scope":"`+w.home+`"}}}`)
	w.want(key, tally.Counts{Subjects: 3, Passing: 3})
}

func TestNamespacesAreAccountedFor(t *testing.T) {
	w := newWorld(t, "/namespaces")
	in := w.namespace("in")
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.home + "-forgotten"}})
	w.scope.Spec.Evidence.ExcludedNamespaces = []isms.ExcludedNamespaces{
		{Name: "provider", Names: []isms.NamespaceName{"kube-system", "kube-public"}},
		{Name: "labelled", Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"out": w.home}}},
	}
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: w.home + "-out", Labels: map[string]string{"out": w.home, "scope": w.home},
	}})
	w.engine.SetScope(w.scope)
	w.eventually(func() string {
		n := w.engine.Namespaces(types.NamespacedName{Namespace: w.home, Name: "scope"})
		if !n.Complete || !slices.Contains(n.Unaccounted, w.home+"-forgotten") || !slices.Contains(n.Unaccounted, w.home) {
			return cmp.Diff("complete, with the forgotten one", n)
		}
		return cmp.Diff([]string{in}, n.InScope) + cmp.Diff([]string{w.home + "-out", "kube-public", "kube-system"}, n.Excluded)
	})
}

// TestScopesShareAStreamAndNothingElse: two scopes over overlapping namespaces, with different rights.
func TestScopesShareAStreamAndNothingElse(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	shared := w.namespace("shared")
	only := w.namespace("only")
	w.patch(object[corev1.Namespace]("", shared), `{"metadata":{"labels":{"second":"`+w.home+`"}}}`)
	w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "blind"}})
	w.grant("blind", "/namespaces")
	w.create(pod(shared, "p", privileged))
	w.create(pod(only, "q", privileged))

	second := w.newScope("second", "reader")
	second.Spec.Evidence.NamespaceSelector.MatchLabels = map[string]string{"second": w.home}
	w.engine.SetScope(second)
	blind := w.newScope("blind", "blind")
	w.engine.SetScope(blind)

	rule := podRule(isms.QuantifierNone, isPrivileged)
	of := func(scope *isms.ISMSScope) types.NamespacedName {
		c := w.rule("of-"+scope.Name, rule)
		c.Spec.ScopeRef.Name = isms.ObjectName(scope.Name)
		w.engine.SetControl(c, scope)
		return types.NamespacedName{Namespace: w.home, Name: c.Name}
	}
	inShared, inOnly := tally.Name{Namespace: shared, Name: "p"}, tally.Name{Namespace: only, Name: "q"}
	both := []tally.Name{inOnly, inShared}
	first, other, none := of(w.scope), of(second), of(blind)
	w.want(first, tally.Counts{Subjects: 2, Failing: 2, Failures: both})
	w.want(other, tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{inShared}})
	if msg := w.wantReason(none, isms.ReasonAccessDenied); !strings.Contains(msg, "service account blind may not list pods") {
		t.Errorf("message %q", msg)
	}
	if n := len(w.engine.allStreams()); n != 1 {
		t.Errorf("%d streams of pods, want 1", n)
	}
	w.engine.RemoveScope(types.NamespacedName{Namespace: w.home, Name: "second"})
	w.wantReason(other, isms.ReasonNotSynced)
	w.want(first, tally.Counts{Subjects: 2, Failing: 2, Failures: both})
}

func TestAccessIsAskedFirst(t *testing.T) {
	w := newWorld(t) // the account has no right at all
	ns := w.namespace("a")
	w.create(pod(ns, "p"))
	key := w.set("pods", podRule(isms.QuantifierEvery, always))
	if msg := w.wantReason(key, isms.ReasonAccessDenied); msg != "service account reader may not list namespaces" {
		t.Errorf("message %q", msg)
	}
	w.grant("reader", "/namespaces", "/pods")
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})
}

func TestAnAccountThatDoesNotExist(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	w.delete(object[corev1.ServiceAccount](w.home, "reader"))
	ns := w.namespace("a")
	w.create(pod(ns, "p"))
	ghost := w.newScope("scope", "ghost")
	w.engine.SetScope(ghost)
	key := w.set("pods", podRule(isms.QuantifierEvery, always))
	if msg := w.wantReason(key, isms.ReasonAccessDenied); msg != "service account ghost does not exist" {
		t.Errorf("message %q", msg)
	}
}

// TestNamespacesByName: without the right to list namespaces, the names of the manifest are all that is said.
func TestNamespacesByName(t *testing.T) {
	w := newWorld(t)
	ns := w.namespace("a")
	w.create(pod(ns, "p"))
	role := &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "read"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"list", "watch"}}},
	}
	w.create(role)
	w.create(&rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "read"},
		RoleRef:    rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "Role", Name: "read"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: w.home, Name: "reader"}},
	})
	w.scope.Spec.Evidence.NamespaceSelector = nil
	w.scope.Spec.Evidence.Namespaces = []isms.NamespaceName{isms.NamespaceName(ns)}
	w.engine.SetScope(w.scope)
	key := w.set("pods", podRule(isms.QuantifierEvery, always))
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})

	// A namespace that exists and may not be read looks like one that does not exist.
	forbidden := w.namespace("forbidden")
	for _, name := range []string{forbidden, w.home + "-ghost"} {
		w.scope = w.scope.DeepCopy()
		w.scope.Spec.Evidence.Namespaces = []isms.NamespaceName{isms.NamespaceName(ns), isms.NamespaceName(name)}
		w.engine.SetScope(w.scope)
		w.eventually(func() string {
			got := w.engine.Snapshot(key)["rule"]
			return cmp.Diff("service account reader may not list pods in namespace "+name, got.Message)
		})
	}
	if n := w.engine.Namespaces(types.NamespacedName{Namespace: w.home, Name: "scope"}); n.Complete {
		t.Error("an account that may not list namespaces can't account for all")
	}
}

func TestSelectorsThatCannotBeRead(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	bad := &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Near"}}}
	rule := podRule(isms.QuantifierEvery, always)
	excepted := w.set("excepted", rule, func(c *isms.Control) {
		c.Spec.Exceptions = []isms.Exception{{Name: "x", Evidence: []isms.ItemName{"rule"}, Objects: []isms.ExceptionObject{{LabelSelector: bad}}}}
	})
	selecting := rule
	selecting.LabelSelector = bad
	selected := w.set("selected", selecting)
	for _, key := range []types.NamespacedName{excepted, selected} {
		if msg := w.wantReason(key, isms.ReasonRuleInvalid); !strings.Contains(msg, "Near") {
			t.Errorf("%s: message %q", key.Name, msg)
		}
	}
	w.scope = w.scope.DeepCopy()
	w.scope.Spec.Evidence.NamespaceSelector = bad
	w.engine.SetScope(w.scope)
	if msg := w.wantReason(w.set("scoped", rule), isms.ReasonScopeNotResolved); !strings.Contains(msg, "namespaceSelector") {
		t.Errorf("message %q", msg)
	}
}
