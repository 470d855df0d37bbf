// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
)

// modulePath is the operator's.
const modulePath = "github.com/isms-operator/isms-operator"

// program is one of those that are released.
type program struct {
	name, description, pkg string
	platforms              []string
}

// module is one that a program is built of.
type module struct{ path, version, sum string }

// materials writes a bill of materials in CycloneDX 1.6 for either program: the Go modules of which packages are linked
// on any of its platforms, and the compiler's library. The graph is that of `go mod graph` between these. There is neither
// a time nor a serial number in it, since both would make each build another.
func (r release) materials() error {
	var linux []string
	for _, platform := range r.platforms {
		if strings.HasPrefix(platform, "linux/") {
			linux = append(linux, platform)
		}
	}
	graph, err := r.graph()
	if err != nil {
		return err
	}
	compiler, err := r.golang(nil, "env", "GOVERSION")
	if err != nil {
		return err
	}
	std := module{path: "std", version: strings.TrimPrefix(strings.TrimSpace(compiler), "go")}
	for _, p := range []program{
		{"isms-operator", "The operator", ".", linux},
		{"kubectl-isms", "The plugin of kubectl", "./cmd/kubectl-isms", r.platforms},
	} {
		modules, err := r.modules(p)
		if err != nil {
			return err
		}
		modules[std.path] = std
		if err := r.writeBill(p, modules, graph); err != nil {
			return err
		}
	}
	return nil
}

// modules are those that a program is built of, by path.
func (r release) modules(p program) (map[string]module, error) {
	const of = `{{.Path}} {{.Version}} {{.Sum}}`
	const form = `{{with .Module}}{{if not .Main}}{{with .Replace}}` + of + `{{else}}` + of + `{{end}}{{end}}{{end}}`
	all := map[string]module{}
	for _, platform := range p.platforms {
		goos, goarch, _ := strings.Cut(platform, "/")
		text, err := r.golang([]string{"CGO_ENABLED=0", "GOOS=" + goos, "GOARCH=" + goarch}, "list", "-deps", "-f", form, p.pkg)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(text) {
			if fields := strings.Fields(line); len(fields) == 3 {
				all[fields[0]] = module{fields[0], fields[1], fields[2]}
			} else if len(fields) > 0 {
				return nil, fmt.Errorf("go list: a module without version or sum: %s", line)
			}
		}
	}
	return all, nil
}

// graph says which modules require which, by path; the operator's own has its path.
func (r release) graph() (map[string][]string, error) {
	text, err := r.golang(nil, "mod", "graph")
	if err != nil {
		return nil, err
	}
	required := map[string][]string{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			return nil, fmt.Errorf("go mod graph: %s", line)
		}
		from, _, _ := strings.Cut(fields[0], "@")
		to, _, _ := strings.Cut(fields[1], "@")
		if !slices.Contains(required[from], to) {
			required[from] = append(required[from], to)
		}
	}
	return required, nil
}

func (r release) writeBill(p program, modules map[string]module, graph map[string][]string) error {
	bill := cyclonedx.NewBOM()
	self := module{path: modulePath, version: r.version}
	bill.Metadata = &cyclonedx.Metadata{Component: &cyclonedx.Component{
		BOMRef: self.reference(), Type: cyclonedx.ComponentTypeApplication, Name: p.name, Version: r.version, Description: p.description,
		PackageURL: self.reference(), Licenses: &cyclonedx.Licenses{{License: &cyclonedx.License{ID: "Apache-2.0"}}},
	}}
	components, dependencies := []cyclonedx.Component{}, []cyclonedx.Dependency{}
	requires := func(m module) {
		on := []string{}
		for _, path := range slices.Sorted(slices.Values(graph[m.path])) {
			if other, ok := modules[path]; ok {
				on = append(on, other.reference())
			}
		}
		dependencies = append(dependencies, cyclonedx.Dependency{Ref: m.reference(), Dependencies: &on})
	}
	requires(self)
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		components = append(components, modules[path].component())
		requires(modules[path])
	}
	bill.Components, bill.Dependencies = &components, &dependencies
	var out bytes.Buffer
	encoder := cyclonedx.NewBOMEncoder(&out, cyclonedx.BOMFileFormatJSON).SetPretty(true)
	if err := encoder.EncodeVersion(bill, cyclonedx.SpecVersion1_6); err != nil {
		return err
	}
	return r.write(fmt.Sprintf("%s_%s.cdx.json", p.name, r.version), out.Bytes())
}

// reference is the package URL of a module.
func (m module) reference() string {
	return "pkg:golang/" + m.path + "@" + url.QueryEscape(m.version) + "?type=module"
}

func (m module) component() cyclonedx.Component {
	c := cyclonedx.Component{
		BOMRef: m.reference(), Type: cyclonedx.ComponentTypeLibrary, Name: m.path, Version: m.version,
		Scope: cyclonedx.ScopeRequired, PackageURL: m.reference(),
	}
	if m.sum != "" {
		c.Properties = &[]cyclonedx.Property{{Name: "golang:go.sum", Value: m.sum}}
	}
	return c
}
