// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// TestRestore runs the very commands of docs/operations.md: a backup, the loss of the namespace, and the restore, of what only
// the operator writes too.
func TestRestore(t *testing.T) {
	env := testenv.Start(t, testenv.WithoutCRDs(), testenv.WithControllerManager())
	u := &uninstalling{
		T: t, kubeconfig: testenv.Kubeconfig(t, env.Config),
		client: testenv.Client(t, env.Config), operator: testenv.Client(t, env.As(operatorUser, "system:masters")),
	}
	dir := t.TempDir()
	u.make("deploy")
	log, finding, attestation := u.ismsWithLog(), u.object("Finding", "open"), u.object("Attestation", "review")
	attestation.Object["spec"] = map[string]any{
		"scopeRef": map[string]any{"name": "acme"}, "type": "FirewallReview", "outcome": "Pass", "performedOn": "2026-08-01",
		"performedBy": map[string]any{"name": "R. Roe", "email": "r.roe@example.com"}, "summary": "Reviewed.",
	}
	u.createEventually(finding)
	u.createEventually(attestation)
	if err := unstructured.SetNestedField(attestation.Object, "2026-08-02T00:00:00Z", "status", "firstSeenTime"); err != nil {
		t.Fatal(err)
	}
	if err := u.operator.Status().Update(t.Context(), attestation); err != nil {
		t.Fatal(err)
	}
	kept := []*unstructured.Unstructured{log, finding, attestation}

	u.bash(dir, commands(t, "## Back up", "**Velero**"))
	u.bash(dir, "kubectl delete namespace isms\nkubectl create namespace isms")
	for _, o := range kept {
		if err := u.get(o); !apierrors.IsNotFound(err) {
			t.Fatalf("%s is not gone: %v", o.GetKind(), err)
		}
	}
	u.bash(dir, commands(t, "## Restore a backup", "Velero restores"))
	for _, o := range kept {
		got := o.DeepCopy()
		if err := u.client.Get(t.Context(), client.ObjectKeyFromObject(o), got); err != nil {
			t.Errorf("after the restore: %v", err)
			continue
		}
		for _, field := range []string{"spec", "status"} {
			if diff := cmp.Diff(o.Object[field], got.Object[field]); diff != "" {
				t.Errorf("the %s of %s (-before +after the restore):\n%s", field, o.GetKind(), diff)
			}
		}
	}
	u.restoresAsVelero(env, dir, log)
}

// restoresAsVelero names the account of a tool in the policy, and has it create a log.
func (u *uninstalling) restoresAsVelero(env *testenv.Env, dir string, log *unstructured.Unstructured) {
	tool := testenv.Client(u.T, env.As("system:serviceaccount:velero:velero", "system:masters"))
	restored := func(name string) error {
		o := log.DeepCopy()
		o.SetName(name)
		o.SetResourceVersion("")
		o.SetUID("")
		return tool.Create(u.Context(), o)
	}
	if err := restored("acme.2"); !apierrors.IsForbidden(err) {
		u.Errorf("the tool creates a log before the policy names it: %v", err)
	}
	u.bash(dir, commands(u.T, "Velero restores", "## Keys of the evidence log"))
	o := &office{T: u.T}
	if err := o.eventually(func() error { return restored("acme.3") }, nothing); err != nil {
		u.Errorf("the tool may not create a log, though the policy names it: %v", err)
	}
}

// commands are the lines of docs/operations.md between two texts that are set as commands.
func commands(t *testing.T, from, to string) string {
	t.Helper()
	root, err := testenv.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "\n"+from)
	section, _, ends := strings.Cut(rest, "\n"+to)
	if !found || !ends {
		t.Fatalf("the page has no part from %q to %q", from, to)
	}
	var script strings.Builder
	manifest := false
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "```") {
			manifest = !manifest
		}
		if command, ok := strings.CutPrefix(line, "    "); ok && !manifest {
			script.WriteString(command)
		}
	}
	if script.Len() == 0 {
		t.Fatalf("the page has no commands from %q to %q", from, to)
	}
	return script.String()
}

// bash runs commands in a directory, against the cluster.
func (u *uninstalling) bash(dir, script string) {
	u.Helper()
	root, err := testenv.ModuleRoot()
	if err != nil {
		u.Fatal(err)
	}
	command := exec.CommandContext(u.Context(), "bash", "-euo", "pipefail", "-c", script)
	command.Dir, command.Env = dir, u.environment(root)
	if out, err := command.CombinedOutput(); err != nil {
		u.Fatalf("%s: %v\n%s", script, err, out)
	}
}
