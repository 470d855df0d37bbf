// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestNothingRunsOnAfterTheEnd: a stopped operator leaves no goroutine, whatever it was doing.
func TestNothingRunsOnAfterTheEnd(t *testing.T) {
	w := newWorldWithoutOperator(t)
	before := goleak.IgnoreCurrent()
	w.start()
	w.serveWidgets()
	w.smallISMS()
	w.createWidget(w.home+"-shop", "one", true)
	w.create(w.control("A.8.23", w.widgetsOK("Every")))
	w.want(w.control("A.8.23"), "Satisfied True Satisfied")
	w.stop()
	// Connections stay open for the next request; they belong to the process.
	goleak.VerifyNone(t, before,
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreAnyFunction("net/http.(*http2ClientConn).readLoop"), goleak.IgnoreAnyFunction("golang.org/x/net/http2.(*ClientConn).readLoop"))
}
