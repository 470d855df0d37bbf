// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package samples

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/isms-operator/isms-operator/internal/scaffold"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// The samples for Flux, the one of the repository and those of init, are accepted by the API server with Flux's own CRDs.
func TestFluxSamplesAreAccepted(t *testing.T) {
	env := testenv.Shared(t)
	options := envtest.CRDInstallOptions{Paths: fluxCRDs(t), ErrorIfPathMissing: true}
	if _, err := envtest.InstallCRDs(env.Config, options); err != nil {
		t.Fatal(err)
	}
	c := connect(t, env.Config)
	apply(t, c, manifest{"test", namespace("flux-system")})
	text, err := os.ReadFile(filepath.Join(root, "config", "flux", "kustomization.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	all := parse(t, "config/flux/kustomization.yaml", text)
	all = append(all, parse(t, "init, gitops/flux.yaml", directory(t)["gitops/flux.yaml"])...)
	if len(all) != 3 {
		t.Errorf("%d objects for Flux, want 3", len(all))
	}
	for _, m := range all {
		apply(t, c, m, client.DryRunAll)
	}
}

// fluxCRDs are the directories of Flux's CRDs in the module cache.
func fluxCRDs(t *testing.T) []string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "-C", filepath.Join(root, "hack", "flux"), "mod", "download", "-json",
		"github.com/fluxcd/kustomize-controller", "github.com/fluxcd/source-controller")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	var dirs []string
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var module struct{ Dir string }
		if err := decoder.Decode(&module); errors.Is(err, io.EOF) {
			return dirs
		} else if err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, filepath.Join(module.Dir, "config", "crd", "bases"))
	}
}

// directory is what init writes, offline and with every companion.
func directory(t *testing.T) scaffold.Files {
	t.Helper()
	files, err := scaffold.Render(scaffold.Input{
		Answers: scaffold.Answers{
			Organization: "Acme GmbH", Scope: "acme", Namespace: "isms", Stage2On: "2027-11-22",
			Repository: scaffold.Repository{URL: "https://git.example.com/isms.git", Branch: "main", Path: "isms"},
		},
		Cluster: scaffold.Assume(scaffold.Companions()),
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
