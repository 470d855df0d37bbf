// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
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
