// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/scaffold"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// TestFirstSteps: init looks at the demo's cluster and writes a directory; what is applied of it is accepted and
// assessed, all 93 controls, and nothing in it looks done. A second init changes nothing; one on an edited directory shows
// a diff and overwrites nothing.
func TestFirstSteps(t *testing.T) {
	env := testenv.Shared(t)
	admin := testenv.Kubeconfig(t, env.Config)
	apply(t, admin, "-k", "config/default")
	apply(t, admin, "-k", "hack/demo/cluster")
	startOperator(t, env.AsServiceAccount(systemNamespace, serviceAccount))

	dir := filepath.Join(t.TempDir(), "isms")
	out := plugin(t, admin, "init", dir, "--organization", "Acme GmbH")
	for _, part := range []string{"files written to", "README.md"} {
		if !strings.Contains(out, part) {
			t.Errorf("init does not print %q:\n%s", part, out)
		}
	}
	written := snapshot(t, dir)
	apply(t, admin, "-k", dir)

	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, isms.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	c, err := client.New(env.Config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the scope is assessed", func(t *testing.T) { theScope(t, c) })
	t.Run("each control is assessed", func(t *testing.T) { theControls(t, c) })
	t.Run("each document is read, and none is approved", func(t *testing.T) { theDocuments(t, c, dir) })
	t.Run("nothing looks done", func(t *testing.T) { nothingIsDone(t, c) })
	t.Run("a second init changes nothing", func(t *testing.T) {
		for _, flag := range []string{"--dry-run", "--update"} {
			if out := plugin(t, admin, "init", dir, flag); !strings.Contains(out, "nothing has changed") {
				t.Errorf("it prints\n%s", out)
			}
		}
		if diff := cmp.Diff(written, snapshot(t, dir)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("on an edited directory it shows a diff", func(t *testing.T) { edited(t, admin, dir) })
}

func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func theScope(t *testing.T, c client.Client) {
	eventually(t, func() string {
		var scope isms.ISMSScope
		if err := c.Get(t.Context(), client.ObjectKey{Namespace: "isms", Name: "acme-gmbh"}, &scope); err != nil {
			return err.Error()
		}
		if !conditions.IsTrue(scope.Status.Conditions, isms.ConditionReady) || scope.Status.ObservedGeneration != scope.Generation {
			return fmt.Sprint(scope.Status.Conditions)
		}
		if s := scope.Status.StatementOfApplicability; s == nil || s.Declared != 93 || s.Satisfied != 0 {
			return fmt.Sprintf("the statement is %+v", s)
		}
		if n := scope.Status.Namespaces; n == nil || n.InScope == 0 || n.Excluded != 0 {
			return fmt.Sprintf("the namespaces are %+v", n)
		}
		return ""
	})
}

// theControls: all 93 are there, ready and assessed, and each rule was evaluated: it is valid, its kind is served, and
// both the account and the operator may read it.
func theControls(t *testing.T, c client.Client) {
	eventually(t, func() string {
		var list isms.ControlList
		if err := c.List(t.Context(), &list, client.InNamespace("isms")); err != nil {
			return err.Error()
		}
		if len(list.Items) != 93 {
			return fmt.Sprintf("there are %d controls", len(list.Items))
		}
		for i := range list.Items {
			if wrong := notAssessed(&list.Items[i]); wrong != "" {
				return wrong
			}
		}
		return ""
	})
}

func notAssessed(c *isms.Control) string {
	if !conditions.IsTrue(c.Status.Conditions, isms.ConditionReady) || c.Status.ObservedGeneration != c.Generation {
		return fmt.Sprintf("%s: %v", c.Spec.ID, c.Status.Conditions)
	}
	if c.Status.Result != isms.ResultNotImplemented || len(c.Status.Evidence) != len(c.Spec.Evidence) || len(c.Spec.Evidence) == 0 {
		return fmt.Sprintf("%s is %s, with %d of %d items", c.Spec.ID, c.Status.Result, len(c.Status.Evidence), len(c.Spec.Evidence))
	}
	for i, e := range c.Status.Evidence {
		switch e.Reason {
		case isms.ReasonRuleInvalid, isms.ReasonNotSynced, isms.ReasonKindNotServed, isms.ReasonAccessDenied, isms.ReasonOperatorForbidden,
			isms.ReasonExpressionError, isms.ReasonCostExceeded, isms.ReasonNotYetAssessed:
			return fmt.Sprintf("%s, %s: %s: %s", c.Spec.ID, e.Name, e.Reason, e.Message)
		}
		if c.Spec.Evidence[i].Resources == nil && e.Result == isms.EvidencePass {
			return fmt.Sprintf("%s, %s: people's evidence that nobody gave passes", c.Spec.ID, e.Name)
		}
	}
	return ""
}

// theDocuments: the operator has read each text, by the right that init wrote, and what it has read is the file.
func theDocuments(t *testing.T, c client.Client, dir string) {
	eventually(t, func() string {
		var list isms.DocumentList
		if err := c.List(t.Context(), &list, client.InNamespace("isms")); err != nil {
			return err.Error()
		}
		if len(list.Items) != 31 {
			return fmt.Sprintf("there are %d documents", len(list.Items))
		}
		for _, d := range list.Items {
			if conditions.IsTrue(d.Status.Conditions, isms.ConditionApproved) {
				return d.Name + " is approved"
			}
			ref := d.Spec.Source.ConfigMapKeyRef
			if ref == nil {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, "documents", ref.Key))
			if err != nil {
				return err.Error()
			}
			if got := string(d.Status.Digest); got != scaffold.Digest(text) {
				return fmt.Sprintf("%s has the digest %q: %v", d.Name, got, d.Status.Conditions)
			}
		}
		return ""
	})
}

// nothingIsDone: no condition of the scope says that something is there which nobody has done.
func nothingIsDone(t *testing.T, c client.Client) {
	var scope isms.ISMSScope
	if err := c.Get(context.Background(), client.ObjectKey{Namespace: "isms", Name: "acme-gmbh"}, &scope); err != nil {
		t.Fatal(err)
	}
	for _, condition := range scope.Status.Conditions {
		machinery := condition.Type == isms.ConditionReady || condition.Type == isms.ConditionEvidenceLogIntact
		if condition.Status == metav1.ConditionTrue && !machinery {
			t.Errorf("%s is True: %s %s", condition.Type, condition.Reason, condition.Message)
		}
	}
	for _, r := range scope.Status.Requirements {
		if r.Status == isms.RequirementEvidenced {
			t.Errorf("clause %s is evidenced: %s", r.ID, r.Reason)
		}
	}
	var cycle isms.AuditCycle
	eventually(t, func() string {
		if err := c.Get(t.Context(), client.ObjectKey{Namespace: "isms", Name: "acme-gmbh"}, &cycle); err != nil {
			return err.Error()
		}
		if len(cycle.Status.Steps) == 0 {
			return "the cycle has no steps yet"
		}
		return ""
	})
	for _, s := range cycle.Status.Steps {
		if s.State == isms.StepDone {
			t.Errorf("the step %s is done", s.Name)
		}
	}
}

// edited: what people changed and removed stays as they left it, and is shown.
func edited(t *testing.T, admin, dir string) {
	control, text := filepath.Join(dir, "controls", "a-8-22.yaml"), filepath.Join(dir, "documents", "privacy-policy.md")
	content, err := os.ReadFile(control)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(content), "state: NotStarted", "state: InProgress", 1)
	if err := os.WriteFile(control, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(text); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"--dry-run", "--update"} {
		out := plugin(t, admin, "init", dir, flag)
		for _, part := range []string{
			"controls/a-8-22.yaml was edited", "-  implementation: {state: InProgress", "+  implementation: {state: NotStarted",
			"documents/privacy-policy.md was removed", "2 files differ",
		} {
			if !strings.Contains(out, part) {
				t.Errorf("it does not print %q:\n%s", part, out)
			}
		}
	}
	if got, err := os.ReadFile(control); err != nil || string(got) != changed {
		t.Errorf("the edited file is overwritten: %v", err)
	}
	if _, err := os.Stat(text); !os.IsNotExist(err) {
		t.Errorf("the removed file is back: %v", err)
	}
	plugin(t, admin, "init", dir, "--overwrite", "controls/*")
	if got, err := os.ReadFile(control); err != nil || string(got) != string(content) {
		t.Errorf("the file that was asked for is not overwritten: %v", err)
	}
	if _, err := os.Stat(text); !os.IsNotExist(err) {
		t.Errorf("a file is back that nobody asked for: %v", err)
	}
}
