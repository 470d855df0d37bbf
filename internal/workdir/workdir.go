// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package workdir reads and writes the files of one directory, and nothing outside it: a path or a symbolic link that
// leads out is refused.
package workdir

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Dir is an open directory.
type Dir struct {
	root *os.Root
}

// Open opens a directory. Where there is none, it makes it, or else returns nil.
func Open(name string, create bool) (*Dir, error) {
	if create {
		if err := os.MkdirAll(name, 0o755); err != nil {
			return nil, fmt.Errorf("make the directory: %w", err)
		}
	}
	root, err := os.OpenRoot(name)
	if errors.Is(err, fs.ErrNotExist) && !create {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the directory: %w", err)
	}
	return &Dir{root}, nil
}

// Close releases the directory.
func (d *Dir) Close() error { return d.root.Close() }

// Visible names what the directory itself holds, but for names that begin with a dot.
func (d *Dir) Visible() ([]string, error) {
	entries, err := fs.ReadDir(d.root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("list the directory: %w", err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Read reads those of the files that exist, by path with slashes.
func (d *Dir) Read(paths []string) (map[string][]byte, error) {
	found := map[string][]byte{}
	for _, p := range paths {
		content, err := d.root.ReadFile(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read a file: %w", err)
		}
		found[p] = content
	}
	return found, nil
}

// Write replaces a file, or makes it with the directories above it. Whoever reads it meanwhile, or after a crash, finds
// the old content or the new one.
func (d *Dir) Write(name string, content []byte) error {
	if err := d.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	temporary := path.Join(path.Dir(name), "."+path.Base(name)+"."+rand.Text())
	if err := d.writeNew(temporary, content); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), d.forget(temporary))
	}
	if err := d.root.Rename(temporary, name); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), d.forget(temporary))
	}
	return nil
}

func (d *Dir) writeNew(name string, content []byte) error {
	file, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

func (d *Dir) forget(name string) error {
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
