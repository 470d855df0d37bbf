// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command template prints what a chart installs, as `helm template` does, for tests and for whoever has no Helm:
//
//	go -C hack/helm run ./template -values my-values.yaml > install.yaml
package main

import (
	"flag"
	"fmt"
	"os"

	"sigs.k8s.io/yaml"

	"github.com/isms-operator/isms-operator/hack/helm/render"
)

func main() {
	chart := flag.String("chart", "../../charts/isms-operator", "directory of the chart")
	name := flag.String("name", "isms-operator", "name of the release")
	namespace := flag.String("namespace", "isms-operator-system", "namespace of the release")
	values := flag.String("values", "", "file with values")
	flag.Parse()
	if err := run(*chart, *name, *namespace, *values); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(chart, name, namespace, values string) error {
	r := render.Release{Name: name, Namespace: namespace}
	if values != "" {
		text, err := os.ReadFile(values)
		if err != nil {
			return fmt.Errorf("values: %w", err)
		}
		if err := yaml.UnmarshalStrict(text, &r.Values); err != nil {
			return fmt.Errorf("values: %w", err)
		}
	}
	files, err := render.Chart(chart, r)
	if err != nil {
		return err
	}
	for _, f := range files {
		fmt.Printf("---\n# Source: %s\n%s\n", f.Name, f.Text)
	}
	return nil
}
