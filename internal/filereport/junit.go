// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filereport

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/filecheck"
)

// JUnit writes a report as JUnit XML, in the form that Jenkins and GitLab read: a suite for each Control, a case for each
// subject that fails, can't be judged or is waived, and one for each other item. What is unknown is skipped, unless the
// threshold counts it; what can't be read is a suite of its own with an error for each.
// Source: the schema of Jenkins' xUnit plugin, junit-10.xsd.
func JUnit(w io.Writer, r *filecheck.Report, t Threshold) error {
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	var all junitSuites
	all.Name = "kubectl isms check"
	for i := range r.Controls {
		c := &r.Controls[i]
		suite := junitSuite{Name: strings.TrimSpace(fmt.Sprintf("%s %s", c.Spec.ID, c.Status.Title)), ID: fmt.Sprint(i)}
		for j := range c.Evidence {
			suite.Cases = append(suite.Cases, cases(c, &c.Evidence[j], t)...)
		}
		if len(suite.Cases) > 0 {
			all.add(suite)
		}
	}
	if len(r.Errors) > 0 {
		suite := junitSuite{Name: "Files", ID: fmt.Sprint(len(r.Controls))}
		for _, err := range r.Errors {
			suite.Cases = append(suite.Cases, junitCase{
				ClassName: "files", Name: err.Place.String(), Error: &junitProblem{Message: err.Message, Type: "NotRead", Text: err.Error()},
			})
		}
		all.add(suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	if err := out.Encode(all); err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	ID       string      `xml:"id,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	Skipped   *junitSkipped `xml:"skipped"`
	Error     *junitProblem `xml:"error"`
	Failure   *junitProblem `xml:"failure"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func (a *junitSuites) add(s junitSuite) {
	s.Tests = len(s.Cases)
	for _, c := range s.Cases {
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	a.Tests, a.Failures, a.Errors = a.Tests+s.Tests, a.Failures+s.Failures, a.Errors+s.Errors
	a.Suites = append(a.Suites, s)
}

// cases are those of one item.
func cases(c *filecheck.Control, e *filecheck.Evidence, t Threshold) []junitCase {
	var out []junitCase
	class := string(c.Spec.ID) + "." + e.Name
	for s := range e.Subjects(filecheck.Fail, filecheck.Error, filecheck.Waived) {
		one := junitCase{ClassName: class, Name: s.String()}
		text := problem(e, s)
		found := &junitProblem{Message: text, Type: e.Reason, Text: strings.TrimSpace(where(s) + "\n" + about(c, e))}
		switch s.Verdict {
		case filecheck.Waived:
			one.Skipped = &junitSkipped{text}
		case filecheck.Error:
			found.Type = isms.ReasonExpressionError
			one.Error = found
		default:
			one.Failure = found
		}
		out = append(out, one)
	}
	if len(out) > 0 && e.Result != isms.EvidencePass {
		return out
	}
	return append(out, item(c, e, class, t))
}

// item is the case of an item as a whole.
func item(c *filecheck.Control, e *filecheck.Evidence, class string, t Threshold) junitCase {
	one := junitCase{ClassName: class, Name: e.Name}
	found := &junitProblem{Message: message(e), Type: e.Reason, Text: strings.TrimSpace(c.Place.String() + "\n" + about(c, e))}
	switch {
	case e.Result == isms.EvidenceFail, e.Result == isms.EvidenceUnknown && (t == Unknown || t == Unsatisfied):
		one.Failure = found
	case e.Result == isms.EvidenceUnknown, e.Result == isms.EvidenceNotApplicable:
		one.Skipped = &junitSkipped{string(e.Result) + ": " + message(e)}
	}
	return one
}
