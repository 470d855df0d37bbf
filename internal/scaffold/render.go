// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/starter"
)

// Files are the contents of a directory, by path with slashes.
type Files map[string][]byte

// Paths are the paths of the files, sorted.
func (f Files) Paths() []string { return slices.Sorted(maps.Keys(f)) }

// Annotations that keep an object in the cluster when its file is gone from Git: Argo CD's for pruning and for the end of
// the Application, and Flux's. Without the one on comparing, the Application would be OutOfSync from then on.
var keep = map[string]string{
	"argocd.argoproj.io/compare-options": "IgnoreExtraneous",
	"argocd.argoproj.io/sync-options":    "Prune=false,Delete=false",
	"kustomize.toolkit.fluxcd.io/prune":  "disabled",
}

// Render renders the directory. It fails where the input is one that the API server would refuse.
func Render(in Input) (Files, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r := &rendering{in: in, files: Files{}}
	for _, part := range []func() error{
		r.controls, r.documents, r.attestations, r.scope, r.cycle, r.rights, r.fixed,
	} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	return r.files, nil
}

type rendering struct {
	in    Input
	files Files
	// written are the Controls of the directory.
	written []*isms.Control
	// kinds are those that their rules read, in the order of the starter.
	kinds []starter.Kind
}

// manifest adds a file with one object.
func (r *rendering) manifest(file string, object any, head string, above comments) error {
	text, err := manifest(object, head, above)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if earlier, ok := r.files[file]; ok {
		text = slices.Concat(earlier, []byte("---\n"), text)
	}
	r.files[file] = text
	return nil
}

// kustomization adds the kustomization of a subdirectory that lists the manifests which it holds so far.
func (r *rendering) kustomization(dir, rest string) {
	var out strings.Builder
	out.WriteString("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n")
	for _, file := range r.files.Paths() {
		if path.Dir(file) == dir && path.Ext(file) == ".yaml" {
			fmt.Fprintf(&out, "- %s\n", path.Base(file))
		}
	}
	out.WriteString(rest)
	r.files[path.Join(dir, "kustomization.yaml")] = []byte(out.String())
}
