// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/engine"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// often has rights asked for again every two seconds instead of every three minutes.
func often(o *engine.Options) { o.RightsEvery = 2 * time.Second }

// mayRead replaces what a ClusterRole of the world lets read.
func (w *world) mayRead(role string, verbs []string, resources ...string) {
	w.Helper()
	patch, err := json.Marshal(map[string]any{"rules": []rbacv1.PolicyRule{{
		APIGroups: []string{"", w.group()}, Resources: resources, Verbs: verbs,
	}}})
	if err != nil {
		w.Fatal(err)
	}
	w.merge(&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: role}}, string(patch))
}

// evidenceMessage is what the status says of an item.
func (w *world) evidenceMessage(c *isms.Control, name string) string {
	w.Helper()
	for _, e := range c.Status.Evidence {
		if e.Name == name {
			return e.Message
		}
	}
	w.Fatalf("%s has no item %s", c.Name, name)
	return ""
}

// TestARightIsLost: with the right of the scope's account goes all that was read with it, counts, names and what
// exceptions matched, also where another scope's account keeps its right to the same objects. With the right it comes
// back. The operator's own right is another reason.
func TestARightIsLost(t *testing.T) {
	t.Parallel()
	w := newWorldWithoutOperator(t)
	w.start(often)
	shop := w.namespace("shop")
	w.create(somePod(shop, "web", "no"), somePod(shop, "legacy-1", "no"), somePod(shop, "legacy-2", "no"), somePod(shop, "db", "yes"))
	w.create(&corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: shop, Name: "front"}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}},
	})
	services := item("services", isms.ResourceRule{APIVersion: "v1", Kind: "Service", Quantifier: isms.QuantifierEvery, Expect: `object.spec.type != "NodePort"`})
	control := w.control("A.8.22", approved(), services)
	control.Spec.Exceptions = []isms.Exception{w.exception("legacy", "approved", isms.ExceptionObject{Namespace: isms.NamespaceName(shop), Name: "legacy-*"})}

	second := w.scope(func(s *isms.ISMSScope) {
		s.Name, s.Spec.Evidence.ServiceAccountName = "second", "another"
	})
	w.create(
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "another"}},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: w.home + "-another"}, Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{""}, Resources: []string{"namespaces", "pods", "services"}, Verbs: []string{"get", "list", "watch"},
		}}},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: w.home + "-another"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: w.home + "-another"},
			Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: w.home, Name: "another"}},
		},
	)
	other := control.DeepCopy()
	other.Name, other.Spec.ScopeRef.Name = "of-second", "second"
	w.create(w.scope(), second, control, other)

	seen := []string{
		"result Ineffective", "approved Fail ObjectsFailed " + shop + "/web", "services Pass ObjectsPassed", "legacy Waiving 2",
		"Satisfied False ObjectsFailed",
	}
	w.want(control, seen...)
	w.want(other, seen...)
	before := *control.Status.DeepCopy()

	for _, lost := range []struct {
		role, verb string
		verbs      []string
	}{
		{w.home, "list", []string{"get", "watch"}},
		{w.home, "watch", []string{"get", "list"}},
	} {
		// The right to pods alone: the same role keeps all rights to the rest.
		w.merge(&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: lost.role}}, fmt.Sprintf(
			`{"rules":[{"apiGroups":[""],"resources":["namespaces","services"],"verbs":["get","list","watch"]},
			{"apiGroups":[""],"resources":["pods"],"verbs":["%s","%s"]}]}`, lost.verbs[0], lost.verbs[1]))
		w.want(control, "approved Unknown AccessDenied", "services Pass ObjectsPassed", "no legacy", "Ready True Assessed", "Satisfied Unknown AccessDenied")
		if got, want := w.evidenceMessage(control, "approved"), "Service account reader may not "+lost.verb+" pods."; got != want {
			t.Errorf("message %q, want %q", got, want)
		}
		for _, e := range control.Status.Evidence {
			if e.Name == "approved" && (e.Subjects != 0 || e.Failing != 0 || e.Waived != 0 || e.Errors != 0 || len(e.Failures) != 0) {
				t.Errorf("counts are left: %+v", e)
			}
		}
		if raw, err := json.Marshal(control.Status); err != nil || strings.Contains(string(raw), shop) || strings.Contains(string(raw), "web") {
			t.Errorf("%v: the status still names what may not be read: %s", err, raw)
		}
		// Whoever has the right sees what happens meanwhile.
		w.want(other, seen...)

		w.mayRead(w.home, []string{"get", "list", "watch"}, "namespaces", "pods", "services", "widgets")
		w.want(control, seen...)
		if diff := cmp.Diff(before.Evidence[0].Failures, control.Status.Evidence[0].Failures); diff != "" {
			t.Errorf("after the right came back (-before +after):\n%s", diff)
		}
	}
}

