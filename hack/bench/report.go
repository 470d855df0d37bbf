// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"text/tabwriter"
	"time"
)

// figure is one measured number beside its bound, which it must not exceed. Without a bound it is information.
type figure struct {
	Point    int      `json:"point"`
	Name     string   `json:"name"`
	Measured float64  `json:"measured"`
	Unit     string   `json:"unit,omitempty"`
	Bound    *float64 `json:"bound,omitempty"`
	Held     *bool    `json:"held,omitempty"`
	Detail   string   `json:"detail,omitempty"`
}

// curve is one growth: seconds and bytes against a number of something.
type curve struct {
	Name    string    `json:"name"`
	Of      string    `json:"of"`
	X       []int     `json:"x"`
	Seconds []float64 `json:"seconds"`
	Bytes   []int64   `json:"heapBytes"`
	// Bare are the seconds of a bare reflector over the same objects, where they were taken.
	Bare []float64 `json:"bareSeconds,omitempty"`
}

// report is what was measured, where and with what.
type report struct {
	Size       string   `json:"size"`
	Settings   settings `json:"settings"`
	Processors int      `json:"processors"`
	Go         string   `json:"go"`
	Minutes    float64  `json:"minutes"`
	Figures    []figure `json:"figures"`
	Curves     []curve  `json:"curves,omitempty"`

	mu    sync.Mutex
	start time.Time
}

func newReport(size string, s settings) *report {
	return &report{Size: size, Settings: s, Processors: runtime.NumCPU(), Go: runtime.Version(), start: time.Now()}
}

// say tells of progress.
func (r *report) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%6.1f s  %s\n", time.Since(r.start).Seconds(), fmt.Sprintf(format, args...))
}

// atMost adds a figure with a bound.
func (r *report) atMost(bound float64, f figure) {
	held := f.Measured <= bound
	f.Bound, f.Held = &bound, &held
	r.add(f)
}

// add adds a figure.
func (r *report) add(f figure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Figures = append(r.Figures, f)
	r.say("%d %s: %s %s %s", f.Point, f.Name, number(f.Measured), f.Unit, f.Detail)
}

func (r *report) missed() int {
	n := 0
	for _, f := range r.Figures {
		if f.Held != nil && !*f.Held {
			n++
		}
	}
	return n
}

func (r *report) print(to io.Writer) error {
	slices.SortStableFunc(r.Figures, func(a, b figure) int { return a.Point - b.Point })
	fmt.Fprintf(to, "size %s, %d processors, %s, %.1f minutes\n\n", r.Size, r.Processors, r.Go, r.Minutes)
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "POINT\tFIGURE\tMEASURED\tBOUND\tHELD\tDETAIL")
	for _, f := range r.Figures {
		bound, held := "", ""
		if f.Bound != nil {
			bound, held = number(*f.Bound), "yes"
			if !*f.Held {
				held = "NO"
			}
		}
		fmt.Fprintf(w, "%d\t%s\t%s %s\t%s\t%s\t%s\n", f.Point, f.Name, number(f.Measured), f.Unit, bound, held, f.Detail)
	}
	for _, c := range r.Curves {
		fmt.Fprintf(w, "\n%s\tSECONDS\tHEAP\t\t\t\n", c.Of)
		for i, x := range c.X {
			fmt.Fprintf(w, "%d\t%.2f s\t%.1f MB\t\t\t\n", x, c.Seconds[i], float64(c.Bytes[i])/1e6)
		}
	}
	return w.Flush()
}

func number(f float64) string {
	switch {
	case f == math.Trunc(f):
		return strconv.FormatFloat(f, 'f', -1, 64)
	case math.Abs(f) >= 100:
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}

// write writes the table, the JSON and the plots to a directory.
func (r *report) write(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	text, err := os.Create(filepath.Join(dir, "report.txt"))
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	defer func() { _ = text.Close() }()
	if err := r.print(text); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := writeFile(dir, "report.json", append(raw, '\n')); err != nil {
		return err
	}
	for _, c := range r.Curves {
		if err := writeFile(dir, c.Name+".svg", c.svg()); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(dir, name string, text []byte) error {
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// median of what is not empty.
func median(all []float64) float64 { return quantile(all, 0.5) }

// quantile by the nearest rank.
func quantile(all []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	rank := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[max(rank, 0)]
}
