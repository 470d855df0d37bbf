// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestIntoDocs: the figures of a page are replaced, whatever stood there, and nothing else.
func TestIntoDocs(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	if err := os.MkdirAll(strings.TrimSuffix(page, ".md"), 0o750); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n" + figuresBegin + "old\n" + figuresEnd + "after\n")
	r := newReport("full", sizes["full"])
	r.add(figure{Point: 1, Name: "information", Measured: 0.5, Unit: "s"})
	r.atMost(1.4, figure{Point: 1, Name: "sync", Measured: 1.1, Unit: "x", Detail: "five runs"})
	r.atMost(0, figure{Point: 6, Name: "writes", Measured: 2})
	r.Curves = []curve{{Name: "growth", Of: "objects", X: []int{10, 20}, Seconds: []float64{1, 2}, Bytes: []int64{1e6, 2e6}}}
	r.Curves = append(r.Curves, r.Curves[0])
	r.Curves[1].Bare = []float64{0.5, 1.5}
	for range 2 {
		if err := r.intoDocs(page); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"before\n" + figuresBegin, "| 1 | information | 0.50 s |  |  |  |\n", "| 1 | sync | 1.10 x | 1.40 | yes | five runs |\n",
		"| 6 | writes | 2 | 0 | **no** |  |\n", "| 20 | 2.00 s | 2.0 MB |\n\n| objects", "| 20 | 2.00 s | 2.0 MB | 1.50 s |\n" + figuresEnd + "after\n",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("want %q in\n%s", want, got)
		}
	}
	if strings.Contains(string(got), "old") || strings.Count(string(got), figuresBegin) != 1 {
		t.Errorf("the old figures are there still:\n%s", got)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(page), "page", "growth.svg")); err != nil {
		t.Error(err)
	}
	write("no place")
	if err := r.intoDocs(page); !errors.Is(err, errNoPlace) {
		t.Error(err)
	}
}

// TestThePageHasAPlace: docs/performance.md can be written into.
func TestThePageHasAPlace(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	if begin, end := strings.Index(string(text), figuresBegin), strings.Index(string(text), figuresEnd); begin < 0 || end < begin {
		t.Error("docs/performance.md has no place for figures")
	}
}
