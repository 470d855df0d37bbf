// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/isms-operator/isms-operator/internal/testenv"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestHelm has the real helm install the packed chart, upgrade it, uninstall it, which leaves the CRDs and what people and the
// operator have written, and install it again over that.
func TestHelm(t *testing.T) {
	r := release{version: version, root: "../..", out: t.TempDir()}
	if err := r.chart(); err != nil {
		t.Fatal(err)
	}
	env := testenv.Start(t, testenv.WithoutCRDs(), testenv.WithControllerManager())
	c, err := client.New(env.Config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := &helm{T: t, client: c, program: filepath.Join(t.TempDir(), "helm"), kubeconfig: testenv.Kubeconfig(t, env.Config)}
	h.run("go", "build", "-o", h.program, "helm.sh/helm/v4/cmd/helm")
	chart := filepath.Join(r.out, "isms-operator-9.8.7-rc.1.tgz")
	where := []string{"-n", "isms-operator-system"}

	h.helm(append([]string{"install", "isms-operator", chart, "--create-namespace"}, where...)...)
	h.wantThere("Deployment.v1.apps", "isms-operator-controller-manager", true)
	h.wantThere("ValidatingAdmissionPolicy.v1.admissionregistration.k8s.io", "isms-operator-guard-evidence", true)
	h.wantThere("ValidatingAdmissionPolicy.v1.admissionregistration.k8s.io", "isms-operator-exceptions", false)
	finding := h.finding()

	h.helm(append([]string{"upgrade", "isms-operator", chart, "--set", "replicas=2,policies.optional.exceptions=true"}, where...)...)
	h.wantThere("PodDisruptionBudget.v1.policy", "isms-operator-controller-manager", true)
	h.wantThere("ValidatingAdmissionPolicy.v1.admissionregistration.k8s.io", "isms-operator-exceptions", true)

	h.helm(append([]string{"uninstall", "isms-operator"}, where...)...)
	h.wantThere("Deployment.v1.apps", "isms-operator-controller-manager", false)
	h.wantThere("CustomResourceDefinition.v1.apiextensions.k8s.io", "evidencelogs.isms-operator.io", true)
	if err := c.Get(t.Context(), client.ObjectKeyFromObject(finding), finding); err != nil {
		t.Errorf("after the uninstallation: %v", err)
	}

	// The control plane may have written the aggregated ClusterRole once more while the roles that it gathers went.
	h.helm(append([]string{"install", "isms-operator", chart, "--take-ownership"}, where...)...)
	h.wantThere("Deployment.v1.apps", "isms-operator-controller-manager", true)
}

// helm is the program, and a cluster for it.
type helm struct {
	*testing.T
	client              client.Client
	program, kubeconfig string
}

func (h *helm) helm(args ...string) { h.Helper(); h.run(h.program, args...) }

func (h *helm) run(name string, args ...string) {
	h.Helper()
	command := exec.CommandContext(h.Context(), name, args...)
	home := h.TempDir() // helm keeps files of its own
	command.Env = append(os.Environ(), "KUBECONFIG="+h.kubeconfig, "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	if out, err := command.CombinedOutput(); err != nil {
		h.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
}

// wantThere asks whether there is an object, in the operator's namespace where its kind has one.
func (h *helm) wantThere(kind, name string, want bool) {
	h.Helper()
	gvk, _ := schema.ParseKindArg(kind)
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(*gvk)
	key := client.ObjectKey{Name: name}
	if gvk.Group == "apps" || gvk.Group == "policy" {
		key.Namespace = "isms-operator-system"
	}
	if err := h.client.Get(h.Context(), key, o); (err == nil) != want || client.IgnoreNotFound(err) != nil {
		h.Errorf("%s %s is there: %v, want %t", kind, name, err, want)
	}
}

// finding is one that somebody raises as soon as its kind is served.
func (h *helm) finding() *unstructured.Unstructured {
	h.Helper()
	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "isms-operator.io/v1alpha1", "kind": "Finding", "metadata": map[string]any{"namespace": "default", "name": "open"},
		"spec": map[string]any{
			"scopeRef": map[string]any{"name": "acme"}, "severity": "Minor", "source": "Operation", "requirement": "A.8.13",
			"raisedOn": "2026-11-01", "statement": "Restores were not tested.", "objectiveEvidence": "The log has no entry.",
		},
	}}
	var err error
	waiting := wait.PollUntilContextTimeout(h.Context(), 100*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		err = h.client.Create(ctx, o)
		return err == nil || apierrors.IsAlreadyExists(err), nil
	})
	if waiting != nil {
		h.Fatal(err)
	}
	return o
}
