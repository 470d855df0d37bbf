// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package corpora

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	yamlstream "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"
)

// object is a manifest as it stands in its file.
type object = map[string]any

// manifests reads the objects of all files that the patterns match. Lists are taken apart. Objects that name no
// namespace get the one that is given; cluster-scoped ones ignore it.
func manifests(t *testing.T, namespace string, patterns ...string) []object {
	t.Helper()
	var all []object
	for _, pattern := range patterns {
		files, err := filepath.Glob(below(t, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files match %s (%v)", pattern, err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, parse(t, file, content)...)
		}
	}
	for _, o := range all {
		if metadata := o["metadata"].(object); metadata["namespace"] == nil && namespace != "" {
			metadata["namespace"] = namespace
		}
	}
	return all
}

func parse(t *testing.T, file string, content []byte) []object {
	t.Helper()
	var found []object
	documents := yamlstream.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return found
		}
		var o object
		if err == nil {
			err = yaml.Unmarshal(document, &o)
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		switch {
		case o == nil: // a document of comments
		case strings.HasSuffix(text(o, "kind"), "List"):
			for _, item := range list(o, "items") {
				found = append(found, item.(object))
			}
		default:
			found = append(found, o)
		}
	}
}

// ofKind are the manifests of one kind.
func ofKind(all []object, kind string) []object {
	var found []object
	for _, o := range all {
		if text(o, "kind") == kind {
			found = append(found, o)
		}
	}
	return found
}

// applier applies manifests by server-side apply, as `kubectl apply --server-side` does.
type applier struct {
	dynamic dynamic.Interface
	mapper  meta.RESTMapper
}

// parallel is how many objects are applied at once.
const parallel = 8

func (a applier) apply(ctx context.Context, all []object) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, o := range all {
		group.Go(func() error {
			u := &unstructured.Unstructured{Object: o}
			resource, err := a.resource(u)
			if err != nil {
				return err
			}
			_, err = resource.Apply(ctx, u.GetName(), u, metav1.ApplyOptions{FieldManager: "corpora", Force: true})
			return err
		})
	}
	return group.Wait()
}

func (a applier) resource(u *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	gv, err := schema.ParseGroupVersion(u.GetAPIVersion())
	if err != nil {
		return nil, err
	}
	mapping, err := a.mapper.RESTMapping(gv.WithKind(u.GetKind()).GroupKind(), gv.Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		u.SetNamespace("")
		return a.dynamic.Resource(mapping.Resource), nil
	}
	return a.dynamic.Resource(mapping.Resource).Namespace(u.GetNamespace()), nil
}
