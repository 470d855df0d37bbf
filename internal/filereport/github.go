// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filereport

import (
	"fmt"
	"io"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/filecheck"
	"github.com/isms-operator/isms-operator/internal/manifest"
)

// GitHub writes a report as workflow commands of GitHub Actions, which annotate the lines of a pull request: errors for
// what fails or can't be read, warnings for what is unknown, notices for what else there is to know.
// Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
func GitHub(w io.Writer, r *filecheck.Report) error {
	out := &annotations{to: w}
	for _, err := range r.Errors {
		out.add("error", err.Place, "Not read", strings.TrimPrefix(err.Error(), err.Place.String()+": "))
	}
	for i := range r.Controls {
		c := &r.Controls[i]
		for j := range c.Evidence {
			out.item(c, &c.Evidence[j])
		}
	}
	for _, note := range r.Notes {
		out.add("notice", manifest.Place{}, "Note", note)
	}
	return out.err
}

type annotations struct {
	to  io.Writer
	err error
}

func (a *annotations) item(c *filecheck.Control, e *filecheck.Evidence) {
	level := map[isms.EvidenceResult]string{isms.EvidenceFail: "error", isms.EvidenceUnknown: "warning"}[e.Result]
	if level == "" {
		return
	}
	named := false
	for s := range e.Subjects(troubled...) {
		at := s.Place
		if at.File == "" {
			at = c.Place
		}
		kind := level
		if s.Verdict == filecheck.Error {
			kind = "warning"
		}
		a.add(kind, at, title(c, e), problem(e, s)+" "+about(c, e))
		named = true
	}
	if !named {
		a.add(level, c.Place, title(c, e), message(e))
	}
}

func (a *annotations) add(level string, at manifest.Place, title, text string) {
	properties := ""
	if at.File != "" {
		properties = "file=" + property(at.File) + ","
		if at.Line > 0 {
			properties += fmt.Sprintf("line=%d,", at.Line)
		}
	}
	_, err := fmt.Fprintf(a.to, "::%s %stitle=%s::%s\n", level, properties, property(title), data(strings.TrimSpace(text)))
	if a.err == nil {
		a.err = err
	}
}

// data and property escape text as the runner unescapes it.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

func property(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(text)
}
