// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package render renders a chart as `helm template` does.
package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
)

// Release is what a chart is installed as.
type Release struct {
	Name, Namespace string
	Values          map[string]any
}

// File is one rendered template, of none or several YAML documents.
type File struct{ Name, Text string }

// Chart renders the chart in a directory, sorted by the names of its templates. Values that its schema refuses are an
// error.
func Chart(dir string, r Release) ([]File, error) {
	c, err := loader.Load(dir)
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	options := common.ReleaseOptions{Name: r.Name, Namespace: r.Namespace, IsInstall: true}
	all, err := util.ToRenderValues(c, r.Values, options, nil)
	if err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	files, err := engine.Render(c, all)
	if err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	var out []File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(name, ".yaml") {
			out = append(out, File{name, files[name]})
		}
	}
	return out, nil
}
