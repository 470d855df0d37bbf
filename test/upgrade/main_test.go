// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package upgrade holds tests of the present CRDs and code on what earlier releases have left in a cluster. Of each
// release testdata has the CRDs, and a set of objects of every kind as an API server stored them, the operator's statuses
// and evidence logs among them. `make freeze-release VERSION=v0.1.0` makes such a set of the present state.
package upgrade

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/yaml"
)

var freeze = flag.String("freeze", "", "version of the release of which testdata gets a set")

func TestMain(m *testing.M) {
	flag.Parse()
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	os.Exit(m.Run())
}

const (
	presentCRDs = "../../config/crd/bases"
	// home has an ISMS that the operator of the release has assessed; fields has objects with as many fields as there are.
	home, fields = "isms", "fields"
)

// set is what a release has left.
type set struct {
	release string
	crds    []*apiextensionsv1.CustomResourceDefinition
	// objects are as stored: without a resourceVersion, with their status and managedFields.
	objects []*unstructured.Unstructured
	// values are the very bytes, one for each object: another encoding would be written anew by an update that changes nothing.
	values [][]byte
	// accepted are changes of the CRDs since then that are not compatible and were decided on all the same, with the reason.
	accepted map[string]string
}

func dir(release string) string { return filepath.Join("testdata", release) }

// releases are all sets.
func releases(t *testing.T) []set {
	t.Helper()
	dirs, err := filepath.Glob(dir("v*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("%d releases, %v", len(dirs), err)
	}
	var all []set
	for _, d := range dirs {
		s := set{release: filepath.Base(d), crds: readCRDs(t, filepath.Join(d, "crds")), accepted: map[string]string{}}
		for line := range bytes.Lines(read(t, filepath.Join(d, "objects.jsonl"))) {
			o := &unstructured.Unstructured{}
			if err := o.UnmarshalJSON(line); err != nil {
				t.Fatal(err)
			}
			s.objects, s.values = append(s.objects, o), append(s.values, line)
		}
		if text, err := os.ReadFile(filepath.Join(d, "accepted.yaml")); err == nil {
			if err := yaml.UnmarshalStrict(text, &s.accepted); err != nil {
				t.Fatal(err)
			}
		} else if !os.IsNotExist(err) {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func readCRDs(t *testing.T, dir string) []*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d CRDs, %v", dir, len(files), err)
	}
	var all []*apiextensionsv1.CustomResourceDefinition
	for _, file := range files {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(read(t, file), crd); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, crd)
	}
	return all
}

// plural is the resource of an object's kind.
func (s set) plural(o *unstructured.Unstructured) string {
	at := slices.IndexFunc(s.crds, func(c *apiextensionsv1.CustomResourceDefinition) bool { return c.Spec.Names.Kind == o.GetKind() })
	return s.crds[at].Spec.Names.Plural
}

// key is that of an object in etcd.
func (s set) key(o *unstructured.Unstructured) string {
	return strings.Join([]string{prefix + s.plural(o), o.GetNamespace(), o.GetName()}, "/")
}

// prefix is that of all objects of the group in etcd.
const prefix = "/registry/isms-operator.io/"
