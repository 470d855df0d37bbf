// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Contained has a panic end the one reconcile that it happens in, as an error that says of which type it was and where it
// came from. Its text is left out: controller-runtime, which would recover from it as well, logs that, and it may quote
// what is in an object.
func Contained(r reconcile.Reconciler) reconcile.Reconciler { return contained{r} }

type contained struct{ reconcile.Reconciler }

// Reconcile implements reconcile.Reconciler.
func (c contained) Reconcile(ctx context.Context, request reconcile.Request) (result reconcile.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic of type %T in %s", p, origin())
		}
	}()
	return c.Reconciler.Reconcile(ctx, request)
}

// origin is the function that panicked, with its line: of those that are running, the first above the runtime's own.
func origin() string {
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers[:])])
	for panicking := false; ; {
		frame, more := frames.Next()
		switch own := strings.HasPrefix(frame.Function, "runtime."); {
		case frame.Function == "runtime.gopanic":
			panicking = true
		case panicking && !own:
			return fmt.Sprintf("%s (%s:%d)", frame.Function, filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}
