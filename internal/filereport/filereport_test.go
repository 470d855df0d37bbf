// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filereport

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/filecheck"
	"github.com/isms-operator/isms-operator/internal/manifest"
	"github.com/isms-operator/isms-operator/test/golden"
)

// mixed has an item of each kind: one that passes thanks to an exception, one that fails, one with an error, one that is
// unknown, one per namespace, a document that is missing, and an excluded control.
const mixed = `
apiVersion: isms-operator.io/v1alpha1
kind: ISMSScope
metadata: {name: scope, namespace: isms}
spec: {organization: Example, statement: All., framework: ISO27001-2022, evidence: {serviceAccountName: reader, namespaces: [shop]}}
---
apiVersion: isms-operator.io/v1alpha1
kind: Control
metadata: {name: a-8-14, namespace: isms}
spec:
  scopeRef: {name: scope}
  source: AnnexA
  id: A.8.14
  owner: {name: Team}
  applicability: {decision: Applicable, reasons: [BestPractice], justification: Because.}
  implementation: {state: Implemented, description: Done.}
  evidence:
  - {name: waived, resources: {apiVersion: apps/v1, kind: Deployment, quantifier: Every, where: "object.metadata.name == 'old'", expect: object.spec.replicas >= 2}}
  - name: failing
    description: Workloads <survive> the loss of a node; 100%, always.
    limitation: Not that of a region.
    resources: {apiVersion: apps/v1, kind: Deployment, quantifier: None, where: "object.metadata.name != 'old'", expect: object.spec.replicas < 2}
  - {name: odd, resources: {apiVersion: apps/v1, kind: Deployment, quantifier: Every, expect: object.spec.paused}}
  - {name: unknown, resources: {apiVersion: v1, kind: Pod, quantifier: Every, expect: has(object.spec)}}
  - {name: budget, resources: {apiVersion: policy/v1, kind: PodDisruptionBudget, quantifier: AnyPerNamespace, expect: "has(object.spec.minAvailable)"}}
  - {name: policy, document: {type: ContinuityPlan}}
  exceptions:
  - {name: legacy, evidence: [waived], objects: [{name: old}], reason: Replaced soon., expiresOn: "2027-01-01",
     requestedBy: {name: A, email: a@example.com}, approvedBy: {name: B, email: b@example.com}}
---
apiVersion: isms-operator.io/v1alpha1
kind: Control
metadata: {name: a-8-30, namespace: isms}
spec:
  scopeRef: {name: scope}
  source: AnnexA
  id: A.8.30
  owner: {name: Team}
  applicability: {decision: Excluded, justification: Nothing is outsourced.}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: old, namespace: shop}
spec: {replicas: 1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec: {replicas: 1}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: cart, namespace: shop}
spec: {maxUnavailable: 1}
---
a: [
`

func report(t *testing.T) *filecheck.Report { return reportOn(t, mixed) }

