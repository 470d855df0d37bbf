// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
)

func podRule(q isms.Quantifier, expect string) isms.ResourceRule {
	return isms.ResourceRule{APIVersion: "v1", Kind: "Pod", Quantifier: q, Expect: expect}
}

func privileged(p *corev1.Pod) {
	yes := true
	p.Spec.Containers[0].SecurityContext = &corev1.SecurityContext{Privileged: &yes}
}

func labelled(pairs ...string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Labels = map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			p.Labels[pairs[i]] = pairs[i+1]
		}
	}
}

const isPrivileged = `object.spec.containers.exists(c, c.?securityContext.?privileged.orValue(false))`

func TestEveryAndNone(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	ns := w.namespace("a")
	w.create(pod(ns, "good"))
	w.create(pod(ns, "bad", privileged))
	none := w.set("none", podRule(isms.QuantifierNone, isPrivileged))
	every := w.set("every", podRule(isms.QuantifierEvery, "!("+isPrivileged+")"))
	one := tally.Counts{Subjects: 2, Passing: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "bad"}}}
	w.want(none, one)
	w.want(every, one)
	w.delete(object[corev1.Pod](ns, "bad"))
	w.want(none, tally.Counts{Subjects: 1, Passing: 1})
	w.want(every, tally.Counts{Subjects: 1, Passing: 1})
}

func TestWhereSelectorsAndParameters(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	ns := w.namespace("a")
	w.create(pod(ns, "app", labelled("tier", "app")))
	w.create(pod(ns, "job", labelled("tier", "job")))
	w.create(pod(ns, "plain"))
	r := podRule(isms.QuantifierEvery, `object.spec.containers.all(c, params.registries.exists(r, c.image.startsWith(r)))`)
	r.LabelSelector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "tier", Operator: "Exists"}}}
	r.Where = `object.metadata.labels['tier'] != 'job'`
	parameter := func(values ...string) func(*isms.Control) {
		return func(c *isms.Control) { c.Spec.Parameters = []isms.Parameter{{Name: "registries", Values: values}} }
	}
	key := w.set("images", r, parameter("registry.example.com/"))
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})
	// An edited rule is evaluated anew.
	w.set("images", r, parameter("ghcr.io/"))
	w.want(key, tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "app"}}})
	// A relabelled object leaves the selection.
	w.patch(object[corev1.Pod](ns, "app"), `{"metadata":{"labels":{"tier":null}}}`)
	w.want(key, tally.Counts{})
}

func TestErrorsAreCountedAndNeverEcho(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	ns := w.namespace("a")
	w.create(pod(ns, "p", labelled("secret-value", "hunter2")))
	key := w.set("errors", podRule(isms.QuantifierEvery, `object.metadata.labels['absent'] == 'x'`))
	w.want(key, tally.Counts{Subjects: 1, Errors: 1})
	if msg := w.engine.Snapshot(key)["rule"].Message; !strings.Contains(msg, "NoSuchKey") || strings.Contains(msg, "hunter2") {
		t.Errorf("message %q: want the class of the error and no value", msg)
	}
}

func TestSet(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	ns := w.namespace("a")
	key := w.set("set", podRule(isms.QuantifierSet, `objects.filter(o, o.metadata.labels['role'] == 'db').size() >= 2`))
	w.want(key, tally.Counts{})
	w.create(pod(ns, "one", labelled("role", "db")))
	w.want(key, tally.Counts{Subjects: 1, Failing: 1})
	w.create(pod(ns, "two", labelled("role", "db")))
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})
	w.patch(object[corev1.Pod](ns, "two"), `{"metadata":{"labels":{"role":"web"}}}`)
	w.want(key, tally.Counts{Subjects: 1, Failing: 1})
	w.create(pod(ns, "odd"))
	w.want(key, tally.Counts{Subjects: 1, Errors: 1})
}

func TestSetOverTooManyObjects(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	w.stop()
	w.engine.opts.MaxKept = 2
	ns := w.namespace("a")
	for _, n := range []string{"a", "b", "c"} {
		w.create(pod(ns, n))
	}
	w.startEngine()
	w.engine.opts.MaxKept = 2
	w.engine.SetScope(w.scope)
	key := w.set("set", podRule(isms.QuantifierSet, `objects.all(o, o.spec.hostNetwork == false)`))
	w.wantReason(key, isms.ReasonTooManyObjects)
	w.delete(object[corev1.Pod](ns, "a"))
	w.delete(object[corev1.Pod](ns, "b"))
	w.eventually(func() string { return w.engine.Snapshot(key)["rule"].Unavailable })
}

// TestTheOperatorsOwnObjects: the label that marks them neither satisfies a rule nor hides a failure.
func TestTheOperatorsOwnObjects(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	ns := w.namespace("a")
	w.create(pod(ns, "own", labelled(rule.PartOfLabel, rule.PartOfValue)))
	anyPod := w.set("any", podRule(isms.QuantifierAny, `object.spec.containers.size() > 0`))
	perNamespace := w.set("per-namespace", podRule(isms.QuantifierAnyPerNamespace, `object.spec.containers.size() > 0`))
	every := w.set("every", podRule(isms.QuantifierEvery, `object.spec.containers.size() > 0`))
	none := w.set("none", podRule(isms.QuantifierNone, `object.spec.containers.size() > 0`))
	set := w.set("set", podRule(isms.QuantifierSet, `objects.exists(o, o.spec.containers.size() > 0)`))
	w.want(anyPod, tally.Counts{})
	w.want(perNamespace, tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns}}})
	w.want(every, tally.Counts{})
	w.want(none, tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "own"}}})
	w.want(set, tally.Counts{Subjects: 1, Failing: 1})
}

