// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// widgets is a CRD of a group of its own, with a closed schema.
func widgets(group string) *apiextensionsv1.CustomResourceDefinition {
	object := func(p map[string]apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
		return apiextensionsv1.JSONSchemaProps{Type: "object", Properties: p}
	}
	schema := object(map[string]apiextensionsv1.JSONSchemaProps{
		"spec": object(map[string]apiextensionsv1.JSONSchemaProps{"ready": {Type: "string"}}),
	})
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "widgets." + group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: group, Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "widgets", Singular: "widget", Kind: "Widget", ListKind: "WidgetList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true, Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &schema},
			}},
		},
	}
}

func widget(group, namespace, name, ready string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": group + "/v1", "kind": "Widget",
		"metadata": map[string]any{"namespace": namespace, "name": name},
		"spec":     map[string]any{"ready": ready},
	}}
}

// createWhenServed creates an object of a kind whose CRD has just been made.
func (w *world) createWhenServed(u *unstructured.Unstructured) {
	w.Helper()
	w.eventually(func() string {
		if err := w.client.Create(w.Context(), u.DeepCopy()); err != nil {
			return err.Error()
		}
		return ""
	})
}

func TestKindsComeAndGo(t *testing.T) {
	group := fmt.Sprintf("comes-%d.example.com", serial.Add(1))
	w := newWorld(t, "/namespaces", group+"/widgets")
	ns := w.namespace("a")
	rule := isms.ResourceRule{
		APIVersion: group + "/v1", Kind: "Widget", Quantifier: isms.QuantifierEvery, Expect: `object.spec.ready == 'yes'`,
	}
	key := w.set("widgets", rule)
	if msg := w.wantReason(key, isms.ReasonKindNotServed); msg != group+"/v1 Widget is not served by this cluster" {
		t.Errorf("message %q", msg)
	}
	for range 2 { // it comes, goes, and comes again
		crd := widgets(group)
		w.create(crd)
		w.createWhenServed(widget(group, ns, "one", "yes"))
		w.want(key, tally.Counts{Subjects: 1, Passing: 1})
		w.createWhenServed(widget(group, ns, "two", "no"))
		w.want(key, tally.Counts{Subjects: 2, Passing: 1, Failing: 1, Failures: []tally.Name{{Namespace: ns, Name: "two"}}})
		w.delete(crd)
		w.wantReason(key, isms.ReasonKindNotServed)
		w.eventually(func() string {
			if n := len(w.engine.allStreams()); n != 0 {
				return fmt.Sprintf("%d streams are left", n)
			}
			return ""
		})
	}
}

func TestFieldsThatCannotExist(t *testing.T) {
	group := fmt.Sprintf("fields-%d.example.com", serial.Add(1))
	w := newWorld(t, "/namespaces", "/pods", group+"/widgets")
	w.create(widgets(group))
	custom := isms.ResourceRule{
		APIVersion: group + "/v1", Kind: "Widget", Quantifier: isms.QuantifierEvery, Expect: `object.spec.raedy == 'yes'`,
	}
	msg := w.wantReason(w.set("custom", custom), isms.ReasonRuleInvalid)
	if !strings.HasPrefix(msg, "expect:1:") || !strings.Contains(msg, "raedy") || !strings.Contains(msg, "ready") {
		t.Errorf("message %q: want position, field and the nearest name", msg)
	}
	builtin := podRule(isms.QuantifierEvery, `object.spec.contaners.size() > 0`)
	if msg := w.wantReason(w.set("builtin", builtin), isms.ReasonRuleInvalid); !strings.Contains(msg, "contaners") {
		t.Errorf("message %q", msg)
	}
	broken := podRule(isms.QuantifierEvery, `object.spec.containers.size( > 0`)
	if msg := w.wantReason(w.set("broken", broken), isms.ReasonRuleInvalid); !strings.HasPrefix(msg, "expect:1:") {
		t.Errorf("message %q", msg)
	}
	mended := podRule(isms.QuantifierEvery, always)
	w.want(w.set("builtin", mended), tally.Counts{})
}

func TestUnsuitableKinds(t *testing.T) {
	w := newWorld(t, "/namespaces", "/events", "coordination.k8s.io/leases", "authorization.k8s.io/subjectaccessreviews")
	for name, want := range map[string]string{
		"coordination.k8s.io/v1 Lease": "--allow-kind",
		"v1 Event":                     "--allow-kind",
		"authorization.k8s.io/v1 SubjectAccessReview": "can't be evidence",
		"v1 ComponentStatus":                          "can't be evidence",
		"v1 PodExecOptions":                           "only the sub-resource pods/exec",
	} {
		version, kind, _ := strings.Cut(name, " ")
		r := isms.ResourceRule{APIVersion: version, Kind: kind, Quantifier: isms.QuantifierNone, Expect: always}
		msg := w.wantReason(w.set(strings.ToLower(kind), r), isms.ReasonRuleInvalid)
		if !strings.Contains(msg, want) {
			t.Errorf("%s: message %q, want %q in it", name, msg, want)
		}
	}
}

func TestTheOperatorsOwnMissingRight(t *testing.T) {
	w := newWorld(t, "/namespaces", "/pods")
	w.namespace("a")
	w.asOperator("/namespaces", "apiextensions.k8s.io/customresourcedefinitions", "apiregistration.k8s.io/apiservices")
	key := w.set("pods", podRule(isms.QuantifierEvery, always))
	if msg := w.wantReason(key, isms.ReasonOperatorForbidden); !strings.Contains(msg, "aggregate-to-evidence") {
		t.Errorf("message %q: want the remedy", msg)
	}
}
