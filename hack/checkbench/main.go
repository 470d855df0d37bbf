// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command checkbench measures `kubectl isms check`, beside gator where that is given: one YAML file of pods, ten rules.
// Programs are measured as processes: wall time, processor time and the peak of their resident memory, which the kernel
// reports when they end (Linux).
//
//	go run ./hack/checkbench -isms bin/kubectl-isms -gator $(which gator)
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/isms-operator/isms-operator/hack/checkbench/load"
)

func main() {
	var o options
	flag.StringVar(&o.isms, "isms", "bin/kubectl-isms", "path of kubectl-isms")
	flag.StringVar(&o.gator, "gator", "", "path of gator; without it, that is left out")
	flag.StringVar(&o.dir, "dir", "", "directory for the inputs; a temporary one without it")
	flag.IntVar(&o.pods, "pods", 20000, "how many pods")
	flag.IntVar(&o.runs, "runs", 3, "how often each program runs; the median counts")
	flag.Parse()
	if err := measure(o); err != nil {
		fmt.Fprintln(os.Stderr, "checkbench:", err)
		os.Exit(1)
	}
}

type options struct {
	isms, gator, dir string
	pods, runs       int
}

func measure(o options) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "checkbench-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }() // It is the system's folder for such files.
		o.dir = dir
	}
	pods, isms, templates := filepath.Join(o.dir, "pods.yaml"), filepath.Join(o.dir, "isms.yaml"), filepath.Join(o.dir, "gator.yaml")
	for name, write := range map[string]func(io.Writer){
		pods: func(w io.Writer) { load.Pods(w, o.pods) }, isms: load.Controls, templates: load.Templates,
	} {
		if err := writeFile(name, write); err != nil {
			return err
		}
	}
	info, err := os.Stat(pods)
	if err != nil {
		return err
	}
	fmt.Printf("%d pods in one file of %.0f MB, %d rules\n\n", o.pods, float64(info.Size())/1e6, len(load.Rules))
	fmt.Printf("%-14s %10s %10s %10s\n", "program", "wall", "CPU", "peak RSS")
	programs := [][]string{{"kubectl isms", o.isms, "check", "--controls", isms, "--objects-only", pods}}
	if o.gator != "" {
		programs = append(programs, []string{"gator", o.gator, "test", "-f", templates, "-f", pods})
	}
	var walls []float64
	for _, p := range programs {
		m, err := median(o.runs, p[1:])
		if err != nil {
			return err
		}
		walls = append(walls, m.wall.Seconds())
		fmt.Printf("%-14s %8.2f s %8.2f s %7.0f MB\n", p[0], m.wall.Seconds(), m.cpu.Seconds(), float64(m.peak)/1e6)
	}
	if len(walls) > 1 {
		fmt.Printf("\n%.1f times as fast\n", walls[1]/walls[0])
	}
	return nil
}

func writeFile(name string, write func(io.Writer)) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(file)
	write(buffered)
	return errors.Join(buffered.Flush(), file.Close())
}

// measured is what one run of a program took.
type measured struct {
	wall, cpu time.Duration
	peak      int64 // bytes
}

// median is the run with the median wall time.
func median(runs int, command []string) (measured, error) {
	all := make([]measured, 0, runs)
	for range runs {
		c := exec.Command(command[0], command[1:]...) //nolint:gosec // the programs that the caller names
		var said tail
		c.Stdout, c.Stderr = &said, &said
		start := time.Now()
		err := c.Run()
		wall := time.Since(start)
		var ended *exec.ExitError
		// That pods violate rules is no failure of the program: some do.
		if err != nil && (!errors.As(err, &ended) || ended.ExitCode() != 1) {
			return measured{}, fmt.Errorf("%s: %w: %s", command[0], err, said)
		}
		usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			return measured{}, errors.New("the kernel does not tell what a process has used")
		}
		all = append(all, measured{wall, c.ProcessState.UserTime() + c.ProcessState.SystemTime(), usage.Maxrss * 1024})
	}
	slices.SortFunc(all, func(a, b measured) int { return int(a.wall - b.wall) })
	return all[len(all)/2], nil
}

// tail keeps the beginning of what a program says.
type tail []byte

func (t *tail) Write(p []byte) (int, error) {
	const kept = 1000
	*t = append(*t, p[:min(len(p), kept-min(kept, len(*t)))]...)
	return len(p), nil
}