func TestRulesThatReadNow(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	ns := w.namespace("a")
	w.create(pod(ns, "p"))
	key := w.set("age", podRule(isms.QuantifierEvery, `now - timestamp(object.metadata.creationTimestamp) < duration('4s')`))
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})
	w.want(key, tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "p"}}})
}

func TestNamespaceObject(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	ns := w.namespace("a")
	w.create(pod(ns, "p"))
	key := w.set("ns", podRule(isms.QuantifierEvery, `namespaceObject.metadata.labels[?'env'].orValue('') == 'prod'`))
	w.want(key, tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "p"}}})
	w.patch(object[corev1.Namespace]("", ns), `{"metadata":{"labels":{"env":"prod"}}}`)
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})
}

func TestNamespacesAsObjectsFollowTheScope(t *testing.T) {
	w := newWorld(t, "/namespaces")
	in := w.namespace("in")
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.home + "-out"}})
	key := w.set("psa", isms.ResourceRule{
		APIVersion: "v1", Kind: "Namespace", Quantifier: isms.QuantifierEvery,
		Expect: `object.metadata.labels[?'pod-security.kubernetes.io/enforce'].orValue('') == 'restricted'`,
	})
	w.want(key, tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Namespace: in}}})
	w.patch(object[corev1.Namespace]("", in), `{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted"}}}`)
	w.want(key, tally.Counts{Subjects: 1, Passing: 1})
}

func TestClusterScopedKindsCountWhole(t *testing.T) {
	w := newWorld(t, "/namespaces", "rbac.authorization.k8s.io/clusterroles")
	w.create(&rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: w.home + "-wild", Labels: map[string]string{"world": w.home}},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}},
	})
	r := isms.ResourceRule{
		APIVersion: "rbac.authorization.k8s.io/v1", Kind: "ClusterRole", Quantifier: isms.QuantifierNone,
		LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"world": w.home}},
		Expect:        `has(object.rules) && object.rules.exists(r, '*' in r.verbs)`,
	}
	key := w.set("wild", r)
	w.want(key, tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Name: w.home + "-wild"}}})
	r.Quantifier = isms.QuantifierAnyPerNamespace
	if msg := w.wantReason(w.set("per-namespace", r), isms.ReasonRuleInvalid); !strings.Contains(msg, "not namespaced") {
		t.Errorf("message %q", msg)
	}
}

func TestExceptions(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods", "networking.k8s.io/networkpolicies")
	ns, other := w.namespace("a"), w.namespace("b")
	w.create(pod(ns, "legacy-1", privileged))
	w.create(pod(ns, "fresh", privileged))
	w.create(pod(other, "fine"))
	tomorrow := isms.NewDate(time.Now().AddDate(0, 0, 1))
	except := func(until isms.Date, objects ...isms.ExceptionObject) func(*isms.Control) {
		return func(c *isms.Control) {
			c.Spec.Exceptions = []isms.Exception{{Name: "legacy", Evidence: []isms.ItemName{"rule"}, Objects: objects, ExpiresOn: until}}
		}
	}
	legacy := isms.ExceptionObject{Namespace: isms.NamespaceName(ns), Name: "legacy-*"}
	rule := podRule(isms.QuantifierNone, isPrivileged)
	failsFresh := []tally.Name{{Namespace: ns, Name: "fresh"}}
	key := w.set("pods", rule, except(tomorrow, legacy))
	w.want(key, tally.Counts{
		Subjects: 3, Passing: 1, Failing: 1, Waived: 1, Failures: failsFresh,
		Exceptions: []tally.ExceptionCount{{Name: "legacy", Matched: 1, Failures: 1}},
	})

	w.set("pods", rule, except("2020-01-01", legacy)) // expired: it is shown, and waives nothing
	w.want(key, tally.Counts{
		Subjects: 3, Passing: 1, Failing: 2,
		Failures:   []tally.Name{{Namespace: ns, Name: "fresh"}, {Namespace: ns, Name: "legacy-1"}},
		Exceptions: []tally.ExceptionCount{{Name: "legacy", Matched: 1, Failures: 1}},
	})

	deny := w.set("deny", defaultDeny, except(tomorrow, isms.ExceptionObject{Namespace: isms.NamespaceName(ns)}))
	w.want(deny, tally.Counts{
		Subjects: 2, Failing: 1, Waived: 1, Failures: []tally.Name{{Namespace: other}},
		Exceptions: []tally.ExceptionCount{{Name: "legacy", Matched: 1, Failures: 1}},
	})
}

func TestSecretsAreMetadataOnly(t *testing.T) {
	w := newWorld(t, "/namespaces", "/secrets")
	ns := w.namespace("a")
	// The operator itself runs as an administrator here; its shipped role has no right on Secrets.
	w.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "s", Annotations: map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "hunter2"}},
		Type:       "example.com/token", StringData: map[string]string{"password": "hunter2"},
	})
	w.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "other"}, StringData: map[string]string{"a": "b"}})
	r := isms.ResourceRule{APIVersion: "v1", Kind: "Secret", Quantifier: isms.QuantifierNone, SecretType: "example.com/token", Expect: `object.metadata.name != ''`}
	w.want(w.set("typed", r), tally.Counts{Subjects: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "s"}}})
	for name, expect := range map[string]string{
		"data":        `has(object.data.password)`,
		"annotations": `object.metadata.annotations.exists(k, k != '')`,
		"whole":       `string(object) != ''`,
		"metadata":    `size(object.metadata) > 0`,
	} {
		r.Expect = expect
		if msg := w.wantReason(w.set(name, r), isms.ReasonRuleInvalid); msg == "" {
			t.Errorf("%s: no message", name)
		}
	}
}
