// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/starter"
)

// TestStarterIsAssessed: the program assesses all 93 controls of the starter in a cluster that serves every companion's kind.
// No rule is refused, for what it says, what it costs or how many kinds there are, and none passes on nothing.
func TestStarterIsAssessed(t *testing.T) {
	w := install(t)
	w.isms("starter")
	w.serveCompanions()
	w.setParameters()
	startProgram(t)
	owner := func(role string) isms.Person { return isms.Person{Name: isms.ShortText(role)} }
	for _, template := range starter.Controls() {
		w.create(template.Control(starter.Values{Scope: "acme", Namespace: w.home, Owner: owner}))
	}
	var list isms.ControlList
	w.eventually(func() string {
		if err := w.client.List(context.Background(), &list, client.InNamespace(w.home)); err != nil {
			return err.Error()
		}
		for i := range list.Items {
			if wrong := notJudged(&list.Items[i]); wrong != "" {
				return wrong
			}
		}
		return ""
	})
	if len(list.Items) != 93 {
		t.Errorf("%d controls, want 93", len(list.Items))
	}
	for _, c := range list.Items {
		if ready := meta.FindStatusCondition(c.Status.Conditions, isms.ConditionReady); ready == nil || ready.Status != metav1.ConditionTrue {
			t.Errorf("%s is not Ready: %v", c.Spec.ID, ready)
		}
		for _, e := range c.Status.Evidence {
			if e.Result == isms.EvidencePass && e.Subjects == 0 {
				t.Errorf("%s: %s passes on nothing", c.Spec.ID, e.Name)
			}
		}
	}
}

// notJudged says which rule of a Control the engine has not judged, or not by its objects.
func notJudged(c *isms.Control) string {
	if c.Status.ObservedGeneration == 0 {
		return string(c.Spec.ID) + " is not assessed"
	}
	judged := []string{isms.ReasonObjectsPassed, isms.ReasonObjectsFailed, isms.ReasonNoMatch, isms.ReasonExpressionError}
	for i, e := range c.Status.Evidence {
		if c.Spec.Evidence[i].Resources != nil && !slices.Contains(judged, e.Reason) {
			return fmt.Sprintf("%s: %s is %s, %s", c.Spec.ID, e.Name, e.Reason, e.Message)
		}
	}
	return ""
}

// serveCompanions serves the companions' kinds, with a schema that is open, and lets the operator read them.
func (w *world) serveCompanions() {
	w.Helper()
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{
		Name: "companions", Labels: map[string]string{"isms-operator.io/aggregate-to-evidence": "true"},
	}}
	var definitions []client.Object
	for _, k := range starter.Kinds() {
		if k.Companion == "" {
			continue
		}
		kind := schema.FromAPIVersionAndKind(k.APIVersion, k.Kind)
		role.Rules = append(role.Rules, rbacv1.PolicyRule{
			APIGroups: []string{kind.Group}, Resources: []string{k.Resource}, Verbs: []string{"get", "list", "watch"},
		})
		definitions = append(definitions, definitionOf(kind, k))
	}
	w.create(append(definitions, role)...)
	w.Cleanup(func() {
		for _, d := range append(definitions, role) {
			if err := w.client.Delete(context.Background(), d); err != nil {
				w.Error(err)
			}
		}
	})
}

func definitionOf(kind schema.GroupVersionKind, k starter.Kind) *apiextensionsv1.CustomResourceDefinition {
	scope := apiextensionsv1.ClusterScoped
	if k.Namespaced == isms.Yes {
		scope = apiextensionsv1.NamespaceScoped
	}
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{
			Name: k.Resource + "." + kind.Group,
			// Groups of k8s.io ask for a word on their approval.
			Annotations: map[string]string{"api-approved.kubernetes.io": "unapproved, for tests"},
		},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: kind.Group, Scope: scope,
			Names: apiextensionsv1.CustomResourceDefinitionNames{
				Plural: k.Resource, Singular: strings.ToLower(k.Kind), Kind: k.Kind, ListKind: k.Kind + "List",
			},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: kind.Version, Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object", XPreserveUnknownFields: ptr.To(true),
				}},
			}},
		},
	}
}

// setParameters gives the scope those of the starter.
func (w *world) setParameters() {
	w.Helper()
	var scope isms.ISMSScope
	w.get(client.ObjectKey{Namespace: w.home, Name: "acme"}, &scope)
	for _, p := range starter.Parameters() {
		scope.Spec.Parameters = append(scope.Spec.Parameters, p.Parameter)
	}
	if err := w.client.Update(context.Background(), &scope); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { // with the Controls the rules go that later programs would have to evaluate
		if err := w.client.DeleteAllOf(context.Background(), &isms.Control{}, client.InNamespace(w.home)); err != nil {
			w.Error(err)
		}
	})
}
