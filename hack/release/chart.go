// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/chart/v2/util"
)

// epoch is the time of all files in archives, so that they depend on what is in them alone: the first that zip knows.
var epoch = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// chart packs the chart, with the version of the release as its own and as that of the image.
func (r release) chart() error {
	c, err := loader.Load(filepath.Join(r.root, "charts", "isms-operator"))
	if err != nil {
		return err
	}
	c.Metadata.Version, c.Metadata.AppVersion = strings.TrimPrefix(r.version, "v"), r.version
	c.ModTime, c.SchemaModTime = epoch, epoch
	for _, files := range [][]*common.File{c.Raw, c.Templates, c.Files} {
		for _, file := range files {
			file.ModTime = epoch
		}
	}
	_, err = util.Save(c, r.out)
	return err
}
