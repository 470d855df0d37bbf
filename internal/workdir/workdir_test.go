// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package workdir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func open(t *testing.T, name string) *Dir {
	t.Helper()
	d, err := Open(name, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWriteAndRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "new", "isms")
	d := open(t, name)
	for _, content := range []string{"first", "second"} {
		if err := d.Write("controls/a.yaml", []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := d.Read([]string{"controls/a.yaml", "controls/b.yaml"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string][]byte{"controls/a.yaml": []byte(content)}, got); diff != "" {
			t.Error(diff)
		}
	}
	entries, err := os.ReadDir(filepath.Join(name, "controls"))
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
}

// A path or a link that leads out of the directory is refused, and nothing outside is changed.
func TestNothingOutsideIsTouched(t *testing.T) {
	base := t.TempDir()
	outside := filepath.Join(base, "outside")
	put(t, filepath.Join(outside, "file"), "theirs")
	d := open(t, filepath.Join(base, "isms"))
	if err := os.Symlink(outside, filepath.Join(base, "isms", "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../outside/file", "link/file", "link/new"} {
		if err := d.Write(name, []byte("ours")); err == nil {
			t.Errorf("%s is written", name)
		}
		if _, err := d.Read([]string{name}); err == nil && name != "link/new" {
			t.Errorf("%s is read", name)
		}
	}
	got, err := os.ReadFile(filepath.Join(outside, "file"))
	if err != nil || string(got) != "theirs" {
		t.Errorf("the file outside holds %q, %v", got, err)
	}
}

// A file that can't be replaced leaves nothing behind.
func TestWriteLeavesNothingBehind(t *testing.T) {
	name := t.TempDir()
	put(t, filepath.Join(name, "taken", "file"), "")
	if err := open(t, name).Write("taken", []byte("x")); err == nil {
		t.Error("a directory is replaced by a file")
	}
	entries, err := os.ReadDir(name)
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
}

func TestOpenWithoutMaking(t *testing.T) {
	name := filepath.Join(t.TempDir(), "new")
	if d, err := Open(name, false); d != nil || err != nil {
		t.Errorf("it opens %v, %v", d, err)
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("the directory was made: %v", err)
	}
}

func TestVisible(t *testing.T) {
	name := t.TempDir()
	put(t, filepath.Join(name, ".git", "HEAD"), "")
	put(t, filepath.Join(name, "README.md"), "")
	got, err := open(t, name).Visible()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"README.md"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFindCheckout(t *testing.T) {
	const remote = "[core]\n\tbare = false\n[remote \"other\"]\n\turl = https://other.example.com/x.git\n[remote \"origin\"]\n\turl = %\n\tfetch = x\n"
	tests := map[string]struct {
		head, origin, dir string
		want              Checkout
	}{
		"a directory of it": {
			"ref: refs/heads/main\n", "https://git.example.com/acme/isms.git", "deploy/isms",
			Checkout{URL: "https://git.example.com/acme/isms.git", Branch: "main", Path: "deploy/isms"},
		},
		"its root, a token in the address": {
			"ref: refs/heads/a/b\n", "https://me:t0ken@git.example.com/isms.git?x=t0ken", ".",
			Checkout{URL: "https://git.example.com/isms.git", Branch: "a/b", Path: "."},
		},
		"by SSH, no branch": {
			"0123456789abcdef\n", "git@git.example.com:acme/isms.git", ".",
			Checkout{URL: "git@git.example.com:acme/isms.git", Path: "."},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			put(t, filepath.Join(top, ".git", "HEAD"), tc.head)
			put(t, filepath.Join(top, ".git", "config"), strings.Replace(remote, "%", tc.origin, 1))
			got, err := FindCheckout(filepath.Join(top, tc.dir))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("no configuration", func(t *testing.T) {
		top := t.TempDir()
		put(t, filepath.Join(top, ".git", "HEAD"), "ref: refs/heads/main\n")
		got, err := FindCheckout(top)
		if diff := cmp.Diff(Checkout{Branch: "main", Path: "."}, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}
