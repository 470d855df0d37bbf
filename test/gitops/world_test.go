// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build isms_gitops

package gitops

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// patience is for one step, on a machine that is busy with other things: a push while another sync runs waits for the next
// refresh, and a first sync for the assessment of some 200 objects.
const patience = 5 * time.Minute

// world is a cluster with the operator, Argo CD, and the repository that they take the ISMS from.
type world struct {
	*testing.T
	root       string
	kubeconfig string
	kubectl    string
	programs   string // a directory with kubectl-isms
	worktree   string // of the repository
	bare       string // what Argo CD reads
}

// run runs a program to its end and returns what it prints.
func (w *world) run(dir, program string, args ...string) string {
	w.Helper()
	out, err := w.try(dir, program, args...)
	if err != nil {
		w.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return out
}

func (w *world) try(dir, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "KUBECONFIG="+w.kubeconfig)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	return out.String(), err
}

func (w *world) kube(args ...string) string { w.Helper(); return w.run(w.root, w.kubectl, args...) }

// apply gives kubectl a manifest.
func (w *world) apply(manifest string) {
	w.Helper()
	file := filepath.Join(w.TempDir(), "manifest.yaml")
	if err := os.WriteFile(file, []byte(manifest), 0o600); err != nil {
		w.Fatal(err)
	}
	w.kube("apply", "--server-side", "--force-conflicts", "-f", file)
}

// get reads one object, or nil when there is none.
func (w *world) get(resource, namespace, name string) *unstructured.Unstructured {
	w.Helper()
	out := w.kube("get", resource, name, "-n", namespace, "-o", "json", "--ignore-not-found", "--show-managed-fields")
	if strings.TrimSpace(out) == "" {
		return nil
	}
	o := &unstructured.Unstructured{}
	if err := json.Unmarshal([]byte(out), &o.Object); err != nil {
		w.Fatal(err)
	}
	return o
}

// list reads all objects of the resources in the namespace of the ISMS, by kind and name.
func (w *world) list(resources string) map[string]*unstructured.Unstructured {
	w.Helper()
	var list unstructured.UnstructuredList
	text := w.kube("get", resources, "-n", "isms", "-o", "json", "--show-managed-fields")
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		w.Fatal(err)
	}
	out := map[string]*unstructured.Unstructured{}
	for i := range list.Items {
		out[list.Items[i].GetKind()+" "+list.Items[i].GetName()] = &list.Items[i]
	}
	return out
}

// eventually waits until want finds nothing to say.
func (w *world) eventually(what string, want func() string) {
	w.Helper()
	begin, says := time.Now(), ""
	for time.Since(begin) < patience {
		if says = want(); says == "" {
			w.Logf("%6.1f s  %s", time.Since(begin).Seconds(), what)
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	w.Fatalf("%s: not within %s: %s", what, patience, says)
}

// start runs a program until the test ends. Its output is kept, and its end shown when the test fails.
func (w *world) start(name string, environment []string, program string, args ...string) {
	w.Helper()
	log, err := os.Create(filepath.Join(w.TempDir(), name+".log"))
	if err != nil {
		w.Fatal(err)
	}
	command := exec.Command(program, args...)
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		timer := time.AfterFunc(10*time.Second, func() { _ = command.Process.Kill() })
		_ = command.Wait()
		timer.Stop()
		_ = log.Close()
		if text, err := os.ReadFile(log.Name()); err == nil && w.Failed() {
			w.Logf("%s ends with:\n%s", name, text[max(0, len(text)-1000):])
		}
	})
}

// newWorld installs the operator as config/default has it, and runs it with the rights of its account.
func newWorld(t *testing.T) *world {
	t.Helper()
	root, err := testenv.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	env := testenv.Shared(t)
	w := &world{T: t, root: root, kubeconfig: testenv.Kubeconfig(t, env.Config), kubectl: filepath.Join(env.Assets, "kubectl")}
	if _, err := os.Stat(w.kubectl); err != nil {
		w.kubectl = "kubectl"
	}
	w.kube("apply", "--server-side", "-k", "config/default")
	w.eventually("the evidence role has its rules", func() string {
		role := w.get("clusterrole", "", "isms-operator-evidence")
		if rules, _, _ := unstructured.NestedSlice(role.Object, "rules"); len(rules) == 0 {
			return "none"
		}
		return ""
	})
	w.eventually("the cluster of the demo", func() string {
		out, err := w.try(w.root, w.kubectl, "apply", "--server-side", "-k", "hack/demo/cluster")
		if err != nil {
			return out
		}
		return ""
	})
	w.programs = t.TempDir()
	w.run(root, "go", "build", "-buildvcs=false", "-o", w.programs, ".", "./cmd/kubectl-isms")
	account := testenv.Kubeconfig(t, env.AsServiceAccount("isms-operator-system", "isms-operator-controller-manager"))
	w.start("operator", []string{"KUBECONFIG=" + account}, filepath.Join(w.programs, "isms-operator"), "--metrics-bind-address=0", "--health-probe-bind-address=0")
	return w
}
