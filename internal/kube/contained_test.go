// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// TestContained: a panic is an error that tells where it came from, and none of its text.
func TestContained(t *testing.T) {
	const value = "hunter2"
	var none map[string]string
	list := strings.Split(value, "")
	for name, c := range map[string]struct {
		panics func()
		of     string
	}{
		"text":           {func() { panic("can't digest " + value) }, "type string in"},
		"an error":       {func() { panic(errors.New(value)) }, "type *errors.errorString in"},
		"the object":     {func() { panic(map[string]string{"password": value}) }, "type map[string]string in"},
		"of the runtime": {func() { none[value] = value }, "in"},
		"out of range":   {func() { list[len(value)+1] = value }, "type runtime.boundsError in"},
	} {
		t.Run(name, func(t *testing.T) {
			r := reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) {
				c.panics()
				return reconcile.Result{}, nil
			})
			_, err := Contained(r).Reconcile(t.Context(), reconcile.Request{})
			if err == nil {
				t.Fatal("there is no error")
			}
			for _, part := range []string{"panic of", c.of, "TestContained", "(contained_test.go:"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), value) {
				t.Errorf("%q tells the value", err)
			}
		})
	}
}

// TestContainedOtherwise: without a panic, what the reconciler says stands.
func TestContainedOtherwise(t *testing.T) {
	want := errors.New("conflict")
	r := reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) {
		return reconcile.Result{RequeueAfter: 1}, want
	})
	if got, err := Contained(r).Reconcile(t.Context(), reconcile.Request{}); got.RequeueAfter != 1 || !errors.Is(err, want) {
		t.Errorf("got %v, %v", got, err)
	}
}
