// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command plugin builds kubectl-isms for each platform into archives, and fills in the manifest for krew with their
// checksums. The same sources, version and compiler give the same bytes.
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"
)

// archive is that of one platform.
type archive struct {
	OS, Arch string
	// File is the name of the archive, Binary that of the program in it.
	File, Binary, SHA256 string
}

// platforms are those for which the plugin is built.
var platforms = []archive{
	{OS: "linux", Arch: "amd64"},
	{OS: "linux", Arch: "arm64"},
	{OS: "darwin", Arch: "amd64"},
	{OS: "darwin", Arch: "arm64"},
	{OS: "windows", Arch: "amd64"},
	{OS: "windows", Arch: "arm64"},
}

// member is a file in an archive.
type member struct {
	name string
	mode os.FileMode
	text []byte
}

func main() {
	version := flag.String("version", "v0.1.0", "version of the release")
	url := flag.String("url", "https://github.com/isms-operator/isms-operator/releases/download",
		"where the archives will be, without the version")
	out := flag.String("out", "bin/plugin", "directory of the archives and of the manifest")
	only := flag.String("platforms", "", "platforms, such as linux/amd64,darwin/arm64; empty: all")
	flag.Parse()
	if err := release(*version, *url, *out, *only); err != nil {
		fmt.Fprintln(os.Stderr, "plugin:", err)
		os.Exit(1)
	}
}

// release builds all archives and the manifest, from the root of the module.
func release(version, url, out, only string) error {
	wanted, err := named(only)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o750); err != nil {
		return err
	}
	var archives []archive
	for _, a := range wanted {
		built, err := build(a, version, out)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", a.OS, a.Arch, err)
		}
		fmt.Printf("%s  %s\n", built.SHA256, filepath.Join(out, built.File))
		archives = append(archives, built)
	}
	text, err := manifest(version, url, archives)
	if err != nil {
		return err
	}
	return write(filepath.Join(out, "isms.yaml"), text)
}

// named are the platforms of a list such as linux/amd64,darwin/arm64, all of them if it is empty.
func named(list string) ([]archive, error) {
	if list == "" {
		return platforms, nil
	}
	var out []archive
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(platforms, func(a archive) bool { return a.OS+"/"+a.Arch == name })
		if i < 0 {
			return nil, fmt.Errorf("%q is not among the platforms", name)
		}
		out = append(out, platforms[i])
	}
	return out, nil
}

// build compiles the plugin for a platform and packs it.
func build(a archive, version, out string) (archive, error) {
	a.Binary = "kubectl-isms"
	if a.OS == "windows" {
		a.Binary += ".exe"
	}
	dir, err := os.MkdirTemp("", "kubectl-isms-")
	if err != nil {
		return a, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // A directory of the system's.
	binary := filepath.Join(dir, a.Binary)
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -X main.release="+version,
		"-o", binary, "./cmd/kubectl-isms")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+a.OS, "GOARCH="+a.Arch)
	if text, err := command.CombinedOutput(); err != nil {
		return a, fmt.Errorf("go build: %w\n%s", err, text)
	}
	members := []member{
		{name: a.Binary, mode: 0o755},
		{name: "LICENSE", mode: 0o644},
		{name: "NOTICE", mode: 0o644},
		{name: "kubectl_complete-isms", mode: 0o755},
	}
	for i, file := range []string{binary, "LICENSE", "NOTICE", "hack/plugin/kubectl_complete-isms"} {
		if members[i].text, err = os.ReadFile(file); err != nil {
			return a, err
		}
	}
	pack, suffix := tarball, ".tar.gz"
	if a.OS == "windows" {
		pack, suffix, members = zipped, ".zip", members[:3] // completion is a script for a shell
	}
	text, err := pack(members)
	if err != nil {
		return a, err
	}
	a.File = fmt.Sprintf("kubectl-isms_%s_%s_%s%s", version, a.OS, a.Arch, suffix)
	sum := sha256.Sum256(text)
	a.SHA256 = hex.EncodeToString(sum[:])
	return a, write(filepath.Join(out, a.File), text)
}

// write makes a file that everybody may read, since it is published.
func write(path string, text []byte) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}

// tarball has no times and no owners, so that it depends on its members alone.
func tarball(members []member) ([]byte, error) {
	var out bytes.Buffer
	zipper := gzip.NewWriter(&out)
	writer := tar.NewWriter(zipper)
	for _, m := range members {
		header := &tar.Header{Name: m.name, Mode: int64(m.mode), Size: int64(len(m.text)), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if err := writer.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := writer.Write(m.text); err != nil {
			return nil, err
		}
	}
	err := errors.Join(writer.Close(), zipper.Close())
	return out.Bytes(), err
}

// earliest is the first time that a zip archive can hold: none would be day 0 of month 0, at which some programs stumble.
var earliest = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// zipped has one time throughout, so that it depends on its members alone.
func zipped(members []member) ([]byte, error) {
	var out bytes.Buffer
	writer := zip.NewWriter(&out)
	for _, m := range members {
		header := &zip.FileHeader{Name: m.name, Method: zip.Deflate, Modified: earliest}
		header.SetMode(m.mode)
		file, err := writer.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := file.Write(m.text); err != nil {
			return nil, err
		}
	}
	err := writer.Close()
	return out.Bytes(), err
}

// manifest fills in the template for krew.
func manifest(version, url string, archives []archive) ([]byte, error) {
	form, err := template.ParseFiles("hack/plugin/krew.yaml.tmpl")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = form.Execute(&out, struct {
		Version, URL string
		Archives     []archive
	}{version, url, archives})
	return out.Bytes(), err
}
