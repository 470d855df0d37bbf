// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testenv

import (
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Scheme knows the kinds of the ISMS, those of Kubernetes, and CustomResourceDefinitions.
func Scheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme, isms.AddToScheme} {
		utilruntime.Must(add(scheme))
	}
	return scheme
}

// Client reads and writes those kinds with the rights of the configuration.
func Client(t testing.TB, config *rest.Config) client.Client {
	t.Helper()
	c, err := client.New(config, client.Options{Scheme: Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// poll is how often Eventually looks.
const poll = 20 * time.Millisecond

// Eventually waits until wrong has nothing to say. What it says last is why the test ends when patience does.
func Eventually(t testing.TB, patience time.Duration, wrong func() string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(poll) {
		what := wrong()
		if what == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still wrong after %s:\n%s", patience, what)
		}
	}
}
