// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filereport

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/filecheck"
	"github.com/isms-operator/isms-operator/internal/manifest"
)

// jsonControl and what is in it are the shape of the JSON report.
type jsonControl struct {
	ID         isms.ControlID         `json:"id"`
	Namespace  string                 `json:"namespace"`
	Name       string                 `json:"name"`
	Scope      isms.ObjectName        `json:"scope"`
	Title      string                 `json:"title,omitempty"`
	File       string                 `json:"file"`
	Line       int                    `json:"line"`
	Result     isms.ControlResult     `json:"result"`
	Satisfied  jsonCondition          `json:"satisfied"`
	Evidence   []jsonEvidence         `json:"evidence"`
	Exceptions []isms.ExceptionStatus `json:"exceptions,omitempty"`
}

type jsonCondition struct {
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Message string `json:"message,omitempty"`
}

type jsonEvidence struct {
	Name     string              `json:"name"`
	Result   isms.EvidenceResult `json:"result"`
	Reason   string              `json:"reason"`
	Message  string              `json:"message,omitempty"`
	Subjects int32               `json:"subjects"`
	Passing  int                 `json:"passing"`
	Failing  int32               `json:"failing"`
	Errors   int32               `json:"errors"`
	Waived   int32               `json:"waived"`
	Objects  []jsonSubject       `json:"objects,omitempty"`
}

type jsonSubject struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name,omitempty"`
	// PodTemplate says that the verdict is about the Pod which this workload makes.
	PodTemplate bool              `json:"podTemplate,omitempty"`
	Verdict     filecheck.Verdict `json:"verdict"`
	File        string            `json:"file,omitempty"`
	Line        int               `json:"line,omitempty"`
	Exceptions  []string          `json:"exceptions,omitempty"`
}

type jsonError struct {
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Document int    `json:"document,omitempty"`
	Item     int    `json:"item,omitempty"`
	Message  string `json:"message"`
}

// JSON writes all that a report says: each Control, each evidence item, and each subject with its verdict and place. It
// holds one Control at a time.
func JSON(w io.Writer, r *filecheck.Report) error {
	buffered := bufio.NewWriter(w)
	out := &jsonWriter{Writer: buffered}
	out.text("{\n\"controls\": [")
	for i := range r.Controls {
		out.text(separator(i))
		out.value(controlOf(&r.Controls[i]))
	}
	out.text("],\n\"errors\": [")
	for i, err := range r.Errors {
		out.text(separator(i))
		out.value(errorOf(err))
	}
	notes := r.Notes
	if notes == nil {
		notes = []string{}
	}
	out.text("],\n\"notes\": ")
	out.value(notes)
	out.text(fmt.Sprintf(",\n\"files\": %d,\n\"objects\": %d,\n\"podTemplates\": %d,\n\"others\": %d\n}\n",
		r.Files, r.Objects, r.PodTemplates, r.Others))
	if out.err != nil {
		return fmt.Errorf("write JSON: %w", out.err)
	}
	return buffered.Flush()
}

func separator(i int) string {
	if i == 0 {
		return "\n"
	}
	return ",\n"
}

type jsonWriter struct {
	io.Writer
	err error
}

func (j *jsonWriter) text(s string) { j.bytes([]byte(s)) }

func (j *jsonWriter) value(v any) {
	text, err := json.Marshal(v)
	if err != nil && j.err == nil {
		j.err = err
	}
	j.bytes(text)
}

func (j *jsonWriter) bytes(b []byte) {
	if j.err == nil {
		_, j.err = j.Write(b)
	}
}

func controlOf(c *filecheck.Control) jsonControl {
	satisfied := c.Satisfied()
	out := jsonControl{
		ID: c.Spec.ID, Namespace: c.Namespace, Name: c.Name, Scope: c.Spec.ScopeRef.Name, Title: c.Status.Title,
		File: c.Place.File, Line: c.Place.Line, Result: c.Status.Result, Exceptions: c.Status.Exceptions,
		Satisfied: jsonCondition{string(satisfied.Status), satisfied.Reason, satisfied.Message}, Evidence: []jsonEvidence{},
	}
	for i := range c.Evidence {
		e := &c.Evidence[i]
		one := jsonEvidence{
			Name: e.Name, Result: e.Result, Reason: e.Reason, Message: e.Message, Subjects: e.EvidenceStatus.Subjects,
			Passing: e.Counts.Passing, Failing: e.Failing, Errors: e.Errors, Waived: e.Waived,
		}
		for s := range e.Subjects() {
			one.Objects = append(one.Objects, jsonSubject{
				s.APIVersion, s.Kind, s.Namespace, s.Name, s.PodTemplate, s.Verdict, s.Place.File, s.Place.Line, s.Exceptions,
			})
		}
		out.Evidence = append(out.Evidence, one)
	}
	return out
}

func errorOf(err *manifest.Error) jsonError {
	return jsonError{err.File, err.Line, err.Document, err.Item, err.Message}
}
