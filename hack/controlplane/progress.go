// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// progress prints how far a build is: in a terminal one line that is rewritten each second, elsewhere a line now and
// then.
type progress struct {
	out      io.Writer
	terminal bool
	every    time.Duration

	mu                        sync.Mutex
	modules, packages, atMost int
	began                     time.Time
	stop                      chan struct{}
	stopped                   sync.WaitGroup
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out, every: 15 * time.Second}
	if file, ok := out.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb" {
			p.terminal, p.every = true, time.Second
		}
	}
	return p
}

func (p *progress) start(title string) {
	fmt.Fprintln(p.out, title+"; the first time takes minutes")
	p.began, p.stop = time.Now(), make(chan struct{})
	p.stopped.Go(func() {
		ticker := time.NewTicker(p.every)
		defer ticker.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-ticker.C:
				p.print()
			}
		}
	})
}

func (p *progress) end() {
	close(p.stop)
	p.stopped.Wait()
	p.print()
	if p.terminal {
		fmt.Fprintln(p.out)
	}
}

func (p *progress) print() {
	line := p.line(time.Since(p.began))
	if p.terminal {
		fmt.Fprintf(p.out, "\r\x1b[K  %s", line)
		return
	}
	fmt.Fprintf(p.out, "  %s\n", line)
}

// line says "at most", because what the build cache has is not compiled again.
func (p *progress) line(elapsed time.Duration) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	elapsed = elapsed.Round(time.Second)
	if p.atMost == 0 {
		return fmt.Sprintf("%d modules downloaded, %s", p.modules, elapsed)
	}
	return fmt.Sprintf("%d of at most %d packages compiled, %s", p.packages, p.atMost, elapsed)
}

func (p *progress) setTotal(packages int) { p.count(func() { p.atMost = packages }) }
func (p *progress) downloaded()           { p.count(func() { p.modules++ }) }
func (p *progress) compiled()             { p.count(func() { p.packages++ }) }

func (p *progress) count(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}
