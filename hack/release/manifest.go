// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"

	"sigs.k8s.io/kustomize/api/filters/imagetag"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// image is the operator's, without its tag.
const image = "ghcr.io/isms-operator/isms-operator"

// manifestFile is config/default as one file, for `kubectl apply --server-side -f`.
const manifestFile = "install.yaml"

// manifest renders config/default with the image of the release, namespaces and CRDs first.
func (r release) manifest() error {
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy
	resources, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), filepath.Join(r.root, "config", "default"))
	if err != nil {
		return err
	}
	if err := resources.ApplyFilter(imagetag.LegacyFilter{ImageTag: types.Image{Name: image, NewTag: r.version}}); err != nil {
		return err
	}
	text, err := resources.AsYaml()
	if err != nil {
		return err
	}
	header := fmt.Sprintf("# isms-operator %s: kubectl apply --server-side -f %s\n", r.version, manifestFile)
	return r.write(manifestFile, append([]byte(header), text...))
}
