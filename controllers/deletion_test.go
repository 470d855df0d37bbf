// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestDeletedNamespaceLeavesTheScope: what was in it and the namespace itself are subjects no more.
func TestDeletedNamespaceLeavesTheScope(t *testing.T) {
	w := newWorld(t)
	w.serveWidgets()
	shop, billing := w.namespace("shop"), w.namespace("billing")
	w.createWidget(shop, "one", true)
	w.createWidget(billing, "two", false)
	scope := w.scope()
	each := w.control("A.8.22", w.widgetsOK(isms.QuantifierAnyPerNamespace))
	every := w.control("A.8.9", w.widgetsOK(isms.QuantifierEvery))
	w.create(scope, each, every)
	w.want(each, "result Ineffective", "widgets Fail ObjectsFailed "+billing+"/")
	w.want(every, "result Ineffective", "widgets Fail ObjectsFailed "+billing+"/two")
	w.wantInScope(scope, 2)

	w.delete(namespaceWithout(billing))
	w.want(each, "result Effective", "widgets Pass ObjectsPassed")
	w.want(every, "result Effective", "widgets Pass ObjectsPassed")
	w.wantInScope(scope, 1)

	w.delete(namespaceWithout(shop))
	w.want(each, "result Unknown", "widgets Unknown NoMatch")
	w.want(every, "result Unknown", "widgets Unknown NoMatch")
	w.want(scope, "BoundaryComplete Unknown NoMatch")
}

// TestNamespaceFollowsItsLabels: a namespace is in scope as long as its label says so, with nobody touching the Control.
func TestNamespaceFollowsItsLabels(t *testing.T) {
	w := newWorld(t)
	shop, other := w.namespace("shop"), w.home+"-other"
	w.create(namespaceWithout(other), somePod(shop, "web", "yes"), somePod(other, "web", "no"))
	control := w.control("A.8.22", approved())
	w.create(w.scope(), control)
	w.want(control, "approved Pass ObjectsPassed")
	w.merge(namespaceWithout(other), `{"metadata":{"labels":{"scope":"`+w.home+`"}}}`)
	w.want(control, "approved Fail ObjectsFailed "+other+"/web")
	w.merge(namespaceWithout(other), `{"metadata":{"labels":{"scope":null}}}`)
	w.want(control, "approved Pass ObjectsPassed")
}

func (w *world) wantInScope(scope *isms.ISMSScope, want int32) {
	w.Helper()
	w.eventually(func() string {
		w.refresh(scope)
		if n := scope.Status.Namespaces; n == nil || n.InScope != want {
			return "not the namespaces that are in scope"
		}
		return ""
	})
}

// TestKindComesAndGoes: no verdict outlives its kind, and none is missed when the kind comes back.
func TestKindComesAndGoes(t *testing.T) {
	w := newWorld(t)
	shop := w.namespace("shop")
	control := w.control("A.8.22", w.widgetsOK(isms.QuantifierEvery))
	w.create(w.scope(), control)
	w.want(control, "result Unknown", "Ready True Assessed", "widgets Unknown KindNotServed", "Satisfied Unknown KindNotServed")

	crd := w.serveWidgets()
	w.want(control, "widgets Unknown NoMatch")
	w.createWidget(shop, "one", true)
	w.want(control, "result Effective", "widgets Pass ObjectsPassed")

	w.delete(crd)
	w.want(control, "result Unknown", "widgets Unknown KindNotServed", "Ready True Assessed")
	w.wantStreams(0)
	w.settle()

	w.serveWidgets()
	w.createWidget(shop, "two", false)
	w.want(control, "result Ineffective", "widgets Fail ObjectsFailed "+shop+"/two")
}
