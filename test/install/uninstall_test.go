// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// TestUninstall: `make undeploy` leaves what an organization cannot make again, the ISMS with its evidence log and the
// private keys; a later `make deploy` finds it. Only EVIDENCE=delete takes it along.
func TestUninstall(t *testing.T) {
	env := testenv.Start(t, testenv.WithoutCRDs(), testenv.WithControllerManager())
	u := &uninstalling{
		T: t, kubeconfig: testenv.Kubeconfig(t, env.Config),
		client: testenv.Client(t, env.Config), operator: testenv.Client(t, env.As(operatorUser, "system:masters")),
	}
	u.make("deploy")
	log, finding, keys := u.ismsWithLog(), u.object("Finding", "open"), u.keys()
	u.createEventually(finding)

	u.make("undeploy")
	for _, o := range []*unstructured.Unstructured{log, finding, keys} {
		if err := u.get(o); err != nil {
			t.Errorf("after undeploy: %v", err)
		}
	}
	for _, o := range installed(t) {
		if aggregated(o) {
			continue
		}
		err := u.get(o)
		switch kept := o.GetLabels()["isms-operator.io/keep"] != ""; {
		case kept && err != nil:
			t.Errorf("%s %s is gone: %v", o.GetKind(), o.GetName(), err)
		case !kept && !apierrors.IsNotFound(err):
			t.Errorf("%s %s is left: %v", o.GetKind(), o.GetName(), err)
		}
	}

	u.make("deploy")
	if err := u.get(log); err != nil {
		t.Errorf("after another deploy: %v", err)
	}
	u.make("undeploy", "EVIDENCE=delete")
	for _, o := range installed(t) {
		if !aggregated(o) {
			u.awaitGone(o)
		}
	}
}

// aggregated says that the control plane writes the rules of a role. While the roles go that it gathers, it may write it once
// more, and so leave it without a binding.
func aggregated(o *unstructured.Unstructured) bool { return o.Object["aggregationRule"] != nil }

type uninstalling struct {
	*testing.T
	kubeconfig       string
	client, operator client.Client
}

// make runs a target of the Makefile against the cluster.
func (u *uninstalling) make(args ...string) {
	u.Helper()
	root, err := testenv.ModuleRoot()
	if err != nil {
		u.Fatal(err)
	}
	command := exec.CommandContext(u.Context(), "make", append([]string{"-C", root}, args...)...)
	command.Env = u.environment(root)
	if out, err := command.CombinedOutput(); err != nil {
		u.Fatalf("make %v: %v\n%s", args, err, out)
	}
}

// environment has the cluster, and kubectl on the path.
func (u *uninstalling) environment(root string) []string {
	path := filepath.Dir(kubectl(u.T, root)) + string(os.PathListSeparator) + os.Getenv("PATH")
	return append(os.Environ(), "KUBECONFIG="+u.kubeconfig, "PATH="+path)
}

// installed are the objects of config/default.
func installed(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	all := objects(t)
	kept := 0
	for _, o := range all {
		if o.GetLabels()["isms-operator.io/keep"] != "" {
			kept++
		}
	}
	if kept != 10 || len(all) < 30 {
		t.Errorf("%d of %d objects are kept, want nine CRDs and the namespace", kept, len(all))
	}
	return all
}

// object is one of the group, as it is after its creation.
func (u *uninstalling) object(kind, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"scopeRef": map[string]any{"name": "acme"}, "severity": "Minor", "source": "Operation", "requirement": "A.8.13",
		"raisedOn": "2026-11-01", "statement": "Restores were not tested.", "objectiveEvidence": "The log has no entry.",
	}}}
	o.SetGroupVersionKind(isms.GroupVersion.WithKind(kind))
	o.SetNamespace("isms")
	o.SetName(name)
	return o
}

// ismsWithLog makes the namespace of an ISMS, with an EvidenceLog that the operator has written.
func (u *uninstalling) ismsWithLog() *unstructured.Unstructured {
	u.Helper()
	namespaceOf := &unstructured.Unstructured{}
	namespaceOf.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	namespaceOf.SetName("isms")
	u.createEventually(namespaceOf)
	log := u.object("EvidenceLog", "acme.1")
	log.Object["spec"] = map[string]any{
		"scopeRef": map[string]any{"name": "acme"}, "series": "Scope", "number": int64(1), "firstSequence": int64(1),
		"entries": []any{map[string]any{
			"sequence": int64(1), "epoch": int64(1), "type": "OperatorChanged", "observedTime": "2026-08-01T00:00:00Z",
			"operatorVersion": "0.1.0", "digest": string(entry(1, "").Digest),
		}},
	}
	u.createEventually(log)
	return log
}

func (u *uninstalling) keys() *unstructured.Unstructured {
	u.Helper()
	keys := &unstructured.Unstructured{Object: map[string]any{"stringData": map[string]any{"2026.key": "private"}}}
	keys.SetGroupVersionKind(schema.GroupVersionKind{Version: "v1", Kind: "Secret"})
	keys.SetNamespace(namespace)
	keys.SetName("isms-operator-signing-keys")
	u.createEventually(keys)
	return keys
}

// createEventually creates an object as soon as its kind is served; where a policy may already be in force, as the operator.
func (u *uninstalling) createEventually(o *unstructured.Unstructured) {
	u.Helper()
	c := u.client
	if o.GetKind() == "EvidenceLog" {
		c = u.operator
	}
	var err error
	waiting := wait.PollUntilContextTimeout(u.Context(), 100*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		err = c.Create(ctx, o)
		return err == nil, nil
	})
	if waiting != nil {
		u.Fatalf("%s %s: %v", o.GetKind(), o.GetName(), err)
	}
}

func (u *uninstalling) get(o *unstructured.Unstructured) error {
	got := &unstructured.Unstructured{}
	got.SetGroupVersionKind(o.GroupVersionKind())
	return u.client.Get(u.Context(), client.ObjectKeyFromObject(o), got)
}

func (u *uninstalling) awaitGone(o *unstructured.Unstructured) {
	u.Helper()
	err := wait.PollUntilContextTimeout(u.Context(), 100*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		return apierrors.IsNotFound(u.get(o)), nil
	})
	if err != nil {
		u.Errorf("%s %s is left", o.GetKind(), o.GetName())
	}
}