func reportOn(t *testing.T, text string) *filecheck.Report {
	t.Helper()
	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	r, err := filecheck.Run(context.Background(), filecheck.Sources{Objects: []manifest.Source{{Name: "deploy/my shop, 1.yaml", Open: open}}},
		filecheck.Options{Now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wrote is what a format writes of the mixed report.
func wrote(t *testing.T, write func(io.Writer, *filecheck.Report) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out, report(t)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTable(t *testing.T) {
	got := wrote(t, func(w io.Writer, r *filecheck.Report) error { return Table(w, r, export.Text{}, false) })
	golden.Equal(t, "testdata/table.txt", got)
	got = wrote(t, func(w io.Writer, r *filecheck.Report) error { return Table(w, r, export.Text{}, true) })
	golden.Equal(t, "testdata/wide.txt", got)
}

func TestGitHub(t *testing.T) { golden.Equal(t, "testdata/github.txt", wrote(t, GitHub)) }

// TestSARIF holds a report against the schema, and shows that the schema refuses what is none.
func TestSARIF(t *testing.T) {
	file, err := os.Open("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	parsed, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	text := wrote(t, func(w io.Writer, r *filecheck.Report) error { return SARIF(w, r, "v1.0.0") })
	for name, tt := range map[string]struct {
		text  string
		valid bool
	}{
		"a report":        {text, true},
		"another level":   {strings.Replace(text, `"level":"error"`, `"level":"bad"`, 1), false},
		"another version": {strings.Replace(text, `"version":"2.1.0"`, `"version":"2.2"`, 1), false},
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(tt.text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != tt.valid {
			t.Errorf("%s: %v", name, err)
		}
	}
	var log sarifLog
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	run, got := log.Runs[0], []string{}
	for _, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("result of %s has the index of %s", r.RuleID, run.Tool.Driver.Rules[r.RuleIndex].ID)
		}
		at := r.Locations[0].Physical
		got = append(got, strings.Join([]string{r.RuleID, r.Level, at.Artifact.URI, r.Message.Text, strings.Repeat("suppressed", len(r.Suppressions))}, " | "))
	}
	const file1 = " | deploy/my%20shop,%201.yaml | "
	want := []string{
		"A.8.14/waived | error" + file1 + "Deployment shop/old: does not satisfy the rule; waived by legacy. | suppressed",
		"A.8.14/failing | error" + file1 + "Deployment shop/cart: satisfies what no object may. | ",
		"A.8.14/odd | warning" + file1 + "Deployment shop/cart: the rule could not be evaluated: expect:1:12: NoSuchKey. | ",
		"A.8.14/odd | warning" + file1 + "Deployment shop/old: the rule could not be evaluated: expect:1:12: NoSuchKey. | ",
		"A.8.14/unknown | warning" + file1 + "A.8.14 unknown: There is no Pod among the files; what is elsewhere they can't tell. | ",
		"A.8.14/budget | error" + file1 + "Namespace shop: no object in it satisfies the rule. | ",
		"A.8.14/policy | error" + file1 + "A.8.14 policy: There is no Document of type ContinuityPlan. | ",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
	if n := run.Invocations[0]; n.ExecutionSuccessful || len(n.Notifications) != 1 || n.Notifications[0].Locations[0].Physical.Region.StartLine == 0 {
		t.Errorf("notifications: %+v", n)
	}
}

func TestJSON(t *testing.T) {
	text := wrote(t, JSON)
	var got struct {
		Controls []jsonControl
		Errors   []jsonError
		Notes    []string
		Objects  int
	}
	d := json.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if len(got.Controls) != 2 || len(got.Controls[0].Evidence) != 6 || len(got.Errors) != 1 || got.Objects != 6 || got.Notes == nil {
		t.Fatalf("%d controls, errors %v, %d objects: %s", len(got.Controls), got.Errors, got.Objects, text)
	}
	want := []jsonSubject{{
		APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "old", Verdict: filecheck.Waived, File: "deploy/my shop, 1.yaml",
		Line: 41, Exceptions: []string{"legacy"},
	}}
	if d := cmp.Diff(want, got.Controls[0].Evidence[0].Objects); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestPodTemplate: each format says that a verdict is about the Pod which a workload makes.
func TestPodTemplate(t *testing.T) {
	head, _, _ := strings.Cut(mixed, "apiVersion: apps/v1\nkind: Deployment\n")
	r := reportOn(t, head+`apiVersion: apps/v1
kind: Deployment
metadata: {name: old, namespace: shop}
spec: {template: {spec: {priority: 7, containers: [{name: c, image: x}]}}}
`)
	for name, tt := range map[string]struct {
		write func(io.Writer, *filecheck.Report) error
		parts []string
	}{
		"table": {func(w io.Writer, r *filecheck.Report) error { return Table(w, r, export.Text{}, true) }, []string{
			"Deployment shop/old (pod template)", "1 file, 4 objects, 1 pod template; ",
		}},
		"json": {JSON, []string{`"kind":"Deployment","namespace":"shop","name":"old","podTemplate":true`, `"podTemplates": 1`}},
	} {
		var out bytes.Buffer
		if err := tt.write(&out, r); err != nil {
			t.Fatal(err)
		}
		for _, part := range tt.parts {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%s does not say %q:\n%s", name, part, out.String())
			}
		}
	}
}

// TestJUnit reads a report by the schema of Jenkins' xUnit plugin (junit-10.xsd): which elements stand in which, which
// attributes they may and must have.
func TestJUnit(t *testing.T) {
	text := wrote(t, func(w io.Writer, r *filecheck.Report) error { return JUnit(w, r, Fail) })
	if err := junitValid(text); err != nil {
		t.Errorf("%v:\n%s", err, text)
	}
	for name, bad := range map[string]string{
		"another element":  strings.Replace(text, "<failure ", "<bad/><failure ", 1),
		"an attribute":     strings.Replace(text, "classname=", "clazz=", 1),
		"nothing required": strings.Replace(text, ` tests="`, ` time="`, 2),
	} {
		if junitValid(bad) == nil {
			t.Errorf("%s is taken for valid", name)
		}
	}
	var all junitSuites
	if err := xml.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	if got := []int{len(all.Suites), all.Tests, all.Failures, all.Errors, all.Suites[0].Skipped}; !slices.Equal(got, []int{2, 9, 3, 3, 2}) {
		t.Errorf("suites, tests, failures, errors, skipped: %v\n%s", got, text)
	}
	strict := wrote(t, func(w io.Writer, r *filecheck.Report) error { return JUnit(w, r, Unknown) })
	if err := xml.Unmarshal([]byte(strict), &all); err != nil || all.Failures != 4 {
		t.Errorf("with what is unknown %d failures (%v)", all.Failures, err)
	}
}

// element is what junit-10.xsd says of one.
type element struct{ within, required, optional string }

var junitElements = map[string]element{
	"testsuites": {"", "", "name time tests failures errors"},
	"testsuite":  {"testsuites testsuite", "name tests failures errors", "group time skipped timestamp hostname id package file log url"},
	"testcase":   {"testsuite", "name", "time classname group"},
	"failure":    {"testcase", "", "type message"},
	"error":      {"testcase", "", "type message"},
	"skipped":    {"testcase", "", "type message"},
}

func junitValid(text string) error {
	var open []string
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch x := token.(type) {
		case xml.StartElement:
			parent := ""
			if len(open) > 0 {
				parent = open[len(open)-1]
			}
			if err := junitElement(x, parent); err != nil {
				return err
			}
			open = append(open, x.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

func junitElement(x xml.StartElement, parent string) error {
	e, known := junitElements[x.Name.Local]
	if !known || e.within != parent && !slices.Contains(strings.Fields(e.within), parent) {
		return errors.New(x.Name.Local + " within " + parent)
	}
	required := strings.Fields(e.required)
	for _, a := range x.Attr {
		if !slices.Contains(append(strings.Fields(e.optional), strings.Fields(e.required)...), a.Name.Local) {
			return errors.New("attribute " + a.Name.Local + " of " + x.Name.Local)
		}
		required = slices.DeleteFunc(required, func(name string) bool { return name == a.Name.Local })
	}
	if len(required) > 0 {
		return errors.New(x.Name.Local + " lacks " + strings.Join(required, ", "))
	}
	return nil
}

func TestReached(t *testing.T) {
	r := report(t)
	for threshold, want := range map[Threshold]string{
		Never: "", Fail: "3 failing evidence items", Unknown: "3 failing evidence items, 2 unknown evidence items", Unsatisfied: "1 unsatisfied control",
	} {
		if got := Reached(r, threshold); got != want {
			t.Errorf("%s: %q, want %q", threshold, got, want)
		}
	}
}
