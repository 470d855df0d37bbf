// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/pe"
	"encoding/hex"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestManifest: each platform has its archive, by address and checksum, and no placeholder is left.
func TestManifest(t *testing.T) {
	t.Chdir("../..")
	var archives []archive
	for _, a := range platforms {
		a.File, a.Binary, a.SHA256 = a.OS+"_"+a.Arch, "kubectl-isms", strings.Repeat("0", 63)+"1"
		archives = append(archives, a)
	}
	text, err := manifest("v1.2.3", "https://example.com/download", archives)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Metadata struct{ Name string }
		Spec     struct {
			Version, ShortDescription string
			Platforms                 []struct {
				Selector         struct{ MatchLabels map[string]string }
				URI, SHA256, Bin string
			}
		}
	}
	if err := yaml.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Metadata.Name != "isms" || got.Spec.Version != "v1.2.3" || len(got.Spec.ShortDescription) > 50 {
		t.Errorf("%+v", got)
	}
	if len(got.Spec.Platforms) != len(platforms) {
		t.Fatalf("%d platforms", len(got.Spec.Platforms))
	}
	for i, p := range got.Spec.Platforms {
		if p.URI != "https://example.com/download/v1.2.3/"+archives[i].File || p.SHA256 != archives[i].SHA256 ||
			p.Selector.MatchLabels["os"] != archives[i].OS || p.Bin != "kubectl-isms" {
			t.Errorf("%+v", p)
		}
	}
}

// TestWindows builds the archive that is made on no machine of its kind: a program for Windows and the licence, under the
// names that the manifest for krew has, with the checksum that it names, and times that are times.
func TestWindows(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles everything for another platform")
	}
	t.Chdir("../..")
	dir := t.TempDir()
	i := slices.IndexFunc(platforms, func(a archive) bool { return a.OS == "windows" })
	built, err := build(platforms[i], "v1.2.3", dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "kubectl-isms_v1.2.3_windows_amd64.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != built.SHA256 {
		t.Errorf("the checksum is %x, not %s", sum, built.SHA256)
	}
	files, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	content := map[string][]byte{}
	for _, f := range files.File {
		if !f.Modified.Equal(earliest) {
			t.Errorf("%s is of %s", f.Name, f.Modified)
		}
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if content[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	if names := slices.Sorted(maps.Keys(content)); !slices.Equal(names, []string{"LICENSE", "NOTICE", "kubectl-isms.exe"}) {
		t.Fatalf("it holds %q", names)
	}
	program, err := pe.NewFile(bytes.NewReader(content["kubectl-isms.exe"]))
	if err != nil || program.Machine != pe.IMAGE_FILE_MACHINE_AMD64 {
		t.Errorf("kubectl-isms.exe is no program for Windows on amd64: %v", err)
	}
	licence, err := os.ReadFile("LICENSE")
	if err != nil || !bytes.Equal(licence, content["LICENSE"]) {
		t.Errorf("the licence is another (%v)", err)
	}
	manifest, err := manifest("v1.2.3", "https://example.com", []archive{built})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{built.SHA256, built.File, "bin: kubectl-isms.exe"} {
		if !strings.Contains(string(manifest), part) {
			t.Errorf("the manifest does not say %q:\n%s", part, manifest)
		}
	}
}

// TestArchives: the same members give the same bytes.
func TestArchives(t *testing.T) {
	members := []member{{"a", 0o755, []byte("text")}, {"b", 0o644, nil}}
	for name, pack := range map[string]func([]member) ([]byte, error){"tar": tarball, "zip": zipped} {
		one, err := pack(members)
		if err != nil {
			t.Fatal(err)
		}
		two, err := pack(members)
		if err != nil || !bytes.Equal(one, two) || len(one) == 0 {
			t.Errorf("%s: %d and %d bytes, %v", name, len(one), len(two), err)
		}
	}
}

func TestNamed(t *testing.T) {
	for list, want := range map[string]int{"": len(platforms), "linux/arm64": 1, "windows/arm64,linux/amd64": 2} {
		if got, err := named(list); err != nil || len(got) != want {
			t.Errorf("%q: %d platforms, %v", list, len(got), err)
		}
	}
	for _, list := range []string{"linux", "linux/amd64,", "plan9/amd64"} {
		if got, err := named(list); err == nil {
			t.Errorf("%q: %v", list, got)
		}
	}
}
