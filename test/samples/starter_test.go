// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package samples

import (
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/starter"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// unstructuredOf is what a manifest of the object would hold.
func unstructuredOf(t *testing.T, object any) *unstructured.Unstructured {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	delete(content, "status")
	return &unstructured.Unstructured{Object: content}
}

// The starter's 93 controls are accepted with all of their evidence, and so is a scope with its parameters.
func TestStarterIsAccepted(t *testing.T) {
	c := connect(t, testenv.Shared(t).Config)
	apply(t, c, manifest{"starter", namespace("starter")})
	scope := &isms.ISMSScope{
		TypeMeta:   metav1.TypeMeta{APIVersion: isms.GroupVersion.String(), Kind: "ISMSScope"},
		ObjectMeta: metav1.ObjectMeta{Name: "starter", Namespace: "starter"},
		Spec:       isms.ISMSScopeSpec{Organization: "Acme GmbH", Statement: "The platform.", Framework: isms.FrameworkISO27001},
	}
	for _, p := range starter.Parameters() {
		scope.Spec.Parameters = append(scope.Spec.Parameters, p.Parameter)
	}
	apply(t, c, manifest{"starter", unstructuredOf(t, scope)})
	owner := func(role string) isms.Person { return isms.Person{Name: isms.ShortText(role)} }
	for _, template := range starter.Controls() {
		control := template.Control(starter.Values{Scope: "starter", Namespace: "starter", Owner: owner, TargetDate: "2027-06-30"})
		apply(t, c, manifest{"starter", unstructuredOf(t, control)})
	}
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(isms.GroupVersion.WithKind("ControlList"))
	if err := c.List(t.Context(), list, client.InNamespace("starter")); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 93 {
		t.Errorf("%d controls, want 93", len(list.Items))
	}
}

// What the starter says of Kubernetes' own kinds is what the API server says of them, and the shipped roles let the operator
// read each.
func TestStarterKindsAreServedAndGranted(t *testing.T) {
	served, err := discovery.NewDiscoveryClientForConfig(testenv.Shared(t).Config)
	if err != nil {
		t.Fatal(err)
	}
	granted := evidenceRules(t)
	for _, k := range starter.Kinds() {
		if k.Companion != "" {
			continue
		}
		resources, err := served.ServerResourcesForGroupVersion(k.APIVersion)
		if err != nil {
			t.Fatalf("%s: %v", k.APIVersion, err)
		}
		i := slices.IndexFunc(resources.APIResources, func(r metav1.APIResource) bool { return r.Name == k.Resource })
		if i < 0 {
			t.Errorf("%s serves no %s", k.APIVersion, k.Resource)
			continue
		}
		if r := resources.APIResources[i]; r.Kind != k.Kind || r.Namespaced != (k.Namespaced == isms.Yes) {
			t.Errorf("%s %s: the server says kind %s, namespaced %t", k.APIVersion, k.Resource, r.Kind, r.Namespaced)
		}
		group := schema.FromAPIVersionAndKind(k.APIVersion, k.Kind).Group
		if !slices.ContainsFunc(granted, func(r rbacv1.PolicyRule) bool {
			return slices.Contains(r.APIGroups, group) && slices.Contains(r.Resources, k.Resource) && slices.Contains(r.Verbs, "watch")
		}) {
			t.Errorf("no shipped role lets the operator read %s", k.Resource)
		}
	}
}

// evidenceRules are the rules of the shipped roles by which the operator reads evidence.
func evidenceRules(t *testing.T) []rbacv1.PolicyRule {
	t.Helper()
	var rules []rbacv1.PolicyRule
	for _, role := range decode[rbacv1.ClusterRole](t, manifests(t, "config/rbac")) {
		if role.Labels["isms-operator.io/aggregate-to-evidence"] == "true" {
			rules = append(rules, role.Rules...)
		}
	}
	return rules
}
