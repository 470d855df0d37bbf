// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"math"
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/go-logr/logr"
)

// TestFlagsThatAreRefused: what would keep the operator from its work is refused at the start, before it looks for a cluster.
func TestFlagsThatAreRefused(t *testing.T) {
	t.Setenv("KUBECONFIG", t.TempDir()+"/none")
	for want, args := range map[string][]string{
		"--log-entries-per-hour must be 1 or more, and --log-dwell not negative":                 {"--log-entries-per-hour=0", "--log-dwell=-1s"},
		"--status-writes-per-second must be more than 0":                                         {"--status-writes-per-second=0", "--status-writes-per-second=-1", "--status-writes-per-second=NaN"},
		"--max-kinds-per-scope and --max-kept-objects must not be negative; 0 means the default": {"--max-kinds-per-scope=-1", "--max-kept-objects=-1"},
	} {
		for _, arg := range args {
			if err := run(t.Context(), parsed(t, arg), logr.Discard()); err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", arg, err, want)
			}
		}
	}
	if o := parsed(t); o.check() != nil {
		t.Errorf("the defaults are refused: %v", o.check())
	}
}

// TestEveryFlagIsDocumented: docs/operations.md has a line for each flag of our own.
func TestEveryFlagIsDocumented(t *testing.T) {
	page, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var o options
	flags := flag.NewFlagSet(t.Name(), flag.ContinueOnError)
	o.bind(flags)
	flags.VisitAll(func(f *flag.Flag) {
		if !strings.Contains(string(page), "\n| `--"+f.Name+"` | ") {
			t.Errorf("docs/operations.md has no line for --%s", f.Name)
		}
	})
}

func parsed(t *testing.T, args ...string) options {
	t.Helper()
	var o options
	flags := flag.NewFlagSet(t.Name(), flag.ContinueOnError)
	o.bind(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestTune: the limit of the container bounds the collector, unless the environment has a bound of its own; what is no limit
// changes nothing. That the Deployment hands the limit on is in test/system.
func TestTune(t *testing.T) {
	const none = math.MaxInt64
	for _, c := range []struct {
		name, limit, own string
		want             int64
	}{
		{"a limit", "536870912", "", 483183819},
		{"a bound of one's own", "536870912", "100MiB", none}, // which the runtime has read before
		{"no limit", "", "", none},
		{"no number", "512Mi", "", none},
		{"nothing", "0", "", none},
	} {
		t.Run(c.name, func(t *testing.T) {
			limit, percent := debug.SetMemoryLimit(none), debug.SetGCPercent(100)
			defer func() {
				debug.SetMemoryLimit(limit)
				debug.SetGCPercent(percent)
			}()
			t.Setenv(memoryVariable, c.limit)
			t.Setenv("GOMEMLIMIT", c.own)
			if c.own == "" {
				if err := os.Unsetenv("GOMEMLIMIT"); err != nil { // t.Setenv restores it
					t.Fatal(err)
				}
			}
			tune()
			if got := debug.SetMemoryLimit(-1); got != c.want {
				t.Errorf("the limit is %d, want %d", got, c.want)
			}
		})
	}
}
