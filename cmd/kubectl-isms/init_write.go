// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"

	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/scaffold"
	"github.com/isms-operator/isms-operator/internal/workdir"
)

// initWork writes a rendering into a directory, and says what it does.
type initWork struct {
	out io.Writer
	dir string
	// work is the directory; nil in a dry run where there is none.
	work   *workdir.Dir
	before *scaffold.State
	dryRun bool
}

func (w *initWork) apply(state scaffold.State, files scaffold.Files, choice scaffold.Choice) error {
	written := map[string]string{}
	if w.before != nil {
		written = w.before.Files
	}
	changes := scaffold.Compare(files, nil, written)
	var unfinished []string
	if w.work != nil {
		var paths []string
		for _, c := range changes {
			paths = append(paths, c.Path)
		}
		have, err := w.work.Read(paths)
		if err != nil {
			return err
		}
		changes, unfinished = scaffold.Compare(files, have, written), scaffold.Unfinished(have)
	}
	taken, others := 0, 0
	for _, c := range changes {
		if !choice.Takes(c) {
			w.show(c)
			if c.Status != scaffold.Same {
				others++
			}
			continue
		}
		taken++
		if err := w.write(c.Path, c.Want); err != nil {
			return err
		}
	}
	state.Files = scaffold.Written(changes, choice, written)
	if err := w.remember(state, taken > 0 || choice.First || choice.Update); err != nil {
		return err
	}
	w.summary(others, taken, choice.First)
	for _, what := range unfinished {
		fmt.Fprintln(w.out, what)
	}
	return nil
}

func (w *initWork) write(path string, content []byte) error {
	if w.dryRun {
		return nil
	}
	return w.work.Write(path, content)
}

// remember keeps the state for the next run, if anything was asked to be written and it is not what it was.
func (w *initWork) remember(state scaffold.State, asked bool) error {
	text, err := state.Text()
	if err != nil || !asked {
		return err
	}
	if w.before != nil {
		before, err := w.before.Text()
		if err != nil || bytes.Equal(before, text) {
			return err
		}
	}
	return w.write(scaffold.StateFile, text)
}

// standing is what is said of a file that stays as it is, or stays away.
func standing(c scaffold.Change) string {
	switch c.Status {
	case scaffold.New:
		return "would be new: --update writes it"
	case scaffold.Outdated:
		return "would be written otherwise now: --update takes this"
	case scaffold.Edited:
		if c.Moved {
			return "was edited and stays so; it would be written otherwise now, too: --overwrite takes this"
		}
		return "was edited, and stays so"
	case scaffold.Removed:
		return "was removed, and stays away"
	case scaffold.Obsolete:
		return "would not be written any more: remove it if you do not need it"
	case scaffold.Same:
	}
	return ""
}

func (w *initWork) show(c scaffold.Change) {
	if c.Status == scaffold.Same {
		return
	}
	fmt.Fprintf(w.out, "%s %s\n", c.Path, standing(c))
	if c.Status == scaffold.Edited || c.Status == scaffold.Outdated {
		fmt.Fprint(w.out, c.Diff())
	}
}

func (w *initWork) summary(others, taken int, first bool) {
	target := filepath.Clean(w.dir)
	switch {
	case taken > 0 && w.dryRun:
		fmt.Fprintf(w.out, "%s would be written to %s\n", conditions.Count(taken, "file"), target)
	case taken > 0:
		fmt.Fprintf(w.out, "%s written to %s\n", conditions.Count(taken, "file"), target)
	case others == 0:
		fmt.Fprintln(w.out, "nothing has changed")
	case others == 1:
		fmt.Fprintln(w.out, "nothing written; 1 file differs")
	default:
		fmt.Fprintf(w.out, "nothing written; %d files differ\n", others)
	}
	if first && !w.dryRun {
		fmt.Fprintf(w.out, "read %s, then apply it: kubectl apply --server-side -k %s\n", filepath.Join(w.dir, "README.md"), target)
	}
}
