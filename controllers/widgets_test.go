// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
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

// openStreams counts the watches that an operator holds open, on kinds of one API group.
type openStreams struct {
	http.RoundTripper
	group string
	open  *atomic.Int64
}

func (s openStreams) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := s.RoundTripper.RoundTrip(r)
	if err == nil && r.URL.Query().Get("watch") != "" && strings.Contains(r.URL.Path, "/"+s.group+"/") {
		s.open.Add(1)
		response.Body = &stream{ReadCloser: response.Body, open: s.open}
	}
	return response, err
}

type stream struct {
	io.ReadCloser
	once sync.Once
	open *atomic.Int64
}

func (s *stream) Close() error {
	s.once.Do(func() { s.open.Add(-1) })
	return s.ReadCloser.Close()
}

func (w *world) wantStreams(want int64) {
	w.Helper()
	w.eventually(func() string {
		if got := w.open.Load(); got != want {
			return fmt.Sprintf("%d streams of widgets, want %d", got, want)
		}
		return ""
	})
}
