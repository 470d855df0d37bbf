// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package admission holds the API against a real API server: what the CRDs accept, and what they refuse and how.
package admission

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

const namespace = "isms"

// change edits an object. Paths are those of API errors, such as spec.evidence[0].name.
type change struct {
	Set    map[string]any `json:"set,omitempty"`
	Remove []string       `json:"remove,omitempty"`
}

// manifest is one case: the valid manifest of the kind with a change; with update, that one is created, and changed
// once more. A refused one has the field and the message of the error.
type manifest struct {
	Name string `json:"name"`
	change
	Update  *change `json:"update,omitempty"`
	Field   string  `json:"field,omitempty"`
	Message string  `json:"message,omitempty"`
}

func newClient(t *testing.T) client.Client {
	t.Helper()
	c, err := client.New(testenv.Shared(t).Config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if err := c.Create(context.Background(), ns); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	return client.WithFieldValidation(c, metav1.FieldValidationStrict)
}

// kinds are the names of the files in testdata/valid: one per kind, in lower case.
func kinds(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/valid/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 9 {
		t.Fatalf("testdata/valid has %d manifests, want one for each of the nine kinds", len(files))
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = strings.TrimSuffix(filepath.Base(file), ".yaml")
	}
	return names
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func validObject(t *testing.T, kind string) *unstructured.Unstructured {
	t.Helper()
	obj := &unstructured.Unstructured{}
	readYAML(t, filepath.Join("testdata", "valid", kind+".yaml"), &obj.Object)
	obj.SetNamespace(namespace)
	return obj
}

func readManifests(t *testing.T, dir, kind string) []manifest {
	t.Helper()
	file := filepath.Join("testdata", dir, kind+".yaml")
	var cases []manifest
	readYAML(t, file, &cases)
	seen := map[string]bool{}
	for _, c := range cases {
		if c.Name == "" || seen[c.Name] {
			t.Fatalf("%s: a case has no name, or the name %q is there twice", file, c.Name)
		}
		seen[c.Name] = true
	}
	return cases
}

// apply creates the changed manifest and then updates it, as the case says, and returns the error of the last step.
// Nothing is kept: creation is a dry run, and what an update needs is deleted again.
func (m manifest) apply(t *testing.T, c client.Client, kind string) error {
	t.Helper()
	ctx := context.Background()
	obj := validObject(t, kind)
	obj.SetName(kind + "-" + m.Name)
	m.change.to(t, obj)
	if m.Update == nil {
		return c.Create(ctx, obj, client.DryRunAll)
	}
	if err := c.Create(ctx, obj); err != nil {
		t.Fatalf("the object to be updated is refused: %v", err)
	}
	t.Cleanup(func() {
		if err := c.Delete(ctx, obj); err != nil {
			t.Error(err)
		}
	})
	updated := obj.DeepCopy()
	m.Update.to(t, updated)
	return c.Update(ctx, updated)
}

func (c change) to(t *testing.T, obj *unstructured.Unstructured) {
	t.Helper()
	for _, path := range c.Remove {
		if err := edit(obj.Object, path, nil); err != nil {
			t.Fatalf("remove %s: %v", path, err)
		}
	}
	paths := make([]string, 0, len(c.Set))
	for path := range c.Set {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		value := c.Set[path]
		if err := edit(obj.Object, path, &value); err != nil {
			t.Fatalf("set %s: %v", path, err)
		}
	}
}

var step = regexp.MustCompile(`[^.\[\]]+`)

// edit sets the value at a path, or removes it where value is nil. Maps on the way are made; an index must exist or be
// the next one.
func edit(root map[string]any, path string, value *any) error {
	steps := step.FindAllString(path, -1)
	return editIn(root, steps, value, func(any) {})
}

func editIn(node any, steps []string, value *any, replace func(any)) error {
	switch node := node.(type) {
	case map[string]any:
		return editMap(node, steps, value)
	case []any:
		return editList(node, steps, value, replace)
	default:
		return fmt.Errorf("%s is below a value that has no fields", strings.Join(steps, "."))
	}
}

func editMap(node map[string]any, steps []string, value *any) error {
	key := steps[0]
	if len(steps) == 1 {
		if value == nil {
			if _, ok := node[key]; !ok {
				return fmt.Errorf("%s is not there", key)
			}
			delete(node, key)
			return nil
		}
		node[key] = *value
		return nil
	}
	child, ok := node[key]
	if !ok {
		child = map[string]any{}
		if _, err := strconv.Atoi(steps[1]); err == nil {
			child = []any{}
		}
		node[key] = child
	}
	return editIn(child, steps[1:], value, func(grown any) { node[key] = grown })
}

func editList(node []any, steps []string, value *any, replace func(any)) error {
	i, err := strconv.Atoi(steps[0])
	if err != nil || i < 0 || i > len(node) {
		return fmt.Errorf("%s is no index of a list of %d", steps[0], len(node))
	}
	if i == len(node) {
		node = append(node, map[string]any{})
		replace(node)
	}
	if len(steps) > 1 {
		return editIn(node[i], steps[1:], value, func(grown any) { node[i] = grown })
	}
	if value != nil {
		node[i] = *value
		return nil
	}
	replace(append(node[:i:i], node[i+1:]...))
	return nil
}

// causes are the single errors of a refused object.
func causes(err error) []metav1.StatusCause {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	return status.Status().Details.Causes
}

func TestMain(m *testing.M) {
	os.Exit(testenv.Run(m))
}
