// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// errNotAvailable is what a source says of binaries that it can't provide here; the next source is asked.
var errNotAvailable = errors.New("not available")

// A source puts the named binaries, or some of them, into dir.
type source func(ctx context.Context, names []string, dir string) error

// resolver finds a directory with the required binaries, or fills the cache from its sources, in their order.
type resolver struct {
	override string // KUBEBUILDER_ASSETS
	cache    string
	required []string
	sources  []source
	log      io.Writer
}

func (r *resolver) ensure(ctx context.Context) (string, error) {
	if r.override != "" {
		lacking := missing(r.override, r.required)
		if len(lacking) == 0 {
			return r.override, nil
		}
		fmt.Fprintf(r.log, "KUBEBUILDER_ASSETS lacks %s: not used\n", strings.Join(lacking, ", "))
	}
	if len(missing(r.cache, r.required)) == 0 {
		return r.cache, nil
	}
	if err := os.MkdirAll(r.cache, 0o755); err != nil {
		return "", fmt.Errorf("make the cache: %w", err)
	}
	unlock, err := lock(r.cache+".lock", func() {
		fmt.Fprintln(r.log, "another run prepares the control plane: waiting for it")
	})
	if err != nil {
		return "", err
	}
	defer unlock()
	return r.cache, r.fill(ctx)
}

// fill runs while the lock is held. What another run has provided meanwhile is taken as it is.
func (r *resolver) fill(ctx context.Context) error {
	for _, source := range r.sources {
		lacking := missing(r.cache, r.required)
		if len(lacking) == 0 {
			return nil
		}
		err := r.fillFrom(ctx, source, lacking)
		switch {
		case errors.Is(err, errNotAvailable):
			fmt.Fprintln(r.log, err)
		case err != nil:
			return err
		}
	}
	if lacking := missing(r.cache, r.required); len(lacking) > 0 {
		return fmt.Errorf("cannot provide %s", strings.Join(lacking, ", "))
	}
	return nil
}

// fillFrom lets the source write beside the cache, and moves only whole files into it: an interrupted run leaves
// nothing that the next one would take for a binary.
func (r *resolver) fillFrom(ctx context.Context, source source, names []string) error {
	work, err := os.MkdirTemp(filepath.Dir(r.cache), ".incomplete-")
	if err != nil {
		return fmt.Errorf("make a directory for the binaries: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	failure := source(ctx, names, work)
	for _, name := range names {
		from := filepath.Join(work, name)
		if _, err := os.Stat(from); err != nil || failure != nil && !errors.Is(failure, errNotAvailable) {
			continue
		}
		if err := os.Rename(from, filepath.Join(r.cache, name)); err != nil {
			return fmt.Errorf("move %s into the cache: %w", name, err)
		}
	}
	return failure
}

// missing are the names that are no executable file in dir, in the order given.
func missing(dir string, names []string) []string {
	var lacking []string
	for _, name := range names {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
			lacking = append(lacking, name)
		}
	}
	return lacking
}