// TestTheOperatorsRightIsLost: it is another reason than the account's, with another remedy, and the same is left of it.
func TestTheOperatorsRightIsLost(t *testing.T) {
	t.Parallel()
	w := newWorldWithoutOperator(t)
	role := w.home + "-operator"
	all := []rbacv1.PolicyRule{
		{APIGroups: []string{"isms-operator.io", "events.k8s.io"}, Resources: []string{"*"}, Verbs: []string{"*"}},
		{APIGroups: []string{""}, Resources: []string{"namespaces", "serviceaccounts"}, Verbs: []string{"get", "list", "watch"}},
		{APIGroups: []string{"authorization.k8s.io"}, Resources: []string{"subjectaccessreviews"}, Verbs: []string{"create"}},
		{APIGroups: []string{"apiextensions.k8s.io", "apiregistration.k8s.io"}, Resources: []string{"*"}, Verbs: []string{"get", "list", "watch"}},
		{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get", "list", "watch"}},
	}
	w.create(
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "operator"}},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: role}, Rules: all},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: w.home, Name: "operator"}},
		},
	)
	w.startAs(testenv.Shared(t).AsServiceAccount(w.home, "operator"), often)
	may := func(rules []rbacv1.PolicyRule) {
		patch, err := json.Marshal(map[string]any{"rules": rules})
		if err != nil {
			t.Fatal(err)
		}
		w.merge(&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: role}}, string(patch))
	}
	shop := w.namespace("shop")
	w.create(somePod(shop, "web", "no"), somePod(shop, "legacy-1", "no"))
	control := w.control("A.8.22", approved())
	control.Spec.Exceptions = []isms.Exception{w.exception("legacy", "approved", isms.ExceptionObject{Namespace: isms.NamespaceName(shop), Name: "legacy-*"})}
	w.create(w.scope(), control)
	seen := []string{"approved Fail ObjectsFailed " + shop + "/web", "legacy Waiving 1"}
	w.want(control, seen...)

	may(all[:len(all)-1])
	// A watch that is open goes on until the API server ends it, within ten minutes: here the next list is what is refused.
	w.stop()
	w.startAs(testenv.Shared(t).AsServiceAccount(w.home, "operator"), often)
	w.want(control, "approved Unknown OperatorForbidden", "no legacy")
	if got := w.evidenceMessage(control, "approved"); !strings.Contains(got, "list and watch pods") || !strings.Contains(got, "aggregate-to-evidence") {
		t.Errorf("message %q: want resource and remedy", got)
	}
	if raw, err := json.Marshal(control.Status); err != nil || strings.Contains(string(raw), shop) {
		t.Errorf("%v: the status still names what may not be read: %s", err, raw)
	}
	may(all)
	w.want(control, seen...)

	// May it not ask for others' rights, nothing that rests on them stands.
	may(append(append([]rbacv1.PolicyRule{}, all[:2]...), all[3:]...))
	w.want(control, "approved Unknown OperatorForbidden", "no legacy")
	if got := w.evidenceMessage(control, "approved"); !strings.Contains(got, "subjectaccessreviews") {
		t.Errorf("message %q", got)
	}
	may(all)
	w.want(control, seen...)
}
