// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// mayWrite is everything that the operator may do besides get, list and watch, as group/resource: verbs.
var mayWrite = map[string]string{
	"authorization.k8s.io/selfsubjectaccessreviews": "create",
	"authorization.k8s.io/subjectaccessreviews":     "create",
	"coordination.k8s.io/leases":                    "create update",
	"events.k8s.io/events":                          "create",
	"/events":                                       "create",       // in its own namespace, about the lease
	"/configmaps":                                   "create patch", // of one name, with public keys
	"isms-operator.io/evidencelogs":                 "create update delete",
	"isms-operator.io/evidencelogs/status":          "update",
	"isms-operator.io/attestations/status":          "patch",
	"isms-operator.io/auditcycles/status":           "patch",
	"isms-operator.io/controls/status":              "patch",
	"isms-operator.io/documents/status":             "patch",
	"isms-operator.io/findings/status":              "patch",
	"isms-operator.io/ismsscopes/status":            "patch",
	"isms-operator.io/risks/status":                 "patch",
	"isms-operator.io/registerentries/status":       "patch",
}

// TestOperatorMayWriteNothingElse looks at every rule that is bound to the operator's account, as the API server has
// them, aggregated ones included.
func TestOperatorMayWriteNothingElse(t *testing.T) {
	w := install(t)
	rules := w.rulesOfTheOperator()
	if len(rules) < 10 {
		t.Fatalf("%d rules are bound to the operator", len(rules))
	}
	for _, rule := range rules {
		text := fmt.Sprint(rule.APIGroups, rule.Resources, rule.Verbs, rule.NonResourceURLs)
		if strings.Contains(text, "*") || len(rule.NonResourceURLs) > 0 {
			t.Errorf("a wildcard or a URL: %s", text)
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				own := resource == "configmaps" && slices.Equal(rule.ResourceNames, []string{"isms-operator-signing-keys"})
				if group == "" && !own && (resource == "secrets" || resource == "configmaps" || strings.Contains(resource, "/")) {
					t.Errorf("a right on %s: %s", resource, text)
				}
				for _, verb := range rule.Verbs {
					reads := slices.Contains([]string{"get", "list", "watch"}, verb)
					if !reads && !slices.Contains(strings.Fields(mayWrite[group+"/"+resource]), verb) {
						t.Errorf("may %s %s/%s", verb, group, resource)
					}
				}
			}
		}
	}
}

func (w *world) rulesOfTheOperator() []rbacv1.PolicyRule {
	w.Helper()
	account := rbacv1.Subject{Kind: "ServiceAccount", Namespace: systemNamespace, Name: serviceAccount}
	var clusterWide rbacv1.ClusterRoleBindingList
	var namespaced rbacv1.RoleBindingList
	for _, list := range []client.ObjectList{&clusterWide, &namespaced} {
		if err := w.client.List(w.Context(), list); err != nil {
			w.Fatal(err)
		}
	}
	var rules []rbacv1.PolicyRule
	for _, b := range clusterWide.Items {
		if slices.Contains(b.Subjects, account) {
			var role rbacv1.ClusterRole
			w.get(client.ObjectKey{Name: b.RoleRef.Name}, &role)
			rules = append(rules, role.Rules...)
		}
	}
	for _, b := range namespaced.Items {
		if slices.Contains(b.Subjects, account) {
			var role rbacv1.Role
			w.get(client.ObjectKey{Namespace: b.Namespace, Name: b.RoleRef.Name}, &role)
			rules = append(rules, role.Rules...)
		}
	}
	return rules
}

func (w *world) get(key client.ObjectKey, o client.Object) {
	w.Helper()
	if err := w.client.Get(context.Background(), key, o); err != nil {
		w.Fatal(err)
	}
}

// TestShippedRightsSuffice runs the program with nothing but its shipped rights: they suffice for what it ships roles
// for, and what they do not cover says how to grant it.
func TestShippedRightsSuffice(t *testing.T) {
	w := install(t)
	w.isms("rights")
	w.serveGadgets()
	w.create(w.pod("web", "yes"),
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.shop(), Name: "settings"}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.shop(), Name: "password"}})
	p := startProgram(t)
	pods := w.approvedPods("A.8.9")
	gadgets := w.control("A.8.22", "example.net/v1", "Gadget", `object.metadata.name != ''`)
	secrets := w.control("A.8.24", "v1", "Secret", `object.metadata.name != ''`)
	configMaps := w.control("A.8.25", "v1", "ConfigMap", `object.metadata.name != ''`)
	w.want(pods, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	for _, c := range []*isms.Control{gadgets, secrets, configMaps} {
		w.want(c, isms.ResultUnknown, isms.EvidenceUnknown, isms.ReasonOperatorForbidden)
		if m := c.Status.Evidence[0].Message; !strings.Contains(m, "isms-operator.io/aggregate-to-evidence") {
			t.Errorf("the message names no remedy: %q", m)
		}
	}
	w.wantLeaseAndEvents(pods)
	w.mayNotReadValues()

	w.create(&rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "gadgets", Labels: map[string]string{"isms-operator.io/aggregate-to-evidence": "true"}},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{"example.net"}, Resources: []string{"gadgets"}, Verbs: []string{"get", "list", "watch"}}},
	})
	w.want(gadgets, isms.ResultUnknown, isms.EvidenceUnknown, isms.ReasonNoMatch)
	w.create(&unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "example.net/v1", "kind": "Gadget", "metadata": map[string]any{"namespace": w.shop(), "name": "one"},
	}})
	w.want(gadgets, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)

	w.wantMetrics(p, "web", "settings", "password", "one", "gadgets")

	// What it may not watch is logged by the client library for each try; nothing else is.
	if got := p.errors("is forbidden: User"); len(got) > 0 {
		t.Errorf("logged as errors:\n%s", strings.Join(got, "\n"))
	}
}

