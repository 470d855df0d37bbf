// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"fmt"
	"strings"

	"github.com/isms-operator/isms-operator/internal/manifest"
)

// spot is where an object stands, and under which name.
type spot struct {
	manifest.Place
	name string
	// makerVersion and maker are version and kind of the workload that stands there, if the object is the Pod that this makes.
	makerVersion, maker string
}

// String names an object in a table, where its place is part of its name: an object that stands twice is two, each with a
// verdict of its own.
func (s spot) String() string {
	text := fmt.Sprintf("%s\x00%08d %08d %08d %08d", s.name, s.Source, s.Document, s.Item, s.Line)
	if s.maker != "" {
		text += " " + s.makerVersion + " " + s.maker
	}
	return text
}

// parseSpot is String backwards, but for the name of the file.
func parseSpot(text string) spot {
	var s spot
	var rest string
	s.name, rest, _ = strings.Cut(text, "\x00")
	// Where there is no maker, the scan ends before it.
	_, _ = fmt.Sscanf(rest, "%d %d %d %d %s %s", &s.Source, &s.Document, &s.Item, &s.Line, &s.makerVersion, &s.maker)
	return s
}

// shown is the name in a message, where the kind that a rule is on stands before it.
func (s spot) shown() string {
	if s.maker == "" {
		return s.name
	}
	return s.maker + "/" + s.name + podTemplate
}
