// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestScopesThatOverlap: one stream serves both, and each Control gets the verdict on the namespaces of its own scope,
// with its own scope's parameters and rights.
func TestScopesThatOverlap(t *testing.T) {
	w := newWorld(t)
	w.serveWidgets()
	shared, own := w.namespace("shared"), w.namespace("own")
	w.createWidget(shared, "one", true)
	w.createWidget(own, "two", false)
	narrow := w.scope(func(s *isms.ISMSScope) {
		s.Name = "narrow"
		s.Spec.Evidence.NamespaceSelector, s.Spec.Evidence.ExcludedNamespaces = nil, nil
		s.Spec.Evidence.Namespaces = []isms.NamespaceName{isms.NamespaceName(shared)}
	})
	blind := w.scope(func(s *isms.ISMSScope) {
		s.Name = "blind"
		s.Spec.Evidence.ServiceAccountName = "nobody"
	})
	w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "nobody"}}, w.scope(), narrow, blind)
	of := func(scope string) *isms.Control {
		c := w.control("A.8.22", w.widgetsOK(isms.QuantifierEvery))
		c.Name, c.Spec.ScopeRef.Name = scope+"-a-8-22", isms.ObjectName(scope)
		w.create(c)
		return c
	}
	inWide, inNarrow, inBlind := of(scopeName), of("narrow"), of("blind")
	w.want(inWide, "result Ineffective", "widgets Fail ObjectsFailed "+own+"/two", "no Stalled")
	w.want(inNarrow, "result Effective", "widgets Pass ObjectsPassed", "no Stalled")
	w.want(inBlind, "result Unknown", "widgets Unknown AccessDenied", "Ready True Assessed")
	w.wantStreams(1)

	w.merge(w.widget(own, "two", false), `{"spec":{"ok":true}}`)
	w.want(inWide, "result Effective")
	w.merge(w.widget(shared, "one", false), `{"spec":{"ok":false}}`)
	w.want(inWide, "widgets Fail ObjectsFailed "+shared+"/one")
	w.want(inNarrow, "widgets Fail ObjectsFailed "+shared+"/one")
	w.delete(w.widget(shared, "one", false))
	w.want(inWide, "result Effective")
	w.want(inNarrow, "widgets Unknown NoMatch")
	w.want(inBlind, "widgets Unknown AccessDenied")
}
