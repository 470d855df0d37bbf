// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// group is the API group of the world's own kind, Widget, so that its streams can be told from those of other tests.
func (w *world) group() string { return w.home + ".example.com" }

// serveWidgets installs the kind, and returns its definition when the API server serves it.
func (w *world) serveWidgets() *apiextensionsv1.CustomResourceDefinition {
	w.Helper()
	crd := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "widgets." + w.group()},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: w.group(), Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "widgets", Singular: "widget", Kind: "Widget", ListKind: "WidgetList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object", Properties: map[string]apiextensionsv1.JSONSchemaProps{"spec": {
						Type: "object", Properties: map[string]apiextensionsv1.JSONSchemaProps{"ok": {Type: "boolean"}},
					}},
				}},
			}},
		},
	}
	w.create(crd)
	w.eventually(func() string {
		w.refresh(crd)
		for _, c := range crd.Status.Conditions {
			if c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue {
				return ""
			}
		}
		return "the kind is not served"
	})
	return crd
}

func (w *world) widget(namespace, name string, ok bool) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": w.group() + "/v1", "kind": "Widget",
		"metadata": map[string]any{"namespace": namespace, "name": name},
		"spec":     map[string]any{"ok": ok},
	}}
}

// createWidget waits for the kind: its endpoint follows its definition by a moment.
func (w *world) createWidget(namespace, name string, ok bool) {
	w.Helper()
	w.eventually(func() string {
		if err := w.client.Create(ctx, w.widget(namespace, name, ok)); err != nil {
			return err.Error()
		}
		return ""
	})
}

// widgetsOK asks that widgets are ok: every one of them, or one in each namespace.
func (w *world) widgetsOK(q isms.Quantifier) isms.EvidenceItem {
	return item("widgets", isms.ResourceRule{APIVersion: w.group() + "/v1", Kind: "Widget", Quantifier: q, Expect: "object.spec.ok"})
}

// streams is the number of watches on widgets that the API server serves.
func (w *world) streams() int {
	w.Helper()
	set, err := kubernetes.NewForConfig(testenv.Shared(w).Config)
	if err != nil {
		w.Fatal(err)
	}
	raw, err := set.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		w.Fatal(err)
	}
	count := 0
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "apiserver_longrunning_requests{") && strings.Contains(line, `group="`+w.group()+`"`) {
			var n int
			if _, err := fmt.Sscan(line[strings.LastIndex(line, " ")+1:], &n); err != nil {
				w.Fatal(err)
			}
			count += n
		}
	}
	return count
}

func (w *world) wantStreams(want int) {
	w.Helper()
	w.eventually(func() string {
		if got := w.streams(); got != want {
			return fmt.Sprintf("%d streams of widgets, want %d", got, want)
		}
		return ""
	})
}
