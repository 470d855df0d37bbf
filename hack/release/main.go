// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command release makes what a release consists of: the install manifest, the chart, the archives of the plugin with
// their manifest for krew, a bill of materials of either program, and the checksums of all these. The same sources and
// compiler give the same bytes, wherever they lie. It is a module of its own, so that the operator needs neither Helm nor
// kustomize.
package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// sumsFile has the checksums, in the format of sha256sum.
const sumsFile = "SHA256SUMS"

// release is one that is made.
type release struct {
	// version is that of Git, such as v0.1.0; the chart's has no v.
	version string
	// root is the directory of the project, out that of the artefacts.
	root, out string
	// platforms are those of the programs, such as linux/amd64.
	platforms []string
}

// semver is what both Helm and Go modules take for a version; build metadata has no place in an image's tag.
var semver = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)

func main() {
	version := flag.String("version", "", "version of the release, such as v0.1.0")
	root := flag.String("root", "../..", "directory of the project")
	out := flag.String("out", "", "directory of the artefacts; what is in it is deleted first")
	platforms := flag.String("platforms", "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64",
		"platforms of the plugin, separated by commas; the operator's are those of Linux")
	flag.Parse()
	r := release{version: *version, root: *root, out: *out, platforms: strings.Split(*platforms, ",")}
	if err := r.make(); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// make makes all artefacts, and the checksums last.
func (r release) make() error {
	if !semver.MatchString(r.version) {
		return fmt.Errorf("%q is no version such as v0.1.0", r.version)
	}
	if r.out == "" {
		return errors.New("-out is missing")
	}
	if err := errors.Join(os.RemoveAll(r.out), os.MkdirAll(r.out, 0o755)); err != nil {
		return err
	}
	for _, step := range []func() error{r.manifest, r.chart, r.plugin, r.materials, r.sums} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// plugin has hack/plugin build the archives and the manifest for krew.
func (r release) plugin() error {
	out, err := filepath.Abs(r.out)
	if err != nil {
		return err
	}
	_, err = r.golang(nil, "run", "-buildvcs=false", "./hack/plugin",
		"-version", r.version, "-out", out, "-platforms", strings.Join(r.platforms, ","))
	return err
}

// write writes an artefact.
func (r release) write(name string, text []byte) error {
	return os.WriteFile(filepath.Join(r.out, name), text, 0o644)
}

// sums writes the checksums of all artefacts, by name.
func (r release) sums() error {
	entries, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(r.out, entry.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(text), entry.Name())
	}
	fmt.Print(lines.String())
	return r.write(sumsFile, []byte(lines.String()))
}

// golang runs go in the project's directory, and returns what it prints.
func (r release) golang(environment []string, args ...string) (string, error) {
	command := exec.Command("go", args...)
	command.Dir, command.Env = r.root, append(os.Environ(), environment...)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, stderr.String())
	}
	return string(out), nil
}
