// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"sigs.k8s.io/yaml"
)

// StateFile is the path of the State in the directory.
const StateFile = ".isms-init.yaml"

const stateHead = `Written by kubectl isms init: the answers that were given, what was seen of the cluster, and how each file was
written, so that the next run knows what people have edited. Keep it in Git.`

// State is what one run leaves to the next.
type State struct {
	Input `json:",inline"`
	// Files are the digests of the files as they were written last, by path.
	Files map[string]string `json:"files"`
}

// Text is the state as its file has it.
func (s State) Text() ([]byte, error) { return manifest(s, stateHead, nil) }

// ReadState reads what Text has written.
func ReadState(text []byte) (State, error) {
	var s State
	if err := yaml.UnmarshalStrict(text, &s); err != nil {
		return State{}, fmt.Errorf("read %s: %w", StateFile, err)
	}
	return s, nil
}

// Status says how a file of the directory relates to the rendering.
type Status string

// Statuses of a file.
const (
	// Same is there as it would be rendered now.
	Same Status = "Same"
	// New was never written, and is not there.
	New Status = "New"
	// Outdated is there as it was written, and would be rendered otherwise now.
	Outdated Status = "Outdated"
	// Edited is there, but not as it was written: somebody has changed it, or it was there before.
	Edited Status = "Edited"
	// Removed was written, and is not there any more.
	Removed Status = "Removed"
	// Obsolete was written and is there, and would not be rendered any more.
	Obsolete Status = "Obsolete"
)

// Change is what the rendering says of one file.
type Change struct {
	Path   string
	Status Status
	// Have is what is there, Want what would be rendered now; nil: nothing.
	Have, Want []byte
	// Moved says that it would be rendered otherwise than it was written last, too.
	Moved bool
}

// Compare holds a rendering against what is there and against how it was written last, by path.
func Compare(want, have Files, written map[string]string) []Change {
	paths := map[string]bool{}
	for p := range want {
		paths[p] = true
	}
	for p := range written {
		paths[p] = true
	}
	var changes []Change
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		if c := compare(p, want, have, written); c.Status != "" {
			changes = append(changes, c)
		}
	}
	return changes
}

func compare(path string, want, have Files, written map[string]string) Change {
	wanted, rendered := want[path]
	present, there := have[path]
	before, known := written[path]
	c := Change{Path: path, Have: present, Want: wanted, Moved: rendered && known && Digest(wanted) != before}
	switch {
	case !rendered && there:
		c.Status = Obsolete
	case !rendered: // Neither wanted nor there.
	case there && bytes.Equal(present, wanted):
		c.Status = Same
	case there && known && Digest(present) == before:
		c.Status = Outdated
	case there:
		c.Status = Edited
	case known:
		c.Status = Removed
	default:
		c.Status = New
	}
	return c
}

// Choice is what people asked to have written.
type Choice struct {
	// First says that nothing was ever written: then new files are.
	First bool
	// Update takes what has changed into files that nobody has edited.
	Update bool
	// Overwrite says of a path that its edited or removed file is to be as rendered.
	Overwrite func(path string) bool
}

// Takes says whether the change is to be written.
func (c Choice) Takes(change Change) bool {
	switch change.Status {
	case New:
		return c.First || c.Update || c.overwrites(change.Path)
	case Outdated:
		return c.Update || c.overwrites(change.Path)
	case Edited, Removed:
		return c.overwrites(change.Path)
	case Same, Obsolete:
	}
	return false
}

func (c Choice) overwrites(path string) bool { return c.Overwrite != nil && c.Overwrite(path) }

// Written are the digests to keep once the changes that the choice takes are written. A file that stays as people edited
// it keeps its digest, so that it is known to be edited.
func Written(changes []Change, choice Choice, before map[string]string) map[string]string {
	after := map[string]string{}
	for _, c := range changes {
		if c.Status == Same || choice.Takes(c) {
			after[c.Path] = Digest(c.Want)
		} else if digest, known := before[c.Path]; known {
			after[c.Path] = digest
		}
	}
	return after
}

// Digest is the SHA-256 of a file's bytes, as sha256sum prints it behind its prefix.
func Digest(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}
