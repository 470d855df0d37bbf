// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package samples

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

const fieldOwner = client.FieldOwner("samples-test")

// connect is a client with every right, which refuses fields that the API does not know.
func connect(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	c, err := client.New(config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return client.WithFieldValidation(c, metav1.FieldValidationStrict)
}

func apply(t *testing.T, c client.Client, m manifest, opts ...client.ApplyOption) {
	t.Helper()
	configuration := client.ApplyConfigurationFromUnstructured(m.object.DeepCopy())
	opts = append(opts, fieldOwner, client.ForceOwnership)
	if err := c.Apply(t.Context(), configuration, opts...); err != nil {
		t.Errorf("%s: %s %s: %v", m.source, m.object.GetKind(), m.object.GetName(), err)
	}
}

// The sample ISMS is accepted as it stands, kind by kind and field by field.
func TestSamplesAreAccepted(t *testing.T) {
	c := connect(t, testenv.Shared(t).Config)
	samples := manifests(t, "config/samples")
	slices.SortStableFunc(samples, namespacesFirst)
	for _, m := range samples {
		m.object.SetNamespace(namespaceFor(m.object))
		apply(t, c, m)
	}
}

// The demo's cluster is accepted, with its status where a manifest has one, and so is its drift.
func TestDemoClusterIsAccepted(t *testing.T) {
	env := testenv.Shared(t)
	c := connect(t, env.Config)
	world := manifests(t, "hack/demo/cluster")
	slices.SortStableFunc(world, namespacesFirst)
	for _, m := range world {
		apply(t, c, m)
		if m.object.GetKind() == "CustomResourceDefinition" {
			awaitKind(t, env.Config, m.object)
		}
		applyStatus(t, c, m)
	}
	for _, m := range manifests(t, "hack/demo/drift") {
		apply(t, c, m, client.DryRunAll)
	}
}

func applyStatus(t *testing.T, c client.Client, m manifest) {
	t.Helper()
	status, ok := m.object.Object["status"]
	if !ok {
		return
	}
	only := &unstructured.Unstructured{Object: map[string]any{"status": status}}
	only.SetGroupVersionKind(m.object.GroupVersionKind())
	only.SetNamespace(m.object.GetNamespace())
	only.SetName(m.object.GetName())
	if err := c.Status().Apply(t.Context(), client.ApplyConfigurationFromUnstructured(only), fieldOwner, client.ForceOwnership); err != nil {
		t.Errorf("%s: the status of %s %s: %v", m.source, m.object.GetKind(), m.object.GetName(), err)
	}
}

// namespacesFirst puts kinds and namespaces before what they hold, and pods behind the quotas that admit them.
func namespacesFirst(a, b manifest) int { return rank(a.object) - rank(b.object) }

func rank(object *unstructured.Unstructured) int {
	switch object.GetKind() {
	case "Namespace", "CustomResourceDefinition":
		return 0
	case "Pod":
		return 2
	default:
		return 1
	}
}

// namespaceFor is what the kustomization of the samples sets.
func namespaceFor(object *unstructured.Unstructured) string {
	switch object.GetKind() {
	case "Namespace", "ClusterRole", "ClusterRoleBinding":
		return ""
	default:
		return "isms"
	}
}

func awaitKind(t *testing.T, config *rest.Config, object *unstructured.Unstructured) {
	t.Helper()
	group, _, _ := unstructured.NestedString(object.Object, "spec", "group")
	plural, _, _ := unstructured.NestedString(object.Object, "spec", "names", "plural")
	definition := &apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: object.GetName()}}
	definition.Spec.Group = group
	definition.Spec.Names.Plural = plural
	definition.Spec.Versions = []apiextensionsv1.CustomResourceDefinitionVersion{{Name: "v1", Served: true}}
	options := envtest.CRDInstallOptions{MaxTime: 30 * time.Second, PollInterval: 50 * time.Millisecond}
	if err := envtest.WaitForCRDs(config, []*apiextensionsv1.CustomResourceDefinition{definition}, options); err != nil {
		t.Fatal(err)
	}
}

var yamlBlock = regexp.MustCompile("(?ms)^```yaml[^\n]*\n(.*?)^```")

// Every complete manifest of our group in the README and the docs is accepted, in a dry run. A block that leaves parts
// out says so with "..." and is not a manifest.
func TestDocumentedManifestsAreAccepted(t *testing.T) {
	c := connect(t, testenv.Shared(t).Config)
	apply(t, c, manifest{"docs", namespace("docs")}) // one of its own: pages and samples use the same names
	for _, file := range markdown(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source := strings.TrimPrefix(file, root+"/")
		for _, block := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(block[1], "apiVersion: isms-operator.io/") || strings.Contains(block[1], "...") {
				continue
			}
			for _, m := range parse(t, source, []byte(block[1])) {
				if m.object.GroupVersionKind().Group == "isms-operator.io" {
					m.object.SetNamespace("docs")
					delete(m.object.Object, "status")
					apply(t, c, m, client.DryRunAll)
				}
			}
		}
	}
}

func namespace(name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(schema.GroupVersionKind{Version: "v1", Kind: "Namespace"})
	object.SetName(name)
	return object
}

// markdown lists README.md and the pages below docs.
func markdown(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(root, "docs"), func(path string, entry os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err == nil && !entry.IsDir() && filepath.Ext(path) == ".md" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
