// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestEnsure(t *testing.T) {
	broken := errors.New("compiler on fire")
	tests := map[string]struct {
		override, cache  []string // files that are there; nil: no such directory
		sources          []source
		want             string // override or cache
		wantErr, wantLog string
	}{
		"override complete": {
			override: []string{"a", "b"}, cache: []string{"a", "b"},
			want: "override",
		},
		"override incomplete": {
			override: []string{"a"}, cache: []string{"a", "b"},
			want: "cache", wantLog: "KUBEBUILDER_ASSETS lacks b: not used",
		},
		"cache complete, no source asked": {
			cache: []string{"a", "b"}, sources: []source{failing(broken)},
			want: "cache",
		},
		"filled from the first source": {
			sources: []source{writing("a", "b"), failing(broken)},
			want:    "cache",
		},
		"first source not available": {
			sources: []source{failing(fmt.Errorf("prebuilt: %w: no route", errNotAvailable)), writing("a", "b")},
			want:    "cache", wantLog: "prebuilt: not available: no route",
		},
		"sources complete each other": {
			cache:   []string{"a"},
			sources: []source{writing("c"), writing("b")},
			want:    "cache",
		},
		"source fails": {
			sources: []source{failing(broken), writing("a", "b")},
			wantErr: "compiler on fire",
		},
		"nothing provides it": {
			sources: []source{writing("a")},
			wantErr: "cannot provide b",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var log bytes.Buffer
			r := &resolver{
				cache:    filepath.Join(dir, "cache"),
				required: []string{"a", "b"},
				sources:  test.sources,
				log:      &log,
			}
			place(t, r.cache, test.cache)
			if test.override != nil {
				r.override = filepath.Join(dir, "override")
				place(t, r.override, test.override)
			}
			got, err := r.ensure(context.Background())
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("error %v, want %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := filepath.Join(dir, test.want); got != want {
				t.Errorf("directory %s, want %s", got, want)
			}
			if lacking := missing(got, r.required); len(lacking) > 0 {
				t.Errorf("%s lacks %v", got, lacking)
			}
			if !strings.Contains(log.String(), test.wantLog) {
				t.Errorf("log %q, want %q", log.String(), test.wantLog)
			}
		})
	}
}

func TestEnsureAsksOnlyForWhatIsMissing(t *testing.T) {
	var asked []string
	r := &resolver{
		cache:    filepath.Join(t.TempDir(), "cache"),
		required: []string{"a", "b"},
		log:      &bytes.Buffer{},
		sources: []source{func(ctx context.Context, names []string, dir string) error {
			asked = names
			return writing(names...)(ctx, names, dir)
		}},
	}
	place(t, r.cache, []string{"a"})
	if _, err := r.ensure(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(asked, []string{"b"}) {
		t.Errorf("asked for %v, want b", asked)
	}
}

func TestEnsureLeavesNoPartsBehind(t *testing.T) {
	r := &resolver{
		cache:    filepath.Join(t.TempDir(), "cache"),
		required: []string{"a", "b"},
		log:      &bytes.Buffer{},
		sources: []source{func(ctx context.Context, names []string, dir string) error {
			_ = writing("a")(ctx, names, dir)
			return errors.New("interrupted")
		}},
	}
	if _, err := r.ensure(context.Background()); err == nil {
		t.Fatal("no error")
	}
	if lacking := missing(r.cache, r.required); !slices.Equal(lacking, r.required) {
		t.Errorf("the cache lacks %v only", lacking)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(r.cache), ".incomplete-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestEnsureTwiceAtOnceFillsOnce(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "cache")
	var filled atomic.Int32
	fill := func(ctx context.Context, names []string, dir string) error {
		filled.Add(1)
		return writing(names...)(ctx, names, dir)
	}
	var runs sync.WaitGroup
	for range 8 {
		runs.Go(func() {
			r := &resolver{cache: cache, required: []string{"a", "b"}, sources: []source{fill}, log: &bytes.Buffer{}}
			if _, err := r.ensure(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	if got := filled.Load(); got != 1 {
		t.Errorf("filled %d times", got)
	}
}

func TestMissingWantsExecutableFiles(t *testing.T) {
	dir := t.TempDir()
	place(t, dir, []string{"good"})
	if err := os.WriteFile(filepath.Join(dir, "plain"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "directory"), 0o755); err != nil {
		t.Fatal(err)
	}
	got := missing(dir, []string{"plain", "good", "directory", "absent"})
	if want := []string{"plain", "directory", "absent"}; !slices.Equal(got, want) {
		t.Errorf("missing %v, want %v", got, want)
	}
}

func writing(files ...string) source {
	return func(_ context.Context, _ []string, dir string) error {
		for _, file := range files {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(file), 0o755); err != nil {
				return err
			}
		}
		return nil
	}
}

func failing(err error) source {
	return func(context.Context, []string, string) error { return err }
}

func place(t *testing.T, dir string, files []string) {
	t.Helper()
	if files == nil {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := writing(files...)(context.Background(), nil, dir); err != nil {
		t.Fatal(err)
	}
}
