// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package samples

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const root = "../.."

// manifest is one object of a file of the repository.
type manifest struct {
	source string
	object *unstructured.Unstructured
}

// manifests are the objects of all YAML files below the directory, kustomizations aside.
func manifests(t *testing.T, dir string) []manifest {
	t.Helper()
	var found []manifest
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" || entry.Name() == "kustomization.yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found = append(found, parse(t, strings.TrimPrefix(path, root+"/"), text)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no manifests below %s", dir)
	}
	return found
}

func parse(t *testing.T, source string, text []byte) []manifest {
	t.Helper()
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	var found []manifest
	for {
		var content map[string]any
		err := decoder.Decode(&content)
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if len(content) > 0 {
			found = append(found, manifest{source, &unstructured.Unstructured{Object: content}})
		}
	}
}