// wantMetrics asks for figures about the rules, and that no metric of the whole process has the name of an object that
// rules look at, or of its namespace, as a label.
func (w *world) wantMetrics(p *program, names ...string) {
	w.Helper()
	lines := p.scrape()
	for _, metric := range []string{ // other tests leave rules behind
		`isms_engine_rules{reason="OperatorForbidden"}`, `isms_engine_rules{reason="ObjectsPassed"}`, `isms_engine_rules{reason="ObjectsFailed"}`,
		`isms_engine_streams{group="",kind="Pod",version="v1"}`, `isms_engine_evaluated_rules{group="example.net",kind="Gadget",version="v1"}`,
		`isms_engine_objects{group="example.net",kind="Gadget",version="v1"}`, `isms_access_reviews_total`,
	} {
		if !slices.ContainsFunc(lines, func(l string) bool {
			value, ok := strings.CutPrefix(l, metric+" ")
			return ok && value != "0"
		}) {
			w.Errorf("nothing of %s", metric)
		}
	}
	allowed := []string{"group", "version", "kind", "reason"}
	label := regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"`)
	for _, line := range lines {
		for _, m := range label.FindAllStringSubmatch(line, -1) {
			if slices.Contains(names, m[2]) || strings.Contains(m[2], w.shop()) {
				w.Errorf("an object or a namespace in a label: %s", line)
			}
			engine := strings.HasPrefix(line, "isms_engine_") || strings.HasPrefix(line, "isms_access_")
			if engine && !slices.Contains(allowed, m[1]) {
				w.Errorf("label %s: %s", m[1], line)
			}
		}
	}
}

// wantLeaseAndEvents: with leader election on, the operator holds a lease; and it tells of what turned.
func (w *world) wantLeaseAndEvents(c *isms.Control) {
	w.Helper()
	var lease coordinationv1.Lease
	w.get(client.ObjectKey{Namespace: systemNamespace, Name: "isms-operator.io"}, &lease)
	if lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity == "" {
		w.Error("nobody holds the lease")
	}
	w.merge(w.pod("web", ""), `{"metadata":{"labels":{"approved":"no"}}}`)
	w.want(c, isms.ResultIneffective, isms.EvidenceFail, isms.ReasonObjectsFailed, "web")
	w.eventually(func() string {
		var events eventsv1.EventList
		if err := w.client.List(context.Background(), &events, client.InNamespace(w.home)); err != nil {
			return err.Error()
		}
		for _, e := range events.Items {
			if e.Regarding.UID == c.UID && e.Reason == isms.ReasonObjectsFailed && e.Type == corev1.EventTypeWarning {
				return ""
			}
		}
		return "no event of the failure"
	})
}

// mayNotReadValues tries what the operator must never be able to do.
func (w *world) mayNotReadValues() {
	w.Helper()
	operator := newClient(w.T, testenv.Shared(w.T).AsServiceAccount(systemNamespace, serviceAccount))
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.shop(), Name: "password"}}
	settings := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.shop(), Name: "settings"}}
	for what, err := range map[string]error{
		"get a Secret":      operator.Get(w.Context(), client.ObjectKeyFromObject(secret), secret),
		"list Secrets":      operator.List(w.Context(), &corev1.SecretList{}),
		"get a ConfigMap":   operator.Get(w.Context(), client.ObjectKeyFromObject(settings), settings),
		"delete a pod":      operator.Delete(w.Context(), w.pod("web", "")),
		"create a pod":      operator.Create(w.Context(), w.pod("own", "yes")),
		"write a Control":   operator.Delete(w.Context(), &isms.Control{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "any"}}),
		"create an account": operator.Create(w.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "own"}}),
		"grant itself rights": operator.Create(w.Context(), &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "own"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		}),
	} {
		if !apierrors.IsForbidden(err) {
			w.Errorf("the operator may %s: %v", what, err)
		}
	}
}

// serveGadgets installs a kind for which the operator ships no right.
func (w *world) serveGadgets() {
	w.Helper()
	crd := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "gadgets.example.net"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "example.net", Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "gadgets", Singular: "gadget", Kind: "Gadget", ListKind: "GadgetList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object"}},
			}},
		},
	}
	w.create(crd)
	w.eventually(func() string {
		w.get(client.ObjectKeyFromObject(crd), crd)
		for _, c := range crd.Status.Conditions {
			if c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue {
				return ""
			}
		}
		return "the kind is not served"
	})
}
