// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package samples

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/isms-operator/isms-operator/internal/scaffold"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// What is in Git is what is in the cluster, field by field, and applying it again writes nothing: for every manifest of the
// samples and of what init writes, applied by kubectl on the server's side and on the client's.
func TestNothingIsDefaulted(t *testing.T) {
	for set, files := range map[string][]manifest{"samples": manifests(t, "config/samples"), "init": applied(t)} {
		for way, flags := range map[string][]string{"server": {"--server-side"}, "client": nil} {
			t.Run(set+"/"+way, func(t *testing.T) { driftless(t, files, set+"-"+way, flags) })
		}
	}
}

// applied are the manifests that the kustomization of init's directory applies, those that kustomize makes of texts aside.
func applied(t *testing.T) []manifest {
	t.Helper()
	var all []manifest
	for file, text := range directory(t) {
		top, _, _ := strings.Cut(file, "/")
		name := filepath.Base(file)
		if top == "templates" || top == "gitops" || filepath.Ext(file) != ".yaml" || name == "kustomization.yaml" || name == scaffold.StateFile {
			continue
		}
		all = append(all, parse(t, file, text)...)
	}
	return all
}

func driftless(t *testing.T, files []manifest, name string, flags []string) {
	env := testenv.Shared(t)
	c := connect(t, env.Config)
	apply(t, c, manifest{name, namespace(name)})
	var git []*unstructured.Unstructured
	for _, m := range files {
		o := m.object.DeepCopy()
		switch o.GetKind() {
		case "Namespace": // The API server writes its finalizer into its spec.
			continue
		case "ClusterRole", "ClusterRoleBinding":
			o.SetName(name + "-" + o.GetName())
		default:
			o.SetNamespace(name)
		}
		git = append(git, o)
	}
	file := write(t, git)
	kubectl(t, env, append([]string{"apply", "-f", file}, flags...)...)
	first := live(t, c, git)
	kubectl(t, env, append([]string{"apply", "-f", file}, flags...)...)
	for i, again := range live(t, c, git) {
		id := again.GetKind() + " " + again.GetName()
		if diff := cmp.Diff(contents(t, git[i]), contents(t, again)); diff != "" {
			t.Errorf("%s: (-Git +cluster):\n%s", id, diff)
		}
		if diff := cmp.Diff(first[i].Object, again.Object); diff != "" {
			t.Errorf("%s: applied again, it changes:\n%s", id, diff)
		}
	}
	if len(git) < 130 {
		t.Errorf("only %d manifests", len(git))
	}
}

// write puts the objects into one file.
func write(t *testing.T, objects []*unstructured.Unstructured) string {
	t.Helper()
	var text bytes.Buffer
	for _, o := range objects {
		line, err := o.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n")
		text.Write(line)
	}
	file := filepath.Join(t.TempDir(), "all.yaml")
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func live(t *testing.T, c client.Client, objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	for _, o := range objects {
		is := &unstructured.Unstructured{}
		is.SetGroupVersionKind(o.GroupVersionKind())
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(o), is); err != nil {
			t.Fatal(err)
		}
		all = append(all, is)
	}
	return all
}

// contents are all fields but the metadata that the API server and kubectl keep for themselves.
func contents(t *testing.T, o *unstructured.Unstructured) map[string]any {
	t.Helper()
	annotations, labels := o.GetAnnotations(), o.GetLabels()
	delete(annotations, "kubectl.kubernetes.io/last-applied-configuration")
	o = o.DeepCopy()
	delete(o.Object, "metadata")
	text, err := json.Marshal(map[string]any{"object": o.Object, "labels": labels, "annotations": annotations})
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if len(annotations) == 0 {
		delete(out, "annotations")
	}
	return out
}

// kubectl runs the machine's own, or the one among the assets, which are there where the machine has none.
func kubectl(t *testing.T, env *testenv.Env, args ...string) {
	t.Helper()
	name, err := exec.LookPath("kubectl")
	if err != nil {
		name = filepath.Join(env.Assets, "kubectl")
	}
	command := exec.CommandContext(t.Context(), name, append([]string{"--kubeconfig", testenv.Kubeconfig(t, env.Config)}, args...)...)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
