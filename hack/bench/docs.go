// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// What the bench writes into a page stands between these lines.
const (
	figuresBegin = "<!-- figures: make bench BENCH_FLAGS=\"-docs docs/performance.md\" -->\n"
	figuresEnd   = "<!-- end of figures -->\n"
)

var errNoPlace = errors.New("the page has no place for figures: it stands between two comments")

// intoDocs replaces the figures of a page, and the plots in the directory that is named as the page is.
func (r *report) intoDocs(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return fmt.Errorf("docs: %w", err)
	}
	before, rest, begins := strings.Cut(string(text), figuresBegin)
	_, after, ends := strings.Cut(rest, figuresEnd)
	if !begins || !ends {
		return errNoPlace
	}
	dir, name := filepath.Split(page)
	whole := before + figuresBegin + r.markdown(time.Now()) + figuresEnd + after
	if err := os.WriteFile(page, []byte(whole), 0o600); err != nil {
		return fmt.Errorf("docs: %w", err)
	}
	plots := filepath.Join(dir, strings.TrimSuffix(name, filepath.Ext(name)))
	for _, c := range r.Curves {
		if err := writeFile(plots, c.Name+".svg", c.svg()); err != nil {
			return err
		}
	}
	return nil
}

// markdown is the report as two kinds of tables.
func (r *report) markdown(now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "One run on %s: %.1f minutes, %d processors, %s.\n\n", now.Format("2 January 2006"), r.Minutes, r.Processors, r.Go)
	b.WriteString("| point | figure | measured | bound | held | |\n|---|---|---|---|---|---|\n")
	for _, f := range r.Figures {
		bound, held := "", ""
		if f.Bound != nil {
			bound, held = number(*f.Bound), "yes"
			if !*f.Held {
				held = "**no**"
			}
		}
		measured := strings.TrimSpace(number(f.Measured) + " " + f.Unit)
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %s |\n", f.Point, f.Name, measured, bound, held, f.Detail)
	}
	for _, c := range r.Curves {
		head, line := "| %s | time | heap |", "|---|---|---|"
		if c.Bare != nil {
			head, line = head+" bare reflector |", line+"---|"
		}
		fmt.Fprintf(&b, "\n"+head+"\n"+line+"\n", c.Of)
		for i, x := range c.X {
			fmt.Fprintf(&b, "| %d | %.2f s | %.1f MB |", x, c.Seconds[i], float64(c.Bytes[i])/1e6)
			if c.Bare != nil {
				fmt.Fprintf(&b, " %.2f s |", c.Bare[i])
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
