// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package upgrade

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/test/inprocess"
)

// samples are those of which the set's ISMS consists: every kind, and controls of every sort of evidence.
var samples = []string{
	"evidence-reader", "scope", "auditcycle", "risks", "registers", "findings", "controls/access", "controls/technology-networks",
	"documents/policies", "attestations/platform", "attestations/control-reviews",
}

// TestFreeze makes the set of a release, with -freeze=v0.1.0; without, it does nothing. The operator assesses an ISMS of the
// samples until its log has a checkpoint; beside it there are the manifests of test/admission that have every field.
func TestFreeze(t *testing.T) {
	if *freeze == "" {
		t.Skip("-freeze names no release")
	}
	if !regexp.MustCompile(`^v\d+\.\d+\.\d+$`).MatchString(*freeze) {
		t.Fatalf("%q is no version such as v0.1.0", *freeze)
	}
	u := newCluster(t, set{release: *freeze, crds: readCRDs(t, presentCRDs)})
	u.install(u.crds)
	u.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: "shop", Labels: map[string]string{"isms-operator.io/scope": "isms.acme-platform"},
	}})
	for _, name := range samples {
		u.apply(home, filepath.Join("../../config/samples", name+".yaml"))
	}
	for _, kind := range u.crds {
		u.apply(fields, filepath.Join("../admission/testdata/valid", kind.Spec.Names.Singular+".yaml"))
	}
	version, c := isms.Version(strings.TrimPrefix(*freeze, "v")), &inprocess.Clock{}
	o := startOperator(t, u.env.Config, version, c)
	eventually(t, u.unassessed)
	o.Stop(t)
	c.Step(25 * time.Hour) // over the end of a day
	o = startOperator(t, u.env.Config, version, c)
	eventually(t, u.unsealed)
	o.Stop(t)
	u.save()
}

// apply applies the manifests of a file in a namespace.
func (u *cluster) apply(namespace, file string) {
	u.Helper()
	for decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(read(u.T, file)), 4096); ; {
		o := &unstructured.Unstructured{}
		err := decoder.Decode(&o.Object)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			u.Fatalf("%s: %v", file, err)
		}
		if o.Object == nil {
			continue // nothing but a comment
		}
		if !strings.HasPrefix(o.GetKind(), "Cluster") {
			o.SetNamespace(namespace)
		}
		delete(o.Object, "status")
		for _, subject := range subjects(o) {
			subject.(map[string]any)["namespace"] = namespace
		}
		if err := u.client.Apply(u.Context(), client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("git")); err != nil {
			u.Fatalf("%s: %v", file, err)
		}
	}
}

// subjects are those of a binding, which a kustomization gives their namespace.
func subjects(o *unstructured.Unstructured) []any {
	all, _, _ := unstructured.NestedSlice(o.Object, "subjects")
	if all != nil {
		o.Object["subjects"] = all
	}
	return all
}

// unassessed says which object the operator has not assessed yet.
func (u *cluster) unassessed() string {
	for _, crd := range u.crds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(isms.GroupVersion.WithKind(crd.Spec.Names.ListKind))
		if err := u.client.List(u.Context(), list, client.InNamespace(home)); err != nil {
			return err.Error()
		}
		for _, o := range list.Items {
			generation, _, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
			if generation != o.GetGeneration() && o.GetKind() != "EvidenceLog" {
				return fmt.Sprintf("%s %s is not assessed", o.GetKind(), o.GetName())
			}
		}
	}
	return ""
}

// unsealed says that there is no checkpoint yet.
func (u *cluster) unsealed() string {
	var logs isms.EvidenceLogList
	if err := u.client.List(u.Context(), &logs, client.InNamespace(home)); err != nil {
		return err.Error()
	}
	for _, report := range ledger.Verify(logs.Items, ledger.Options{}) {
		if report.Checkpoints > 0 {
			return ""
		}
	}
	return "the log has no checkpoint"
}

// save writes the set to testdata, in place of an earlier one of the release.
func (u *cluster) save() {
	u.Helper()
	stored, err := u.env.Stored(u.Context(), prefix)
	if err != nil {
		u.Fatal(err)
	}
	var lines bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(stored)) {
		if bytes.Count(stored[key], []byte("\n")) != 1 {
			u.Fatalf("%s is not stored as a line", key)
		}
		lines.Write(stored[key])
	}
	crds := filepath.Join(dir(u.release), "crds")
	if err := errors.Join(os.RemoveAll(crds), os.MkdirAll(crds, 0o755)); err != nil {
		u.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(presentCRDs, "*.yaml"))
	if err != nil {
		u.Fatal(err)
	}
	for _, file := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(crds, filepath.Base(file)), read(u.T, file), 0o644))
	}
	err = errors.Join(err, os.WriteFile(filepath.Join(dir(u.release), "objects.jsonl"), lines.Bytes(), 0o644))
	if err != nil {
		u.Fatal(err)
	}
	u.Logf("%s: %d objects, %d bytes", dir(u.release), len(stored), lines.Len())
}
