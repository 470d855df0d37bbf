// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checked runs check with an input and returns the exit code and what was said.
func checked(t *testing.T, input string, args ...string) (code int, out, errout string) {
	t.Helper()
	var said, failed bytes.Buffer
	code = run(append([]string{"check"}, args...), strings.NewReader(input), &said, &failed)
	return code, said.String(), failed.String()
}

// put writes files below a directory of the test.
func put(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const checkedISMS = `apiVersion: isms-operator.io/v1alpha1
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
  - {name: replicas, strength: Substantial, resources: {apiVersion: apps/v1, kind: Deployment, quantifier: Every, expect: object.spec.replicas >= 2}}
  - {name: policy, document: {type: ContinuityPlan}}
`

func deployed(replicas string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart}\nspec: {replicas: " + replicas + "}\n"
}

func TestCheckEndsWithItsCodes(t *testing.T) {
	dir := put(t, map[string]string{
		"isms/controls.yaml": checkedISMS, "good.yaml": deployed("2"), "bad.yaml": deployed("1"), "odd.yaml": "a: [",
		"notes/values.yaml": "a: b", "notes/.git/x.yaml": "a: [", "chart/Chart.yaml": "name: x", "chart/templates/x.yaml": "{{ x }}: [", "read.me": "a: [",
	})
	isms := []string{"--controls", dir + "/isms", "--objects-only", "-n", "shop"}
	tests := map[string]struct {
		args []string
		want int
		says string
	}{
		"good":                        {append(isms, dir+"/good.yaml"), 0, "1 Effective"},
		"bad":                         {append(isms, dir+"/bad.yaml"), failed, "bad.yaml:1"},
		"bad, and nobody minds":       {append(isms, dir+"/bad.yaml", "--fail-on", "never"), 0, "bad.yaml:1"},
		"odd":                         {append(isms, dir+"/odd.yaml"), unread, "odd.yaml:1: document 1: did not find expected node content"},
		"absent":                      {append(isms, dir+"/absent.yaml"), unread, "absent.yaml: can't be read: no such file"},
		"nothing of the kind":         {append(isms, dir+"/isms"), 0, "There is no Deployment among the files"},
		"unknown counts":              {append(isms, dir+"/isms", "--fail-on", "unknown"), failed, "NoMatch"},
		"a directory":                 {append(isms, dir), unread, "4 files, 4 objects, 1 not read"},
		"folders without manifests":   {append(isms, dir+"/notes", dir+"/chart"), 0, "1 file, 0 objects"},
		"no Control":                  {[]string{dir + "/good.yaml"}, unread, "0 Controls."},
		"no Control, nobody minds":    {[]string{dir + "/good.yaml", "--fail-on", "never"}, unread, "0 Controls."},
		"people's evidence is wanted": {[]string{dir + "/isms", dir + "/good.yaml", "-n", "shop"}, failed, "There is no Document of type ContinuityPlan."},
		"no path":                     {nil, misuse, ""},
		"another format":              {[]string{"-o", "pdf", dir}, misuse, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			code, out, errout := checked(t, "", tt.args...)
			if code != tt.want || !strings.Contains(out, tt.says) {
				t.Errorf("ended with %d, want %d; want %q in:\n%s%s", code, tt.want, tt.says, out, errout)
			}
		})
	}
}

// TestCheckAsksNoCluster: check is for pipelines, whose rights on a cluster it must not use, even where a kubeconfig is at hand.
func TestCheckAsksNoCluster(t *testing.T) {
	asked := make(chan string, 100)
	cluster := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.Path }))
	t.Cleanup(cluster.Close)
	kubeconfig := filepath.Join(put(t, map[string]string{"config": "apiVersion: v1\nkind: Config\ncurrent-context: c\n" +
		"clusters: [{name: c, cluster: {server: \"" + cluster.URL + "\"}}]\ncontexts: [{name: c, context: {cluster: c, user: c}}]\n" +
		"users: [{name: c, user: {}}]\n"}), "config")
	t.Setenv("KUBECONFIG", kubeconfig)
	dir := put(t, map[string]string{"isms.yaml": checkedISMS, "cart.yaml": deployed("2")})
	if code, out, errout := plugin(t, "", "check", dir, "-n", "shop", "--objects-only"); code != 0 || len(asked) > 0 {
		t.Errorf("check ends with %d, and has asked the cluster %d times:\n%s%s", code, len(asked), out, errout)
	}
	if code, _, errout := plugin(t, "", "status"); code == 0 || len(asked) == 0 {
		t.Errorf("status ends with %d, and has not asked the cluster: %s", code, errout)
	}
}

// Standard input is read twice although it comes once, and no file is left of it.
func TestCheckReadsStandardInput(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	code, out, errout := checked(t, deployed("1")+"---\n"+checkedISMS, "-n", "shop", "-o", "json", "--objects-only", "-")
	var got struct {
		Controls []struct {
			Evidence []struct {
				Objects []struct{ File, Verdict string }
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s%s", err, out, errout)
	}
	if code != failed || len(got.Controls) != 1 || got.Controls[0].Evidence[0].Objects[0].File != "stdin" {
		t.Errorf("ended with %d: %s", code, out)
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

// TestCheckReadsWhatInitWrote: of a directory of init what is applied is read, and no form is taken for a record.
func TestCheckReadsWhatInitWrote(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "isms")
	want(t, 0, nil, "init", dir, "--offline", "--organization", "Acme GmbH", "--in-scope", "shop")
	code, out, errout := checked(t, "", dir)
	if code != failed || !strings.Contains(out, "93 Controls: 93 NotImplemented.") {
		t.Errorf("ended with %d: %s\n%s", code, out, errout)
	}
	for _, form := range []string{"DateInFuture", "Not read", "without apiVersion and kind"} {
		if strings.Contains(out, form) {
			t.Errorf("it says %q:\n%s", form, out)
		}
	}
}

func TestCheckFormats(t *testing.T) {
	dir := put(t, map[string]string{"isms.yaml": checkedISMS, "bad.yaml": deployed("1")})
	for format, says := range map[string]string{
		formatTable: "VERDICT", formatWide: "OWNER", formatJSON: `"controls"`, formatJUnit: "<testsuites", formatSARIF: `"version":"2.1.0"`, formatGitHub: "::error file=",
	} {
		if code, out, _ := checked(t, "", dir, "-n", "shop", "-o", format); code != failed || !strings.Contains(out, says) {
			t.Errorf("%s: ended with %d, want %q in:\n%s", format, code, says, out)
		}
	}
}
